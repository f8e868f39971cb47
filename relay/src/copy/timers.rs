//! The time of a relay: how long it may be idle, when it gives its buffers back, and how long it waits for a side that
//! still sends though nothing of it is passed on.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes of one poll from which a relay counts as busy: it keeps its buffers, since the next bytes are near.
const BUSY: u64 = 16 * 1024;

/// How long a relay that was busy keeps its buffers. Short: allocating them again is cheap, and of many relays with
/// bursts only those keep buffers that are in one.
const KEPT: Duration = Duration::from_millis(50);

/// How long a side is still read that may send nothing more.
pub(crate) const LINGER: Duration = Duration::from_secs(10);

/// How long the TLS side must have sent nothing before a connection of TLS 1.2 is closed for a plain side that ended.
const SILENCE: Duration = Duration::from_secs(1);

/// The timer that expired.
pub(crate) enum Due {
    /// [`KEPT`] after a busy poll: buffers are to be freed.
    Release,
    /// Nothing was moved for [`SILENCE`].
    Silent,
    /// The relay was idle for too long.
    Idle,
    /// A side that may send nothing more was read for [`LINGER`].
    Linger,
}

/// The four timers of a relay, over one timer of the runtime. A relay without an idle limit has none while it is idle.
pub(crate) struct Timers {
    idle_limit: Option<Duration>,
    last_moved: Instant,
    release: Option<Instant>,
    linger: Option<Instant>,
    /// When the wait for silence began.
    silence: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Timers {
    pub(crate) fn new(idle_limit: Option<Duration>) -> Self {
        Self {
            idle_limit,
            last_moved: Instant::now(),
            release: None,
            linger: None,
            silence: None,
            timer: None,
        }
    }

    /// A poll moved so many bytes, and now both sides are waited for. Whether the buffers are kept for a while.
    pub(crate) fn moved(&mut self, count: u64) -> bool {
        if count > 0 {
            self.last_moved = Instant::now();
        }
        if count >= BUSY {
            self.release = after(self.last_moved, KEPT);
        }
        self.release.is_some()
    }

    /// The side that still sends may do so for a while.
    pub(crate) fn linger(&mut self, time: Duration) {
        if self.linger.is_none() {
            self.linger = after(Instant::now(), time);
        }
    }

    /// Rings once nothing was moved for a while, counted from the first call.
    pub(crate) fn wait_for_silence(&mut self) {
        self.silence.get_or_insert_with(Instant::now);
    }

    /// Waits for the next thing that is due.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Due> {
        loop {
            let idle = self.idle_limit.and_then(|limit| after(self.last_moved, limit));
            let silence = self.silence.and_then(|begun| after(begun.max(self.last_moved), SILENCE));
            let Some(due) = [idle, self.release, self.linger, silence].into_iter().flatten().min() else {
                self.timer = None;
                return Poll::Pending;
            };
            let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
            // A timer that rings too early is set again then: cheaper than with every byte.
            if timer.deadline() > due {
                timer.as_mut().reset(due);
            }
            ready!(timer.as_mut().poll(cx));
            let now = Instant::now();
            if now < due {
                timer.as_mut().reset(due);
                continue;
            }
            if self.release.is_some_and(|at| at <= now) {
                self.release = None;
                return Poll::Ready(Due::Release);
            }
            if silence.is_some_and(|at| at <= now) {
                self.silence = None;
                return Poll::Ready(Due::Silent);
            }
            return Poll::Ready(if self.linger.is_some_and(|at| at <= now) {
                Due::Linger
            } else {
                Due::Idle
            });
        }
    }
}

/// `None`: never.
fn after(start: Instant, time: Duration) -> Option<Instant> {
    start.checked_add(time)
}
