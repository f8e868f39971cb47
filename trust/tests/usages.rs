//! What issuers may do, and extensions that do not parse: chains of `vectors/make-usages.sh`.

mod common;

use common::*;
use handclasp_report::CertificateFault as Fault;
use handclasp_trust::{CHAIN_MAX, CHAIN_MAX_BYTES, Trust};

fn of(name: &str) -> Result<(), Fault> {
    judge(&roots(&["root-usages"]), &vector(&format!("usages-{name}")), "a.example").map(drop)
}

/// RFC 5280 §6.1.4 (n).
#[test]
fn an_issuer_has_key_cert_sign_where_it_has_a_key_usage() {
    assert_eq!(of("issuer-signs"), Ok(()));
    assert_eq!(of("issuer-unsaid"), Ok(()));
    assert_eq!(of("issuer-may-not"), Err(Fault::IssuerMayNotSign { index: 1 }));
    assert_eq!(of("second-issuer-may-not"), Err(Fault::IssuerMayNotSign { index: 2 }));
    assert_eq!(of("issuer-odd"), Err(Fault::Malformed { index: 1 }));
}

#[test]
fn a_key_usage_that_does_not_parse_is_refused_by_every_trust() {
    let pins = |chain: &[rustls_pki_types::CertificateDer<'_>]| {
        let key = judge(&Trust::DangerNobody, chain, "a.example");
        key.map(|accepted| Trust::Pins(vec![accepted.pin]))
    };
    for name in ["leaf-octets", "leaf-empty"] {
        let malformed = Some(Fault::Malformed { index: 0 });
        assert_eq!(of(name).err(), malformed, "{name}");
        assert_eq!(pins(&vector(&format!("usages-{name}"))).err(), malformed, "{name}");
    }
    assert_eq!(of("leaf-encipher"), Err(Fault::WrongUsage));
    let sound = vector("usages-issuer-signs");
    assert!(judge(&pins(&sound).unwrap(), &sound, "a.example").is_ok());
}

#[test]
fn dates_the_wrong_way_round_are_told_as_that() {
    assert_eq!(of("dates-reversed"), Err(Fault::NeverValid { index: 0 }));
    assert_eq!(of("issuer-reversed"), Err(Fault::NeverValid { index: 1 }));
}

#[test]
fn a_path_that_is_too_long_is_told_with_the_limit() {
    assert_eq!(of("between-6"), Ok(()));
    let fault = of("between-7").unwrap_err();
    assert_eq!(fault, Fault::PathTooLong { limit: 6 });
    assert!(fault.to_string().contains("at most 6"), "{fault}");
    // What the words of a spent budget say is so.
    let words = Fault::Budget.to_string();
    assert!(words.contains(&format!("at most {CHAIN_MAX} certificates and {} KiB", CHAIN_MAX_BYTES / 1024)));
}
