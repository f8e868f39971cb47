//! The client of TLS 1.2 (RFC 5246 §7.3 with RFC 8422, RFC 4279, RFC 5489, RFC 5077): one
//! table, a row for each transition in the order of the RFC's figure. A row calls one function
//! in the file named after its state; the ServerHello itself was read by `client`.
//!
//! | state | waits for | → next state |
//! |---|---|---|
//! | `WaitCertificate` | Certificate | `WaitPeerAccepted` |
//! | `WaitPeerAccepted` | the caller to verify the chain | itself for each certificate, `WaitServerKeyExchange` |
//! | `WaitServerKeyExchange` | CertificateStatus, ServerKeyExchange | `WaitStatusAccepted`, itself, `WaitCertificateRequestOrDone` |
//! | `WaitStatusAccepted` | the caller to verify the OCSP response | `WaitServerKeyExchange`, `WaitCertificateRequestOrDone` |
//! | `WaitPskKeyExchangeOrDone` | ServerKeyExchange, ServerHelloDone | `WaitServerHelloDone`, then as from there |
//! | `WaitCertificateRequestOrDone` | CertificateRequest, ServerHelloDone | `WaitServerHelloDone`, then as from there |
//! | `WaitServerHelloDone` | ServerHelloDone | `WaitCredential`, `WaitNewSessionTicket`, `WaitChangeCipherSpec` |
//! | `WaitCredential` | the caller to choose a certificate | `WaitSignature`, `WaitNewSessionTicket`, `WaitChangeCipherSpec` |
//! | `WaitSignature` | the caller to sign | `WaitNewSessionTicket`, `WaitChangeCipherSpec` |
//! | `WaitNewSessionTicket` | NewSessionTicket | `WaitChangeCipherSpec` |
//! | `WaitChangeCipherSpec` | change_cipher_spec | `WaitFinished` |
//! | `WaitFinished` | Finished | `Connected` |
//! | `Connected` | application data | itself |
//!
//! Where a session is resumed (RFC 5077 §3.1, figure 2) the last three states follow the
//! ServerHello at once, and our own Finished comes after the server's.

mod handshake;
mod our_flight;
mod resume;
mod server_hello;
mod wait_certificate;
mod wait_certificate_request_or_done;
mod wait_change_cipher_spec;
mod wait_credential;
mod wait_finished;
mod wait_new_session_ticket;
mod wait_peer_accepted;
mod wait_psk_key_exchange_or_done;
mod wait_server_hello_done;
mod wait_server_key_exchange;
mod wait_signature;
mod wait_status_accepted;

use alloc::boxed::Box;

use handclasp_codec::{AlertDescription, Field, HandshakeType, HelloRequest, ProtocolVersion, ServerHello};
use handclasp_report::{Event as Kind, Failed, Fault, Internal, Misuse, Report};
use handclasp_schedule::{Epoch, KeySource, MasterSecret, Sender};

use crate::{
    Action, Config, Context, Need, capability,
    client::{Hello, Offer, Version, not_offered},
    event::Event,
    extensions::Block,
    machine::{Machine, Running, States},
    message::{decode, fill_random, refuse},
};

/// The entry of TLS 1.2 among a client's versions.
pub(crate) struct Tls12;

impl Version for Tls12 {
    fn number(&self) -> ProtocolVersion {
        ProtocolVersion::TLS_1_2
    }

    /// A session id where a ticket is offered, so that its echo says that the ticket was taken (RFC 5077
    /// §3.4).
    fn prepare(&self, offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Failed> {
        offer.tls12 = true;
        if offer.session_id.is_none() && offer.session12().is_some() {
            fill_random(context, offer.session_id.insert([0; 32]))?;
        }
        Ok(())
    }

    fn extensions(&self, _: &Hello<'_>, _: &mut Block<'_, '_>) {}

    fn bind(&self, _: &Offer, _: &Config, _: u64, _: &mut [u8], _: &mut Report) -> Result<(), Failed> {
        Ok(())
    }

    fn server_hello(
        &self,
        offer: Box<Offer>,
        context: &mut Context<'_>,
        hello: &ServerHello<'_>,
        message: &[u8],
    ) -> Result<Box<dyn Machine>, Failed> {
        Ok(run(server_hello::begin(offer, context, hello, message)?))
    }

    fn hello_retry_request(
        &self,
        _: Box<Offer>,
        context: &mut Context<'_>,
        _: &[u8],
    ) -> Result<Box<dyn Machine>, Failed> {
        Err(not_offered(context, ProtocolVersion::TLS_1_3))
    }
}

fn run(state: State) -> Box<dyn Machine> {
    Box::new(Running { state: Some(state), shared: () })
}

/// The state of the handshake.
pub(crate) enum State {
    WaitCertificate(capability::Certificates, wait_certificate::WaitCertificate),
    WaitPeerAccepted(capability::Certificates, wait_peer_accepted::WaitPeerAccepted),
    WaitServerKeyExchange(capability::Certificates, wait_server_key_exchange::WaitServerKeyExchange),
    WaitStatusAccepted(
        capability::Certificates,
        capability::HostExtensions,
        wait_status_accepted::WaitStatusAccepted,
    ),
    WaitPskKeyExchangeOrDone(capability::Psk, wait_psk_key_exchange_or_done::WaitPskKeyExchangeOrDone),
    WaitCertificateRequestOrDone(
        capability::Certificates,
        wait_certificate_request_or_done::WaitCertificateRequestOrDone,
    ),
    WaitServerHelloDone(wait_server_hello_done::WaitServerHelloDone),
    WaitCredential(capability::ClientAuth, wait_credential::WaitCredential),
    WaitSignature(capability::ClientAuth, wait_signature::WaitSignature),
    WaitNewSessionTicket(capability::Tickets, wait_new_session_ticket::WaitNewSessionTicket),
    WaitChangeCipherSpec(wait_change_cipher_spec::WaitChangeCipherSpec),
    WaitFinished(wait_finished::WaitFinished),
    /// With the keys that are still to be installed.
    Connected(Option<MasterSecret>),
}

impl States for State {
    const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_2;
    type Shared = ();

    fn step(self, (): &mut (), context: &mut Context<'_>, event: Event<'_>) -> Result<Self, Failed> {
        use Event::{Answer, ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            (Self::WaitCertificate(on, state), Message(Type::certificate, message)) => {
                state.certificate(on, context, message)
            }
            (Self::WaitPeerAccepted(on, state), Answer(answer)) => state.answer(on, context, answer),
            (Self::WaitServerKeyExchange(on, state), Message(Type::certificate_status, message))
                if state.may_have_status() =>
            {
                state.certificate_status(on, context, message)
            }
            (Self::WaitServerKeyExchange(on, state), Message(Type::server_key_exchange, message)) => {
                state.server_key_exchange(on, context, message)
            }
            (Self::WaitStatusAccepted(on, _, state), Answer(answer)) => state.answer(on, context, &answer),
            (Self::WaitPskKeyExchangeOrDone(_, state), Message(Type::server_key_exchange, message)) => {
                state.server_key_exchange(context, message)
            }
            (Self::WaitPskKeyExchangeOrDone(_, state), Message(Type::server_hello_done, message))
                if state.may_be_done() =>
            {
                state.server_hello_done(context, message)
            }
            (Self::WaitCertificateRequestOrDone(on, state), Message(Type::certificate_request, message)) => {
                state.certificate_request(on, context, message)
            }
            (Self::WaitCertificateRequestOrDone(on, state), Message(Type::server_hello_done, message)) => {
                state.server_hello_done(on, context, message)
            }
            (Self::WaitServerHelloDone(state), Message(Type::server_hello_done, message)) => {
                state.server_hello_done(context, message)
            }
            (Self::WaitCredential(on, state), Answer(answer)) => state.answer(on, context, answer),
            (Self::WaitSignature(_, state), Answer(answer)) => state.answer(context, answer),
            (Self::WaitNewSessionTicket(on, state), Message(Type::new_session_ticket, message)) => {
                state.new_session_ticket(on, context, message)
            }
            (Self::WaitChangeCipherSpec(state), ChangeCipherSpec) => state.change_cipher_spec(context),
            (Self::WaitFinished(state), Message(Type::finished, message)) => state.finished(context, message),
            // A wish for a renegotiation, which we never do (RFC 5246 §7.2.2).
            (Self::Connected(_), Message(Type::hello_request, message)) => {
                decode::<HelloRequest>(message, Field::hello_request, context.report)?;
                context.actions.push(Action::Warn(AlertDescription::no_renegotiation));
                Ok(Self::Connected(None))
            }
            // It may come at any time, is no part of the transcript, and before Finished has no
            // effect (RFC 5246 §7.4.1.1).
            (state, Message(Type::hello_request, message)) if state.need(&()).is_none() => {
                decode::<HelloRequest>(message, Field::hello_request, context.report).map(|_| state)
            }
            (state, event) => Err(refuse(state.expects(), &event, context.report)),
        }
    }

    fn expects(&self) -> Kind {
        Kind::Message(match self {
            Self::WaitCertificate(..) => HandshakeType::certificate,
            Self::WaitServerKeyExchange(..) => HandshakeType::server_key_exchange,
            Self::WaitPskKeyExchangeOrDone(_, state) if !state.may_be_done() => {
                HandshakeType::server_key_exchange
            }
            Self::WaitPskKeyExchangeOrDone(..)
            | Self::WaitCertificateRequestOrDone(..)
            | Self::WaitServerHelloDone(_) => HandshakeType::server_hello_done,
            Self::WaitNewSessionTicket(..) => HandshakeType::new_session_ticket,
            Self::WaitFinished(_) => HandshakeType::finished,
            Self::WaitChangeCipherSpec(_) => return Kind::ChangeCipherSpec,
            Self::WaitPeerAccepted(..)
            | Self::WaitStatusAccepted(..)
            | Self::WaitCredential(..)
            | Self::WaitSignature(..) => return Kind::Answer,
            Self::Connected(_) => return Kind::ApplicationData,
        })
    }

    /// The key block's half for that sender: TLS 1.2 has one epoch with keys.
    fn keys(&self, (): &(), _: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        let master = match self {
            Self::WaitNewSessionTicket(_, state) => &state.next.master,
            Self::WaitChangeCipherSpec(state) => &state.master,
            Self::WaitFinished(state) => &state.master,
            Self::Connected(master) => master.as_ref()?,
            Self::WaitCertificate(..)
            | Self::WaitPeerAccepted(..)
            | Self::WaitServerKeyExchange(..)
            | Self::WaitStatusAccepted(..)
            | Self::WaitPskKeyExchangeOrDone(..)
            | Self::WaitCertificateRequestOrDone(..)
            | Self::WaitServerHelloDone(_)
            | Self::WaitCredential(..)
            | Self::WaitSignature(..) => return None,
        };
        master.keys().map(|keys| keys.of(sender))
    }

    fn need(&self, (): &()) -> Option<Need<'_>> {
        match self {
            Self::WaitPeerAccepted(_, state) => Some(state.need()),
            Self::WaitStatusAccepted(.., state) => Some(state.need()),
            Self::WaitCredential(_, state) => state.need(),
            Self::WaitSignature(_, state) => Some(state.need()),
            Self::WaitCertificate(..)
            | Self::WaitServerKeyExchange(..)
            | Self::WaitPskKeyExchangeOrDone(..)
            | Self::WaitCertificateRequestOrDone(..)
            | Self::WaitServerHelloDone(_)
            | Self::WaitNewSessionTicket(..)
            | Self::WaitChangeCipherSpec(_)
            | Self::WaitFinished(_)
            | Self::Connected(_) => None,
        }
    }
    fn is_connected(&self) -> bool {
        matches!(self, Self::Connected(_))
    }

    fn drop_installed_keys(&mut self) {
        if let Self::Connected(master) = self {
            *master = None;
        }
    }

    fn update_keys(&mut self, (): &(), context: &mut Context<'_>) -> Result<(), Failed> {
        Err(context.fail(match self.is_connected() {
            true => Fault::Internal(Internal::KeyExhausted),
            false => Fault::Misuse(Misuse::NotConnected),
        }))
    }
}
