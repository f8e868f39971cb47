//! Facts about the JSON of `check`: `POINTER = VALUE`, `POINTER has TEXT`, `POINTER lacks TEXT`,
//! `POINTER all TEXT`. The pointer is a JSON Pointer (RFC 6901), the value is JSON or else a string; the
//! last three look for a text in a string, or in some, none or all entries of a list.

use anyhow::{Result, bail};
use serde_json::Value;

/// A message for each fact that does not hold.
pub fn failures(found: &Value, facts: &[String]) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    for fact in facts {
        let value = |pointer: &str| found.pointer(pointer).cloned().unwrap_or_default();
        let holds = if let Some((pointer, expected)) = fact.split_once(" = ") {
            value(pointer)
                == serde_json::from_str(expected).unwrap_or_else(|_| Value::String(expected.to_owned()))
        } else if let Some((pointer, expected)) = fact.split_once(" has ") {
            entries(&value(pointer)).iter().any(|entry| entry.contains(expected))
        } else if let Some((pointer, expected)) = fact.split_once(" lacks ") {
            !entries(&value(pointer)).iter().any(|entry| entry.contains(expected))
        } else if let Some((pointer, expected)) = fact.split_once(" all ") {
            let entries = entries(&value(pointer));
            !entries.is_empty() && entries.iter().all(|entry| entry.contains(expected))
        } else {
            bail!("`{fact}` is not a fact");
        };
        if !holds {
            let pointer = fact.split([' ']).next().unwrap_or_default();
            failures.push(format!("`{fact}` does not hold: {}", value(pointer)));
        }
    }
    Ok(failures)
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
        let count = |fact: &str| failures(&found, &[fact.to_owned()]).unwrap().len();
        for good in [
            "/a/n = 3",
            "/s = text",
            "/a/b c = [\"x1\",\"x2\"]",
            "/a/b c has x2",
            "/a/b c all x",
            "/s lacks y",
        ] {
            assert_eq!(count(good), 0, "{good}");
        }
        for bad in ["/a/n = 4", "/no = 1", "/a/b c has x3", "/a/b c all x1", "/s lacks tex"] {
            assert_eq!(count(bad), 1, "{bad}");
        }
        assert!(failures(&found, &["/a".to_owned()]).is_err());
    }
}
