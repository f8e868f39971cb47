//! CRLs against the certificates beside them (RFC 5280 §6.3).

use crate::{Code, certificate::Certificate, crl::Crl, extensions::CRL_SIGN, finding::Log, signature};

/// The issuer of a CRL: its signature, and whether it may sign CRLs.
pub(crate) fn check_issuer(crl: &Crl<'_>, certificates: &[&Certificate<'_>], log: &mut Log) {
    let Some(issuer) = &crl.issuer else { return };
    let is_issuer = |certificate: &&&Certificate<'_>| {
        certificate.subject.as_ref().is_some_and(|subject| subject.whole == issuer.whole)
    };
    let Some(found) = certificates.iter().find(is_issuer) else {
        log.add(Code::CrlIssuerMissing, issuer.offset, issuer.text.as_str(), "");
        return;
    };
    if found.extensions.key_usage.is_some_and(|(bits, _)| bits & CRL_SIGN == 0) {
        log.add(Code::CrlIssuerUsage, issuer.offset, "an issuer with cRLSign", issuer.text.as_str());
    }
    if let (Some(signed), Some(key)) = (&crl.signed, &found.key) {
        signature::verify(signed, key, Code::SignatureInvalid, log);
    }
}

/// Whether a CRL of its issuer lists a certificate.
pub(crate) fn check_certificate(certificate: &Certificate<'_>, crls: &[&Crl<'_>], log: &mut Log) {
    let (Some(serial), Some(issuer)) = (certificate.serial, &certificate.issuer) else { return };
    let lists = |crl: &&Crl<'_>| {
        crl.issuer.as_ref().is_some_and(|name| name.whole == issuer.whole)
            && crl.revoked.contains(&serial.content)
    };
    if crls.iter().any(lists) {
        log.add(Code::Revoked, serial.start, "", format!("serial number {}", digits(serial.content)));
    }
}

/// A serial number as CAs and OpenSSL print it: all digits, so that it can be looked up.
fn digits(serial: &[u8]) -> String {
    let serial = serial.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(serial);
    serial.iter().map(|byte| format!("{byte:02x}")).collect()
}
