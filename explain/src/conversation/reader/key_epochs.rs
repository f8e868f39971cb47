//! The keys of one sender in TLS 1.3, by epoch (RFC 8446 §7.1 §7.2): early data, handshake, application,
//! and those after KeyUpdate. A record is tried under the expected epoch and then under the others, since a
//! peer that aborts may send its alert under either.

use handclasp_crypto::Suite;
use handclasp_record::RecordKeys;
use handclasp_schedule::TrafficSecret;

use crate::conversation::KeySource;
use crate::conversation::legacy::{DecryptError, DecryptedRecord, RecordDecrypter};

/// The kind of an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum EpochKind {
    /// client_early_traffic_secret.
    Early,
    /// client_ or server_handshake_traffic_secret.
    #[default]
    Handshake,
    /// client_ or server_application_traffic_secret.
    Application,
}

/// A traffic secret and its keys.
pub(super) struct Epoch {
    kind: EpochKind,
    secret: TrafficSecret,
    suite: &'static Suite,
    decrypter: RecordDecrypter,
    source: KeySource,
    /// Whether the keys belong to this sender: a record decrypted, or the key log says so.
    certain: bool,
    /// Index of the pre-shared key that the secret was derived from, if it was.
    pub trial: Option<usize>,
}

impl Epoch {
    /// `None`: the secret does not fit the suite.
    pub fn new(
        kind: EpochKind,
        secret: TrafficSecret,
        suite: &'static Suite,
        source: KeySource,
    ) -> Option<Self> {
        let decrypter = RecordDecrypter::aead(RecordKeys::new(&secret.keys(suite))?);
        let certain = source == KeySource::KeyLog;
        Some(Self { kind, secret, suite, decrypter, source, certain, trial: None })
    }

    /// Sets whether the keys must decrypt what the sender sends.
    pub fn certain(self, certain: bool) -> Self {
        Self { certain, ..self }
    }

    /// Sets the index of the pre-shared key.
    pub fn of_trial(self, trial: usize) -> Self {
        Self { trial: Some(trial), ..self }
    }

    /// The traffic secret.
    pub fn secret(&self) -> &TrafficSecret {
        &self.secret
    }

    /// Source of the secret.
    pub fn source(&self) -> KeySource {
        self.source
    }
}

/// The epochs of one sender.
#[derive(Default)]
pub(super) struct KeyEpochs {
    epochs: Vec<Epoch>,
    /// Index of the epoch that decrypted the last record.
    current: Option<usize>,
    /// Number of failures in a row.
    failures: u32,
    /// The expected epoch of the next record.
    pub expected: EpochKind,
}

/// Sequence numbers that are tried after the expected one.
const MISSED: u64 = 3;

/// After this many failures in a row only the expected sequence number is tried.
const PATIENCE: u32 = 16;

/// Result of trying the epochs of a sender.
pub(super) enum EpochOutcome {
    /// The record, the kind of its keys, and the sequence number that was expected if the record has
    /// another one.
    Decrypted(DecryptedRecord, EpochKind, Option<u64>),
    /// The record is authentic, and its content is not allowed.
    InvalidContent(handclasp_codec::ContentType),
    /// The record was not decrypted; whether keys that must decrypt it are known.
    Undecrypted(bool),
}

impl KeyEpochs {
    /// Forgets all keys: another handshake begins.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// Adds an epoch.
    pub fn push(&mut self, epoch: Option<Epoch>) {
        self.epochs.extend(epoch);
    }

    /// The epoch that decrypted the last record.
    pub fn current(&self) -> Option<&Epoch> {
        self.epochs.get(self.current?)
    }

    /// Whether keys of this kind are known that must decrypt the sender's records.
    fn must_decrypt(&self, kind: EpochKind) -> bool {
        self.epochs.iter().any(|epoch| epoch.kind == kind && epoch.certain)
    }

    /// KeyUpdate: the current epoch becomes the next one (RFC 8446 §7.2).
    pub fn update(&mut self) {
        let Some(epoch) = self.current.and_then(|current| self.epochs.get_mut(current)) else { return };
        let next = Epoch::new(EpochKind::Application, epoch.secret.next(), epoch.suite, epoch.source);
        if let Some(next) = next {
            *epoch = next;
        }
    }

    /// Decrypts a record. `missed`: the number of records that may be missing before it.
    pub fn open(&mut self, record: &[u8], missed: u64) -> EpochOutcome {
        let mut order: Vec<usize> = (0..self.epochs.len()).collect();
        let rank = |index: &usize| {
            let kind = self.epochs.get(*index).map(|epoch| epoch.kind);
            (self.current != Some(*index), kind != Some(self.expected))
        };
        // The epoch that KeyUpdate or Finished announces comes before the epoch of the last record.
        order.sort_by_key(|index| {
            let (other, unexpected) = rank(index);
            (unexpected, other)
        });
        for index in order {
            let Some(epoch) = self.epochs.get_mut(index) else { continue };
            let own = epoch.decrypter.sequence();
            match epoch.decrypter.open(record, &[]) {
                Ok(opened) => {
                    epoch.certain = true;
                    let kind = epoch.kind;
                    self.current = Some(index);
                    self.failures = 0;
                    return EpochOutcome::Decrypted(opened, kind, None);
                }
                Err(DecryptError::InvalidContent(content_type)) => {
                    return EpochOutcome::InvalidContent(content_type);
                }
                Err(DecryptError::NotAuthentic) => epoch.decrypter.set_sequence(own),
            }
        }
        self.decrypt_shifted(record, missed)
    }

    /// Tries other sequence numbers under the expected epoch.
    fn decrypt_shifted(&mut self, record: &[u8], missed: u64) -> EpochOutcome {
        let must_decrypt = self.must_decrypt(self.expected);
        let expected = self.expected;
        let at = self
            .current
            .filter(|current| self.epochs.get(*current).is_some_and(|epoch| epoch.kind == expected))
            .or_else(|| self.epochs.iter().position(|epoch| epoch.kind == expected && epoch.certain));
        let Some(index) = at else { return EpochOutcome::Undecrypted(must_decrypt) };
        let Some(epoch) = self.epochs.get_mut(index) else { return EpochOutcome::Undecrypted(must_decrypt) };
        let own = epoch.decrypter.sequence();
        let mut others = Vec::new();
        if self.failures < PATIENCE {
            others.extend((1..=MISSED.max(missed)).map(|more| own.saturating_add(more)));
            others.extend(own.checked_sub(1));
        }
        match epoch.decrypter.open(record, &others) {
            Ok(opened) => {
                let kind = epoch.kind;
                self.current = Some(index);
                self.failures = 0;
                EpochOutcome::Decrypted(opened, kind, Some(own))
            }
            Err(DecryptError::InvalidContent(content_type)) => EpochOutcome::InvalidContent(content_type),
            Err(DecryptError::NotAuthentic) => {
                if !epoch.certain {
                    epoch.decrypter.set_sequence(own);
                }
                self.failures = self.failures.saturating_add(1);
                EpochOutcome::Undecrypted(must_decrypt)
            }
        }
    }

    /// Skips a record that cannot be decrypted: the next one has the next sequence number.
    pub fn skip(&mut self) {
        let expected = self.expected;
        if let Some(epoch) = self.epochs.iter_mut().find(|epoch| epoch.kind == expected) {
            let own = epoch.decrypter.sequence();
            epoch.decrypter.set_sequence(own.saturating_add(1));
        }
    }

    /// The record that failed was not protected with this sender's keys: the next one has its sequence
    /// number.
    pub fn unskip(&mut self) {
        let expected = self.expected;
        if let Some(epoch) = self.epochs.iter_mut().find(|epoch| epoch.kind == expected) {
            let own = epoch.decrypter.sequence();
            epoch.decrypter.set_sequence(own.saturating_sub(1));
        }
    }
}
