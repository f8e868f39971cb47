//! How far a long transfer has come: a line on standard error, where a person sees it and the data does not go.

use std::{
    fs::File,
    io::{self, IsTerminal as _},
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};

/// A transfer that is shorter shows nothing.
const LONG: Duration = Duration::from_secs(1);

/// How often the line is drawn, at most.
const INTERVAL: Duration = Duration::from_millis(200);

/// The line that is on the terminal, which other lines have to pass.
static LINE: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Bytes of a connection in both directions.
pub struct Progress {
    begun: Instant,
    sent: AtomicU64,
    received: AtomicU64,
    /// Of standard input, if it is a file.
    length: Option<u64>,
    is_shown: bool,
    has_ended: AtomicBool,
    line: OnceLock<ProgressBar>,
}

impl Progress {
    /// Shown if standard error is a terminal, and neither standard input nor output is one: a person who types or reads
    /// there sees the data itself.
    pub fn new(is_quiet: bool) -> Self {
        let has_data = io::stdin().is_terminal() || io::stdout().is_terminal();
        Self {
            begun: Instant::now(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            length: length_of_input(),
            is_shown: !is_quiet && io::stderr().is_terminal() && !has_data,
            has_ended: AtomicBool::new(false),
            line: OnceLock::new(),
        }
    }

    /// Bytes so far: sent, received.
    pub fn bytes(&self) -> (u64, u64) {
        (self.sent.load(Ordering::Relaxed), self.received.load(Ordering::Relaxed))
    }

    /// More bytes were sent.
    pub fn add_sent(&self, count: usize) {
        self.sent.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.show();
    }

    /// More bytes were received.
    pub fn add_received(&self, count: usize) {
        self.received.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.show();
    }

    fn show(&self) {
        let elapsed = self.begun.elapsed();
        if !self.is_shown || elapsed < LONG || self.has_ended.load(Ordering::Relaxed) {
            return;
        }
        let line = self.line.get_or_init(|| {
            let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}");
            let line = ProgressBar::new_spinner().with_elapsed(elapsed);
            line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            line.enable_steady_tick(INTERVAL);
            *LINE.lock().unwrap_or_else(PoisonError::into_inner) = Some(line.clone());
            line
        });
        line.set_message(self.text(elapsed));
    }

    fn text(&self, elapsed: Duration) -> String {
        let (sent, received) = self.bytes();
        let mut text = format!("received {}, sent {}", HumanBytes(received), HumanBytes(sent));
        let rate = |bytes: u64| u128::from(bytes).saturating_mul(1000) / elapsed.as_millis().max(1);
        if let Some(length) = self.length {
            text += &format!(" of {}", HumanBytes(length));
        }
        let together = rate(sent.saturating_add(received));
        text += &format!(", {}/s", HumanBytes(u64::try_from(together).unwrap_or(u64::MAX)));
        let left = self.length.map(|length| u128::from(length.saturating_sub(sent)));
        if let Some(left @ 1..) = left
            && let Some(milliseconds) = left.saturating_mul(1000).checked_div(rate(sent))
        {
            let left = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX));
            text += &format!(", {} left", HumanDuration(left));
        }
        text
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.has_ended.store(true, Ordering::Relaxed);
        if let Some(line) = self.line.get() {
            line.finish_and_clear();
            *LINE.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

/// Writes something else to standard error, with the line taken away meanwhile.
pub fn passed_by(write: impl FnOnce()) {
    let line = LINE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match line {
        Some(line) => line.suspend(write),
        None => write(),
    }
}

/// Of a file; a pipe has none.
#[cfg(unix)]
fn length_of_input() -> Option<u64> {
    use std::os::fd::AsFd as _;
    let input = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    input.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())
}

#[cfg(not(unix))]
fn length_of_input() -> Option<u64> {
    let _: Option<File> = None;
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_and_how_long() {
        let mut progress = Progress::new(true);
        progress.length = None;
        progress.add_received(3 * 1024 * 1024);
        assert_eq!(progress.text(Duration::from_secs(3)), "received 3.00 MiB, sent 0 B, 1.00 MiB/s");
        progress.length = Some(4096);
        progress.add_sent(1024);
        let text = progress.text(Duration::from_secs(2));
        assert_eq!(text, "received 3.00 MiB, sent 1.00 KiB of 4.00 KiB, 1.50 MiB/s, 6 seconds left");
        progress.add_sent(3072);
        assert!(!progress.text(Duration::ZERO).contains("left"));
        assert!(progress.line.get().is_none(), "standard error is not a terminal");
    }
}
