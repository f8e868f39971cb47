//! A small CA in a folder, for the devices of one team: it signs requests by profile, keeps a readable list
//! of what it issued, revokes, and makes CRLs. Its key is a file, or in a token, an agent or behind a command.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use handclasp_authority::{AuthorityFolder, AuthorityParams, NameConstraints, Profile, SignParams};
//! use handclasp_identity::{CertificateParams, Identity};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("ca");
//! let names = NameConstraints::default().permit("example.com".parse()?);
//! let ca = AuthorityFolder::create(&path, &AuthorityParams::new("Example CA").with_constraints(names))?;
//! let device = Identity::self_signed(&["lock-7.example.com"])?;
//! let request = device.certificate_request(&CertificateParams::new(&["lock-7.example.com"]))?;
//! let signed = ca.sign(request.der(), &SignParams::new(Profile::Device))?;
//! let device = device.with_chain(signed.chain)?;
//! # let other = device.certificate_request(&CertificateParams::new(&["lock-7.example.org"]))?;
//! # let refused = ca.sign(other.der(), &SignParams::new(Profile::Device).as_renewal()).unwrap_err();
//! # assert!(refused.to_string().contains("may not certify DNS:lock-7.example.org"), "{refused}");
//! # Ok(())
//! # }
//! ```
//!
//! | file | content | chapter |
//! |---|---|---|
//! | `folder` | [`AuthorityFolder`]: the files of a CA | – |
//! | `params` | [`AuthorityParams`], [`SignParams`] | – |
//! | `certificate` | the certificate of the CA | RFC 5280 §4 |
//! | `request` | [`Request`]: a request, verified and decoded | RFC 2986 |
//! | `subject`, `alt_name` | subjects and names | RFC 5280 §4.1.2.6, §4.2.1.6 |
//! | `profile` | [`Profile`]: what a certificate is for | RFC 5280 §4.2.1.12 |
//! | `constraints` | [`NameConstraints`]: which names a CA may certify | RFC 5280 §4.2.1.10 |
//! | `crl_url` | [`CrlUrl`]: where peers fetch the CRL | RFC 5280 §4.2.1.13 |
//! | `sign` | signing, recording | – |
//! | `revoke` | [`Crl`]: revoking, CRLs | RFC 5280 §5 |
//! | `revocation` | [`RevocationReason`], [`Revocation`] | RFC 5280 §5.3.1 |
//! | `list` | [`Issued`]: the list of what was issued | – |
//! | `signer` | the key of the CA as rcgen's | – |
//! | `error`, `words` | what is wrong, and the fix | – |
//! | `time` | times as text | RFC 3339 |
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

mod alt_name;
mod certificate;
mod constraints;
mod crl_url;
mod error;
mod folder;
mod list;
mod params;
mod profile;
mod request;
mod revocation;
mod revoke;
mod sign;
mod signer;
mod subject;
mod time;
mod words;

pub use alt_name::{AltName, BadName};
pub use constraints::{BadSubtree, NameConstraints, Subtree};
pub use crl_url::{BadCrlUrl, CrlUrl};
pub use error::{AuthorityError, AuthorityProblem};
pub use folder::AuthorityFolder;
pub use list::Issued;
pub use params::{AuthorityParams, SignParams};
pub use profile::Profile;
pub use request::{Request, RequestProblem};
pub use revocation::{Revocation, RevocationReason};
pub use revoke::Crl;
pub use sign::Signed;
