//! What the two ends exchange to agree on keys: points, and the server's signature over them
//! (RFC 8422 §5.4, RFC 8446 §4.4.3).

mod signature;
#[cfg(test)]
mod tests;

use handclasp_codec::{AlertDescription as Alert, CipherSuite, HandshakeType};

use super::{Case, Side, end};
use crate::conversation::{Ending, EventKind, Stage};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::cause::Party;
use crate::diagnosis::compute::chain::Deviation;
use crate::diagnosis::compute::curve::Point;
use crate::diagnosis::compute::key::Family;
use crate::diagnosis::compute::point::PublicShare;
use crate::diagnosis::compute::signature::Verified;
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut found: Vec<Finding> = case.shares().iter().filter_map(|share| point(case, share)).collect();
    let server = || case.signatures().iter().filter(|signed| signed.by == Side::Server);
    let broken = found.iter().any(|finding| finding.side == Party::Server);
    found.extend(server().flat_map(|signed| match broken {
        // Arithmetic that misses the curve signs wrongly too; what follows from it is no cause.
        true => signature::findings(case, signed).into_iter().filter(is_fact).map(inferred).collect(),
        false => signature::findings(case, signed),
    }));
    found.extend(key_given(case));
    if found.is_empty() {
        found.extend(unseen(case));
        found.extend(altered_behind(case));
    }
    // The server signs what it received.
    if super::tamper::hello::changed(case).is_some() {
        found.iter_mut().for_each(|finding| finding.confidence = Confidence::Possible);
    }
    if case.ending == Ending::Completed && case.stage == Stage::Complete {
        found.iter_mut().for_each(|finding| finding.severity = Severity::Advice);
    }
    found
}

fn is_fact(finding: &Finding) -> bool {
    finding.cause == Cause::KeyExchangeSignatureInvalid
}

fn inferred(finding: Finding) -> Finding {
    Finding { confidence: finding.confidence.max(Confidence::Inferred), ..finding }
}

/// A public key that is none.
fn point(case: &Case<'_>, share: &PublicShare) -> Option<Finding> {
    let group = share.group.name().unwrap_or("its group");
    let what = match share.point {
        Point::Valid | Point::Unknown => return None,
        Point::WrongLength { expected, found } => {
            format!("it has {found} bytes where a public key of {group} has {expected}")
        }
        Point::WrongForm { first } => {
            format!("it begins with {first:02x}, where a point begins with 04")
        }
        Point::NotOnCurve => format!("its coordinates do not satisfy the equation of {group}"),
        Point::SmallOrder => {
            "it is all zero: a point of small order, which makes every shared secret zero".to_owned()
        }
    };
    let who = end(share.of);
    let summary = format!(
        "The {who}'s public key is not a point on {group}: its arithmetic or memory is faulty, or the bytes \
         were damaged."
    );
    let finding = Finding::failure(Cause::KeyExchangePointNotOnCurve, Confidence::Proved, summary)
        .evidence(format!("{}: public key in {}: {what}", share.position, share.carrier))
        .evidence(case.ended());
    let signed = case.signatures().iter().find(|signed| signed.carrier == HandshakeType::server_key_exchange);
    let finding = match signed.map(|signed| &signed.verified) {
        Some(Verified::Good) if share.of == Side::Server => finding.evidence(
            "the signature over it verifies: the server computed this value itself, and it was not changed \
             in transit",
        ),
        Some(_) | None => finding,
    };
    Some(match share.of {
        Side::Server => finding.or_fix(
            "on a microcontroller, check that calloc returns zeroed memory, that the stack is large enough, \
             and that the bignum assembly is compiled for this core (Mbed TLS: build without \
             MBEDTLS_HAVE_ASM and run its self test)",
        ),
        Side::Client => finding
            .side(Party::Client)
            .fix("repair the client's crypto library or platform (zeroing of memory, stack size, compiler)"),
    })
}

/// A private key and a certificate that were given and do not belong together.
fn key_given(case: &Case<'_>) -> Option<Finding> {
    let key = case.evidence.key.as_deref()?;
    let given = case.evidence.certificates.first()?;
    let certificate = crate::diagnosis::compute::certificate::Certificate::parse(given)?;
    if certificate.key.spki == key {
        return None;
    }
    let shown = |of: Side| {
        case.conversation
            .chain(of)
            .is_some_and(|chain| chain.first().is_some_and(|leaf| *leaf == given.as_slice()))
    };
    let client = shown(Side::Client) && !shown(Side::Server);
    let summary = "The given private key does not match the given certificate.";
    let finding = Finding::failure(Cause::KeyNotOfCertificate, Confidence::Proved, summary)
        .evidence(format!("the certificate {} has another public key", certificate.subject_text))
        .evidence(case.ended());
    Some(if client { finding.side(Party::Client) } else { finding })
}

/// What was captured is right, and the client finds that it is not: it saw something else.
fn altered_behind(case: &Case<'_>) -> Option<Finding> {
    // Go says illegal_parameter of a signature that does not verify; others of a group too small.
    let curve = !case.shares().is_empty();
    let refused = match case.refused(Side::Client) {
        Some(Alert::decrypt_error) => true,
        Some(Alert::illegal_parameter) => curve,
        Some(_) | None => false,
    };
    let found =
        case.signatures().iter().find(|signed| signed.carrier == HandshakeType::server_key_exchange)?;
    let tiny = found.key.family() == Some(Family::Rsa) && found.key.bits() < 1024;
    let chain = case.chain(Side::Server)?;
    let forged =
        chain.deviations.iter().any(|deviation| matches!(deviation, Deviation::SignatureInvalid { .. }));
    let right = found.verified == Verified::Good && !forged && !tiny;
    if !refused || !right || case.stage != Stage::ServerFlight {
        return None;
    }
    let summary = "The server's signature over the key exchange verifies as captured, but the client \
                   reports that it does not: it was altered between the point of capture and the client.";
    let finding = Finding::failure(Cause::TamperInFlight, Confidence::Inferred, summary)
        .evidence(format!("{}: the signature verifies under the certificate's key", found.position))
        .evidence(case.ended());
    Some(finding)
}

/// decrypt_error of a client that has said nothing else means a signature, or in TLS 1.3 a Finished,
/// that does not verify; here it does not show, or not with all that it covers.
fn unseen(case: &Case<'_>) -> Vec<Finding> {
    let refused = case.refused(Side::Client) == Some(Alert::decrypt_error);
    let psk = case.conversation.server_hello().is_some_and(|hello| hello.extensions.pre_shared_key.is_some());
    let verified = case
        .signatures()
        .iter()
        .any(|signed| signed.by == Side::Server && signed.verified != Verified::CannotTell);
    let finished = case.conversation.events.iter().any(|item| {
        item.from == Side::Client
            && matches!(item.kind, EventKind::ChangeCipherSpec | EventKind::Protected(_))
    });
    let tls13 = case.conversation.is_tls13();
    if !refused || psk || verified || (finished && !tls13) || case.stage > Stage::ServerFlight {
        return Vec::new();
    }
    if case.conversation.server_hello().is_none()
        || case.conversation.suite().is_some_and(CipherSuite::is_psk)
    {
        return Vec::new();
    }
    let confidence = if tls13 { Confidence::Possible } else { Confidence::Inferred };
    let told = |cause, confidence, summary: &str| {
        Finding::failure(cause, confidence, summary)
            .evidence(case.ended())
            .evidence("the signed data is not visible, or not completely")
    };
    vec![
        told(
            Cause::KeyExchangeSignatureInvalid,
            confidence,
            match tls13 {
                true => "The client reports that a signature or the Finished of the server does not verify.",
                false => {
                    "The client reports that the server's signature over the key exchange does not verify."
                }
            },
        ),
        told(
            Cause::KeyNotOfCertificate,
            Confidence::Possible,
            "Perhaps the server signs with a key that does not match its certificate.",
        ),
    ]
}
