//! The figures: causes named first and among the first three, false alarms on handshakes that
//! complete, grades above what the inputs allow, and the floor below which the step fails.

use std::fmt;

use anyhow::Result;

use super::case::{Case, Said};

/// Of a hundred failing cases, so many must have the cause named first.
const TOP_ONE: usize = 95;
/// And so many among the first three.
const TOP_THREE: usize = 98;

/// What was counted.
#[derive(Default)]
pub struct Tally {
    failing: usize,
    top_one: usize,
    /// Named first, by the very label.
    strict: usize,
    top_three: usize,
    side: usize,
    controls: usize,
    /// Cases for which "no failure" is an answer too, and those answered acceptably.
    either: (usize, usize),
    /// Labels that name advice, and those of which some was given.
    advice: (usize, usize),
    misses: Vec<String>,
    alarms: Vec<String>,
    either_wrong: Vec<String>,
    overclaims: Vec<String>,
    broken: Vec<String>,
}

impl Tally {
    /// Counts one case.
    pub fn add(&mut self, case: &Case, said: Result<Vec<Said>>) {
        let said = said.unwrap_or_else(|error| {
            self.broken.push(format!("{}: {error:#}", case.name));
            Vec::new()
        });
        let advised = |said: &Said| said.is_advice && case.advice.contains(&said.cause);
        self.advice.0 += usize::from(!case.advice.is_empty());
        self.advice.1 += usize::from(said.iter().any(advised));
        let mut failures: Vec<&Said> = said.iter().filter(|said| !said.is_advice).collect();
        if failures.first().is_some_and(|first| first.cause == "none") {
            failures.clear();
        }
        let first = failures.first().map_or("none", |first| &first.cause);
        if case.cause == "none" {
            self.controls += 1;
            if !failures.is_empty() {
                self.alarms.push(format!("{}: {first}", case.name));
            }
        } else if case.accepts("none") {
            self.either.0 += 1;
            self.either.1 += usize::from(case.accepts(first));
            if !case.accepts(first) {
                self.either_wrong.push(format!("{}: {first}", case.name));
            }
        } else {
            self.failing(case, &failures, first);
        }
        self.grades(case, &failures);
    }

    fn failing(&mut self, case: &Case, failures: &[&Said], first: &str) {
        let right = case.accepts(first);
        let three: Vec<&str> = failures.iter().take(3).map(|said| said.cause.as_str()).collect();
        self.failing += 1;
        self.top_one += usize::from(right);
        self.strict += usize::from(first == case.cause);
        self.top_three += usize::from(three.iter().any(|cause| case.accepts(cause)));
        self.side += usize::from(right && failures.first().is_some_and(|first| first.side == case.side));
        if !right {
            let told = if three.is_empty() { "nothing".to_owned() } else { three.join(" > ") };
            self.misses.push(format!("{}: {}, said {told}", case.cause, case.name));
        }
    }

    fn grades(&mut self, case: &Case, failures: &[&Said]) {
        for (place, said) in failures.iter().take(3).enumerate() {
            let top = case.allows(&said.cause);
            if case.accepts(&said.cause) && said.cause != "none" {
                if rank(&said.grade) > rank(top) {
                    self.overclaims.push(format!(
                        "{}: {} called {}, the inputs allow {top}",
                        case.name, said.cause, said.grade
                    ));
                }
            } else if said.grade == "proved" && place == 0 {
                self.overclaims
                    .push(format!("{}: {} called proved, it is {}", case.name, said.cause, case.cause));
            }
        }
    }

    /// What is below the floor, in words.
    pub fn short_of_the_floor(&self) -> Vec<String> {
        let mut short = Vec::new();
        for (what, count, floor) in
            [("named first", self.top_one, TOP_ONE), ("among the first three", self.top_three, TOP_THREE)]
        {
            if count * 100 < self.failing * floor {
                short.push(format!("{what} {}, wanted {floor} %", percent(count, self.failing)));
            }
        }
        for (what, list) in [
            ("false alarms", &self.alarms),
            ("grades above the evidence", &self.overclaims),
            ("without an answer", &self.broken),
        ] {
            if !list.is_empty() {
                short.push(format!("{} {what}, wanted none", list.len()));
            }
        }
        short
    }

    /// Cases that are not as they should be, and the lesser figures.
    pub fn told(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (what, list) in [
            ("another cause first", &self.misses),
            ("false alarm", &self.alarms),
            ("not acceptable, no failure would be", &self.either_wrong),
            ("grade above the evidence", &self.overclaims),
            ("no answer", &self.broken),
        ] {
            let mut list = list.clone();
            list.sort();
            lines.extend(list.into_iter().map(|one| format!("  {what}: {one}")));
        }
        lines.push(format!(
            "  named first by the very label {}; the right side {}; either-way cases {} of {}; advice given {} of {}",
            percent(self.strict, self.failing),
            percent(self.side, self.top_one),
            self.either.1,
            self.either.0,
            self.advice.1,
            self.advice.0,
        ));
        lines
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = percent(self.top_one, self.failing);
        let three = percent(self.top_three, self.failing);
        write!(f, "first {first}, of three {three}, {} false alarms", self.alarms.len())
    }
}

fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{part}/{whole} = {}.{} %", tenths / 10, tenths % 10)
}

/// Higher is surer. What is no grade is above all, so that it shows.
fn rank(grade: &str) -> usize {
    let grades = ["possible", "inferred", "observed", "proved"];
    grades.iter().position(|known| *known == grade).unwrap_or(grades.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::case::tests::{case, said};

    #[test]
    fn what_counts_as_what() {
        let mut tally = Tally::default();
        let failing = case("psk.value.encoding", &["psk.value.differs"], "inferred");
        tally.add(&failing, Ok(vec![said("psk.value.differs", "inferred"), said("cert.expired", "proved")]));
        tally.add(&failing, Ok(vec![said("cert.expired", "proved"), said("psk.value.encoding", "observed")]));
        tally.add(&failing, Err(anyhow::anyhow!("crashed")));
        tally.add(&case("none", &[], "observed"), Ok(vec![said("none", "observed")]));
        tally.add(&case("none", &[], "observed"), Ok(vec![said("sni.missing", "possible")]));
        tally.add(&case("transport.silent", &["none"], "observed"), Ok(Vec::new()));
        assert_eq!((tally.failing, tally.top_one, tally.strict, tally.top_three), (3, 1, 0, 2));
        assert_eq!((tally.controls, tally.alarms.len(), tally.either), (2, 1, (1, 1)));
        // A wrong cause called proved, and a grade above the label's.
        assert_eq!((tally.overclaims.len(), tally.broken.len(), tally.misses.len()), (2, 1, 2));
        let short = tally.short_of_the_floor();
        assert_eq!(short.len(), 5, "{short:?}");
        assert_eq!(tally.to_string(), "first 1/3 = 33.3 %, of three 2/3 = 66.6 %, 1 false alarms");
    }

    #[test]
    fn advice_is_no_answer() {
        let mut tally = Tally::default();
        let advice = Said { is_advice: true, ..said("sni.missing", "observed") };
        tally.add(&case("none", &[], "observed"), Ok(vec![advice]));
        assert!(tally.alarms.is_empty() && tally.short_of_the_floor().is_empty());
    }
}
