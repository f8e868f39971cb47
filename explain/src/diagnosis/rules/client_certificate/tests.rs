//! Client certificates that a server asks for and does not get, or does not take.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::super::test_support::*;
use crate::conversation::{Conversation, Event, EventKind, Side};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::finding::Confidence;

const ALL: &[u8] = &[2, 1, 64, 0, 8, 4, 3, 4, 1, 8, 4, 2, 3, 0, 0];
const RSA_ONLY: &[u8] = &[1, 1, 0, 2, 4, 1, 0, 0];

/// A CertificateVerify of that scheme with a signature that is none.
fn verify(scheme: u16) -> Event {
    let signature = [0x30, 6, 2, 1, 5, 2, 1, 7];
    let body = [&scheme.to_be_bytes()[..], &[0, 8], &signature].concat();
    message(Side::Client, HandshakeType::certificate_verify, &body)
}

/// The server asks so, the client answers with that chain, and the server refuses.
fn refused(request: &[u8], names: &[&str], more: Vec<Event>, description: Alert) -> Conversation {
    let mut items = vec![
        client_hello(0x8877_6655),
        server_hello(false),
        message(Side::Server, HandshakeType::certificate, &chain(&["direct"])),
        message(Side::Server, HandshakeType::certificate_request, request),
        message(Side::Server, HandshakeType::server_hello_done, &[]),
        message(Side::Client, HandshakeType::certificate, &chain(names)),
    ];
    items.extend(more);
    items.extend([item(Side::Client, EventKind::ChangeCipherSpec), sealed(Side::Client, 40)]);
    items.extend([alert(Side::Server, description), item(Side::Server, EventKind::Fin)]);
    conversation(items)
}

fn first(conversation: &Conversation) -> Option<(Cause, Confidence)> {
    let found = failures(conversation, &evidence(Some(&["root"])));
    let about = found.iter().find(|finding| finding.cause.family() == CauseFamily::ClientCertificate);
    about.map(|finding| (finding.cause, finding.confidence))
}

#[test]
fn none_is_shown() {
    let conversation = refused(ALL, &[], Vec::new(), Alert::handshake_failure);
    assert_eq!(first(&conversation), Some((Cause::ClientCertMissing, Confidence::Observed)));
    let conversation = refused(RSA_ONLY, &[], Vec::new(), Alert::handshake_failure);
    assert_eq!(first(&conversation).map(|found| found.0), Some(Cause::ClientCertNoUsableScheme));
    // That alert is about the record behind it.
    assert_eq!(first(&refused(ALL, &[], Vec::new(), Alert::bad_record_mac)), None);
}

#[test]
fn a_list_of_authorities_makes_withholding_possible() {
    let listed = [&ALL[..13], &[0, 4, 0, 2, 0x30, 0]].concat();
    let conversation = refused(&listed, &[], Vec::new(), Alert::handshake_failure);
    let found = failures(&conversation, &evidence(None));
    let confidence =
        |cause| found.iter().find(|finding| finding.cause == cause).map(|finding| finding.confidence);
    assert_eq!(confidence(Cause::ClientCertMissing), Some(Confidence::Observed));
    assert_eq!(confidence(Cause::ClientCertFiltered), Some(Confidence::Possible));
}

#[test]
fn a_signature_that_is_not_of_its_key() {
    for (scheme, expected) in [
        (0x0401, Cause::ClientCertSchemeKeyMismatch),
        (0x0804, Cause::ClientCertSchemeKeyMismatch),
        (0x0403, Cause::ClientCertSignatureInvalid),
        (0x0203, Cause::ClientCertSignatureInvalid),
        (0x0603, Cause::ClientCertSchemeNotOffered),
    ] {
        let conversation = refused(ALL, &["client"], vec![verify(scheme)], Alert::handshake_failure);
        assert_eq!(first(&conversation), Some((expected, Confidence::Proved)), "{scheme:04x}");
    }
}

#[test]
fn a_chain_that_the_server_does_not_take() {
    for (names, alert, expected) in [
        (&["expired"][..], Alert::certificate_expired, Cause::ClientCertExpired),
        (&["future"], Alert::bad_certificate, Cause::ClientCertNotYetValid),
        (&["direct"], Alert::unsupported_certificate, Cause::ClientCertEku),
        (&["self"], Alert::unknown_ca, Cause::ClientCertUnknownIssuer),
        (&["bpleaf"], Alert::unknown_ca, Cause::ClientCertUnknownIssuer),
    ] {
        let conversation = refused(ALL, names, Vec::new(), alert);
        assert_eq!(first(&conversation), Some((expected, Confidence::Proved)), "{names:?}");
    }
}

/// TLS 1.3 without keys: the sizes of the client's protected records, and the server's answer.
fn unread(client: &[u16], server: &[u16]) -> Conversation {
    let mut items = vec![client_hello(0x8877_6655), server_hello(true), sealed(Side::Server, 900)];
    items.extend(client.iter().map(|length| sealed(Side::Client, *length)));
    items.extend(server.iter().map(|length| sealed(Side::Server, *length)));
    items.push(item(Side::Server, EventKind::Fin));
    conversation(items)
}

#[test]
fn sizes_tell_an_empty_certificate() {
    let missing = Some((Cause::ClientCertMissing, Confidence::Inferred));
    assert_eq!(first(&unread(&[25, 53], &[19])), missing);
    assert_eq!(first(&unread(&[61], &[19])), missing, "with Finished in one record");
    let refused = Some((Cause::ClientCertUnknownIssuer, Confidence::Possible));
    assert_eq!(first(&unread(&[600, 100, 53], &[19])), refused);
    assert_eq!(first(&unread(&[53], &[19])), None, "a client that was not asked");
    assert_eq!(first(&unread(&[25, 53], &[250, 250])), None, "tickets: it was taken");
}

#[test]
fn sizes_tell_nothing_where_the_capture_has_a_hole() {
    let mut conversation = unread(&[600, 100, 53], &[19]);
    assert!(first(&conversation).is_some());
    conversation.events.insert(6, item(Side::Server, EventKind::Gap(500)));
    assert_eq!(first(&conversation), None);
}
