//! Functions that all machines share: decoding a message, randomness, the faults of a key share and
//! of an event that has no row in a table.

use handclasp_codec::{
    Decode, ErrorSlot, Field, Finished, HandshakeHeader, Malformed, NamedGroup, Problem, ProtocolVersion,
    Reader,
};
use handclasp_crypto::{ExchangeError, SignError, equal};
use handclasp_report::{
    Event as Kind, Evidence, Failed, Fault, Internal, Misuse, Report, ShareFault, SignerFault,
};

use crate::{Context, event::Event, need::Answer};

/// Whether a hello's legacy_version is SSL 3.0 or older: such a hello is refused with
/// protocol_version whatever else it says (RFC 8446 §D.5).
pub(crate) fn is_ssl(legacy_version: ProtocolVersion) -> bool {
    legacy_version <= ProtocolVersion::SSL_3_0
}

/// Whether this is the header of a message whose body was dropped before: it announces more than
/// follows. No message that was read whole does.
pub(crate) fn is_header_alone(message: &[u8]) -> bool {
    matches!(message, [_, length @ ..] if length.len() == 3 && *length != [0; 3])
}

/// Reads the body of a message given with its header, which a fault's offsets count from. Its
/// type was looked at before: a message out of order is refused for that, and never for what
/// it contains. The numbers of what does not parse go into the report.
pub(crate) fn decode<'a, D: Decode<'a>>(
    message: &'a [u8],
    within: Field,
    report: &mut Report,
) -> Result<D, Failed> {
    read(message, within, report, |body| D::decode(body))
}

/// As [`decode`], by a function.
pub(crate) fn read<'a, R>(
    message: &'a [u8],
    within: Field,
    report: &mut Report,
    body: impl FnOnce(&mut Reader<'a, '_, ErrorSlot>) -> Result<R, Malformed>,
) -> Result<R, Failed> {
    #[cfg(test)]
    counted::add(within);
    let bytes = message.get(HandshakeHeader::SIZE..).unwrap_or_default();
    let decoded = Reader::at(bytes, HandshakeHeader::SIZE, report.error_slot()).whole(within, body);
    decoded.map_err(|malformed| report.malformed(within, malformed))
}

/// As [`decode`], of a message that was decoded before.
pub(crate) fn decode_again<'a, D: Decode<'a>>(message: &'a [u8]) -> Option<D> {
    D::from_bytes(message.get(HandshakeHeader::SIZE..)?, Field::body).ok()
}

/// Compares a Finished with the verify_data that we compute (RFC 8446 §4.4.4, RFC 5246 §7.4.9).
///
/// # Errors
/// [`Fault::Decode`] for another length, which the protocol fixes (RFC 8446 §6.2: decode_error);
/// [`Fault::FinishedInvalid`] for another value.
pub(crate) fn check_finished(message: &[u8], expected: &[u8], report: &mut Report) -> Result<(), Failed> {
    let Finished { verify_data } = decode(message, Field::finished, report)?;
    let small = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let (needed, available) = (small(expected.len()), small(verify_data.len()));
    if needed != available {
        let (problem, numbers) = match available.checked_sub(needed) {
            Some(extra) => (Problem::Trailing, [extra, 0, 0]),
            None => (Problem::Truncated, [needed, available, 0]),
        };
        let (within, field) = (Field::finished, Field::verify_data);
        let fault = Fault::Decode { within, field, problem, offset: small(HandshakeHeader::SIZE) };
        return Err(report.fail_with(fault, Evidence::Numbers(numbers)));
    }
    match equal(expected, verify_data) {
        true => Ok(()),
        false => Err(report.fail(Fault::FinishedInvalid)),
    }
}

/// A fresh random of a hello.
pub(crate) fn random(context: &mut Context<'_>) -> Result<[u8; 32], Failed> {
    let mut random = [0; 32];
    fill_random(context, &mut random)?;
    Ok(random)
}

/// As [`random`], written in place.
pub(crate) fn fill_random(context: &mut Context<'_>, random: &mut [u8; 32]) -> Result<(), Failed> {
    context.random.fill(random).map_err(|_| context.report.fail(Fault::Internal(Internal::Random)))
}

/// Writes down why a key exchange failed.
pub(crate) fn share_failed(error: ExchangeError, group: NamedGroup, report: &mut Report) -> Failed {
    let problem = match error {
        ExchangeError::Length { expected, found } => {
            ShareFault::Length { expected: expected.into(), found: found.into() }
        }
        ExchangeError::Refused => ShareFault::Refused,
        ExchangeError::Ours => return report.fail(Fault::Internal(Internal::Crypto)),
    };
    report.fail(Fault::KeyShare { group, problem })
}

/// Writes down why a signer failed, in its own words where it has some.
pub(crate) fn signer_failed(error: SignError, report: &mut Report) -> Failed {
    let why = match error {
        SignError::Failed => SignerFault::Failed,
        SignError::Scheme(_) => SignerFault::Scheme,
        SignError::DoesNotVerify => SignerFault::DoesNotVerify,
        SignError::RawEcdsa => SignerFault::RawEcdsa,
        SignError::Because(words) => {
            return report.fail_with(Fault::SignerFailed(SignerFault::Said), Evidence::Words(words));
        }
    };
    report.fail(Fault::SignerFailed(why))
}

/// The last row of every table: a peer's input is out of order, a caller's answer is wrong.
pub(crate) fn refuse(expected: Kind, event: &Event<'_>, report: &mut Report) -> Failed {
    match event {
        Event::Answer(answer) if expected == Kind::Answer => refuse_answer(answer, report),
        Event::Answer(_) => report.fail(Fault::Misuse(Misuse::WrongAnswer)),
        Event::Message(..) | Event::ChangeCipherSpec => {
            report.fail(Fault::Unexpected { expected, found: event.kind() })
        }
    }
}

/// An answer that does not fit the state.
pub(crate) fn refuse_answer(answer: &Answer<'_>, report: &mut Report) -> Failed {
    report.fail(match answer {
        Answer::Refuse => Fault::CallerRefused,
        Answer::Credential(_)
        | Answer::Signature(_)
        | Answer::SignerFailed(_)
        | Answer::CertificateNoted
        | Answer::StatusAccepted
        | Answer::PeerAccepted { .. }
        | Answer::PeerRefused(_)
        | Answer::Psk(_)
        | Answer::PskUnavailable
        | Answer::Session(_)
        | Answer::Resume(_)
        | Answer::Ticket(_) => Fault::Misuse(Misuse::WrongAnswer),
    })
}

/// Counts the ClientHellos that a thread decodes.
#[cfg(test)]
pub(crate) mod counted {
    use core::cell::Cell;

    use handclasp_codec::Field;

    std::thread_local! {
        static DECODED: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn add(within: Field) {
        if within == Field::client_hello {
            DECODED.set(DECODED.get() + 1);
        }
    }

    /// Those since the last call.
    #[cfg(feature = "default")]
    pub(crate) fn take() -> usize {
        DECODED.take()
    }
}
