//! The budgets of `firmware/budgets.tsv`, for Cortex-M4.

use std::fmt;

use anyhow::{Context as _, Result, bail};

use crate::firmware::machine::Figures;
use crate::firmware::programs::Profile;
use crate::firmware::table::Table;
use crate::firmware::weight::Weight;
use crate::workspace;

const FILE: &str = "firmware/budgets.tsv";
const HEADER: [&str; 6] = ["profile", "figure", "limit", "target", "found", "slack"];

/// A limit of one figure of one profile.
struct Budget {
    profile: String,
    figure: String,
    /// Above it the step fails.
    limit: u64,
    /// What the limit is meant to become.
    target: u64,
}

/// All of them.
pub struct Budgets {
    budgets: Vec<Budget>,
    seen: std::cell::RefCell<Table>,
}

impl Budgets {
    /// Reads the file.
    pub fn read() -> Result<Self> {
        let text = workspace::read(FILE)?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1);
        let budgets = lines
            .map(|line| parse(line).with_context(|| format!("{FILE}: {line}")))
            .collect::<Result<_>>()?;
        Ok(Self { budgets, seen: std::cell::RefCell::new(Table::new(&HEADER)) })
    }

    /// What is above its limit.
    pub fn complaints(&self, profile: &Profile, weight: Weight, figures: Figures) -> Vec<String> {
        let mut complaints = Vec::new();
        for budget in self.budgets.iter().filter(|budget| budget.profile == profile.name) {
            let found = match budget.figure.as_str() {
                "total" => weight.total,
                "own" => weight.own,
                "heap" => figures.heap,
                _ => figures.stack,
            };
            let (limit, target) = (budget.limit, budget.target);
            let slack = i128::from(limit) - i128::from(found);
            let cells = [
                &budget.profile,
                &budget.figure,
                &limit.to_string(),
                &target.to_string(),
                &found.to_string(),
                &slack.to_string(),
            ];
            self.seen.borrow_mut().row(cells.map(Clone::clone).to_vec());
            if found > limit {
                let figure = &budget.figure;
                complaints.push(format!(
                    "{}: {figure} is {found}, {} above its limit of {limit} in {FILE}",
                    profile.name,
                    found - limit
                ));
            }
        }
        complaints
    }
}

impl fmt::Display for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seen.borrow())
    }
}

fn parse(line: &str) -> Result<Budget> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [profile, figure, limit, target] = cells[..] else {
        bail!("expected 4 columns, found {}", cells.len())
    };
    if !["total", "own", "heap", "stack"].contains(&figure) {
        bail!("unknown figure {figure}");
    }
    let number = |text: &str| text.parse().with_context(|| format!("`{text}` is not a number"));
    Ok(Budget {
        profile: profile.into(),
        figure: figure.into(),
        limit: number(limit)?,
        target: number(target)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_checked() {
        let budget = parse("1.2 PSK client\town\t90000\t22000").unwrap();
        assert_eq!((budget.limit, budget.target), (90_000, 22_000));
        assert!(parse("1.2 PSK client\tcolour\t1\t1").is_err());
        assert!(parse("1.2 PSK client\town\t1").is_err());
        assert!(parse("1.2 PSK client\town\tx\t1").is_err());
    }

    #[test]
    fn what_is_above_its_limit_is_named() {
        let limit = Budget { profile: "1.2 PSK client".into(), figure: "own".into(), limit: 10, target: 5 };
        let budgets = Budgets { budgets: vec![limit], seen: Table::new(&HEADER).into() };
        let profile = crate::firmware::programs::profile("1.2 PSK client").unwrap();
        let weight = |own| Weight { own, ..Weight::default() };
        assert!(budgets.complaints(profile, weight(10), Figures::default()).is_empty());
        let complaint = budgets.complaints(profile, weight(12), Figures::default()).concat();
        assert_eq!(complaint, "1.2 PSK client: own is 12, 2 above its limit of 10 in firmware/budgets.tsv");
    }
}
