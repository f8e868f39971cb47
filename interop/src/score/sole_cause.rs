//! Findings of one conversation that each claim to be the only cause: inferred ("the only cause consistent
//! with …") or proved. At most one of them is right, unless one handshake can have both.

use super::case::Finding;

/// Grades that exclude another cause.
const EXCLUSIVE: [&str; 2] = ["inferred", "proved"];

/// Beginnings of two causes that stand beside each other, and the reason.
const COMPATIBLE: [(&str, &str, &str); 1] = [(
    "hello.malformed.",
    "hello.malformed.",
    "one hello can have several wrong fields, and each needs its fix",
)];

/// The pairs of failures that contradict each other.
pub fn contradictions(case: &str, failures: &[&Finding]) -> Vec<String> {
    let exclusive: Vec<&&Finding> =
        failures.iter().filter(|finding| EXCLUSIVE.contains(&finding.grade.as_str())).collect();
    let mut pairs = Vec::new();
    for (index, one) in exclusive.iter().enumerate() {
        for other in exclusive.iter().skip(index + 1) {
            let same = one.conversation == other.conversation && one.cause != other.cause;
            if same && !are_compatible(&one.cause, &other.cause) {
                pairs.push(format!(
                    "{case}: {} is {}, and {} is {}",
                    one.cause, one.grade, other.cause, other.grade
                ));
            }
        }
    }
    pairs
}

fn are_compatible(one: &str, other: &str) -> bool {
    COMPATIBLE.iter().any(|(first, second, _)| one.starts_with(first) && other.starts_with(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::case::tests::finding;

    fn count(findings: &[Finding]) -> usize {
        contradictions("one", &findings.iter().collect::<Vec<_>>()).len()
    }

    #[test]
    fn two_causes_of_one_conversation_exclude_each_other() {
        let expired = || finding("cert.expired", "inferred");
        assert_eq!(count(&[expired(), finding("sni.missing", "proved")]), 1);
        assert_eq!(count(&[expired(), finding("sni.missing", "observed")]), 0);
        assert_eq!(count(&[expired(), finding("sni.missing", "possible")]), 0);
        let elsewhere = Finding { conversation: Some(2), ..finding("sni.missing", "inferred") };
        assert_eq!(count(&[expired(), elsewhere]), 0);
    }

    #[test]
    fn fields_of_one_hello_may_all_be_wrong() {
        let wrong = |field: &str| finding(&format!("hello.malformed.{field}"), "proved");
        assert_eq!(count(&[wrong("session-id"), wrong("cipher-suites")]), 0);
        assert_eq!(count(&[wrong("session-id"), finding("cert.expired", "proved")]), 1);
    }
}
