//! Certificate revocation lists (RFC 5280 §5).

use crate::{
    Code,
    der::{CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, hex},
    finding::Log,
    name,
    signature::{self, Signed},
    time,
};

/// id-ce-cRLNumber.
const CRL_NUMBER: &[u8] = b"\x55\x1d\x14";

/// A CRL as far as it could be read.
#[derive(Debug)]
pub(crate) struct Crl<'a> {
    pub(crate) issuer: Option<name::Name<'a>>,
    /// Serial numbers.
    pub(crate) revoked: Vec<&'a [u8]>,
    pub(crate) signed: Option<Signed<'a>>,
}

/// Reads and checks a CRL.
pub(crate) fn lint<'a>(der: &'a [u8], now: Option<i64>, log: &mut Log) -> Option<Crl<'a>> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "CertificateList", log)?;
    file.finish("CertificateList", log);
    let mut fields = outer.inside();
    let tbs = fields.expect(SEQUENCE, "TBSCertList", log)?;
    let mut list = tbs.inside();
    list.optional(INTEGER, "version", log);
    let algorithm = list.expect(SEQUENCE, "signature", log);
    let issuer = name::read(&mut list, "issuer", der, log);
    let this_update = time::read(&mut list, "thisUpdate", log);
    let mut next_update = None;
    if matches!(list.tag(), Some(crate::der::UTC_TIME | crate::der::GENERALIZED_TIME)) {
        next_update = time::read(&mut list, "nextUpdate", log);
    } else {
        log.add(Code::CrlNextUpdateMissing, list.offset, "nextUpdate", "");
    }
    if let (Some(now), Some(next)) = (now, next_update)
        && now > next.seconds
    {
        let expected = format!("a day behind {}", time::day(now));
        log.add(Code::CrlStale, next.at, expected, time::day(next.seconds));
    }
    if let (Some(now), Some(this)) = (now, this_update)
        && now < this.seconds
    {
        let expected = format!("a day before {}", time::day(now));
        log.add(Code::NotYetValid, this.at, expected, time::day(this.seconds));
    }
    let mut revoked = Vec::new();
    if let Some(entries) = list.optional(SEQUENCE, "revokedCertificates", log) {
        let mut entries = entries.inside();
        while !entries.is_empty() {
            let Some(entry) = entries.expect(SEQUENCE, "revoked certificate", log) else { break };
            let mut fields = entry.inside();
            let serial = fields.expect(INTEGER, "userCertificate", log);
            time::read(&mut fields, "revocationDate", log);
            revoked.extend(serial.map(|serial| serial.content));
        }
    }
    let extensions_at = list.offset;
    let field = list.optional(CONTEXT_0, "crlExtensions", log);
    if !field.is_some_and(|field| has_number(field.inside(), log)) {
        log.add(Code::CrlNumberMissing, extensions_at, "cRLNumber", "");
    }
    list.finish("TBSCertList", log);
    let signed = signature::read(&mut fields, tbs.whole(der), "CertificateList", log);
    if let Some(signed) = &signed {
        signature::check_form(signed, log);
        if let Some(inner) = algorithm.filter(|inner| inner.content != signed.algorithm.content) {
            let (expected, found) = (hex(inner.content), hex(signed.algorithm.content));
            log.add(Code::SignatureAlgorithmsDiffer, signed.algorithm.offset, expected, found);
        }
    }
    Some(Crl { issuer, revoked, signed })
}

/// Whether a cRLNumber is among the extensions.
fn has_number(mut field: Reader<'_>, log: &mut Log) -> bool {
    let Some(list) = field.expect(SEQUENCE, "crlExtensions", log) else { return false };
    let mut extensions = list.inside();
    let mut found = false;
    while !extensions.is_empty() {
        let Some(extension) = extensions.expect(SEQUENCE, "extension", log) else { break };
        let id = extension.inside().expect(OBJECT_IDENTIFIER, "extnID", log);
        found |= id.is_some_and(|id| id.content == CRL_NUMBER);
    }
    found
}
