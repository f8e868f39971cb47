//! One case judged: the findings of the program compared with the label.

use anyhow::Result;

use super::case::{Case, Finding};
use super::sole_cause;

/// Confidences, from the weakest to the strongest.
const GRADES: [&str; 4] = ["possible", "inferred", "observed", "proved"];

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A handshake that fails.
    Failure,
    /// A handshake that completes: every finding of a failure is a false alarm.
    Control,
    /// A failure that the inputs may not show: "no failure" is an acceptable answer, too.
    Either,
}

/// The comparison.
#[derive(Debug)]
pub struct Judgement {
    /// What the case is about.
    pub kind: Kind,
    /// An acceptable cause is first.
    pub first: bool,
    /// The very cause of the label is first.
    pub first_is_label: bool,
    /// An acceptable cause is among the first three.
    pub of_three: bool,
    /// The first finding is right, and so is the side that it holds responsible.
    pub side: bool,
    /// Whether advice was given that the label names; `None` if it names none.
    pub advice: Option<bool>,
    /// The first finding is wrong: what was expected, and what was found.
    pub miss: Option<String>,
    /// A failure found in a handshake that completes.
    pub false_alarm: Option<String>,
    /// Grades above what the inputs allow.
    pub overclaims: Vec<String>,
    /// Findings of one conversation that both claim to be the only cause.
    pub contradictions: Vec<String>,
    /// The program gave no answer.
    pub no_answer: Option<String>,
}

impl Judgement {
    /// Judges the findings of a case.
    pub fn of(case: &Case, findings: Result<Vec<Finding>>) -> Self {
        let (findings, no_answer) = match findings {
            Ok(findings) => (findings, None),
            Err(error) => (Vec::new(), Some(format!("{}: {error:#}", case.name))),
        };
        let given = |finding: &Finding| finding.is_advice && case.advice.contains(&finding.cause);
        let advice = (!case.advice.is_empty()).then(|| findings.iter().any(given));
        let mut failures: Vec<&Finding> = findings.iter().filter(|finding| !finding.is_advice).collect();
        if failures.first().is_some_and(|first| first.cause == "none") {
            failures.clear();
        }
        let kind = match case.cause.as_str() {
            "none" => Kind::Control,
            _ if case.accepts("none") => Kind::Either,
            _ => Kind::Failure,
        };
        let cause = failures.first().map_or("none", |first| &first.cause);
        let three: Vec<&str> = failures.iter().take(3).map(|finding| finding.cause.as_str()).collect();
        let first = case.accepts(cause);
        let found = if three.is_empty() { "none".to_owned() } else { three.join(" > ") };
        Self {
            kind,
            first,
            first_is_label: cause == case.cause,
            of_three: three.iter().any(|cause| case.accepts(cause)),
            side: first && failures.first().is_some_and(|first| first.side == case.side),
            advice,
            miss: (kind != Kind::Control && !first)
                .then(|| format!("{}: expected {}, found {found}", case.name, case.cause)),
            false_alarm: (kind == Kind::Control && !failures.is_empty())
                .then(|| format!("{}: {found}", case.name)),
            overclaims: overclaims(case, &failures),
            contradictions: sole_cause::contradictions(&case.name, &failures),
            no_answer,
        }
    }

    /// What fails a case whether its miss is known or not.
    pub fn violations(&self) -> Vec<String> {
        let alarm = self.false_alarm.iter().map(|alarm| format!("false alarm: {alarm}"));
        let claims = self.overclaims.iter().map(|claim| format!("grade above the evidence: {claim}"));
        let no_answer = self.no_answer.iter().map(|why| format!("no answer: {why}"));
        let rivals = self.contradictions.iter().map(|pair| format!("two only causes: {pair}"));
        alarm.chain(claims).chain(rivals).chain(no_answer).collect()
    }
}

/// Grades above what the inputs allow, among the first three.
fn overclaims(case: &Case, failures: &[&Finding]) -> Vec<String> {
    let mut overclaims = Vec::new();
    for (place, finding) in failures.iter().take(3).enumerate() {
        let (cause, grade) = (&finding.cause, &finding.grade);
        let allowed = case.allowed_grade(cause);
        if case.accepts(cause) && cause != "none" {
            if rank(grade) > rank(allowed) {
                overclaims.push(format!("{}: {cause} is {grade}, the inputs allow {allowed}", case.name));
            }
        } else if grade == "proved" && place == 0 {
            overclaims.push(format!("{}: {cause} is proved, the cause is {}", case.name, case.cause));
        }
    }
    overclaims
}

/// Higher is more certain. An unknown grade is above all, so that it is reported.
fn rank(grade: &str) -> usize {
    GRADES.iter().position(|known| *known == grade).unwrap_or(GRADES.len())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::score::case::tests::{case, finding};

    /// The judgement of these findings, causes with grades, on a case of this cause, allowed as observed.
    pub fn judged(cause: &str, findings: &[(&str, &str)]) -> Judgement {
        let findings = findings.iter().map(|(cause, grade)| finding(cause, grade)).collect();
        Judgement::of(&case(cause, &[], "observed"), Ok(findings))
    }

    #[test]
    fn an_accepted_cause_counts_as_first_but_not_as_the_label() {
        let case = case("psk.value.encoding", &["psk.value.differs"], "inferred");
        let judgement = Judgement::of(&case, Ok(vec![finding("psk.value.differs", "inferred")]));
        assert!(judgement.first && judgement.of_three && judgement.side && !judgement.first_is_label);
        assert!(judgement.miss.is_none() && judgement.violations().is_empty());
    }

    #[test]
    fn another_cause_first_is_a_miss() {
        let judgement = judged("sni.missing", &[("cert.expired", "inferred"), ("sni.missing", "observed")]);
        assert!(!judgement.first && judgement.of_three && judgement.violations().is_empty());
        assert_eq!(judgement.miss.unwrap(), "one: expected sni.missing, found cert.expired > sni.missing");
    }

    #[test]
    fn findings_on_a_handshake_that_completes_are_false_alarms() {
        assert!(judged("none", &[("none", "observed")]).violations().is_empty());
        let judgement = judged("none", &[("sni.missing", "possible")]);
        assert_eq!((judgement.kind, judgement.violations().len()), (Kind::Control, 1));
    }

    #[test]
    fn advice_is_not_a_finding_of_a_failure() {
        let advice = Finding { is_advice: true, ..finding("sni.missing", "observed") };
        let judgement = Judgement::of(&case("none", &[], "observed"), Ok(vec![advice]));
        assert!(judgement.violations().is_empty() && judgement.advice.is_none());
    }

    #[test]
    fn grades_are_limited_by_the_inputs() {
        assert_eq!(judged("sni.missing", &[("sni.missing", "proved")]).violations().len(), 1);
        assert_eq!(judged("sni.missing", &[("sni.missing", "certain")]).violations().len(), 1);
        assert_eq!(judged("sni.missing", &[("cert.expired", "proved")]).violations().len(), 1);
        assert!(judged("sni.missing", &[("sni.missing", "inferred")]).violations().is_empty());
    }

    #[test]
    fn two_only_causes_are_a_violation() {
        let judgement = judged("sni.missing", &[("sni.missing", "inferred"), ("cert.expired", "inferred")]);
        assert_eq!(judgement.violations().len(), 1);
    }

    #[test]
    fn no_answer_is_a_violation_and_a_miss() {
        let judgement = Judgement::of(&case("sni.missing", &[], "observed"), Err(anyhow::anyhow!("crashed")));
        assert_eq!(judgement.violations(), ["no answer: one: crashed"]);
        assert!(judgement.miss.is_some());
    }

    #[test]
    fn silence_is_right_where_the_label_accepts_it() {
        let case = case("transport.silent", &["none"], "observed");
        let judgement = Judgement::of(&case, Ok(Vec::new()));
        assert!(judgement.kind == Kind::Either && judgement.first && judgement.miss.is_none());
    }
}
