//! Trust anchors (RFC 5280 §6.1.1 (d)): the roots that a device carries.

use handclasp_report::CertificateFault;

use crate::x509::{Certificate, NAME_CONSTRAINTS};

/// The name and the public key of a root, borrowed: usually from the program's constants. Dates and
/// extensions of a root are not checked (RFC 5280 §6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor<'a> {
    /// With tag and length.
    pub(super) subject: &'a [u8],
    pub(super) spki: &'a [u8],
    /// The whole certificate, which the peer may send as its own.
    pub(super) certificate: Option<&'a [u8]>,
}

impl<'a> Anchor<'a> {
    /// From a Name and a SubjectPublicKeyInfo (DER), which take less flash than the certificate.
    pub const fn new(subject: &'a [u8], spki: &'a [u8]) -> Self {
        Self { subject, spki, certificate: None }
    }

    /// From a certificate (DER). A self-signed certificate that the peer sends as its own is accepted, too,
    /// if it is this one byte for byte.
    ///
    /// # Errors
    /// A certificate that does not parse, or one with name constraints, which are not implemented here.
    pub fn from_certificate(certificate: &'a [u8]) -> Result<Self, CertificateFault> {
        let malformed = |_| CertificateFault::Malformed { index: 0 };
        let root = Certificate::read(certificate).map_err(malformed)?;
        if root.extensions.find(NAME_CONSTRAINTS).map_err(malformed)?.is_some() {
            return Err(CertificateFault::ConstraintViolated);
        }
        Ok(Self { subject: root.subject, spki: root.spki, certificate: Some(certificate) })
    }
}
