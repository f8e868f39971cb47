//! Our identity: a certificate chain and the private key that belongs to it, loaded or issued here.
//!
//! | file | content | chapter |
//! |---|---|---|
//! | `identity` | [`Identity`]: chain and signer, checked against each other | RFC 8446 §4.4.2 |
//! | `default_provider` | the constructors that need no provider as an argument | – |
//! | `input` | certificates and keys from PEM or DER | RFC 7468, 5958, 5915, 8017 |
//! | `files`, `contents` | files as people have them: in one or two, under a passphrase; a feature | RFC 7292, 8018 |
//! | `order` | a chain in the order of peers | RFC 8446 §4.4.2 |
//! | `found` | the format of a file that was not what was expected | – |
//! | `error`, `words` | why an identity does not load, and what to do | – |
//! | `issue`, `authority` | self-signed certificates and a small CA | RFC 5280 §4 |
//! | `external`, `probe` | signers outside of this process; the test signature that they make | – |
//! | [`command`] | keys behind a command of the user | – |
//! | `pkcs11` | keys in tokens; a feature | RFC 7512, PKCS#11 |
//! | `ssh_agent` | keys in an ssh-agent; a feature | – |
//! | `request` | certificate signing requests, for a key wherever it is | RFC 2986 |
//! | `spki` | SubjectPublicKeyInfo from the parts of a public key | RFC 8017 §A.1.1 |
//! | `subject` | the fields of a subject | RFC 5280 §4.1.2.6 |
//! | `folder` | the identity of a device: made once, renewed, rotated | – |
//! | `signer` | our keys as rcgen's; certificates that they sign for themselves | – |
//! | `scheme_hash` | the hash of a signature scheme | RFC 8446 §4.2.3 |
//! | `pem` | writing PEM | RFC 7468 |
//!
//! Called by: `handclasp`, `cli`.
#![no_std]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod authority;
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
pub mod command;
#[cfg(feature = "passphrase")]
mod contents;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod default_provider;
mod error;
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
mod external;
#[cfg(feature = "passphrase")]
mod files;
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
mod folder;
mod found;
mod identity;
mod input;
#[cfg(feature = "std")]
mod issue;
#[cfg(feature = "std")]
mod order;
#[cfg(feature = "std")]
mod pem;
#[cfg(all(feature = "pkcs11", any(feature = "aws-lc", feature = "rustcrypto")))]
pub mod pkcs11;
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
mod probe;
#[cfg(feature = "std")]
mod request;
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
mod scheme_hash;
#[cfg(feature = "std")]
mod signer;
#[cfg(all(any(feature = "pkcs11", feature = "ssh-agent"), any(feature = "aws-lc", feature = "rustcrypto")))]
mod spki;
#[cfg(all(unix, feature = "ssh-agent", any(feature = "aws-lc", feature = "rustcrypto")))]
pub mod ssh_agent;
#[cfg(feature = "std")]
mod subject;
mod words;

#[cfg(feature = "std")]
pub use authority::Authority;
pub use error::{Cause, IdentityError, Input, ProbeFault};
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
pub use external::{ExternalSigner, SignerFailure, SignerInput, SignerPace};
#[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
pub use folder::{
    FolderError, FolderProblem, IdentityDescription, IdentityFolder, KeyLocation, KeyOpener, OpenError,
};
pub use found::Found;
/// Where passphrases come from.
#[cfg(feature = "passphrase")]
pub use handclasp_passphrase::{KnownPassphrase, NoPassphrase, Passphrase};
/// Files that hold secrets or decide which peers are trusted.
#[cfg(feature = "std")]
pub use handclasp_private_file as private_file;
pub use handclasp_rotation::{KeyRotation, RotationError, RotationKey};
pub use identity::Identity;
#[cfg(feature = "std")]
pub use issue::{CertificateParams, IssueError, IssuedCertificate, Usage, Validity};
#[cfg(feature = "std")]
pub use pem::to_pem;
#[cfg(feature = "std")]
pub use request::CertificateRequest;
#[cfg(feature = "std")]
pub use subject::SubjectField;
