//! What devices, tokens and their libraries print, given alone: the first finding is the cause that the lines
//! or the thread support, it is read as the log of the right side, and a number with several meanings is
//! "possible" only.

use handclasp_explain::{Confidence, Evidence, Explainer, Explanation};

/// `tests/vectors/device-logs.txt`, which says how its lines are labelled.
const LOGS: &str = include_str!("vectors/device-logs.txt");

/// Logs whose first finding is another than labelled.
const KNOWN_MISSES: [&str; 0] = [];

struct Log<'a> {
    name: &'a str,
    side: &'a str,
    /// Causes, with `?` behind those that are possible at most.
    causes: Vec<&'a str>,
    text: &'a str,
}

fn logs() -> Vec<Log<'static>> {
    let blocks = LOGS.split("\n== ").skip(1);
    blocks
        .map(|block| {
            let (head, text) = block.split_once('\n').unwrap();
            let fields: Vec<&str> = head.split(" | ").collect();
            let [name, side, causes, _source] = fields[..] else { panic!("{head}") };
            Log { name, side, causes: causes.split(' ').collect(), text: text.trim() }
        })
        .collect()
}

/// What is wrong with the answer, if something is.
fn wrong(log: &Log<'_>) -> Option<String> {
    let explained: Explanation = match Explainer::new(&Evidence::default()).explain_bytes(log.text.as_bytes())
    {
        Ok(explained) => explained,
        Err(_) if log.causes.contains(&"none") => return None,
        Err(error) => return Some(format!("{}: {error}", log.name)),
    };
    let Some(first) = explained.first() else {
        return (!log.causes.contains(&"none")).then(|| format!("{}: nothing found", log.name));
    };
    let (cause, possible) = (first.cause.id(), first.confidence == Confidence::Possible);
    let right = log.causes.iter().any(|label| match label.strip_suffix('?') {
        Some(label) => label == cause && possible,
        None => *label == cause,
    });
    let other = if log.side == "client" { "the server's log" } else { "the client's log" };
    let sided = log.side == "-" || !first.evidence.iter().any(|line| line.contains(other));
    let said = format!("{}: {cause} {:?} {:?}", log.name, first.confidence, first.evidence);
    (!right || !sided).then_some(said)
}

#[test]
fn the_first_finding_is_the_cause() {
    let logs = logs();
    assert_eq!(logs.len(), 214);
    let wrong: Vec<String> = logs.iter().filter_map(wrong).collect();
    let names: Vec<&str> = wrong.iter().filter_map(|said| said.split(':').next()).collect();
    assert_eq!(
        names,
        KNOWN_MISSES,
        "{} of {} right\n{}",
        logs.len() - wrong.len(),
        logs.len(),
        wrong.join("\n")
    );
}
