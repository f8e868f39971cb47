//! Reasons and fixes for a cause in a report: flags of handclasp where our side can change something,
//! settings of other programs where the peer must.

mod certificate;
mod ending;
mod form;
mod keys;
mod negotiation;
mod own_certificate;
mod program;
mod psk;

use handclasp_codec::AlertDescription as Alert;
use handclasp_report::{Fault, Uint};

use super::description::Description;
use crate::conversation::Stage;
use crate::conversation::from_report::Notes;
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::fix::Fix;
use crate::diagnosis::rules::Case;

/// What descriptions look at.
pub(super) struct Context<'a> {
    /// The conversation that the report describes.
    pub case: &'a Case<'a>,
    /// The notes of the report.
    pub notes: Notes<'a>,
    /// The fault of the report.
    pub fault: Fault,
    /// The pre-shared key as it was typed.
    pub typed: Option<&'a str>,
}

impl Context<'_> {
    fn describe(&self) -> Description {
        Description::of(self.notes.own())
    }

    /// Whether the server refused our ClientHello.
    fn is_hello_refused(&self) -> bool {
        self.notes.is_client() && self.case.stage == Stage::ClientHello
    }
}

/// What there is to say about a cause in this report.
pub(super) fn describe(cause: Cause, context: &Context<'_>) -> Description {
    if let Some(description) = of_own_fault(cause, context) {
        return description;
    }
    if let Some(description) = negotiation::describe(cause, context) {
        return description;
    }
    match (cause, cause.family()) {
        (Cause::PskValueDiffers | Cause::PskValueEncoding, _) => psk::value(context),
        (Cause::PskIdentityUnknown, _) => psk::unknown_identity(context),
        (Cause::PskServerHasNone, _) => psk::none_at_server(context),
        (Cause::KeyExchangeSignatureInvalid | Cause::ClientCertSignatureInvalid, _) => keys::refused(context),
        (Cause::KeyExchangeKeysDiffer, _) => keys::differ(context),
        (_, CauseFamily::Certificate | CauseFamily::ClientCertificate | CauseFamily::Pin) => {
            own_certificate::refused_by_peer(context)
        }
        (_, CauseFamily::ProtocolViolation) => form::violation(context),
        (_, CauseFamily::Transport) => ending::left(context),
        (_, CauseFamily::Unexplained | CauseFamily::Record) => ending::refused(context),
        _ => context.describe(),
    }
}

/// What our client can offer besides, where a server refuses its ClientHello in general terms.
pub(super) fn offer_more(context: &Context<'_>) -> Vec<Fix> {
    let general = [Alert::handshake_failure, Alert::insufficient_security].map(Fault::PeerAlert);
    let closed = matches!(context.fault, Fault::ClosedInHandshake { .. });
    let applies = context.is_hello_refused()
        && (closed || general.contains(&context.fault))
        && !context.notes.offers_only_psk();
    if applies { ending::hello(context.describe(), context).fixes } else { Vec::new() }
}

/// What our own side knows: the fault says more than its cause.
fn of_own_fault(cause: Cause, context: &Context<'_>) -> Option<Description> {
    Some(match &context.fault {
        Fault::Decode { .. } => form::decode(context),
        Fault::Unexpected { expected, found } => form::unexpected(context, *expected, *found),
        Fault::NotTls { first } => form::not_tls(context, cause, first),
        Fault::RecordOverflow { .. } => form::record_overflow(context),
        Fault::MessageTooLarge { message, .. } => form::too_large(context, *message),
        Fault::TooMany { what, .. } => form::too_many(context, *what),
        Fault::MissingExtension(which) => negotiation::missing_extension(context, *which),
        Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: true } | Fault::FinishedInvalid
            if cause == Cause::PskValueDiffers =>
        {
            psk::value(context)
        }
        Fault::RecordNotAuthentic { .. } | Fault::FinishedInvalid => keys::differ(context),
        Fault::KeyShare { .. } => keys::share(context),
        Fault::SignatureInvalid { .. } => keys::signature(context),
        Fault::SchemeKeyMismatch { scheme, key, .. } => keys::scheme_of_another_key(context, *scheme, *key),
        Fault::Certificate(fault) => certificate::refused_by_us(context, fault),
        Fault::NoCertificate { .. } => certificate::none_came(context),
        Fault::SignerFailed(why) => program::signer(context, *why),
        Fault::PskUnavailable => program::key_store(context),
        Fault::Misuse(how) => program::misuse(context, *how),
        Fault::Internal(what) => program::internal(context, *what),
        Fault::Encode(_) => context
            .describe()
            .ours("shorten what is configured: names, identities, the list of protocols, the chain"),
        Fault::PeerAlert(Alert::close_notify | Alert::user_canceled) => {
            context.describe().peers(format!("read the {}'s log", context.notes.peer()))
        }
        Fault::UnknownContentType(_)
        | Fault::RecordVersion(_)
        | Fault::EmptyRecord(_)
        | Fault::OnlyPadding
        | Fault::MalformedRecord(_)
        | Fault::KeyChangeInsideMessage
        | Fault::Flood(_)
        | Fault::NoNullCompression
        | Fault::UnsolicitedExtension(_)
        | Fault::MisplacedExtension(_)
        | Fault::NotOffered { .. }
        | Fault::SessionIdNotEchoed
        | Fault::UselessRetry
        | Fault::RetryMismatch(_)
        | Fault::RenegotiationInfo
        | Fault::IllegalParameter(_) => form::violation(context),
        // The cause says all that these say.
        _ => return None,
    })
}
