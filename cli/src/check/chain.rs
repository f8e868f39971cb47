//! What a server's chain is: its keys, and whether a client needs a pin for it.

use std::time::Duration;

use handclasp::{
    KeyKind, Name, Pin, Roots, Trust,
    pki_types::{SubjectPublicKeyInfoDer, UnixTime},
};
use handclasp_codec::SignatureScheme;
use handclasp_crypto::PublicKey;
use handclasp_explain::certificate as x509;
use handclasp_report::CertificateFault;
use handclasp_trust::{Role, VerifyOptions, certificate::signature_schemes};

/// The kind of a certificate's key.
pub fn key(certificate: &[u8]) -> Option<KeyKind> {
    let spki = x509::public_key(certificate)?;
    PublicKey::from_spki(&spki).ok().map(|key| key.kind)
}

/// The kind of the key that signed a certificate, by its signature: the scheme, and the curve by the
/// length.
pub fn issuer_key(certificate: &[u8]) -> Option<KeyKind> {
    let scheme = signature_schemes(certificate).into_iter().next()?;
    if scheme == SignatureScheme::ed25519 {
        return Some(KeyKind::Ed25519);
    }
    if scheme.name()?.starts_with("rsa") {
        return Some(KeyKind::Rsa);
    }
    // DER of two integers: at most 72, 104 and 139 bytes (RFC 3279 §2.2.3). A longer one is never
    // shorter than the limit below, but once in 2^250.
    Some(match x509::signature(certificate)?.len() {
        0..=72 => KeyKind::P256,
        73..=104 => KeyKind::P384,
        _ => KeyKind::P521,
    })
}

/// The pin of a chain that the system's roots do not verify for this name; `None` where they do, or
/// where there is no key.
pub fn pin(chain: &[Vec<u8>], name: &str, now: u64) -> Option<Pin> {
    pin_under(Roots::system().ok().map(Trust::WebPki), chain, name, now)
}

fn pin_under(roots: Option<Trust>, chain: &[Vec<u8>], name: &str, now: u64) -> Option<Pin> {
    let spki = x509::public_key(chain.first()?)?;
    let name = Name::parse(name).ok();
    let options = VerifyOptions::with_default_provider(Role::Server, time(now)).with_name(name.as_ref());
    let verified = roots.is_some_and(|roots| roots.verify_chain(chain, &options).is_ok());
    (!verified).then(|| Pin::of_spki(&SubjectPublicKeyInfoDer::from(spki)))
}

/// Whether the system's roots verify a chain, whatever its names and dates; `None` where there are no
/// roots or certificates.
pub fn system_roots_verify(chain: &[Vec<u8>]) -> Option<bool> {
    let roots = Trust::WebPki(Roots::system().ok()?);
    verifies_at_some_time(&roots, chain)
}

fn verifies_at_some_time(roots: &Trust, chain: &[Vec<u8>]) -> Option<bool> {
    // All are valid when the youngest begins to be.
    let begins = chain.iter().filter_map(|der| x509::validity(der)).map(|(begins, _)| begins).max()?;
    let begins = u64::try_from(begins).unwrap_or_default();
    let options = VerifyOptions::with_default_provider(Role::Server, time(begins)).with_name(None);
    // The name is compared last: that it is absent is the only fault of a chain that verifies.
    let verified = roots.verify_chain(chain, &options);
    Some(verified.err().is_none_or(|error| error.fault == CertificateFault::NoExpectedName))
}

fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use handclasp_identity::{Authority, CertificateParams, Validity};

    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// A root's certificate and a chain below it.
    fn chain(root: KeyKind, leaf: KeyKind) -> (Vec<u8>, Vec<Vec<u8>>) {
        let validity = Validity::new(time(NOW - 10), time(NOW + 10));
        let root = Authority::new("a root", validity, root).unwrap();
        let issue = CertificateParams::new(&["a.test"]).with_validity(validity).with_key_kind(leaf);
        let issued = root.issue(&issue).unwrap();
        (root.certificate().to_vec(), issued.chain.iter().map(|der| der.to_vec()).collect())
    }

    #[test]
    fn keys_are_seen_and_issuers_by_their_signature() {
        for root in [KeyKind::P256, KeyKind::P384] {
            for leaf in [KeyKind::P256, KeyKind::P384] {
                let (_, chain) = chain(root, leaf);
                assert_eq!((key(&chain[0]), issuer_key(&chain[0])), (Some(leaf), Some(root)));
            }
        }
        assert_eq!((key(b"leaf"), issuer_key(b"leaf")), (None, None));
    }

    #[test]
    fn roots_verify_whatever_the_name_and_the_dates() {
        let (root, chain) = chain(KeyKind::P256, KeyKind::P256);
        let (other, _) = self::chain(KeyKind::P256, KeyKind::P256);
        let under =
            |root: &[u8]| verifies_at_some_time(&Trust::WebPki(Roots::from_pem(root).unwrap()), &chain);
        assert_eq!((under(&root), under(&other)), (Some(true), Some(false)));
        assert_eq!(verifies_at_some_time(&Trust::DangerNobody, &[]), None);
    }

    #[test]
    fn what_roots_verify_needs_no_pin() {
        let (root, chain) = chain(KeyKind::P256, KeyKind::P256);
        let trust = || Some(Trust::WebPki(Roots::from_pem(&root).unwrap()));
        let pin = Pin::of_spki(&x509::public_key(&chain[0]).unwrap().into());
        assert_eq!(pin_under(trust(), &chain, "a.test", NOW), None);
        assert_eq!(pin_under(trust(), &chain, "b.test", NOW), Some(pin), "another name");
        assert_eq!(pin_under(trust(), &chain, "a.test", NOW + 11), Some(pin), "expired");
        assert_eq!(pin_under(None, &chain, "a.test", NOW), Some(pin), "no roots at all");
        assert_eq!(pin_under(trust(), &[], "a.test", NOW), None, "nothing to pin");
    }
}
