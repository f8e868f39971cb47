//! What the answer of `check` must say: `POINTER = VALUE`, `POINTER has TEXT`, `POINTER lacks TEXT`,
//! `POINTER all TEXT`. The pointer is JSON's (RFC 6901), the value is JSON, or else a string; the last
//! three are about the text of a string or of each entry of a list.

use anyhow::{Result, bail};
use serde_json::Value;

/// Those that do not hold.
pub fn complaints(found: &Value, facts: &[String]) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    for fact in facts {
        let value = |pointer: &str| found.pointer(pointer).cloned().unwrap_or_default();
        let holds = if let Some((pointer, wanted)) = fact.split_once(" = ") {
            value(pointer)
                == serde_json::from_str(wanted).unwrap_or_else(|_| Value::String(wanted.to_owned()))
        } else if let Some((pointer, wanted)) = fact.split_once(" has ") {
            entries(&value(pointer)).iter().any(|entry| entry.contains(wanted))
        } else if let Some((pointer, wanted)) = fact.split_once(" lacks ") {
            !entries(&value(pointer)).iter().any(|entry| entry.contains(wanted))
        } else if let Some((pointer, wanted)) = fact.split_once(" all ") {
            let entries = entries(&value(pointer));
            !entries.is_empty() && entries.iter().all(|entry| entry.contains(wanted))
        } else {
            bail!("`{fact}` is no fact");
        };
        if !holds {
            let pointer = fact.split([' ']).next().unwrap_or_default();
            complaints.push(format!("`{fact}` does not hold: {}", value(pointer)));
        }
    }
    Ok(complaints)
}

fn entries(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => {
            list.iter().map(|entry| entry.as_str().map_or_else(|| entry.to_string(), str::to_owned)).collect()
        }
        Value::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_hold_or_do_not() {
        let found = serde_json::json!({ "a": { "b c": ["x1", "x2"], "n": 3 }, "s": "text" });
        let of = |fact: &str| complaints(&found, &[fact.to_owned()]).unwrap().len();
        for good in [
            "/a/n = 3",
            "/s = text",
            "/a/b c = [\"x1\",\"x2\"]",
            "/a/b c has x2",
            "/a/b c all x",
            "/s lacks y",
        ] {
            assert_eq!(of(good), 0, "{good}");
        }
        for bad in ["/a/n = 4", "/no = 1", "/a/b c has x3", "/a/b c all x1", "/s lacks tex"] {
            assert_eq!(of(bad), 1, "{bad}");
        }
        assert!(complaints(&found, &["/a".to_owned()]).is_err());
    }
}
