//! Certificates made here: what stands in them, and that they load again. Whether peers believe
//! them is tested in `trust`.

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, Keys, Random, RandomFailed, SigningKey};
use handclasp_identity::{
    Authority, Cause, Identity, Issue, IssueError, Usage, Validity, self_signed, self_signed_with,
};
use handclasp_provider_aws_lc::{KEYS, SystemRandom};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

const VALIDITY: Validity = Validity { not_before: 1_000_000_000, not_after: 2_000_000_000 };

fn issue<'a>(names: &'a [&'a str], key: KeyKind) -> Issue<'a> {
    Issue { names, validity: VALIDITY, key, usage: Usage::Both }
}

/// The dates, as webpki reads them.
fn dates(der: &[u8]) -> (u64, u64) {
    let der = CertificateDer::from(der);
    let leaf = EndEntityCert::try_from(&der).unwrap();
    let at = |seconds| {
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        leaf.verify_for_usage(&[], &[], &[], time, KeyUsage::server_auth(), None, None).err()
    };
    let Some(Error::CertNotValidYet { not_before, .. }) = at(0) else { panic!() };
    let Some(Error::CertExpired { not_after, .. }) = at(u64::MAX) else { panic!() };
    (not_before.as_secs(), not_after.as_secs())
}

#[test]
fn self_signed_for_a_device() {
    let names = ["device.local", "*.example.com", "192.0.2.1", "2001:db8::1"];
    let issued = self_signed(&names, KEYS, &mut SystemRandom).unwrap();
    let identity = issued.identity(KEYS).unwrap();
    assert_eq!(identity.key_kind(), KeyKind::P256);

    let der = CertificateDer::from(issued.chain[0].as_slice());
    let leaf = EndEntityCert::try_from(&der).unwrap();
    assert_eq!(leaf.issuer(), leaf.subject());
    assert_eq!(leaf.valid_dns_names().collect::<Vec<_>>(), ["device.local", "*.example.com"]);
    assert_eq!(leaf.serial().len(), 16);
    assert!(leaf.serial()[0] < 0x80, "positive");
    assert_eq!(leaf.subject_public_key_info().as_ref(), identity.spki());

    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let (not_before, not_after) = dates(&der);
    assert!(now - 86_500 < not_before && not_before < now);
    assert!(not_after > now + 3651 * 86_400);

    // What is written to files loads again.
    let again =
        Identity::from_pem(issued.certificate_pem().as_bytes(), issued.key_pem().as_bytes(), KEYS).unwrap();
    assert_eq!(again.spki(), identity.spki());
    assert!(Identity::self_signed(&["localhost"], KEYS, &mut SystemRandom).is_ok());
    assert_eq!(format!("{issued:?}"), "Issued { certificates: 1, .. }");
}

#[test]
fn every_kind() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
        let issued = self_signed_with(&issue(&["a.example"], kind), KEYS, &mut SystemRandom).unwrap();
        assert_eq!(issued.identity(KEYS).unwrap().key_kind(), kind);
        assert_eq!(dates(&issued.chain[0]), (VALIDITY.not_before, VALIDITY.not_after));
    }
    let refused = self_signed_with(&issue(&["a.example"], KeyKind::P521), KEYS, &mut SystemRandom);
    assert_eq!(refused.unwrap_err(), IssueError::Unsupported(KeyKind::P521));
}

#[test]
fn an_authority_and_one_below() {
    let random = &mut SystemRandom;
    let root = Authority::new("root", VALIDITY, KEYS, random).unwrap();
    let leaf = root.issue(&issue(&["a.example"], KeyKind::P256), KEYS, random).unwrap();
    assert_eq!(leaf.chain.len(), 1);

    let below = root.subordinate("below", VALIDITY, KeyKind::Ed25519, KEYS, random).unwrap();
    let lower = below.subordinate("lower", VALIDITY, KeyKind::Rsa, KEYS, random).unwrap();
    let leaf = lower.issue(&issue(&["b.example"], KeyKind::P384), KEYS, random).unwrap();
    assert_eq!(leaf.chain[1..], [lower.certificate().to_vec(), below.certificate().to_vec()]);
    assert_eq!(leaf.identity(KEYS).unwrap().chain().len(), 3);
    // The key of an authority loads with its certificate, and with no other.
    let pem = root.certificate_pem();
    assert!(Identity::from_pem(pem.as_bytes(), root.key_pem().as_bytes(), KEYS).is_ok());
    let error = Identity::from_pem(pem.as_bytes(), below.key_pem().as_bytes(), KEYS).unwrap_err();
    assert!(matches!(error.cause, Cause::OtherKind { .. }));
    assert_eq!(format!("{lower:?}"), "Authority { depth: 2, .. }");
}

#[test]
fn dates_at_their_ends() {
    let random = &mut SystemRandom;
    let wide = Validity { not_before: 1, not_after: u64::MAX };
    let issued =
        self_signed_with(&Issue { validity: wide, ..issue(&["a"], KeyKind::P256) }, KEYS, random).unwrap();
    // 9999-12-31T23:59:59Z, the last moment that a certificate can name.
    assert_eq!(dates(&issued.chain[0]), (1, 253_402_300_799));
    assert_eq!(Validity::from_now(0).not_before, 0);
    assert_eq!(Validity::from_now(u64::MAX).not_after, u64::MAX);
}

#[test]
fn names_that_are_none() {
    let random = &mut SystemRandom;
    for name in ["", "a..b", "-a.example", "a.example.", "*.", "*", "a b", "bücher.example", "1.2.3"] {
        let refused = self_signed(&["good.example", name], KEYS, random).unwrap_err();
        assert_eq!(refused, IssueError::Name(name.into()));
        assert!(refused.to_string().contains("neither"));
    }
    assert_eq!(self_signed(&[], KEYS, random).unwrap_err(), IssueError::NoName);
    for name in [String::new(), "x".repeat(65)] {
        assert!(matches!(Authority::new(&name, VALIDITY, KEYS, random), Err(IssueError::Name(_))));
    }
    // Too long for a common name, not for an alternative one.
    let long = format!("{}.example.com", "x".repeat(60));
    let issued = self_signed(&[&long], KEYS, random).unwrap();
    let der = CertificateDer::from(issued.chain[0].as_slice());
    let leaf = EndEntityCert::try_from(&der).unwrap();
    assert!(leaf.subject().is_empty());
    assert_eq!(leaf.valid_dns_names().count(), 1);
}

struct Broken;

impl Random for Broken {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

impl Keys for Broken {
    fn load(&self, _: KeyEncoding, _: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        Err(KeyError::Malformed)
    }

    fn generate(&self, _: KeyKind, _: &mut dyn Random) -> Result<zeroize::Zeroizing<Vec<u8>>, KeyError> {
        Err(KeyError::Unsupported)
    }
}

#[test]
fn failures_are_told() {
    let names = ["a.example"];
    assert_eq!(self_signed(&names, KEYS, &mut Broken).unwrap_err(), IssueError::Failed);
    let refused = self_signed(&names, &Broken, &mut SystemRandom).unwrap_err();
    assert_eq!(refused, IssueError::Key(KeyError::Unsupported));
    let issued = self_signed(&names, KEYS, &mut SystemRandom).unwrap();
    let unloadable = issued.identity(&Broken).unwrap_err();
    assert!(matches!(unloadable, IssueError::Identity(_)));
    for error in [
        IssueError::Failed,
        IssueError::NoName,
        IssueError::Unsupported(KeyKind::P521),
        IssueError::Key(KeyError::Failed),
        refused,
        unloadable,
    ] {
        assert!(error.to_string().len() > 20);
    }
}
