//! The client of TLS 1.3 (RFC 8446 §2, App. A.1): one table, a row for each transition in the
//! order of the RFC's figure. A row calls one function in the file named after its state.
//!
//! | state | RFC 8446 App. A.1 | → next state |
//! |---|---|---|
//! | `WaitServerHello` | WAIT_SH, after a HelloRetryRequest; before one it is in `client` | `WaitEncryptedExtensions` |
//! | `WaitEncryptedExtensions` | WAIT_EE | `WaitCertificateOrRequest`; with a pre-shared key or session `WaitFinished` |
//! | `WaitCertificateOrRequest` | WAIT_CERT_CR | `WaitCertificate`, `WaitPeerAccepted` |
//! | `WaitCertificate` | WAIT_CERT | `WaitPeerAccepted` |
//! | `WaitPeerAccepted` | between WAIT_CERT and WAIT_CV, while the caller verifies the chain | itself for each certificate, `WaitStatusAccepted`, `WaitCertificateVerify` |
//! | `WaitStatusAccepted` | the same, while the caller verifies the OCSP response | `WaitCertificateVerify` |
//! | `WaitCertificateVerify` | WAIT_CV | `WaitFinished` |
//! | `WaitFinished` | WAIT_FINISHED | `Connected`; after a CertificateRequest `WaitCredential` |
//! | `WaitCredential` | before CONNECTED, while the caller chooses a certificate | `WaitSignature`, `Connected` |
//! | `WaitSignature` | before CONNECTED, while the caller signs | `Connected` |
//! | `Connected` | CONNECTED | itself |

mod client_hello;
mod connected;
mod handshake;
mod our_flight;
mod retry;
mod tickets;
mod wait_certificate;
mod wait_certificate_or_request;
mod wait_certificate_verify;
mod wait_credential;
mod wait_encrypted_extensions;
mod wait_finished;
mod wait_peer_accepted;
mod wait_server_hello;
mod wait_signature;
mod wait_status_accepted;

use alloc::boxed::Box;

use handclasp_codec::{HandshakeType, ProtocolVersion, ServerHello};
use handclasp_report::{Event as Kind, Failed, Fault, Misuse, Report};
use handclasp_schedule::{Epoch, KeySource, Sender};

use crate::{
    Config, Context, Need, capability,
    client::{Hello, Offer, Share, Version},
    event::Event,
    extensions::Block,
    machine::{Machine, Running, States},
    message::{fill_random, refuse},
};

/// The entry of TLS 1.3 among a client's versions.
pub(crate) struct Tls13;

impl Version for Tls13 {
    fn number(&self) -> ProtocolVersion {
        ProtocolVersion::TLS_1_3
    }

    /// Random session id, so that middleboxes see a session being resumed (RFC 8446 §D.4); the shares.
    fn prepare(&self, offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Failed> {
        offer.tls13 = true;
        if offer.session_id.is_none() {
            fill_random(context, offer.session_id.insert([0; 32]))?;
        }
        for group in context.config.groups.iter().take(context.config.shares) {
            offer.shares.push(Share::start(*group, context)?);
        }
        Ok(())
    }

    fn extensions(&self, hello: &Hello<'_>, block: &mut Block<'_, '_>) {
        if hello.offer.tls13 {
            client_hello::extensions(hello, block);
        }
    }

    fn bind(
        &self,
        offer: &Offer,
        config: &Config,
        now: u64,
        message: &mut [u8],
        report: &mut Report,
    ) -> Result<(), Failed> {
        client_hello::bind(offer, config, now, message, report)
    }

    fn server_hello(
        &self,
        offer: Box<Offer>,
        context: &mut Context<'_>,
        hello: &ServerHello<'_>,
        message: &[u8],
    ) -> Result<Box<dyn Machine>, Failed> {
        Ok(run(wait_server_hello::begin(offer, context, hello, message)?))
    }

    fn hello_retry_request(
        &self,
        offer: Box<Offer>,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<Box<dyn Machine>, Failed> {
        Ok(run(retry::retry(offer, context, message)?))
    }
}

fn run(state: State) -> Box<dyn Machine> {
    Box::new(Running { state: Some(state), shared: () })
}

/// The state of the handshake.
pub(crate) enum State {
    WaitServerHello(capability::Retry, wait_server_hello::WaitServerHello),
    WaitEncryptedExtensions(wait_encrypted_extensions::WaitEncryptedExtensions),
    WaitCertificateOrRequest(capability::Certificates, wait_certificate_or_request::WaitCertificateOrRequest),
    WaitCertificate(capability::Certificates, wait_certificate::WaitCertificate),
    WaitPeerAccepted(capability::Certificates, wait_peer_accepted::WaitPeerAccepted),
    WaitStatusAccepted(
        capability::Certificates,
        capability::HostExtensions,
        wait_status_accepted::WaitStatusAccepted,
    ),
    WaitCertificateVerify(capability::Certificates, wait_certificate_verify::WaitCertificateVerify),
    WaitFinished(wait_finished::WaitFinished),
    WaitCredential(capability::ClientAuth, wait_credential::WaitCredential),
    WaitSignature(capability::ClientAuth, wait_signature::WaitSignature),
    Connected(connected::Connected),
}

impl State {
    /// Whether the server's Finished is still to come and nothing is asked of the caller.
    fn is_before_finished(&self) -> bool {
        match self {
            Self::WaitServerHello(..)
            | Self::WaitEncryptedExtensions(_)
            | Self::WaitCertificateOrRequest(..)
            | Self::WaitCertificate(..)
            | Self::WaitCertificateVerify(..)
            | Self::WaitFinished(_) => true,
            Self::WaitPeerAccepted(..)
            | Self::WaitStatusAccepted(..)
            | Self::WaitCredential(..)
            | Self::WaitSignature(..)
            | Self::Connected(_) => false,
        }
    }
}

impl States for State {
    const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_3;
    type Shared = ();

    fn step(self, (): &mut (), context: &mut Context<'_>, event: Event<'_>) -> Result<Self, Failed> {
        use Event::{Answer, ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            (Self::WaitServerHello(_, state), Message(Type::server_hello, message)) => {
                state.server_hello(context, message)
            }
            (Self::WaitEncryptedExtensions(state), Message(Type::encrypted_extensions, message)) => {
                state.encrypted_extensions(context, message)
            }
            (Self::WaitCertificateOrRequest(on, state), Message(Type::certificate_request, message)) => {
                state.certificate_request(on, context, message)
            }
            (Self::WaitCertificateOrRequest(on, state), Message(Type::certificate, message)) => {
                state.certificate(on, context, message)
            }
            (Self::WaitCertificate(on, state), Message(Type::certificate, message)) => {
                state.certificate(on, context, message)
            }
            (Self::WaitPeerAccepted(on, state), Answer(answer)) => state.answer(on, context, answer),
            (Self::WaitStatusAccepted(on, _, state), Answer(answer)) => state.answer(on, context, &answer),
            (Self::WaitCertificateVerify(_, state), Message(Type::certificate_verify, message)) => {
                state.certificate_verify(context, message)
            }
            (Self::WaitFinished(state), Message(Type::finished, message)) => state.finished(context, message),
            (Self::WaitCredential(on, state), Answer(answer)) => state.answer(on, context, answer),
            (Self::WaitSignature(_, state), Answer(answer)) => state.answer(context, answer),
            (Self::Connected(state), Message(Type::new_session_ticket, message)) => {
                state.new_session_ticket(context, message)
            }
            (Self::Connected(state), Message(Type::key_update, message)) => {
                state.key_update(context, message)
            }
            // Without meaning up to the server's Finished (RFC 8446 §5).
            (state, ChangeCipherSpec) if state.is_before_finished() => Ok(state),
            (state, event) => Err(refuse(state.expects(), &event, context.report)),
        }
    }

    fn expects(&self) -> Kind {
        Kind::Message(match self {
            Self::WaitServerHello(..) => HandshakeType::server_hello,
            Self::WaitEncryptedExtensions(_) => HandshakeType::encrypted_extensions,
            Self::WaitCertificateOrRequest(..) | Self::WaitCertificate(..) => HandshakeType::certificate,
            Self::WaitCertificateVerify(..) => HandshakeType::certificate_verify,
            Self::WaitFinished(_) => HandshakeType::finished,
            Self::WaitPeerAccepted(..)
            | Self::WaitStatusAccepted(..)
            | Self::WaitCredential(..)
            | Self::WaitSignature(..) => return Kind::Answer,
            Self::Connected(_) => return Kind::ApplicationData,
        })
    }

    fn need(&self, (): &()) -> Option<Need<'_>> {
        match self {
            Self::WaitPeerAccepted(_, state) => Some(state.need()),
            Self::WaitStatusAccepted(.., state) => Some(state.need()),
            Self::WaitCredential(_, state) => state.need(),
            Self::WaitSignature(_, state) => Some(state.need()),
            Self::WaitServerHello(..)
            | Self::WaitEncryptedExtensions(_)
            | Self::WaitCertificateOrRequest(..)
            | Self::WaitCertificate(..)
            | Self::WaitCertificateVerify(..)
            | Self::WaitFinished(_)
            | Self::Connected(_) => None,
        }
    }

    /// The traffic secret of that epoch and sender, and the suite that makes keys of it.
    fn keys(&self, (): &(), epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match self {
            Self::WaitServerHello(..) => None,
            Self::WaitEncryptedExtensions(state) => state.handshake.keys(epoch, sender),
            Self::WaitCertificateOrRequest(_, state) => state.handshake.keys(epoch, sender),
            Self::WaitCertificate(_, state) => state.handshake.keys(epoch, sender),
            Self::WaitPeerAccepted(_, state) => state.handshake.keys(epoch, sender),
            Self::WaitStatusAccepted(.., state) => state.handshake.keys(epoch, sender),
            Self::WaitCertificateVerify(_, state) => state.handshake.keys(epoch, sender),
            Self::WaitFinished(state) => state.handshake.keys(epoch, sender),
            Self::WaitCredential(_, state) => Some(state.flight.keys(epoch, sender)),
            Self::WaitSignature(_, state) => Some(state.flight.keys(epoch, sender)),
            Self::Connected(state) => state.keys(epoch, sender),
        }
    }

    fn is_connected(&self) -> bool {
        matches!(self, Self::Connected(_))
    }

    fn update_keys(&mut self, (): &(), context: &mut Context<'_>) -> Result<(), Failed> {
        match self {
            Self::Connected(connected) => connected.update_keys(context),
            _ => Err(context.fail(Fault::Misuse(Misuse::NotConnected))),
        }
    }
}
