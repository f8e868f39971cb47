//! The server of TLS 1.3 (RFC 8446 §2, App. A.2): one table, a row for each transition in the
//! order of the RFC's figure. A row calls one function in the file named after its state; what
//! several states do stands in `received.rs`, `retry.rs` and `flight.rs`.
//!
//! | here | RFC 8446 App. A.2 |
//! |---|---|
//! | `Start` | START |
//! | `ChoosePsk`, `ChooseCredential` | RECVD_CH, while the caller is asked |
//! | `WaitSecondHello` | START again, after a HelloRetryRequest |
//! | `SignTranscript` | NEGOTIATED, while the caller signs |
//! | `WaitFinished` | WAIT_FINISHED |
//! | `Connected` | CONNECTED |
//!
//! Called by: `server`.

mod choose_credential;
mod choose_psk;
mod connected;
mod flight;
mod received;
mod retry;
mod sign_transcript;
mod start;
mod wait_finished;
mod wait_second_hello;

use handclasp_codec::HandshakeType;
use handclasp_report::{Event as Kind, Fault};

use crate::{Answer, Env, Need, event::Event, message::refuse};

/// Where the handshake stands.
#[expect(clippy::large_enum_variant, reason = "one per connection; boxing would cost an allocation a step")]
pub(crate) enum State {
    Start(start::Start),
    ChoosePsk(choose_psk::ChoosePsk),
    ChooseCredential(choose_credential::ChooseCredential),
    WaitSecondHello(wait_second_hello::WaitSecondHello),
    SignTranscript(sign_transcript::SignTranscript),
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
            (Self::ChoosePsk(state), Answered(Answer::Psk(answer))) => state.psk(env, answer),
            (Self::ChooseCredential(state), Answered(Answer::Credential(answer))) => {
                state.credential(env, answer)
            }
            (Self::WaitSecondHello(state), Message(Type::client_hello, message)) => {
                state.client_hello(env, message)
            }
            // For middleboxes only, between the ClientHello and Finished (RFC 8446 §5, §D.4).
            (state @ (Self::WaitSecondHello(_) | Self::WaitFinished(_)), ChangeCipherSpec) => Ok(state),
            (Self::SignTranscript(state), Answered(Answer::Signature(signature))) => {
                state.signature(env, signature)
            }
            (Self::SignTranscript(_), Answered(Answer::SignerFailed)) => Err(Fault::SignerFailed),
            (Self::WaitFinished(state), Message(Type::finished, message)) => state.finished(env, message),
            (Self::Connected(state), Message(Type::key_update, message)) => state.key_update(env, message),
            (state, event) => Err(refuse(state.expects(), &event)),
        }
    }

    /// What the table waits for.
    pub(crate) fn expects(&self) -> Kind {
        match self {
            Self::Start(_) | Self::WaitSecondHello(_) => Kind::Message(HandshakeType::client_hello),
            Self::ChoosePsk(_) | Self::ChooseCredential(_) | Self::SignTranscript(_) => Kind::Answer,
            Self::WaitFinished(_) => Kind::Message(HandshakeType::finished),
            Self::Connected(_) => Kind::ApplicationData,
        }
    }

    /// What is asked of the caller.
    pub(crate) fn need(&self) -> Option<Need<'_>> {
        match self {
            Self::ChoosePsk(state) => state.need(),
            Self::ChooseCredential(state) => state.need(),
            Self::SignTranscript(state) => Some(state.need()),
            Self::Start(_) | Self::WaitSecondHello(_) | Self::WaitFinished(_) | Self::Connected(_) => None,
        }
    }
}
