//! Logs of programs: messages of public reports with what was really wrong, and ordinary logs in which
//! nothing is.

use std::collections::BTreeSet;

use handclasp_explain::{Cause, CauseFamily, explain_bytes};

const MESSAGES: &str = include_str!("vectors/log-messages.txt");
const FRESH: &str = include_str!("vectors/log-messages-fresh.txt");
const HEALTHY: &str = include_str!("vectors/log-healthy.txt");

/// A message of the tables.
struct Message {
    id: &'static str,
    side: &'static str,
    families: Vec<CauseFamily>,
    text: String,
}

fn messages(table: &'static str) -> Vec<Message> {
    let mut found: Vec<Message> = Vec::new();
    for line in table.lines().skip_while(|line| line.starts_with("# ")) {
        if let Some(head) = line.strip_prefix("== ") {
            let fields: Vec<&str> = head.split('|').map(str::trim).collect();
            found.push(Message {
                id: fields[0],
                side: fields[1],
                families: fields[2].split(',').map(family).collect(),
                text: String::new(),
            });
        } else if let Some(last) = found.last_mut() {
            last.text.push_str(line);
            last.text.push('\n');
        }
    }
    found
}

fn family(id: &str) -> CauseFamily {
    let known = Cause::ALL.iter().find(|cause| cause.id() == id.trim());
    known.unwrap_or_else(|| panic!("{id} is not a cause")).family()
}

/// What is wrong with what `explain` says of a message: `None` if the family of its first cause and the
/// side are right.
fn miss(message: &Message) -> Option<String> {
    let explanation = match explain_bytes(message.text.as_bytes()) {
        Ok(explanation) => explanation,
        Err(error) => return Some(error.to_string()),
    };
    let Some(first) = explanation.verdict() else { return Some("not understood".to_owned()) };
    let is_of = |side: &str| first.evidence.iter().any(|line| line.contains(&format!("of the {side}'s log")));
    if !message.families.contains(&first.cause.family()) {
        return Some(format!("{} is another family", first.cause.id()));
    }
    (message.side != "?" && !is_of(message.side)).then(|| "read as the log of the other side".to_owned())
}

/// Fails unless exactly the known messages are misread.
fn check(table: &'static str, at_least: usize, known: &[&str]) {
    let all = messages(table);
    let ids: BTreeSet<&str> = all.iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), all.len(), "each id once");
    let missed: Vec<(&str, String)> =
        all.iter().filter_map(|message| Some((message.id, miss(message)?))).collect();
    let missed_ids: Vec<&str> = missed.iter().map(|(id, _)| *id).collect();
    assert_eq!(missed_ids, known, "{missed:#?}");
    assert!(all.len() - missed.len() >= at_least, "{} of {}", all.len() - missed.len(), all.len());
}

#[test]
fn messages_of_reports() {
    check(MESSAGES, 136, &[]);
}

#[test]
fn messages_collected_afterwards() {
    check(FRESH, 270, &["java-46"]);
}

#[test]
fn ordinary_logs_have_no_finding() {
    let lines: Vec<&str> = HEALTHY.lines().filter(|line| !line.starts_with("# ")).collect();
    assert!(lines.len() >= 40, "{}", lines.len());
    for line in lines.iter().copied().chain([HEALTHY]) {
        let found = explain_bytes(line.as_bytes());
        let first = found.as_ref().ok().and_then(|explanation| explanation.verdict());
        assert_eq!(first, None, "{line}");
    }
}
