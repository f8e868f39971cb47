//! What every test needs: a configuration, a client with all that a call brings along, keys.

use std::sync::LazyLock;

use handclasp_codec::{
    AlertDescription, CipherSuite, Field, HandshakeType, NamedGroup, Problem, split_handshake,
};
use handclasp_crypto::{
    ExchangeError, KeyEncoding, KeyExchange, KeyExchangeAlgorithm, KeyKind, NonceStyle, PrivateShare, Random,
    RandomFailed, SigningKey, Suite,
};
use handclasp_handshake::{
    Action, Actions, Answer, Certificates, ClientPsk, ClientStart, ClientVersion, Config, Connected, Context,
    Credential, ExtendedMasterSecret, Handshake, Input, KeyLogLine, Need, PeerIdentity, PskHash,
    RecordLimits, Resumption, ServerVersion, Session, Versions,
};
use handclasp_provider_aws_lc as aws;
use handclasp_report::{CertificateFault, Event, Evidence, Failed, Fault, Report, Side};
use handclasp_schedule::TrafficKeys;
use rustls_pki_types::CertificateDer;

use crate::built::built;

/// All that the provider can do, and the program is built with.
pub fn config() -> Config {
    let suites = aws::ALL_SUITES.iter().copied();
    Config {
        generation: 1,
        versions: Versions::ALL,
        suites: suites.filter(|suite| built("cbc") || !suite.needs_encrypt_then_mac()).collect(),
        groups: if built("ecdhe") { aws::GROUPS.into() } else { Vec::new().into() },
        shares: if built("retry") { 1 } else { aws::GROUPS.len() },
        verify: if built("certificates") { aws::VERIFY.into() } else { Vec::new().into() },
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: false,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: built("key-log"),
        resumption: Resumption::default(),
    }
}

/// Only suites of these numbers.
pub fn with_suites(suites: &[&'static Suite]) -> Config {
    Config { suites: suites.to_vec().into(), ..config() }
}

/// Only TLS 1.3: a program that links no other version.
pub fn only13() -> Config {
    only(Versions { client: &[ClientVersion::TLS13], server: &[ServerVersion::TLS13] })
}

/// Only TLS 1.2: a program that links no other version.
pub fn only12() -> Config {
    only(Versions { client: &[ClientVersion::TLS12], server: &[ServerVersion::TLS12] })
}

fn only(versions: Versions) -> Config {
    let mut config = config();
    config.versions = versions;
    let listed = |suite: &Suite| versions.client.iter().any(|version| version.number() == suite.version());
    config.suites.to_mut().retain(|suite| listed(suite));
    config
}

/// The provider lists none of its kind yet.
pub static ECDHE_PSK: Suite = Suite::tls12(
    CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
    KeyExchangeAlgorithm::EcdhePsk,
    aws::SHA256,
    aws::AES_128_GCM,
    NonceStyle::Explicit,
);

pub const SHARED: &[u8] = b"thirty-two bytes of a shared key";

/// A pre-shared key for both versions.
pub const PSK: ClientPsk<'static> = ClientPsk {
    identity: b"device-7",
    secret: SHARED,
    tls13: Some(PskHash::Sha256),
    tls12: true,
    imported: false,
    also: None,
};

pub const NO_PSK: ClientStart<'static> =
    ClientStart { server_name: Some("broker.example"), psk: None, session: None };
pub const WITH_PSK: ClientStart<'static> = ClientStart { server_name: None, psk: Some(PSK), session: None };

/// One key of each kind, made once.
pub fn key(kind: KeyKind) -> &'static dyn SigningKey {
    static KEYS: LazyLock<Vec<(KeyKind, Box<dyn SigningKey>)>> = LazyLock::new(|| {
        let load = |kind| {
            let der = aws::KEYS.generate(kind, &mut aws::SystemRandom).unwrap();
            (kind, aws::KEYS.load(KeyEncoding::Pkcs8, &der).unwrap())
        };
        KeyKind::SIGNING.into_iter().map(load).collect()
    });
    &*KEYS.iter().find(|(each, _)| *each == kind).unwrap().1
}

/// Certificates of the tests; the handshake does not look into them.
pub fn chain() -> Vec<CertificateDer<'static>> {
    vec![CertificateDer::from(&b"leaf"[..]), CertificateDer::from(&b"intermediate"[..])]
}

pub const IDENTITY: PeerIdentity = PeerIdentity::new([7; 32], Some(2_000_000_000));

/// What an action was, with messages cut apart.
pub enum Did {
    Sent(Vec<u8>),
    ChangeCipherSpec,
    Read(TrafficKeys),
    Write(TrafficKeys),
    Log(&'static str, Vec<u8>),
    Connected(Box<Connected>),
    LimitRecords(RecordLimits),
    Warn(AlertDescription),
    KeyUpdateRequested,
    Ticket(Session),
    SkipEarlyData,
}

/// A word for each action, in order: the shape of a flight, between the key log and sessions.
pub fn shape(did: &[Did]) -> String {
    let name = |did: &Did| match did {
        Did::Sent(message) => HandshakeType(message[0]).to_string(),
        Did::ChangeCipherSpec => "change_cipher_spec".into(),
        Did::Read(_) => "read".into(),
        Did::Write(_) => "write".into(),
        Did::Log(..) => "log".into(),
        Did::Connected(_) => "connected".into(),
        Did::Ticket(_) => "ticket".into(),
        Did::SkipEarlyData => "skip_early_data".into(),
        Did::LimitRecords(_) => "limit".into(),
        Did::Warn(_) => "warn".into(),
        Did::KeyUpdateRequested => "requested".into(),
    };
    did.iter().map(name).collect::<Vec<String>>().join(" ")
}

fn copied(keys: &TrafficKeys) -> TrafficKeys {
    let (key, iv_or_mac_key) = (keys.key.duplicate(), keys.iv_or_mac_key.duplicate());
    TrafficKeys { suite: keys.suite, key, iv_or_mac_key }
}

/// Takes out what was to be done, after the key log and before sessions.
pub fn take(actions: &mut Actions, machine: &Handshake) -> Vec<Did> {
    let line = |line: Box<KeyLogLine>| Did::Log(line.label, line.secret.expose().to_vec());
    let mut did: Vec<Did> = actions.take_key_log().into_iter().map(line).collect();
    let (mut index, mut sent) = (0, 0);
    while let Some(action) = actions.get(index) {
        index += 1;
        match action {
            Action::Send(until) => {
                let mut rest = &actions.flight()[sent..until];
                sent = until;
                while !rest.is_empty() {
                    let split = split_handshake(rest).unwrap();
                    did.push(Did::Sent(split.message.to_vec()));
                    rest = split.rest;
                }
            }
            Action::SendChangeCipherSpec => did.push(Did::ChangeCipherSpec),
            Action::InstallReadKeys(epoch) => {
                did.push(Did::Read(machine.read_keys(epoch).unwrap().with(copied)))
            }
            Action::InstallWriteKeys(epoch) => {
                did.push(Did::Write(machine.write_keys(epoch).unwrap().with(copied)))
            }
            Action::Connected => did.push(Did::Connected(actions.connected.take().unwrap())),
            Action::SkipEarlyData => did.push(Did::SkipEarlyData),
            Action::LimitRecords(limits) => did.push(Did::LimitRecords(limits)),
            Action::Warn(description) => did.push(Did::Warn(description)),
            Action::KeyUpdateRequested => did.push(Did::KeyUpdateRequested),
        }
    }
    actions.clear();
    did.extend(actions.take_sessions().into_iter().map(Did::Ticket));
    did
}

/// The messages among them.
pub fn messages(did: &[Did]) -> Vec<Vec<u8>> {
    did.iter()
        .filter_map(|did| if let Did::Sent(message) = did { Some(message.clone()) } else { None })
        .collect()
}

/// A client and its surroundings.
pub struct Tested {
    pub config: Config,
    pub client: Handshake,
    pub report: Report,
    pub actions: Actions,
    /// What a signature is wanted for, as asked last.
    pub key: KeyKind,
}

/// Starts a client, or says why it does not start.
pub fn try_start(
    config: Config,
    start: ClientStart<'_>,
    random: &mut dyn Random,
) -> Result<(Tested, Vec<u8>), Fault> {
    let (mut report, mut actions) = (Report::new(Side::Client), Actions::default());
    let mut context =
        Context { config: &config, now: 1_800_000_000, random, report: &mut report, actions: &mut actions };
    let client = Handshake::client(&mut context, start).map_err(|failed| context.report.fault_of(failed))?;
    let hello = messages(&take(&mut actions, &client)).remove(0);
    Ok((Tested { config, client, report, actions, key: KeyKind::P256 }, hello))
}

/// Starts a client; its ClientHello.
pub fn start(config: Config, start: ClientStart<'_>) -> (Tested, Vec<u8>) {
    try_start(config, start, &mut aws::SystemRandom).unwrap()
}

impl Tested {
    fn with<R>(
        &mut self,
        call: impl FnOnce(&mut Handshake, &mut Context<'_>) -> Result<R, Failed>,
    ) -> Result<R, Fault> {
        let mut context = Context {
            config: &self.config,
            now: 1_800_000_000,
            random: &mut aws::SystemRandom,
            report: &mut self.report,
            actions: &mut self.actions,
        };
        call(&mut self.client, &mut context).map_err(|failed| self.report.fault_of(failed))
    }

    /// Hands in an input; what it led to.
    pub fn input(&mut self, input: Input<'_>) -> Result<Vec<Did>, Fault> {
        let handled = self.with(|client, context| client.handle(context, input));
        handled.inspect_err(|fault| leaves_numbers(&self.report, fault))?;
        Ok(take(&mut self.actions, &self.client))
    }

    pub fn message(&mut self, message: &[u8]) -> Result<Vec<Did>, Fault> {
        self.input(Input::Message(message))
    }

    pub fn answer(&mut self, answer: Answer<'_>) -> Result<Vec<Did>, Fault> {
        self.with(|client, context| client.answer(context, answer))?;
        Ok(take(&mut self.actions, &self.client))
    }

    pub fn update_keys(&mut self) -> Result<Vec<Did>, Fault> {
        self.with(|client, context| client.update_keys(context))?;
        Ok(take(&mut self.actions, &self.client))
    }

    /// Notes all certificates of `chain()` and believes the last one to have this key.
    pub fn accept(&mut self, kind: KeyKind) -> Result<Vec<Did>, Fault> {
        self.key = kind;
        for (place, expected) in chain().iter().enumerate() {
            let Some(Need::PeerCertificate { index, der, last, .. }) = self.client.need() else {
                panic!("a certificate to look at");
            };
            assert_eq!((index, der, last), (place, expected.as_ref(), place + 1 == chain().len()));
            if !last {
                self.answer(Answer::CertificateNoted)?;
            }
        }
        self.answer(Answer::PeerAccepted { spki: key(kind).public_key(), identity: IDENTITY })
    }

    /// The input ends it with this fault; nothing works from then on.
    #[track_caller]
    pub fn refuses(&mut self, message: &[u8], fault: Fault) {
        assert_eq!(self.message(message).err(), Some(fault));
        self.is_over();
    }

    /// The message does not parse.
    #[track_caller]
    pub fn does_not_parse(&mut self, message: &[u8]) {
        let fault = self.message(message).err();
        assert!(matches!(fault, Some(Fault::Decode { .. })), "{fault:?}");
        self.is_over();
    }

    #[track_caller]
    pub fn is_over(&mut self) {
        // A report keeps its first fault.
        let ended = core::mem::replace(&mut self.report, Report::new(Side::Client));
        assert_eq!(self.client.expects(), Event::Nothing);
        assert!(self.client.need().is_none() && !self.client.is_connected());
        let found = Event::ChangeCipherSpec;
        let fault = self.input(Input::ChangeCipherSpec).err();
        assert_eq!(fault, Some(Fault::Unexpected { expected: Event::Nothing, found }));
        self.report = ended;
    }
}

/// A message that does not parse leaves its numbers in the report.
fn leaves_numbers(report: &Report, fault: &Fault) {
    if let Fault::Decode { problem, .. } = fault {
        assert_eq!(report.evidence(fault).is_some(), problem.numbers() > 0, "{fault:?} has its numbers");
    }
}

/// The chain is not believed.
pub const REFUSED: CertificateFault = CertificateFault::UnknownIssuer { self_signed: true };

/// Our credential for client authentication.
pub fn credential<'a>(chain: &'a [CertificateDer<'static>], kind: KeyKind) -> Credential<'a> {
    Credential::x509(chain, kind, key(kind).schemes())
}

/// A source of randomness that has none.
pub struct NoRandom;

impl Random for NoRandom {
    fn fill(&mut self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

/// X25519 under a hybrid's number, which only TLS 1.3 knows.
pub struct Hybrid;

impl KeyExchange for Hybrid {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519MLKEM768
    }

    fn start(&self, random: &mut dyn Random) -> Result<Box<dyn PrivateShare>, ExchangeError> {
        aws::X25519.start(random)
    }
}

/// What a Finished of another length than `needed` is refused for.
pub fn finished_length(needed: u32, available: u32) -> Fault {
    let problem = if available > needed { Problem::Trailing } else { Problem::Truncated };
    let (within, field) = (Field::finished, Field::verify_data);
    let fault = Fault::Decode { within, field, problem, offset: 4 };
    assert_eq!(fault.alert(), Some(AlertDescription::decode_error));
    fault
}

/// The numbers of [`finished_length`].
pub fn finished_numbers(needed: u32, available: u32) -> Option<Evidence> {
    Some(Evidence::Numbers(match available.checked_sub(needed) {
        Some(extra) => [extra, 0, 0],
        None => [needed, available, 0],
    }))
}
