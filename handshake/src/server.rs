//! The server: which of its machines is running. Before the first ClientHello there is none,
//! for only that message decides the version (RFC 8446 §4.2.1, RFC 5246 §E.1).

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

/// Which machine is running.
enum Machine {
    /// No ClientHello came yet.
    Start {
        /// Whether a change_cipher_spec did, which only a stateless server passes over.
        change_cipher_spec: bool,
    },
    /// TLS 1.3.
    Tls13(server13::State),
    /// TLS 1.2.
    Tls12(server12::State),
    /// It ended with a fault.
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

    /// Takes a message. After a fault the server is over.
    ///
    /// # Errors
    /// Why the handshake ends.
    pub fn handle(&mut self, context: &mut Context<'_>, input: Input<'_>) -> Result<(), Fault> {
        self.step(context, Event::from(input))
    }

    /// What it waits for from outside.
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
    /// Why the handshake ends; [`Misuse::WrongAnswer`] where nothing was asked, or something else.
    pub fn answer(&mut self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<(), Fault> {
        self.step(context, Event::Answer(answer))
    }

    /// What it waits for.
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

    /// The version, once decided.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.machine {
            Machine::Tls13(_) => Some(ProtocolVersion::TLS_1_3),
            Machine::Tls12(_) => Some(ProtocolVersion::TLS_1_2),
            Machine::Start { .. } | Machine::Over => None,
        }
    }

    /// The keys under which the peer sends in that epoch, for [`crate::Action::InstallReadKeys`].
    pub fn read_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Client)
    }

    /// The keys under which we send in that epoch, for [`crate::Action::InstallWriteKeys`].
    pub fn write_keys(&self, epoch: Epoch) -> Option<KeySource<'_>> {
        self.keys(epoch, Sender::Server)
    }

    /// The keys of a complete handshake are installed: TLS 1.2 has no further use for their
    /// secrets.
    pub fn drop_installed_keys(&mut self) {
        if let Machine::Tls12(server12::State::Connected(connected)) = &mut self.machine {
            connected.drop_keys();
        }
    }

    /// Ends it: all secrets are wiped, and no input is taken any more.
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

    /// Sends by new keys from here on (RFC 8446 §4.6.3).
    ///
    /// # Errors
    /// [`Internal::KeyExhausted`] in TLS 1.2, which cannot; [`Misuse::NotConnected`] before the
    /// handshake is complete.
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

/// Whether some suite has all that it needs from the configuration.
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
