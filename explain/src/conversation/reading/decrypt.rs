//! Protected records meet keys: which version's way they go, what becomes of them, and what the
//! messages inside mean for the keys that follow.

use handclasp_codec::{CipherSuite, HandshakeType, ProtocolVersion};
use handclasp_crypto::equal;

use super::Reading;
use super::content::Content;
use super::decrypt12::Keys12;
use super::key_epochs::Kind;
use super::stream::Record;
use crate::conversation::events::{Closed, EventKind, Jump, KeySource, PskTrial, Unsealed};
use crate::conversation::legacy::{Cipher, Opened, cipher, tls13};
use crate::input::capture_event::{Position, Side};

/// Jumps kept.
const JUMPS: usize = 16;

/// What trying keys makes of a record.
pub(super) enum Outcome {
    /// It opened; under keys of early data or not.
    Opened(Opened, bool),
    /// It authenticates and holds nothing that may be there.
    Strange(handclasp_codec::ContentType),
    /// Nothing opened it.
    Closed(Closed),
}

impl Reading {
    /// Takes a protected record.
    pub(super) fn protected(&mut self, from: Side, record: &Record) {
        let outcome = match self.learned.version {
            Some(ProtocolVersion::TLS_1_3) => self.unseal13(from, record),
            // Early data may come behind a change_cipher_spec that means nothing (RFC 8446 §D.4).
            None if self.learned.early_data || !self.way(from).changed => self.unseal13(from, record),
            _ => self.unseal12(from, record),
        };
        match outcome {
            Outcome::Opened(opened, early) => {
                let content = Content {
                    content_type: opened.content_type,
                    bytes: &opened.content,
                    position: record.position,
                    protected: true,
                    early,
                };
                self.content(from, &content);
            }
            Outcome::Strange(content_type) => {
                let what = EventKind::Record { content_type, length: record.length(), protected: true };
                self.notes.push(from, record.position, what);
            }
            Outcome::Closed(why) => {
                // Behind a hole nobody knows the number of a record: that it does not open is no
                // wonder.
                let lost = why == Closed::NotAuthentic && self.way(from).missed > 0;
                let why = if lost { Closed::NoKeys } else { why };
                // Whatever it holds is missing in the transcript; early data never was in it.
                let early = from == Side::Client && self.learned.early_data && why == Closed::NoKeys;
                self.learned.transcript_lost |= !early;
                self.sealed(from, record, why);
            }
        }
    }

    /// Notes where the keys came from that opened something.
    pub(super) fn opened_by(&mut self, source: KeySource) {
        self.notes.conversation.unsealed.by.get_or_insert(source);
    }

    /// Notes that a record has another number than its own.
    pub(super) fn jumped(&mut self, from: Side, position: Position, expected: u64, found: u64) {
        self.learned.transcript_lost |= expected < found;
        let jumps = &mut self.notes.conversation.unsealed.jumps;
        if expected != found && jumps.len() < JUMPS {
            jumps.push(Jump { from, position, expected, found });
        }
    }

    /// A message is about to be taken, and the transcript ends in front of it.
    pub(super) fn before_message(
        &mut self,
        from: Side,
        msg_type: HandshakeType,
        bytes: &[u8],
        protected: bool,
    ) {
        match msg_type {
            HandshakeType::client_hello if from == Side::Client => self.try_binders(bytes),
            HandshakeType::finished if protected => self.check_finished(from, bytes),
            _ => {}
        }
    }

    /// A message was taken.
    pub(super) fn after_message(&mut self, from: Side, msg_type: HandshakeType) {
        match (from, msg_type) {
            (Side::Client, HandshakeType::client_hello) => {
                self.client.finished = false;
                self.server.finished = false;
                // The answer to a HelloRetryRequest goes on where it was.
                if !self.learned.is_tls13() {
                    self.client.ladder.begin();
                    self.server.ladder.begin();
                    self.psk_ke.clear();
                }
                self.look_up_random();
            }
            (Side::Server, HandshakeType::server_hello) if self.learned.server_random.is_some() => {
                self.note_negotiated();
                self.begin_trial();
                if self.learned.is_tls13() {
                    self.load13();
                }
            }
            (_, HandshakeType::finished) => self.finished(from),
            (_, HandshakeType::key_update) if self.learned.is_tls13() => {
                self.way_mut(from).ladder.update();
            }
            (_, HandshakeType::end_of_early_data) => self.way_mut(from).ladder.expected = Kind::Handshake,
            _ => {}
        }
    }

    /// What the key log has for this ClientHello.
    fn look_up_random(&mut self) {
        let Some(client_random) = self.learned.client_random.filter(|_| self.secrets.has_log()) else {
            return;
        };
        let distance = self.secrets.find(&client_random).map(|found| found.distance);
        let unsealed = &mut self.notes.conversation.unsealed;
        unsealed.key_log_fits = Some(distance == Some(0));
        unsealed.key_log_near = distance.filter(|distance| *distance > 0);
        self.load_early();
    }

    /// What the ServerHello says of protection.
    fn note_negotiated(&mut self) {
        let (Some(suite), Some(version)) = (self.learned.suite, self.learned.version) else { return };
        if let Some((Cipher::Cbc(..), _)) = cipher(suite, version) {
            self.notes.conversation.unsealed.etm_negotiated = Some(self.learned.encrypt_then_mac);
        }
    }

    /// Whether and how pre-shared keys can be tried.
    fn begin_trial(&mut self) {
        let of_psk = self.learned.suite.is_some_and(CipherSuite::is_psk);
        if of_psk && !self.learned.is_tls13() && !self.secrets.candidates().is_empty() {
            self.notes.conversation.unsealed.psk.get_or_insert_with(PskTrial::default);
        }
    }

    /// Recomputes verify_data of a Finished that keys have opened.
    fn check_finished(&mut self, from: Side, bytes: &[u8]) {
        let verify_data = bytes.get(4..).unwrap_or_default();
        let Some(transcript) = self.learned.whole_transcript() else { return };
        let fits = match self.learned.is_tls13() {
            true => {
                let suite = self.learned.suite.and_then(tls13);
                let (Some(suite), Some(epoch)) = (suite, self.way(from).ladder.current()) else { return };
                // EndOfEarlyData is under keys that may be missing, and always the same four bytes.
                let ends: &[&[u8]] = match from == Side::Client && self.learned.early_data {
                    true => &[&[], &[HandshakeType::end_of_early_data.0, 0, 0, 0]],
                    false => &[&[]],
                };
                ends.iter().any(|end| {
                    let hash = suite.hash.hash(&[transcript, end]);
                    equal(&epoch.secret().finished(&hash), verify_data)
                })
            }
            false => match &self.way(from).keys {
                Keys12::Open(epoch) => equal(&epoch.master.finished(from, transcript), verify_data),
                Keys12::Fresh | Keys12::Without(_) => return,
            },
        };
        let unsealed = &mut self.notes.conversation.unsealed;
        let position = match from {
            Side::Client => &mut unsealed.client_finished,
            Side::Server => &mut unsealed.server_finished,
        };
        // Renegotiated ones count as well: all must be right.
        *position = Some(fits && *position != Some(false));
    }

    /// Messages are missing that Finished covers: what was recomputed without them and did not fit
    /// says nothing.
    pub(super) fn lose_transcript(&mut self) {
        self.learned.transcript_lost = true;
        let Unsealed { client_finished, server_finished, .. } = &mut self.notes.conversation.unsealed;
        for finished in [client_finished, server_finished] {
            *finished = finished.filter(|fits| *fits);
        }
    }

    /// After its Finished an end goes on under other keys, or the handshake is over.
    fn finished(&mut self, from: Side) {
        self.way_mut(from).finished = true;
        let other = self.way(from.other()).finished;
        if self.learned.is_tls13() {
            self.way_mut(from).ladder.expected = Kind::Application;
            match from {
                Side::Server => self.load_psk_application(),
                Side::Client => self.learned.forget_transcript(),
            }
        } else if other {
            self.learned.forget_transcript();
        }
    }
}
