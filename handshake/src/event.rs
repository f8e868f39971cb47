//! The input of the state machines.

use handclasp_codec::HandshakeType;
use handclasp_report::Event as Kind;

use crate::need::Answer;

/// A message or record for a state machine.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A complete handshake message, with its four-byte header.
    Message(&'a [u8]),
    /// A change_cipher_spec record with the content `01`.
    ChangeCipherSpec,
}

/// The columns of the state tables: an input with its message type, or an answer.
pub(crate) enum Event<'a> {
    /// A handshake message with its header.
    Message(HandshakeType, &'a [u8]),
    /// A change_cipher_spec record.
    ChangeCipherSpec,
    /// The caller's answer to a need.
    Answer(Answer<'a>),
}

impl<'a> From<Input<'a>> for Event<'a> {
    fn from(input: Input<'a>) -> Self {
        match input {
            Input::Message(bytes) => {
                let number = bytes.first().copied().unwrap_or(u8::MAX);
                Self::Message(HandshakeType(number), bytes)
            }
            Input::ChangeCipherSpec => Self::ChangeCipherSpec,
        }
    }
}

impl Event<'_> {
    /// The kind of event, for a fault.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Message(message, _) => Kind::Message(*message),
            Self::ChangeCipherSpec => Kind::ChangeCipherSpec,
            Self::Answer(_) => Kind::Answer,
        }
    }
}
