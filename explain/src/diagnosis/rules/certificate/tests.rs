//! Handshakes of TLS 1.2 that a client refuses right after the server's Certificate: what is told
//! first, and how sure.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::super::diagnose;
use super::super::test_support::{
    alert, chain, client_hello, evidence, failures, item, message, server_hello,
};
use crate::conversation::{Conversation, EventKind, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::{Confidence, Severity};
use crate::input::evidence::Evidence;

fn conversation(names: &[&str], time: u32, description: Alert) -> Conversation {
    super::super::test_support::conversation(vec![
        client_hello(time),
        server_hello(false),
        message(Side::Server, HandshakeType::certificate, &chain(names)),
        alert(Side::Client, description),
        item(Side::Client, EventKind::Fin),
    ])
}

/// Chain, anchors, alert; what is told.
type Row<'a> = (&'a [&'a str], Option<&'a [&'a str]>, Alert, Cause, Confidence);

const SET: u32 = 0x8877_6655;

#[test]
fn the_deviation_that_the_alert_can_mean_comes_first() {
    let root: Option<&[&str]> = Some(&["root"]);
    let cases: [Row<'_>; 15] = [
        (&["expired"], root, Alert::certificate_expired, Cause::CertExpired, Confidence::Proved),
        (&["expired"], root, Alert::bad_certificate, Cause::CertExpired, Confidence::Proved),
        (&["future"], root, Alert::bad_certificate, Cause::CertNotYetValid, Confidence::Proved),
        (
            &["good", "inter"],
            root,
            Alert::certificate_unknown,
            Cause::CertNameConstraint,
            Confidence::Inferred,
        ),
        (&["nosan"], root, Alert::bad_certificate, Cause::CertNoSan, Confidence::Proved),
        (&["client"], root, Alert::unsupported_certificate, Cause::CertEku, Confidence::Proved),
        (&["self"], root, Alert::unknown_ca, Cause::CertSelfSigned, Confidence::Proved),
        (&["self"], None, Alert::unknown_ca, Cause::CertSelfSigned, Confidence::Proved),
        (&["self"], None, Alert::certificate_unknown, Cause::CertSelfSigned, Confidence::Inferred),
        (&["direct"], Some(&["bpca"]), Alert::unknown_ca, Cause::CertUnknownIssuer, Confidence::Proved),
        (&["direct"], None, Alert::unknown_ca, Cause::CertUnknownIssuer, Confidence::Inferred),
        (&["under", "client"], root, Alert::unknown_ca, Cause::CertIssuerNotCa, Confidence::Proved),
        (&["weak"], root, Alert::bad_certificate, Cause::CertKeyUsage, Confidence::Proved),
        (&["small"], root, Alert::bad_certificate, Cause::CertWeakKey, Confidence::Inferred),
        (&["direct"], root, Alert::certificate_revoked, Cause::CertRevoked, Confidence::Observed),
    ];
    for (chain, roots, alert, cause, confidence) in cases {
        let found = failures(&conversation(chain, SET, alert), &evidence(roots));
        let first = found.first().map(|first| (first.cause, first.confidence));
        let expected = match cause {
            // Its name is not the expected one either, which an address of that list would be.
            Cause::CertNameConstraint => (Cause::CertNameMismatch, Confidence::Proved),
            _ => (cause, confidence),
        };
        assert_eq!(first, Some(expected), "{chain:?} {alert:?}: {found:?}");
        assert!(found.iter().all(|finding| !finding.evidence.is_empty() && !finding.fix.is_empty()));
    }
}

#[test]
fn an_alert_of_other_things_makes_no_deviation_a_failure() {
    let found = diagnose(&conversation(&["expired"], SET, Alert::internal_error), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert!(
        of_expiry.confidence == Confidence::Possible || of_expiry.severity == Severity::Advice,
        "{of_expiry:?}"
    );
    let found = diagnose(&conversation(&["expired"], SET, Alert::bad_record_mac), &evidence(None));
    let of_expiry = found.iter().find(|finding| finding.cause == Cause::CertExpired).unwrap();
    assert_eq!(of_expiry.severity, Severity::Advice);
}

#[test]
fn the_name_of_the_hello_is_only_inferred() {
    let wanted = Evidence { name: Some("other.example".to_owned()), ..evidence(Some(&["root"])) };
    let found = failures(&conversation(&["direct"], SET, Alert::bad_certificate), &wanted);
    assert_eq!((found[0].cause, found[0].confidence), (Cause::CertNameMismatch, Confidence::Proved));
    let of_hello = Evidence { name: None, ..evidence(None) };
    let found = failures(&conversation(&["good", "inter"], SET, Alert::bad_certificate), &of_hello);
    assert_eq!((found[0].cause, found[0].confidence), (Cause::CertNameMismatch, Confidence::Inferred));
}

#[test]
fn a_clock_that_nobody_set() {
    let roots: Option<&[&str]> = Some(&["root"]);
    let found = failures(&conversation(&["direct"], 10, Alert::certificate_unknown), &evidence(roots));
    assert_eq!((found[0].cause, found[0].confidence), (Cause::ClockWrong, Confidence::Inferred));
    assert_eq!(found[0].side, Party::Client);
    // Random bytes that look like no unset clock: the alert alone says that it is about time.
    let found = failures(&conversation(&["direct"], SET, Alert::certificate_expired), &evidence(roots));
    assert_eq!((found[0].cause, found[0].confidence), (Cause::ClockWrong, Confidence::Inferred));
    let found = failures(&conversation(&["direct"], SET, Alert::certificate_unknown), &evidence(roots));
    assert!(found.iter().all(|finding| finding.cause != Cause::ClockWrong), "{found:?}");
}

#[test]
fn pins_that_do_not_match() {
    for (shown, cause) in [("renewed", Cause::PinRenewedSameKey), ("changed", Cause::PinChangedKey)] {
        let found = failures(&conversation(&[shown], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
        assert_eq!((found[0].cause, found[0].confidence), (cause, Confidence::Proved), "{shown}: {found:?}");
        assert_eq!((found[1].cause, found[1].confidence), (Cause::CertSelfSigned, Confidence::Possible));
    }
    let found = failures(&conversation(&["self"], SET, Alert::unknown_ca), &evidence(Some(&["self"])));
    let pins = [Cause::PinChangedKey, Cause::PinRenewedSameKey];
    assert!(found.iter().all(|finding| !pins.contains(&finding.cause)), "{found:?}");
}

#[test]
fn a_chain_that_is_good_is_not_blamed() {
    let found = failures(&conversation(&["direct"], SET, Alert::bad_certificate), &evidence(Some(&["root"])));
    assert!(found.iter().all(|finding| finding.confidence >= Confidence::Inferred), "{found:?}");
}

#[test]
fn a_root_that_expired_in_the_client_is_not_a_clock() {
    let sent = &["crossed", "r3", "cross"];
    for (roots, alert, confidence) in [
        // The store has the old root only.
        (Some(&["oldroot"][..]), Alert::certificate_expired, Confidence::Proved),
        // It has both, and the client follows the chain as it was sent.
        (Some(&["newroot", "oldroot"]), Alert::certificate_expired, Confidence::Inferred),
        (None, Alert::certificate_expired, Confidence::Inferred),
    ] {
        let found = failures(&conversation(sent, SET, alert), &evidence(roots));
        assert_eq!((found[0].cause, found[0].confidence), (Cause::CertRootExpired, confidence), "{found:?}");
        assert_eq!(found[0].side, Party::Client);
        assert!(found[1..].iter().all(|finding| finding.confidence == Confidence::Possible), "{found:?}");
        assert!(found.iter().all(|finding| finding.cause != Cause::CertExpired), "{found:?}");
    }
    // The server sends the expired root along.
    let sent = &["crossed", "r3", "cross", "oldroot"];
    let found = failures(&conversation(sent, SET, Alert::certificate_expired), &evidence(None));
    assert_eq!((found[0].cause, found[0].side), (Cause::CertRootExpired, Party::Client), "{found:?}");
    let good = failures(&conversation(sent, SET, Alert::bad_certificate), &evidence(Some(&["newroot"])));
    assert!(good.iter().all(|finding| finding.confidence == Confidence::Possible), "{good:?}");
    // Nothing was cross-signed: the clock, or a root that does not show.
    let found = failures(&conversation(&["crossed"], SET, Alert::certificate_expired), &evidence(None));
    assert_eq!(found[0].cause, Cause::ClockWrong, "{found:?}");
    assert!(found[0].summary.ends_with("or a root in the client's store has expired."));
}

#[test]
fn a_leaf_alone_below_an_intermediate_lacks_that_one() {
    for (leaf, roots, confidence) in [
        ("crossed", Some(&["newroot"][..]), Confidence::Inferred),
        ("fetched", Some(&["newroot"]), Confidence::Inferred),
        ("crossed", None, Confidence::Possible),
    ] {
        let found = failures(&conversation(&[leaf], SET, Alert::unknown_ca), &evidence(roots));
        let first = (found[0].cause, found[0].confidence);
        assert_eq!(first, (Cause::CertMissingIntermediate, confidence), "{leaf}: {found:?}");
        assert_eq!(found[0].side, Party::Server);
    }
    let found = failures(&conversation(&["direct"], SET, Alert::unknown_ca), &evidence(Some(&["bpca"])));
    assert_eq!(found[0].cause, Cause::CertUnknownIssuer);
}
