//! The handshake of one side, as a connection sees it. Client and server differ in what they wait for first;
//! the machine of the version that a hello chooses does the rest.

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_report::{Event as Kind, Failed, Fault, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{
    Answer, ClientStart, Context, Input, Need, client, event::Event, machine::Machine, message::refuse,
    server,
};

/// The handshake of one side of a connection. A program that only ever begins one of the two sides does not
/// link the other.
pub struct Handshake {
    own: Sender,
    state: State,
}

/// | state | waits for | → next state |
/// |---|---|---|
/// | `Hello` | the peer's hello, which chooses the version | itself, `Running` |
/// | `Running` | see `client13`, `client12`, `server13`, `server12` | itself |
/// | `Over` | nothing | – |
pub(crate) enum State {
    /// The version is open.
    Hello(Box<dyn WaitHello>),
    /// The machine of the version chosen.
    Running(Box<dyn Machine>),
    /// The handshake ended with a fault.
    Over,
}

/// The state of a side before the version is chosen.
pub(crate) trait WaitHello: Send + Sync {
    /// What it waits for.
    fn expects(&self) -> Kind;

    /// Handles an event. Returns the next state.
    fn handle(self: Box<Self>, context: &mut Context<'_>, event: Event<'_>) -> Result<State, Failed>;
}

impl core::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Handshake")
            .field("own", &self.own)
            .field("version", &self.version())
            .field("expects", &self.expects())
            .finish_non_exhaustive()
    }
}

impl Handshake {
    /// A client, which sends a ClientHello.
    ///
    /// # Errors
    /// A configuration with nothing to offer, a name or key that cannot be sent, no randomness.
    pub fn client(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Self, Failed> {
        let hello = client::start(context, start)?;
        Ok(Self { own: Sender::Client, state: State::Hello(hello) })
    }

    /// A server, which waits for a ClientHello.
    ///
    /// # Errors
    /// [`Misuse::VersionNotListed`]; [`Misuse::NothingToOffer`]: no suite of this configuration could
    /// ever be chosen.
    pub fn server(context: &mut Context<'_>) -> Result<Self, Failed> {
        let hello = server::start(context)?;
        Ok(Self { own: Sender::Server, state: State::Hello(hello) })
    }

    /// Handles a message. After an error no more input is taken.
    ///
    /// # Errors
    /// Why the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Failed> {
        self.step(context, Event::from(input))
    }

    /// Answers [`Handshake::need`].
    ///
    /// # Errors
    /// Why the handshake ends; [`Misuse::WrongAnswer`] where nothing was asked, or something else.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Failed> {
        self.step(context, Event::Answer(answer))
    }

    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed> {
        if let State::Running(machine) = &mut self.state {
            let outcome = machine.handle(context, event);
            if outcome.is_err() {
                self.state = State::Over;
            }
            return outcome;
        }
        match core::mem::replace(&mut self.state, State::Over) {
            State::Hello(hello) => self.state = hello.handle(context, event)?,
            State::Running(_) | State::Over => return Err(refuse(Kind::Nothing, &event, context.report)),
        }
        Ok(())
    }

    fn machine(&self) -> Option<&dyn Machine> {
        match &self.state {
            State::Running(machine) => Some(&**machine),
            State::Hello(_) | State::Over => None,
        }
    }

    /// The decision that the handshake waits for, if any.
    pub fn need(&self) -> Option<Need<'_>> {
        self.machine()?.need()
    }

    /// The event that the handshake waits for.
    pub fn expects(&self) -> Kind {
        match &self.state {
            State::Hello(hello) => hello.expects(),
            State::Running(machine) => machine.expects(),
            State::Over => Kind::Nothing,
        }
    }

    /// Whether the handshake is complete.
    pub fn is_connected(&self) -> bool {
        self.machine().is_some_and(Machine::is_connected)
    }

    /// The protocol version, once chosen.
    pub fn version(&self) -> Option<ProtocolVersion> {
        self.machine().map(Machine::version)
    }

    /// The peer's keys in this epoch, for [`crate::Action::InstallReadKeys`].
    pub fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.machine()?.keys(epoch, self.own.other())
    }

    /// Our keys in this epoch, for [`crate::Action::InstallWriteKeys`].
    pub fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.machine()?.keys(epoch, self.own)
    }

    /// Drops the secrets of installed keys, which TLS 1.2 needs no longer once connected.
    pub fn drop_installed_keys(&mut self) {
        if let State::Running(machine) = &mut self.state {
            machine.drop_installed_keys();
        }
    }

    /// Ends the handshake: wipes all secrets and takes no more input.
    pub fn end(&mut self) {
        self.state = State::Over;
    }

    /// Sends a KeyUpdate and changes our write keys (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`](handclasp_report::Internal::KeyExhausted) in TLS 1.2, which has no
    /// KeyUpdate; [`Misuse::NotConnected`] before the handshake is complete.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        match &mut self.state {
            State::Running(machine) => machine.update_keys(context),
            State::Hello(_) | State::Over => Err(context.fail(Fault::Misuse(Misuse::NotConnected))),
        }
    }
}
