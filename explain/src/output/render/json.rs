//! The result as JSON for scripts. Names of keys and ids of causes are stable.

use serde_json::{Value, json};

use super::{ladder, rfc3339, steers, suggestions};
use crate::conversation::{Conversation, Ending, Stage};
use crate::diagnosis::certificate_summary;
use crate::diagnosis::explanation::{Diagnosis, Explanation};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::ruled_out::ruled_out;
use crate::input::capture::SkippedPackets;
use crate::input::capture_event::Side;
use crate::input::evidence::AnswerNow;

/// Renders an explanation as one JSON object.
///
/// ```
/// # fn main() -> Result<(), handclasp_explain::Error> {
/// use handclasp_explain::{explain_bytes, render};
///
/// let explanation = explain_bytes(b"15 03 03 00 02 02 28")?;
/// let value: serde_json::Value = serde_json::from_str(&render::json(&explanation)).unwrap();
/// assert!(value["findings"][0]["cause"].is_string());
/// # Ok(())
/// # }
/// ```
pub fn json(explained: &Explanation) -> String {
    let findings: Vec<Value> =
        explained.located_findings().into_iter().map(|(finding, index)| found(finding, index)).collect();
    // Serialized one at a time: as `Value`s together they would need many times the memory.
    let conversations: Vec<String> =
        explained.conversations.iter().map(|diagnosis| format!("{:#}", conversation(diagnosis))).collect();
    let diagnosis = explained.main();
    let repaired = explained.dissection.as_ref().and_then(|pasted| pasted.repaired.as_deref());
    let completed = explained.dissection.as_ref().and_then(|pasted| pasted.completed.as_ref());
    let more: Vec<Value> = suggestions::lines(explained, "FILE").iter().map(proposed).collect();
    let reports: Vec<&str> = explained.reports.iter().map(|reported| side(reported.report.own())).collect();
    let lines: Vec<Option<usize>> = explained.reports.iter().map(|reported| reported.line).collect();
    let damaged: Vec<String> = explained.damaged_lines.iter().map(ToString::to_string).collect();
    // Findings come first; serde_json would sort the keys.
    let whole = [
        ("findings", json!(findings)),
        (
            "not_the_cause",
            json!(
                diagnosis
                    .map(|diagnosis| ruled_out(&diagnosis.conversation, &diagnosis.findings))
                    .unwrap_or_default()
            ),
        ),
        ("server_now", server_now(explained)),
        ("more_evidence", json!(more)),
        ("repaired", json!(repaired.map(hex))),
        ("completed", json!(completed.map(|completed| hex(&completed.bytes)))),
        ("reports", json!(reports)),
        ("report_lines", json!(lines)),
        ("damaged_lines", json!(damaged)),
        ("read", read(explained)),
    ];
    let members: String = whole.iter().map(|(key, value)| format!("\"{key}\": {value:#},\n")).collect();
    let conversations = conversations.join(",\n");
    escaped(format!("{{\n{members}\"conversations\": [{conversations}]\n}}\n"))
}

/// Escapes characters that could control a terminal. JSON requires this only for the control
/// characters of ASCII (RFC 8259 §7); such characters occur only inside strings.
fn escaped(json: String) -> String {
    let unfit = |found: char| found != '\n' && steers(found);
    if !json.chars().any(unfit) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for found in json.chars() {
        if !unfit(found) {
            out.push(found);
            continue;
        }
        for unit in found.encode_utf16(&mut [0; 2]) {
            out += &format!("\\u{unit:04x}");
        }
    }
    out
}

fn found(finding: &Finding, index: Option<usize>) -> Value {
    json!({
        "cause": finding.cause.id(),
        "grade": finding.confidence.id(),
        "side": finding.side.id(),
        "severity": severity(finding.severity),
        "summary": finding.summary,
        "evidence": finding.evidence,
        "fix": finding.fix.iter().map(|fix| &fix.text).collect::<Vec<_>>(),
        "fix_side": finding.fix.iter().map(|fix| fix.side.unwrap_or(finding.side).id()).collect::<Vec<_>>(),
        "how": finding.how.iter().map(|how| json!({
            "software": how.software, "side": how.side.id(), "sign": how.sign, "lines": how.lines,
        })).collect::<Vec<_>>(),
        "bytes": finding.range.as_ref().map(|range| [range.start, range.end]),
        "conversation": index.map(|index| index + 1),
        "as_of": if finding.as_of_now { "now" } else { "capture" },
    })
}

/// What the server answers now, if it was asked.
fn server_now(explained: &Explanation) -> Value {
    let Some((index, now)) = &explained.server_now else { return Value::Null };
    let (answer, detail) = match &now.answer {
        AnswerNow::Continues => ("continues", None),
        AnswerNow::Refuses(alert) => ("refuses", Some(alert.to_string())),
        AnswerNow::Closes => ("closes", None),
        AnswerNow::Silent => ("silent", None),
        AnswerNow::NotTls(what) => ("not tls", Some(what.clone())),
        AnswerNow::Unreachable(why) => ("unreachable", Some(why.clone())),
    };
    let summary = |der: &Vec<u8>| certificate_summary::summary(der);
    json!({
        "address": now.address,
        "at": rfc3339(now.at),
        "conversation": index.map(|index| index + 1),
        "answer": answer,
        "detail": detail,
        "version": now.version.map(|version| handclasp_report::Named(version).to_string()),
        "suite": now.suite.map(|suite| suite.to_string()),
        "group": now.group.map(|group| group.to_string()),
        "protocol": now.protocol,
        "chain": now.chain.iter().map(summary).collect::<Vec<_>>(),
        "notes": explained.server_now_lines(),
    })
}

fn proposed(more: &suggestions::Suggestion) -> Value {
    json!({ "why": more.why, "command": more.command })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Failure => "failure",
        Severity::Advice => "advice",
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

fn conversation(diagnosis: &Diagnosis) -> Value {
    let conversation = &diagnosis.conversation;
    let name = conversation.client_hello().and_then(|hello| {
        let names = hello.extensions.server_name?;
        names.host_name().map(|name| String::from_utf8_lossy(name).into_owned())
    });
    let failure = diagnosis.findings.iter().find(|finding| finding.severity == Severity::Failure);
    json!({
        "client": conversation.client,
        "server": conversation.server,
        "version": conversation.version().map(|version| handclasp_report::Named(version).to_string()),
        "suite": conversation.suite().map(|suite| suite.to_string()),
        "sni": name,
        "cause": failure.map_or("none", |finding| finding.cause.id()),
        "ending": ending(conversation),
        "stage": stage(conversation.stage()),
        "started": conversation.events.first().and_then(|item| item.position.time).and_then(rfc3339),
        "begins_late": conversation.begins_late,
        "dropped": conversation.dropped,
        "messages": ladder::rows(conversation).iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &ladder::Row) -> Value {
    json!({
        "from": side(row.from),
        "name": row.label,
        "detail": row.detail,
        "frame": row.frame,
        "time": row.since.map(|since| since.as_secs_f64()),
        "offset": row.offset,
        "length": row.bytes,
        "protected": row.opened || row.tone == ladder::Tone::Closed,
        "opened": row.opened,
    })
}

fn ending(conversation: &Conversation) -> Value {
    let by = |how: &str, who: Side| json!({ "how": how, "by": side(who) });
    match conversation.ending() {
        Ending::Completed => json!({ "how": "completed" }),
        Ending::Refused { by, alert, .. } => json!({
            "how": "refused", "by": side(by), "alert": alert.to_string(), "number": alert.0,
        }),
        Ending::RefusedEncrypted { by: who, .. } => by("refused with an encrypted alert", who),
        Ending::Closed { by: who } => by("closed", who),
        Ending::Reset { by: who } => by("reset", who),
        Ending::Silent { expected: owing } => by("silent", owing),
        Ending::ConnectionRefused => json!({ "how": "connection refused" }),
        Ending::NoAnswer => json!({ "how": "no answer" }),
        Ending::Unknown => json!({ "how": "unknown" }),
    }
}

fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Nothing => "nothing",
        Stage::MalformedHello => "broken hello",
        Stage::ClientHello => "client hello",
        Stage::ServerHello => "server hello",
        Stage::ServerFlight => "server flight",
        Stage::ClientFlight => "client flight",
        Stage::Complete => "complete",
    }
}

fn read(explained: &Explanation) -> Value {
    match &explained.packets {
        Some(read) => json!({
            "packets": read.packets,
            "conversations": explained.conversations.len() + explained.omitted,
            "omitted": explained.omitted,
            "cut": read.cut,
            "skipped": skipped(&read.skipped),
            "damaged": read.damaged.as_ref().map(ToString::to_string),
        }),
        None => json!({ "bytes": explained.dissection.as_ref().map(|pasted| pasted.bytes.len()) }),
    }
}

fn skipped(packets: &SkippedPackets) -> Value {
    let SkippedPackets { quic, dtls, udp, icmp, fragments, other_ip, not_ip, broken } = packets;
    json!({
        "quic": quic, "dtls": dtls, "udp": udp, "icmp": icmp, "fragments": fragments,
        "other_ip": other_ip, "not_ip": not_ip, "broken": broken,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
