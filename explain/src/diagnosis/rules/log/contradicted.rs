//! What a log says against what the capture beside it shows: a log may be of another connection, and a
//! library names what it noticed first. What the capture shows stands.

use handclasp_codec::{AlertDescription as Alert, HandshakeType};

use super::super::peer_verdict::Taken;
use super::super::{Case, Side, certificate};
use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::chain::{Chain, Deviation};
use crate::diagnosis::finding::{Confidence, Finding, Severity};

/// What becomes of a finding of the log of `of`: kept, replaced by what explains the same line, or advice
/// that the log and the capture do not fit each other.
pub(super) fn held_against_capture(case: &Case<'_>, of: Side, finding: Finding) -> Vec<Finding> {
    let Some(shown) = contradiction(case, of, finding.cause) else { return vec![finding] };
    let better = match finding.cause {
        Cause::CertExpired | Cause::ClientCertExpired => expired_elsewhere(case, of),
        _ => Vec::new(),
    };
    if !better.is_empty() {
        return better
            .into_iter()
            .map(|better| finding.evidence.iter().fold(better, |told, line| told.evidence(line.clone())))
            .collect();
    }
    vec![Finding {
        severity: Severity::Advice,
        confidence: Confidence::Possible,
        summary: format!(
            "{} The capture shows otherwise: the log may be of another connection.",
            finding.summary
        ),
        ..finding.evidence(shown)
    }]
}

/// What in the capture excludes the cause, in words.
fn contradiction(case: &Case<'_>, of: Side, cause: Cause) -> Option<String> {
    if case.conversation.events.is_empty() || case.notes().is_some() {
        return None;
    }
    let answer = case.conversation.server_hello_at();
    let answered = |what: &str| {
        let (found, _) = answer.as_ref()?;
        Some(format!("{}: the server answers with a ServerHello, so {what}", found.event.position))
    };
    match cause {
        Cause::CertExpired | Cause::ClientCertExpired => valid(case, of),
        Cause::CertSelfSigned => {
            let leaf = case.chain(Side::Server)?.leaf()?;
            let at = case.at(Side::Server, HandshakeType::certificate);
            let issued = !leaf.is_self_issued();
            issued.then(|| format!("{at}: the server's certificate was issued by {}", leaf.issuer_text))
        }
        Cause::ClientCertMissing => {
            let shown = !case.conversation.chain(Side::Client)?.is_empty();
            let at = case.at(Side::Client, HandshakeType::certificate);
            shown.then(|| format!("{at}: the client sends a certificate"))
        }
        Cause::SuiteNoneInCommon if of == Side::Server => answered("it found a common suite"),
        Cause::TransportRefused | Cause::TransportNoAnswer | Cause::TransportNotTlsHttp => {
            answered("both sides speak TLS")
        }
        _ => None,
    }
}

/// That all certificates that the peer sent are valid at the time of the capture.
fn valid(case: &Case<'_>, of: Side) -> Option<String> {
    let chain = case.chain(of.other()).filter(|chain| chain.timed)?;
    let dated =
        |found: &Deviation| matches!(found, Deviation::Expired { .. } | Deviation::NotYetValid { .. });
    let at = case.at(of.other(), HandshakeType::certificate);
    let valid = !chain.deviations.iter().any(dated);
    valid.then(|| format!("{at}: every certificate of the chain is valid at the time of the capture"))
}

/// An expired root, or a wrong clock, where the certificates that were sent are valid.
fn expired_elsewhere(case: &Case<'_>, of: Side) -> Vec<Finding> {
    let judged = |chain: &Chain| {
        certificate::expired_elsewhere(case, chain, Taken::Refused(Alert::certificate_expired))
    };
    case.chain(of.other()).map(judged).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use handclasp_codec::AlertDescription as Alert;

    use super::*;
    use crate::conversation::EventKind;
    use crate::diagnosis::rules::diagnose;
    use crate::diagnosis::rules::test_support::{
        alert, chain, client_hello, conversation, evidence, item, message, server_hello,
    };

    fn told(names: &[&str], roots: Option<&[&str]>, log: &str) -> Vec<Finding> {
        let conversation = conversation(vec![
            client_hello(0x8877_6655),
            server_hello(false),
            message(Side::Server, HandshakeType::certificate, &chain(names)),
            alert(Side::Client, Alert::internal_error),
            item(Side::Client, EventKind::Fin),
        ]);
        let mut given = evidence(roots);
        given.client_log = Some(log.to_owned());
        diagnose(&conversation, &given)
    }

    fn of(found: &[Finding], cause: Cause) -> Option<Severity> {
        found.iter().find(|finding| finding.cause == cause).map(|finding| finding.severity)
    }

    #[test]
    fn a_log_does_not_overrule_what_the_capture_shows() {
        let log = "verify error:num=18:self-signed certificate";
        assert_eq!(of(&told(&["self"], None, log), Cause::CertSelfSigned), Some(Severity::Failure));
        assert_eq!(of(&told(&["direct"], None, log), Cause::CertSelfSigned), Some(Severity::Advice));
    }

    #[test]
    fn a_log_of_an_expired_certificate_that_is_valid_is_about_a_root_or_a_clock() {
        let log = "verify error:num=10:certificate has expired";
        assert_eq!(
            of(&told(&["expired"], Some(&["root"]), log), Cause::CertExpired),
            Some(Severity::Failure)
        );
        for (names, roots, cause) in [
            (&["crossed", "r3", "cross"][..], None, Cause::CertRootExpired),
            (&["direct"], Some(&["root"][..]), Cause::ClockWrong),
        ] {
            let found = told(names, roots, log);
            assert_eq!(of(&found, cause), Some(Severity::Failure), "{found:?}");
            assert_eq!(of(&found, Cause::CertExpired), None, "{found:?}");
        }
    }
}
