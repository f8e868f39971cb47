//! What the two ends printed, held against what was captured: a log says in words what the wire
//! does not show, and who of the two refused.
//!
//! Called by: `causes.rs`.

use super::{Case, Side, end};
use crate::finding::{Finding, Grade};
use crate::input::log::{self, Says};

/// What this family finds.
pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let logs = [(Side::Client, &case.evidence.client_log), (Side::Server, &case.evidence.server_log)];
    let mut found = Vec::new();
    for (of, log) in logs {
        let Some(log) = log else { continue };
        let said = log::read(log, of);
        for line in &said {
            let Says::Why(cause) = line.says else { continue };
            let summary = format!("The {}'s log says: {}.", end(of), cause.meaning());
            let evidence = format!("line {} of the {}'s log: {}", line.number, end(of), line.text);
            found.push(Finding::failure(cause, Grade::Observed, summary).evidence(evidence));
        }
    }
    found
}
