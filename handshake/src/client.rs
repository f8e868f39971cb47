//! The client. Which state machine runs is decided by the ServerHello, which chooses the version
//! (RFC 8446 §4.1.3, §4.2.1, App. D.1).

mod answers;
mod client_hello;
mod offer;
mod wait_server_hello;

use alloc::boxed::Box;

use handclasp_codec::{HandshakeType, ProtocolVersion, ServerHello};
use handclasp_report::{Event as Kind, Failed, Report};

pub(crate) use answers::{chosen_alpn, only_answers};
pub(crate) use client_hello::{Hello, send as send_client_hello};
pub(crate) use offer::{Offer, Psk, Share, Shares};
pub(crate) use wait_server_hello::{decode_server_hello, is_retry, not_offered};

use crate::{
    ClientStart, Config, Context,
    event::Event,
    extensions::Block,
    handshake::{State, WaitHello},
    machine::Machine,
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

/// Sends a ClientHello. The offer then waits for the ServerHello.
pub(crate) fn start(context: &mut Context<'_>, start: ClientStart<'_>) -> Result<Box<Offer>, Failed> {
    let mut offer = Offer::new(context, start)?;
    send_client_hello(&mut offer, context)?;
    Ok(offer)
}

impl WaitHello for Offer {
    fn expects(&self) -> Kind {
        Kind::Message(HandshakeType::server_hello)
    }

    fn handle(self: Box<Self>, context: &mut Context<'_>, event: Event<'_>) -> Result<State, Failed> {
        match event {
            // A HelloRetryRequest has this type too.
            Event::Message(HandshakeType::server_hello, message) => {
                wait_server_hello::server_hello(self, context, message).map(State::Running)
            }
            // Without meaning from the ClientHello on, if this becomes TLS 1.3 (RFC 8446 §5).
            Event::ChangeCipherSpec if self.tls13 => Ok(State::Hello(self)),
            event => Err(refuse(self.expects(), &event, context.report)),
        }
    }
}
