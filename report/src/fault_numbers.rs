//! The numbers that name a fault where no words can: in the C interface.

use crate::{
    Fault,
    encode::{FAULT_MAX, write},
};

/// The number of a fault's variant in the compact report, which never changes, and the number of its first
/// part where that is an enumeration or a code point of one byte.
pub fn fault_numbers(fault: &Fault) -> [u8; 2] {
    let mut bytes = [0; FAULT_MAX];
    let _length = write(fault, None, &mut bytes);
    let [number, first_part, ..] = bytes;
    [number, first_part]
}
