//! The ServerHello decides the version: RFC 8446 §4.1.3, §4.2.1, App. D.1.

use handclasp_codec::{
    AlertDescription, DOWNGRADE_TLS11, DOWNGRADE_TLS12, ExtensionType as X, NamedGroup, ProtocolVersion as V,
};
use handclasp_handshake::{ClientVersion, Config, Versions};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Choice, Event, Fault, Misuse};

use crate::{
    fake12::Fake12,
    fake13::Fake13,
    setup::{NO_PSK, config, messages, only12, only13, start, try_start},
};

fn not_offered(version: V) -> Fault {
    Fault::NotOffered { choice: Choice::Version, found: version.0 }
}

/// A random with this end.
fn random(end: [u8; 8]) -> [u8; 32] {
    let mut random = [1; 32];
    random[24..].copy_from_slice(&end);
    random
}

#[test]
fn chosen_and_told() {
    let (mut tested, hello) = start(config(), NO_PSK);
    assert_eq!(tested.client.version(), None);
    tested.message(&Fake13::new(&hello).server_hello()).unwrap();
    assert_eq!(tested.client.version(), Some(V::TLS_1_3));

    let (mut tested, hello) = start(config(), NO_PSK);
    tested.message(&Fake12::new(&hello).server_hello()).unwrap();
    assert_eq!(tested.client.version(), Some(V::TLS_1_2));
}

#[test]
fn a_version_that_was_not_offered() {
    for version in [V::TLS_1_2, V::SSL_3_0, V(0x0305), V(0x7f1c)] {
        let (mut tested, hello) = start(config(), NO_PSK);
        let select = version.0.to_be_bytes().to_vec();
        let bytes = Fake13::new(&hello).edited_server_hello(|hello| hello.set(X::supported_versions, select));
        tested.refuses(&bytes, not_offered(version));
    }
    // TLS 1.3 in the wrong place.
    let (mut tested, hello) = start(config(), NO_PSK);
    let bytes = Fake12::new(&hello).edited_server_hello(|hello| hello.legacy_version = V::TLS_1_3);
    tested.refuses(&bytes, not_offered(V::TLS_1_3));
    // To a client of TLS 1.2.
    let (mut tested, hello) = start(only12(), NO_PSK);
    let bytes = Fake12::new(&hello).edited_server_hello(|hello| hello.set(X::supported_versions, vec![3, 4]));
    tested.refuses(&bytes, Fault::UnsolicitedExtension(X::supported_versions));
    let (mut tested, hello) = start(only12(), NO_PSK);
    let bytes = Fake13::new(&hello).retry(Some(NamedGroup::secp256r1), |_| ());
    tested.refuses(&bytes, not_offered(V::TLS_1_3));
}

#[test]
fn suites_of_a_version_that_is_not_listed() {
    let refused = Some(Fault::Misuse(Misuse::VersionNotListed));
    let lists: [&'static [ClientVersion]; 3] = [&[], &[ClientVersion::TLS12], &[ClientVersion::TLS13]];
    for versions in lists {
        let versions = Versions::client(versions);
        assert_eq!(try_start(Config { versions, ..config() }, NO_PSK, &mut aws::SystemRandom).err(), refused);
    }
    // A version without a suite is listed for nothing, and nothing is wrong with that.
    let (mut tested, hello) = start(Config { versions: Versions::ALL, ..only12() }, NO_PSK);
    let bytes = Fake13::new(&hello).retry(Some(NamedGroup::secp256r1), |_| ());
    tested.refuses(&bytes, not_offered(V::TLS_1_3));
}

#[test]
fn versions_too_old() {
    for version in [V::TLS_1_1, V::TLS_1_0, V::SSL_3_0, V(0)] {
        for config in [config(), only12(), only13()] {
            let (mut tested, hello) = start(config, NO_PSK);
            let bytes = Fake12::new(&hello).edited_server_hello(|hello| hello.legacy_version = version);
            tested.refuses(&bytes, Fault::NoCommonVersion { peer: version });
        }
    }
    let (mut tested, hello) = start(only13(), NO_PSK);
    tested.refuses(&Fake12::new(&hello).server_hello(), Fault::NoCommonVersion { peer: V::TLS_1_2 });
}

#[test]
fn ssl_in_legacy_version_ends_it() {
    for peer in [V::SSL_3_0, V(0x02ff), V::SSL_2_0, V(0)] {
        let fault = Fault::NoCommonVersion { peer };
        assert_eq!(fault.alert(), Some(AlertDescription::protocol_version));
        let (mut tested, hello) = start(config(), NO_PSK);
        let bytes = Fake13::new(&hello).edited_server_hello(|hello| hello.legacy_version = peer);
        tested.refuses(&bytes, fault);
        let (mut tested, hello) = start(config(), NO_PSK);
        let bytes = Fake12::new(&hello).edited_server_hello(|hello| {
            hello.legacy_version = peer;
            hello.random = random(DOWNGRADE_TLS12);
        });
        tested.refuses(&bytes, fault);
        // A HelloRetryRequest, and a ServerHello behind one.
        let (mut tested, hello) = start(config(), NO_PSK);
        let asked = Some(NamedGroup::secp256r1);
        let bytes = Fake13::new(&hello).retry(asked, |hello| hello.legacy_version = peer);
        tested.refuses(&bytes, fault);
        let (mut tested, hello) = start(config(), NO_PSK);
        let mut server = Fake13::new(&hello);
        let retry = server.retry(Some(NamedGroup::secp256r1), |_| ());
        let did = tested.message(&retry).unwrap();
        server.second_hello(&messages(&did).remove(0));
        server.group = aws::SECP256R1;
        tested.refuses(&server.edited_server_hello(|hello| hello.legacy_version = peer), fault);
    }
}

#[test]
fn downgrades() {
    for sentinel in [DOWNGRADE_TLS11, DOWNGRADE_TLS12] {
        for chosen in [V::TLS_1_2, V::TLS_1_1, V::TLS_1_0] {
            let (mut tested, hello) = start(config(), NO_PSK);
            let bytes = Fake12::new(&hello).edited_server_hello(|hello| {
                hello.legacy_version = chosen;
                hello.random = random(sentinel);
            });
            tested.refuses(&bytes, Fault::Downgrade { chosen });
        }
        // Who never offered TLS 1.3 has nothing to miss.
        let (mut tested, hello) = start(only12(), NO_PSK);
        let bytes = Fake12::new(&hello).edited_server_hello(|hello| hello.random = random(sentinel));
        assert!(tested.message(&bytes).is_ok());
    }
    // In TLS 1.3 the bytes mean nothing.
    let (mut tested, hello) = start(config(), NO_PSK);
    let bytes = Fake13::new(&hello).edited_server_hello(|hello| hello.random = random(DOWNGRADE_TLS12));
    assert!(tested.message(&bytes).is_ok());
}

#[test]
fn change_cipher_spec_before_the_server_hello() {
    use handclasp_handshake::Input::ChangeCipherSpec;
    let (mut tested, hello) = start(config(), NO_PSK);
    assert!(tested.input(ChangeCipherSpec).unwrap().is_empty());
    tested.message(&Fake13::new(&hello).server_hello()).unwrap();

    let (mut tested, _) = start(only12(), NO_PSK);
    let expected = Event::Message(handclasp_codec::HandshakeType::server_hello);
    let fault = Fault::Unexpected { expected, found: Event::ChangeCipherSpec };
    assert_eq!(tested.input(ChangeCipherSpec).err(), Some(fault));
}
