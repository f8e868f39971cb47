//! A certificate that the capture hides, judged by the chain that the server sends now. The chain is
//! evidence of now: what follows from it is inferred at most, and possible where the capture speaks
//! against it.

use std::cmp::Ordering;

use handclasp_codec::AlertDescription as Alert;

use super::super::peer_verdict::{Taken, at_most, of_certificates};
use super::super::{Case, Side, chain_findings::Told, chain_findings::told_of, trust};
use super::{unseen, weigh};
use crate::conversation::{Aftermath, Ending};
use crate::diagnosis::cause::{Cause, CauseFamily};
use crate::diagnosis::compute::{self, Facts, chain::Chain, chain::Deviation};
use crate::diagnosis::finding::{Confidence, Finding, Severity};
use crate::diagnosis::log_messages::{self, Says};
use crate::diagnosis::server_now::{self, Tie};
use crate::input::evidence::{Evidence, ServerNow};

/// Replaces guesses about a hidden certificate by what the chain of now shows; the guesses where the
/// server was not asked, or where its chain has no fault.
pub(super) fn findings(case: &Case<'_>, taken: Taken, guesses: Vec<Finding>) -> Vec<Finding> {
    let Some((now, taken)) = asked(case).zip(seen(case, taken)) else { return guesses };
    let evidence = at_time(case, now);
    let local = Case {
        conversation: case.conversation,
        evidence: &evidence,
        ending: case.ending,
        stage: case.stage,
        facts: Facts::default(),
    };
    let sent: Vec<&[u8]> = now.chain.iter().map(Vec::as_slice).collect();
    let Some(chain) = compute::judge(Side::Server, &sent, case.conversation, &evidence) else {
        return guesses;
    };
    let judge = Judge { case: &local, chain: &chain, now, tie: server_now::tie(case.conversation, now) };
    let found = judge.findings(taken);
    judge.merge(found, guesses, taken)
}

/// The answer of now, if it has a chain.
fn asked<'c>(case: &Case<'c>) -> Option<&'c ServerNow> {
    case.evidence.server_now.as_ref().filter(|now| !now.chain.is_empty())
}

/// Whether the client finishes the handshake, sends no data and is the first to close: so do clients that
/// check a name or a pin afterwards (curl). What the server sends meanwhile may be tickets.
pub(in super::super) fn judges_afterwards(case: &Case<'_>) -> bool {
    let unused = || case.conversation.aftermath().is_some_and(Aftermath::is_left_unused);
    asked(case).is_some() && unseen::may_hide(case) && unused()
}

/// How the client took a certificate that the capture hides; `None` where it judged none.
fn seen(case: &Case<'_>, taken: Taken) -> Option<Taken> {
    if case.conversation.events.is_empty() {
        return refused_in_log(case).then_some(Taken::Left);
    }
    if !unseen::may_hide(case) {
        return None;
    }
    Some(if judges_afterwards(case) { Taken::Left } else { taken })
}

/// Without a capture: whether a log says that the client refused a certificate.
fn refused_in_log(case: &Case<'_>) -> bool {
    let says = |log: &Option<String>, of: Side| {
        let lines = log.as_deref().map(|log| log_messages::read(log, of)).unwrap_or_default();
        lines.into_iter().any(|line| match line.says {
            Says::Why(cause) | Says::Likely(cause, _) | Says::Maybe(cause, _) => {
                cause.family() == CauseFamily::Certificate
            }
            Says::AlertSent(alert) => of == Side::Client && of_certificates(alert),
            Says::AlertCame(alert) => of == Side::Server && of_certificates(alert),
            Says::Number(_) => false,
        })
    };
    says(&case.evidence.client_log, Side::Client) || says(&case.evidence.server_log, Side::Server)
}

/// The time of the capture.
fn captured(case: &Case<'_>) -> Option<i64> {
    let time = case.conversation.events.iter().find_map(|event| event.position.time)?;
    i64::try_from(time.as_secs()).ok()
}

/// The evidence with the time at which the chain is judged: as given, that of the capture, or else now.
fn at_time(case: &Case<'_>, now: &ServerNow) -> Evidence {
    let mut evidence = case.evidence.clone();
    if evidence.at.is_none() && (captured(case).is_none() || is_newer(case, now)) {
        evidence.at = Some(now.at);
    }
    evidence
}

/// Whether the certificate was issued after the capture was made: the server had another one then.
fn is_newer(case: &Case<'_>, now: &ServerNow) -> bool {
    let leaf = now.chain.first().and_then(|leaf| compute::certificate::Certificate::parse(leaf));
    let issued = leaf.map(|leaf| leaf.not_before);
    let asked = i64::try_from(now.at.as_secs()).unwrap_or(i64::MAX);
    // One that is not valid even now was not renewed: it is wrong in itself.
    issued.zip(captured(case)).is_some_and(|(issued, captured)| captured < issued && issued <= asked)
}

/// Of the two names of an issuer that is unknown the likelier one, if the chain tells.
fn likelier_issuer(told: &[Told]) -> Option<Cause> {
    let confidence =
        |cause| told.iter().find(|told| told.finding.cause == cause).map(|told| told.finding.confidence);
    let unknown = confidence(Cause::CertUnknownIssuer)?;
    let missing = confidence(Cause::CertMissingIntermediate)?;
    match unknown.cmp(&missing) {
        Ordering::Less => Some(Cause::CertUnknownIssuer),
        Ordering::Equal => None,
        Ordering::Greater => Some(Cause::CertMissingIntermediate),
    }
}

struct Judge<'a> {
    /// The case, with the time at which the chain is judged.
    case: &'a Case<'a>,
    chain: &'a Chain,
    now: &'a ServerNow,
    tie: Tie,
}

impl Judge<'_> {
    /// The faults of the chain as reasons of the client.
    fn findings(&self, taken: Taken) -> Vec<Finding> {
        let pinned = trust::pinned(self.case, self.chain);
        let told = self.chain.deviations.iter().filter(|deviation| self.counts(deviation));
        let told: Vec<Told> = told.flat_map(|deviation| self.told(deviation)).collect();
        let likelier = likelier_issuer(&told);
        let mut found = weigh(self.case, told, taken, pinned.is_some());
        if let Some(pinned) = &pinned {
            let source = server_now::chain_line(self.now);
            found.extend(trust::changed(self.case, pinned, taken, false, source));
        }
        found.extend(self.wrong_clock(taken));
        if found.iter().all(|finding| finding.severity != Severity::Failure) {
            found.extend(self.unexplained(taken));
        }
        self.settle(&mut found, likelier);
        found.into_iter().map(|finding| self.of_now(finding)).collect()
    }

    /// Weighs the faults against each other. Which issuers a client trusts is a guess without its anchors
    /// and gives way to faults that are facts. Behind its own Finished a client checks names and pins.
    fn settle(&self, found: &mut [Finding], likelier: Option<Cause>) {
        let afterwards = judges_afterwards(self.case);
        let given = self.case.evidence.roots.is_some();
        let fails = |finding: &Finding| finding.severity == Severity::Failure;
        let is_fact = |finding: &Finding| fails(finding) && !trust::follows_from_pin(finding.cause);
        let is_checked_late = |cause| {
            let names = matches!(cause, Cause::CertNameMismatch | Cause::CertNoSan);
            names || CauseFamily::Pin == Cause::family(cause)
        };
        for finding in found.iter_mut().filter(|finding| afterwards && !is_checked_late(finding.cause)) {
            finding.severity = Severity::Advice;
        }
        let facts = found.iter().filter(|finding| is_fact(finding)).count();
        let guesses = found.iter().filter(|finding| fails(finding) && !is_fact(finding)).count();
        if facts > 0 && !given {
            for finding in found.iter_mut().filter(|finding| fails(finding) && !is_fact(finding)) {
                finding.confidence = Confidence::Possible;
            }
        }
        // An alert that cannot be read, and one fault of a chain that was sent then, too.
        let same = matches!(self.tie, Tie::Record(..) | Tie::Flight(_));
        let unread = matches!(self.case.ending, Ending::RefusedEncrypted { by: Side::Client, .. });
        let only = match (facts, guesses) {
            (1, 0) => found.iter_mut().find(|finding| is_fact(finding)),
            (1, _) if !given => found.iter_mut().find(|finding| is_fact(finding)),
            (0, 1) => found.iter_mut().find(|finding| fails(finding)),
            (0, _) => found.iter_mut().find(|finding| fails(finding) && likelier == Some(finding.cause)),
            (_, _) => None,
        };
        if let Some(only) = only.filter(|_| same && unread) {
            only.confidence = only.confidence.min(Confidence::Inferred);
        }
    }

    /// Whether a deviation of now can have been one of then.
    fn counts(&self, deviation: &Deviation) -> bool {
        match deviation {
            // Without anchors of the client those of this machine stand in.
            Deviation::SelfSigned | Deviation::UnknownIssuer { .. } => {
                self.case.evidence.roots.is_some() || self.now.system_roots_verify != Some(true)
            }
            // The dates of a newer certificate say nothing of its predecessor.
            Deviation::Expired { .. } | Deviation::NotYetValid { .. } => !self.is_newer(),
            _ => true,
        }
    }

    fn is_newer(&self) -> bool {
        is_newer(self.case, self.now)
    }

    /// A deviation as findings.
    fn told(&self, deviation: &Deviation) -> Vec<Told> {
        told_of(self.case, self.chain, deviation, server_now::chain_line(self.now))
    }

    /// The chain has no fault, and the client refused it.
    fn unexplained(&self, taken: Taken) -> Vec<Finding> {
        let source = server_now::chain_line(self.now);
        if self.case.evidence.roots.is_none() && taken == Taken::Refused(Alert::unknown_ca) {
            let summary = "The client reports an unknown issuer, but the roots of this machine verify the chain \
                           that the server sends now: the client has other roots, perhaps old ones.";
            let found = Finding::failure(Cause::CertUnknownIssuer, Confidence::Inferred, summary);
            return vec![found.evidence(source).evidence(self.case.ended())];
        }
        let found = super::unexplained(self.case, self.chain, taken).into_iter();
        found.map(|finding| finding.evidence(source.clone())).collect()
    }

    /// A client that calls expired what is valid.
    fn wrong_clock(&self, taken: Taken) -> Option<Finding> {
        let dated = |found: &Deviation| matches!(found, Deviation::Expired { .. });
        let says_time = taken == Taken::Refused(Alert::certificate_expired);
        if !says_time || self.is_newer() || self.chain.deviations.iter().any(dated) {
            return None;
        }
        let summary = "The client considers a certificate expired, but the chain that the server sends now was \
                       valid when the capture was made: the client's clock is wrong.";
        Some(
            Finding::failure(Cause::ClockWrong, Confidence::Inferred, summary)
                .evidence(server_now::chain_line(self.now))
                .evidence(self.case.ended()),
        )
    }

    /// Marks a finding as one that rests on the answer of now, and limits its confidence.
    fn of_now(&self, finding: Finding) -> Finding {
        let limit = match self.tie.is_against() || self.is_newer() {
            true => Confidence::Possible,
            false => Confidence::Inferred,
        };
        let confidence = at_most(finding.confidence, limit);
        let mut finding = Finding { confidence, as_of_now: true, ..finding };
        finding.evidence.extend(self.tie.line());
        if self.is_newer() {
            finding.evidence.push(
                "this certificate was issued after the capture was made: the server sent another one then"
                    .to_owned(),
            );
        }
        finding
    }

    /// Puts what the chain shows in the place of guesses. What an alert says outright stays.
    fn merge(&self, mut found: Vec<Finding>, guesses: Vec<Finding>, taken: Taken) -> Vec<Finding> {
        let fails = |finding: &Finding| finding.severity == Severity::Failure;
        let explains = found.iter().any(fails);
        let clock = found.iter().any(|finding| finding.cause == Cause::ClockWrong);
        for mut guess in guesses {
            // The server was asked already.
            guess.evidence.retain(|line| line != unseen::HINT);
            let sure = guess.confidence <= Confidence::Observed;
            let says_so = |finding: &Finding| fails(finding) && finding.cause == guess.cause;
            if sure && clock && guess.cause == Cause::CertExpired {
                guess.confidence = Confidence::Possible;
            } else if let Some(index) = found.iter().position(says_so) {
                if sure {
                    let of_now = found.remove(index);
                    let added = of_now.evidence.into_iter().filter(|line| !guess.evidence.contains(line));
                    guess.evidence.extend(added.collect::<Vec<_>>());
                } else {
                    continue;
                }
            } else if explains && !sure {
                continue;
            } else if !explains && taken != Taken::Accepted {
                guess.evidence.push(format!("{}; no fault is found in it", server_now::chain_line(self.now)));
            }
            found.push(guess);
        }
        found
    }
}

#[cfg(test)]
mod tests;
