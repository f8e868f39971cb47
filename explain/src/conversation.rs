//! From capture events to one conversation: streams reassembled, records decrypted, messages and
//! alerts as events in order. Knows `input`; knows nothing of causes.

pub(crate) mod dissect;
pub(crate) mod events;
pub(crate) mod legacy;
pub(crate) mod reading;
#[cfg(test)]
pub(crate) mod test_support;
pub(crate) mod tree;

pub use events::{
    Broken, Closed, Conversation, Ending, Event, EventKind, Found, Jump, KeySource, Message, PskTrial,
    Sealed, Stage, Unsealed,
};
