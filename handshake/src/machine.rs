//! The interface of a state machine whose version is chosen. `client` and `server` call it and name
//! neither version, so that a program links the machines of those versions only that its
//! configuration lists.

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Event as Kind, Failed};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{Context, Need, event::Event};

/// The handshake of one side and version, from the hello that chose the version.
pub(crate) trait Machine: Send + Sync {
    /// The protocol version.
    fn version(&self) -> ProtocolVersion;

    /// Handles an event, by the table. The machine stays in its box; after a fault it is gone, and
    /// its secrets are wiped.
    fn handle(
        self: Box<Self>,
        context: &mut Context<'_>,
        event: Event<'_>,
    ) -> Result<Box<dyn Machine>, Failed>;

    /// What the table waits for; where it takes two messages, the one that must come.
    fn expects(&self) -> Kind;

    /// The decision that the machine waits for, if any.
    fn need(&self) -> Option<Need<'_>>;

    /// The keys of that epoch and sender, where the machine holds them.
    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>>;

    /// Whether the handshake is complete.
    fn is_connected(&self) -> bool;

    /// The keys of a complete handshake are installed: drops secrets that have no further use.
    fn drop_installed_keys(&mut self);

    /// Sends a KeyUpdate and changes our write keys (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`](handclasp_report::Internal::KeyExhausted) in TLS 1.2, which has no
    /// KeyUpdate; [`Misuse::NotConnected`](handclasp_report::Misuse::NotConnected) before the
    /// handshake is complete.
    fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed>;
}
