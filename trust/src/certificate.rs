//! Fields of a certificate: names, issuer, signature algorithm, public key. Used to choose among our
//! own certificates (RFC 8446 §4.4.2.2) and to report what a refused certificate contains. Nothing is
//! verified here.

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};
use core::{net::IpAddr, time::Duration};

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Hash, KeyKind, PublicKey};
#[cfg(feature = "web-pki")]
use handclasp_report::CertificateError;
use rustls_pki_types::UnixTime;

#[cfg(feature = "web-pki")]
use crate::{Name, VerifyOptions, dates};
use crate::{
    Pin,
    algorithm::schemes_of,
    chain::time,
    der::{DNS_NAME, Elements, INTEGER, IP_ADDRESS, Malformed, OBJECT_IDENTIFIER, SEQUENCE, SET},
    extension,
    x509::{Certificate, SUBJECT_ALT_NAME, VERSION},
};

/// id-at-commonName.
const COMMON_NAME: &[u8] = b"\x55\x04\x03";

/// Whether a certificate (DER) is valid for that name (RFC 9525 §6).
#[cfg(feature = "web-pki")]
pub fn is_valid_for(certificate: &[u8], name: &Name) -> bool {
    let der = rustls_pki_types::CertificateDer::from(certificate);
    webpki::EndEntityCert::try_from(&der)
        .is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(&name.as_server_name()).is_ok())
}

/// The Name (DER) of the issuer of a certificate, as in certificate_authorities. `None` if the
/// certificate does not parse.
pub fn issuer(certificate: &[u8]) -> Option<&[u8]> {
    let name = || -> Result<&[u8], Malformed> {
        // version [0] DEFAULT v1, serialNumber, signature, issuer (RFC 5280 §4.1).
        let mut fields = Elements(Elements::of_sequence(certificate)?.expect(SEQUENCE)?);
        fields.optional(VERSION)?;
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        fields.expect_whole(SEQUENCE)
    };
    name().ok()
}

/// The dNSName and iPAddress entries of the subjectAltName of a certificate (RFC 5280 §4.2.1.6), in
/// order. Empty if there are none or the certificate does not parse.
pub fn subject_alt_names(certificate: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(Some(value)) = extension::find(certificate, SUBJECT_ALT_NAME) else { return names };
    let Ok(mut list) = Elements::of_sequence(value) else { return names };
    while let (Some(tag), Ok(name)) = (list.tag(), list.take()) {
        match tag {
            DNS_NAME => names.push(String::from_utf8_lossy(name).into_owned()),
            IP_ADDRESS => names.push(address(name)),
            _ => {}
        }
    }
    names
}

fn address(bytes: &[u8]) -> String {
    match (<[u8; 4]>::try_from(bytes), <[u8; 16]>::try_from(bytes)) {
        (Ok(four), _) => IpAddr::from(four).to_string(),
        (_, Ok(sixteen)) => IpAddr::from(sixteen).to_string(),
        _ => format!("an address of {} bytes", bytes.len()),
    }
}

/// Limit of a claimed name in characters: that of a DNS name.
const CLAIMED_NAME_MAX: usize = 253;

/// What a certificate calls its owner: its first subjectAltName, else its common name, at most 253
/// characters of it. `None` if it has neither or does not parse.
pub fn claimed_name(certificate: &[u8]) -> Option<String> {
    let subject = || common_name(Certificate::read(certificate).ok()?.subject);
    let name = subject_alt_names(certificate).into_iter().next().or_else(subject)?;
    Some(name.chars().take(CLAIMED_NAME_MAX).collect())
}

/// The last common name of a Name (DER). `None` if it has none or does not parse.
pub(crate) fn common_name(name: &[u8]) -> Option<String> {
    let find = || -> Result<Option<String>, Malformed> {
        let mut found = None;
        // RFC 5280 §4.1.2.4: a sequence of sets of (type, value).
        let mut names = Elements::of_sequence(name)?;
        while names.tag().is_some() {
            let mut set = Elements(names.expect(SET)?);
            while set.tag().is_some() {
                let mut attribute = Elements(set.expect(SEQUENCE)?);
                if attribute.expect(OBJECT_IDENTIFIER)? == COMMON_NAME {
                    found = Some(String::from_utf8_lossy(attribute.take()?).into_owned());
                }
            }
        }
        Ok(found)
    };
    find().ok().flatten()
}

/// notBefore of a certificate. `None` if it does not parse.
pub fn not_before(certificate: &[u8]) -> Option<UnixTime> {
    let (not_before, _) = time::validity(Certificate::read(certificate).ok()?.validity).ok()?;
    Some(UnixTime::since_unix_epoch(Duration::from_secs(not_before)))
}

/// Checks that a certificate whose key is trusted is valid now; returns when it expires.
///
/// # Errors
/// It has expired, is not valid yet where the time is known, or does not parse.
#[cfg(feature = "web-pki")]
pub fn check_dates(leaf: &[u8], options: &VerifyOptions<'_>) -> Result<UnixTime, CertificateError> {
    dates::check(leaf, options)
}

/// Kind and pin of the public key of a certificate. `None` if the certificate does not parse or the kind
/// of key is not supported. `sha256` must be SHA-256.
pub fn key_and_pin(certificate: &[u8], sha256: &dyn Hash) -> Option<(KeyKind, Pin)> {
    raw_key_and_pin(Certificate::read(certificate).ok()?.spki, sha256)
}

/// As [`key_and_pin`], of a SubjectPublicKeyInfo (RFC 7250).
pub fn raw_key_and_pin(spki: &[u8], sha256: &dyn Hash) -> Option<(KeyKind, Pin)> {
    let key = PublicKey::from_spki(spki).ok()?;
    Some((key.kind, Pin::of(spki, sha256)))
}

/// The signature schemes that the signature algorithm of a certificate stands for. Empty if the
/// certificate does not parse or the algorithm is not supported.
pub fn signature_schemes(certificate: &[u8]) -> Vec<SignatureScheme> {
    let algorithm = || -> Result<&[u8], Malformed> {
        let mut fields = Elements::of_sequence(certificate)?;
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE)
    };
    algorithm().map(schemes_of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Roots, Trust, VerifyOptions};
    use handclasp_crypto::KeyKind;
    use handclasp_identity::{Authority, CertificateParams, Validity};
    use handclasp_provider_aws_lc::SHA256;

    #[test]
    fn fields_of_a_certificate() {
        let time = |seconds| UnixTime::since_unix_epoch(core::time::Duration::from_secs(seconds));
        let validity = Validity::new(time(1_000), time(2_000_000_000));
        let root = Authority::new("a root", validity, KeyKind::P384).unwrap();
        let names = ["one.test", "*.two.test", "10.0.0.1"];
        let params = CertificateParams::new(&names).with_validity(validity);
        let leaf = root.issue(&params).unwrap().chain.remove(0);
        for (name, good) in
            [("one.test", true), ("a.two.test", true), ("10.0.0.1", true), ("two.test", false), ("x", false)]
        {
            assert_eq!(is_valid_for(&leaf, &Name::parse(name).unwrap()), good, "{name}");
        }
        assert_eq!(subject_alt_names(&leaf), names);
        assert_eq!(
            (claimed_name(&leaf).as_deref(), claimed_name(root.certificate()).as_deref()),
            (Some("one.test"), Some("a root"))
        );
        assert_eq!(not_before(&leaf), Some(time(1_000)));
        let options = VerifyOptions::new(Role::Server, time(0), &[], SHA256);
        let verified = Trust::DangerNobody.verify_chain(&[&leaf], &options).unwrap();
        let found = key_and_pin(&leaf, SHA256);
        assert_eq!(found, Some((KeyKind::P256, verified.pin)));
        assert_eq!(raw_key_and_pin(&verified.spki, SHA256), found);
        assert_eq!(signature_schemes(&leaf), [SignatureScheme::ecdsa_secp384r1_sha384]);
        let roots = Roots::from_der(core::slice::from_ref(root.certificate())).unwrap();
        assert_eq!(roots.names(), [issuer(&leaf).unwrap().to_vec()]);
        assert_eq!(issuer(root.certificate()), issuer(&leaf));
    }

    #[test]
    fn bytes_that_are_not_a_certificate_have_no_fields() {
        let name = Name::parse("one.test").unwrap();
        for der in [&b""[..], b"leaf", &[0x30, 0], &[0x30, 2, 0x30, 0], &[0x30, 5, 0x30, 3, 2, 1, 1]] {
            assert!(!is_valid_for(der, &name) && issuer(der).is_none() && signature_schemes(der).is_empty());
            assert!(subject_alt_names(der).is_empty() && key_and_pin(der, SHA256).is_none());
        }
    }
}
