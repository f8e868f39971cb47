//! What all machines do with the bytes of a message, with randomness, with a share that a
//! group refuses, and with an event that has no row in their table.
//!
//! Called by: the states of all machines.

use handclasp_codec::{Decode, Field, HandshakeHeader, NamedGroup, Reader};
use handclasp_crypto::{ExchangeError, Random};
use handclasp_report::{Event as Kind, Fault, Internal, Misuse, ShareFault};

use crate::{event::Event, need::Answer};

/// Reads the body of a message given with its header, which a fault's offsets count from. Its
/// type was looked at before: a message out of order is refused for that, and never for what
/// it contains.
pub(crate) fn decode<'a, D: Decode<'a>>(message: &'a [u8], within: Field) -> Result<D, Fault> {
    let mut silent = ();
    let body = message.get(HandshakeHeader::SIZE..).unwrap_or_default();
    let mut reader = Reader::at(body, HandshakeHeader::SIZE, &mut silent);
    let value = D::decode(&mut reader).map_err(Fault::decode(within))?;
    reader.finish(within).map_err(Fault::decode(within))?;
    Ok(value)
}

/// A fresh random of a hello.
pub(crate) fn random(source: &mut dyn Random) -> Result<[u8; 32], Fault> {
    let mut random = [0; 32];
    source.fill(&mut random).map_err(|_| Fault::Internal(Internal::Random))?;
    Ok(random)
}

/// What a failed key exchange says about the peer, or about us.
pub(crate) fn share_fault(group: NamedGroup) -> impl Fn(ExchangeError) -> Fault {
    move |error| match error {
        ExchangeError::Length { expected, found } => {
            Fault::KeyShare { group, problem: ShareFault::Length { expected, found } }
        }
        ExchangeError::Refused => Fault::KeyShare { group, problem: ShareFault::Refused },
        ExchangeError::Ours => Fault::Internal(Internal::Crypto),
    }
}

/// The last row of every table: a peer's input is out of order, a caller's answer is wrong.
pub(crate) fn refuse(expected: Kind, event: &Event<'_>) -> Fault {
    match event {
        Event::Answer(answer) if expected == Kind::Answer => refuse_answer(answer),
        Event::Answer(_) => Fault::Misuse(Misuse::WrongAnswer),
        Event::Message(..) | Event::ChangeCipherSpec => Fault::Unexpected { expected, found: event.kind() },
    }
}

/// An answer that a state cannot go on with.
pub(crate) fn refuse_answer(answer: &Answer<'_>) -> Fault {
    match answer {
        Answer::Refuse => Fault::CallerRefused,
        Answer::Credential(_)
        | Answer::Signature(_)
        | Answer::SignerFailed
        | Answer::CertificateNoted
        | Answer::PeerAccepted { .. }
        | Answer::PeerRefused(_)
        | Answer::Psk(_)
        | Answer::Session(_)
        | Answer::Ticket(_) => Fault::Misuse(Misuse::WrongAnswer),
    }
}
