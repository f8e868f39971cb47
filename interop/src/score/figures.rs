//! The sums over a set: causes named first and among the first three, false alarms on handshakes that
//! complete, grades above what the inputs allow.

use std::fmt;

use super::judgement::{Judgement, Kind};

/// The sums.
#[derive(Default)]
pub struct Figures {
    /// All cases.
    pub cases: usize,
    /// Cases of a failure.
    pub failing: usize,
    /// Of these, the right cause first.
    pub first: usize,
    /// Of these, the right cause among the first three.
    pub of_three: usize,
    /// Of these, the very cause of the label first.
    first_is_label: usize,
    /// Of these, the right side with the right cause.
    side: usize,
    /// Cases where "no failure" is acceptable, too, and those with an acceptable answer.
    either: (usize, usize),
    /// Labels that name advice, and those of which some was given.
    advice: (usize, usize),
    misses: Vec<String>,
    either_misses: Vec<String>,
    alarms: Vec<String>,
    overclaims: Vec<String>,
    unanswered: Vec<String>,
}

impl Figures {
    /// Adds one case.
    pub fn add(&mut self, judgement: &Judgement) {
        self.cases += 1;
        if let Some(given) = judgement.advice {
            self.advice.0 += 1;
            self.advice.1 += usize::from(given);
        }
        match judgement.kind {
            Kind::Control => {}
            Kind::Either => {
                self.either.0 += 1;
                self.either.1 += usize::from(judgement.first);
                self.either_misses.extend(judgement.miss.clone());
            }
            Kind::Failure => {
                self.failing += 1;
                self.first += usize::from(judgement.first);
                self.first_is_label += usize::from(judgement.first_is_label);
                self.of_three += usize::from(judgement.of_three);
                self.side += usize::from(judgement.side);
                self.misses.extend(judgement.miss.clone());
            }
        }
        self.alarms.extend(judgement.false_alarm.clone());
        self.overclaims.extend(judgement.overclaims.iter().cloned());
        self.unanswered.extend(judgement.no_answer.clone());
    }

    /// Whether no case was added.
    pub fn is_empty(&self) -> bool {
        self.cases == 0
    }

    /// What must not occur in any case.
    pub fn violations(&self) -> [(&'static str, &[String]); 3] {
        [
            ("false alarms", &self.alarms),
            ("grades above the evidence", &self.overclaims),
            ("cases without an answer", &self.unanswered),
        ]
    }

    /// Cases that are wrong, and the lesser figures.
    pub fn details(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (what, list) in [
            ("another cause first", &self.misses),
            ("not acceptable, no failure would be", &self.either_misses),
            ("false alarm", &self.alarms),
            ("grade above the evidence", &self.overclaims),
            ("no answer", &self.unanswered),
        ] {
            lines.extend(list.iter().map(|one| format!("{what}: {one}")));
        }
        lines.push(format!(
            "first by the very label {}; right side {}; either-way cases {} of {}; advice given {} of {}",
            percent(self.first_is_label, self.failing),
            percent(self.side, self.first),
            self.either.1,
            self.either.0,
            self.advice.1,
            self.advice.0,
        ));
        lines
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = percent(self.first, self.failing);
        let three = percent(self.of_three, self.failing);
        write!(f, "first {first}, of three {three}, {} false alarms", self.alarms.len())
    }
}

/// `1/3 = 33.3 %`, rounded down.
pub fn percent(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or(1000);
    format!("{part}/{whole} = {}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::case::tests::{case, finding};

    #[test]
    fn cases_are_summed_by_kind() {
        let mut figures = Figures::default();
        let failing = case("psk.value.encoding", &["psk.value.differs"], "inferred");
        let mut add = |case: &_, findings| figures.add(&Judgement::of(case, findings));
        add(&failing, Ok(vec![finding("psk.value.differs", "inferred"), finding("cert.expired", "proved")]));
        add(&failing, Ok(vec![finding("cert.expired", "proved"), finding("psk.value.encoding", "observed")]));
        add(&failing, Err(anyhow::anyhow!("crashed")));
        add(&case("none", &[], "observed"), Ok(vec![finding("none", "observed")]));
        add(&case("none", &[], "observed"), Ok(vec![finding("sni.missing", "possible")]));
        add(&case("transport.silent", &["none"], "observed"), Ok(Vec::new()));
        assert_eq!((figures.cases, figures.failing, figures.first, figures.of_three), (6, 3, 1, 2));
        assert_eq!((figures.first_is_label, figures.either), (0, (1, 1)));
        // A wrong cause that is proved, and a grade above the label's.
        assert_eq!(figures.violations().map(|(_, list)| list.len()), [1, 2, 1]);
        assert_eq!(figures.details().len(), 2 + 1 + 2 + 1 + 1);
        assert_eq!(figures.to_string(), "first 1/3 = 33.3 %, of three 2/3 = 66.6 %, 1 false alarms");
    }
}
