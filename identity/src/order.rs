//! Certificates in the order in which peers expect them (RFC 8446 §4.4.2): files hold them in any order.

use std::vec::Vec;

use handclasp_crypto::der::{CONTEXT_0, Elements, INTEGER, Malformed, SEQUENCE};
use rustls_pki_types::CertificateDer;

use crate::input;

/// The certificate of this public key first, then the issuer of each, then the others in the order of the file.
/// Without a certificate of the key the order stays.
pub(crate) fn arrange(chain: Vec<CertificateDer<'static>>, key: &[u8]) -> Vec<CertificateDer<'static>> {
    let is_of_key =
        |certificate: &CertificateDer<'_>| input::public_key(certificate).is_some_and(|own| own == key);
    let Some(mut next) = chain.iter().position(is_of_key) else { return chain };
    let mut rest = chain;
    let mut arranged: Vec<CertificateDer<'static>> = Vec::with_capacity(rest.len());
    loop {
        let certificate = rest.remove(next);
        let issuer = names(&certificate).ok().filter(|(issuer, subject)| issuer != subject);
        let found = issuer.and_then(|(issuer, _)| {
            rest.iter().position(|other| names(other).is_ok_and(|(_, subject)| subject == issuer))
        });
        arranged.push(certificate);
        match found {
            Some(found) => next = found,
            None => break,
        }
    }
    arranged.extend(rest);
    arranged
}

/// Issuer and subject of a certificate, as bytes.
fn names<'c>(certificate: &'c CertificateDer<'_>) -> Result<(&'c [u8], &'c [u8]), Malformed> {
    let mut outer = Elements::of_sequence(certificate)?;
    let mut fields = Elements(outer.expect(SEQUENCE)?);
    fields.optional(CONTEXT_0)?;
    fields.expect(INTEGER)?;
    fields.expect(SEQUENCE)?;
    let issuer = fields.expect(SEQUENCE)?;
    fields.expect(SEQUENCE)?;
    Ok((issuer, fields.expect(SEQUENCE)?))
}
