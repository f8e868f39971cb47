//! The keys of one end in TLS 1.3, epoch by epoch (RFC 8446 §7.1 §7.2): early data, handshake,
//! application and what KeyUpdate makes of it. A record is tried under the epoch that it should
//! have and then under the others, since an end that gives up may alert under either.

use handclasp_crypto::Suite;
use handclasp_record::ReadKeys;
use handclasp_schedule::TrafficSecret;

use crate::conversation::KeySource;
use crate::conversation::legacy::{DecryptError, DecryptedRecord, RecordDecrypter};

/// Which keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum EpochKind {
    /// Those of early data.
    Early,
    /// Those of the handshake.
    #[default]
    Handshake,
    /// Those of the application.
    Application,
}

/// One secret and its keys.
pub(super) struct Epoch {
    kind: EpochKind,
    secret: TrafficSecret,
    suite: &'static Suite,
    decrypter: RecordDecrypter,
    source: KeySource,
    /// It has opened something, or must do so.
    certain: bool,
    /// Which of the pre-shared keys tried it comes from.
    pub trial: Option<usize>,
}

impl Epoch {
    /// `None` where the secret does not belong to that suite.
    pub fn new(
        kind: EpochKind,
        secret: TrafficSecret,
        suite: &'static Suite,
        source: KeySource,
    ) -> Option<Self> {
        let decrypter = RecordDecrypter::aead(ReadKeys::new(&secret.keys(suite))?);
        let certain = source == KeySource::KeyLog;
        Some(Self { kind, secret, suite, decrypter, source, certain, trial: None })
    }

    /// The same; whether it must open what its end sends.
    pub fn certain(self, certain: bool) -> Self {
        Self { certain, ..self }
    }

    /// The same, of the pre-shared key with that index.
    pub fn of_trial(self, trial: usize) -> Self {
        Self { trial: Some(trial), ..self }
    }

    /// Its secret.
    pub fn secret(&self) -> &TrafficSecret {
        &self.secret
    }

    /// Where it comes from.
    pub fn source(&self) -> KeySource {
        self.source
    }
}

/// The epochs of one end.
#[derive(Default)]
pub(super) struct KeyEpochs {
    epochs: Vec<Epoch>,
    /// The one that opened the last record.
    current: Option<usize>,
    /// Records in a row that did not open.
    failures: u32,
    /// What the next record should be under.
    pub expected: EpochKind,
}

/// Numbers that are tried beside a record's own.
const MISSED: u64 = 3;

/// After so many records in a row that do not open, no other numbers are tried.
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
    /// Another handshake begins, which has keys of its own.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// One epoch more.
    pub fn push(&mut self, epoch: Option<Epoch>) {
        self.epochs.extend(epoch);
    }

    /// The epoch that opened the last record.
    pub fn current(&self) -> Option<&Epoch> {
        self.epochs.get(self.current?)
    }

    /// Whether there are keys of that kind which must open what was sent under them.
    fn ought(&self, kind: EpochKind) -> bool {
        self.epochs.iter().any(|epoch| epoch.kind == kind && epoch.certain)
    }

    /// After a KeyUpdate the current epoch becomes the next one.
    pub fn update(&mut self) {
        let Some(epoch) = self.current.and_then(|current| self.epochs.get_mut(current)) else { return };
        let next = Epoch::new(EpochKind::Application, epoch.secret.next(), epoch.suite, epoch.source);
        if let Some(next) = next {
            *epoch = next;
        }
    }

    /// Opens a record. `missed` is how many may be missing in front of it, by what the capture
    /// lacks.
    pub fn open(&mut self, record: &[u8], missed: u64) -> EpochOutcome {
        let mut order: Vec<usize> = (0..self.epochs.len()).collect();
        let rank = |index: &usize| {
            let kind = self.epochs.get(*index).map(|epoch| epoch.kind);
            (self.current != Some(*index), kind != Some(self.expected))
        };
        // Whatever KeyUpdate or Finished says goes before what has opened the last record.
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
                Err(DecryptError::NotAuthentic) => epoch.decrypter.expect(own),
            }
        }
        self.shifted(record, missed)
    }

    /// Under the epoch that it should have, with another number.
    fn shifted(&mut self, record: &[u8], missed: u64) -> EpochOutcome {
        let ought = self.ought(self.expected);
        let expected = self.expected;
        let at = self
            .current
            .filter(|current| self.epochs.get(*current).is_some_and(|epoch| epoch.kind == expected))
            .or_else(|| self.epochs.iter().position(|epoch| epoch.kind == expected && epoch.certain));
        let Some(index) = at else { return EpochOutcome::Undecrypted(ought) };
        let Some(epoch) = self.epochs.get_mut(index) else { return EpochOutcome::Undecrypted(ought) };
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
                    epoch.decrypter.expect(own);
                }
                self.failures = self.failures.saturating_add(1);
                EpochOutcome::Undecrypted(ought)
            }
        }
    }

    /// A record that is not there for opening: the next one has the next number.
    pub fn pass(&mut self) {
        let expected = self.expected;
        if let Some(epoch) = self.epochs.iter_mut().find(|epoch| epoch.kind == expected) {
            let own = epoch.decrypter.sequence();
            epoch.decrypter.expect(own.saturating_add(1));
        }
    }

    /// The record that just failed was none of this end's keys: the next one has its number.
    pub fn give_back(&mut self) {
        let expected = self.expected;
        if let Some(epoch) = self.epochs.iter_mut().find(|epoch| epoch.kind == expected) {
            let own = epoch.decrypter.sequence();
            epoch.decrypter.expect(own.saturating_sub(1));
        }
    }
}
