//! A ClientHello that was changed in flight: the ServerHello answers fields that the captured hello does not
//! have, and what covers both messages (the signature, Finished, the record keys) fails on the other side. A
//! server that only breaks a rule signs the messages that the client sent, so there the rest verifies.

use handclasp_codec::{AlertDescription as Alert, ClientHello, HandshakeType, ServerHello};
use handclasp_report::Named;

use crate::diagnosis::cause::Cause;
use crate::diagnosis::compute::signature::Verified;
use crate::diagnosis::finding::{Confidence, Finding};
use crate::diagnosis::rules::offer::Offer;
use crate::diagnosis::rules::{Case, Side};

/// The change, where both halves of the evidence are there.
pub(in super::super) fn changed(case: &Case<'_>) -> Option<Finding> {
    // The fields of a report are filler.
    if case.notes().is_some() {
        return None;
    }
    let covered = transcript_fails(case)?;
    let (hello, answer) = (case.conversation.last_client_hello()?, case.conversation.server_hello_at()?);
    let (found, answer) = answer;
    let differ = contradictions(case, &hello, &answer);
    let first = differ.first()?;
    let summary = format!(
        "The ClientHello was changed in transit: the server answers a hello in which {first}, and what covers \
         both messages does not verify."
    );
    let at = found.event.position;
    let mut finding = Finding::failure(Cause::TamperInFlight, Confidence::Inferred, summary);
    finding.evidence.extend(differ.iter().map(|what| format!("{at}: by the ServerHello, {what}")));
    Some(finding.evidence(covered).evidence(case.ended()))
}

/// What shows that the two sides have different transcripts.
fn transcript_fails(case: &Case<'_>) -> Option<String> {
    let bad = |signed: &&crate::diagnosis::compute::signed::Signed| {
        signed.by == Side::Server && matches!(signed.verified, Verified::Bad(_))
    };
    if let Some(signed) = case.signatures().iter().find(bad) {
        return Some(format!(
            "{}: the server's signature does not cover the captured messages",
            signed.position
        ));
    }
    let alerts = [Alert::decrypt_error, Alert::bad_record_mac, Alert::decryption_failed];
    let (by, alert) = [Side::Client, Side::Server]
        .into_iter()
        .find_map(|by| Some((by, case.refused(by).filter(|alert| alerts.contains(alert))?)))?;
    Some(format!(
        "{} of the {} means that a signature, a Finished or a record does not verify",
        Named(alert),
        super::end(by)
    ))
}

/// Fields of the ServerHello that repeat or choose from the ClientHello, and do not fit it.
fn contradictions(case: &Case<'_>, hello: &ClientHello<'_>, answer: &ServerHello<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if case.conversation.is_tls13() && hello.legacy_session_id != answer.legacy_session_id_echo {
        found.push("the session id is another one".to_owned());
    }
    if !hello.cipher_suites.contains(&answer.cipher_suite) {
        found.push(format!("the suite {} is offered", answer.cipher_suite));
    }
    if let Some(chosen) = &answer.extensions.supported_versions
        && !Offer::new(hello).versions.contains(&chosen.selected_version)
    {
        found.push(format!("{} is offered", Named(chosen.selected_version)));
    }
    if let (Some(share), Some(shares)) = (case.conversation.group(), &hello.extensions.key_share)
        && case.conversation.is_tls13()
        && answer.extensions.key_share.is_some()
        && !shares.client_shares.iter().any(|offered| offered.group == share)
    {
        found.push(format!("there is a key share of {share}"));
    }
    let cookie = |retry: &handclasp_codec::HelloRetryRequest<'_>| {
        let sent = retry.extensions.cookie.as_ref().map(|cookie| cookie.cookie);
        sent.is_some() && hello.extensions.cookie.as_ref().map(|cookie| cookie.cookie) != sent
    };
    let retried = case.conversation.first(Side::Client, HandshakeType::client_hello).is_some()
        && case.conversation.client_hellos().count() > 1;
    if retried && case.conversation.retries().any(|(_, retry)| cookie(&retry)) {
        found.push("the cookie is that of the HelloRetryRequest".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::rules::test_support::{
        alert, client_hello, conversation, failures, sealed, server_hello,
    };
    use crate::input::evidence::Evidence;

    #[test]
    fn an_answer_to_another_hello_is_a_change_only_where_the_transcript_fails() {
        let told = |description| {
            // The suite of this ServerHello is not in the hello.
            let events = vec![
                client_hello(0x8877_6655),
                server_hello(true),
                sealed(Side::Server, 900),
                alert(Side::Client, description),
            ];
            failures(&conversation(events), &Evidence::default())
        };
        let found = told(Alert::decrypt_error);
        assert_eq!(found[0].cause, Cause::TamperInFlight, "{found:?}");
        let claims = |finding: &&Finding| finding.confidence < Confidence::Possible;
        assert!(found.iter().skip(1).find(claims).is_none(), "{found:?}");
        let found = told(Alert::illegal_parameter);
        assert!(found.iter().all(|finding| finding.cause != Cause::TamperInFlight), "{found:?}");
        assert_eq!(found[0].confidence, Confidence::Proved, "the choice itself");
    }
}
