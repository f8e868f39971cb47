//! Protected records: decryption by the negotiated version, its result, and what the decrypted messages
//! mean for the keys that follow.

use handclasp_codec::{CipherSuite, HandshakeType, ProtocolVersion};
use handclasp_crypto::equal;

use super::ConversationReader;
use super::decrypt12::Tls12Keys;
use super::key_epochs::EpochKind;
use super::record_content::Content;
use super::record_splitter::Record;
use crate::conversation::legacy::{Cipher, DecryptedRecord, cipher, tls13};
use crate::conversation::{Decryption, EventKind, KeySource, PskTrial, SequenceJump, UndecryptedReason};
use crate::input::capture_event::{Position, Side};

/// Limit on the sequence jumps that are kept.
const JUMPS: usize = 16;

/// Result of trying to decrypt a record.
pub(super) enum DecryptOutcome {
    /// The record; whether the keys are those of early data.
    Decrypted(DecryptedRecord, bool),
    /// The record is authentic, and its content is not allowed.
    InvalidContent(handclasp_codec::ContentType),
    /// The record was not decrypted.
    Undecrypted(UndecryptedReason),
}

impl ConversationReader {
    /// Reads a protected record.
    pub(super) fn protected(&mut self, from: Side, record: &Record) {
        let outcome = match self.negotiated.version {
            Some(ProtocolVersion::TLS_1_3) => self.decrypt13(from, record),
            // Early data may follow a change_cipher_spec that has no meaning (RFC 8446 §D.4).
            None if self.negotiated.early_data || !self.direction(from).sent_ccs => {
                self.decrypt13(from, record)
            }
            _ => self.decrypt12(from, record),
        };
        match outcome {
            DecryptOutcome::Decrypted(opened, early) => {
                let content = Content {
                    content_type: opened.content_type,
                    bytes: &opened.content,
                    position: record.position,
                    protected: true,
                    early,
                };
                self.content(from, &content);
            }
            DecryptOutcome::InvalidContent(content_type) => {
                let what = EventKind::Record { content_type, length: record.length(), protected: true };
                self.builder.push(from, record.position, what);
            }
            DecryptOutcome::Undecrypted(why) => {
                // After a gap the sequence number is unknown, so a failure proves nothing.
                let lost = why == UndecryptedReason::NotAuthentic && self.direction(from).missed > 0;
                let why = if lost { UndecryptedReason::NoKeys } else { why };
                // Its content is missing from the transcript, unless it is early data.
                let early =
                    from == Side::Client && self.negotiated.early_data && why == UndecryptedReason::NoKeys;
                self.negotiated.transcript_incomplete |= !early;
                self.note_undecrypted(from, record, why);
            }
        }
    }

    /// Notes the source of the keys that decrypted a record.
    pub(super) fn note_key_source(&mut self, source: KeySource) {
        self.builder.conversation.decryption.key_source.get_or_insert(source);
    }

    /// Notes that a record decrypted under an unexpected sequence number.
    pub(super) fn note_jump(&mut self, from: Side, position: Position, expected: u64, found: u64) {
        self.negotiated.transcript_incomplete |= expected < found;
        let jumps = &mut self.builder.conversation.decryption.jumps;
        if expected != found && jumps.len() < JUMPS {
            jumps.push(SequenceJump { from, position, expected, found });
        }
    }

    /// Before a message is added to the transcript.
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

    /// After a message was added to the transcript.
    pub(super) fn after_message(&mut self, from: Side, msg_type: HandshakeType) {
        match (from, msg_type) {
            (Side::Client, HandshakeType::client_hello) => {
                self.client.finished = false;
                self.server.finished = false;
                // The second ClientHello after a HelloRetryRequest keeps the state.
                if !self.negotiated.is_tls13() {
                    self.client.key_epochs.begin();
                    self.server.key_epochs.begin();
                    self.psk_ke.clear();
                }
                self.look_up_key_log();
            }
            (Side::Server, HandshakeType::server_hello) if self.negotiated.server_random.is_some() => {
                self.note_negotiated();
                self.begin_trial();
                if self.negotiated.is_tls13() {
                    self.load13();
                }
            }
            (_, HandshakeType::finished) => self.finished(from),
            (_, HandshakeType::key_update) if self.negotiated.is_tls13() => {
                self.direction_mut(from).key_epochs.update();
            }
            (_, HandshakeType::end_of_early_data) => {
                self.direction_mut(from).key_epochs.expected = EpochKind::Handshake
            }
            _ => {}
        }
    }

    /// Looks up the key log for this ClientHello.
    fn look_up_key_log(&mut self) {
        let Some(client_random) = self.negotiated.client_random.filter(|_| self.secrets.has_log()) else {
            return;
        };
        let distance = self.secrets.find(&client_random).map(|found| found.distance);
        let decryption = &mut self.builder.conversation.decryption;
        decryption.key_log_fits = Some(distance == Some(0));
        decryption.key_log_near = distance.filter(|distance| *distance > 0);
        self.load_early();
    }

    /// Notes whether encrypt_then_mac was negotiated.
    fn note_negotiated(&mut self) {
        let (Some(suite), Some(version)) = (self.negotiated.suite, self.negotiated.version) else { return };
        if let Some((Cipher::Cbc(..), _)) = cipher(suite, version) {
            self.builder.conversation.decryption.etm_negotiated = Some(self.negotiated.encrypt_then_mac);
        }
    }

    /// Notes that pre-shared keys will be tried, if the suite uses one.
    fn begin_trial(&mut self) {
        let of_psk = self.negotiated.suite.is_some_and(CipherSuite::is_psk);
        if of_psk && !self.negotiated.is_tls13() && !self.secrets.candidates().is_empty() {
            self.builder.conversation.decryption.psk.get_or_insert_with(PskTrial::default);
        }
    }

    /// Recomputes verify_data of a decrypted Finished.
    fn check_finished(&mut self, from: Side, bytes: &[u8]) {
        let verify_data = bytes.get(4..).unwrap_or_default();
        let Some(transcript) = self.negotiated.whole_transcript() else { return };
        let matches = match self.negotiated.is_tls13() {
            true => {
                let suite = self.negotiated.suite.and_then(tls13);
                let (Some(suite), Some(epoch)) = (suite, self.direction(from).key_epochs.current()) else {
                    return;
                };
                // EndOfEarlyData is protected with keys that may be missing; its four bytes are constant.
                let ends: &[&[u8]] = match from == Side::Client && self.negotiated.early_data {
                    true => &[&[], &[HandshakeType::end_of_early_data.0, 0, 0, 0]],
                    false => &[&[]],
                };
                ends.iter().any(|end| {
                    let hash = suite.hash.hash(&[transcript, end]);
                    equal(&epoch.secret().finished(&hash), verify_data)
                })
            }
            false => match &self.direction(from).keys {
                Tls12Keys::Known(epoch) => equal(&epoch.master.finished(from, transcript), verify_data),
                Tls12Keys::Untried | Tls12Keys::Unavailable(_) => return,
            },
        };
        let decryption = &mut self.builder.conversation.decryption;
        let position = match from {
            Side::Client => &mut decryption.client_finished,
            Side::Server => &mut decryption.server_finished,
        };
        // Includes renegotiated handshakes: all must be correct.
        *position = Some(matches && *position != Some(false));
    }

    /// Messages that Finished covers are missing: a recomputed verify_data that differs proves nothing.
    pub(super) fn mark_transcript_incomplete(&mut self) {
        self.negotiated.transcript_incomplete = true;
        let Decryption { client_finished, server_finished, .. } = &mut self.builder.conversation.decryption;
        for finished in [client_finished, server_finished] {
            *finished = finished.filter(|matches| *matches);
        }
    }

    /// After its Finished a peer uses other keys, or the handshake is over.
    fn finished(&mut self, from: Side) {
        self.direction_mut(from).finished = true;
        let other = self.direction(from.other()).finished;
        if self.negotiated.is_tls13() {
            self.direction_mut(from).key_epochs.expected = EpochKind::Application;
            match from {
                Side::Server => self.load_psk_application(),
                Side::Client => self.negotiated.drop_transcript(),
            }
        } else if other {
            self.negotiated.drop_transcript();
        }
    }
}
