//! Results of trying keys on a conversation.

use crate::input::capture_event::{Position, Side};

/// Results of trying the key log and the pre-shared keys.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Decryption {
    /// Source of the keys that decrypted a record; `None` if none did.
    pub key_source: Option<KeySource>,
    /// Result of trying the pre-shared keys; `None` if there are none, or the suite uses none.
    pub psk: Option<PskTrial>,
    /// Whether verify_data of the client's Finished is correct; `None` if it was not recomputed.
    pub client_finished: Option<bool>,
    /// Whether verify_data of the server's Finished is correct; `None` if it was not recomputed.
    pub server_finished: Option<bool>,
    /// Whether the key log has a line for this client_random; `None` without a key log.
    pub key_log_fits: Option<bool>,
    /// Number of bits, at most 8, in which the closest client_random of the key log differs, if none is
    /// equal.
    pub key_log_near: Option<u32>,
    /// Whether encrypt_then_mac was negotiated, in CBC suites.
    pub etm_negotiated: Option<bool>,
    /// Whether the client's records use encrypt-then-MAC.
    pub etm_client: Option<bool>,
    /// Whether the server's records use encrypt-then-MAC.
    pub etm_server: Option<bool>,
    /// Whether the client's Finished uses extended_master_secret, found by trying a pre-shared key.
    pub ems_client: Option<bool>,
    /// Records that decrypted under an unexpected sequence number: records before them are missing or
    /// were repeated. At most 16.
    pub jumps: Vec<SequenceJump>,
    /// Malformed lines of the key log, counted from 1. At most 16.
    pub malformed_lines: Vec<usize>,
}

/// A record that decrypted under an unexpected sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SequenceJump {
    /// The sender.
    pub from: Side,
    /// The record.
    pub position: Position,
    /// The sequence number after the records that the capture shows.
    pub expected: u64,
    /// The sequence number that decrypted the record.
    pub found: u64,
}

/// Source of decryption keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// The key log.
    KeyLog,
    /// A pre-shared key of the evidence.
    Psk,
}

/// Result of trying the pre-shared keys of the evidence. Possible for plain PSK suites of TLS 1.2 and
/// for binders of TLS 1.3.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PskTrial {
    /// Whether the captured messages allow a trial.
    pub possible: bool,
    /// Number of interpretations tried: text, hex, base64 and so on, of all keys.
    pub tried: usize,
    /// The key and interpretation that the client used: index in the evidence, and name.
    pub client: Option<(usize, &'static str)>,
    /// Index of the identity whose binder matches (TLS 1.3).
    pub identity: Option<usize>,
    /// The key and interpretation that the server used, if its protected records show it.
    pub server: Option<(usize, &'static str)>,
    /// The other interpretations of the client's key and their length in bytes: what the server may
    /// have used.
    pub others: Vec<(&'static str, usize)>,
}
