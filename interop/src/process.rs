//! A child process: its output is collected while it runs, its input is fed, its end is awaited. Only
//! children started here are ever killed, by their handle.

use std::io::{self, Read, Write as _};
use std::net::TcpListener;
use std::ops::Range;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::workspace::shown;

/// The output so far.
#[derive(Default)]
pub struct Output {
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: Vec<u8>,
    /// How many of the two pipes have ended.
    ended: usize,
}

impl Output {
    /// Whether standard output or standard error contains the text.
    pub fn contains(&self, text: &str) -> bool {
        contains(&self.out, text) || contains(&self.err, text)
    }
}

/// Why a wait ended before its condition held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitError {
    /// Both pipes ended.
    Ended,
    /// The deadline passed.
    TimedOut,
}

type Shared = Arc<(Mutex<Output>, Condvar)>;

/// A started program. Dropping it kills it.
pub struct Running {
    child: Child,
    input: Option<JoinHandle<Option<ChildStdin>>>,
    output: Shared,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts it with pipes for its three standard streams.
    pub fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{} did not start", shown(command)))?;
        let output = Shared::default();
        let mut readers = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            readers.push(collect(pipe, &output, |output| &mut output.out));
        }
        if let Some(pipe) = child.stderr.take() {
            readers.push(collect(pipe, &output, |output| &mut output.err));
        }
        let input = child.stdin.take().map(|pipe| thread::spawn(move || Some(pipe)));
        Ok(Self { child, input, output, readers })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Queues bytes for its standard input and returns at once. A program that no longer reads is not
    /// an error here: the missing reaction shows it.
    pub fn feed(&mut self, bytes: &[u8]) {
        let bytes = bytes.to_vec();
        let before = self.input.take();
        self.input = before.map(|before| {
            thread::spawn(move || {
                let mut pipe = before.join().ok().flatten()?;
                pipe.write_all(&bytes).and_then(|()| pipe.flush()).ok()?;
                Some(pipe)
            })
        });
    }

    /// Closes its standard input after everything queued is written.
    pub fn close_input(&mut self) {
        let before = self.input.take();
        self.input = before.map(|before| {
            thread::spawn(move || {
                drop(before.join());
                None
            })
        });
    }

    /// Waits until its output fulfils a condition.
    pub fn wait(&self, deadline: Instant, condition: impl Fn(&Output) -> bool) -> Result<(), WaitError> {
        let (_, changed) = &*self.output;
        let mut output = self.output();
        loop {
            if condition(&output) {
                return Ok(());
            }
            if output.ended == self.readers.len() {
                return Err(WaitError::Ended);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::TimedOut);
            }
            output = changed.wait_timeout(output, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until a server prints that it listens.
    pub fn wait_ready(&self, deadline: Instant, ready: &str) -> Result<()> {
        self.wait(deadline, |output| output.contains(ready))
            .map_err(|_| anyhow!("the server did not print `{ready}`:\n{}", self.text()))
    }

    /// The port that a server prints after `before` once it listens.
    pub fn listening_port(&self, before: &str, deadline: Instant) -> Result<u16> {
        let find = |output: &Output| {
            let text = String::from_utf8_lossy(&[&output.out[..], &output.err[..]].concat()).into_owned();
            let (_, rest) = text.split_once(before)?;
            rest.split_once('\n')?.0.trim().parse().ok()
        };
        let _ = self.wait(deadline, |output| find(output).is_some());
        let found = find(&self.output());
        found.ok_or_else(|| anyhow!("the server did not print `{before}PORT`:\n{}", self.text()))
    }

    /// Waits for its end; `None` if the deadline passes first. Its output is then complete.
    pub fn exit(&mut self, deadline: Instant) -> Option<ExitStatus> {
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                let _ = self.wait(deadline, |_| false);
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Its exit code, if it ends in time by itself.
    pub fn exit_code(&mut self, deadline: Instant) -> Option<i32> {
        self.exit(deadline).and_then(|status| status.code())
    }

    /// Kills it; its peer sees the socket end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Locks the output so far.
    pub fn output(&self) -> MutexGuard<'_, Output> {
        self.output.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Standard output so far, as text.
    pub fn out_text(&self) -> String {
        String::from_utf8_lossy(&self.output().out).into_owned()
    }

    /// Standard error so far, as text.
    pub fn err_text(&self) -> String {
        String::from_utf8_lossy(&self.output().err).into_owned()
    }

    /// Standard output, then standard error.
    pub fn text(&self) -> String {
        self.out_text() + &self.err_text()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Appends what a pipe delivers until it ends.
fn collect(
    mut pipe: impl Read + Send + 'static,
    output: &Shared,
    stream: fn(&mut Output) -> &mut Vec<u8>,
) -> JoinHandle<()> {
    let output = Arc::clone(output);
    thread::spawn(move || {
        let (output, changed) = &*output;
        let lock = || output.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => stream(&mut lock()).extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            changed.notify_all();
        }
        lock().ended += 1;
        changed.notify_all();
    })
}

/// Ports below those that Linux gives to connections and to servers that ask for any (32768 to 60999 by itself): one of
/// these would be in use as soon as some test connects somewhere.
const FIXED: Range<u16> = 12_000..32_000;

/// A port on loopback that was free a moment ago, for servers that cannot choose one themselves. The next 19,999 calls
/// of this process return others.
pub fn free_port() -> Result<u16> {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(FIXED.end - FIXED.start);
    // Programs that run at the same time begin at different ports.
    let first = std::process::id().wrapping_mul(631);
    for _ in 0..count {
        let number = first.wrapping_add(GIVEN.fetch_add(1, Ordering::Relaxed)) % count;
        let port = FIXED.start + u16::try_from(number)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port of {FIXED:?} is free on 127.0.0.1")
}

/// Whether bytes contain a text.
pub fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(20)
    }

    #[test]
    fn ports_are_given_once_and_to_no_connection() {
        let ports: Vec<u16> = (0..200).map(|_| free_port().unwrap()).collect();
        let different: std::collections::HashSet<&u16> = ports.iter().collect();
        assert_eq!(different.len(), ports.len());
        assert!(ports.iter().all(|port| *port < 32_768), "{ports:?}");
    }

    #[test]
    fn input_goes_through_and_the_end_is_seen() {
        let mut cat = Running::start(&mut Command::new("cat")).unwrap();
        cat.feed(b"one ");
        cat.wait(soon(), |output| contains(&output.out, "one")).unwrap();
        cat.feed(&vec![b'x'; 1 << 20]);
        cat.close_input();
        assert!(cat.exit(soon()).unwrap().success());
        assert_eq!(cat.output().out.len(), 4 + (1 << 20));
        assert_eq!(cat.wait(soon(), |_| false), Err(WaitError::Ended));
    }

    #[test]
    fn deadlines_pass() {
        let mut cat = Running::start(&mut Command::new("cat")).unwrap();
        assert_eq!(cat.wait(Instant::now(), |_| false), Err(WaitError::TimedOut));
        assert!(cat.exit(Instant::now()).is_none());
        cat.kill();
        assert!(!cat.exit(soon()).unwrap().success());
    }
}
