//! A signature of the server's that does not verify: whose key made it, over what, and what that
//! means for the way between the two ends.

use handclasp_report::Named;

use super::super::{Case, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::meaning::{Meaning, meanings, other_keys};
use crate::diagnosis::compute::signature::{Bad, Verified};
use crate::diagnosis::compute::signed::Signed;
use crate::diagnosis::finding::{Confidence, Finding};

/// What follows from it.
pub(super) fn findings(case: &Case<'_>, signed: &Signed) -> Vec<Finding> {
    let mut facts = vec![at(signed)];
    let bad = match &signed.verified {
        Verified::Good | Verified::CannotTell => return Vec::new(),
        Verified::SchemeDoesNotFitKey => {
            facts.push("a scheme requires a matching key type, whatever the cipher suite".to_owned());
            facts.push(case.ended());
            let summary = "The server signs its key exchange with a scheme that does not match the key of \
                           its certificate.";
            return vec![told(Cause::KeyExchangeSignatureInvalid, Confidence::Proved, summary, &facts)];
        }
        Verified::Bad(bad) => bad,
    };
    let meanings = meanings(signed, &known_keys(case));
    facts.push(bad.to_string());
    facts.extend(meanings.iter().map(Meaning::to_string));
    facts.push(case.ended());
    weigh(case, bad, &meanings, &facts)
}

fn at(signed: &Signed) -> String {
    let names = match signed.scheme {
        Some(scheme) => format!("the scheme is {}", Named(scheme)),
        None => "the key determines the algorithm".to_owned(),
    };
    format!(
        "{}: signature in {}; {names}; the certificate's key is {}",
        signed.position,
        signed.carrier.name().unwrap_or("a message"),
        signed.key.describe()
    )
}

/// Keys that may have signed instead.
fn known_keys(case: &Case<'_>) -> Vec<(String, crate::diagnosis::compute::key::Key)> {
    let chain = case.conversation.chain(Side::Server).unwrap_or_default();
    let roots = case.evidence.roots.as_deref().unwrap_or_default();
    other_keys(&chain, &case.evidence.certificates, case.evidence.key.as_deref(), roots)
}

fn told(cause: Cause, confidence: Confidence, summary: &str, facts: &[String]) -> Finding {
    Finding { evidence: facts.to_vec(), ..Finding::failure(cause, confidence, summary) }
}

fn weigh(case: &Case<'_>, bad: &Bad, meanings: &[Meaning], facts: &[String]) -> Vec<Finding> {
    let any = |test: fn(&Meaning) -> bool| meanings.iter().any(test);
    let other_key = any(|meaning| matches!(meaning, Meaning::UnderKey { .. }));
    let other_way = any(|meaning| matches!(meaning, Meaning::As(_) | Meaning::RandomsSwapped));
    let flipped = any(|meaning| matches!(meaning, Meaning::BitFlipped { .. }));
    let invalid =
        |summary: &str| told(Cause::KeyExchangeSignatureInvalid, Confidence::Proved, summary, facts);
    let tampered = |confidence, summary: &str| told(Cause::TamperInFlight, confidence, summary, facts);
    let not_of = |confidence| {
        let summary = "The server signs with a private key that does not match its certificate.";
        told(Cause::KeyNotOfCertificate, confidence, summary, facts)
            .or_fix("compare: openssl x509 -in CERT -noout -pubkey, and openssl pkey -in KEY -pubout")
    };
    let does_not_verify = "The server's signature over the key exchange does not verify under its \
                           certificate: usually the private key does not match the certificate.";
    let altered = "The signature was made with the server's key, but not over the captured bytes: randoms \
                   or key exchange were altered in transit.";
    let other_content = "The server's signature was made with its own key, but not over the bytes that the \
                         client received.";
    match bad {
        Bad::OtherWay { .. } => vec![invalid(OTHER_WAY)],
        _ if other_way => vec![invalid(OTHER_WAY)],
        // A bit that can be named was changed on the way; else a server that hashes wrongly looks
        // the same.
        Bad::OtherContent { .. } if flipped => {
            vec![tampered(Confidence::Proved, altered), invalid(other_content)]
        }
        // Behind records that open, nothing can have been changed.
        Bad::OtherContent { .. } if case.conversation.is_tls13() => vec![invalid(other_content)],
        Bad::OtherContent { .. } => vec![invalid(other_content), tampered(Confidence::Possible, altered)],
        _ if other_key => vec![not_of(Confidence::Proved), invalid(does_not_verify)],
        Bad::Noise | Bad::Length { .. } | Bad::Malformed | Bad::OutOfRange | Bad::Fails => {
            let mut found = vec![invalid(does_not_verify), not_of(Confidence::Inferred)];
            if !case.conversation.is_tls13() {
                found.push(tampered(
                    Confidence::Possible,
                    "Perhaps bytes of the signature were damaged in transit.",
                ));
            }
            found
        }
    }
}

const OTHER_WAY: &str = "The server's signature over the key exchange was not made with the scheme it \
                         indicates.";
