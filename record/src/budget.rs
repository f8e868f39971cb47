//! Limits on records and messages that make no progress (CVE-2016-8610 was an endless sequence of
//! alerts). Each counter ends in [`Fault::Flood`]; application data resets all of them.

use handclasp_report::{Fault, Flood};

/// Records without content. BoringSSL's kMaxEmptyRecords and OpenSSL's MAX_EMPTY_RECORDS have the same
/// value.
const EMPTY_RECORDS: u8 = 32;

/// Warning alerts of TLS 1.2 and user_canceled of TLS 1.3: BoringSSL's kMaxWarningAlerts (OpenSSL
/// permits 5).
const WARNINGS: u8 = 4;

/// KeyUpdate messages: BoringSSL's kMaxKeyUpdates.
const KEY_UPDATES: u8 = 32;

/// change_cipher_spec records of TLS 1.3. Conforming peers send one (RFC 8446 §D.4); BoringSSL counts
/// them as empty records.
const CHANGE_CIPHER_SPECS: u8 = 32;

/// NewSessionTicket and HelloRequest messages. OpenSSL sends 2 tickets at once and RFC 8446 §4.6.1 sets
/// no limit, so this leaves a margin for servers that serve parallel connections.
const POST_HANDSHAKE_MESSAGES: u8 = 32;

/// Counters since the last application data.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    empty_records: u8,
    warnings: u8,
    key_updates: u8,
    change_cipher_specs: u8,
    post_handshake_messages: u8,
}

impl Budget {
    /// Returns a budget with all counters at 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets all counters: non-empty application data arrived.
    pub fn application_data(&mut self) {
        *self = Self::default();
    }

    /// Counts an application data record without content.
    ///
    /// # Errors
    /// [`Fault::Flood`] after 32.
    pub fn empty_record(&mut self) -> Result<(), Fault> {
        spend(&mut self.empty_records, EMPTY_RECORDS, Flood::EmptyRecords)
    }

    /// Counts a warning alert other than close_notify.
    ///
    /// # Errors
    /// [`Fault::Flood`] after 4.
    pub fn warning(&mut self) -> Result<(), Fault> {
        spend(&mut self.warnings, WARNINGS, Flood::Warnings)
    }

    /// Counts a KeyUpdate.
    ///
    /// # Errors
    /// [`Fault::Flood`] after 32.
    pub fn key_update(&mut self) -> Result<(), Fault> {
        spend(&mut self.key_updates, KEY_UPDATES, Flood::KeyUpdates)
    }

    /// Counts a change_cipher_spec of TLS 1.3, which has no effect.
    ///
    /// # Errors
    /// [`Fault::Flood`] after 32.
    pub fn change_cipher_spec(&mut self) -> Result<(), Fault> {
        spend(&mut self.change_cipher_specs, CHANGE_CIPHER_SPECS, Flood::ChangeCipherSpecs)
    }

    /// Counts a post-handshake message other than KeyUpdate.
    ///
    /// # Errors
    /// [`Fault::Flood`] after 32.
    pub fn post_handshake_message(&mut self) -> Result<(), Fault> {
        spend(&mut self.post_handshake_messages, POST_HANDSHAKE_MESSAGES, Flood::PostHandshakeMessages)
    }
}

fn spend(counter: &mut u8, limit: u8, flood: Flood) -> Result<(), Fault> {
    *counter = counter.saturating_add(1);
    if *counter > limit { Err(Fault::Flood(flood)) } else { Ok(()) }
}
