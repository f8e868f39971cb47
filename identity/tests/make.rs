//! IssuedCertificate certificates: their fields, and that they load again. Whether peers trust them is tested in
//! `trust`.

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, Keys, Random, RandomFailed, SigningKey};
use handclasp_identity::{
    Authority, Cause, CertificateParams, Identity, IssueError, IssuedCertificate, Validity,
};
use handclasp_provider_aws_lc::{KEYS, SystemRandom};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

const VALIDITY: Validity = Validity::new(time(1_000_000_000), time(2_000_000_000));

fn issue<'a>(names: &'a [&'a str], key: KeyKind) -> CertificateParams<'a> {
    CertificateParams::new(names).with_validity(VALIDITY).with_key_kind(key)
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
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&names)).unwrap();
    let identity = issued.identity().unwrap();
    assert_eq!(identity.key_kind(), KeyKind::P256);

    let der = issued.chain[0].clone();
    let leaf = EndEntityCert::try_from(&der).unwrap();
    assert_eq!(leaf.issuer(), leaf.subject());
    assert_eq!(leaf.valid_dns_names().collect::<Vec<_>>(), ["device.local", "*.example.com"]);
    assert_eq!(leaf.serial().len(), 16);
    assert!(leaf.serial()[0] < 0x80, "positive");
    assert_eq!(leaf.subject_public_key_info().as_ref(), identity.spki().as_ref());

    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let (not_before, not_after) = dates(&der);
    assert!(now - 86_500 < not_before && not_before < now);
    assert!(not_after > now + 3651 * 86_400);

    // What is written to files loads again.
    let again = Identity::from_pem(issued.certificate_pem().as_bytes(), issued.key_pem().as_bytes()).unwrap();
    assert_eq!(again.spki(), identity.spki());
    assert!(Identity::self_signed(&["localhost"]).is_ok());
    assert_eq!(format!("{issued:?}"), "IssuedCertificate { certificates: 1, .. }");
}

#[test]
fn every_kind() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Ed25519, KeyKind::Rsa] {
        let issued = IssuedCertificate::self_signed(&issue(&["a.example"], kind)).unwrap();
        assert_eq!(issued.identity().unwrap().key_kind(), kind);
        assert_eq!(dates(&issued.chain[0]), (1_000_000_000, 2_000_000_000));
    }
    let refused = IssuedCertificate::self_signed(&issue(&["a.example"], KeyKind::P521));
    assert_eq!(refused.unwrap_err(), IssueError::Unsupported(KeyKind::P521));
}

#[test]
fn an_authority_and_one_below() {
    let root = Authority::new("root", VALIDITY, KeyKind::P256).unwrap();
    let leaf = root.issue(&issue(&["a.example"], KeyKind::P256)).unwrap();
    assert_eq!(leaf.chain.len(), 1);

    let below = root.subordinate("below", VALIDITY, KeyKind::Ed25519).unwrap();
    let lower = below.subordinate("lower", VALIDITY, KeyKind::Rsa).unwrap();
    let leaf = lower.issue(&issue(&["b.example"], KeyKind::P384)).unwrap();
    assert_eq!(leaf.chain[1..], [lower.certificate().clone(), below.certificate().clone()]);
    assert_eq!(leaf.identity().unwrap().chain().len(), 3);
    // The key of an authority loads with its certificate, and with no other.
    let pem = root.certificate_pem();
    assert!(Identity::from_pem(pem.as_bytes(), root.key_pem().as_bytes()).is_ok());
    let error = Identity::from_pem(pem.as_bytes(), below.key_pem().as_bytes()).unwrap_err();
    assert!(matches!(error.cause, Cause::OtherKind { .. }));
    assert_eq!(format!("{lower:?}"), "Authority { depth: 2, .. }");
}

#[test]
fn dates_at_their_ends() {
    let wide = Validity::new(time(1), time(u64::MAX));
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a"]).with_validity(wide)).unwrap();
    // 9999-12-31T23:59:59Z, the last moment that a certificate can name.
    assert_eq!(dates(&issued.chain[0]), (1, 253_402_300_799));
    assert_eq!(Validity::from_now(time(0)).not_before, time(0));
    assert_eq!(Validity::from_now(time(u64::MAX)).not_after, time(u64::MAX));
}

#[test]
fn names_that_are_none() {
    for name in ["", "a..b", "-a.example", "a.example.", "*.", "*", "a b", "bücher.example", "1.2.3"] {
        let refused =
            IssuedCertificate::self_signed(&CertificateParams::new(&["good.example", name])).unwrap_err();
        assert_eq!(refused, IssueError::Name(name.into()));
        assert!(refused.to_string().contains("neither"));
    }
    assert_eq!(IssuedCertificate::self_signed(&CertificateParams::new(&[])).unwrap_err(), IssueError::NoName);
    for name in [String::new(), "x".repeat(65)] {
        assert!(matches!(Authority::new(&name, VALIDITY, KeyKind::P256), Err(IssueError::Name(_))));
    }
    // Too long for a common name, not for an alternative one.
    let long = format!("{}.example.com", "x".repeat(60));
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&[&long])).unwrap();
    let der = issued.chain[0].clone();
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
    let params = CertificateParams::new(&["a.example"]);
    let failed = IssuedCertificate::self_signed_with(&params, KEYS, &mut Broken).unwrap_err();
    assert_eq!(failed, IssueError::Failed);
    let refused = IssuedCertificate::self_signed_with(&params, &Broken, &mut SystemRandom).unwrap_err();
    assert_eq!(refused, IssueError::Key(KeyError::Unsupported));
    let issued = IssuedCertificate::self_signed(&params).unwrap();
    let unloadable = issued.identity_with(&Broken).unwrap_err();
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
