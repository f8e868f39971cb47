//! Limits on records and messages that make no progress (CVE-2016-8610 was an endless sequence of
//! alerts). Each counter ends in [`Fault::Flood`]; application data resets all of them.

use handclasp_report::{Fault, FaultCode, Flood};

/// Kinds of records and messages, and how many of each a peer may send. Early data has a limit in bytes.
const LIMITS: [(Flood, u8); 5] = [
    // Records without content. BoringSSL's kMaxEmptyRecords and OpenSSL's MAX_EMPTY_RECORDS have the same
    // value.
    (Flood::EmptyRecords, 32),
    // Warning alerts of TLS 1.2 and user_canceled of TLS 1.3: BoringSSL's kMaxWarningAlerts (OpenSSL
    // permits 5).
    (Flood::Warnings, 4),
    // BoringSSL's kMaxKeyUpdates.
    (Flood::KeyUpdates, 32),
    // change_cipher_spec records of TLS 1.3. Conforming peers send one (RFC 8446 §D.4); BoringSSL counts
    // them as empty records.
    (Flood::ChangeCipherSpecs, 32),
    // NewSessionTicket and HelloRequest messages. OpenSSL sends 2 tickets at once and RFC 8446 §4.6.1 sets
    // no limit, so this leaves a margin for servers that serve parallel connections.
    (Flood::PostHandshakeMessages, 32),
];

/// Counters since the last application data, in the order of `LIMITS`.
#[derive(Clone, Debug, Default)]
pub struct Budget([u8; LIMITS.len()]);

impl Budget {
    /// Returns a budget with all counters at 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets all counters: non-empty application data arrived.
    pub fn application_data(&mut self) {
        *self = Self::default();
    }

    /// Counts a record or message of this kind.
    ///
    /// # Errors
    /// [`Fault::Flood`] above the limit of the kind.
    pub fn spend(&mut self, kind: Flood) -> Result<(), FaultCode> {
        for (spent, (counted, limit)) in self.0.iter_mut().zip(LIMITS) {
            if counted == kind {
                *spent = spent.saturating_add(1);
                if *spent > limit {
                    return Err(Fault::Flood(kind).code());
                }
            }
        }
        Ok(())
    }
}
