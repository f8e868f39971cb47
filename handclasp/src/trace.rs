//! Spans and events of a connection for the crate `tracing`, with the feature of that name; nothing without it.
//!
//! Every way to a stream (blocking, tokio, without a socket) drives a [`crate::Connection`], which keeps the one
//! [`Trace`] of its handshake. What is recorded comes from the report and from what was negotiated, which hold
//! no secrets. Names of spans, events and fields stand in docs/observe.md.

#[cfg(not(feature = "tracing"))]
mod off;
#[cfg(feature = "tracing")]
mod on;

#[cfg(all(feature = "tokio", not(feature = "tracing")))]
pub(crate) use off::Handle;
#[cfg(not(feature = "tracing"))]
pub(crate) use off::{Trace, replaced};
#[cfg(all(feature = "tokio", feature = "tracing"))]
pub(crate) use on::Handle;
#[cfg(feature = "tracing")]
pub(crate) use on::{Trace, replaced};

use crate::{Connection, Error};

impl Connection {
    /// Records what the last step changed.
    pub(crate) fn observe(&mut self) {
        let Self { engine, state, trace, .. } = self;
        trace.step(engine, state);
        if trace.is_open() && self.engine.fault_code().is_some() {
            self.observe_end();
        }
    }

    /// Records the fault that ended the handshake.
    #[cold]
    fn observe_end(&mut self) {
        if let Some(error) = self.error() {
            self.trace.failed(&error);
        }
    }

    /// Records that the handshake failed for what this connection does not know, such as an error of the
    /// transport.
    pub(crate) fn observe_failure(&mut self, error: &Error) {
        self.trace.failed(error);
    }
}
