//! HelloRetryRequest: RFC 8446 §4.1.4.

use handclasp_codec::{CipherSuite, ClientHello, ExtensionType as X, Field, NamedGroup, ProtocolVersion};
use handclasp_handshake::Config;
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Choice, Fault, Tag};
use handclasp_schedule::{BinderKind, EarlySecret};

use crate::{
    fake::{ServerHello, vector16},
    fake13::{Fake13, decode},
    setup::{NO_PSK, SHARED, Tested, WITH_PSK, config, messages, shape, start},
};

#[track_caller]
fn retry_refused(group: Option<NamedGroup>, edit: impl FnOnce(&mut ServerHello), fault: Fault) {
    let (mut tested, hello) = start(config(), NO_PSK);
    let bytes = Fake13::new(&hello).retry(group, edit);
    tested.refuses(&bytes, fault);
}

const P256: Option<NamedGroup> = Some(NamedGroup::secp256r1);

#[test]
fn the_second_hello_is_the_first_with_what_was_asked() {
    let (mut tested, first) = start(Config { shares: 2, ..config() }, NO_PSK);
    let mut server = Fake13::new(&first);
    let retry = server.retry(Some(NamedGroup::secp384r1), |retry| retry.set(X::cookie, vector16(b"crumbs")));
    let did = tested.message(&retry).unwrap();
    assert_eq!(shape(&did), "change_cipher_spec client_hello");
    let second = messages(&did).remove(0);
    let (one, two): (ClientHello<'_>, ClientHello<'_>) = (decode(&first), decode(&second));
    assert_eq!((one.random, one.legacy_session_id), (two.random, two.legacy_session_id));
    assert_eq!(one.cipher_suites.wire_bytes(), two.cipher_suites.wire_bytes());
    assert_eq!(two.extensions.cookie.as_ref().unwrap().cookie, b"crumbs");
    let shares: Vec<NamedGroup> =
        two.extensions.key_share.as_ref().unwrap().client_shares.iter().map(|share| share.group).collect();
    assert_eq!(shares, [NamedGroup::secp384r1]);
    let types = |hello: &ClientHello<'_>| -> Vec<X> {
        hello.extensions.types().filter(|number| *number != X::cookie).collect()
    };
    assert_eq!(types(&one), types(&two));
    assert_eq!(tested.client.version(), Some(ProtocolVersion::TLS_1_3));
    let noted = tested.report.items().find(|item| item.tag == Tag::HelloRetry).unwrap();
    assert_eq!(noted.bytes, NamedGroup::secp384r1.0.to_be_bytes());

    // And it goes on, with no second change_cipher_spec.
    server.second_hello(&second);
    server.group = aws::SECP384R1;
    assert_eq!(shape(&tested.message(&server.server_hello()).unwrap()), "log log read write");
    assert!(tested.message(&server.encrypted_extensions(vec![])).unwrap().is_empty());
}

#[test]
fn a_cookie_alone_keeps_the_shares() {
    let (mut tested, first) = start(config(), NO_PSK);
    let mut server = Fake13::new(&first);
    let did = tested.message(&server.retry(None, |retry| retry.set(X::cookie, vector16(b"c")))).unwrap();
    let second = messages(&did).remove(0);
    let share = |hello: &[u8]| {
        let hello: ClientHello<'_> = decode(hello);
        hello.extensions.key_share.unwrap().client_shares.wire_bytes().unwrap().to_vec()
    };
    assert_eq!(share(&first), share(&second));
    server.second_hello(&second);
    tested.message(&server.server_hello()).unwrap();
}

#[test]
fn the_binder_is_made_anew() {
    let (mut tested, first) = start(config(), WITH_PSK);
    let mut server = Fake13 { psk: Some(SHARED.to_vec()), ..Fake13::new(&first) };
    let did = tested.message(&server.retry(P256, |_| ())).unwrap();
    let second = messages(&did).remove(0);
    let hello: ClientHello<'_> = decode(&second);
    let psks = hello.extensions.pre_shared_key.unwrap();
    let truncated = &second[..second.len() - psks.binders_wire_len()];
    // Over message_hash, HelloRetryRequest and the truncated second hello.
    let hash = server.transcript.hash_with(aws::SHA256, truncated);
    let expected = EarlySecret::new(aws::SHA256, Some(SHARED)).binder(BinderKind::External, &hash);
    assert_eq!(psks.binders.iter().next().unwrap().0, &*expected);
    // Now with the key.
    server.second_hello(&second);
    server.group = aws::SECP256R1;
    tested.message(&server.server_hello()).unwrap();
    tested.message(&server.encrypted_extensions(vec![])).unwrap();
    let did = tested.message(&server.finished()).unwrap();
    server.check_finished(&messages(&did)[0]);
    assert!(tested.client.is_connected());
}

#[test]
fn requests_that_make_no_sense() {
    let not_offered = |choice, found| Fault::NotOffered { choice, found };
    // A group that is not ours; one that has its share already.
    retry_refused(Some(NamedGroup::x448), |_| (), not_offered(Choice::Group, NamedGroup::x448.0));
    retry_refused(Some(NamedGroup::x25519), |_| (), Fault::IllegalParameter(Field::selected_group));
    // Nothing to change.
    retry_refused(None, |_| (), Fault::IllegalParameter(Field::hello_retry_request));
    // As in any ServerHello.
    retry_refused(P256, |retry| retry.session_id.clear(), Fault::SessionIdNotEchoed);
    retry_refused(P256, |retry| retry.compression = 1, not_offered(Choice::Compression, 1));
    let suite = CipherSuite::TLS_AES_128_CCM_SHA256;
    retry_refused(P256, |retry| retry.suite = suite, not_offered(Choice::Suite, suite.0));
    let fault = Fault::MissingExtension(X::supported_versions);
    retry_refused(P256, |retry| retry.remove(X::supported_versions), fault);
    retry_refused(
        P256,
        |retry| retry.set(X::supported_versions, vec![3, 3]),
        not_offered(Choice::Version, 0x303),
    );
    let fault = Fault::IllegalParameter(Field::legacy_version);
    retry_refused(P256, |retry| retry.legacy_version = ProtocolVersion::TLS_1_3, fault);
    // What may not stand in it.
    let fault = Fault::MisplacedExtension(X::server_name);
    retry_refused(P256, |retry| retry.set(X::server_name, vec![]), fault);
    let fault = Fault::UnsolicitedExtension(X::pre_shared_key);
    retry_refused(P256, |retry| retry.set(X::pre_shared_key, vec![0, 0]), fault);
}

/// A client that has sent its second hello.
fn retried() -> (Tested, Fake13) {
    let (mut tested, first) = start(config(), NO_PSK);
    let mut server = Fake13::new(&first);
    let did = tested.message(&server.retry(P256, |_| ())).unwrap();
    server.second_hello(&messages(&did)[0]);
    server.group = aws::SECP256R1;
    (tested, server)
}

#[test]
fn what_a_retry_settles() {
    let (mut tested, mut server) = retried();
    let again = server.retry(Some(NamedGroup::secp384r1), |_| ());
    tested.refuses(&again, Fault::UselessRetry);

    let refused = |edit: fn(&mut ServerHello), fault| {
        let (mut tested, mut server) = retried();
        let bytes = server.edited_server_hello(edit);
        tested.refuses(&bytes, fault);
    };
    refused(
        |hello| hello.suite = CipherSuite::TLS_AES_256_GCM_SHA384,
        Fault::RetryMismatch(Field::cipher_suite),
    );
    refused(|hello| hello.remove(X::supported_versions), Fault::RetryMismatch(Field::selected_version));
    refused(
        |hello| hello.set(X::supported_versions, vec![3, 3]),
        Fault::RetryMismatch(Field::selected_version),
    );
    refused(|hello| hello.session_id.clear(), Fault::SessionIdNotEchoed);
    // The share of the first hello is gone.
    let (mut tested, server) = retried();
    let mut server = Fake13 { group: aws::X25519, ..server };
    let found = NamedGroup::x25519.0;
    tested.refuses(&server.server_hello(), Fault::NotOffered { choice: Choice::Group, found });
}
