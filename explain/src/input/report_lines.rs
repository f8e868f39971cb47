//! Reports that a device printed as lines of text into its log (`Report::write_lines`).

use std::fmt;

use handclasp_report::{Report, ReportLineError, ReportLines};

/// A line of a log that belongs to a report and does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DamagedLine {
    /// Number of the line in the log, from 1.
    pub line: usize,
    /// Column of the line at which the text of the report begins, from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: LineProblem,
}

/// What is wrong with a line of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineProblem {
    /// The line itself, or the lines before it.
    Line(ReportLineError),
    /// A report begins here, and its last lines are not in the log.
    Unfinished {
        /// Lines that are there.
        found: u8,
        /// Lines of the report.
        of: u8,
    },
}

impl fmt::Display for DamagedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, problem } = self;
        write!(f, "line {line}, column {column}: ")?;
        match problem {
            LineProblem::Line(ReportLineError::Missing { line }) => {
                write!(f, "line {line} of the report is missing in front of this one")
            }
            LineProblem::Line(ReportLineError::Report(error)) => {
                write!(f, "the report that ends here does not read: {error}")
            }
            LineProblem::Unfinished { found, of } => {
                write!(f, "the report that begins here has {of} lines, and only the first {found} are in the log")
            }
            LineProblem::Line(_) => f.write_str(
                "this line of a report is damaged or cut off: expected NUMBER/COUNT, base64 and a check of four \
                 hexadecimal digits, separated by colons; the check must fit the text before it",
            ),
        }
    }
}

/// The reports of a log, each with the line at which it begins, and the lines that do not read.
pub(crate) struct LoggedReports {
    pub reports: Vec<(usize, Report)>,
    pub damaged: Vec<DamagedLine>,
}

/// Reads the reports out of a log. `None`: it has no line of a report.
pub(crate) fn read(text: &str) -> Option<LoggedReports> {
    text.contains(ReportLines::MARK).then(|| {
        let mut log = Log::default();
        for (line, content) in (1..).zip(text.lines()) {
            if let Some(start) = content.find(ReportLines::MARK) {
                let before = content.get(..start).unwrap_or_default();
                log.take(Place { line, column: before.chars().count() + 1 }, content);
            }
        }
        log.close();
        LoggedReports { reports: log.reports, damaged: log.damaged }
    })
}

#[derive(Clone, Copy, Default)]
struct Place {
    line: usize,
    column: usize,
}

#[derive(Default)]
struct Log {
    lines: ReportLines,
    /// Where the report begins of which `lines` has some.
    began: Place,
    /// Whether a line of the current report was lost, which was said already.
    is_lost: bool,
    reports: Vec<(usize, Report)>,
    damaged: Vec<DamagedLine>,
}

impl Log {
    fn take(&mut self, at: Place, content: &str) {
        let before = self.lines.clone();
        let taken = self.lines.push(content);
        let begins = self.lines.unfinished().is_some_and(|(found, _)| found == 1);
        let single = before.unfinished().is_none() && matches!(taken, Ok(Some(_)));
        if begins {
            self.unfinished(&before);
        }
        if begins || single {
            self.began = at;
        }
        match taken {
            Ok(report) => {
                self.is_lost = false;
                self.reports.extend(report.map(|report| (self.began.line, report)));
            }
            // The lines behind a lost one cannot be used either.
            Err(ReportLineError::Missing { .. }) if self.is_lost => {}
            Err(error) => {
                self.is_lost = true;
                self.say(at, LineProblem::Line(error));
            }
        }
    }

    fn close(&mut self) {
        let last = std::mem::take(&mut self.lines);
        self.unfinished(&last);
    }

    fn unfinished(&mut self, lines: &ReportLines) {
        if let Some((found, of)) = lines.unfinished() {
            self.say(self.began, LineProblem::Unfinished { found, of });
        }
    }

    fn say(&mut self, Place { line, column }: Place, problem: LineProblem) {
        self.damaged.push(DamagedLine { line, column, problem });
    }
}

#[cfg(test)]
mod tests {
    use handclasp_codec::AlertDescription;
    use handclasp_report::{Fault, Side, Tag};

    use super::*;

    fn lines(name: &str) -> Vec<String> {
        let mut report = Report::new(Side::Server);
        (0..9).for_each(|number| {
            report.note(Side::Client, Tag::ServerName, format!("{name}-{number}").as_bytes())
        });
        let _failed = report.fail(Fault::PeerAlert(AlertDescription::bad_certificate));
        let mut text = String::new();
        report.write_lines(&mut text).unwrap();
        text.lines().map(|line| format!("[12:00:01.250] tls: {line}")).collect()
    }

    fn read_lines(lines: &[String]) -> (Vec<usize>, Vec<String>) {
        let read = read(&lines.join("\r\n")).unwrap();
        let begin = read.reports.iter().map(|(line, _)| *line).collect();
        (begin, read.damaged.iter().map(|damaged| damaged.to_string()).collect())
    }

    #[test]
    fn several_reports_stand_among_other_lines() {
        let other = || vec!["I (312) wifi: connected with é".to_owned(); 2];
        let (first, second) = (lines("one.example"), lines("two.example"));
        assert!(first.len() > 3);
        let log =
            [other(), first.clone(), other(), second[..2].to_vec(), other(), second[2..].to_vec()].concat();
        assert_eq!(read_lines(&log), (vec![3, 5 + first.len()], vec![]));
        assert!(read("I (312) wifi: connected").is_none());
    }

    #[test]
    fn a_damaged_line_is_named_once_and_the_next_report_is_read() {
        let (mut first, second) = (lines("one.example"), lines("two.example"));
        first[1] = first[1].replace("v2:2/", "v2:3/");
        let (begin, damaged) = read_lines(&[first.clone(), second.clone()].concat());
        assert_eq!(begin, [first.len() + 1]);
        assert_eq!(damaged.len(), 1, "{damaged:?}");
        assert!(damaged[0].starts_with("line 2, column 21: this line of a report is damaged"), "{damaged:?}");
        first.remove(1);
        let (begin, damaged) = read_lines(&[first.clone(), second].concat());
        assert_eq!(begin, [first.len() + 1]);
        assert_eq!(damaged, ["line 2, column 21: line 2 of the report is missing in front of this one"]);
    }

    #[test]
    fn every_report_that_ends_early_is_named() {
        let (first, second) = (lines("one.example"), lines("two.example"));
        let of = first.len();
        for found in 1..of {
            let log = [&first[..found], &second[..], &first[..found]].concat();
            let (begin, damaged) = read_lines(&log);
            assert_eq!(begin, [found + 1]);
            let text = format!(
                "column 21: the report that begins here has {of} lines, and only the first {found} are in the log"
            );
            assert_eq!(damaged, [format!("line 1, {text}"), format!("line {}, {text}", found + of + 1)]);
        }
    }

    #[test]
    fn lines_that_hold_no_report_are_named() {
        let log = [format!("x {}1/1:AAAA:1d6b", ReportLines::MARK), ReportLines::MARK.to_owned()];
        let (begin, damaged) = read_lines(&log);
        assert!(begin.is_empty() && damaged.len() == 2, "{damaged:?}");
        assert!(damaged[1].starts_with("line 2, column 1: "), "{damaged:?}");
    }
}
