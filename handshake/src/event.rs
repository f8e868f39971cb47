//! What drives a machine.

use handclasp_codec::HandshakeType;
use handclasp_report::Event as Kind;

use crate::need::Answer;

/// What a connection hands to a machine.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A whole handshake message, its four-byte header included.
    Message(&'a [u8]),
    /// A change_cipher_spec record with the content `01`.
    ChangeCipherSpec,
}

/// The columns of the tables: an input with its type read, or an answer.
pub(crate) enum Event<'a> {
    /// A handshake message and its bytes, header included.
    Message(HandshakeType, &'a [u8]),
    /// change_cipher_spec.
    ChangeCipherSpec,
    /// An answer of the caller's.
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
    /// What it is, for a fault.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Message(message, _) => Kind::Message(*message),
            Self::ChangeCipherSpec => Kind::ChangeCipherSpec,
            Self::Answer(_) => Kind::Answer,
        }
    }
}
