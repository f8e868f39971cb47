//! A server with its environment, and all that it did, in order.

use std::borrow::Cow;

use handclasp_codec::{AlertDescription, CipherSuite, Field, HandshakeType, Problem, SignatureScheme};
use handclasp_crypto::{KeyEncoding, KeyKind, SigningKey, Suite};
use handclasp_provider_aws_lc as provider;
use handclasp_report::{Event as Kind, Evidence, Failed, Fault, Report, Side, Tag};
use handclasp_schedule::KeySource;

use handclasp_handshake::{
    Action, Actions, Answer, Certificates, Config, Connected, Context, Credential, ExtendedMasterSecret,
    Handshake, Input, Need, PskAnswer, PskHash, RecordLimits, Resumption, Versions,
};
use rustls_pki_types::CertificateDer;

use crate::built::built;

/// The pre-shared key of these tests.
pub(super) const PSK: &[u8] = b"sixteen or more bytes";
/// Its identity, with a NUL in it.
pub(super) const IDENTITY: &[u8] = b"device\x0017";

/// Every suite, group and scheme of the provider, certificate and pre-shared key, as far as the program is
/// built with them.
pub(super) fn config() -> Config {
    let suites = provider::ALL_SUITES.iter().copied();
    Config {
        generation: 1,
        versions: Versions::ALL,
        suites: suites.filter(|suite| built("cbc") || !suite.needs_encrypt_then_mac()).collect(),
        groups: Cow::Borrowed(if built("ecdhe") { provider::GROUPS } else { &[] }),
        shares: 1,
        verify: Cow::Borrowed(if built("certificates") { provider::VERIFY } else { &[] }),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: built("psk"),
        has_credential: built("certificates"),
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: built("key-log"),
        resumption: Resumption::default(),
    }
}

/// Only these suites.
pub(super) fn config_with(ids: &[CipherSuite]) -> Config {
    let suite = |id: &CipherSuite| provider::ALL_SUITES.iter().copied().find(|suite| suite.id == *id);
    let suites: Vec<&'static Suite> = ids.iter().map(|id| suite(id).unwrap()).collect();
    Config { suites: Cow::Owned(suites), ..config() }
}

/// What a server did.
pub(super) enum Done {
    Sent(HandshakeType, Vec<u8>),
    SentChangeCipherSpec,
    ReadKeys(Vec<u8>),
    WriteKeys(Vec<u8>),
    Connected(Box<Connected>),
    LimitRecords(RecordLimits),
    Warn(AlertDescription),
    KeyUpdateRequested,
    SkipEarlyData,
}

/// A server under test.
pub(super) struct Harness {
    pub(super) config: Config,
    pub(super) report: Report,
    pub(super) server: Handshake,
    pub(super) done: Vec<Done>,
    /// The key log: labels and secrets.
    pub(super) log: Vec<(&'static str, Vec<u8>)>,
    pub(super) key: Box<dyn SigningKey>,
    pub(super) kind: KeyKind,
    /// The time.
    pub(super) now: u64,
    actions: Actions,
    random: provider::SystemRandom,
}

/// The cipher's key among the keys that the machine lends.
fn key_of(keys: Option<KeySource<'_>>) -> Vec<u8> {
    keys.expect("the machine has them").with(|keys| keys.key.expose().to_vec())
}

impl Harness {
    pub(super) fn new(config: Config) -> Self {
        Self::with_key(config, KeyKind::P256)
    }

    pub(super) fn with_key(config: Config, kind: KeyKind) -> Self {
        let der = provider::KEYS.generate(kind, &mut provider::SystemRandom).unwrap();
        let key = provider::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap();
        let (mut report, mut actions) = (Report::new(Side::Server), Actions::default());
        let mut random = provider::SystemRandom;
        let mut context = Context {
            config: &config,
            now: 0,
            random: &mut random,
            report: &mut report,
            actions: &mut actions,
        };
        let server = Handshake::server(&mut context).unwrap();
        Self { config, report, server, done: Vec::new(), log: Vec::new(), key, kind, now: 0, actions, random }
    }

    fn call(
        &mut self,
        call: impl FnOnce(&mut Handshake, &mut Context<'_>) -> Result<(), Failed>,
    ) -> Result<(), Fault> {
        // A report keeps its first fault, and the tests ask for that of each call.
        if self.report.why().is_some() {
            self.report = Report::new(Side::Server);
        }
        let mut context = Context {
            config: &self.config,
            now: self.now,
            random: &mut self.random,
            report: &mut self.report,
            actions: &mut self.actions,
        };
        call(&mut self.server, &mut context).map_err(|failed| self.report.fault_of(failed))?;
        self.carry_out();
        Ok(())
    }

    pub(super) fn input(&mut self, input: Input<'_>) -> Result<(), Fault> {
        let handled = self.call(|server, context| server.handle(context, input));
        handled.inspect_err(|fault| leaves_numbers(&self.report, fault))
    }

    pub(super) fn message(&mut self, message: &[u8]) -> Result<(), Fault> {
        self.input(Input::Message(message))
    }

    pub(super) fn answer(&mut self, answer: Answer<'_>) -> Result<(), Fault> {
        self.call(|server, context| server.answer(context, answer))
    }

    pub(super) fn update_keys(&mut self) -> Result<(), Fault> {
        self.call(|server, context| server.update_keys(context))
    }

    /// Answers with the test's pre-shared key.
    pub(super) fn answer_psk(&mut self, index: usize, hash: PskHash) -> Result<(), Fault> {
        assert!(matches!(self.server.need(), Some(Need::Psk { .. })));
        self.answer(Answer::Psk(Some(PskAnswer { index, secret: PSK, hash, imported: false })))
    }

    /// Answers with a chain of two, which nobody parses here.
    pub(super) fn answer_credential(&mut self) -> Result<(), Fault> {
        let schemes = self.key.schemes().to_vec();
        self.answer_credential_for(&schemes)
    }

    pub(super) fn answer_credential_for(&mut self, schemes: &[SignatureScheme]) -> Result<(), Fault> {
        assert!(matches!(self.server.need(), Some(Need::Credential { .. })));
        let (chain, key) = (chain(), self.kind);
        self.answer(Answer::Credential(Some(Credential::x509(&chain, key, schemes))))
    }

    /// Signs what is asked.
    pub(super) fn answer_signature(&mut self) -> Result<(), Fault> {
        let Some(Need::Signature { scheme, message }) = self.server.need() else {
            panic!("no signature asked")
        };
        let signature = self.key.sign(scheme, message, &mut provider::SystemRandom).unwrap();
        self.answer(Answer::Signature(&signature))
    }

    fn carry_out(&mut self) {
        let lines = self.actions.take_key_log();
        self.log.extend(lines.iter().map(|line| (line.label, line.secret.expose().to_vec())));
        assert!(self.actions.take_sessions().is_empty(), "a server gets no tickets");
        let (mut index, mut sent) = (0, 0);
        while let Some(action) = self.actions.get(index) {
            index += 1;
            let done = match action {
                Action::Send(until) => {
                    self.done.extend(messages(&self.actions.flight()[sent..until]));
                    sent = until;
                    continue;
                }
                Action::SendChangeCipherSpec => Done::SentChangeCipherSpec,
                Action::InstallReadKeys(epoch) => Done::ReadKeys(key_of(self.server.read_keys(epoch))),
                Action::InstallWriteKeys(epoch) => Done::WriteKeys(key_of(self.server.write_keys(epoch))),
                Action::Connected => Done::Connected(self.actions.connected.take().unwrap()),
                Action::SkipEarlyData => Done::SkipEarlyData,
                Action::LimitRecords(limits) => Done::LimitRecords(limits),
                Action::Warn(description) => Done::Warn(description),
                Action::KeyUpdateRequested => Done::KeyUpdateRequested,
            };
            self.done.push(done);
        }
        self.actions.clear();
    }

    /// The last message of that type, header included.
    pub(super) fn sent(&self, wanted: HandshakeType) -> &[u8] {
        let mut sent = self.done.iter().rev().filter_map(|done| match done {
            Done::Sent(found, message) if *found == wanted => Some(message.as_slice()),
            _ => None,
        });
        sent.next().expect("not sent")
    }

    /// What was done, in short words.
    pub(super) fn story(&self) -> Vec<&'static str> {
        let word = |done: &Done| match done {
            Done::Sent(message, _) => message.name().unwrap(),
            Done::SentChangeCipherSpec => "change_cipher_spec",
            Done::ReadKeys(_) => "read keys",
            Done::WriteKeys(_) => "write keys",
            Done::Connected(_) => "connected",
            Done::SkipEarlyData => "skip early data",
            Done::LimitRecords(_) => "limit records",
            Done::Warn(_) => "warn",
            Done::KeyUpdateRequested => "key update requested",
        };
        self.done.iter().map(word).collect()
    }

    /// The secret logged under that label.
    pub(super) fn logged(&self, wanted: &str) -> &[u8] {
        let logged = self.log.iter().find(|(label, _)| *label == wanted);
        logged.map(|(_, secret)| secret.as_slice()).expect("not logged")
    }

    pub(super) fn connected(&self) -> &Connected {
        match self.done.last() {
            Some(Done::Connected(connected)) => connected,
            _ => panic!("not connected: {:?}", self.story()),
        }
    }

    /// The words that a note of the report holds.
    pub(super) fn noted(&self, from: Side, tag: Tag) -> Option<Vec<u8>> {
        let item = self.report.items().find(|item| item.from == from && item.tag == tag);
        item.map(|item| item.bytes.to_vec())
    }
}

/// Two things that stand for certificates.
pub(super) fn chain() -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from(&b"leaf"[..]), CertificateDer::from(&b"issuer"[..])]
}

/// What is refused where something else is awaited.
pub(super) fn unexpected(expected: HandshakeType, found: HandshakeType) -> Fault {
    Fault::Unexpected { expected: Kind::Message(expected), found: Kind::Message(found) }
}

fn messages(mut flight: &[u8]) -> Vec<Done> {
    let mut done = Vec::new();
    while !flight.is_empty() {
        let split = handclasp_codec::split_handshake(flight).unwrap();
        done.push(Done::Sent(split.header.msg_type, split.message.to_vec()));
        flight = split.rest;
    }
    done
}

/// A message that does not parse leaves its numbers in the report.
fn leaves_numbers(report: &Report, fault: &Fault) {
    if let Fault::Decode { problem, .. } = fault {
        assert_eq!(report.evidence(fault).is_some(), problem.numbers() > 0, "{fault:?} has its numbers");
    }
}

/// What a Finished of another length than `needed` is refused for.
pub(super) fn finished_length(needed: u32, available: u32) -> Fault {
    let problem = if available > needed { Problem::Trailing } else { Problem::Truncated };
    let (within, field) = (Field::finished, Field::verify_data);
    let fault = Fault::Decode { within, field, problem, offset: 4 };
    assert_eq!(fault.alert(), Some(AlertDescription::decode_error));
    fault
}

/// The numbers of [`finished_length`].
pub(super) fn finished_numbers(needed: u32, available: u32) -> Option<Evidence> {
    Some(Evidence::Numbers(match available.checked_sub(needed) {
        Some(extra) => [extra, 0, 0],
        None => [needed, available, 0],
    }))
}
