//! The server. Which state machine runs is decided by the ClientHello, from which the version is
//! chosen (RFC 8446 §4.2.1, RFC 5246 §E.1).

pub(crate) mod client_hello;
mod hello;

pub(crate) use hello::{Decoded, Hello, Offered, Part};

use handclasp_codec::{HandshakeType, ProtocolVersion};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::{Event as Kind, Fault, Internal, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{Answer, Config, Context, Input, Need, event::Event, message::refuse, server12, server13};

/// One connection's server half.
pub struct Server {
    machine: Machine,
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
/// | `Start` | ClientHello | `Tls13`, `Tls12` |
/// | `Tls13`, `Tls12` | see `server13`, `server12` | itself |
/// | `Over` | nothing | – |
enum Machine {
    /// The first ClientHello is awaited.
    Start {
        /// Whether a change_cipher_spec came, which only a stateless server ignores here.
        change_cipher_spec: bool,
    },
    /// TLS 1.3.
    Tls13(server13::State),
    /// TLS 1.2.
    Tls12(server12::State),
    /// The handshake ended with a fault.
    Over,
}

impl Server {
    /// A server that waits for a ClientHello.
    ///
    /// # Errors
    /// [`Misuse::NothingToOffer`]: no suite of this configuration could ever be chosen.
    pub fn new(context: &mut Context<'_>) -> Result<Self, Fault> {
        match can_serve(context.config) {
            true => Ok(Self { machine: Machine::Start { change_cipher_spec: false } }),
            false => Err(Fault::Misuse(Misuse::NothingToOffer)),
        }
    }

    /// Handles a message. After an error the server takes no more input.
    ///
    /// # Errors
    /// The reason for which the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Fault> {
        self.step(context, Event::from(input))
    }

    /// The decision that the machine waits for, if any.
    pub fn need(&self) -> Option<Need<'_>> {
        match &self.machine {
            Machine::Tls13(state) => state.need(),
            Machine::Tls12(state) => state.need(),
            Machine::Start { .. } | Machine::Over => None,
        }
    }

    /// Answers [`Server::need`].
    ///
    /// # Errors
    /// The reason for which the handshake ends; [`Misuse::WrongAnswer`] if the answer does not fit
    /// the need.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Fault> {
        self.step(context, Event::Answer(answer))
    }

    /// The event that the machine waits for.
    pub fn expects(&self) -> Kind {
        self.machine.expects()
    }

    /// Whether the handshake is complete.
    pub fn is_connected(&self) -> bool {
        match &self.machine {
            Machine::Tls13(state) => state.is_connected(),
            Machine::Tls12(state) => matches!(state, server12::State::Connected(_)),
            Machine::Start { .. } | Machine::Over => false,
        }
    }

    /// The protocol version, once chosen.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.machine {
            Machine::Tls13(_) => Some(ProtocolVersion::TLS_1_3),
            Machine::Tls12(_) => Some(ProtocolVersion::TLS_1_2),
            Machine::Start { .. } | Machine::Over => None,
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
        if let Machine::Tls12(server12::State::Connected(connected)) = &mut self.machine {
            connected.drop_keys();
        }
    }

    /// Ends the handshake: wipes all secrets and takes no more input.
    pub fn forget(&mut self) {
        self.machine = Machine::Over;
    }

    fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match &self.machine {
            Machine::Tls13(state) => state.keys(epoch, sender),
            Machine::Tls12(state) => state.keys(sender),
            Machine::Start { .. } | Machine::Over => None,
        }
    }

    /// Sends a KeyUpdate and changes our write keys (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] in TLS 1.2, which has no KeyUpdate; [`Misuse::NotConnected`]
    /// before the handshake is complete.
    pub fn update_keys(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        match &mut self.machine {
            Machine::Tls13(server13::State::Connected(connected)) => connected.update_keys(context),
            Machine::Tls13(server13::State::IssueTickets(state)) => state.connected.update_keys(context),
            Machine::Tls12(server12::State::Connected(_)) => Err(Fault::Internal(Internal::KeyExhausted)),
            Machine::Tls13(_) | Machine::Tls12(_) | Machine::Start { .. } | Machine::Over => {
                Err(Fault::Misuse(Misuse::NotConnected))
            }
        }
    }

    fn step(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Fault> {
        let machine = core::mem::replace(&mut self.machine, Machine::Over);
        self.machine = machine.step(context, event)?;
        Ok(())
    }
}

impl Machine {
    fn step(self, context: &mut Context<'_>, event: Event<'_>) -> Result<Self, Fault> {
        match (self, event) {
            (Self::Start { change_cipher_spec }, Event::Message(HandshakeType::client_hello, message)) => {
                client_hello::received(context, message, change_cipher_spec)
            }
            // A second ClientHello, whose first one another connection saw, comes behind one
            // (RFC 8446 §4.2.2, §D.4). The connection counts them.
            (Self::Start { .. }, Event::ChangeCipherSpec)
                if context.config.extensions.cookie_secret.is_some() =>
            {
                Ok(Self::Start { change_cipher_spec: true })
            }
            (Self::Tls13(state), event) => state.step(context, event).map(Self::Tls13),
            (Self::Tls12(state), event) => state.step(context, event).map(Self::Tls12),
            (machine @ (Self::Start { .. } | Self::Over), event) => Err(refuse(machine.expects(), &event)),
        }
    }

    fn expects(&self) -> Kind {
        match self {
            Self::Start { .. } => Kind::Message(HandshakeType::client_hello),
            Self::Tls13(state) => state.expects(),
            Self::Tls12(state) => state.expects(),
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

#[cfg(test)]
mod tests;
