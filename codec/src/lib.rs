//! Every wire structure of TLS 1.2 and 1.3 (RFC 8446 §3 §4 §B, RFC 5246 §4 §7.4 and the
//! extensions), each declared once: its fields by the RFC's names, `decode` and `encode`
//! side by side and in the same order.
//!
//! No heap, no panic. Decoded structures borrow from the message. A decoder tells a
//! [`Trace`] every field it reads; `()` is the silent one and costs nothing, `explain`
//! brings one that keeps them.
//!
//! Called by: `schedule`, `record`, `handshake` (meaning), `explain` (dissection).
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
mod read;
mod record;
mod structure;
#[cfg(test)]
mod test_support;
mod trace;
mod write;

pub use dissect::{Context, dissect, dissect_handshake};
pub use error::{DecodeError, EncodeError, Problem};
pub use extension::*;
pub use field::Field;
pub use handshake::*;
pub use list::{Iter, List};
pub use name::*;
pub use read::{Decode, Reader};
pub use record::*;
pub use trace::{Trace, Value};
pub use write::{Encode, Output, SliceOutput, Writer};
