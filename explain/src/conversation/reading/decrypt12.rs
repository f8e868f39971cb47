//! Records of TLS 1.2 and before, opened: the master secret out of the key log or out of a
//! pre-shared key, and then whichever way of protection the records really have.

use handclasp_codec::{KeyExchangeAlgorithm, ProtocolVersion};
use handclasp_schedule::psk_premaster;

use super::Reading;
use super::decrypt::Outcome;
use super::secrets::Label;
use super::stream::Record;
use crate::conversation::events::{Closed, KeySource};
use crate::conversation::legacy::{Cipher, Failed, KeyBlockOf, Master, Opened, Opener, Prf, cipher};
use crate::input::capture_event::Side;

/// Numbers that are tried beside a record's own.
const MISSED: u64 = 3;

/// After so many records in a row that do not open, only the plain way is tried.
const PATIENCE: u32 = 16;

/// The keys of one end.
#[derive(Default)]
pub(super) enum Keys12 {
    /// change_cipher_spec has just gone by, or nothing yet.
    #[default]
    Fresh,
    /// These.
    Open(Box<Epoch12>),
    /// None.
    Without(Closed),
}

impl Keys12 {
    /// A record that is not there for opening: the next one has the next number.
    pub fn pass(&mut self) {
        if let Self::Open(epoch) = self {
            let own = epoch.opener.sequence();
            epoch.opener.expect(own.saturating_add(1));
        }
    }
}

/// One key block's half, in use.
pub(super) struct Epoch12 {
    pub master: Master,
    opener: Opener,
    of: Of,
    failures: u32,
}

/// What the keys come from, and how they are used.
#[derive(Clone, Copy)]
struct Of {
    source: KeySource,
    cipher: Cipher,
    version: ProtocolVersion,
    client_random: [u8; 32],
    server_random: [u8; 32],
    encrypt_then_mac: bool,
    reading: Option<(usize, &'static str)>,
    ems: Option<bool>,
}

impl Of {
    fn of_log(
        cipher: Cipher,
        version: ProtocolVersion,
        client_random: [u8; 32],
        server_random: [u8; 32],
    ) -> Self {
        let (source, encrypt_then_mac) = (KeySource::KeyLog, false);
        Self {
            source,
            cipher,
            version,
            client_random,
            server_random,
            encrypt_then_mac,
            reading: None,
            ems: None,
        }
    }

    fn opener(&self, master: &Master, from: Side) -> Option<Opener> {
        let Self { cipher, version, client_random, server_random, encrypt_then_mac, .. } = self;
        master.opener(
            from,
            &KeyBlockOf {
                cipher: *cipher,
                version: *version,
                client_random,
                server_random,
                encrypt_then_mac: *encrypt_then_mac,
            },
        )
    }

    fn is_cbc(&self) -> bool {
        matches!(self.cipher, Cipher::Cbc(..))
    }
}

impl Reading {
    pub(super) fn unseal12(&mut self, from: Side, record: &Record) -> Outcome {
        let keys = std::mem::take(&mut self.way_mut(from).keys);
        let (keys, outcome) = match keys {
            Keys12::Fresh => self.first12(from, record),
            Keys12::Open(epoch) => self.next12(from, record, epoch),
            Keys12::Without(why) => (Keys12::Without(why), Outcome::Closed(why)),
        };
        self.way_mut(from).keys = keys;
        outcome
    }

    /// The first record after change_cipher_spec: which master secret, which randoms, which order
    /// of encryption and MAC open it.
    fn first12(&mut self, from: Side, record: &Record) -> (Keys12, Outcome) {
        let closed = |why| (Keys12::Without(why), Outcome::Closed(why));
        let (Some(suite), Some(version)) = (self.learned.suite, self.learned.version) else {
            return closed(Closed::NoKeys);
        };
        let Some((cipher, prf)) = cipher(suite, version) else { return closed(Closed::UnknownSuite) };
        // The trial goes first: which reading fits is told, whatever a key log knows besides.
        let mut candidates = self.psk_masters(cipher, prf, version);
        let on_trial = candidates.len();
        candidates.extend(self.masters(from, cipher, prf, version));
        let known = candidates.len();
        candidates.extend(self.guesses(cipher, prf, version));

        let modes = match cipher {
            Cipher::Cbc(..) => [true, false].as_slice(),
            Cipher::Aead(_) | Cipher::Rc4(_) | Cipher::Null(_) => [true].as_slice(),
        };
        let negotiated = self.learned.encrypt_then_mac;
        let mut opened = None;
        'all: for (master, of) in &candidates {
            for as_negotiated in modes {
                let of = Of { encrypt_then_mac: *as_negotiated == negotiated, ..*of };
                let Some(mut opener) = of.opener(master, from) else { continue };
                let outcome = opener.open(&record.bytes, &[]);
                if outcome != Err(Failed::NotAuthentic) {
                    let master = master.duplicate();
                    opened = Some((Epoch12 { master, opener, of, failures: 0 }, outcome));
                    break 'all;
                }
            }
        }
        // Where the hash of the session is lost, that no key opens it says nothing.
        let whole = !self.learned.extended_master_secret || self.learned.session().is_some();
        if on_trial > 0 && (whole || opened.as_ref().is_some_and(|(epoch, _)| epoch.of.reading.is_some())) {
            self.note_trial(from, opened.as_ref().and_then(|(epoch, _)| epoch.of.reading));
        }
        if let Some((epoch, outcome)) = opened {
            self.note12(from, &epoch.of);
            return (Keys12::Open(Box::new(epoch)), of_opened(outcome));
        }
        let known = candidates.into_iter().take(known).nth(on_trial);
        let Some((master, of)) = known else { return closed(Closed::NoKeys) };
        let of = Of { encrypt_then_mac: negotiated, ..of };
        let Some(mut opener) = of.opener(&master, from) else { return closed(Closed::NoKeys) };
        opener.expect(1);
        let epoch = Epoch12 { master, opener, of, failures: 1 };
        (Keys12::Open(Box::new(epoch)), Outcome::Closed(Closed::NotAuthentic))
    }

    /// A later record.
    fn next12(&mut self, from: Side, record: &Record, mut epoch: Box<Epoch12>) -> (Keys12, Outcome) {
        let own = epoch.opener.sequence();
        let mut others = Vec::new();
        if epoch.failures < PATIENCE {
            let missed = MISSED.max(self.way(from).missed);
            others.extend((1..=missed).map(|more| own.saturating_add(more)));
            others.extend(own.checked_sub(1));
        }
        let mut outcome = epoch.opener.open(&record.bytes, &others);
        let failed = outcome == Err(Failed::NotAuthentic);
        if failed && epoch.of.is_cbc() && epoch.failures < PATIENCE {
            let of = Of { encrypt_then_mac: !epoch.of.encrypt_then_mac, ..epoch.of };
            if let Some(mut opener) = of.opener(&epoch.master, from) {
                opener.expect(own);
                let again = opener.open(&record.bytes, &others);
                if again != Err(Failed::NotAuthentic) {
                    (epoch.opener, epoch.of, outcome) = (opener, of, again);
                }
            }
        }
        epoch.failures = match &outcome {
            Err(Failed::NotAuthentic) => epoch.failures.saturating_add(1),
            Ok(_) | Err(Failed::Strange(_)) => 0,
        };
        if let Ok(opened) = &outcome {
            self.jumped(from, record.position, own, opened.sequence);
            self.note12(from, &epoch.of);
            self.way_mut(from).missed = 0;
        }
        (Keys12::Open(epoch), of_opened(outcome))
    }

    /// Master secrets that are known: that of the other end, and those of the key log. Where the
    /// client_random was changed on its way, each end has made its keys with the one it knows.
    fn masters(&self, from: Side, cipher: Cipher, prf: Prf, version: ProtocolVersion) -> Vec<(Master, Of)> {
        let mut masters = Vec::new();
        // Those of an earlier handshake, which a renegotiation leaves behind, open nothing more.
        if let Keys12::Open(epoch) = &self.way(from.other()).keys
            && self.learned.server_random == Some(epoch.of.server_random)
        {
            masters.push((epoch.master.duplicate(), epoch.of));
        }
        let (Some(client_random), Some(server_random)) =
            (self.learned.client_random, self.learned.server_random)
        else {
            return masters;
        };
        let Some(found) = self.secrets.find(&client_random) else { return masters };
        let mut randoms = vec![found.client_random];
        if found.distance > 0 {
            randoms.push(client_random);
        }
        for secret in found.of(Label::Master) {
            for client_random in &randoms {
                let of = Of::of_log(cipher, version, *client_random, server_random);
                masters.push((Master::restore(prf, secret.duplicate()), of));
            }
        }
        masters
    }

    /// Master secrets of other lines: of the session that is resumed, or of a ClientHello that the
    /// capture lacks.
    fn guesses(&self, cipher: Cipher, prf: Prf, version: ProtocolVersion) -> Vec<(Master, Of)> {
        let (own, Some(server_random)) = (self.learned.client_random, self.learned.server_random) else {
            return Vec::new();
        };
        let resumed = self.learned.session_end.is_none();
        if own.is_some_and(|own| !resumed || self.secrets.find(&own).is_some()) {
            return Vec::new();
        }
        let mut masters = Vec::new();
        for found in self.secrets.all() {
            let client_random = own.unwrap_or(found.client_random);
            for secret in found.of(Label::Master) {
                let of = Of::of_log(cipher, version, client_random, server_random);
                masters.push((Master::restore(prf, secret.duplicate()), of));
            }
        }
        masters
    }

    /// Master secrets of plain PSK (RFC 4279 §2), under every reading of every candidate, with and
    /// without extended_master_secret.
    fn psk_masters(&self, cipher: Cipher, prf: Prf, version: ProtocolVersion) -> Vec<(Master, Of)> {
        let mut masters = Vec::new();
        let exchange = self.learned.suite.and_then(|suite| suite.key_exchange_algorithm());
        let (Some(client_random), Some(server_random), Some(KeyExchangeAlgorithm::Psk)) =
            (self.learned.client_random, self.learned.server_random, exchange)
        else {
            return masters;
        };
        let negotiated = self.learned.extended_master_secret;
        for (candidate, readings) in self.secrets.candidates().iter().enumerate() {
            for reading in readings {
                let premaster = psk_premaster(None, &reading.bytes);
                for ems in [negotiated, !negotiated] {
                    let master = match (ems, self.learned.session()) {
                        (true, Some(session)) => Master::extended(prf, &premaster, session),
                        (true, None) => continue,
                        (false, _) => Master::new(prf, &premaster, &client_random, &server_random),
                    };
                    let of = Of {
                        source: KeySource::Psk,
                        cipher,
                        version,
                        client_random,
                        server_random,
                        encrypt_then_mac: false,
                        reading: Some((candidate, reading.name)),
                        ems: Some(ems),
                    };
                    masters.push((master, of));
                }
            }
        }
        masters
    }

    /// Notes which reading fits what an end sent.
    fn note_trial(&mut self, from: Side, reading: Option<(usize, &'static str)>) {
        let secrets = std::rc::Rc::clone(&self.secrets);
        let tried = secrets.candidates().iter().map(Vec::len).sum();
        let trial = self.notes.conversation.unsealed.psk.get_or_insert_default();
        trial.possible = true;
        trial.tried = tried;
        match from {
            Side::Client => trial.client = reading,
            Side::Server => trial.server = reading,
        }
        let Some((candidate, name)) = reading else { return };
        let others = secrets.candidates().get(candidate).into_iter().flatten();
        trial.others =
            others.filter(|other| other.name != name).map(|other| (other.name, other.bytes.len())).collect();
    }

    /// Notes what a record that opened has shown.
    fn note12(&mut self, from: Side, of: &Of) {
        self.opened_by(of.source);
        let unsealed = &mut self.notes.conversation.unsealed;
        if of.is_cbc() {
            let position = match from {
                Side::Client => &mut unsealed.etm_client,
                Side::Server => &mut unsealed.etm_server,
            };
            *position = Some(of.encrypt_then_mac);
        }
        if from == Side::Client && of.ems.is_some() {
            unsealed.ems_client = of.ems;
        }
    }
}

fn of_opened(outcome: Result<Opened, Failed>) -> Outcome {
    match outcome {
        Ok(opened) => Outcome::Opened(opened, false),
        Err(Failed::Strange(content_type)) => Outcome::Strange(content_type),
        Err(Failed::NotAuthentic) => Outcome::Closed(Closed::NotAuthentic),
    }
}
