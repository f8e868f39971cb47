//! The client's CertificateVerify: its scheme against key and request, and the signature itself
//! (RFC 5246 §7.4.8, RFC 8446 §4.4.3).

use handclasp_report::Named;

use super::super::peer_verdict::Taken;
use super::super::{Case, Side};
use super::absent::request;
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::meaning::{Meaning, meanings, other_keys};
use crate::diagnosis::compute::signature::{Algorithm, Bad, Verified};
use crate::diagnosis::compute::signed::Signed;
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// What is wrong with it.
pub(super) fn findings(case: &Case<'_>, taken: Taken) -> Vec<Finding> {
    let Some(signed) = case.signatures().iter().find(|signed| signed.by == Side::Client) else {
        return Vec::new();
    };
    let mut found: Vec<Finding> = mismatch(case, signed).into_iter().collect();
    found.extend(not_offered(case, signed));
    // Servers look at the scheme before they verify.
    let refused = !found.is_empty();
    found.extend(invalid(case, signed).map(|mut finding| {
        if refused {
            finding.confidence = Confidence::Inferred;
        }
        finding
    }));
    if matches!(taken, Taken::Accepted | Taken::Untold) {
        found.iter_mut().for_each(|finding| finding.severity = Severity::Advice);
    }
    found
}

fn at(signed: &Signed) -> String {
    let scheme = signed.scheme.map_or_else(String::new, |scheme| format!(" with {}", Named(scheme)));
    let holds = signed.key.describe();
    format!("{}: CertificateVerify{scheme} follows a certificate with the key {holds}", signed.position)
}

/// A scheme of another kind of key.
fn mismatch(case: &Case<'_>, signed: &Signed) -> Option<Finding> {
    if signed.verified != Verified::SchemeDoesNotFitKey {
        return None;
    }
    let scheme = signed.scheme?;
    let summary = format!(
        "The client signs with {}, which does not match the key of its own certificate ({}).",
        Named(scheme),
        signed.key.describe()
    );
    let finding = Finding::failure(Cause::ClientCertSchemeKeyMismatch, Confidence::Proved, summary)
        .evidence(at(signed))
        .evidence(case.ended());
    Some(finding.or_fix(
        "if the key is in hardware: the library uses wrong metadata about the key's type; declare the \
         actual type",
    ))
}

/// A scheme that the server did not ask for.
fn not_offered(case: &Case<'_>, signed: &Signed) -> Option<Finding> {
    let (scheme, request) = (signed.scheme?, request(case)?);
    if request.schemes.is_empty() || request.schemes.contains(&scheme) {
        return None;
    }
    let listed: Vec<String> =
        request.schemes.iter().take(16).map(|scheme| Named(*scheme).to_string()).collect();
    let summary = format!("The client signs with {}, which the server did not request.", Named(scheme));
    Some(
        Finding::failure(Cause::ClientCertSchemeNotOffered, Confidence::Proved, summary)
            .evidence(at(signed))
            .evidence(format!("CertificateRequest lists {}", listed.join(", ")))
            .evidence(case.ended()),
    )
}

/// A signature that does not verify.
fn invalid(case: &Case<'_>, signed: &Signed) -> Option<Finding> {
    let Verified::Bad(bad) = &signed.verified else { return None };
    let chain = case.conversation.chain(Side::Client).unwrap_or_default();
    let roots = case.evidence.roots.as_deref().unwrap_or_default();
    let known = other_keys(&chain, &case.evidence.certificates, case.evidence.key.as_deref(), roots);
    let meanings = meanings(signed, &known);
    let other = meanings.iter().find_map(|meaning| match meaning {
        Meaning::As(algorithm) => Some(*algorithm),
        Meaning::UnderKey { .. }
        | Meaning::RandomsSwapped
        | Meaning::Without(_)
        | Meaning::BitFlipped { .. } => None,
    });
    let mut finding = Finding::failure(
        Cause::ClientCertSignatureInvalid,
        Confidence::Proved,
        summary(bad, &meanings, other),
    )
    .evidence(at(signed))
    .evidence(bad.to_string());
    finding.evidence.extend(meanings.iter().map(Meaning::to_string));
    if other.is_none() && meanings.is_empty() {
        finding =
            finding.or_fix("compare: openssl x509 -in CERT -noout -pubkey, and openssl pkey -in KEY -pubout");
    }
    Some(finding.evidence(case.ended()))
}

fn summary(bad: &Bad, meanings: &[Meaning], other: Option<Algorithm>) -> String {
    if let Some(other) = other {
        return format!(
            "The client's signature was not made with the scheme it indicates: it is {}.",
            other.describe()
        );
    }
    let without = meanings.iter().any(|meaning| matches!(meaning, Meaning::Without(_)));
    match bad {
        _ if without => "The client signed a transcript that lacks one of the handshake messages.".to_owned(),
        Bad::OtherContent { .. } => {
            "The signature was made with the client's own key, but over a transcript other than the \
             captured one: the client hashes it incorrectly, or messages were altered in transit."
                .to_owned()
        }
        Bad::Malformed | Bad::OutOfRange | Bad::Length { .. } => {
            "The client's CertificateVerify is not a signature that its certificate's key can make."
                .to_owned()
        }
        Bad::Noise | Bad::Fails | Bad::OtherWay { .. } => {
            "The client's CertificateVerify does not verify under its certificate: the private key does not \
             match, or signing is faulty."
                .to_owned()
        }
    }
}
