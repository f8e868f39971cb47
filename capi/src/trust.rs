//! Which peers' certificates are trusted. A chain is judged certificate by certificate, as it arrives; hosts, whose
//! verifier needs it whole, keep it until then. What a program does not configure is not linked: a device with pins
//! has no code for chains.

#[cfg(any(test, not(feature = "std")))]
mod chain;
mod pins;
#[cfg(feature = "std")]
mod web_pki;

use alloc::{boxed::Box, vec::Vec};

use handclasp_crypto::Verify;
use handclasp_report::{CertificateError, Evidence, Side};
use handclasp_trust::{Name, Pin, Role, VerifiedKey, pinned};

use crate::{codes::HC_ORDER, provider, refusal::Refusal, shared::Shareable, time::Now};
#[cfg(not(feature = "std"))]
pub(crate) use chain::Roots;
pub(crate) use pins::Pins;
#[cfg(feature = "std")]
pub(crate) use web_pki::Roots;

/// What a peer's certificates are verified for.
pub(crate) struct Subject<'a> {
    /// Our side.
    pub(crate) side: Side,
    pub(crate) name: Option<&'a Name>,
    pub(crate) now: Now,
    pub(crate) algorithms: &'a [&'static dyn Verify],
}

impl Subject<'_> {
    fn role(&self) -> Role {
        match self.side {
            Side::Client => Role::Server,
            Side::Server => Role::Client,
        }
    }
}

/// The peer's key, or why it is not trusted.
pub(crate) type Verdict = Result<Box<VerifiedKey>, CertificateError>;

/// A kind of trust.
pub(crate) trait PeerTrust: Shareable {
    /// Starts judging a chain.
    fn start(&self) -> Box<dyn Judge>;
    /// Whether servers must be asked for by a name.
    fn needs_name(&self) -> bool;
    /// Whether dates are judged, and so need the time.
    fn judges_dates(&self) -> bool;
    /// Adds a pin; whether that is possible.
    fn add_pin(&mut self, pin: Pin) -> bool;
    /// Adds a root (DER), where roots were given one by one.
    fn add_root(&mut self, _: &[u8]) -> Result<(), Refusal> {
        Err(HC_ORDER.into())
    }
    /// Byte strings that differ for any two lists.
    fn fingerprint(&self) -> Vec<Vec<u8>>;
}

/// A chain being judged. It owns what it needs, so that it can wait in a connection.
pub(crate) trait Judge: Shareable {
    /// Takes the next certificate (DER), end-entity certificate first. The subject is the same for all.
    fn certificate(&mut self, subject: &Subject<'_>, der: &[u8]) -> Result<(), CertificateError>;
    /// The verdict, after the last certificate.
    fn verdict(&mut self, subject: &Subject<'_>) -> Verdict;
}

/// The key of a certificate that someone else judges, or that is our own.
pub(crate) fn key_of(leaf: &[u8]) -> Verdict {
    match pinned::verify_certificate(leaf, &[], provider::SHA256) {
        Err(CertificateError { evidence: Some(Evidence::Pin(found)), .. }) => {
            pinned::verify_certificate(leaf, &[Pin(found)], provider::SHA256).map(Box::new)
        }
        other => other.map(Box::new),
    }
}
