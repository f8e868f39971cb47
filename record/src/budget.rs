//! What a peer may send without getting anywhere (CVE-2016-8610 was alerts without end): each counter ends
//! in [`Fault::Flood`]; application data sets them all back.

use handclasp_report::{Fault, Flood};

/// Records that carry nothing: BoringSSL's kMaxEmptyRecords, OpenSSL's MAX_EMPTY_RECORDS.
const EMPTY_RECORDS: u8 = 32;

/// Warning alerts of 1.2, user_canceled of 1.3: BoringSSL's kMaxWarningAlerts (OpenSSL has 5).
const WARNINGS: u8 = 4;

/// KeyUpdate messages: BoringSSL's kMaxKeyUpdates.
const KEY_UPDATES: u8 = 32;

/// change_cipher_spec records of 1.3. Honest peers send one (RFC 8446 §D.4); BoringSSL counts
/// them as empty records.
const CHANGE_CIPHER_SPECS: u8 = 32;

/// NewSessionTicket and HelloRequest. OpenSSL sends 2 tickets at once; RFC 8446 §4.6.1 sets no
/// bound, so there is room for a server that feeds parallel connections.
const POST_HANDSHAKE_MESSAGES: u8 = 32;

/// Counts since the last application data.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    empty_records: u8,
    warnings: u8,
    key_updates: u8,
    change_cipher_specs: u8,
    post_handshake_messages: u8,
}

impl Budget {
    /// Nothing spent.
    pub fn new() -> Self {
        Self::default()
    }

    /// Application data came, not empty: whoever pays for bytes may go on.
    pub fn application_data(&mut self) {
        *self = Self::default();
    }

    /// A record of application data without any.
    ///
    /// # Errors
    /// [`Fault::Flood`] above 32.
    pub fn empty_record(&mut self) -> Result<(), Fault> {
        spend(&mut self.empty_records, EMPTY_RECORDS, Flood::EmptyRecords)
    }

    /// A warning alert that is not close_notify.
    ///
    /// # Errors
    /// [`Fault::Flood`] above 4.
    pub fn warning(&mut self) -> Result<(), Fault> {
        spend(&mut self.warnings, WARNINGS, Flood::Warnings)
    }

    /// A KeyUpdate.
    ///
    /// # Errors
    /// [`Fault::Flood`] above 32.
    pub fn key_update(&mut self) -> Result<(), Fault> {
        spend(&mut self.key_updates, KEY_UPDATES, Flood::KeyUpdates)
    }

    /// A change_cipher_spec that means nothing (1.3).
    ///
    /// # Errors
    /// [`Fault::Flood`] above 32.
    pub fn change_cipher_spec(&mut self) -> Result<(), Fault> {
        spend(&mut self.change_cipher_specs, CHANGE_CIPHER_SPECS, Flood::ChangeCipherSpecs)
    }

    /// A handshake message after the handshake that is not a KeyUpdate.
    ///
    /// # Errors
    /// [`Fault::Flood`] above 32.
    pub fn post_handshake_message(&mut self) -> Result<(), Fault> {
        spend(&mut self.post_handshake_messages, POST_HANDSHAKE_MESSAGES, Flood::PostHandshakeMessages)
    }
}

fn spend(counter: &mut u8, limit: u8, flood: Flood) -> Result<(), Fault> {
    *counter = counter.saturating_add(1);
    if *counter > limit { Err(Fault::Flood(flood)) } else { Ok(()) }
}
