//! What one end insists on, and the other does not do: extended_master_secret (RFC 7627),
//! renegotiation_info (RFC 5746), a Diffie-Hellman group of some size (RFC 7919 §1), no second try
//! with a lower version (RFC 7507).

use handclasp_codec::{
    AlertDescription as Alert, CipherSuite, HandshakeType, KeyExchangeAlgorithm, ServerDhParams,
    ServerKeyExchangeDhe, ServerKeyExchangeDhePsk,
};

use super::peer_verdict::of_certificates;
use super::{Case, Side};
use crate::conversation::Stage;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::finding::{Confidence, Finding};

/// Bits below which clients of today refuse (RFC 7919 §1, RFC 9325 §4.1).
const DH_BITS: usize = 2048;

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = fallback(case).into_iter().collect();
    found.extend(cookie(case));
    found.extend(weak_dh(case));
    found.extend(not_signalled(case));
    found.into_iter().map(|finding| finding.evidence(case.ended())).collect()
}

/// The server sees that a newer version was possible.
fn fallback(case: &Case<'_>) -> Option<Finding> {
    if case.refused(Side::Server) != Some(Alert::inappropriate_fallback) {
        return None;
    }
    let hello = case.conversation.client_hello()?;
    let scsv = hello.cipher_suites.contains(&CipherSuite::TLS_FALLBACK_SCSV);
    let summary = "The client signals that it retries with a lower version; the server supports a higher \
                   one and refuses the fallback.";
    let mut finding = Finding::failure(Cause::PolicyFallbackScsv, Confidence::Observed, summary);
    if scsv {
        finding.evidence.push("TLS_FALLBACK_SCSV (5600) is among the cipher suites".to_owned());
    }
    Some(finding)
}

/// A client that refuses a HelloRetryRequest with a cookie, which no ClientHello asks for.
fn cookie(case: &Case<'_>) -> Option<Finding> {
    let (retry, request) = case.conversation.retries().last()?;
    let answered = case.conversation.client_hellos().any(|(hello, _)| hello.index > retry.index);
    let alert =
        case.refused(Side::Client).filter(|_| !answered && case.conversation.server_hello().is_none())?;
    request.extensions.cookie.as_ref()?;
    let (confidence, summary) = match alert {
        Alert::unsupported_extension => (
            Confidence::Observed,
            "The alert answers the HelloRetryRequest, where the only extension that the client had not asked for \
             is the cookie. RFC 8446 §4.2 permits just that one; some clients refuse it all the same (Mbed TLS 3.6).",
        ),
        // Of the other alerts none names the cookie.
        _ => (
            Confidence::Possible,
            "The alert answers the HelloRetryRequest, which carries a cookie: some clients refuse that, or cannot \
             send it back.",
        ),
    };
    let finding = Finding::failure(Cause::RefusedUnexplained, confidence, summary)
        .evidence(format!("{}: HelloRetryRequest with a cookie", retry.event.position))
        .fix("let the server send no cookie (handclasp: without `--stateless-retry`), or update the client");
    Some(finding)
}

/// A DH group that the client finds too small.
fn weak_dh(case: &Case<'_>) -> Option<Finding> {
    let message = case.conversation.first(Side::Server, HandshakeType::server_key_exchange)?;
    let params: ServerDhParams<'_> = match case.conversation.suite()?.key_exchange_algorithm()? {
        KeyExchangeAlgorithm::Dhe => match message.message.decode::<ServerKeyExchangeDhe<'_>>() {
            Some(signed) => signed.params,
            None => message.message.decode()?,
        },
        KeyExchangeAlgorithm::DhePsk => message.message.decode::<ServerKeyExchangeDhePsk<'_>>()?.params,
        KeyExchangeAlgorithm::DhAnon => message.message.decode()?,
        KeyExchangeAlgorithm::Rsa
        | KeyExchangeAlgorithm::Dh
        | KeyExchangeAlgorithm::Ecdh
        | KeyExchangeAlgorithm::Ecdhe
        | KeyExchangeAlgorithm::EcdhAnon
        | KeyExchangeAlgorithm::Psk
        | KeyExchangeAlgorithm::RsaPsk
        | KeyExchangeAlgorithm::EcdhePsk => return None,
    };
    let bits = bits(params.dh_p);
    // An alert about certificates speaks of something else.
    let refused = case.refused(Side::Client).is_some_and(|alert| !of_certificates(alert));
    let minded = refused || case.left(Side::Client);
    if bits >= DH_BITS || case.stage > Stage::ServerFlight || !minded {
        return None;
    }
    let summary =
        format!("The server's Diffie-Hellman group has {bits} bits, which is too small for the client.");
    let finding = Finding::failure(Cause::PolicyWeakDh, Confidence::Inferred, summary)
        .evidence(format!("{}: dh_p has {bits} bits", message.event.position));
    Some(finding)
}

fn bits(number: &[u8]) -> usize {
    let significant = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let bytes = number.get(significant..).unwrap_or_default();
    let leading = bytes.first().map_or(0, |first| first.leading_zeros());
    (bytes.len() * 8).saturating_sub(usize::try_from(leading).unwrap_or(0))
}

/// A ServerHello of TLS 1.2 that lacks what the client offered and insists on. The client refuses
/// before it has said anything else.
fn not_signalled(case: &Case<'_>) -> Vec<Finding> {
    let (Some(hello), Some((found, answer))) =
        (case.conversation.client_hello(), case.conversation.server_hello_at())
    else {
        return Vec::new();
    };
    let general = [Alert::handshake_failure, Alert::insufficient_security];
    let refused = case.refused(Side::Client).is_some_and(|alert| general.contains(&alert));
    let whole = case.notes().is_none_or(|notes| notes.has_whole_offer() && notes.has_whole_answer());
    if case.conversation.is_tls13() || !refused || !whole || case.stage > Stage::ServerFlight {
        return Vec::new();
    }
    let position = found.event.position;
    let signalled = hello.extensions.renegotiation_info.is_some()
        || hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
    let mut list = Vec::new();
    if signalled && answer.extensions.renegotiation_info.is_none() {
        let summary =
            "The client requires secure renegotiation (RFC 5746), and the server does not signal it.";
        list.push(
            Finding::failure(Cause::PolicyRenegotiationInfoRequired, Confidence::Inferred, summary).evidence(
                format!("{position}: the ServerHello lacks renegotiation_info, which the client sent"),
            ),
        );
    }
    if hello.extensions.extended_master_secret.is_some() && answer.extensions.extended_master_secret.is_none()
    {
        let confidence = if list.is_empty() { Confidence::Inferred } else { Confidence::Possible };
        let summary =
            "The client requires extended_master_secret (RFC 7627), and the server does not support it.";
        list.push(Finding::failure(Cause::PolicyEmsRequired, confidence, summary).evidence(format!(
            "{position}: the ServerHello lacks extended_master_secret, which the client offered"
        )));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_refused_is_no_weak_group() {
        use crate::diagnosis::rules::test_support::{alert, client_hello, conversation, failures, message};
        let hello = [&[3, 3][..], &[7; 32], &[0, 0, 0x33, 0]].concat();
        let group = [&[0, 128][..], &[0xff; 128], &[0, 1, 2, 0, 1, 5, 4, 1, 0, 1, 9]].concat();
        let told = |description| {
            let told = conversation(vec![
                client_hello(0x8877_6655),
                message(Side::Server, HandshakeType::server_hello, &hello),
                message(Side::Server, HandshakeType::server_key_exchange, &group),
                alert(Side::Client, description),
            ]);
            let found = failures(&told, &crate::input::evidence::Evidence::default());
            found.iter().any(|finding| finding.cause == Cause::PolicyWeakDh)
        };
        assert!(told(Alert::handshake_failure));
        assert!(!told(Alert::unknown_ca));
    }

    #[test]
    fn bits_of_a_prime() {
        assert_eq!(bits(&[0, 0, 0x80, 0]), 16);
        assert_eq!(bits(&[1]), 1);
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0xff; 128]), 1024);
    }
}
