//! Deciding the version, and what a report tells of a hello.

use handclasp_codec::{AlertDescription, CipherSuite, Field, NamedGroup, ProtocolVersion};
use handclasp_report::{Fault, Misuse, Report, Side, Tag};

use super::{
    harness::{Harness, config, config_with, unexpected},
    offer::Offer,
    peer13::Peer13,
};
use handclasp_handshake::{Actions, Config, Context, Handshake, ServerVersion, Versions};

const ONLY_13: &[CipherSuite] = &[CipherSuite::TLS_AES_128_GCM_SHA256];
const ONLY_12: &[CipherSuite] = &[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

/// What a server makes of an offer with one X25519 share.
fn offered(config: Config, offer: Offer) -> Result<ProtocolVersion, Fault> {
    let mut harness = Harness::new(config);
    let message = match offer.versions.is_some() {
        true => Peer13::new(offer, NamedGroup::x25519).hello(),
        false => offer.encode_with(&[]),
    };
    harness.message(&message)?;
    Ok(harness.server.version().unwrap())
}

#[test]
fn the_newest_in_common() {
    assert_eq!(offered(config(), Offer::new()), Ok(ProtocolVersion::TLS_1_3));
    assert_eq!(offered(config(), Offer::tls12()), Ok(ProtocolVersion::TLS_1_2));
    assert_eq!(offered(config_with(ONLY_12), Offer::new()), Ok(ProtocolVersion::TLS_1_2));
    // The client's order says nothing, and legacy_version nothing where the extension stands.
    let versions = Some(vec![ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3]);
    let offer = Offer { versions, legacy_version: ProtocolVersion::TLS_1_0, ..Offer::new() };
    assert_eq!(offered(config(), offer), Ok(ProtocolVersion::TLS_1_3));
    let offer = Offer { legacy_version: ProtocolVersion(0x0305), ..Offer::tls12() };
    assert_eq!(offered(config(), offer), Ok(ProtocolVersion::TLS_1_2));
}

#[test]
fn nothing_in_common() {
    let refused = |config, offer, peer| {
        assert_eq!(offered(config, offer), Err(Fault::NoCommonVersion { peer }));
    };
    refused(config_with(ONLY_13), Offer::tls12(), ProtocolVersion::TLS_1_2);
    let offer = Offer { legacy_version: ProtocolVersion::TLS_1_1, ..Offer::tls12() };
    refused(config(), offer.clone(), ProtocolVersion::TLS_1_1);
    refused(config_with(ONLY_13), offer, ProtocolVersion::TLS_1_1);
    let versions = Some(vec![ProtocolVersion(0x8a8a), ProtocolVersion::TLS_1_0, ProtocolVersion::TLS_1_1]);
    refused(config(), Offer { versions, ..Offer::new() }, ProtocolVersion::TLS_1_1);
    let versions = Some(vec![ProtocolVersion::TLS_1_3]);
    refused(config_with(ONLY_12), Offer { versions, ..Offer::new() }, ProtocolVersion::TLS_1_3);
}

#[test]
fn ssl_in_legacy_version_ends_it() {
    for number in [0x0300, 0x02ff, 0x0200, 0x0002, 0] {
        let peer = ProtocolVersion(number);
        for offer in [Offer::new(), Offer::tls12()] {
            let fault = offered(config(), Offer { legacy_version: peer, ..offer }).unwrap_err();
            assert_eq!(fault, Fault::NoCommonVersion { peer });
            assert_eq!(fault.alert(), Some(AlertDescription::protocol_version));
        }
    }
}

#[test]
fn fallback() {
    let scsv = |offer: Offer| {
        let mut suites = offer.suites.clone();
        suites.push(CipherSuite::TLS_FALLBACK_SCSV);
        Offer { suites, ..offer }
    };
    let ours = ProtocolVersion::TLS_1_3;
    assert_eq!(offered(config(), scsv(Offer::tls12())), Err(Fault::InappropriateFallback { ours }));
    assert_eq!(offered(config_with(ONLY_12), scsv(Offer::tls12())), Ok(ProtocolVersion::TLS_1_2));
    assert_eq!(offered(config(), scsv(Offer::new())), Ok(ProtocolVersion::TLS_1_3));
    // Also below what we speak at all.
    let old = Offer { legacy_version: ProtocolVersion::TLS_1_1, ..Offer::tls12() };
    assert_eq!(offered(config(), scsv(old)), Err(Fault::InappropriateFallback { ours }));
}

#[test]
fn two_host_names() {
    let names: Vec<&'static [u8]> = vec![b"one.example", b"two.example"];
    for offer in [Offer::new(), Offer::tls12()] {
        let offer = Offer { names: names.clone(), ..offer };
        assert_eq!(offered(config(), offer), Err(Fault::IllegalParameter(Field::server_name_list)));
    }
}

#[test]
fn a_hello_cut_at_every_byte() {
    for offer in [Offer::new().psk(handclasp_provider_aws_lc::SHA256), Offer::tls12()] {
        let whole = Peer13::new(offer, NamedGroup::x25519).hello();
        for length in 4..whole.len() {
            let fault = Harness::new(config()).message(&whole[..length]);
            // A hello of TLS 1.2 may end before its extensions.
            let plain = matches!(fault, Err(Fault::NoExtendedMasterSecret | Fault::NoCommonScheme));
            let decode = matches!(fault, Err(Fault::Decode { within: Field::client_hello, .. }));
            assert!(decode || plain, "{length}: {fault:?}");
        }
    }
}

#[test]
fn the_report_holds_both_offers() {
    let config = config_with(&[CipherSuite::TLS_AES_256_GCM_SHA384, ONLY_12[0]]);
    let mut harness = Harness::new(Config { alpn: vec![b"h2".to_vec(), b"mqtt".to_vec()], ..config });
    let offer = Offer {
        suites: ONLY_13.to_vec(),
        groups: Some(vec![NamedGroup::x25519]),
        alpn: Some(vec![b"h2"]),
        ..Offer::new()
    };
    assert_eq!(harness.message(&Peer13::new(offer, NamedGroup::x25519).hello()), Err(Fault::NoCommonSuite));
    let noted = |from, tag| harness.noted(from, tag).unwrap();
    assert_eq!(noted(Side::Client, Tag::Suites), [0x13, 0x01]);
    assert_eq!(noted(Side::Server, Tag::Suites), [0x13, 0x02, 0xc0, 0x2b]);
    assert_eq!(noted(Side::Client, Tag::Versions), [0x3a, 0x3a, 3, 4, 3, 3]);
    assert_eq!(noted(Side::Server, Tag::Versions), [3, 4, 3, 3]);
    assert_eq!(noted(Side::Client, Tag::Groups), [0, 0x1d]);
    assert_eq!(noted(Side::Client, Tag::KeyShares), [0, 0x1d]);
    assert_eq!(noted(Side::Server, Tag::Groups), [0, 0x1d, 0, 0x17, 0, 0x18, 0, 0x19]);
    assert_eq!(noted(Side::Client, Tag::Schemes)[2..4], [4, 3]);
    assert_eq!(noted(Side::Client, Tag::Alpn), b"\x02h2");
    assert_eq!(noted(Side::Server, Tag::Alpn), b"\x02h2\x04mqtt");
    assert_eq!(noted(Side::Client, Tag::ServerName), b"device.example");
    assert_eq!(noted(Side::Server, Tag::ChosenVersion), [3, 4]);
    assert!(!noted(Side::Client, Tag::Extensions).is_empty());
}

#[test]
fn a_version_that_is_not_listed() {
    // Suites of it are a mistake of the caller.
    for listed in [&[][..], &[ServerVersion::TLS12], &[ServerVersion::TLS13]] {
        let config = Config { versions: Versions::server(listed), ..config() };
        assert_eq!(make(&config), Err(Fault::Misuse(Misuse::VersionNotListed)));
    }
    // Clients of it find nothing in common.
    let listing = |listed, ids| Config { versions: Versions::server(listed), ..config_with(ids) };
    let only12 = listing(&[ServerVersion::TLS12], ONLY_12);
    let fault = Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_3 };
    assert_eq!(fault.alert(), Some(AlertDescription::protocol_version));
    let offer = Offer { versions: Some(vec![ProtocolVersion::TLS_1_3]), ..Offer::new() };
    assert_eq!(offered(only12, offer), Err(fault));
    let only13 = listing(&[ServerVersion::TLS13], ONLY_13);
    let fault = Fault::NoCommonVersion { peer: ProtocolVersion::TLS_1_2 };
    assert_eq!(offered(only13, Offer::tls12()), Err(fault));
    // The order of the list is of no account: the newest version in common wins.
    let oldest_first = Versions::server(&[ServerVersion::TLS12, ServerVersion::TLS13]);
    let config = Config { versions: oldest_first, ..config() };
    assert_eq!(offered(config, Offer::new()), Ok(ProtocolVersion::TLS_1_3));
}

/// Makes a server of this configuration.
fn make(config: &Config) -> Result<(), Fault> {
    let (mut report, mut actions) = (Report::new(Side::Server), Actions::default());
    let mut random = handclasp_provider_aws_lc::SystemRandom;
    let context =
        &mut Context { config, now: 0, random: &mut random, report: &mut report, actions: &mut actions };
    Handshake::server(context).map(|_| ()).map_err(|failed| report.fault_of(failed))
}

#[test]
fn configurations_that_can_serve_nobody() {
    let psk12 = [CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256];
    let none = |config: Config| Config { has_psk: false, has_credential: false, ..config };
    let no_group = |config: Config| Config { groups: Vec::new().into(), ..config };
    let useless = [
        config_with(&[]),
        none(config()),
        no_group(config_with(ONLY_13)),
        no_group(config_with(ONLY_12)),
        Config { has_psk: false, ..config_with(&psk12) },
        Config { has_credential: false, ..config_with(ONLY_12) },
    ];
    for config in useless {
        assert_eq!(make(&config), Err(Fault::Misuse(Misuse::NothingToOffer)));
    }
    assert_eq!(make(&no_group(config_with(&psk12))), Ok(()));
}

#[test]
fn renegotiation_is_refused() {
    use handclasp_codec::HandshakeType;
    use handclasp_report::Event as Kind;
    let mut harness = Harness::new(config());
    super::flow13::with_certificate(&mut harness, Offer::new(), NamedGroup::x25519);
    let again = Peer13::new(Offer::new(), NamedGroup::x25519).hello();
    let found = Kind::Message(HandshakeType::client_hello);
    assert_eq!(harness.message(&again), Err(Fault::Unexpected { expected: Kind::ApplicationData, found }));
    // And nothing goes on after a fault.
    assert_eq!(harness.message(&again), Err(Fault::Unexpected { expected: Kind::Nothing, found }));
    let first = Harness::new(config()).message(&[20, 0, 0, 0]);
    assert_eq!(first, Err(unexpected(HandshakeType::client_hello, HandshakeType::finished)));
}
