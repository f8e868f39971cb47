//! Lines on standard error. A full or closed standard error ends nothing: `eprintln!` would panic.

use std::{
    cell::RefCell,
    fmt::Display,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::log::{self, Event};

/// Says a line on standard error, in the form of the log; inside of [`about`], with the table that it is about.
pub fn say(line: impl Display) {
    TABLE.with_borrow(|table| say_of(table, &line.to_string()));
}

/// Says a line about the whole process, also inside of [`about`].
pub fn say_of_process(line: impl Display) {
    say_of("", &line.to_string());
}

fn say_of(table: &str, line: &str) {
    let line = titled(table, line);
    match log::is_json() {
        true => log::message(&line, Some(table).filter(|table| !table.is_empty())),
        false => log::write(&line),
    }
}

thread_local! {
    /// The table of a file that is being read; empty outside of one.
    static TABLE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Does the work for a table of a file, such as `serve.web`: what is said meanwhile names it.
pub fn about<T>(table: &str, work: impl FnOnce() -> T) -> T {
    let before = TABLE.replace(table.to_owned());
    let done = work();
    TABLE.set(before);
    done
}

/// The line with the table that it is about: `warning: [serve.web] …`.
fn titled(table: &str, line: &str) -> String {
    match line.strip_prefix("warning: ") {
        _ if table.is_empty() => line.to_owned(),
        Some(warning) => format!("warning: [{table}] {warning}"),
        None => format!("[{table}] {line}"),
    }
}

/// Events of one kind are printed at once only after a pause of this length.
const INTERVAL: Duration = Duration::from_secs(10);

/// Events of one kind that a stranger can cause at will. The first is printed, the others are counted.
/// The count is printed at the 10th, 100th, 1000th … event, so that the number of lines grows with the
/// logarithm of the number of events; and with the first event that comes [`INTERVAL`] after the
/// last line, which begins a new count.
#[derive(Default)]
pub struct Repeated(Mutex<Series>);

#[derive(Default)]
struct Series {
    /// When the last line was written.
    told: Option<Instant>,
    /// Events of this series.
    events: u64,
    /// Events that no line has reported yet.
    more: u64,
}

impl Repeated {
    /// Says the text, or counts it.
    pub fn tell(&self, line: impl FnOnce() -> String) {
        if let Some(more) = self.due(Instant::now()) {
            match more {
                0 => say(line()),
                // The advice below the first line was told with the first one.
                _ => say(format_args!(
                    "{}; {more} more of this kind",
                    line().lines().next().unwrap_or_default()
                )),
            }
        }
    }

    /// As [`Repeated::tell`], with an event that has the count of others.
    pub fn event(&self, line: String, event: impl FnOnce(u64) -> Event) {
        let Some(more) = self.due(Instant::now()) else { return };
        let line = if more == 0 { line } else { format!("{line}; {more} more of this kind") };
        event(more).tell(Some(line));
    }

    /// The line with the count of others, if it is time for one; otherwise it is counted.
    pub fn line(&self, line: String) -> Option<String> {
        match self.due(Instant::now())? {
            0 => Some(line),
            more => Some(format!("{line}; {more} more of this kind")),
        }
    }

    /// How many others were counted since the last line, if it is time for another line.
    fn due(&self, now: Instant) -> Option<u64> {
        let mut series = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if series.told.is_none_or(|told| now.saturating_duration_since(told) >= INTERVAL) {
            series.events = 0;
        }
        series.events = series.events.saturating_add(1);
        if 10_u64.pow(series.events.ilog10()) == series.events {
            series.told = Some(now);
            return Some(std::mem::take(&mut series.more));
        }
        series.more = series.more.saturating_add(1);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_about_a_table_names_it() {
        assert_eq!(
            titled("serve.web", "warning: our certificate …"),
            "warning: [serve.web] our certificate …"
        );
        assert_eq!(titled("serve.web", "check value …"), "[serve.web] check value …");
        assert_eq!(titled("", "warning: our certificate …"), "warning: our certificate …");
        let inner = about("serve.web", || about("tunnel.db", || TABLE.with_borrow(String::clone)));
        assert_eq!((inner.as_str(), TABLE.with_borrow(String::clone).as_str()), ("tunnel.db", ""));
    }

    #[test]
    fn many_events_make_few_lines() {
        let (repeated, start) = (Repeated::default(), Instant::now());
        let told: Vec<u64> = (0..1_000_005).filter_map(|_| repeated.due(start)).collect();
        // Of the events 1, 10, 100, …
        assert_eq!(told, [0, 8, 89, 899, 8_999, 89_999, 899_999]);
        assert_eq!(repeated.due(start + INTERVAL), Some(5));
        assert_eq!(repeated.due(start + INTERVAL), None);
    }
}
