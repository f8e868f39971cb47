//! Decrypts records of TLS 1.2 and before: the master secret comes from the key log or a pre-shared key;
//! both orders of encryption and MAC are tried.

use handclasp_codec::{KeyExchangeAlgorithm, ProtocolVersion};
use handclasp_schedule::psk_premaster;

use super::ConversationReader;
use super::decrypt::DecryptOutcome;
use super::key_material::Label;
use super::record_splitter::Record;
use crate::conversation::legacy::{
    Cipher, DecryptError, DecryptedRecord, KeyBlockOf, LegacyMasterSecret, Prf, RecordDecrypter, cipher,
};
use crate::conversation::{KeySource, UndecryptedReason};
use crate::input::capture_event::Side;

/// Sequence numbers that are tried after the expected one.
const MISSED: u64 = 3;

/// After this many failures in a row only the expected sequence number and order are tried.
const PATIENCE: u32 = 16;

/// The keys of one sender.
#[derive(Default)]
pub(super) enum Tls12Keys {
    /// No protected record was tried since the last change_cipher_spec.
    #[default]
    Untried,
    /// The keys that decrypt, or should decrypt, the records.
    Known(Box<Tls12Epoch>),
    /// No record can be decrypted.
    Unavailable(UndecryptedReason),
}

impl Tls12Keys {
    /// Skips a record that cannot be decrypted: the next one has the next sequence number.
    pub fn skip(&mut self) {
        if let Self::Known(epoch) = self {
            let own = epoch.decrypter.sequence();
            epoch.decrypter.set_sequence(own.saturating_add(1));
        }
    }
}

/// The keys of one direction.
pub(super) struct Tls12Epoch {
    pub master: LegacyMasterSecret,
    decrypter: RecordDecrypter,
    of: Tls12KeyUse,
    failures: u32,
}

/// Source and use of the keys.
#[derive(Clone, Copy)]
struct Tls12KeyUse {
    source: KeySource,
    cipher: Cipher,
    version: ProtocolVersion,
    client_random: [u8; 32],
    server_random: [u8; 32],
    encrypt_then_mac: bool,
    reading: Option<(usize, &'static str)>,
    ems: Option<bool>,
}

impl Tls12KeyUse {
    fn from_log(
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

    fn decrypter(&self, master: &LegacyMasterSecret, from: Side) -> Option<RecordDecrypter> {
        let Self { cipher, version, client_random, server_random, encrypt_then_mac, .. } = self;
        master.decrypter(
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

impl ConversationReader {
    pub(super) fn decrypt12(&mut self, from: Side, record: &Record) -> DecryptOutcome {
        let keys = std::mem::take(&mut self.direction_mut(from).keys);
        let (keys, outcome) = match keys {
            Tls12Keys::Untried => self.first12(from, record),
            Tls12Keys::Known(epoch) => self.next12(from, record, epoch),
            Tls12Keys::Unavailable(why) => (Tls12Keys::Unavailable(why), DecryptOutcome::Undecrypted(why)),
        };
        self.direction_mut(from).keys = keys;
        outcome
    }

    /// The first record after change_cipher_spec: finds the master secret, the randoms and the order of
    /// encryption and MAC that decrypt it.
    fn first12(&mut self, from: Side, record: &Record) -> (Tls12Keys, DecryptOutcome) {
        let closed = |why| (Tls12Keys::Unavailable(why), DecryptOutcome::Undecrypted(why));
        let (Some(suite), Some(version)) = (self.negotiated.suite, self.negotiated.version) else {
            return closed(UndecryptedReason::NoKeys);
        };
        let Some((cipher, prf)) = cipher(suite, version) else {
            return closed(UndecryptedReason::UnknownSuite);
        };
        // Pre-shared keys are tried first, so that the result names the encoding even if a key log has the
        // secret.
        let mut candidates = self.psk_master_secrets(cipher, prf, version);
        let on_trial = candidates.len();
        candidates.extend(self.master_secrets(from, cipher, prf, version));
        let known = candidates.len();
        candidates.extend(self.other_master_secrets(cipher, prf, version));

        let modes = match cipher {
            Cipher::Cbc(..) => [true, false].as_slice(),
            Cipher::Aead(_) | Cipher::Rc4(_) | Cipher::Null(_) => [true].as_slice(),
        };
        let negotiated = self.negotiated.encrypt_then_mac;
        let mut opened = None;
        'all: for (master, of) in &candidates {
            for as_negotiated in modes {
                let of = Tls12KeyUse { encrypt_then_mac: *as_negotiated == negotiated, ..*of };
                let Some(mut decrypter) = of.decrypter(master, from) else { continue };
                let outcome = decrypter.open(&record.bytes, &[]);
                if outcome != Err(DecryptError::NotAuthentic) {
                    let master = master.duplicate();
                    opened = Some((Tls12Epoch { master, decrypter, of, failures: 0 }, outcome));
                    break 'all;
                }
            }
        }
        // If the session hash is unknown, failure of all keys proves nothing.
        let whole = !self.negotiated.extended_master_secret || self.negotiated.session().is_some();
        if on_trial > 0 && (whole || opened.as_ref().is_some_and(|(epoch, _)| epoch.of.reading.is_some())) {
            self.note_trial(from, opened.as_ref().and_then(|(epoch, _)| epoch.of.reading));
        }
        if let Some((epoch, outcome)) = opened {
            self.note_decrypted12(from, &epoch.of);
            return (Tls12Keys::Known(Box::new(epoch)), outcome_of(outcome));
        }
        let known = candidates.into_iter().take(known).nth(on_trial);
        let Some((master, of)) = known else { return closed(UndecryptedReason::NoKeys) };
        let of = Tls12KeyUse { encrypt_then_mac: negotiated, ..of };
        let Some(mut decrypter) = of.decrypter(&master, from) else {
            return closed(UndecryptedReason::NoKeys);
        };
        decrypter.set_sequence(1);
        let epoch = Tls12Epoch { master, decrypter, of, failures: 1 };
        (Tls12Keys::Known(Box::new(epoch)), DecryptOutcome::Undecrypted(UndecryptedReason::NotAuthentic))
    }

    /// A record after the first one.
    fn next12(
        &mut self,
        from: Side,
        record: &Record,
        mut epoch: Box<Tls12Epoch>,
    ) -> (Tls12Keys, DecryptOutcome) {
        let own = epoch.decrypter.sequence();
        let mut others = Vec::new();
        if epoch.failures < PATIENCE {
            let missed = MISSED.max(self.direction(from).missed);
            others.extend((1..=missed).map(|more| own.saturating_add(more)));
            others.extend(own.checked_sub(1));
        }
        let mut outcome = epoch.decrypter.open(&record.bytes, &others);
        let failed = outcome == Err(DecryptError::NotAuthentic);
        if failed && epoch.of.is_cbc() && epoch.failures < PATIENCE {
            let of = Tls12KeyUse { encrypt_then_mac: !epoch.of.encrypt_then_mac, ..epoch.of };
            if let Some(mut decrypter) = of.decrypter(&epoch.master, from) {
                decrypter.set_sequence(own);
                let again = decrypter.open(&record.bytes, &others);
                if again != Err(DecryptError::NotAuthentic) {
                    (epoch.decrypter, epoch.of, outcome) = (decrypter, of, again);
                }
            }
        }
        epoch.failures = match &outcome {
            Err(DecryptError::NotAuthentic) => epoch.failures.saturating_add(1),
            Ok(_) | Err(DecryptError::InvalidContent(_)) => 0,
        };
        if let Ok(opened) = &outcome {
            self.note_jump(from, record.position, own, opened.sequence);
            self.note_decrypted12(from, &epoch.of);
            self.direction_mut(from).missed = 0;
        }
        (Tls12Keys::Known(epoch), outcome_of(outcome))
    }

    /// Known master secrets: of the other direction, and from the key log. If the client_random was changed
    /// on the way, each peer has derived its keys from the value that it knows.
    fn master_secrets(
        &self,
        from: Side,
        cipher: Cipher,
        prf: Prf,
        version: ProtocolVersion,
    ) -> Vec<(LegacyMasterSecret, Tls12KeyUse)> {
        let mut master_secrets = Vec::new();
        // The master secret of the handshake before a renegotiation is not used.
        if let Tls12Keys::Known(epoch) = &self.direction(from.other()).keys
            && self.negotiated.server_random == Some(epoch.of.server_random)
        {
            master_secrets.push((epoch.master.duplicate(), epoch.of));
        }
        let (Some(client_random), Some(server_random)) =
            (self.negotiated.client_random, self.negotiated.server_random)
        else {
            return master_secrets;
        };
        let Some(found) = self.secrets.find(&client_random) else { return master_secrets };
        let mut randoms = vec![found.client_random];
        if found.distance > 0 {
            randoms.push(client_random);
        }
        for secret in found.of(Label::Master) {
            for client_random in &randoms {
                let of = Tls12KeyUse::from_log(cipher, version, *client_random, server_random);
                master_secrets.push((LegacyMasterSecret::restore(prf, secret.duplicate()), of));
            }
        }
        master_secrets
    }

    /// Master secrets of other lines of the key log: of a resumed session, or of a ClientHello that the
    /// capture lacks.
    fn other_master_secrets(
        &self,
        cipher: Cipher,
        prf: Prf,
        version: ProtocolVersion,
    ) -> Vec<(LegacyMasterSecret, Tls12KeyUse)> {
        let (own, Some(server_random)) = (self.negotiated.client_random, self.negotiated.server_random)
        else {
            return Vec::new();
        };
        let resumed = self.negotiated.session_end.is_none();
        if own.is_some_and(|own| !resumed || self.secrets.find(&own).is_some()) {
            return Vec::new();
        }
        let mut master_secrets = Vec::new();
        for found in self.secrets.all() {
            let client_random = own.unwrap_or(found.client_random);
            for secret in found.of(Label::Master) {
                let of = Tls12KeyUse::from_log(cipher, version, client_random, server_random);
                master_secrets.push((LegacyMasterSecret::restore(prf, secret.duplicate()), of));
            }
        }
        master_secrets
    }

    /// Master secrets of plain PSK (RFC 4279 §2): each encoding of each key, with and without
    /// extended_master_secret.
    fn psk_master_secrets(
        &self,
        cipher: Cipher,
        prf: Prf,
        version: ProtocolVersion,
    ) -> Vec<(LegacyMasterSecret, Tls12KeyUse)> {
        let mut master_secrets = Vec::new();
        let exchange = self.negotiated.suite.and_then(|suite| suite.key_exchange_algorithm());
        let (Some(client_random), Some(server_random), Some(KeyExchangeAlgorithm::Psk)) =
            (self.negotiated.client_random, self.negotiated.server_random, exchange)
        else {
            return master_secrets;
        };
        let negotiated = self.negotiated.extended_master_secret;
        for (candidate, readings) in self.secrets.candidates().iter().enumerate() {
            for reading in readings {
                let premaster = psk_premaster(None, &reading.bytes);
                for ems in [negotiated, !negotiated] {
                    let master = match (ems, self.negotiated.session()) {
                        (true, Some(session)) => LegacyMasterSecret::extended(prf, &premaster, session),
                        (true, None) => continue,
                        (false, _) => {
                            LegacyMasterSecret::new(prf, &premaster, &client_random, &server_random)
                        }
                    };
                    let of = Tls12KeyUse {
                        source: KeySource::Psk,
                        cipher,
                        version,
                        client_random,
                        server_random,
                        encrypt_then_mac: false,
                        reading: Some((candidate, reading.name)),
                        ems: Some(ems),
                    };
                    master_secrets.push((master, of));
                }
            }
        }
        master_secrets
    }

    /// Notes which encoding of the key decrypts what a peer sent.
    fn note_trial(&mut self, from: Side, reading: Option<(usize, &'static str)>) {
        let secrets = std::rc::Rc::clone(&self.secrets);
        let tried = secrets.candidates().iter().map(Vec::len).sum();
        let trial = self.builder.conversation.decryption.psk.get_or_insert_default();
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

    /// Notes what a decrypted record shows about its protection.
    fn note_decrypted12(&mut self, from: Side, of: &Tls12KeyUse) {
        self.note_key_source(of.source);
        let decryption = &mut self.builder.conversation.decryption;
        if of.is_cbc() {
            let position = match from {
                Side::Client => &mut decryption.etm_client,
                Side::Server => &mut decryption.etm_server,
            };
            *position = Some(of.encrypt_then_mac);
        }
        if from == Side::Client && of.ems.is_some() {
            decryption.ems_client = of.ems;
        }
    }
}

fn outcome_of(outcome: Result<DecryptedRecord, DecryptError>) -> DecryptOutcome {
    match outcome {
        Ok(opened) => DecryptOutcome::Decrypted(opened, false),
        Err(DecryptError::InvalidContent(content_type)) => DecryptOutcome::InvalidContent(content_type),
        Err(DecryptError::NotAuthentic) => DecryptOutcome::Undecrypted(UndecryptedReason::NotAuthentic),
    }
}
