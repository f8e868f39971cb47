//! The log of servers and tunnels on standard error: lines for people, or one JSON object a line. Names of events and fields
//! stand in docs/observe.md.

use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering},
    time::SystemTime,
};

use serde_json::{Map, Value};
use time::OffsetDateTime;

use crate::progress;

/// Whether every line on standard error is a JSON object.
static IS_JSON: AtomicBool = AtomicBool::new(false);

/// Writes JSON from here on.
pub fn in_json() {
    IS_JSON.store(true, Ordering::Relaxed);
}

pub fn is_json() -> bool {
    IS_JSON.load(Ordering::Relaxed)
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    Error,
}

/// Something that happened: a line for people, and the same as fields.
#[derive(Debug)]
pub struct Event {
    name: &'static str,
    level: Level,
    fields: Map<String, Value>,
}

impl Event {
    pub fn new(name: &'static str, level: Level) -> Self {
        Self { name, level, fields: Map::new() }
    }

    /// Adds a field.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a field that not every event of this name has.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Writes it. `line` is the text for people, also the field `message`; where it is `None`, only a log in JSON has
    /// the event.
    pub fn tell(self, line: Option<String>) {
        match (is_json(), line) {
            (true, line) => write(&self.json(OffsetDateTime::now_utc(), line)),
            (false, Some(line)) => write(&line),
            (false, None) => {}
        }
    }

    /// One line: strings are escaped, so that no value ends it.
    fn json(self, now: OffsetDateTime, line: Option<String>) -> String {
        let level = match self.level {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let mut object = Map::new();
        object.insert("time".to_owned(), time(now).into());
        object.insert("event".to_owned(), self.name.into());
        object.insert("level".to_owned(), level.into());
        object.extend(self.fields);
        if let Some(line) = line {
            object.insert("message".to_owned(), line.into());
        }
        Value::Object(object).to_string()
    }
}

/// RFC 3339, UTC, always with three digits of milliseconds: times of equal length sort as text does.
fn time(now: OffsetDateTime) -> String {
    let (hour, minute, second, millisecond) = now.to_hms_milli();
    format!("{}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z", now.date())
}

/// A time as fields have it.
pub fn timestamp(time: SystemTime) -> String {
    self::time(time.into())
}

/// Writes a line to standard error. Whether it can be written changes nothing.
pub fn write(line: &str) {
    let line = format!("{line}\n");
    progress::passed_by(|| {
        let _ = io::stderr().lock().write_all(line.as_bytes());
    });
}

/// What `say` writes, as an event, about a service of a file if there is one.
pub fn message(line: &str, service: Option<&str>) {
    Event::new("message", level(line)).with_some("service", service).tell(Some(line.to_owned()));
}

/// How much a line for people matters.
fn level(line: &str) -> Level {
    if line.starts_with("warning: ") { Level::Warning } else { Level::Info }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_have_their_level() {
        assert_eq!(level("warning: this process may open 20 files"), Level::Warning);
        assert_eq!(level("clients must authenticate"), Level::Info);
    }

    #[test]
    fn an_event_is_one_line_whatever_stands_in_it() {
        let hostile = "a\"}\r\n{\"event\":\"forged\"}\u{2028}\u{0}\u{1b}[2J";
        let now = OffsetDateTime::from_unix_timestamp_nanos(1_764_000_000_123_456_789).expect("a time");
        let event =
            Event::new("handshake_failed", Level::Warning).with("alpn", hostile).with("bytes", u64::MAX);
        let line = event.json(now, Some(hostile.to_owned()));
        assert!(!line.contains(['\n', '\r', '\u{0}', '\u{1b}']), "{line}");
        let read: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read["alpn"], hostile);
        assert_eq!(read["event"], "handshake_failed");
        assert_eq!(read["time"], "2025-11-24T16:00:00.123Z");
        assert_eq!(read["bytes"], u64::MAX);
    }

    #[test]
    fn times_have_the_same_length_so_that_they_sort_as_text() {
        let of = |nanoseconds| time(OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).expect("a time"));
        assert_eq!(of(1_764_000_000_110_000_000), "2025-11-24T16:00:00.110Z");
        assert_eq!(of(1_764_000_000_000_999_999), "2025-11-24T16:00:00.000Z");
    }
}
