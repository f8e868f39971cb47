//! What was found out, for scripts.

use handclasp_report::Named;
use serde_json::{Map, Value, json};

use super::client_share::{ClientShare, hex};
use super::facts::{ClientCertificate, Facts, Resumption};
use super::handshake_probe::End;
use super::minimal_profile::{MinimalProfile, Proof};
use super::observed::{self, CredentialRequest};
use super::probe::Answer;
use super::survey::{Need, OfVersion};
use super::{
    hello::Hello,
    large::{self, LargeProbe},
    mbedtls, old_versions, options,
};

/// One JSON document.
pub fn text(facts: &Facts) -> String {
    // With its own indentation, and it cannot fail.
    format!("{:#}", document(facts))
}

fn document(facts: &Facts) -> Value {
    let survey = &facts.survey;
    let versions: Map<String, Value> =
        survey.versions.iter().map(|(version, said)| (Named(*version).to_string(), answer(said))).collect();
    let with_psk: Map<String, Value> =
        facts.psk.iter().map(|with| (Named(with.version).to_string(), end(&with.full.end))).collect();
    let accepted: Map<String, Value> =
        survey.accepted.iter().map(|of| (Named(of.version).to_string(), of_version(facts, of))).collect();
    let chain: Vec<Value> = facts
        .chain()
        .iter()
        .map(|shown| json!({ "certificate": shown.line, "bytes": shown.bytes }))
        .collect();
    json!({
        "address": facts.address,
        "name": survey.name,
        "connections": facts.questions,
        "complete": !survey.cut,
        "versions": versions,
        "with_psk": with_psk,
        "accepted": accepted,
        "without_server_name": survey.without_name.as_ref().map(answer),
        "with_wrong_name": survey.wrong_name.as_ref().map(answer),
        "extended_master_secret": survey.extended_master_secret.map(need),
        "encrypt_then_mac": survey.encrypt_then_mac,
        "renegotiation_info": survey.renegotiation_info,
        "dh_bits": survey.dh_bits,
        "old_only": survey.old_only().map(|(newest, diagnosis)| json!({
            "newest": Named(newest).to_string(),
            "suite": diagnosis.conversation.suite().map(|suite| suite.to_string()),
            "dh_bits": observed::dh_bits(diagnosis),
            "text": old_versions::text(newest),
        })),
        "large_client_hello": large_client_hello(&survey.large),
        "protocols": survey.protocols,
        "chain": chain,
        "least": facts.least.as_ref().map(|found| least(facts, found)),
    })
}

fn large_client_hello(probes: &[LargeProbe]) -> Value {
    let each = |probe: &LargeProbe| {
        json!({
            "bytes": probe.bytes,
            "split": probe.split.word(),
            "accepted": probe.answer.accepted(),
            "answer": probe.answer.to_string(),
        })
    };
    json!({
        "cause": large::cause(probes).map(|cause| cause.id()),
        "probes": probes.iter().map(each).collect::<Vec<_>>(),
    })
}

fn answer(answer: &Answer) -> Value {
    json!({ "accepted": answer.accepted(), "answer": answer.to_string() })
}

fn end(end: &End) -> Value {
    match end {
        End::Complete => json!({ "end": "complete" }),
        End::Unclear => json!({ "end": "unclear" }),
        End::Refused(why) => json!({ "end": "refused", "why": why }),
        End::Failed(why) => json!({ "end": "failed", "why": why }),
    }
}

fn of_version(facts: &Facts, of: &OfVersion) -> Value {
    let look = facts.looks.iter().find(|look| look.version == of.version);
    let resumption = look.and_then(|look| look.resumption);
    let (record, message, flight) = observed::sizes(&of.diagnosis);
    json!({
        "suites": names(&of.suites),
        "groups": names(&of.groups),
        "groups_hidden_by": of.hidden_by.map(|curve| curve.to_string()),
        "schemes": names(&of.schemes),
        "max_fragment_length": of.max_fragment_length,
        "record_size_limit": of.record_size_limit,
        "flight_bytes": flight,
        "largest_message_bytes": message,
        "largest_record_bytes": record,
        "client_certificate": look.map(|look| client_certificate(&look.client_certificate)),
        "with_certificate": look.and_then(|look| look.with_certificate.as_ref()).map(end),
        // Not known where a ticket may come with the first data.
        "resumes": resumption.and_then(|found| match found {
            Resumption::Resumed => Some(true),
            Resumption::NotResumed | Resumption::NoTicket => Some(false),
            Resumption::NoneBeforeData => None,
        }),
        "ticket_before_data": resumption.map(|found| match found {
            Resumption::Resumed | Resumption::NotResumed => true,
            Resumption::NoTicket | Resumption::NoneBeforeData => false,
        }),
    })
}

fn names<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(T::to_string).collect()
}

fn need(need: Need) -> &'static str {
    match need {
        Need::No => "no",
        Need::Can => "yes",
        Need::Must => "required",
    }
}

fn client_certificate(found: &ClientCertificate) -> Value {
    let wanted = |state: &str, wanted: &CredentialRequest| json!({ "state": state, "issuers": wanted.issuers, "schemes": wanted.schemes });
    match found {
        ClientCertificate::NotAsked => json!({ "state": "not asked" }),
        ClientCertificate::Asked(asked) => wanted("asked", asked),
        ClientCertificate::Required(asked, _) => wanted("required", asked),
        ClientCertificate::Unclear(asked) => wanted("unclear", asked),
        ClientCertificate::Unknown(why) => json!({ "state": "unknown", "why": why }),
    }
}

fn least(facts: &Facts, least: &MinimalProfile) -> Value {
    let needed: Vec<Value> = least
        .needed
        .iter()
        .map(|(part, why, less)| {
            json!({ "part": part.name(), "without": why.to_string(), "client_hello": bytes(less) })
        })
        .collect();
    let kept: Vec<Value> =
        least.kept.iter().map(|(part, why)| json!({ "part": part.name(), "why": why })).collect();
    let (proof, why) = match &least.proof {
        Proof::Connects(_) => ("connects", None),
        Proof::WantsCertificate(_) => ("wants certificate", None),
        Proof::NeedsPsk(_) => ("needs psk", None),
        Proof::No(why) => ("no", Some(why)),
    };
    let handclasp = options::handclasp(facts, least).ok();
    let profile = mbedtls::Profile { least, limits: facts.limits(least), own: facts.own(least) };
    json!({
        "version": least.hello.versions.first().map(|version| Named(*version).to_string()),
        "suites": names(&least.hello.suites),
        "groups": names(&least.hello.groups),
        "schemes": names(&least.hello.schemes),
        "psk": least.psk,
        "client_certificate": facts.requires_certificate(least),
        "needed": needed,
        "kept": kept,
        "client_hello": (!least.psk || !least.hello.tls13()).then(|| bytes(&least.hello)),
        "client_hello_bytes": least.client_hello,
        "flight_bytes": least.flight,
        "largest_record_bytes": least.largest_record,
        "largest_message_bytes": least.largest_message,
        "proof": proof,
        "why": why,
        "openssl": options::openssl(facts, least),
        "handclasp": handclasp,
        "mbedtls": mbedtls::lines(&profile),
    })
}

/// A hello as it would go out, in hexadecimal.
fn bytes(hello: &Hello) -> String {
    let share = ClientShare::of_first(&hello.groups).filter(|_| hello.tls13());
    hex(&hello.record(&[0x52; 32], share.as_ref()))
}
