//! Handshakes that call what blocks: keys in tokens, agents and commands, questions on a terminal, files of known
//! peers.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::block_in_place,
};

/// Threads that may be blocked at the same time. The runtime has a spare thread for each of them, at most 512 in all;
/// without a limit a slow token and many clients would take them all, and then nothing runs any more.
const THREADS: usize = 64;

/// Polls futures that may block, each poll on a thread that the runtime can spare. All clones share one limit: other
/// futures wait until one of the threads is free again. 64 by default.
#[derive(Clone)]
pub struct Blocking(Arc<Semaphore>);

impl Default for Blocking {
    fn default() -> Self {
        Self::new(THREADS)
    }
}

type Permit = Pin<Box<dyn Future<Output = Option<OwnedSemaphorePermit>> + Send>>;

impl Blocking {
    /// At most `threads` futures block at the same time.
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(Semaphore::new(threads)))
    }

    /// A future that may block whenever it is polled.
    pub fn run<F: Future + Unpin>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        MayBlock { blocking: self.clone(), future, waiting: None }
    }

    /// Calls a function that may block.
    pub async fn call<R>(&self, function: impl FnOnce() -> R) -> R {
        // A semaphore that is never closed.
        let _permit = self.0.acquire().await.ok();
        in_place(function)
    }

    fn permit(&self) -> Permit {
        let semaphore = Arc::clone(&self.0);
        Box::pin(async move { semaphore.acquire_owned().await.ok() })
    }
}

struct MayBlock<F> {
    blocking: Blocking,
    future: F,
    /// Waits for a thread.
    waiting: Option<Permit>,
}

impl<F: Future + Unpin> Future for MayBlock<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let waiting = this.waiting.get_or_insert_with(|| this.blocking.permit());
        let _permit = ready!(waiting.as_mut().poll(cx));
        this.waiting = None;
        in_place(|| Pin::new(&mut this.future).poll(cx))
    }
}

/// Runs what blocks; a runtime of one thread has none to spare.
fn in_place<R>(function: impl FnOnce() -> R) -> R {
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(function),
        _ => function(),
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").field("free", &self.0.available_permits()).finish()
    }
}
