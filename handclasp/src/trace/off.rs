//! Without the feature `tracing`: no bytes and no code.

use handclasp_connection::Connection as Engine;
use handclasp_report::Side;

use crate::{Error, NeedKind, answer::HandshakeState};

/// The span of a handshake; see the other implementation.
pub(crate) struct Trace;

/// What [`Trace::enter`] returns.
pub(crate) struct Inside;

/// The span of a handshake, for what is awaited.
#[cfg(feature = "tokio")]
pub(crate) struct Handle;

#[cfg(feature = "tokio")]
impl Handle {
    #[inline]
    pub(crate) fn enter(&self) -> Inside {
        Inside
    }
}

impl Trace {
    #[inline]
    pub(crate) fn begin(_: Side, _: Option<&str>) -> Self {
        Self
    }

    #[inline]
    pub(crate) fn closed() -> Self {
        Self
    }

    #[inline]
    pub(crate) fn enter(&self) -> Inside {
        Inside
    }

    #[cfg(feature = "tokio")]
    #[inline]
    pub(crate) fn handle(&self) -> Handle {
        Handle
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        false
    }

    #[inline]
    pub(crate) fn step(&mut self, _: &Engine, _: &HandshakeState) {}

    #[inline]
    pub(crate) fn need_answered(&mut self, _: NeedKind) {}

    #[inline]
    pub(crate) fn failed(&mut self, _: &Error) {}
}

#[inline]
pub(crate) fn replaced(_: Side) {}
