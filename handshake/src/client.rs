//! The client. Which state machine runs is decided by the ServerHello, which chooses the version
//! (RFC 8446 §4.1.3, §4.2.1, App. D.1).

mod answers;
mod client_hello;
mod notes;
mod offer;
mod wait_server_hello;

use handclasp_codec::{HandshakeType, ProtocolVersion};
use handclasp_report::{Event as Kind, Fault, Internal, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

pub(crate) use answers::{chosen_alpn, only_answers};
pub(crate) use client_hello::send as send_client_hello;
pub(crate) use notes::chose;
pub(crate) use offer::{Offer, Psk, Share};

use crate::{Answer, ClientStart, Context, Input, Need, client12, client13, event::Event, message::refuse};

/// One connection's client half.
pub struct Client {
    state: State,
}

impl core::fmt::Debug for Client {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Client")
            .field("version", &self.version())
            .field("expects", &self.expects())
            .finish_non_exhaustive()
    }
}

/// The state machine that is running.
///
/// | state | waits for | → next state |
/// |---|---|---|
/// | `WaitServerHello` | ServerHello, HelloRetryRequest | `Tls13`, `Tls12` |
/// | `Tls13`, `Tls12` | see `client13`, `client12` | itself |
/// | `Over` | nothing | – |
enum State {
    /// The ClientHello is sent; the version is open.
    WaitServerHello(Offer),
    /// TLS 1.3.
    Tls13(client13::State),
    /// TLS 1.2.
    Tls12(client12::State),
    /// The handshake ended with a fault.
    Over,
}

impl Client {
    /// Sends a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to offer, a name or key that cannot be sent, no randomness.
    pub fn start(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Self, Fault> {
        let mut offer = Offer::new(context, start)?;
        send_client_hello(&mut offer, context)?;
        Ok(Self { state: State::WaitServerHello(offer) })
    }

    /// Handles a message. After an error the client takes no more input.
    ///
    /// # Errors
    /// Why the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Fault> {
        self.step(context, Event::from(input))
    }

    /// What it waits for from outside.
    pub fn need(&self) -> Option<Need<'_>> {
        match &self.state {
            State::Tls13(state) => state.need(),
            State::Tls12(state) => state.need(),
            State::WaitServerHello(_) | State::Over => None,
        }
    }

    /// Answers [`Client::need`].
    ///
    /// # Errors
    /// Why the handshake ends; [`Misuse::WrongAnswer`] where nothing was asked, or something else.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Fault> {
        self.step(context, Event::Answer(answer))
    }

    /// What it waits for.
    pub fn expects(&self) -> Kind {
        self.state.expects()
    }

    /// Whether the handshake is complete.
    pub fn is_connected(&self) -> bool {
        match &self.state {
            State::Tls13(state) => matches!(state, client13::State::Connected(_)),
            State::Tls12(state) => matches!(state, client12::State::Connected(_)),
            State::WaitServerHello(_) | State::Over => false,
        }
    }

    /// The version, once decided.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.state {
            State::Tls13(_) => Some(ProtocolVersion::TLS_1_3),
            State::Tls12(_) => Some(ProtocolVersion::TLS_1_2),
            State::WaitServerHello(_) | State::Over => None,
        }
    }

    /// The keys under which the peer sends in that epoch, for [`crate::Action::InstallReadKeys`].
    pub fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Server)
    }

    /// The keys under which we send in that epoch, for [`crate::Action::InstallWriteKeys`].
    pub fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Client)
    }

    /// The keys of a complete handshake are installed: TLS 1.2 has no further use for their
    /// secrets.
    pub fn drop_installed_keys(&mut self) {
        if let State::Tls12(client12::State::Connected(master)) = &mut self.state {
            *master = None;
        }
    }

    /// Ends it: all secrets are wiped, and no input is taken any more.
    pub fn forget(&mut self) {
        self.state = State::Over;
    }

    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match &self.state {
            State::Tls13(state) => state.keys(epoch, sender),
            State::Tls12(state) => state.keys(sender),
            State::WaitServerHello(_) | State::Over => None,
        }
    }

    /// Sends by new keys from here on (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] in TLS 1.2, which cannot; [`Misuse::NotConnected`] before the
    /// handshake is complete.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        match &mut self.state {
            State::Tls13(client13::State::Connected(connected)) => connected.update_keys(context),
            State::Tls12(client12::State::Connected(_)) => Err(Fault::Internal(Internal::KeyExhausted)),
            State::Tls13(_) | State::Tls12(_) | State::WaitServerHello(_) | State::Over => {
                Err(Fault::Misuse(Misuse::NotConnected))
            }
        }
    }

    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Fault> {
        let state = core::mem::replace(&mut self.state, State::Over);
        self.state = state.step(context, event)?;
        Ok(())
    }
}

impl State {
    /// Handles an event. Returns the next state.
    fn step(self, context: &mut Context<'_>, event: Event<'_>) -> Result<Self, Fault> {
        use Event::{ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            // A HelloRetryRequest has this type too.
            (Self::WaitServerHello(offer), Message(Type::server_hello, message)) => {
                wait_server_hello::server_hello(offer, context, message)
            }
            // Without meaning from the ClientHello on, if this becomes TLS 1.3 (RFC 8446 §5).
            (Self::WaitServerHello(offer), ChangeCipherSpec) if offer.tls13 => {
                Ok(Self::WaitServerHello(offer))
            }
            (Self::Tls13(state), event) => state.step(context, event).map(Self::Tls13),
            (Self::Tls12(state), event) => state.step(context, event).map(Self::Tls12),
            (state, event) => Err(refuse(state.expects(), &event)),
        }
    }

    fn expects(&self) -> Kind {
        match self {
            Self::WaitServerHello(_) => Kind::Message(HandshakeType::server_hello),
            Self::Tls13(state) => state.expects(),
            Self::Tls12(state) => state.expects(),
            Self::Over => Kind::Nothing,
        }
    }
}
