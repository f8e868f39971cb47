//! The server. Which state machine runs is decided by the ClientHello, from which the version is
//! chosen (RFC 8446 §4.2.1, RFC 5246 §E.1).

pub(crate) mod client_hello;
pub(crate) mod hello;
pub(crate) mod server_hello;

use alloc::boxed::Box;

use handclasp_codec::{ClientHelloView, HandshakeType, ProtocolVersion};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_report::{Event as Kind, Failed, Fault, Misuse};

use crate::{
    Config, Context,
    event::Event,
    handshake::{State, WaitHello},
    machine::Machine,
    message::refuse,
    permit,
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

/// Waits for the first ClientHello.
struct WaitClientHello;

/// As [`WaitClientHello`], behind a change_cipher_spec, which only a stateless server ignores here: a second
/// ClientHello, whose first one another connection saw, comes behind one (RFC 8446 §4.2.2, §D.4). The
/// connection counts them.
struct BehindChangeCipherSpec;

/// Checks that something can be served. Returns the first state.
pub(crate) fn start(context: &mut Context<'_>) -> Result<Box<dyn WaitHello>, Failed> {
    let listed = context.config.versions.server;
    check_suites(context, |number| listed.iter().any(|version| version.number() == number))?;
    permit::server(context)?;
    match can_serve(context.config) {
        true => Ok(Box::new(WaitClientHello)),
        false => Err(context.fail(Fault::Misuse(Misuse::NothingToOffer))),
    }
}

const EXPECTED: Kind = Kind::Message(HandshakeType::client_hello);

impl WaitHello for WaitClientHello {
    fn expects(&self) -> Kind {
        EXPECTED
    }

    fn handle(self: Box<Self>, context: &mut Context<'_>, event: Event<'_>) -> Result<State, Failed> {
        wait_client_hello(context, event, false)
    }
}

impl WaitHello for BehindChangeCipherSpec {
    fn expects(&self) -> Kind {
        EXPECTED
    }

    fn handle(self: Box<Self>, context: &mut Context<'_>, event: Event<'_>) -> Result<State, Failed> {
        wait_client_hello(context, event, true)
    }
}

fn wait_client_hello(
    context: &mut Context<'_>,
    event: Event<'_>,
    change_cipher_spec: bool,
) -> Result<State, Failed> {
    match event {
        Event::Message(HandshakeType::client_hello, message) => {
            client_hello::received(context, message, change_cipher_spec).map(State::Running)
        }
        Event::ChangeCipherSpec if context.config.extensions.is_stateless() => {
            Ok(State::Hello(Box::new(BehindChangeCipherSpec)))
        }
        event => Err(refuse(EXPECTED, &event, context.report)),
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
