//! Chains as a device judges them.

use std::string::String;

use handclasp_crypto::KeyKind;
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use handclasp_report::{CertificateFault as Fault, Side};
use handclasp_trust::Name;

use super::*;
use crate::time::Now;

const BEGIN: u64 = 1_700_000_000;
const END: u64 = 1_800_000_000;

fn at(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// A root as PEM, and the chain of a server: leaf and intermediate.
fn chain() -> (String, Vec<Vec<u8>>) {
    let validity = Validity::new(at(BEGIN), at(END));
    let root = Authority::new("capi root", validity, KeyKind::P256).unwrap();
    let between = root.subordinate("capi between", validity, KeyKind::P384).unwrap();
    let params = CertificateParams::new(&["device.test"]).with_validity(validity).with_usage(Usage::Server);
    let leaf = between.issue(&params).unwrap();
    (root.certificate_pem(), leaf.chain.iter().map(|one| one.to_vec()).collect())
}

fn judged(roots: &Roots, chain: &[Vec<u8>], name: &str, now: Now) -> Result<(), Fault> {
    let name = Name::parse(name).unwrap();
    let subject = Subject { side: Side::Client, name: Some(&name), now, algorithms: provider::VERIFY };
    let mut judge = roots.start();
    for certificate in chain {
        judge.certificate(&subject, certificate).map_err(|error| error.fault)?;
    }
    judge.verdict(&subject).map(|_| ()).map_err(|error| error.fault)
}

#[test]
fn a_chain_is_verified_as_it_arrives() {
    let (root, chain) = chain();
    let (other, _) = self::chain();
    let known = |seconds| Now { seconds, is_known: true };
    let at_least = |seconds| Now { seconds, is_known: false };
    let roots = |pem: &str| Roots::read(pem.as_bytes()).ok().unwrap();
    let good = roots(&root);
    assert_eq!(judged(&good, &chain, "device.test", known(BEGIN)), Ok(()));
    assert_eq!(judged(&roots(&(other.clone() + &root)), &chain, "device.test", known(END)), Ok(()));
    let mismatch = Err(Fault::NameMismatch { names: 1 });
    assert_eq!(judged(&good, &chain, "other.test", known(BEGIN)), mismatch);
    let unknown = Err(Fault::UnknownIssuer { self_signed: false });
    // A root of the same name with another key.
    assert_eq!(judged(&roots(&other), &chain, "device.test", known(BEGIN)), Err(Fault::SignatureInvalid));
    assert_eq!(judged(&good, &chain[..1], "device.test", known(BEGIN)), unknown);
    assert_eq!(judged(&good, &[], "device.test", known(BEGIN)), Err(Fault::Malformed { index: 0 }));
    // Roots one by one.
    let pem = |pem: &str| certificates::read(pem.as_bytes()).unwrap().remove(0);
    let mut both = Roots::one(&pem(&other)).ok().unwrap();
    assert_eq!(judged(&both, &chain, "device.test", known(BEGIN)), Err(Fault::SignatureInvalid));
    assert!(both.add_root(&pem(&root)).is_ok() && both.add_root(b"\x30\x00").is_err());
    assert_eq!(judged(&both, &chain, "device.test", known(BEGIN)), Ok(()));
    // A bundle is closed, as on hosts.
    let refused = roots(&other).add_root(&pem(&root)).err().map(|refusal| refusal.code);
    assert_eq!(refused, Some(HC_ORDER));
    // Without a clock, a certificate that begins later is accepted, and one that ended is not.
    assert_eq!(judged(&good, &chain, "device.test", known(BEGIN - 1)), Err(Fault::NotYetValid));
    assert_eq!(judged(&good, &chain, "device.test", at_least(BEGIN - 1)), Ok(()));
    assert_eq!(judged(&good, &chain, "device.test", at_least(END + 1)), Err(Fault::Expired));
}

#[test]
fn roots_that_do_not_parse_are_refused() {
    for bytes in
        [&b""[..], b"no PEM", b"\x30\x00", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
    {
        assert_eq!(Roots::read(bytes).err().map(|refusal| refusal.code), Some(HC_ROOTS), "{bytes:?}");
    }
}
