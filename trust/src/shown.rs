//! Our own certificate as a peer will look at it: for which names it is good, who issued it, how
//! it is signed. For choosing among several (RFC 8446 §4.4.2.2); nothing is judged here.
//! Called by `handclasp`.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;
use rustls_pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::{
    Name,
    algorithm::schemes_of,
    der::{Elements, INTEGER, SEQUENCE},
};

/// Whether a certificate (DER) is for that name (RFC 9525 §6).
pub fn is_for(certificate: &[u8], name: &Name) -> bool {
    let der = CertificateDer::from(certificate);
    EndEntityCert::try_from(&der)
        .is_ok_and(|leaf| leaf.verify_is_valid_for_subject_name(&name.as_server_name()).is_ok())
}

/// The Name (DER) of whoever issued a certificate, as lists of authorities hold it.
pub fn issuer(certificate: &[u8]) -> Option<&[u8]> {
    let tbs = Elements(Elements(certificate).expect(SEQUENCE)?.content).expect(SEQUENCE)?;
    // version [0] DEFAULT v1, serialNumber, signature, issuer (RFC 5280 §4.1).
    let mut fields = Elements(tbs.content);
    fields.find(|field| field.tag == INTEGER)?;
    fields.expect(SEQUENCE)?;
    fields.expect(SEQUENCE).map(|issuer| issuer.whole)
}

/// The schemes whose name a certificate's signature may go by.
pub fn signed_by(certificate: &[u8]) -> Vec<SignatureScheme> {
    let fields = Elements(certificate).expect(SEQUENCE).map(|outer| Elements(outer.content));
    let algorithm = fields.and_then(|mut fields| {
        fields.expect(SEQUENCE)?;
        fields.expect(SEQUENCE)
    });
    algorithm.map(|algorithm| schemes_of(algorithm.content)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use handclasp_crypto::KeyKind;
    use handclasp_identity::{Authority, Issue, Usage, Validity};
    use handclasp_provider_aws_lc::{KEYS, SystemRandom};

    use super::*;
    use crate::Roots;

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
        }
    }
}
