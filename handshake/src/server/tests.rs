//! How often a server decodes a ClientHello: once, whatever handshake follows. The client is our own;
//! its messages go to the server as they are, without records.

use alloc::{borrow::Cow, boxed::Box, vec, vec::Vec};

use handclasp_codec::HandshakeType;
use handclasp_crypto::{KeyEncoding, KeyKind, SharedSecret, SigningKey, Suite};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{Report, Side};

use crate::{
    Action, Actions, Answer, Certificates, ClientPsk, ClientStart, Config, Context, Credential,
    ExtendedMasterSecret, Handshake, Input, Need, OpenedTicket, PeerIdentity, PskAnswer, PskHash, Resumption,
    Session, Versions, message::counted,
};

const IDENTITY: &[u8] = b"device";
const SECRET: &[u8] = b"thirty-two bytes of a shared key";

fn config(suites: impl Fn(&Suite) -> bool) -> Config {
    Config {
        generation: 1,
        versions: Versions::ALL,
        suites: aws::ALL_SUITES.iter().copied().filter(|suite| suites(suite)).collect::<Vec<_>>().into(),
        groups: aws::GROUPS.into(),
        shares: 1,
        verify: aws::VERIFY.into(),
        alpn: vec![b"h2".to_vec()],
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: true,
        has_credential: true,
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: false,
        resumption: Resumption { tickets: 1, lifetime: 7200, trust_generation: [0; 32] },
    }
}

fn tls13() -> Config {
    config(|suite| suite.version() == handclasp_codec::ProtocolVersion::TLS_1_3)
}

fn tls12() -> Config {
    config(|suite| suite.version() == handclasp_codec::ProtocolVersion::TLS_1_2)
}

/// One side with all that a call brings along.
struct End {
    config: Config,
    report: Report,
    actions: Actions,
}

impl End {
    fn new(config: Config, side: Side) -> Self {
        Self { config, report: Report::new(side), actions: Actions::default() }
    }

    fn context<'e>(&'e mut self, random: &'e mut aws::SystemRandom) -> Context<'e> {
        let Self { config, report, actions } = self;
        Context { config, now: 1_000_000, random, report, actions }
    }

    /// The messages sent since the last call; `None` stands for change_cipher_spec. Sessions go to
    /// `sessions`.
    fn sent(&mut self, sessions: &mut Vec<Session>) -> Vec<Option<Vec<u8>>> {
        let mut sent = Vec::new();
        sessions.extend(self.actions.take_sessions());
        let (mut index, mut start) = (0, 0);
        while let Some(action) = self.actions.get(index) {
            index += 1;
            match action {
                Action::Send(until) => {
                    let mut rest = &self.actions.flight()[start..until];
                    start = until;
                    while !rest.is_empty() {
                        let split = handclasp_codec::split_handshake(rest).unwrap();
                        sent.push(Some(split.message.to_vec()));
                        rest = split.rest;
                    }
                }
                Action::SendChangeCipherSpec => sent.push(None),
                _ => {}
            }
        }
        self.actions.clear();
        sent
    }
}

/// A handshake of a client with a server of that configuration; what was sent and which sessions
/// the client got.
struct Pair {
    client: (Handshake, End),
    server: (Handshake, End),
    key: Box<dyn SigningKey>,
    sessions: Vec<Session>,
    /// ClientHellos that the server decoded.
    decoded: usize,
    /// ClientHellos that the client sent.
    hellos: usize,
}

impl Pair {
    fn run(client: Config, start: ClientStart<'_>, server: Config) -> Self {
        let random = &mut aws::SystemRandom;
        let der = aws::KEYS.generate(KeyKind::P256, random).unwrap();
        let key = aws::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap();
        let mut near = End::new(client, Side::Client);
        let mut far = End::new(server, Side::Server);
        let client = Handshake::client(&mut near.context(random), start).unwrap();
        let server = Handshake::server(&mut far.context(random)).unwrap();
        let (sessions, decoded, hellos) = (Vec::new(), 0, 0);
        let mut pair = Self { client: (client, near), server: (server, far), key, sessions, decoded, hellos };
        while pair.pass() {}
        assert!(pair.client.0.is_connected() && pair.server.0.is_connected());
        pair
    }

    /// Passes what each side has sent to the other; false when there is nothing.
    fn pass(&mut self) -> bool {
        let to_server = self.client.1.sent(&mut self.sessions);
        for message in &to_server {
            let is_hello =
                message.as_ref().is_some_and(|message| message[0] == HandshakeType::client_hello.0);
            self.hellos += usize::from(is_hello);
            self.give_server(message.as_deref());
        }
        let to_client = self.server.1.sent(&mut self.sessions);
        for message in &to_client {
            self.give_client(message.as_deref());
        }
        !to_server.is_empty() || !to_client.is_empty()
    }

    fn give_server(&mut self, message: Option<&[u8]>) {
        let (server, end) = &mut self.server;
        let random = &mut aws::SystemRandom;
        counted::take();
        server.handle(&mut end.context(random), input(message)).unwrap();
        while let Some(need) = server.need() {
            let (chain, mut bytes) = ([rustls_pki_types::CertificateDer::from(&b"leaf"[..])], Vec::new());
            let signature;
            let answer = match need {
                Need::Credential(_) => {
                    Answer::Credential(Some(Credential::x509(&chain, KeyKind::P256, self.key.schemes())))
                }
                Need::Signature { scheme, message } => {
                    signature = self.key.sign(scheme, message, random).unwrap();
                    Answer::Signature(&signature)
                }
                // Nothing is sealed here: the session itself is the ticket.
                Need::Psk { identities, .. } => {
                    let (index, identity) = identities.iter().next().unwrap();
                    bytes.extend_from_slice(identity);
                    match identity == IDENTITY {
                        true => {
                            let hash = PskHash::Sha256;
                            Answer::Psk(Some(PskAnswer { index, secret: SECRET, hash, imported: false }))
                        }
                        false => opened(index, &bytes),
                    }
                }
                Need::Ticket { ticket } => {
                    bytes.extend_from_slice(ticket);
                    opened(0, &bytes)
                }
                Need::SealTicket { session } => {
                    bytes.extend_from_slice(session.0);
                    Answer::Ticket(Some(&bytes))
                }
                other => panic!("not a need of a server: {other:?}"),
            };
            server.answer(&mut end.context(random), answer).unwrap();
        }
        self.decoded += counted::take();
    }

    fn give_client(&mut self, message: Option<&[u8]>) {
        let (client, end) = &mut self.client;
        let random = &mut aws::SystemRandom;
        client.handle(&mut end.context(random), input(message)).unwrap();
        if client.need().is_some() {
            let identity = PeerIdentity::new([7; 32], None);
            let answer = Answer::PeerAccepted { spki: self.key.public_key(), identity };
            client.answer(&mut end.context(random), answer).unwrap();
        }
    }
}

fn opened(index: usize, session: &[u8]) -> Answer<'_> {
    Answer::Session(Some(OpenedTicket { index, session, renew: true, confirm: false }))
}

fn input(message: Option<&[u8]>) -> Input<'_> {
    message.map_or(Input::ChangeCipherSpec, Input::Message)
}

const NAMED: ClientStart<'_> = ClientStart { server_name: Some("a.example"), psk: None, session: None };

fn with_psk() -> ClientStart<'static> {
    let psk = ClientPsk {
        identity: IDENTITY,
        secret: SECRET,
        tls13: Some(PskHash::Sha256),
        tls12: true,
        imported: false,
        also: None,
    };
    ClientStart { psk: Some(psk), ..ClientStart::default() }
}

#[track_caller]
fn decodes(client: Config, start: ClientStart<'_>, server: Config, times: usize) -> Pair {
    let pair = Pair::run(client, start, server);
    assert_eq!((pair.decoded, pair.hellos), (times, times));
    pair
}

#[test]
fn a_client_hello_is_decoded_once() {
    for config in [tls13, tls12] {
        decodes(config(), NAMED, config(), 1);
        decodes(config(), with_psk(), config(), 1);
    }
    decodes(config(|_| true), NAMED, config(|_| true), 1);
}

#[test]
fn a_client_hello_with_a_ticket_is_decoded_once() {
    for config in [tls13, tls12] {
        let first = decodes(config(), NAMED, config(), 1);
        let start = ClientStart { session: first.sessions.first(), ..NAMED };
        let second = decodes(config(), start, config(), 1);
        let resumed = second.server.1.report.items().any(|item| item.tag == handclasp_report::Tag::Resumed);
        assert!(resumed);
        // Refused: the name is another one.
        let start = ClientStart { session: first.sessions.first(), ..NAMED };
        let server = Config {
            resumption: Resumption { trust_generation: [1; 32], ..config().resumption },
            ..config()
        };
        decodes(config(), start, server, 1);
    }
}

#[test]
fn each_hello_of_a_retry_is_decoded_once() {
    let secret = SharedSecret::random(&mut aws::SystemRandom).unwrap();
    let stateful = tls13();
    let mut stateless = tls13();
    stateless.extensions.cookie_secret = Some(secret);
    for server in [stateful, stateless] {
        let client = Config { shares: 0, groups: Cow::Borrowed(aws::GROUPS), ..tls13() };
        decodes(client.clone(), NAMED, server.clone(), 2);
        decodes(client, with_psk(), server, 2);
    }
}
