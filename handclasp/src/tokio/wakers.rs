//! Wakes every task that waits for the transport to take bytes.
//!
//! A transport remembers one task per direction. Where one task reads from a stream and another one
//! writes to it, both send what waits in the connection; the transport then wakes this, and this wakes
//! both.

use std::{
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Wake, Waker},
};

/// The task that reads and the task that writes, while they wait.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    reader: Mutex<Option<Waker>>,
    writer: Mutex<Option<Waker>>,
}

/// Which half of a stream polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Read,
    Write,
}

impl Wakers {
    fn slot(&self, half: Half) -> &Mutex<Option<Waker>> {
        match half {
            Half::Read => &self.reader,
            Half::Write => &self.writer,
        }
    }

    /// Remembers the task that polls.
    pub(super) fn set(&self, half: Half, cx: &Context<'_>) {
        let mut slot = self.slot(half).lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *slot {
            Some(waker) => waker.clone_from(cx.waker()),
            empty => *empty = Some(cx.waker().clone()),
        }
    }

    /// Wakes the task of that half, if it waits.
    pub(super) fn wake_half(&self, half: Half) {
        // The lock is released before the task is woken.
        let waker = self.slot(half).lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_half(Half::Write);
        self.wake_half(Half::Read);
    }
}
