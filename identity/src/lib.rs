//! Who we are: a certificate chain and the key that belongs to it, loaded or made here.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `identity` | [`Identity`]: chain and signer, checked against each other | RFC 8446 §4.4.2 |
//! | `input` | certificates and keys out of PEM or DER | RFC 7468, 5958, 5915, 8017 |
//! | `found` | what a file is that was something else than expected | – |
//! | `error`, `words` | what is wrong with an identity, and what to do | – |
//! | `issue`, `authority` | self-signed certificates and a small CA | RFC 5280 §4 |
//! | `signer` | our keys as rcgen wants them | – |
//! | `pem` | PEM out | RFC 7468 |
//! | `private_file` | what a file of secrets or trust must be, read and written | – |
#![no_std]
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod authority;
mod error;
mod found;
mod identity;
mod input;
#[cfg(feature = "std")]
mod issue;
#[cfg(feature = "std")]
mod pem;
#[cfg(feature = "std")]
pub mod private_file;
#[cfg(feature = "std")]
mod signer;
mod words;

#[cfg(feature = "std")]
pub use authority::Authority;
pub use error::{Cause, IdentityError, Input};
pub use found::Found;
pub use identity::Identity;
#[cfg(feature = "std")]
pub use issue::{Issue, IssueError, Issued, Usage, Validity, self_signed, self_signed_with};
#[cfg(feature = "std")]
pub use pem::to_pem;
