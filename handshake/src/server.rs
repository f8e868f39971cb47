//! The server. Which state machine runs is decided by the ClientHello, from which the version is
//! chosen (RFC 8446 §4.2.1, RFC 5246 §E.1).

pub(crate) mod client_hello;
pub(crate) mod hello;
pub(crate) mod server_hello;

use alloc::boxed::Box;

use handclasp_codec::{ClientHelloView, HandshakeType, ProtocolVersion};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::{Event as Kind, Failed, Fault, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{
    Answer, Config, Context, Input, Need, event::Event, machine::Machine, message::refuse, permit,
    versions::check_suites,
};

/// What begins the machine of a version.
pub(crate) trait Version: Sync {
    /// Its number on the wire.
    fn number(&self) -> ProtocolVersion;

    /// A ClientHello that was decoded and checked, and gets this version.
    fn client_hello(
        &self,
        context: &mut Context<'_>,
        hello: ClientHelloView<'_>,
    ) -> Result<Box<dyn Machine>, Failed>;
}

/// One connection's server half.
pub struct Server {
    state: State,
}

impl core::fmt::Debug for Server {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Server")
            .field("version", &self.version())
            .field("expects", &self.expects())
            .finish_non_exhaustive()
    }
}

/// The state machine that is running.
///
/// | state | waits for | → next state |
/// |---|---|---|
/// | `Start` | ClientHello | `Running` |
/// | `Running` | see `server13`, `server12` | itself |
/// | `Over` | nothing | – |
enum State {
    /// The first ClientHello is awaited.
    Start {
        /// Whether a change_cipher_spec came, which only a stateless server ignores here.
        change_cipher_spec: bool,
    },
    /// The machine of the version chosen.
    Running(Box<dyn Machine>),
    /// The handshake ended with a fault.
    Over,
}

impl Server {
    /// A server that waits for a ClientHello.
    ///
    /// # Errors
    /// [`Misuse::VersionNotListed`]; [`Misuse::NothingToOffer`]: no suite of this configuration could
    /// ever be chosen.
    pub fn new(context: &mut Context<'_>) -> Result<Self, Failed> {
        let listed = context.config.versions.server;
        check_suites(context, |number| listed.iter().any(|version| version.number() == number))?;
        permit::server(context)?;
        match can_serve(context.config) {
            true => Ok(Self { state: State::Start { change_cipher_spec: false } }),
            false => Err(context.fail(Fault::Misuse(Misuse::NothingToOffer))),
        }
    }

    /// Handles a message. After an error the server takes no more input.
    ///
    /// # Errors
    /// The reason for which the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Failed> {
        self.step(context, Event::from(input))
    }

    /// The decision that the machine waits for, if any.
    pub fn need(&self) -> Option<Need<'_>> {
        match &self.state {
            State::Running(machine) => machine.need(),
            State::Start { .. } | State::Over => None,
        }
    }

    /// Answers [`Server::need`].
    ///
    /// # Errors
    /// The reason for which the handshake ends; [`Misuse::WrongAnswer`] if the answer does not fit
    /// the need.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Failed> {
        self.step(context, Event::Answer(answer))
    }

    /// The event that the machine waits for.
    pub fn expects(&self) -> Kind {
        self.state.expects()
    }

    /// Whether the handshake is complete.
    pub fn is_connected(&self) -> bool {
        match &self.state {
            State::Running(machine) => machine.is_connected(),
            State::Start { .. } | State::Over => false,
        }
    }

    /// The protocol version, once chosen.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.state {
            State::Running(machine) => Some(machine.version()),
            State::Start { .. } | State::Over => None,
        }
    }

    /// The peer's keys in this epoch, for [`crate::Action::InstallReadKeys`].
    pub fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Client)
    }

    /// Our keys in this epoch, for [`crate::Action::InstallWriteKeys`].
    pub fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Server)
    }

    /// Drops the secrets of installed keys, which TLS 1.2 needs no longer once connected.
    pub fn drop_installed_keys(&mut self) {
        if let State::Running(machine) = &mut self.state {
            machine.drop_installed_keys();
        }
    }

    /// Ends the handshake: wipes all secrets and takes no more input.
    pub fn forget(&mut self) {
        self.state = State::Over;
    }

    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match &self.state {
            State::Running(machine) => machine.keys(epoch, sender),
            State::Start { .. } | State::Over => None,
        }
    }

    /// Sends a KeyUpdate and changes our write keys (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`](handclasp_report::Internal::KeyExhausted) in TLS 1.2, which has no
    /// KeyUpdate; [`Misuse::NotConnected`] before the handshake is complete.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Failed> {
        match &mut self.state {
            State::Running(machine) => machine.update_keys(context),
            State::Start { .. } | State::Over => Err(context.fail(Fault::Misuse(Misuse::NotConnected))),
        }
    }

    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed> {
        let outcome = self.state.step(context, event);
        if outcome.is_err() {
            self.state = State::Over;
        }
        outcome
    }
}

impl State {
    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failed> {
        match (&mut *self, event) {
            (Self::Start { change_cipher_spec }, Event::Message(HandshakeType::client_hello, message)) => {
                *self = Self::Running(client_hello::received(context, message, *change_cipher_spec)?);
            }
            // A second ClientHello, whose first one another connection saw, comes behind one
            // (RFC 8446 §4.2.2, §D.4). The connection counts them.
            (Self::Start { change_cipher_spec }, Event::ChangeCipherSpec)
                if context.config.extensions.cookie_secret.is_some() =>
            {
                *change_cipher_spec = true;
            }
            (Self::Running(machine), event) => machine.handle(context, event)?,
            (Self::Start { .. } | Self::Over, event) => {
                return Err(refuse(self.expects(), &event, context.report));
            }
        }
        Ok(())
    }

    fn expects(&self) -> Kind {
        match self {
            Self::Start { .. } => Kind::Message(HandshakeType::client_hello),
            Self::Running(machine) => machine.expects(),
            Self::Over => Kind::Nothing,
        }
    }
}

/// Whether the configuration has everything that one of its suites needs.
fn can_serve(config: &Config) -> bool {
    config.suites.iter().any(|suite| match suite.exchange {
        KeyExchangeAlgorithm::Tls13 if config.groups.is_empty() => config.has_psk && config.extensions.psk_ke,
        KeyExchangeAlgorithm::Tls13 => config.has_credential || config.has_psk,
        KeyExchangeAlgorithm::Ecdhe(_) => !config.groups.is_empty() && config.has_credential,
        KeyExchangeAlgorithm::Psk => config.has_psk,
        KeyExchangeAlgorithm::EcdhePsk => !config.groups.is_empty() && config.has_psk,
    })
}

#[cfg(all(test, feature = "default"))]
mod tests;
