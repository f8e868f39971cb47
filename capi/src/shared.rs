//! Counted references. Threads may share a configuration where the processor can count for them; thumbv6m
//! cannot, and has one core.

#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use alloc::rc::Rc as Shared;
#[cfg(target_has_atomic = "ptr")]
pub(crate) use alloc::sync::Arc as Shared;

/// A value that threads may share, where they may share a configuration.
#[cfg(target_has_atomic = "ptr")]
pub(crate) trait Shareable: Send + Sync {}
#[cfg(target_has_atomic = "ptr")]
impl<T: Send + Sync> Shareable for T {}

/// Any value: there is one thread.
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) trait Shareable {}
#[cfg(not(target_has_atomic = "ptr"))]
impl<T> Shareable for T {}
