//! The events of one TLS connection: handshake messages, alerts, records and transport events, in
//! order.
//!
//! A [`Conversation`] is what the rules examine. Messages are kept as bytes, and decoded on request
//! ([`Message::decode`], [`Conversation::client_hello`]).
//!
//! | file | contents |
//! |---|---|
//! | `event` | events and messages |
//! | `decryption` | results of trying keys |
//! | `queries`, `ending` | questions about a conversation; how it ended |
//! | `flight` | the server's flight in TLS 1.3 without keys, by the lengths of its records |
//! | `from_report` | builds a conversation from the report of one side |
//! | `reader` | builds a conversation from capture events: records, messages, decryption |
//! | `legacy` | record protection and PRF of TLS 1.0 to 1.2, for decryption only |
//! | `server_now` | facts of an answer that the server gave after the capture |
//! | `dissect`, `field_tree` | bytes without packets; messages as a tree of fields |

mod decryption;
pub(crate) mod dissect;
mod ending;
mod event;
pub(crate) mod field_tree;
pub(crate) mod flight;
pub(crate) mod from_bytes;
pub(crate) mod from_report;
pub(crate) mod legacy;
mod queries;
pub(crate) mod reader;
pub(crate) mod server_now;
#[cfg(test)]
pub(crate) mod test_support;

pub(crate) use ending::{Aftermath, is_fatal};

pub use decryption::{Decryption, KeySource, PskTrial, SequenceJump};
pub use ending::{Ending, Stage};
pub use event::{DecodeFailure, Event, EventKind, Message, ProtectedRecord, StreamError, UndecryptedReason};
pub use queries::LocatedMessage;

pub use crate::input::capture_event::{Position, Side};

/// The events of one connection, in order.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::conversation::{Ending, Stage};
/// use handclasp_explain::{Side, explain_bytes};
///
/// // A fatal alert handshake_failure.
/// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
/// let conversation = &explanation.conversations[0].conversation;
/// assert!(matches!(conversation.ending(), Ending::Refused { by: Side::Server, .. }));
/// assert_eq!(conversation.stage(), Stage::Nothing);
/// assert!(conversation.client_hello().is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Conversation {
    /// Address and port of the client; empty if unknown.
    pub client: String,
    /// Address and port of the server; empty if unknown.
    pub server: String,
    /// Messages, alerts, records and transport events.
    pub events: Vec<Event>,
    /// Results of trying the key log and the pre-shared keys.
    pub decryption: Decryption,
    /// The capture starts in the middle of the connection: neither a SYN nor a first record of TLS.
    pub begins_late: bool,
    /// Number of events that were not kept, because of the limits on memory.
    pub dropped: u64,
    /// The report that this conversation was made from, if it was made from one.
    pub(crate) reported: Option<Box<from_report::Reported>>,
}
