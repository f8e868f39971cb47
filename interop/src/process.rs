//! A program that runs beside us: its output collected while it runs, its input fed, and its
//! end. Only the child that was started here is ever killed, by its handle.

use std::io::{self, Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// What came so far.
#[derive(Default)]
pub struct Told {
    /// Standard output.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: Vec<u8>,
    /// Pipes that have ended.
    ended: usize,
}

/// Why a wait ended without what was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// Both pipes ended.
    Ended,
    /// The deadline passed.
    TimedOut,
}

type Shared = Arc<(Mutex<Told>, Condvar)>;

/// A started program. Dropping it kills it.
pub struct Running {
    child: Child,
    input: Option<JoinHandle<Option<ChildStdin>>>,
    told: Shared,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts it with all three streams in our hands.
    pub fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().with_context(|| format!("{} did not start", crate::workspace::shown(command)))?;
        let told = Shared::default();
        let mut readers = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            readers.push(collect(pipe, &told, |told| &mut told.out));
        }
        if let Some(pipe) = child.stderr.take() {
            readers.push(collect(pipe, &told, |told| &mut told.err));
        }
        let input = child.stdin.take().map(|pipe| thread::spawn(move || Some(pipe)));
        Ok(Self { child, input, told, readers })
    }

    /// Writes to its standard input, after what was fed before, without waiting for it to be
    /// read. A program that no longer reads is found out by what it does not do then.
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

    /// Closes its standard input once everything fed is written.
    pub fn close_input(&mut self) {
        let before = self.input.take();
        self.input = before.map(|before| {
            thread::spawn(move || {
                drop(before.join());
                None
            })
        });
    }

    /// Waits until its output is as wanted.
    pub fn wait(&self, deadline: Instant, wanted: impl Fn(&Told) -> bool) -> Result<(), Unmet> {
        let (_, changed) = &*self.told;
        let mut told = self.told();
        loop {
            if wanted(&told) {
                return Ok(());
            }
            if told.ended == self.readers.len() {
                return Err(Unmet::Ended);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Unmet::TimedOut);
            }
            told = changed
                .wait_timeout(told, left)
                .map_or_else(|poisoned| poisoned.into_inner().0, |woken| woken.0);
        }
    }

    /// Waits for its end; `None` when the deadline passes first. What it wrote is complete then.
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

    /// Kills it; its peer sees its socket end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Looks at what came so far.
    pub fn told(&self) -> MutexGuard<'_, Told> {
        self.told.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Standard output so far, as text.
    pub fn out_text(&self) -> String {
        String::from_utf8_lossy(&self.told().out).into_owned()
    }

    /// Standard error so far, as text.
    pub fn err_text(&self) -> String {
        String::from_utf8_lossy(&self.told().err).into_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Appends what comes out of a pipe until it ends.
fn collect(
    mut pipe: impl Read + Send + 'static,
    told: &Shared,
    stream: fn(&mut Told) -> &mut Vec<u8>,
) -> JoinHandle<()> {
    let told = Arc::clone(told);
    thread::spawn(move || {
        let (told, changed) = &*told;
        let lock = || told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
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

/// Whether text occurs in bytes.
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
    fn input_goes_through_and_the_end_is_seen() {
        let mut cat = Running::start(&mut Command::new("cat")).unwrap();
        cat.feed(b"one ");
        cat.wait(soon(), |told| contains(&told.out, "one")).unwrap();
        cat.feed(&vec![b'x'; 1 << 20]);
        cat.close_input();
        assert!(cat.exit(soon()).unwrap().success());
        assert_eq!(cat.told().out.len(), 4 + (1 << 20));
        assert_eq!(cat.wait(soon(), |_| false), Err(Unmet::Ended));
    }

    #[test]
    fn deadlines_pass() {
        let mut cat = Running::start(&mut Command::new("cat")).unwrap();
        assert_eq!(cat.wait(Instant::now(), |_| false), Err(Unmet::TimedOut));
        assert!(cat.exit(Instant::now()).is_none());
        cat.kill();
        assert!(!cat.exit(soon()).unwrap().success());
    }
}
