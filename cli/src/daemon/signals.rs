//! SIGHUP, SIGTERM and SIGINT.

use std::{fs::File, io};

use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Read everything anew.
    Reload,
    /// End gracefully.
    End,
}

pub struct Signals {
    /// `None` where it was ignored from the start, as below nohup, and stays so.
    hangup: Option<Stream>,
    terminate: Stream,
    interrupt: Stream,
    /// Whether the program was started on a terminal.
    has_terminal: bool,
}

impl Signals {
    /// From here on these signals do not end the process.
    pub fn new() -> io::Result<Self> {
        let hangup = match is_ignored(SignalKind::hangup()) {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        Ok(Self {
            hangup,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            has_terminal: is_on_terminal(),
        })
    }

    /// The next signal. May be dropped without losing one.
    pub async fn next(&mut self) -> Signal {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = hangup => match self.has_terminal && !is_on_terminal() {
                // The terminal is gone, and with it the person who ran this program.
                true => Signal::End,
                false => Signal::Reload,
            },
            _ = self.terminate.recv() => Signal::End,
            _ = self.interrupt.recv() => Signal::End,
        }
    }

    /// Waits for a signal that ends the program. May be dropped without losing one.
    pub async fn end(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn is_on_terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

/// Whether the process was started with this signal ignored.
fn is_ignored(signal: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    let bit = u32::try_from(signal.as_raw_value()).ok().and_then(|number| number.checked_sub(1));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()).unwrap_or_default();
    bit.is_some_and(|bit| mask.checked_shr(bit).unwrap_or_default() & 1 == 1)
}
