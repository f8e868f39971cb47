//! Private keys under a passphrase: encrypted PKCS#8, and PKCS#12 with certificates beside the key. Reading only.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use handclasp_passphrase::{Bag, KnownPassphrase, Passphrases, Pkcs12};
//!
//! let file = std::fs::read("device.p12")?;
//! let mut passphrase = KnownPassphrase::new("secret");
//! let opened = Pkcs12::open(&file, &mut Passphrases::new(&mut passphrase)).expect("PKCS#12");
//! let certificates = opened.bags().filter(|bag| matches!(bag, Bag::Certificate(_)));
//! println!("{} certificates", certificates.count());
//! # Ok(())
//! # }
//! ```
//!
//! The crates for PKCS#12 that exist bring decoders of certificates and CMS, or are between versions; what is read
//! here is one walk through the structure, and the ciphers come from RustCrypto.
//!
//! | file | content | chapter |
//! |---|---|---|
//! | `source` | [`Passphrase`]: where passphrases come from | – |
//! | `encryption` | what a key is encrypted with, and opening it | RFC 5958 §3, 8018 |
//! | `pkcs12` | [`Pkcs12`]: certificates, keys and CRLs of one file | RFC 7292 |
//! | `derivation` | keys and MACs from passphrases in PKCS#12 | RFC 7292 appendix B |
//!
//! Called by: `identity`, `lint`.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod derivation;
mod encryption;
mod pkcs12;
mod source;

pub use encryption::{Closed, decrypt, old_encryption, open_key};
pub use pkcs12::{Bag, Content, Mac, Malformed, Pkcs12};
pub use source::{KnownPassphrase, NoPassphrase, Passphrase, Passphrases};
