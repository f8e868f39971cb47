//! Captures: files of packets, and the TCP conversations in them.
//!
//! Called by: `explained`.

use crate::happening::Happening;

/// Which conversation something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(pub u64);

/// Takes what a capture holds, conversation by conversation, in the order of the packets.
pub trait Listener {
    /// A conversation begins; the addresses and ports of its ends, as text. The client is the one
    /// that sent the SYN, or else the one that sends a ClientHello first.
    fn begin(&mut self, id: ConversationId, client: String, server: String, begins_late: bool);
    /// Something happened in it.
    fn happened(&mut self, id: ConversationId, happening: &Happening<'_>);
    /// It is over: both ends closed, or one broke it off, or the capture ended.
    fn end(&mut self, id: ConversationId);
}
