//! What a ClientHello offers, by configuration.

use handclasp_codec::{
    CertificateType, CipherSuite, ClientHello, Encode as _, ExtensionType as X, HandshakeType, NamedGroup,
    ProtocolVersion as V, PskKeyExchangeMode, SignatureScheme, encode_handshake,
};
use handclasp_crypto::{Hash, KeyExchange, Suite};
use handclasp_handshake::{ClientPsk, ClientStart, Config, ImportedPsk, PskHash};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Fault, Input, Internal, Misuse, Report, Side, Tag};
use handclasp_schedule::{BinderKind, EarlySecret, Transcript};

use crate::{
    fake13::decode,
    setup::{
        Hybrid, NO_PSK, NoRandom, PSK, SHARED, WITH_PSK, config, only12, only13, start, try_start,
        with_suites,
    },
};

fn suites(hello: &ClientHello<'_>) -> Vec<CipherSuite> {
    hello.cipher_suites.iter().collect()
}

fn ids<'s>(suites: impl IntoIterator<Item = &'s &'static Suite>) -> Vec<CipherSuite> {
    suites.into_iter().map(|suite| suite.id).collect()
}

fn fails(config: Config, start: ClientStart<'_>) -> Option<Fault> {
    try_start(config, start, &mut aws::SystemRandom).err()
}

#[test]
fn both_versions() {
    let config = Config { alpn: vec![b"h2".to_vec(), b"mqtt".to_vec()], shares: 2, ..config() };
    let (_, bytes) = start(config, NO_PSK);
    let hello: ClientHello<'_> = decode(&bytes);
    assert_eq!(hello.legacy_version, V::TLS_1_2);
    assert_eq!(hello.legacy_session_id.len(), 32);
    assert_eq!(hello.legacy_compression_methods, [0]);
    let mut expected = ids(aws::ALL_SUITES);
    expected.retain(|suite| !suite.to_string().starts_with("TLS_PSK"));
    expected.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    assert_eq!(suites(&hello), expected);

    let types: Vec<X> = hello.extensions.types().collect();
    let expected = [
        X::server_name,
        X::supported_groups,
        X::ec_point_formats,
        X::signature_algorithms,
        X::application_layer_protocol_negotiation,
        X::extended_master_secret,
        X::record_size_limit,
        X::supported_versions,
        X::key_share,
    ];
    assert_eq!(types, expected);
    let offer = hello.extensions;
    assert_eq!(offer.server_name.unwrap().host_name(), Some(b"broker.example".as_slice()));
    let versions: Vec<V> = offer.supported_versions.unwrap().versions.iter().collect();
    assert_eq!(versions, [V::TLS_1_3, V::TLS_1_2]);
    let groups: Vec<NamedGroup> = offer.supported_groups.unwrap().named_group_list.iter().collect();
    let all = [NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1, NamedGroup::secp521r1];
    assert_eq!(groups, all);
    let shares: Vec<NamedGroup> =
        offer.key_share.unwrap().client_shares.iter().map(|share| share.group).collect();
    assert_eq!(shares, all[..2]);
    // 19 entries, each scheme once.
    assert_eq!(offer.signature_algorithms.unwrap().supported_signature_algorithms.iter().count(), 13);
}

/// A ClientHello is written straight to the wire. Its bytes are those that `codec` makes of the decoded
/// structure: the same order of extensions, every length right.
#[test]
fn every_byte_as_the_structure_has_it() {
    let types = vec![CertificateType::RawPublicKey, CertificateType::X509];
    let with_all = |mut config: Config| {
        config.alpn = vec![b"h2".to_vec(), b"mqtt".to_vec()];
        config.shares = 3;
        config.certificates.authorities = vec![vec![0x30, 0], vec![0x30, 1, 0]];
        config.certificates.schemes = vec![SignatureScheme::ed25519];
        (config.certificates.own_types, config.certificates.peer_types) = (types.clone(), types.clone());
        config.extensions.limit_records(1024);
        config.extensions.status_request = true;
        config.extensions.psk_ke = true;
        config.resumption.tickets = 2;
        config
    };
    let also = ImportedPsk { identity: b"for the other", secret: b"another", hash: PskHash::Sha384 };
    let keys = [None, Some(PSK), Some(ClientPsk { imported: true, also: Some(also), ..PSK })];
    let mut all = std::collections::BTreeSet::new();
    for config in [config(), only12(), only13()] {
        for config in [config.clone(), with_all(config)] {
            for psk in keys {
                let offer = ClientStart { server_name: Some("broker.example"), psk, session: None };
                let (_, bytes) = start(config.clone(), offer);
                let hello: ClientHello<'_> = decode(&bytes);
                let mut again = Vec::new();
                encode_handshake(&mut again, HandshakeType::client_hello, |writer| hello.encode(writer))
                    .unwrap();
                assert_eq!(bytes, again);
                all.extend(hello.extensions.types().map(|extension_type| extension_type.0));
            }
        }
    }
    // All but cookie and encrypt_then_mac.
    assert_eq!(all.len(), 18, "{all:?}");
}

#[test]
fn one_version_at_a_time() {
    let (_, bytes) = start(only13(), NO_PSK);
    let hello: ClientHello<'_> = decode(&bytes);
    assert_eq!(hello.cipher_suites.iter().count(), 3);
    assert!(hello.extensions.extended_master_secret.is_none() && hello.extensions.ec_point_formats.is_none());
    let versions: Vec<V> = hello.extensions.supported_versions.unwrap().versions.iter().collect();
    assert_eq!(versions, [V::TLS_1_3]);

    let (_, bytes) = start(only12(), NO_PSK);
    let hello: ClientHello<'_> = decode(&bytes);
    assert!(hello.legacy_session_id.is_empty());
    let offer = hello.extensions;
    assert!(offer.supported_versions.is_none() && offer.key_share.is_none());
    assert!(offer.extended_master_secret.is_some());
}

#[test]
fn hybrids_belong_to_tls13() {
    let groups = |version: Config| {
        let config = Config { groups: vec![&Hybrid, aws::X25519].into(), ..version };
        let (_, bytes) = start(config, NO_PSK);
        let offer = decode::<ClientHello<'_>>(&bytes).extensions.supported_groups.unwrap();
        offer.named_group_list.iter().collect::<Vec<NamedGroup>>()
    };
    assert_eq!(groups(config()), [NamedGroup::X25519MLKEM768, NamedGroup::x25519]);
    assert_eq!(groups(only12()), [NamedGroup::x25519]);
    // With nothing else there is no ECDHE in TLS 1.2.
    let alone: Vec<&'static dyn KeyExchange> = vec![&Hybrid];
    assert_eq!(
        fails(Config { groups: alone.into(), ..only12() }, NO_PSK),
        Some(Fault::Misuse(Misuse::NothingToOffer))
    );
}

#[test]
fn a_pre_shared_key_decides_the_suites() {
    let offered = |psk: ClientPsk<'_>| {
        let (_, bytes) = start(config(), ClientStart { server_name: None, psk: Some(psk), session: None });
        let hello: ClientHello<'_> = decode(&bytes);
        (suites(&hello), hello.extensions.types().collect::<Vec<X>>())
    };
    let sha256 = [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_CHACHA20_POLY1305_SHA256];
    let psk12 = [
        CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV,
    ];
    let (suites, types) = offered(PSK);
    assert_eq!(suites, [sha256.as_slice(), &psk12].concat());
    assert_eq!(types.last(), Some(&X::pre_shared_key));
    assert!(types.contains(&X::psk_key_exchange_modes) && types.contains(&X::extended_master_secret));

    let (suites, types) = offered(ClientPsk { tls12: false, ..PSK });
    assert_eq!(suites, sha256);
    assert!(!types.contains(&X::extended_master_secret));

    let (suites, _) = offered(ClientPsk { tls12: false, tls13: Some(PskHash::Sha384), ..PSK });
    assert_eq!(suites, [CipherSuite::TLS_AES_256_GCM_SHA384]);

    // Neither groups nor versions nor shares: plain PSK has no use for them.
    let (suites, types) = offered(ClientPsk { tls13: None, ..PSK });
    assert_eq!(suites, psk12);
    assert_eq!(types, [X::signature_algorithms, X::extended_master_secret, X::record_size_limit]);
}

#[test]
fn the_binder_covers_all_before_it() {
    let (_, bytes) = start(config(), WITH_PSK);
    let hello: ClientHello<'_> = decode(&bytes);
    let offer = hello.extensions;
    let modes: Vec<PskKeyExchangeMode> = offer.psk_key_exchange_modes.unwrap().ke_modes.iter().collect();
    assert_eq!(modes, [PskKeyExchangeMode::psk_dhe_ke]);
    let psks = offer.pre_shared_key.unwrap();
    let identity = psks.identities.iter().next().unwrap();
    assert_eq!((identity.identity, identity.obfuscated_ticket_age), (PSK.identity, 0));
    let truncated = &bytes[..bytes.len() - psks.binders_wire_len()];
    let hash = Transcript::new().hash_with(aws::SHA256, truncated);
    let expected = EarlySecret::new(aws::SHA256, Some(SHARED)).binder(BinderKind::External, &hash);
    assert_eq!(psks.binders.iter().next().unwrap().0, &*expected);
}

#[test]
fn a_key_imported_for_both_hashes() {
    let also = ImportedPsk { identity: b"for the other", secret: b"another", hash: PskHash::Sha384 };
    let psk = ClientPsk { tls12: false, imported: true, also: Some(also), ..PSK };
    let offer = ClientStart { server_name: None, psk: Some(psk), session: None };
    let (_, bytes) = start(only13(), offer);
    let hello: ClientHello<'_> = decode(&bytes);
    assert_eq!(hello.cipher_suites.iter().filter(|suite| suite.0 >> 8 == 0x13).count(), 3);
    let psks = hello.extensions.pre_shared_key.unwrap();
    let identities: Vec<_> = psks.identities.iter().map(|psk| psk.identity).collect();
    assert_eq!(identities, [PSK.identity, also.identity]);
    let truncated = &bytes[..bytes.len() - psks.binders_wire_len()];
    let keys: [(&'static dyn Hash, _); 2] = [(aws::SHA256, PSK.secret), (aws::SHA384, also.secret)];
    for ((hash, secret), found) in keys.into_iter().zip(psks.binders.iter()) {
        let transcript_hash = Transcript::new().hash_with(hash, truncated);
        let binder = EarlySecret::new(hash, Some(secret)).binder(BinderKind::Imported, &transcript_hash);
        assert_eq!(found.0, &*binder);
    }
    // Without suites of that hash there is nothing to offer it for.
    let (_, bytes) = start(with_suites(&[&aws::TLS_AES_256_GCM_SHA384]), offer);
    let hello: ClientHello<'_> = decode(&bytes);
    let psks = hello.extensions.pre_shared_key.unwrap();
    assert_eq!(psks.identities.iter().map(|psk| psk.identity).collect::<Vec<_>>(), [also.identity]);
    let nameless = ImportedPsk { identity: b"", ..also };
    let psk = Some(ClientPsk { also: Some(nameless), ..psk });
    assert_eq!(
        fails(only13(), ClientStart { psk, ..offer }),
        Some(Fault::Misuse(Misuse::InvalidInput(Input::PskIdentity)))
    );
}

#[test]
fn small_enough_for_small_peers() {
    // What the policy for constrained devices offers, in the three ways of authenticating.
    let groups = [aws::X25519, aws::SECP256R1];
    let verify = [aws::ECDSA_P256_SHA256, aws::RSA_PSS_SHA256, aws::RSA_PKCS1_SHA256];
    let small = || Config { groups: groups.to_vec().into(), verify: verify.to_vec().into(), ..config() };
    let name = "a-rather-long-name-of-a-broker.iot.eu-central-1.cloud.example";
    for psk in [None, Some(PSK), Some(ClientPsk { identity: &[b'i'; 64], ..PSK })] {
        let (_, bytes) = start(small(), ClientStart { server_name: Some(name), psk, session: None });
        assert!(bytes.len() < 400, "{} bytes", bytes.len());
    }
    // Even with all that the provider has.
    assert!(start(config(), ClientStart { server_name: Some(name), psk: None, session: None }).1.len() < 512);
}

#[test]
fn no_shares_asks_for_a_retry() {
    let (_, bytes) = start(Config { shares: 0, ..config() }, NO_PSK);
    let hello: ClientHello<'_> = decode(&bytes);
    assert!(hello.extensions.key_share.unwrap().client_shares.is_empty());
}

#[test]
fn nothing_to_offer() {
    let nothing = Some(Fault::Misuse(Misuse::NothingToOffer));
    assert_eq!(fails(with_suites(&[]), NO_PSK), nothing);
    assert_eq!(fails(with_suites(&[&aws::TLS_PSK_WITH_AES_128_GCM_SHA256]), NO_PSK), nothing);
    assert_eq!(fails(with_suites(&[&aws::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]), WITH_PSK), nothing);
    // A key for SHA-256 and only suites of SHA-384.
    assert_eq!(fails(with_suites(&[&aws::TLS_AES_256_GCM_SHA384]), WITH_PSK), nothing);
    // For neither version.
    let useless = ClientPsk { tls13: None, tls12: false, ..PSK };
    assert_eq!(
        fails(config(), ClientStart { server_name: None, psk: Some(useless), session: None }),
        nothing
    );
    // Certificates that could not be verified, shares that could not be made.
    assert_eq!(fails(Config { verify: [].as_slice().into(), ..config() }, NO_PSK), nothing);
    assert_eq!(fails(Config { groups: [].as_slice().into(), ..config() }, NO_PSK), nothing);
}

#[test]
fn inputs_that_cannot_be_sent() {
    let invalid = |input| Some(Fault::Misuse(Misuse::InvalidInput(input)));
    let long = "a".repeat(64);
    for name in ["", ".", "host.", "a..b", "127.0.0.1", "::1", "with space", "umlaut-ä.example", &long] {
        let start = ClientStart { server_name: Some(name), psk: None, session: None };
        assert_eq!(fails(config(), start), invalid(Input::ServerName), "{name:?}");
    }
    for name in ["localhost", "a.b-c.example", "_srv.example", "xn--bcher-kva.example", "1.example"] {
        assert_eq!(
            fails(config(), ClientStart { server_name: Some(name), psk: None, session: None }),
            None,
            "{name:?}"
        );
    }
    let with = |psk| ClientStart { server_name: None, psk: Some(psk), session: None };
    assert_eq!(fails(config(), with(ClientPsk { identity: b"", ..PSK })), invalid(Input::PskIdentity));
    assert_eq!(fails(config(), with(ClientPsk { secret: b"", ..PSK })), invalid(Input::PskKey));
    assert_eq!(
        fails(config(), with(ClientPsk { identity: &[0; 65_536], ..PSK })),
        invalid(Input::PskIdentity)
    );
    let also = ImportedPsk { identity: b"also", secret: &[1; 48], hash: PskHash::Sha384 };
    let twice = |also| with(ClientPsk { also: Some(also), ..PSK });
    assert_eq!(fails(config(), twice(also)), None);
    assert_eq!(fails(config(), twice(ImportedPsk { identity: b"", ..also })), invalid(Input::PskIdentity));
    assert_eq!(fails(config(), twice(ImportedPsk { secret: b"", ..also })), invalid(Input::PskKey));
    for name in [Vec::new(), vec![b'x'; 256]] {
        assert_eq!(fails(Config { alpn: vec![name], ..config() }, NO_PSK), invalid(Input::Alpn));
    }
    // It fits its own length and not that of the block: we cannot write it.
    let fault = fails(config(), with(ClientPsk { identity: &[0; 65_500], ..PSK }));
    assert!(matches!(fault, Some(Fault::Encode(_))), "{fault:?}");
}

#[test]
fn without_randomness_there_is_no_hello() {
    let fault = try_start(config(), NO_PSK, &mut NoRandom).err();
    assert_eq!(fault, Some(Fault::Internal(Internal::Random)));
}

#[test]
fn the_report_keeps_the_offer() {
    let config = Config { alpn: vec![b"mqtt".to_vec()], ..config() };
    let psk = Some(PSK);
    let (tested, bytes) =
        start(config, ClientStart { server_name: Some("broker.example"), psk, session: None });
    let hello: ClientHello<'_> = decode(&bytes);
    let noted = |report: &Report, tag| {
        report
            .items()
            .find(|item| item.from == Side::Client && item.tag == tag)
            .map(|item| item.bytes.to_vec())
    };
    let noted = |tag| noted(&tested.report, tag).unwrap();
    assert_eq!(noted(Tag::Versions), [3, 4, 3, 3]);
    assert_eq!(noted(Tag::Suites), hello.cipher_suites.wire_bytes().unwrap());
    assert_eq!(noted(Tag::KeyShares), [0, 0x1d]);
    assert_eq!(noted(Tag::Alpn), b"\x04mqtt");
    assert_eq!(noted(Tag::ServerName), b"broker.example");
    assert_eq!(noted(Tag::PskIdentity), PSK.identity);
    assert!(!tested.report.encode().windows(8).any(|window| window == &SHARED[..8]));
}
