//! What goes along from the ServerHello to the server's Finished.
//!
//! Called by: the states of `client13`.

use alloc::boxed::Box;

use handclasp_codec::ExtensionType;
use handclasp_crypto::Suite;
use handclasp_schedule::{HandshakeSecret, TrafficSecret, Transcript};

use crate::action::Connected;

/// The handshake under way.
pub(super) struct Session {
    pub(super) suite: &'static Suite,
    pub(super) transcript: Transcript,
    pub(super) client_random: [u8; 32],
    pub(super) secret: HandshakeSecret,
    pub(super) client_handshake_traffic: TrafficSecret,
    pub(super) server_handshake_traffic: TrafficSecret,
    /// What was agreed so far.
    pub(super) agreed: Box<Connected>,
    /// Extensions of the ClientHello. Kept until the server's last chance to answer one, its
    /// Certificate.
    pub(super) offered: alloc::vec::Vec<ExtensionType>,
}
