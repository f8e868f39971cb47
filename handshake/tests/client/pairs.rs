//! Our client and our server: whole handshakes of every kind. Both must come to the same keys,
//! the same key log, the same agreement and exporter, and the same story.

use std::collections::VecDeque;

use handclasp_codec::{HandshakeType as Type, ProtocolVersion as V};
use handclasp_crypto::{Authentication, KeyExchange, KeyExchangeAlgorithm, KeyKind, Suite};
use handclasp_handshake::{
    Actions, Answer, ClientPsk, ClientStart, Config, Connected, Context, ExtendedMasterSecret, Handshake,
    Input, Need, PskAnswer, PskHash,
};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Failed, Fault, Report, Side, Tag, read_key_note};
use handclasp_schedule::TrafficKeys;

use crate::setup::{
    Did, ECDHE_PSK, IDENTITY, NO_PSK, PSK, SHARED, Tested, WITH_PSK, chain, config, credential, key, only12,
    only13, start, take, with_suites,
};

/// A server and its surroundings.
struct Answering {
    config: Config,
    server: Handshake,
    report: Report,
    actions: Actions,
    key: KeyKind,
    secret: &'static [u8],
    hash: PskHash,
}

impl Answering {
    fn new(config: Config, key: KeyKind) -> Self {
        let config = Config { has_credential: true, has_psk: true, ..config };
        let (mut report, mut actions) = (Report::new(Side::Server), Actions::default());
        let mut context = Context {
            config: &config,
            now: 1,
            random: &mut aws::SystemRandom,
            report: &mut report,
            actions: &mut actions,
        };
        let server = Handshake::server(&mut context).unwrap();
        Self { config, server, report, actions, key, secret: SHARED, hash: PskHash::Sha256 }
    }

    fn step<R>(
        &mut self,
        call: impl FnOnce(&mut Handshake, &mut Context<'_>) -> Result<R, Failed>,
    ) -> Result<R, Fault> {
        let mut context = Context {
            config: &self.config,
            now: 1,
            random: &mut aws::SystemRandom,
            report: &mut self.report,
            actions: &mut self.actions,
        };
        call(&mut self.server, &mut context).map_err(|failed| self.report.fault_of(failed))
    }

    /// Hands in an input, answers what is asked; what it led to.
    fn input(&mut self, input: Input<'_>) -> Result<Vec<Did>, Fault> {
        self.step(|server, context| server.handle(context, input))?;
        let (chain, kind, secret, hash) = (chain(), self.key, self.secret, self.hash);
        while let Some(need) = self.server.need() {
            let signature;
            let answer = match need {
                Need::Credential { .. } => Answer::Credential(Some(credential(&chain, kind))),
                Need::Signature { scheme, message } => {
                    signature = key(kind).sign(scheme, message, &mut aws::SystemRandom).unwrap();
                    Answer::Signature(&signature)
                }
                Need::Psk { identities, .. } => Answer::Psk(
                    identities
                        .iter()
                        .find(|(_, identity)| *identity == PSK.identity)
                        .map(|(index, _)| PskAnswer { index, secret, hash, imported: false }),
                ),
                Need::Ticket { .. } => Answer::Session(None),
                Need::SealTicket { .. } => Answer::Ticket(None),
                other => panic!("not on a server: {other:?}"),
            };
            self.step(|server, context| server.answer(context, answer))?;
        }
        Ok(take(&mut self.actions, &self.server))
    }
}

/// What one side did besides sending.
#[derive(Default)]
struct Story {
    read: Vec<TrafficKeys>,
    write: Vec<TrafficKeys>,
    log: Vec<(&'static str, Vec<u8>)>,
    connected: Option<Box<Connected>>,
    sent: Vec<Type>,
}

impl Story {
    /// Takes down a flight; what goes to the other side.
    fn note(&mut self, did: Vec<Did>, wire: &mut VecDeque<Option<Vec<u8>>>) {
        for did in did {
            match did {
                Did::Sent(message) => {
                    self.sent.push(Type(message[0]));
                    wire.push_back(Some(message));
                }
                Did::ChangeCipherSpec => wire.push_back(None),
                Did::Read(keys) => self.read.push(keys),
                Did::Write(keys) => self.write.push(keys),
                Did::Log(label, secret) => self.log.push((label, secret)),
                Did::Connected(connected) => self.connected = Some(connected),
                Did::Ticket(_) | Did::SkipEarlyData => {}
                Did::LimitRecords(_) | Did::KeyUpdateRequested => {}
                Did::Warn(description) => panic!("nothing to warn of: {description}"),
            }
        }
    }
}

fn as_input(item: &Option<Vec<u8>>) -> Input<'_> {
    item.as_ref().map_or(Input::ChangeCipherSpec, |message| Input::Message(message))
}

/// Lets them talk until nobody has anything to say. A fault of either side ends it.
fn talk(
    tested: &mut Tested,
    hello: Vec<u8>,
    server: &mut Answering,
) -> Result<(Story, Story), (Side, Fault)> {
    let (mut ours, mut theirs) = (Story::default(), Story::default());
    let (mut to_server, mut to_client) = (VecDeque::from([Some(hello)]), VecDeque::new());
    while !to_server.is_empty() || !to_client.is_empty() {
        while let Some(item) = to_server.pop_front() {
            let did = server.input(as_input(&item)).map_err(|fault| (Side::Server, fault))?;
            theirs.note(did, &mut to_client);
        }
        while let Some(item) = to_client.pop_front() {
            let mut did = tested.input(as_input(&item)).map_err(|fault| (Side::Client, fault))?;
            if tested.client.need().is_some() {
                did.extend(tested.accept(server.key).map_err(|fault| (Side::Client, fault))?);
            }
            ours.note(did, &mut to_server);
        }
    }
    Ok((ours, theirs))
}

fn same_keys(one: &[TrafficKeys], other: &[TrafficKeys]) {
    let bytes = |keys: &TrafficKeys| {
        (keys.suite.id, keys.key.expose().to_vec(), keys.iv_or_mac_key.expose().to_vec())
    };
    assert!(one.iter().map(bytes).eq(other.iter().map(bytes)));
    assert!(!one.is_empty());
}

/// A whole handshake, with all that must be equal on both sides.
fn shake(tested: &mut Tested, hello: Vec<u8>, server: &mut Answering) -> (Box<Connected>, Story) {
    let (mut ours, mut theirs) = talk(tested, hello, server).unwrap();
    assert!(tested.client.is_connected() && server.server.is_connected());
    assert_eq!(tested.client.version(), server.server.version());
    same_keys(&ours.read, &theirs.write);
    same_keys(&ours.write, &theirs.read);
    ours.log.sort();
    theirs.log.sort();
    assert_eq!(ours.log, theirs.log);

    let (mine, peers) = (ours.connected.take().unwrap(), theirs.connected.take().unwrap());
    assert_eq!((mine.version, mine.suite, mine.group), (peers.version, peers.suite, peers.group));
    assert_eq!((mine.scheme, &mine.alpn), (peers.scheme, &peers.alpn));
    assert_eq!((&mine.server_name, &mine.psk_identity), (&peers.server_name, &peers.psk_identity));
    assert_eq!(mine.exporter.is_some(), peers.exporter.is_some());
    if let (Some(mine), Some(peers)) = (&mine.exporter, &peers.exporter) {
        let export = |exporter: &handclasp_schedule::Exporter| {
            let mut out = [0; 32];
            exporter.export(b"EXPORTER-test", Some(b"context"), &mut out).unwrap();
            out
        };
        assert_eq!(export(mine), export(peers));
    }
    same_story(&tested.report, &server.report);
    let key = tested.report.items().find(|item| item.tag == Tag::CertificateKey);
    let key = key.map(|item| read_key_note(item.bytes).unwrap());
    assert_eq!(key, mine.peer.map(|peer| (server.key, peer.pin)));
    (mine, ours)
}

/// Choices are told alike on both sides.
fn same_story(ours: &Report, theirs: &Report) {
    for tag in [Tag::ChosenVersion, Tag::ChosenSuite, Tag::ChosenGroup, Tag::ChosenScheme, Tag::ChosenAlpn] {
        let told = |report: &Report| {
            report.items().find(|item| item.tag == tag).map(|item| (item.from, item.bytes.to_vec()))
        };
        assert_eq!(told(ours), told(theirs), "{tag:?}");
    }
}

fn shares(config: Config, group: &'static dyn KeyExchange) -> Config {
    Config { groups: vec![group].into(), ..config }
}

fn kind_for(suite: &Suite) -> KeyKind {
    match suite.exchange {
        KeyExchangeAlgorithm::Ecdhe(Authentication::Rsa) => KeyKind::Rsa,
        _ => KeyKind::P256,
    }
}

#[test]
fn every_suite_with_every_group() {
    let mut handshakes = 0;
    for suite in aws::ALL_SUITES.iter().filter(|suite| suite.exchange != KeyExchangeAlgorithm::Psk) {
        for group in aws::GROUPS {
            // P-256 beside it: in TLS 1.2 the groups also say which curves a certificate may have.
            let config = Config { groups: vec![*group, aws::SECP256R1].into(), ..with_suites(&[suite]) };
            let (mut tested, hello) = start(config.clone(), NO_PSK);
            let mut server = Answering::new(config, kind_for(suite));
            let (agreed, _) = shake(&mut tested, hello, &mut server);
            assert_eq!((agreed.suite, agreed.group), (suite.id, Some(group.group())));
            assert_eq!(agreed.peer, Some(IDENTITY));
            assert_eq!(agreed.server_name.as_deref(), Some(b"broker.example".as_slice()));
            handshakes += 1;
        }
    }
    assert_eq!(handshakes, 9 * 4);
}

#[test]
fn every_kind_of_key() {
    for kind in KeyKind::SIGNING {
        for config in [only12(), only13()] {
            let (mut tested, hello) = start(config.clone(), NO_PSK);
            let mut server = Answering::new(config, kind);
            let (agreed, _) = shake(&mut tested, hello, &mut server);
            assert!(key(kind).schemes().contains(&agreed.scheme.unwrap()));
        }
    }
}

#[test]
fn the_newest_version_in_common() {
    for (ours, theirs, version) in [
        (config(), config(), V::TLS_1_3),
        (config(), only12(), V::TLS_1_2),
        (only12(), config(), V::TLS_1_2),
        (only13(), config(), V::TLS_1_3),
    ] {
        let (mut tested, hello) = start(ours, NO_PSK);
        let (agreed, _) = shake(&mut tested, hello, &mut Answering::new(theirs, KeyKind::P256));
        assert_eq!(agreed.version, version);
    }
    let (mut tested, hello) = start(only13(), NO_PSK);
    let fault = talk(&mut tested, hello, &mut Answering::new(only12(), KeyKind::P256)).err();
    assert!(matches!(fault, Some((Side::Server, Fault::NoCommonVersion { .. }))), "{fault:?}");
}

#[test]
fn somebody_takes_the_offer_away() {
    let (mut tested, hello) = start(config(), NO_PSK);
    // supported_versions becomes an extension that nobody knows.
    let place = hello.windows(5).position(|window| window == [0, 43, 0, 5, 4]).unwrap();
    let mut edited = hello;
    edited[place] = 0xfa;
    let fault = talk(&mut tested, edited, &mut Answering::new(config(), KeyKind::P256)).err();
    assert_eq!(fault, Some((Side::Client, Fault::Downgrade { chosen: V::TLS_1_2 })));
}

#[test]
fn after_a_retry() {
    for group in aws::GROUPS {
        for (offer, psk) in [(NO_PSK, false), (WITH_PSK, true)] {
            let (mut tested, hello) = start(Config { shares: 0, ..only13() }, offer);
            let mut server = Answering::new(shares(only13(), *group), KeyKind::P256);
            let (agreed, story) = shake(&mut tested, hello, &mut server);
            assert_eq!(agreed.group, Some(group.group()));
            assert_eq!(agreed.psk_identity.is_some(), psk);
            assert_eq!(story.sent, [Type::client_hello, Type::finished]);
        }
    }
}

#[test]
fn pre_shared_keys_of_tls13() {
    for (hash, suites) in [
        (PskHash::Sha256, vec![&aws::TLS_AES_128_GCM_SHA256, &aws::TLS_CHACHA20_POLY1305_SHA256]),
        (PskHash::Sha384, vec![&aws::TLS_AES_256_GCM_SHA384]),
    ] {
        for suite in suites {
            let psk = ClientPsk { tls13: Some(hash), ..PSK };
            let offer = ClientStart { server_name: Some("a.example"), psk: Some(psk), session: None };
            let (mut tested, hello) = start(with_suites(&[suite]), offer);
            let mut server = Answering { hash, ..Answering::new(config(), KeyKind::P256) };
            let (agreed, _) = shake(&mut tested, hello, &mut server);
            assert_eq!(agreed.psk_identity.as_deref(), Some(PSK.identity));
            assert_eq!((agreed.scheme, agreed.peer), (None, None));
        }
    }
}

#[test]
fn pre_shared_keys_of_tls12() {
    let suites: Vec<&'static Suite> =
        aws::ALL_SUITES.iter().copied().filter(|suite| suite.exchange == KeyExchangeAlgorithm::Psk).collect();
    for suite in suites.into_iter().chain([&ECDHE_PSK]) {
        let (mut tested, hello) = start(with_suites(&[suite]), WITH_PSK);
        let mut server = Answering::new(with_suites(&[suite]), KeyKind::P256);
        let (agreed, _) = shake(&mut tested, hello, &mut server);
        assert_eq!(agreed.psk_identity.as_deref(), Some(PSK.identity));
        assert_eq!(agreed.group.is_some(), suite.exchange == KeyExchangeAlgorithm::EcdhePsk);
        let told: Vec<Tag> = tested.report.items().map(|item| item.tag).collect();
        assert!(told.contains(&Tag::PskIdentity) && told.contains(&Tag::ChosenPsk));
    }
}

#[test]
fn the_wrong_pre_shared_key() {
    for (config, fault) in
        [(only13(), Fault::BinderInvalid { identity: 0 }), (only12(), Fault::FinishedInvalid)]
    {
        let (mut tested, hello) = start(config.clone(), WITH_PSK);
        let mut server = Answering { secret: b"another", ..Answering::new(config, KeyKind::P256) };
        assert_eq!(talk(&mut tested, hello, &mut server).err(), Some((Side::Server, fault)));
    }
}

#[test]
fn alpn() {
    let with = |config: Config, names: &[&str]| {
        let alpn = names.iter().map(|name| name.as_bytes().to_vec()).collect();
        Config { alpn, ..config }
    };
    for version in [only12, only13] {
        for (ours, theirs, chosen) in [
            (["h2", "mqtt"].as_slice(), ["mqtt", "h2"].as_slice(), Some("mqtt")),
            (&["h2", "mqtt"], &["h2"], Some("h2")),
            (&["h2"], &[], None),
            (&[], &["h2"], None),
        ] {
            let (mut tested, hello) = start(with(version(), ours), NO_PSK);
            let mut server = Answering::new(with(version(), theirs), KeyKind::Ed25519);
            let (agreed, _) = shake(&mut tested, hello, &mut server);
            assert_eq!(agreed.alpn.as_deref(), chosen.map(str::as_bytes));
        }
        let (mut tested, hello) = start(with(version(), &["h2"]), NO_PSK);
        let mut server = Answering::new(with(version(), &["mqtt"]), KeyKind::Ed25519);
        let fault = talk(&mut tested, hello, &mut server).err();
        assert_eq!(fault, Some((Side::Server, Fault::NoCommonAlpn)));
    }
}

#[test]
fn without_extended_master_secret_where_that_is_permitted() {
    let offered = || Config { extended_master_secret: ExtendedMasterSecret::Offered, ..only12() };
    let (mut tested, hello) = start(offered(), NO_PSK);
    // extended_master_secret becomes an extension that nobody knows; then the two transcripts
    // differ, which is what Finished is for.
    let place = hello.windows(4).position(|window| window == [0, 23, 0, 0]).unwrap();
    let mut edited = hello;
    edited[place] = 0xfa;
    let fault = talk(&mut tested, edited, &mut Answering::new(offered(), KeyKind::P256)).err();
    assert_eq!(fault, Some((Side::Server, Fault::FinishedInvalid)));
}

#[test]
fn keys_change_on_both_sides() {
    let (mut tested, hello) = start(only13(), NO_PSK);
    let mut server = Answering::new(only13(), KeyKind::P256);
    shake(&mut tested, hello, &mut server);
    for _ in 0..3 {
        let (mut ours, mut theirs) = (Story::default(), Story::default());
        let (mut to_server, mut to_client) = (VecDeque::new(), VecDeque::new());
        ours.note(tested.update_keys().unwrap(), &mut to_server);
        server.step(|server, context| server.update_keys(context)).unwrap();
        theirs.note(take(&mut server.actions, &server.server), &mut to_client);
        while !to_server.is_empty() || !to_client.is_empty() {
            if let Some(item) = to_server.pop_front() {
                theirs.note(server.input(as_input(&item)).unwrap(), &mut to_client);
            }
            if let Some(item) = to_client.pop_front() {
                ours.note(tested.input(as_input(&item)).unwrap(), &mut to_server);
            }
        }
        assert_eq!((ours.sent.len(), theirs.sent.len()), (1, 1));
        same_keys(&ours.read, &theirs.write);
        same_keys(&ours.write, &theirs.read);
    }
}

#[test]
fn the_key_log_has_every_label() {
    let labels = |config: Config| {
        let (mut tested, hello) = start(config.clone(), NO_PSK);
        let mut server = Answering::new(config, KeyKind::P256);
        let (_, story) = shake(&mut tested, hello, &mut server);
        story.log.into_iter().map(|(label, _)| label).collect::<Vec<_>>()
    };
    assert_eq!(labels(only12()), ["CLIENT_RANDOM"]);
    let expected = [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ];
    assert_eq!(labels(only13()), expected);
}
