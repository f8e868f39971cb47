//! One question to the store, and what its outcome says about the store: whether it is away, or answers and refuses.

use std::{
    future::Future,
    sync::PoisonError,
    time::{Duration, Instant},
};

use super::{Inner, StoreEvent};
use crate::{RecordKind, Store, StoreError};

/// What is asked of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    /// Whether it answers.
    Ping,
    /// A record of this kind.
    Read(RecordKind),
    /// To make a record of this kind.
    Write(RecordKind),
}

impl<S: Store> Inner<S> {
    /// An operation within the time limit. While the store is away it is not begun.
    pub(super) async fn call<T>(
        &self,
        operation: Operation,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if !self.health().is_up() {
            return Err(StoreError::Unavailable("the store is away".into()));
        }
        self.ask(operation, answer).await
    }

    /// As [`Inner::call`], also of a store that is away.
    pub(super) async fn ask<T>(
        &self,
        operation: Operation,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let outcome = self.within(self.options.time_limit, answer).await;
        if let (Operation::Read(kind), false) = (operation, is_unavailable(&outcome)) {
            self.health().returns(kind, !matches!(outcome, Err(StoreError::Refused(_))));
        }
        match (&outcome, operation) {
            (Err(StoreError::Unavailable(why)), _) | (Err(StoreError::Refused(why)), Operation::Ping) => {
                self.away(why);
            }
            (Err(StoreError::Refused(why)), Operation::Read(kind)) => self.refused(kind, false, why),
            (Err(StoreError::Refused(why)), Operation::Write(kind)) => self.refused(kind, true, why),
            (Ok(_) | Err(StoreError::Record(_)), _) => self.health().answered(),
        }
        outcome
    }

    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limited = tokio::time::timeout(limit, answer).await;
        limited.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(format!("no answer within {} ms", limit.as_millis())))
        })
    }

    pub(super) fn away(&self, why: &str) {
        let (is_news, since) = {
            let mut health = self.health();
            (health.fell(), health.last_answer())
        };
        if is_news {
            (self.observer)(&StoreEvent::Away { why: why.to_owned(), since, stale: self.options.stale });
        }
    }

    /// Reports what the store refuses, once a minute: clients choose how often it is asked.
    fn refused(&self, kind: RecordKind, is_write: bool, why: &str) {
        let name: &[u8] = if is_write { b"write" } else { b"read" };
        let is_due = {
            let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
            refusals.is_due(kind, name, Instant::now())
        };
        if is_due {
            (self.observer)(&StoreEvent::Refused { kind, is_write, why: why.to_owned() });
        }
    }
}

fn is_unavailable<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}
