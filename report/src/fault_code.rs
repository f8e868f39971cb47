//! A fault as one number.

use core::{fmt, num::NonZeroU64};

use crate::{Fault, Internal, encode};

/// A [`Fault`] in 8 bytes, as a report keeps it: the lowest byte is the number of the variant, which never
/// changes, then come its parts. A device needs nothing else of a fault; [`FaultCode::fault`] takes it apart
/// for programs that do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FaultCode(NonZeroU64);

impl FaultCode {
    /// Bytes in a report.
    pub(crate) const SIZE: usize = size_of::<Self>();

    /// The fault.
    pub fn fault(self) -> Fault {
        let read = encode::read(encode::Form::Fixed, &self.bytes());
        read.map_or(Fault::Internal(Internal::Bug), |(fault, _)| fault)
    }

    /// Whether it is [`Fault::Truncated`]: only the transport ended.
    pub fn is_truncated(self) -> bool {
        let [number, _] = Fault::Truncated { expected: None, anything_came: false }.code().numbers();
        self.numbers()[0] == number
    }

    /// Its bytes in a report.
    pub(crate) fn bytes(self) -> [u8; 8] {
        self.0.get().to_le_bytes()
    }

    /// The number of the variant, and that of its first part where this is an enumeration or a code point
    /// of one byte.
    pub fn numbers(self) -> [u8; 2] {
        let [number, first_part, ..] = self.bytes();
        [number, first_part]
    }
}

impl Fault {
    /// The fault as one number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn code(self) -> FaultCode {
        FaultCode(NonZeroU64::new(encode::pack(self)).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Fault> for FaultCode {
    #[inline]
    fn from(fault: Fault) -> Self {
        fault.code()
    }
}

impl From<FaultCode> for Fault {
    fn from(code: FaultCode) -> Self {
        code.fault()
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fault(), f)
    }
}

impl core::error::Error for FaultCode {}

impl fmt::Debug for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.fault(), f)
    }
}
