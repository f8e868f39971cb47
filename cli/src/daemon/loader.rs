//! Reads a source on a thread of its own: a file may be on a disk that does not answer, and a person may be asked for a
//! passphrase. What runs goes on meanwhile, and signals are heeded.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::task::spawn_blocking;

use super::{Before, Source, Unit};
use crate::exit::Failure;

pub struct Loader<S> {
    source: Arc<Mutex<S>>,
    /// As it was read last: the source itself may be read at this moment.
    drain: Duration,
}

impl<S: Source> Loader<S> {
    pub fn new(source: S) -> Self {
        let drain = source.drain();
        Self { source: Arc::new(Mutex::new(source)), drain }
    }

    /// Reads flags and files. Where this is dropped, the thread goes on, and what it reads counts for nothing.
    ///
    /// # Errors
    /// Those of [`Source::load`].
    pub async fn load(&mut self, before: Arc<Before>) -> Result<Vec<Unit>, Failure> {
        let source = Arc::clone(&self.source);
        let loading = spawn_blocking(move || {
            let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
            let units = source.load(&before)?;
            Ok::<_, Failure>((units, source.drain()))
        });
        let (units, drain) = match loading.await {
            Ok(loaded) => loaded?,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => return Err(Failure::Transport(error.to_string())),
            },
        };
        self.drain = drain;
        Ok(units)
    }

    /// Time limit of connections that a signal, or a reload, ends.
    pub fn drain(&self) -> Duration {
        self.drain
    }
}
