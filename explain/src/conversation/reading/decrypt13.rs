//! Records of TLS 1.3, opened (RFC 8446 §5.2 §7.1): secrets out of the key log, or out of a
//! pre-shared key alone (psk_ke).

use handclasp_codec::ContentType;
use handclasp_crypto::{Secret, Suite};
use handclasp_schedule::{EarlySecret, HandshakeSecret, Sender, TrafficSecret};

use super::Reading;
use super::decrypt::Outcome;
use super::key_epochs::{Epoch, Kind, Tried};
use super::secrets::Label;
use super::stream::Record;
use crate::conversation::events::{Closed, KeySource};
use crate::conversation::legacy::{all_tls13, tls13};
use crate::input::capture_event::Side;

/// A pre-shared key that the server may have used without a key exchange.
pub(super) struct PskKe {
    reading: (usize, &'static str),
    handshake: Option<HandshakeSecret>,
}

impl Reading {
    pub(super) fn unseal13(&mut self, from: Side, record: &Record) -> Outcome {
        if record.content_type != ContentType::application_data {
            return Outcome::Closed(Closed::NoKeys);
        }
        let missed = self.way(from).missed;
        match self.way_mut(from).ladder.open(&record.bytes, missed) {
            Tried::Opened(opened, kind, jumped) => {
                if let Some(expected) = jumped {
                    self.jumped(from, record.position, expected, opened.sequence);
                }
                self.way_mut(from).missed = 0;
                self.note13(from);
                Outcome::Opened(opened, kind == Kind::Early)
            }
            Tried::Strange(content_type) => Outcome::Strange(content_type),
            Tried::Closed(ought) => Outcome::Closed(self.closed13(from, ought)),
        }
    }

    /// Why a record is closed.
    fn closed13(&mut self, from: Side, ought: bool) -> Closed {
        if self.learned.suite.is_some_and(|suite| tls13(suite).is_none()) {
            return Closed::UnknownSuite;
        }
        // Early data that the server does not take comes among the handshake's records.
        let early =
            from == Side::Client && self.learned.early_data && self.way(from).ladder.current().is_none();
        match (ought, early) {
            (true, true) => {
                self.way_mut(from).ladder.give_back();
                Closed::NoKeys
            }
            (true, false) => Closed::NotAuthentic,
            (false, _) => Closed::NoKeys,
        }
    }

    /// Notes what a record that opened has shown.
    fn note13(&mut self, from: Side) {
        let Some(epoch) = self.way(from).ladder.current() else { return };
        let (source, trial) = (epoch.source(), epoch.trial);
        self.opened_by(source);
        let reading = trial.and_then(|index| self.psk_ke.get(index)).map(|tried| tried.reading);
        if let (Side::Server, Some(reading), Some(psk)) =
            (from, reading, self.notes.conversation.unsealed.psk.as_mut())
        {
            psk.server = Some(reading);
        }
    }

    /// The secrets of the key log, when the ServerHello has chosen the suite.
    pub(super) fn load13(&mut self) {
        let Some(suite) = self.learned.suite.and_then(tls13) else { return };
        for side in [Side::Client, Side::Server] {
            self.way_mut(side).ladder.expected = Kind::Handshake;
        }
        for (label, side, kind) in [
            (Label::ClientHandshake, Side::Client, Kind::Handshake),
            (Label::ServerHandshake, Side::Server, Kind::Handshake),
            (Label::ClientApplication, Side::Client, Kind::Application),
            (Label::ServerApplication, Side::Server, Kind::Application),
        ] {
            self.load(label, side, kind, suite);
        }
        self.load_psk_handshake(suite);
    }

    /// The secret of early data, which no suite is known for yet: all that have its hash.
    pub(super) fn load_early(&mut self) {
        if !self.learned.early_data {
            return;
        }
        for suite in all_tls13() {
            self.load(Label::ClientEarly, Side::Client, Kind::Early, suite);
        }
        self.client.ladder.expected = Kind::Early;
    }

    fn load(&mut self, label: Label, side: Side, kind: Kind, suite: &'static Suite) {
        let secrets = std::rc::Rc::clone(&self.secrets);
        let (found, known): (Vec<_>, bool) = match self.learned.client_random {
            Some(random) => (secrets.find(&random).into_iter().collect(), true),
            // The capture lacks the ClientHello.
            None => (secrets.all().collect(), false),
        };
        let fits = |secret: &&Secret| secret.len() == suite.hash.output_len();
        for secret in found.iter().flat_map(|found| found.of(label)).filter(fits) {
            let secret = TrafficSecret::restore(suite.hash, secret.duplicate());
            let epoch = Epoch::new(kind, secret, suite, KeySource::KeyLog);
            self.way_mut(side).ladder.push(epoch.map(|epoch| epoch.certain(known)));
        }
    }

    /// psk_ke: the binder has told the key; where none fits, the server may still have one that
    /// does.
    fn load_psk_handshake(&mut self, suite: &'static Suite) {
        let Some(selected) = self.learned.psk.filter(|psk| psk.alone) else { return };
        let Some(transcript) = self.learned.whole_transcript() else { return };
        let transcript_hash = suite.hash.hash(&[transcript]);
        let mut keys = std::mem::take(&mut self.binder_keys);
        keys.retain(|key| key.identity == usize::from(selected.identity));
        if keys.iter().any(|key| key.fits) {
            keys.retain(|key| key.fits);
        }
        for key in keys.iter().filter(|key| key.hash_len == suite.hash.output_len()) {
            let early = EarlySecret::new(suite.hash, Some(&key.psk));
            let handshake = early.handshake(None, &transcript_hash);
            let trial = self.psk_ke.len();
            for (side, sender) in [(Side::Client, Sender::Client), (Side::Server, Sender::Server)] {
                let secret = handshake.traffic(sender).duplicate();
                let epoch = Epoch::new(Kind::Handshake, secret, suite, KeySource::Psk);
                self.way_mut(side).ladder.push(epoch.map(|epoch| epoch.of_trial(trial)));
            }
            self.psk_ke.push(PskKe { reading: key.reading, handshake: Some(handshake) });
        }
    }

    /// psk_ke: the server's Finished is there, and with it what the application's keys cover.
    pub(super) fn load_psk_application(&mut self) {
        let Some(suite) = self.learned.suite.and_then(tls13) else { return };
        let Some(trial) = self.server.ladder.current().and_then(|epoch| epoch.trial) else { return };
        let tried = self.psk_ke.get_mut(trial).and_then(|tried| tried.handshake.take());
        let (Some(handshake), Some(transcript)) = (tried, self.learned.whole_transcript()) else { return };
        let transcript_hash = suite.hash.hash(&[transcript]);
        let main = handshake.main(&transcript_hash);
        for (side, sender) in [(Side::Client, Sender::Client), (Side::Server, Sender::Server)] {
            let secret = main.traffic(handclasp_schedule::Epoch::Application, sender).duplicate();
            let epoch = Epoch::new(Kind::Application, secret, suite, KeySource::Psk);
            self.way_mut(side).ladder.push(epoch.map(|epoch| epoch.of_trial(trial)));
        }
    }
}
