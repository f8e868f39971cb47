//! Certificates (RFC 5280 §4), one at a time; `chain` compares them.

use crate::{
    Code,
    der::{CONTEXT_0, CONTEXT_3, Element, INTEGER, Reader, SEQUENCE, hex},
    extensions::{DIGITAL_SIGNATURE, Extensions, KEY_CERT_SIGN},
    finding::Log,
    name::{self, Name},
    signature::{self, Signed, Verdict},
    spki::{self, Spki},
    time::{self, Time},
};

/// Days that a certificate for a server may be valid at most in browsers today.
const LONG_VALIDITY_DAYS: i64 = 398;

/// A certificate as far as it could be read.
#[derive(Clone, Debug)]
pub(crate) struct Certificate<'a> {
    /// serialNumber, as the CRL of the issuer lists it.
    pub(crate) serial: Option<Element<'a>>,
    pub(crate) issuer: Option<Name<'a>>,
    pub(crate) subject: Option<Name<'a>>,
    pub(crate) key: Option<Spki<'a>>,
    pub(crate) extensions: Extensions,
    pub(crate) signed: Option<Signed<'a>>,
    pub(crate) not_before: Option<Time>,
    pub(crate) not_after: Option<Time>,
    /// Offset of the field for extensions, or where it would stand.
    pub(crate) extensions_at: usize,
    pub(crate) version: u8,
    /// Whether the signature verifies under its own key; only for a self-issued certificate.
    pub(crate) own: Verdict,
}

impl Certificate<'_> {
    /// Whether issuer and subject are the same name.
    pub(crate) fn is_self_issued(&self) -> bool {
        self.issuer.as_ref().map(|name| name.whole) == self.subject.as_ref().map(|name| name.whole)
    }

    /// Whether it says that it is a CA.
    pub(crate) fn is_ca(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|constraints| constraints.is_ca)
    }
}

/// Reads and checks a certificate by itself. `now` is in seconds since 1970; without it times are not judged.
pub(crate) fn lint<'a>(der: &'a [u8], now: Option<i64>, log: &mut Log) -> Option<Certificate<'a>> {
    let mut file = Reader::new(der);
    let outer = file.expect(SEQUENCE, "Certificate", log)?;
    file.finish("Certificate", log);
    let mut fields = outer.inside();
    let tbs = fields.expect(SEQUENCE, "TBSCertificate", log)?;
    let (mut certificate, inner_algorithm) = tbs_of(tbs.inside(), der, log);
    certificate.signed = signature::read(&mut fields, tbs.whole(der), "Certificate", log);
    if let Some(signed) = &certificate.signed {
        signature::check_form(signed, log);
        if let Some(inner) = inner_algorithm.filter(|inner| *inner != signed.algorithm.content) {
            let (expected, found) = (hex(inner), hex(signed.algorithm.content));
            log.add(Code::SignatureAlgorithmsDiffer, signed.algorithm.offset, expected, found);
        }
        if let Some(key) = certificate.key.as_ref().filter(|_| certificate.is_self_issued()) {
            certificate.own = signature::verify(signed, key, Code::SignatureInvalid, log);
        }
    }
    check_validity(&certificate, now, log);
    check_extensions(&certificate, log);
    Some(certificate)
}

/// The fields of TBSCertificate, and the content of the inner AlgorithmIdentifier.
fn tbs_of<'a>(mut fields: Reader<'a>, der: &'a [u8], log: &mut Log) -> (Certificate<'a>, Option<&'a [u8]>) {
    let mut version = 1;
    if let Some(field) = fields.optional(CONTEXT_0, "version", log) {
        let number = field.inside().expect(INTEGER, "version", log);
        version = number.and_then(|number| number.content.last()).map_or(1, |last| last.saturating_add(1));
        if !matches!(version, 1..=3) {
            log.add(Code::CertificateVersion, field.start, "3", version.to_string());
        }
    }
    let serial = fields.expect(INTEGER, "serialNumber", log);
    if let Some(serial) = serial {
        let is_sound =
            matches!(serial.content, [0x01..=0x7f, ..] | [0, 0x80..=0xff, ..]) && serial.content.len() <= 20;
        if !is_sound {
            let expected = "a positive number of at most 20 bytes";
            log.add(Code::SerialMalformed, serial.start, expected, hex(serial.content));
        }
    }
    let algorithm = fields.expect(SEQUENCE, "signature", log).map(|algorithm| algorithm.content);
    let issuer = name::read(&mut fields, "issuer", der, log);
    let (mut not_before, mut not_after) = (None, None);
    if let Some(validity) = fields.expect(SEQUENCE, "validity", log) {
        let mut times = validity.inside();
        not_before = time::read(&mut times, "notBefore", log);
        not_after = time::read(&mut times, "notAfter", log);
    }
    let subject = name::read(&mut fields, "subject", der, log);
    let key = spki::read(&mut fields, CONTEXT_3, der, log);
    // issuerUniqueID and subjectUniqueID
    fields.optional(0x81, "issuerUniqueID", log);
    fields.optional(0x82, "subjectUniqueID", log);
    let extensions_at = fields.offset;
    let mut extensions = Extensions::default();
    if let Some(field) = fields.optional(CONTEXT_3, "extensions", log) {
        if let Some(list) = field.inside().expect(SEQUENCE, "extensions", log) {
            extensions = Extensions::read(list.inside(), der, log);
        }
        if version < 3 {
            let expected = "version 3 beside extensions";
            log.add(Code::CertificateVersion, extensions_at, expected, version.to_string());
        }
    }
    fields.finish("TBSCertificate", log);
    let certificate = Certificate {
        serial,
        issuer,
        subject,
        key,
        extensions,
        signed: None,
        not_before,
        not_after,
        extensions_at,
        version,
        own: Verdict::Unknown,
    };
    (certificate, algorithm)
}

/// notBefore and notAfter.
fn check_validity(certificate: &Certificate<'_>, now: Option<i64>, log: &mut Log) {
    let (Some(from), Some(to)) = (certificate.not_before, certificate.not_after) else { return };
    if to.seconds < from.seconds {
        let expected = format!("a day behind {}", time::day(from.seconds));
        log.add(Code::ValidityReversed, to.at, expected, time::day(to.seconds));
        return;
    }
    if let Some(now) = now {
        if now > to.seconds {
            let expected = format!("a day behind {}", time::day(now));
            log.add(Code::Expired, to.at, expected, time::day(to.seconds));
        } else if now < from.seconds {
            let expected = format!("a day before {}", time::day(now));
            log.add(Code::NotYetValid, from.at, expected, time::day(from.seconds));
        }
    }
    let days = to.seconds.saturating_sub(from.seconds).div_euclid(86_400);
    if days > LONG_VALIDITY_DAYS && !certificate.is_ca() && !certificate.is_self_issued() {
        let expected = format!("at most {LONG_VALIDITY_DAYS} days");
        log.add(Code::LongValidity, to.at, expected, format!("{days} days"));
    }
}

/// What the extensions permit, for a CA and for a leaf.
fn check_extensions(certificate: &Certificate<'_>, log: &mut Log) {
    let extensions = &certificate.extensions;
    let at = certificate.extensions_at;
    if certificate.is_ca() {
        if let Some((_, at)) = extensions.key_usage.filter(|(bits, _)| bits & KEY_CERT_SIGN == 0) {
            log.add(Code::KeyUsageCertSign, at, "keyCertSign", "a CA without it");
        }
        if let Some(constraints) = extensions.basic_constraints.filter(|constraints| !constraints.is_critical)
        {
            log.add(Code::CaNotCritical, constraints.offset, "critical", "not critical");
        }
        return;
    }
    if certificate.version < 3 {
        log.add(
            Code::CertificateVersion,
            at,
            "version 3 with a subjectAltName",
            certificate.version.to_string(),
        );
    }
    if extensions.names.is_none() {
        log.add(Code::SanMissing, at, "subjectAltName", "");
    }
    if let Some((bits, at)) = extensions.key_usage.filter(|(bits, _)| bits & DIGITAL_SIGNATURE == 0) {
        log.add(Code::KeyUsageSignature, at, "digitalSignature", format!("bits {bits:02x}"));
    }
    if let Some((_, at)) = extensions.permits_tls.filter(|(permits, _)| !permits) {
        log.add(Code::EkuOther, at, "serverAuth or clientAuth", extensions.purpose_names());
    }
}
