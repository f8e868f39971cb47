//! Handshakes of TLS 1.2 that a client refuses right after the server's Certificate: what is told
//! first, and how sure.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::super::diagnose;
use super::super::test_support::{
    alert, chain, client_hello, evidence, failures, item, message, server_hello,
};
use crate::conversation::events::{Side, Story, What};
use crate::diagnosis::cause::At;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Grade, Severity};
use crate::input::evidence::Evidence;

fn story(names: &[&str], time: u32, description: Alert) -> Story {
    super::super::test_support::story(vec![
        client_hello(time),
        server_hello(false),
        message(Side::Server, HandshakeType::certificate, &chain(names)),
        alert(Side::Client, description),
        item(Side::Client, What::Fin),
    ])
}

/// Chain, anchors, alert; what is told.
type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, Alert, Cause, Grade);

const SET: u32 = 0x8877_6655;

#[test]
fn the_deviation_that_the_alert_can_mean_comes_first() {
    let root: Option<&[&str]> = Some(&["root"]);
    let cases: [Row<'_>; 15] = [
        (&["expired"], root, Alert::certificate_expired, Cause::CertExpired, Grade::Proved),
        (&["expired"], root, Alert::bad_certificate, Cause::CertExpired, Grade::Proved),
        (&["future"], root, Alert::bad_certificate, Cause::CertNotYetValid, Grade::Proved),
        (&["good", "inter"], root, Alert::certificate_unknown, Cause::CertNameConstraint, Grade::Inferred),
        (&["nosan"], root, Alert::bad_certificate, Cause::CertNoSan, Grade::Proved),
        (&["client"], root, Alert::unsupported_certificate, Cause::CertEku, Grade::Proved),
        (&["self"], root, Alert::unknown_ca, Cause::CertSelfSigned, Grade::Proved),
        (&["self"], None, Alert::unknown_ca, Cause::CertSelfSigned, Grade::Proved),
        (&["self"], None, Alert::certificate_unknown, Cause::CertSelfSigned, Grade::Inferred),
        (&["direct"], Some(&["bpca"]), Alert::unknown_ca, Cause::CertUnknownIssuer, Grade::Proved),
        (&["direct"], None, Alert::unknown_ca, Cause::CertUnknownIssuer, Grade::Inferred),
        (&["under", "client"], root, Alert::unknown_ca, Cause::CertIssuerNotCa, Grade::Proved),
        (&["weak"], root, Alert::bad_certificate, Cause::CertKeyUsage, Grade::Proved),
        (&["small"], root, Alert::bad_certificate, Cause::CertWeakKey, Grade::Inferred),
        (&["direct"], root, Alert::certificate_revoked, Cause::CertRevoked, Grade::Observed),
    ];
    for (chain, roots, alert, cause, grade) in cases {
        let found = failures(&story(chain, SET, alert), &evidence(roots));
        let first = found.first().map(|first| (first.cause, first.grade));
        let expected = match cause {
            // Its name is not the expected one either, which an address of that list would be.
            Cause::CertNameConstraint => (Cause::CertNameMismatch, Grade::Proved),
            _ => (cause, grade),
        };
        assert_eq!(first, Some(expected), "{chain:?} {alert:?}: {found:?}");
        assert!(found.iter().all(|finding| !finding.evidence.is_empty() && !finding.fix.is_empty()));
    }
}

#[test]
fn an_alert_of_other_things_makes_no_deviation_a_failure() {
    let found = diagnose(&story(&["expired"], SET, Alert::internal_error), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert!(of_expiry.grade == Grade::Possible || of_expiry.severity == Severity::Advice, "{of_expiry:?}");
    let found = diagnose(&story(&["expired"], SET, Alert::bad_record_mac), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert_eq!(of_expiry.severity, Severity::Advice);
}

#[test]
fn the_name_of_the_hello_is_only_inferred() {
    let wanted = Evidence { name: Some("other.example".to_owned()), ..evidence(Some(&["root"])) };
    let found = failures(&story(&["direct"], SET, Alert::bad_certificate), &wanted);
    assert_eq!((found[0].cause, found[0].grade), (Cause::CertNameMismatch, Grade::Proved));
    let of_hello = Evidence { name: None, ..evidence(None) };
    let found = failures(&story(&["good", "inter"], SET, Alert::bad_certificate), &of_hello);
    assert_eq!((found[0].cause, found[0].grade), (Cause::CertNameMismatch, Grade::Inferred));
}

#[test]
fn a_clock_that_nobody_set() {
    let roots: Option<&[&str]> = Some(&["root"]);
    let found = failures(&story(&["direct"], 10, Alert::certificate_unknown), &evidence(roots));
    assert_eq!((found[0].cause, found[0].grade), (Cause::ClockWrong, Grade::Inferred));
    assert_eq!(found[0].side, At::Client);
    // Random bytes that look like no unset clock: the alert alone says that it is about time.
    let found = failures(&story(&["direct"], SET, Alert::certificate_expired), &evidence(roots));
    assert_eq!((found[0].cause, found[0].grade), (Cause::ClockWrong, Grade::Inferred));
    let found = failures(&story(&["direct"], SET, Alert::certificate_unknown), &evidence(roots));
    assert!(found.iter().all(|finding| finding.cause != Cause::ClockWrong), "{found:?}");
}

#[test]
fn pins_that_do_not_match() {
    for (shown, cause) in [("renewed", Cause::PinRenewedSameKey), ("changed", Cause::PinChangedKey)] {
        let found = failures(&story(&[shown], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
        assert_eq!((found[0].cause, found[0].grade), (cause, Grade::Proved), "{shown}: {found:?}");
        assert_eq!((found[1].cause, found[1].grade), (Cause::CertSelfSigned, Grade::Inferred));
    }
    let found = failures(&story(&["self"], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
    let pins = [Cause::PinChangedKey, Cause::PinRenewedSameKey];
    assert!(found.iter().all(|finding| !pins.contains(&finding.cause)), "{found:?}");
}

#[test]
fn a_chain_that_is_good_is_not_blamed() {
    let found = failures(&story(&["direct"], SET, Alert::bad_certificate), &evidence(Some(&["root"])));
    assert!(found.iter().all(|finding| finding.grade >= Grade::Inferred), "{found:?}");
}
