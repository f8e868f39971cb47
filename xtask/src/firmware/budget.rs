//! The budgets of `firmware/budgets.tsv`, for Cortex-M4.

use std::fmt;

use anyhow::Result;

use crate::budgets::{self, Budget};
use crate::firmware::machine::Figures;
use crate::firmware::programs::Profile;
use crate::firmware::table::Table;
use crate::firmware::weight::Weight;

const FILE: &str = "firmware/budgets.tsv";
const HEADER: [&str; 6] = ["profile", "figure", "limit", "target", "found", "slack"];

/// All of them.
pub struct Budgets {
    budgets: Vec<Budget>,
    seen: std::cell::RefCell<Table>,
}

impl Budgets {
    /// Reads the file.
    pub fn read() -> Result<Self> {
        let budgets = budgets::read(FILE, &["total", "own", "heap", "stack"])?;
        Ok(Self { budgets, seen: std::cell::RefCell::new(Table::new(&HEADER)) })
    }

    /// What is above its limit.
    pub fn complaints(&self, profile: &Profile, weight: Weight, figures: Figures) -> Vec<String> {
        let mut complaints = Vec::new();
        for budget in self.budgets.iter().filter(|budget| budget.program == profile.name) {
            let found = match budget.figure.as_str() {
                "total" => weight.total,
                "own" => weight.own,
                "heap" => figures.heap,
                _ => figures.stack,
            };
            let (limit, target) = (budget.limit, budget.target);
            let slack = i128::from(limit) - i128::from(found);
            let cells = [
                &budget.program,
                &budget.figure,
                &limit.to_string(),
                &target.to_string(),
                &found.to_string(),
                &slack.to_string(),
            ];
            self.seen.borrow_mut().row(cells.map(Clone::clone).to_vec());
            complaints.extend(budget.complaint(found, FILE));
        }
        complaints
    }
}

impl fmt::Display for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.seen.borrow())
    }
}
