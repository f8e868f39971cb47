//! The server of TLS 1.2 (RFC 5246 §7.3, RFC 8422 §2, RFC 4279 §2, RFC 5489 §2, RFC 5077): one
//! table, a row for each transition in the order of the RFC's figure. A row calls one function in the
//! file named after its state; what several states do stands in `choices.rs`, `flight.rs`
//! and `secrets.rs`, what they share in `handshake.rs`.
//!
//! | state | waits for | → next state |
//! |---|---|---|
//! | `OpenTicket` | the caller to open a ticket | `ConfirmTicket`; resumed: `SealTicket`, `WaitChangeCipherSpec`; in full: `ChooseCredential`, `WaitClientKeyExchange` |
//! | `ConfirmTicket` | the caller to redeem the ticket | as `OpenTicket` |
//! | `ChooseCredential` | the caller to choose a certificate | `SignKeyExchange`; with a pre-shared key instead `WaitClientKeyExchange` |
//! | `SignKeyExchange` | the caller to sign our share | `WaitClientKeyExchange`; after a CertificateRequest `WaitCertificate` |
//! | `WaitCertificate` | Certificate | `WaitPeerAccepted`; without a certificate `WaitClientKeyExchange` |
//! | `WaitPeerAccepted` | the caller to verify the chain | itself for each certificate, `WaitClientKeyExchange` |
//! | `WaitClientKeyExchange` | ClientKeyExchange | `ChoosePsk`, `WaitCertificateVerify`, `WaitChangeCipherSpec` |
//! | `ChoosePsk` | the caller to choose a pre-shared key | `WaitChangeCipherSpec` |
//! | `WaitCertificateVerify` | CertificateVerify | `WaitChangeCipherSpec` |
//! | `WaitChangeCipherSpec` | change_cipher_spec | `WaitFinished` |
//! | `WaitFinished` | Finished | `SealTicket`, `Connected` |
//! | `SealTicket` | the caller to seal a ticket | `Connected`; resumed: `WaitChangeCipherSpec` |
//! | `Connected` | application data | itself |
//!
//! Where a session is resumed (RFC 5077 §3.1, figure 2) `WaitChangeCipherSpec` follows `OpenTicket` or
//! `ConfirmTicket` at once, by way of `SealTicket` if the client gets a new ticket: our Finished comes first.

mod certificate_request;
mod choices;
mod choose_credential;
mod choose_psk;
mod confirm_ticket;
mod connected;
mod flight;
mod handshake;
mod open_ticket;
mod seal_ticket;
mod secrets;
mod sign_key_exchange;
mod start;
mod wait_certificate;
mod wait_certificate_verify;
mod wait_change_cipher_spec;
mod wait_client_key_exchange;
mod wait_finished;
mod wait_peer_accepted;

use alloc::boxed::Box;

use handclasp_codec::{ClientHelloView, HandshakeType, ProtocolVersion};
use handclasp_report::{Event as Kind, Failed, Fault, Internal, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

use handshake::Handshake;

use crate::{
    Answer, Context, Need, capability,
    event::Event,
    machine::{Machine, States},
    message::{refuse, signer_failed},
    server::Version,
};

/// The entry of TLS 1.2 among a server's versions.
pub(crate) struct Tls12;

impl Version for Tls12 {
    fn number(&self) -> ProtocolVersion {
        ProtocolVersion::TLS_1_2
    }

    fn client_hello(
        &self,
        context: &mut Context<'_>,
        hello: ClientHelloView<'_>,
    ) -> Result<Box<dyn Machine>, Failed> {
        Ok(start::client_hello(context, hello)?)
    }
}

/// The state of the handshake.
pub(crate) enum State {
    OpenTicket(capability::Tickets, open_ticket::OpenTicket),
    ConfirmTicket(capability::ConfirmedTickets, confirm_ticket::ConfirmTicket),
    ChooseCredential(capability::Certificates, choose_credential::ChooseCredential),
    SignKeyExchange(capability::Certificates, sign_key_exchange::SignKeyExchange),
    WaitCertificate(capability::ClientAuth, wait_certificate::WaitCertificate),
    WaitPeerAccepted(capability::ClientAuth, wait_peer_accepted::WaitPeerAccepted),
    WaitClientKeyExchange(wait_client_key_exchange::WaitClientKeyExchange),
    ChoosePsk(capability::Psk, choose_psk::ChoosePsk),
    WaitCertificateVerify(capability::ClientAuth, wait_certificate_verify::WaitCertificateVerify),
    WaitChangeCipherSpec(wait_change_cipher_spec::WaitChangeCipherSpec),
    WaitFinished(wait_finished::WaitFinished),
    SealTicket(capability::Tickets, seal_ticket::SealTicket),
    Connected(connected::Connected),
}

impl States for State {
    const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_2;
    type Shared = Handshake;

    fn step(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        event: Event<'_>,
    ) -> Result<Self, Failed> {
        use Event::{Answer as Answered, ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            (Self::OpenTicket(_, state), Answered(Answer::Session(answer))) => {
                state.session(shared, context, answer)
            }
            (Self::ConfirmTicket(_, state), Answered(Answer::Resume(answer))) => {
                state.resume(shared, context, answer)
            }
            (Self::ChooseCredential(_, state), Answered(Answer::Credential(answer))) => {
                state.credential(shared, context, answer)
            }
            (Self::SignKeyExchange(_, state), Answered(Answer::Signature(signature))) => {
                state.signature(shared, context, signature)
            }
            (Self::ChooseCredential(..) | Self::SignKeyExchange(..), Answered(Answer::SignerFailed(why))) => {
                Err(signer_failed(why, context.report))
            }
            (Self::WaitCertificate(on, state), Message(Type::certificate, message)) => {
                state.certificate(on, shared, context, message)
            }
            (Self::WaitPeerAccepted(on, state), Answered(answer)) => state.answer(on, context, answer),
            (Self::WaitClientKeyExchange(state), Message(Type::client_key_exchange, message)) => {
                state.client_key_exchange(shared, context, message)
            }
            (Self::ChoosePsk(_, state), Answered(Answer::Psk(answer))) => state.psk(shared, context, answer),
            (Self::ChoosePsk(..), Answered(Answer::PskUnavailable)) if capability::HostExtensions::ON => {
                Err(context.fail(Fault::PskUnavailable))
            }
            (Self::WaitCertificateVerify(_, state), Message(Type::certificate_verify, message)) => {
                state.certificate_verify(shared, context, message)
            }
            (Self::WaitChangeCipherSpec(state), ChangeCipherSpec) => state.change_cipher_spec(context),
            (Self::WaitFinished(state), Message(Type::finished, message)) => {
                state.finished(shared, context, message)
            }
            (Self::SealTicket(_, state), Answered(Answer::Ticket(ticket))) => {
                state.ticket(shared, context, ticket)
            }
            (Self::Connected(state), Message(Type::client_hello, message)) => {
                state.client_hello(context, message)
            }
            (state, event) => Err(refuse(state.expects(), &event, context.report)),
        }
    }

    fn expects(&self) -> Kind {
        match self {
            Self::ChooseCredential(..)
            | Self::SignKeyExchange(..)
            | Self::WaitPeerAccepted(..)
            | Self::OpenTicket(..)
            | Self::ConfirmTicket(..)
            | Self::ChoosePsk(..)
            | Self::SealTicket(..) => Kind::Answer,
            Self::WaitCertificate(..) => Kind::Message(HandshakeType::certificate),
            Self::WaitCertificateVerify(..) => Kind::Message(HandshakeType::certificate_verify),
            Self::WaitClientKeyExchange(_) => Kind::Message(HandshakeType::client_key_exchange),
            Self::WaitChangeCipherSpec(_) => Kind::ChangeCipherSpec,
            Self::WaitFinished(_) => Kind::Message(HandshakeType::finished),
            Self::Connected(_) => Kind::ApplicationData,
        }
    }

    /// The key block's half for that sender: TLS 1.2 has one epoch with keys.
    fn keys<'a>(&'a self, _: &'a Handshake, _: Epoch, sender: Sender) -> Option<KeySource<'a>> {
        let master = match self {
            Self::WaitChangeCipherSpec(state) => &state.master,
            Self::WaitFinished(state) => &state.master,
            Self::SealTicket(_, state) => &state.master,
            Self::Connected(state) => state.master.as_ref()?,
            Self::OpenTicket(..)
            | Self::ConfirmTicket(..)
            | Self::ChooseCredential(..)
            | Self::SignKeyExchange(..)
            | Self::WaitCertificate(..)
            | Self::WaitPeerAccepted(..)
            | Self::WaitClientKeyExchange(_)
            | Self::ChoosePsk(..)
            | Self::WaitCertificateVerify(..) => return None,
        };
        master.keys().map(|keys| keys.of(sender))
    }

    fn need<'a>(&'a self, shared: &'a Handshake) -> Option<Need<'a>> {
        match self {
            Self::ChooseCredential(_, state) => Some(state.need(shared)),
            Self::SignKeyExchange(_, state) => Some(state.need()),
            Self::WaitPeerAccepted(_, state) => Some(state.need()),
            Self::ChoosePsk(_, state) => Some(state.need(shared)),
            Self::OpenTicket(_, state) => Some(state.need(shared)),
            Self::ConfirmTicket(_, state) => Some(state.need(shared)),
            Self::SealTicket(_, state) => Some(state.need()),
            Self::WaitCertificate(..)
            | Self::WaitClientKeyExchange(_)
            | Self::WaitCertificateVerify(..)
            | Self::WaitChangeCipherSpec(_)
            | Self::WaitFinished(_)
            | Self::Connected(_) => None,
        }
    }

    fn is_connected(&self) -> bool {
        matches!(self, Self::Connected(_))
    }

    fn drop_installed_keys(&mut self) {
        if let Self::Connected(connected) = self {
            connected.drop_keys();
        }
    }

    fn update_keys(&mut self, _: &Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
        Err(context.fail(match self.is_connected() {
            true => Fault::Internal(Internal::KeyExhausted),
            false => Fault::Misuse(Misuse::NotConnected),
        }))
    }
}
