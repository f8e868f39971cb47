//! Wire structures of TLS 1.2 and 1.3 (RFC 8446 §3, §4 and §B, RFC 5246 §4 and §7.4, and the
//! extensions). Each structure is declared once, with the field names of its RFC; `decode` and `encode`
//! follow from that declaration.
//!
//! The crate allocates nothing and does not panic on any input. Decoded structures borrow from the
//! message. A decoder calls a [`Trace`] for each field that it reads: `explain` supplies one that records
//! them, and [`ErrorSlot`] is the one that keeps only the error of a decode that fails.
//!
//! Called by: `schedule`, `record`, `handshake` (which give the structures meaning), `explain` (which
//! dissects messages).
#![no_std]
#![deny(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::arithmetic_side_effects
)]
#![cfg_attr(
    test,
    allow(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::as_conversions,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(any(test, feature = "alloc"))]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod dissect;
mod error;
mod extension;
mod field;
mod handshake;
mod list;
mod name;
mod printable;
mod read;
mod record;
mod structure;
#[cfg(test)]
mod test_support;
mod trace;
mod write;

pub use dissect::{Context, dissect, dissect_handshake};
pub use error::{DecodeError, EncodeError, ErrorSlot, Problem};
pub use extension::*;
pub use field::Field;
pub use handshake::*;
pub use list::{Iter, List};
pub use name::*;
pub use printable::{Printable, is_hidden};
pub use read::{Decode, Malformed, Reader};
pub use record::*;
pub use trace::{Trace, Value};
pub use write::{Encode, Output, SliceOutput, Writer};
