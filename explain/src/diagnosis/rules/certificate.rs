//! The server's certificates: validity, names, chains, keys, use (RFC 5280, RFC 9525).
//!
//! A deviation is the failure where the client refused and its alert can mean it; where the
//! handshake went on it is advice.

pub(super) mod asked;
pub(super) mod clock;
mod root;
mod shape;
#[cfg(test)]
mod tests;
mod unseen;

use handclasp_codec::AlertDescription as Alert;

use super::chain_findings::{Told, told};
use super::peer_verdict::{Fit, Taken, at_most, fit, shows, taken};
use super::{Case, Side};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::Chain;
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let taken = taken(case, Side::Client);
    let mut found: Vec<Finding> = revoked(case, taken, Side::Server).into_iter().collect();
    match case.chain(Side::Server) {
        Some(chain) => found.extend(judged(case, chain, taken)),
        None if !shows(case, Side::Server) => {
            let guesses = unseen::findings(case, taken);
            found.extend(asked::findings(case, taken, guesses));
        }
        None => {}
    }
    found
}

/// The one thing that only the alert can tell.
pub(super) fn revoked(case: &Case<'_>, taken: Taken, of: Side) -> Option<Finding> {
    if taken != Taken::Refused(Alert::certificate_revoked) {
        return None;
    }
    let (cause, summary) = match of {
        Side::Server => (Cause::CertRevoked, "The client found the server's certificate revoked."),
        Side::Client => (Cause::ClientCertRevoked, "The server found the client's certificate revoked."),
    };
    Some(Finding::failure(cause, Confidence::Observed, summary).evidence(case.ended()))
}

/// A chain that shows.
fn judged(case: &Case<'_>, chain: &Chain, taken: Taken) -> Vec<Finding> {
    let told: Vec<Told> =
        chain.deviations.iter().flat_map(|deviation| told(case, chain, deviation)).collect();
    let pinned = super::trust::pinned(case, chain);
    let mut found = weigh(case, told, taken, pinned.is_some());
    let fails_surely = |finding: &Finding| {
        finding.severity == Severity::Failure && finding.confidence < Confidence::Possible
    };
    let explained = found.iter().any(fails_surely);
    found.extend(match explained {
        true => clock::wrong(case, chain, taken, explained),
        false => expired_elsewhere(case, chain, taken),
    });
    let explained = found.iter().any(fails_surely);
    if !explained && found.iter().all(|finding| finding.severity != Severity::Failure) {
        found.extend(unexplained(case, chain, taken));
    }
    found
}

/// Why a chain that is valid as it was sent counts as expired: a root in the store of the end that judges, or
/// that end's clock.
pub(super) fn expired_elsewhere(case: &Case<'_>, chain: &Chain, taken: Taken) -> Vec<Finding> {
    let root = root::expired(case, chain, taken);
    let explained = root.as_ref().is_some_and(|found| found.confidence < Confidence::Possible);
    root.into_iter().chain(clock::wrong(case, chain, taken, explained)).collect()
}

/// Puts deviations and the way in which the chain was taken together.
pub(super) fn weigh(case: &Case<'_>, told: Vec<Told>, taken: Taken, pinned: bool) -> Vec<Finding> {
    let fits = |told: &Told| fit(taken, told.finding.cause);
    let firm = told.iter().any(|told| !told.policy && fits(told) <= Fit::Plausible);
    let best = told.iter().filter(|told| !(told.policy && firm)).map(fits).min().unwrap_or(Fit::No);
    let weighed = told.into_iter().map(|told| {
        let fit = fits(&told);
        let mut finding = told.finding;
        // Policies differ: weak things are the reason only where there is no better one.
        if fit >= Fit::No || (told.policy && firm) {
            finding.severity = Severity::Advice;
            return finding;
        }
        let mut limit = fit.limit();
        // Where another deviation fits better, or the client left without a word, a deviation is
        // a step less sure as the reason.
        // That a chain leads to none of the given anchors is a fact, however the client left.
        let unanchored = finding.cause == Cause::CertMissingIntermediate && case.evidence.roots.is_some();
        if fit > best || (taken == Taken::Left && !unanchored) {
            limit = at_most(limit, step_down(finding.confidence));
        }
        // The certificate that was replaced is the reason, not that its heir is unknown.
        if pinned && super::trust::follows_from_pin(finding.cause) {
            limit = at_most(limit, Confidence::Inferred);
        }
        // Without anchors only the alert says that a self-signed certificate is not trusted.
        let unknown = Taken::Refused(Alert::unknown_ca);
        if finding.cause == Cause::CertSelfSigned && taken == unknown && !pinned {
            finding.confidence = Confidence::Proved;
        }
        finding.confidence = at_most(finding.confidence, limit);
        finding.evidence(case.ended())
    });
    // Of an anchor or an intermediate that was not given, nothing can be advised.
    let idle = [Cause::CertMissingIntermediate, Cause::CertProfile];
    weighed
        .filter(|finding| finding.severity == Severity::Failure || !idle.contains(&finding.cause))
        .collect()
}

fn step_down(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::Proved | Confidence::Observed => Confidence::Inferred,
        Confidence::Inferred | Confidence::Possible => Confidence::Possible,
    }
}

/// Nothing is wrong with the chain as far as can be computed, and the client refused it.
fn unexplained(case: &Case<'_>, chain: &Chain, taken: Taken) -> Vec<Finding> {
    let Taken::Refused(alert) = taken else { return Vec::new() };
    let possible = |cause: Cause, confidence, summary: &str| {
        Finding::failure(cause, confidence, summary).evidence(case.ended())
    };
    match alert {
        Alert::unknown_ca => vec![possible(
            Cause::CertUnknownIssuer,
            Confidence::Inferred,
            "The chain leads to a given trust anchor, but the client reports an unknown issuer: the client \
             has other anchors.",
        )],
        Alert::bad_certificate | Alert::certificate_unknown | Alert::unsupported_certificate => {
            let mut found = Vec::new();
            if case.evidence.name.is_none() {
                found.push(possible(
                    Cause::CertNameMismatch,
                    Confidence::Possible,
                    "The client rejects the certificate; no fault was found in it, but its name was not \
                     checked: pass the name that the client expects with --name.",
                ));
            }
            found.push(possible(
                Cause::CertUnknownIssuer,
                Confidence::Possible,
                "The client rejects the certificate, which is valid as far as can be computed: the client \
                 may have other trust anchors.",
            ));
            if !chain.timed {
                found.push(possible(
                    Cause::CertExpired,
                    Confidence::Possible,
                    "The client rejects the certificate; whether it was valid cannot be determined without \
                     a time.",
                ));
            }
            found
        }
        // The other alerts speak of something else, or of what was computed to be good.
        _ => Vec::new(),
    }
}
