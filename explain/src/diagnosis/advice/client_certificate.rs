//! A server that refuses a client because of its certificate, or because it showed none, as the
//! client's own report tells. What servers say then: TLS 1.3 has certificate_required (RFC 8446
//! §4.4.2.4), TLS 1.2 handshake_failure (RFC 5246 §7.4.6); Java and Go say bad_certificate, others
//! certificate_unknown.

use handclasp_codec::AlertDescription as Alert;
use handclasp_report::{NoneShown, Tag};

use super::{conversation::Conversation, told::Told};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::Confidence;

/// Whether a server says so of a client that shows no certificate, or one that it does not trust.
fn fits(alert: Alert) -> bool {
    [
        Alert::certificate_required,
        Alert::handshake_failure,
        Alert::bad_certificate,
        Alert::certificate_unknown,
        Alert::unknown_ca,
        Alert::access_denied,
    ]
    .contains(&alert)
}

/// Whether the client was asked for a certificate and showed none: why, where that is known.
fn none_shown(conversation: &Conversation<'_>) -> Option<Option<NoneShown>> {
    conversation.bytes(Tag::NoneShown).filter(|_| conversation.is_client()).map(NoneShown::from_note)
}

/// The cause of a refusal by such an alert.
pub(super) fn cause(alert: Alert, conversation: &Conversation<'_>) -> Option<(Cause, Confidence)> {
    if !conversation.is_client() || !fits(alert) {
        return None;
    }
    let said = alert == Alert::certificate_required;
    let confidence = if said { Confidence::Observed } else { Confidence::Inferred };
    match none_shown(conversation) {
        Some(Some(NoneShown::NoCommonScheme)) => Some((Cause::ClientCertNoUsableScheme, confidence)),
        Some(Some(NoneShown::NotConfigured | NoneShown::NoCommonType) | None) => {
            Some((Cause::ClientCertMissing, confidence))
        }
        None if !said && conversation.has(Tag::IssuerNotListed) => {
            Some((Cause::ClientCertUnknownIssuer, Confidence::Inferred))
        }
        None => None,
    }
}

/// What there is to say where that is the cause.
pub(super) fn refused(alert: Alert, conversation: &Conversation<'_>) -> Option<Told> {
    if !conversation.is_client() || !fits(alert) {
        return None;
    }
    match none_shown(conversation) {
        Some(why) => Some(missing(why)),
        None if alert != Alert::certificate_required && conversation.has(Tag::IssuerNotListed) => {
            Some(unlisted(conversation))
        }
        None => None,
    }
}

/// The client showed none, which a server that goes silent may hold against it too.
pub(super) fn none_to_show(conversation: &Conversation<'_>) -> Option<Told> {
    none_shown(conversation).map(missing)
}

fn missing(why: Option<NoneShown>) -> Told {
    let asked = "The server asked for a client certificate, and we showed none:";
    let told = match why {
        Some(NoneShown::NotConfigured) => Told::because(format!("{asked} none is configured."))
            .client("give the certificate and its key: `--cert FILE --key FILE`"),
        Some(NoneShown::NoCommonScheme) => Told::because(format!(
            "{asked} our key can make none of the signature schemes that the server lists."
        ))
        .client("show a certificate with another kind of key: nearly every server accepts P-256 and RSA")
        .server("accept the schemes of our key's kind (openssl: `-client_sigalgs`)")
        .shows(&[Tag::Schemes]),
        Some(NoneShown::NoCommonType) => Told::because(format!(
            "{asked} one side has a raw public key, the other takes X.509 certificates only."
        ))
        .client("show an X.509 certificate: leave `--raw-key` out, give `--cert` and `--key`"),
        None => Told::because(format!("{asked} none was configured, or none that fits its request."))
            .client("give the certificate and its key: `--cert FILE --key FILE`"),
    };
    told.server("let clients in without one, if that is meant (openssl: `-verify` in place of `-Verify`)")
}

fn unlisted(conversation: &Conversation<'_>) -> Told {
    let peer = conversation.peer();
    Told::because(format!(
        "The certificate that we showed leads to none of the authorities that the {peer} names: it does not \
         trust the issuer."
    ))
    .client("show a certificate that one of those authorities issued, with the intermediates up to it in `--cert`")
    .server("trust our issuer (openssl: `-CAfile FILE`, handclasp: `--client-ca FILE`)")
    .server("or trust our key: `--client-pin sha256/…`, as handclasp prints it at the start")
}
