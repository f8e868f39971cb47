//! The client's certificate and its CertificateVerify (RFC 5246 §7.4.4 to §7.4.8, RFC 8446 §4.3.2
//! §4.4).

mod absent;
mod proof;
#[cfg(test)]
mod tests;
mod unseen;

use super::chain_findings::told;
use super::peer_verdict::{Taken, shows, taken};
use super::{Case, Side, certificate};
use crate::diagnosis::finding::Finding;

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let taken = taken(case, Side::Server);
    let mut found = Vec::new();
    if !shows(case, Side::Client) {
        return unseen::findings(case, taken);
    }
    found.extend(certificate::revoked(case, taken, Side::Client));
    if case.conversation.chain(Side::Client).is_some_and(|chain| chain.is_empty()) {
        found.extend(absent::findings(case, taken));
        return found;
    }
    found.extend(proof::findings(case, taken));
    if let Some(chain) = case.chain(Side::Client) {
        let told = chain.deviations.iter().flat_map(|deviation| told(case, chain, deviation)).collect();
        // Whether the server has the anchors that were given is only told by its refusal.
        let weighed = certificate::weigh(case, told, taken, false);
        let failed = |finding: &Finding| finding.severity == crate::diagnosis::finding::Severity::Failure;
        let proven = found.iter().any(failed);
        found.extend(weighed.into_iter().filter(|finding| failed(finding) || worth_saying(finding)));
        let explained = proven || found.iter().any(failed);
        found.extend(certificate::clock::wrong(case, chain, taken, explained));
        if !proven && taken != Taken::Accepted && !found.iter().any(failed) {
            found.extend(unseen::by_alert(case, taken));
        }
    }
    found
}

/// Findings about a client's certificate that the server accepts.
fn worth_saying(finding: &Finding) -> bool {
    finding.cause != crate::diagnosis::cause::Cause::ClientCertUnknownIssuer
}
