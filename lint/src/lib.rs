//! What is wrong with a certificate request, certificate, chain, private key, PKCS#12 or CRL, and at which byte;
//! what a peer says about it; and the fix.
//!
//! ```
//! use handclasp_lint::{Code, Linter, NoPassphrase};
//!
//! let file = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
//! let report = Linter::without_clock().lint(file, &mut NoPassphrase);
//! let finding = &report.items[0].findings[0];
//! assert_eq!((finding.code, finding.place.file), (Code::FileTruncated, Some(32)));
//! ```
//!
//! | file | content | chapter |
//! |---|---|---|
//! | `lint` | [`Linter`]: a file, its structures, and those against each other | – |
//! | `report`, `facts` | [`LintReport`]: the result, and facts for people | – |
//! | `finding` | [`Finding`], [`Code`]: what is wrong, as data | – |
//! | `words` | the sentences of each code | – |
//! | `pem` | PEM whose bytes keep their offset in the file | RFC 7468 |
//! | `der` | DER that is read on behind an error | X.690 |
//! | `request` | certificate requests | RFC 2986 |
//! | `certificate`, `extensions`, `name`, `time` | certificates | RFC 5280 |
//! | `spki`, `point` | public keys, and what stands in their place | RFC 5480, 8410, 3279 |
//! | `signature` | signatures: algorithm, encoding, validity | RFC 3279, 5758 |
//! | `chain` | certificates against each other | RFC 8446 §4.4.2 |
//! | `purpose` | names and purposes that a certificate is meant for | RFC 9525 |
//! | `revocation` | CRLs against certificates | RFC 5280 §6.3 |
//! | `private_key` | private keys, also under a passphrase | RFC 5958, 8018 |
//! | `crl` | revocation lists | RFC 5280 §5 |
//! | `pkcs12` | PKCS#12 and what is in it | RFC 7292 |
//!
//! Called by: `cli`.
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

mod certificate;
mod chain;
mod crl;
mod der;
mod extensions;
mod facts;
mod finding;
mod lint;
mod name;
mod pem;
mod pkcs12;
mod point;
mod private_key;
mod purpose;
mod report;
mod request;
mod revocation;
mod signature;
mod spki;
mod time;
mod words;

pub use finding::{Code, Finding, Place, Severity};
pub use handclasp_passphrase::{KnownPassphrase, NoPassphrase, Passphrase};
pub use lint::Linter;
pub use purpose::Purpose;
pub use report::{Item, LintReport};
pub use words::Words;
