//! What stands in a certificate: the names it is good for, who issued it, how it is signed, its
//! key. For choosing among several of our own (RFC 8446 §4.4.2.2), and for telling what a peer's
//! holds that was refused; nothing is judged here.

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};
use core::net::IpAddr;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{Hash, KeyKind, PublicKey};
use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::{
    Name, Pin,
    algorithm::schemes_of,
    der::{DNS_NAME, Elements, INTEGER, IP_ADDRESS, Malformed, SEQUENCE, sequence, whole_sequence},
    extension,
};

/// `[0]`, constructed: the version of a TBSCertificate.
const VERSION: u8 = 0xa0;

/// Whether a certificate (DER) is for that name (RFC 9525 §6).
pub fn is_for(certificate: &[u8], name: &Name) -> bool {
    let der = CertificateDer::from(certificate);
    EndEntityCert::try_from(&der)
        .is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(&name.as_server_name()).is_ok())
}

/// The Name (DER) of the issuer of a certificate, as lists of authorities hold it; `None` for what is
/// no certificate.
pub fn issuer(certificate: &[u8]) -> Option<&[u8]> {
    let name = || {
        // version [0] DEFAULT v1, serialNumber, signature, issuer (RFC 5280 §4.1).
        let mut fields = Elements(whole_sequence(certificate)?.expect(SEQUENCE)?.content);
        fields.optional(VERSION)?;
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE).map(|issuer| issuer.whole)
    };
    name().ok()
}

/// The names and addresses in the subjectAltName of a certificate (RFC 5280 §4.2.1.6), in its
/// order. Other kinds of names are left out.
pub fn names(certificate: &[u8]) -> Vec<String> {
    const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    let mut names = Vec::new();
    let Ok(Some(value)) = extension::find(certificate, SUBJECT_ALT_NAME) else { return names };
    let Ok(mut list) = whole_sequence(value) else { return names };
    while let Ok(Some(name)) = list.next() {
        match name.tag {
            DNS_NAME => names.push(String::from_utf8_lossy(name.content).into_owned()),
            IP_ADDRESS => names.push(address(name.content)),
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

/// Kind and pin of the key in a certificate, where it parses and is of a kind that we know.
/// `sha256` must be SHA-256.
pub fn key(certificate: &[u8], sha256: &dyn Hash) -> Option<(KeyKind, Pin)> {
    let der = CertificateDer::from(certificate);
    let parsed = webpki::anchor_from_trusted_cert(&der).ok()?;
    raw_key(&sequence(&parsed.subject_public_key_info), sha256)
}

/// The same of a SubjectPublicKeyInfo alone (RFC 7250).
pub fn raw_key(spki: &[u8], sha256: &dyn Hash) -> Option<(KeyKind, Pin)> {
    let key = PublicKey::from_spki(spki).ok()?;
    Some((key.kind, Pin::of_spki(spki, sha256)))
}

/// The schemes whose name a certificate's signature may go by; none for what is no certificate.
pub fn signed_by(certificate: &[u8]) -> Vec<SignatureScheme> {
    let algorithm = || -> Result<&[u8], Malformed> {
        let mut fields = whole_sequence(certificate)?;
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE).map(|algorithm| algorithm.content)
    };
    algorithm().map(schemes_of).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::KeyKind;
    use handclasp_identity::{Authority, Issue, Usage, Validity};
    use handclasp_provider_aws_lc::{KEYS, SystemRandom};

    use super::*;
    use crate::{Question, Role, Roots, Trust};

    const QUESTION: Question<'static> = Question {
        role: Role::Server,
        name: None,
        now: 0,
        verify: &[],
        sha256: handclasp_provider_aws_lc::SHA256,
    };

    #[test]
    fn what_a_certificate_says_of_itself() {
        let validity = Validity { not_before: 1_000, not_after: 2_000_000_000 };
        let root = Authority::with_key("a root", validity, KeyKind::P384, KEYS, &mut SystemRandom).unwrap();
        let names = ["one.test", "*.two.test", "10.0.0.1"];
        let issue = Issue { names: &names, validity, key: KeyKind::P256, usage: Usage::Both };
        let leaf = root.issue(&issue, KEYS, &mut SystemRandom).unwrap().chain.remove(0);
        for (name, good) in
            [("one.test", true), ("a.two.test", true), ("10.0.0.1", true), ("two.test", false), ("x", false)]
        {
            assert_eq!(is_for(&leaf, &Name::parse(name).unwrap()), good, "{name}");
        }
        assert_eq!(self::names(&leaf), names);
        let accepted = Trust::DangerNobody.judge(&[&leaf], &QUESTION).unwrap();
        let shown = key(&leaf, handclasp_provider_aws_lc::SHA256);
        assert_eq!(shown, Some((KeyKind::P256, Pin(accepted.pin))));
        assert_eq!(raw_key(&accepted.spki, handclasp_provider_aws_lc::SHA256), shown);
        assert_eq!(signed_by(&leaf), [SignatureScheme::ecdsa_secp384r1_sha384]);
        let roots = Roots::from_der(&[root.certificate()]).unwrap();
        assert_eq!(roots.names(), [issuer(&leaf).unwrap().to_vec()]);
        assert_eq!(issuer(root.certificate()), issuer(&leaf));
    }

    #[test]
    fn what_is_none() {
        let name = Name::parse("one.test").unwrap();
        for der in [&b""[..], b"leaf", &[0x30, 0], &[0x30, 2, 0x30, 0], &[0x30, 5, 0x30, 3, 2, 1, 1]] {
            assert!(!is_for(der, &name) && issuer(der).is_none() && signed_by(der).is_empty());
            assert!(names(der).is_empty() && key(der, handclasp_provider_aws_lc::SHA256).is_none());
        }
    }
}
