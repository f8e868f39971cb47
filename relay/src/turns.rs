//! Handshakes that compute one after the other, so that many of them leave the workers to other tasks.
//!
//! A worker of the runtime runs the tasks that are ready in their order. Under a flood hundreds of handshakes of one
//! listener would be among them, each computing for a fraction of a millisecond, and known clients of another listener
//! would wait behind all of them at each of their bytes. So each poll of a handshake takes a turn: a gate has as many as
//! the machine has processors, given in the order of asking. A handshake that has its turn first lets the worker run all
//! other tasks and look for input, and keeps the turn meanwhile: of one gate, the tasks that are ready hold no more
//! handshakes that compute than there are turns.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, thread::available_parallelism};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    task::yield_now,
};

use crate::Blocking;

/// The turns of the handshakes of one gate. All clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self::new(available_parallelism().map_or(1, usize::from))
    }
}

impl Turns {
    /// At most `count` handshakes compute at the same time.
    pub(crate) fn new(count: usize) -> Self {
        Self(Arc::new(Semaphore::new(count)))
    }

    /// Runs a handshake: each poll in its turn, or on a thread of its own where it may block.
    pub(crate) async fn run<F: Future + Unpin>(
        &self,
        handshake: F,
        blocking: Option<&Blocking>,
    ) -> F::Output {
        match blocking {
            Some(blocking) => blocking.run(handshake).await,
            None => self.each_poll(handshake).await,
        }
    }

    async fn each_poll<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            let mut turn = Some(self.next().await);
            // Polls once within the turn; a poll behind that is the wake-up which the future waits for.
            let polled = poll_fn(|cx| match turn.take() {
                Some(_turn) => future.as_mut().poll(cx).map(Some),
                None => Poll::Ready(None),
            });
            if let Some(output) = polled.await {
                return output;
            }
        }
    }

    /// `None` only of a semaphore that is closed, which this one never is.
    async fn next(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.0.acquire().await.ok();
        yield_now().await;
        turn
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Polls of two listeners in the order in which a runtime of one thread runs them: 100 handshakes of `flooded`, each
    /// of them ready to compute, and a handshake of `known` that comes last and needs five polls.
    async fn order(flooded: &Turns, known: &Turns) -> Vec<&'static str> {
        let polls = Arc::<Mutex<Vec<_>>>::default();
        let handshake = |name: &'static str, turns: &Turns, count: usize| {
            let (turns, polls) = (turns.clone(), Arc::clone(&polls));
            tokio::spawn(async move {
                let mut left = count;
                let computing = poll_fn(move |cx| {
                    polls.lock().unwrap().push(name);
                    left -= 1;
                    if left == 0 {
                        return Poll::Ready(());
                    }
                    cx.waker().wake_by_ref();
                    Poll::Pending
                });
                turns.run(computing, None).await;
            })
        };
        let mut tasks: Vec<_> = (0..100).map(|_| handshake("flooded", flooded, 3)).collect();
        tasks.push(handshake("known", known, 5));
        for task in tasks {
            task.await.unwrap();
        }
        std::mem::take(&mut *polls.lock().unwrap())
    }

    #[tokio::test]
    async fn a_handshake_of_one_listener_does_not_wait_behind_all_of_another() {
        let polls = order(&Turns::new(2), &Turns::new(2)).await;
        assert_eq!(polls.len(), 305);
        let last = polls.iter().rposition(|name| *name == "known").unwrap();
        assert!(last < 30, "the fifth poll of the known client is poll {last}");
    }
}
