//! The server of TLS 1.3 (RFC 8446 §2, App. A.2): one table, a row for each transition in the
//! order of the RFC's figure. A row calls one function in the file named after its state; what
//! several states do stands in `choices.rs`, `received.rs`,
//! `retry.rs` and `flight.rs`, what they share in `handshake.rs`.
//!
//! | state | RFC 8446 App. A.2 | → next state |
//! |---|---|---|
//! | `ChoosePsk` | RECVD_CH, while the caller chooses a pre-shared key or opens a ticket | itself after a refused ticket, `ConfirmTicket`, `WaitSecondHello`, `ChooseCredential`, `WaitFinished` |
//! | `ConfirmTicket` | RECVD_CH, while the caller redeems a ticket whose binder is right | `WaitFinished`; refused: `ChoosePsk`, `ChooseCredential` |
//! | `ChooseCredential` | RECVD_CH, while the caller chooses a certificate | `SignTranscript` |
//! | `WaitSecondHello` | START again, after a HelloRetryRequest | `ChoosePsk`, `ChooseCredential` |
//! | `SignTranscript` | NEGOTIATED, while the caller signs | `WaitFinished`; after a CertificateRequest `WaitCertificate` |
//! | `WaitCertificate` | WAIT_CERT | `WaitPeerAccepted`; without a certificate `WaitFinished` |
//! | `WaitPeerAccepted` | between WAIT_CERT and WAIT_CV, while the caller verifies the chain | itself for each certificate, `WaitCertificateVerify` |
//! | `WaitCertificateVerify` | WAIT_CV | `WaitFinished` |
//! | `WaitFinished` | WAIT_FINISHED | `Connected`; with tickets `IssueTickets` |
//! | `IssueTickets` | CONNECTED, while the caller seals tickets | itself for each ticket, `Connected` |
//! | `Connected` | CONNECTED | itself |

mod certificate_request;
mod choices;
mod choose_credential;
mod choose_psk;
mod choose_ticket;
mod confirm_ticket;
mod connected;
mod cookie;
mod flight;
mod handshake;
mod issue_tickets;
mod received;
mod retry;
mod sign_transcript;
mod start;
mod wait_certificate;
mod wait_certificate_verify;
mod wait_finished;
mod wait_peer_accepted;
mod wait_second_hello;

use alloc::boxed::Box;

use handclasp_codec::{ClientHelloView, HandshakeType, ProtocolVersion};
use handclasp_report::{Event as Kind, Failed, Fault, Misuse};
use handclasp_schedule::{Epoch, KeySource, Sender};

use handshake::Handshake;

use crate::{
    Answer, Context, Need, capability,
    event::Event,
    machine::{Machine, States},
    message::{refuse, signer_failed},
    server::Version,
};

/// The entry of TLS 1.3 among a server's versions.
pub(crate) struct Tls13;

impl Version for Tls13 {
    fn number(&self) -> ProtocolVersion {
        ProtocolVersion::TLS_1_3
    }

    /// START (RFC 8446 App. A.2).
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
    ChoosePsk(capability::PskOrTicket, choose_psk::ChoosePsk),
    ConfirmTicket(capability::ConfirmedTickets, confirm_ticket::ConfirmTicket),
    ChooseCredential(capability::Certificates, choose_credential::ChooseCredential),
    WaitSecondHello(capability::Retry, wait_second_hello::WaitSecondHello),
    SignTranscript(capability::Certificates, sign_transcript::SignTranscript),
    WaitCertificate(capability::ClientAuth, wait_certificate::WaitCertificate),
    WaitPeerAccepted(capability::ClientAuth, wait_peer_accepted::WaitPeerAccepted),
    WaitCertificateVerify(capability::ClientAuth, wait_certificate_verify::WaitCertificateVerify),
    WaitFinished(wait_finished::WaitFinished),
    IssueTickets(capability::Tickets, issue_tickets::IssueTickets),
    Connected(connected::Connected),
}

impl State {
    /// Whether a message of the client's is awaited between its first ClientHello and Finished.
    fn is_between_flights(&self) -> bool {
        match self {
            Self::WaitSecondHello(..)
            | Self::WaitCertificate(..)
            | Self::WaitCertificateVerify(..)
            | Self::WaitFinished(_) => true,
            Self::ChoosePsk(..)
            | Self::ConfirmTicket(..)
            | Self::ChooseCredential(..)
            | Self::SignTranscript(..)
            | Self::WaitPeerAccepted(..)
            | Self::IssueTickets(..)
            | Self::Connected(_) => false,
        }
    }
}

impl States for State {
    const VERSION: ProtocolVersion = ProtocolVersion::TLS_1_3;
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
            (Self::ChoosePsk(_, state), Answered(Answer::Psk(answer))) => state.psk(shared, context, answer),
            (Self::ChoosePsk(..), Answered(Answer::PskUnavailable)) if capability::HostExtensions::ON => {
                choose_psk::unavailable(shared, context)
            }
            (Self::ChoosePsk(_, state), Answered(Answer::Session(answer))) => {
                state.session(shared, context, answer)
            }
            (Self::ConfirmTicket(_, state), Answered(Answer::Resume(answer))) => {
                state.resume(shared, context, answer)
            }
            (Self::ChooseCredential(on, state), Answered(Answer::Credential(answer))) => {
                state.credential(on, shared, context, answer)
            }
            (Self::WaitSecondHello(_, state), Message(Type::client_hello, message)) => {
                state.client_hello(shared, context, message)
            }
            // For middleboxes only, between the ClientHello and Finished (RFC 8446 §5, §D.4).
            (state, ChangeCipherSpec) if state.is_between_flights() => Ok(state),
            (Self::SignTranscript(_, state), Answered(Answer::Signature(signature))) => {
                state.signature(shared, context, signature)
            }
            (Self::ChooseCredential(..) | Self::SignTranscript(..), Answered(Answer::SignerFailed(why))) => {
                Err(signer_failed(why, context.report))
            }
            (Self::WaitCertificate(on, state), Message(Type::certificate, message)) => {
                state.certificate(on, shared, context, message)
            }
            (Self::WaitPeerAccepted(on, state), Answered(answer)) => state.answer(on, context, answer),
            (Self::WaitCertificateVerify(_, state), Message(Type::certificate_verify, message)) => {
                state.certificate_verify(shared, context, message)
            }
            (Self::WaitFinished(state), Message(Type::finished, message)) => {
                state.finished(shared, context, message)
            }
            (Self::IssueTickets(on, state), Answered(Answer::Ticket(ticket))) => {
                state.ticket(on, context, ticket)
            }
            (Self::Connected(state), Message(Type::key_update, message)) => {
                state.key_update(context, message)
            }
            (state, event) => Err(refuse(state.expects(), &event, context.report)),
        }
    }

    fn expects(&self) -> Kind {
        match self {
            Self::WaitSecondHello(..) => Kind::Message(HandshakeType::client_hello),
            Self::ChoosePsk(..)
            | Self::ConfirmTicket(..)
            | Self::ChooseCredential(..)
            | Self::SignTranscript(..)
            | Self::WaitPeerAccepted(..)
            | Self::IssueTickets(..) => Kind::Answer,
            Self::WaitCertificate(..) => Kind::Message(HandshakeType::certificate),
            Self::WaitCertificateVerify(..) => Kind::Message(HandshakeType::certificate_verify),
            Self::WaitFinished(_) => Kind::Message(HandshakeType::finished),
            Self::Connected(_) => Kind::ApplicationData,
        }
    }

    fn need<'a>(&'a self, shared: &'a Handshake) -> Option<Need<'a>> {
        match self {
            Self::ChoosePsk(_, state) => Some(state.need(shared)),
            Self::ConfirmTicket(_, state) => Some(state.need(shared)),
            Self::ChooseCredential(_, state) => Some(state.need(shared)),
            Self::SignTranscript(_, state) => Some(state.need()),
            Self::WaitPeerAccepted(_, state) => Some(state.need()),
            Self::IssueTickets(_, state) => Some(state.need()),
            Self::WaitSecondHello(..)
            | Self::WaitCertificate(..)
            | Self::WaitCertificateVerify(..)
            | Self::WaitFinished(_)
            | Self::Connected(_) => None,
        }
    }

    /// The traffic secret of that epoch and sender, and the suite that makes keys of it.
    fn keys<'a>(&'a self, shared: &'a Handshake, epoch: Epoch, sender: Sender) -> Option<KeySource<'a>> {
        let main = match self {
            Self::ChoosePsk(..)
            | Self::ConfirmTicket(..)
            | Self::ChooseCredential(..)
            | Self::WaitSecondHello(..) => return None,
            Self::SignTranscript(_, state) => return state.keys(shared, epoch, sender),
            Self::WaitCertificate(_, state) => &state.main,
            Self::WaitPeerAccepted(_, state) => &state.main,
            Self::WaitCertificateVerify(_, state) => &state.main,
            Self::WaitFinished(state) => &state.main,
            Self::IssueTickets(_, state) => return state.connected.keys(shared, epoch, sender),
            Self::Connected(state) => return state.keys(shared, epoch, sender),
        };
        Some(KeySource::derived(main.traffic(epoch, sender), shared.suite))
    }

    fn is_connected(&self) -> bool {
        matches!(self, Self::IssueTickets(..) | Self::Connected(_))
    }

    fn update_keys(&mut self, _: &Handshake, context: &mut Context<'_>) -> Result<(), Failed> {
        match self {
            Self::Connected(connected) => connected.update_keys(context),
            Self::IssueTickets(_, state) => state.connected.update_keys(context),
            _ => Err(context.fail(Fault::Misuse(Misuse::NotConnected))),
        }
    }
}
