//! The client. Which state machine runs is decided by the ServerHello, which chooses the version
//! (RFC 8446 §4.1.3, §4.2.1, App. D.1).

mod answers;
mod client_hello;
mod offer;
mod wait_server_hello;

use alloc::boxed::Box;

use handclasp_codec::{HandshakeType, ProtocolVersion, ServerHello};
use handclasp_report::{Event as Kind, Failed, Fault, Misuse, Report};
use handclasp_schedule::{Epoch, KeySource, Sender};

pub(crate) use answers::{chosen_alpn, only_answers};
pub(crate) use client_hello::{Hello, send as send_client_hello};
pub(crate) use offer::{Offer, Psk, Share, Shares};
pub(crate) use wait_server_hello::{decode_server_hello, is_retry, not_offered};

use crate::{
    Answer, ClientStart, Config, Context, Input, Need, event::Event, extensions::Block, machine::Machine,
    message::refuse,
};

/// What begins the machine of a version, from the server's first message on.
pub(crate) trait Version: Sync {
    /// Its number on the wire.
    fn number(&self) -> ProtocolVersion;

    /// Prepares an offer that has suites of this version.
    fn prepare(&self, offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Failed>;

    /// Writes the extensions of a ClientHello that this version alone has, behind those of both.
    fn extensions(&self, hello: &Hello<'_>, block: &mut Block<'_, '_>);

    /// Fills in what a ClientHello says about its own bytes.
    fn bind(
        &self,
        offer: &Offer,
        config: &Config,
        now: u64,
        message: &mut [u8],
        report: &mut Report,
    ) -> Result<(), Failed>;

    /// A ServerHello that chose this version.
    fn server_hello(
        &self,
        offer: Box<Offer>,
        context: &mut Context<'_>,
        hello: &ServerHello<'_>,
        message: &[u8],
    ) -> Result<Box<dyn Machine>, Failed>;

    /// A HelloRetryRequest that chose this version. TLS 1.2 has none.
    fn hello_retry_request(
        &self,
        offer: Box<Offer>,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<Box<dyn Machine>, Failed>;
}

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
/// | `WaitServerHello` | ServerHello, HelloRetryRequest | `Running` |
/// | `Running` | see `client13`, `client12` | itself |
/// | `Over` | nothing | – |
enum State {
    /// The ClientHello is sent; the version is open.
    WaitServerHello(Box<Offer>),
    /// The machine of the version chosen.
    Running(Box<dyn Machine>),
    /// The handshake ended with a fault.
    Over,
}

impl Client {
    /// Sends a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to offer, a name or key that cannot be sent, no randomness.
    pub fn start(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Self, Failed> {
        let mut offer = Box::new(Offer::new(context, start)?);
        send_client_hello(&mut offer, context)?;
        Ok(Self { state: State::WaitServerHello(offer) })
    }

    /// Handles a message. After an error the client takes no more input.
    ///
    /// # Errors
    /// Why the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Failed> {
        self.step(context, Event::from(input))
    }

    /// What it waits for from outside.
    pub fn need(&self) -> Option<Need<'_>> {
        match &self.state {
            State::Running(machine) => machine.need(),
            State::WaitServerHello(_) | State::Over => None,
        }
    }

    /// Answers [`Client::need`].
    ///
    /// # Errors
    /// Why the handshake ends; [`Misuse::WrongAnswer`] where nothing was asked, or something else.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Failed> {
        self.step(context, Event::Answer(answer))
    }

    /// What it waits for.
    pub fn expects(&self) -> Kind {
        self.state.expects()
    }

    /// Whether the handshake is complete.
    pub fn is_connected(&self) -> bool {
        match &self.state {
            State::Running(machine) => machine.is_connected(),
            State::WaitServerHello(_) | State::Over => false,
        }
    }

    /// The version, once decided.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.state {
            State::Running(machine) => Some(machine.version()),
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
        if let State::Running(machine) = &mut self.state {
            machine.drop_installed_keys();
        }
    }

    /// Ends it: all secrets are wiped, and no input is taken any more.
    pub fn forget(&mut self) {
        self.state = State::Over;
    }

    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match &self.state {
            State::Running(machine) => machine.keys(epoch, sender),
            State::WaitServerHello(_) | State::Over => None,
        }
    }

    /// Sends by new keys from here on (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`](handclasp_report::Internal::KeyExhausted) in TLS 1.2, which cannot;
    /// [`Misuse::NotConnected`] before the handshake is complete.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        match &mut self.state {
            State::Running(machine) => machine.update_keys(context),
            State::WaitServerHello(_) | State::Over => Err(context.fail(Fault::Misuse(Misuse::NotConnected))),
        }
    }

    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed> {
        if let State::Running(machine) = &mut self.state {
            let outcome = machine.handle(context, event);
            if outcome.is_err() {
                self.state = State::Over;
            }
            return outcome;
        }
        let state = core::mem::replace(&mut self.state, State::Over);
        self.state = state.step(context, event)?;
        Ok(())
    }
}

impl State {
    /// Handles an event before the version is chosen. Returns the next state.
    fn step(self, context: &mut Context<'_>, event: Event<'_>) -> Result<Self, Failed> {
        use Event::{ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            // A HelloRetryRequest has this type too.
            (Self::WaitServerHello(offer), Message(Type::server_hello, message)) => {
                wait_server_hello::server_hello(offer, context, message).map(Self::Running)
            }
            // Without meaning from the ClientHello on, if this becomes TLS 1.3 (RFC 8446 §5).
            (Self::WaitServerHello(offer), ChangeCipherSpec) if offer.tls13 => {
                Ok(Self::WaitServerHello(offer))
            }
            (state, event) => Err(refuse(state.expects(), &event, context.report)),
        }
    }

    fn expects(&self) -> Kind {
        match self {
            Self::WaitServerHello(_) => Kind::Message(HandshakeType::server_hello),
            Self::Running(machine) => machine.expects(),
            Self::Over => Kind::Nothing,
        }
    }
}
