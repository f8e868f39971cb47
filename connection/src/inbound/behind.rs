//! What was decrypted behind content that is still lent out. Without the feature `bulk` nothing ever is, and the
//! compiler leaves out what looks here.

#[cfg(feature = "bulk")]
use alloc::boxed::Box;

use handclasp_report::FaultCode;

use super::Record;

/// The record or fault behind the content that is lent out, if it is known.
#[derive(Default)]
pub(super) struct Behind(#[cfg(feature = "bulk")] Option<Box<Result<Record, FaultCode>>>);

#[cfg(feature = "bulk")]
impl Behind {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn keep(&mut self, next: Result<Record, FaultCode>) {
        self.0 = Some(Box::new(next));
    }

    pub(super) fn take(&mut self) -> Option<Result<Record, FaultCode>> {
        self.0.take().map(|next| *next)
    }
}

#[cfg(not(feature = "bulk"))]
impl Behind {
    pub(super) fn is_empty(&self) -> bool {
        true
    }

    pub(super) fn take(&mut self) -> Option<Result<Record, FaultCode>> {
        None
    }
}
