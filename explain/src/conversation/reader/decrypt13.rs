//! Decrypts records of TLS 1.3 (RFC 8446 §5.2 §7.1): secrets come from the key log, or from a pre-shared
//! key alone (psk_ke).

use handclasp_codec::ContentType;
use handclasp_crypto::{Secret, Suite};
use handclasp_schedule::{EarlySecret, HandshakeSecret, Sender, TrafficSecret};

use super::ConversationReader;
use super::decrypt::DecryptOutcome;
use super::key_epochs::{Epoch, EpochKind, EpochOutcome};
use super::key_material::Label;
use super::record_splitter::Record;
use crate::conversation::legacy::{all_tls13, tls13};
use crate::conversation::{KeySource, UndecryptedReason};
use crate::input::capture_event::Side;

/// A pre-shared key that the server may have used without a key exchange.
pub(super) struct PskKe {
    reading: (usize, &'static str),
    handshake: Option<HandshakeSecret>,
}

impl ConversationReader {
    pub(super) fn decrypt13(&mut self, from: Side, record: &Record) -> DecryptOutcome {
        if record.content_type != ContentType::application_data {
            return DecryptOutcome::Undecrypted(UndecryptedReason::NoKeys);
        }
        let missed = self.direction(from).missed;
        match self.direction_mut(from).key_epochs.open(&record.bytes, missed) {
            EpochOutcome::Decrypted(opened, kind, note_jump) => {
                if let Some(expected) = note_jump {
                    self.note_jump(from, record.position, expected, opened.sequence);
                }
                self.direction_mut(from).missed = 0;
                self.note_decrypted13(from);
                DecryptOutcome::Decrypted(opened, kind == EpochKind::Early)
            }
            EpochOutcome::InvalidContent(content_type) => DecryptOutcome::InvalidContent(content_type),
            EpochOutcome::Undecrypted(must_decrypt) => {
                DecryptOutcome::Undecrypted(self.closed13(from, must_decrypt))
            }
        }
    }

    /// Why a record was not decrypted.
    fn closed13(&mut self, from: Side, must_decrypt: bool) -> UndecryptedReason {
        if self.negotiated.suite.is_some_and(|suite| tls13(suite).is_none()) {
            return UndecryptedReason::UnknownSuite;
        }
        // Early data that the server rejects arrives among the records of the handshake.
        let early = from == Side::Client
            && self.negotiated.early_data
            && self.direction(from).key_epochs.current().is_none();
        match (must_decrypt, early) {
            (true, true) => {
                self.direction_mut(from).key_epochs.unskip();
                UndecryptedReason::NoKeys
            }
            (true, false) => UndecryptedReason::NotAuthentic,
            (false, _) => UndecryptedReason::NoKeys,
        }
    }

    /// Notes what a decrypted record shows about its keys.
    fn note_decrypted13(&mut self, from: Side) {
        let Some(epoch) = self.direction(from).key_epochs.current() else { return };
        let (source, trial) = (epoch.source(), epoch.trial);
        self.note_key_source(source);
        let reading = trial.and_then(|index| self.psk_ke.get(index)).map(|tried| tried.reading);
        if let (Side::Server, Some(reading), Some(psk)) =
            (from, reading, self.builder.conversation.decryption.psk.as_mut())
        {
            psk.server = Some(reading);
        }
    }

    /// Loads the secrets of the key log, once the ServerHello has chosen the suite.
    pub(super) fn load13(&mut self) {
        let Some(suite) = self.negotiated.suite.and_then(tls13) else { return };
        for side in [Side::Client, Side::Server] {
            self.direction_mut(side).key_epochs.expected = EpochKind::Handshake;
        }
        for (label, side, kind) in [
            (Label::ClientHandshake, Side::Client, EpochKind::Handshake),
            (Label::ServerHandshake, Side::Server, EpochKind::Handshake),
            (Label::ClientApplication, Side::Client, EpochKind::Application),
            (Label::ServerApplication, Side::Server, EpochKind::Application),
        ] {
            self.load(label, side, kind, suite);
        }
        self.load_psk_handshake(suite);
    }

    /// Loads the secret of early data. Its suite is not known yet, so all suites with its hash length are
    /// tried.
    pub(super) fn load_early(&mut self) {
        if !self.negotiated.early_data {
            return;
        }
        for suite in all_tls13() {
            self.load(Label::ClientEarly, Side::Client, EpochKind::Early, suite);
        }
        self.client.key_epochs.expected = EpochKind::Early;
    }

    fn load(&mut self, label: Label, side: Side, kind: EpochKind, suite: &'static Suite) {
        let secrets = std::rc::Rc::clone(&self.secrets);
        let (found, known): (Vec<_>, bool) = match self.negotiated.client_random {
            Some(random) => (secrets.find(&random).into_iter().collect(), true),
            // The capture lacks the ClientHello.
            None => (secrets.all().collect(), false),
        };
        let matches = |secret: &&Secret| secret.len() == suite.hash.output_len();
        for secret in found.iter().flat_map(|found| found.of(label)).filter(matches) {
            let secret = TrafficSecret::restore(suite.hash, secret.duplicate());
            let epoch = Epoch::new(kind, secret, suite, KeySource::KeyLog);
            self.direction_mut(side).key_epochs.push(epoch.map(|epoch| epoch.certain(known)));
        }
    }

    /// psk_ke: loads the handshake secrets of the key whose binder matches; without a match those of all
    /// keys, since the server may have another one.
    fn load_psk_handshake(&mut self, suite: &'static Suite) {
        let Some(selected) = self.negotiated.psk.filter(|psk| psk.without_key_exchange) else { return };
        let Some(transcript) = self.negotiated.whole_transcript() else { return };
        let transcript_hash = suite.hash.hash(&[transcript]);
        let mut keys = std::mem::take(&mut self.binder_keys);
        keys.retain(|key| key.identity == usize::from(selected.identity));
        if keys.iter().any(|key| key.matches) {
            keys.retain(|key| key.matches);
        }
        for key in keys.iter().filter(|key| key.hash_len == suite.hash.output_len()) {
            let early = EarlySecret::new(suite.hash, Some(&key.psk));
            let handshake = early.handshake(None, &transcript_hash);
            let trial = self.psk_ke.len();
            for (side, sender) in [(Side::Client, Sender::Client), (Side::Server, Sender::Server)] {
                let secret = handshake.traffic(sender).duplicate();
                let epoch = Epoch::new(EpochKind::Handshake, secret, suite, KeySource::Psk);
                self.direction_mut(side).key_epochs.push(epoch.map(|epoch| epoch.of_trial(trial)));
            }
            self.psk_ke.push(PskKe { reading: key.reading, handshake: Some(handshake) });
        }
    }

    /// psk_ke: loads the application secrets, once the server's Finished completes the transcript.
    pub(super) fn load_psk_application(&mut self) {
        let Some(suite) = self.negotiated.suite.and_then(tls13) else { return };
        let Some(trial) = self.server.key_epochs.current().and_then(|epoch| epoch.trial) else { return };
        let tried = self.psk_ke.get_mut(trial).and_then(|tried| tried.handshake.take());
        let (Some(handshake), Some(transcript)) = (tried, self.negotiated.whole_transcript()) else { return };
        let transcript_hash = suite.hash.hash(&[transcript]);
        let main = handshake.main(&transcript_hash);
        for (side, sender) in [(Side::Client, Sender::Client), (Side::Server, Sender::Server)] {
            let secret = main.traffic(handclasp_schedule::Epoch::Application, sender).duplicate();
            let epoch = Epoch::new(EpochKind::Application, secret, suite, KeySource::Psk);
            self.direction_mut(side).key_epochs.push(epoch.map(|epoch| epoch.of_trial(trial)));
        }
    }
}
