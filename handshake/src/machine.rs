//! Runs the state machine of the chosen version. `client` and `server` name neither version, so that a
//! program links the machines of those versions only that its configuration lists.

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Event as Kind, Failed, Fault, Internal};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{Context, Need, event::Event};

/// The states of one side and version: its table. What several states need is shared, so that a state holds
/// only its own part and a step moves a few words: a move is a copy, which leaves bytes behind on the stack.
pub(crate) trait States: Sized + Send + Sync {
    /// The protocol version.
    const VERSION: ProtocolVersion;

    /// What the states share.
    type Shared: Send + Sync;

    /// Handles an event, by the table. Returns the next state.
    fn step(
        self,
        shared: &mut Self::Shared,
        context: &mut Context<'_>,
        event: Event<'_>,
    ) -> Result<Self, Failed>;

    /// What the table waits for; where it takes two messages, the one that must come.
    fn expects(&self) -> Kind;

    /// The decision that the state waits for, if any.
    fn need<'a>(&'a self, shared: &'a Self::Shared) -> Option<Need<'a>>;

    /// The keys of that epoch and sender, where the state holds them.
    fn keys<'a>(&'a self, shared: &'a Self::Shared, epoch: Epoch, sender: Sender) -> Option<KeySource<'a>>;

    /// Whether the handshake is complete.
    fn is_connected(&self) -> bool;

    /// The keys of a complete handshake are installed: drops secrets that have no further use.
    fn drop_installed_keys(&mut self) {}

    /// Sends a KeyUpdate and changes our write keys (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] in TLS 1.2, which has no KeyUpdate;
    /// [`Misuse::NotConnected`](handclasp_report::Misuse::NotConnected) before the handshake is complete.
    fn update_keys(&mut self, shared: &Self::Shared, context: &mut Context<'_>) -> Result<(), Failed>;
}

/// A machine: its current state, and the data that all states share.
pub(crate) struct Running<S: States> {
    /// `None` after a fault.
    pub(crate) state: Option<S>,
    pub(crate) shared: S::Shared,
}

/// The interface of a machine of any version. The methods are those of [`States`].
pub(crate) trait Machine: Send + Sync {
    fn version(&self) -> ProtocolVersion;
    /// After a fault the machine has no state.
    fn handle(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed>;
    fn expects(&self) -> Kind;
    fn need(&self) -> Option<Need<'_>>;
    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>>;
    fn is_connected(&self) -> bool;
    fn drop_installed_keys(&mut self);
    fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed>;
}

impl<S: States> Machine for Running<S> {
    fn version(&self) -> ProtocolVersion {
        S::VERSION
    }

    fn handle(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed> {
        let state = self.state.take().ok_or_else(|| context.fail(Fault::Internal(Internal::Bug)))?;
        self.state = Some(state.step(&mut self.shared, context, event)?);
        Ok(())
    }

    fn expects(&self) -> Kind {
        self.state.as_ref().map_or(Kind::Nothing, S::expects)
    }

    fn need(&self) -> Option<Need<'_>> {
        self.state.as_ref()?.need(&self.shared)
    }

    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        self.state.as_ref()?.keys(&self.shared, epoch, sender)
    }

    fn is_connected(&self) -> bool {
        self.state.as_ref().is_some_and(S::is_connected)
    }

    fn drop_installed_keys(&mut self) {
        if let Some(state) = &mut self.state {
            state.drop_installed_keys();
        }
    }

    fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        match &mut self.state {
            Some(state) => state.update_keys(&self.shared, context),
            None => Err(context.fail(Fault::Internal(Internal::Bug))),
        }
    }
}
