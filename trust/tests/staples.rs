//! OCSP responses made by `openssl ocsp` (`vectors/make-staples.sh`): who may sign one, what it must
//! be about, and when.

mod common;

use common::*;
use handclasp_provider_aws_lc::SHA1;
use handclasp_report::{CertificateFault as Fault, StapleFault};
use handclasp_trust::{Name, Trust};

fn response(name: &str) -> Vec<u8> {
    let file = path("staples/any").with_file_name(format!("{name}.der"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What a response says of a certificate, at that time.
fn status_at(certificate: &str, response: Option<&[u8]>, now: u64) -> Result<(), Fault> {
    let (trust, chain) = (roots(&["staples/root"]), vector(&format!("staples/{certificate}")));
    let name = Name::parse("a.example").unwrap();
    let mut options = options(Some(&name));
    options.now = time(now);
    assert!(trust.verify_chain(&chain, &options).is_ok());
    fault(trust.verify_status(&chain, response, &options, SHA1))
}

fn status(certificate: &str, by: &str) -> Result<(), Fault> {
    status_at(certificate, Some(&response(by)), NOW)
}

fn staple(fault: StapleFault) -> Result<(), Fault> {
    Err(Fault::Staple(fault))
}

#[test]
fn good_ones() {
    for (certificate, by) in [
        ("good", "good"),
        ("good", "good-sha256"),
        ("good", "good-by-delegate"),
        ("must", "must"),
        // Issued by the root itself.
        ("direct", "direct"),
    ] {
        assert_eq!(status(certificate, by), Ok(()), "{certificate} by {by}");
    }
}

#[test]
fn revoked_and_unknown() {
    assert_eq!(status("revoked", "revoked"), Err(Fault::Revoked));
    assert_eq!(status("unknown", "unknown"), staple(StapleFault::Unknown));
    assert_eq!(status("good", "try-later"), staple(StapleFault::NotSuccessful));
}

/// RFC 6960 §4.2.2.2.
#[test]
fn signed_by_others() {
    for by in
        ["by-no-purpose", "by-no-usage", "by-responder-of-root", "by-responder-of-namesake", "by-namesake"]
    {
        assert_eq!(status("good", by), staple(StapleFault::NotAuthentic), "{by}");
    }
}

#[test]
fn about_others() {
    // The same number of a CA of the same name, by the right signer.
    assert_eq!(status("good", "about-namesake"), staple(StapleFault::OtherCertificate));
    assert_eq!(status("must", "good"), staple(StapleFault::OtherCertificate));
    assert_eq!(status("good", "revoked"), staple(StapleFault::OtherCertificate));
    assert_eq!(status("direct", "good"), staple(StapleFault::NotAuthentic));
}

#[test]
fn out_of_time() {
    let old = status("good", "outdated");
    assert_eq!(old, staple(StapleFault::Outdated));
    // Revoked is revoked, but an old response does not say that it still is, and an attacker may
    // replay any.
    let old = status("revoked", "revoked-outdated");
    assert!(matches!(old, Err(Fault::Staple(StapleFault::Outdated))), "{old:?}");
}

#[test]
fn must_staple_without_one() {
    assert_eq!(status_at("must", None, NOW), Err(Fault::NoStaple));
    assert_eq!(status_at("good", None, NOW), Ok(()));
    // Where no issuer is known, nothing is judged.
    let chain = vector("staples/must");
    for trust in [Trust::DangerNobody, Trust::Pins(vec![])] {
        assert_eq!(trust.verify_status(&chain, None, &options(None), SHA1), Ok(()));
    }
}

#[test]
fn damage_anywhere_is_seen() {
    let good = response("good");
    for index in 0..good.len() {
        let mut damaged = good.clone();
        damaged[index] ^= 1 << (index % 8);
        assert!(status_at("good", Some(&damaged), NOW).is_err(), "byte {index}");
        assert!(status_at("good", Some(&good[..index]), NOW).is_err(), "cut to {index} bytes");
    }
    assert_eq!(status_at("good", Some(&[&good[..], &[0]].concat()), NOW), staple(StapleFault::Malformed));
}
