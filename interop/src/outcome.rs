//! The outcome of a step of `cargo xtask`.

/// How a step went. A step that is an `Err` counts as one failure.
pub struct Outcome {
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// For the line: a few words, or nothing.
    pub note: String,
    /// Below the line.
    pub details: String,
}

impl Outcome {
    /// One check that passed.
    pub fn passed(note: impl Into<String>) -> Self {
        Self { passed: 1, failed: 0, note: note.into(), details: String::new() }
    }

    /// One check; it failed when it has complaints.
    pub fn from_complaints(note: impl Into<String>, complaints: &[String]) -> Self {
        if complaints.is_empty() {
            return Self::passed(note);
        }
        let note = format!("{} complaints", complaints.len());
        Self { passed: 0, failed: 1, note, details: complaints.join("\n") }
    }
}
