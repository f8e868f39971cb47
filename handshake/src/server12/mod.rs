//! The server of TLS 1.2 (RFC 5246 §7.3, RFC 8422 §2, RFC 4279 §2, RFC 5489 §2): one table, a
//! row for each transition in the order of the RFC's figure. A row calls one function in the
//! file named after its state; what several states do stands in `offer.rs`, `flight.rs` and
//! `secrets.rs`.
//!
//! Called by: `server`.

mod choose_credential;
mod choose_psk;
mod connected;
mod flight;
mod offer;
mod secrets;
mod sign_key_exchange;
mod start;
mod wait_change_cipher_spec;
mod wait_client_key_exchange;
mod wait_finished;

use handclasp_codec::HandshakeType;
use handclasp_report::{Event as Kind, Fault};

use crate::{Answer, Env, Need, event::Event, message::refuse};

/// Where the handshake stands.
pub(crate) enum State {
    Start(start::Start),
    ChooseCredential(choose_credential::ChooseCredential),
    SignKeyExchange(sign_key_exchange::SignKeyExchange),
    WaitClientKeyExchange(wait_client_key_exchange::WaitClientKeyExchange),
    ChoosePsk(choose_psk::ChoosePsk),
    WaitChangeCipherSpec(wait_change_cipher_spec::WaitChangeCipherSpec),
    WaitFinished(wait_finished::WaitFinished),
    Connected(connected::Connected),
}

impl State {
    /// Before the ClientHello.
    pub(crate) fn start() -> Self {
        Self::Start(start::Start)
    }

    /// One transition.
    pub(crate) fn step(self, env: &mut Env<'_>, event: Event<'_>) -> Result<Self, Fault> {
        use Event::{Answer as Answered, ChangeCipherSpec, Message};
        use HandshakeType as Type;
        match (self, event) {
            (Self::Start(state), Message(Type::client_hello, message)) => state.client_hello(env, message),
            (Self::ChooseCredential(state), Answered(Answer::Credential(answer))) => {
                state.credential(env, answer)
            }
            (Self::SignKeyExchange(state), Answered(Answer::Signature(signature))) => {
                state.signature(env, signature)
            }
            (Self::SignKeyExchange(_), Answered(Answer::SignerFailed)) => Err(Fault::SignerFailed),
            (Self::WaitClientKeyExchange(state), Message(Type::client_key_exchange, message)) => {
                state.client_key_exchange(env, message)
            }
            (Self::ChoosePsk(state), Answered(Answer::Psk(answer))) => state.psk(env, answer),
            (Self::WaitChangeCipherSpec(state), ChangeCipherSpec) => state.change_cipher_spec(env),
            (Self::WaitFinished(state), Message(Type::finished, message)) => state.finished(env, message),
            (state, event) => Err(refuse(state.expects(), &event)),
        }
    }

    /// What the table waits for.
    pub(crate) fn expects(&self) -> Kind {
        match self {
            Self::Start(_) => Kind::Message(HandshakeType::client_hello),
            Self::ChooseCredential(_) | Self::SignKeyExchange(_) | Self::ChoosePsk(_) => Kind::Answer,
            Self::WaitClientKeyExchange(_) => Kind::Message(HandshakeType::client_key_exchange),
            Self::WaitChangeCipherSpec(_) => Kind::ChangeCipherSpec,
            Self::WaitFinished(_) => Kind::Message(HandshakeType::finished),
            Self::Connected(_) => Kind::ApplicationData,
        }
    }

    /// What is asked of the caller.
    pub(crate) fn need(&self) -> Option<Need<'_>> {
        match self {
            Self::ChooseCredential(state) => state.need(),
            Self::SignKeyExchange(state) => Some(state.need()),
            Self::ChoosePsk(state) => Some(state.need()),
            Self::Start(_)
            | Self::WaitClientKeyExchange(_)
            | Self::WaitChangeCipherSpec(_)
            | Self::WaitFinished(_)
            | Self::Connected(_) => None,
        }
    }
}
