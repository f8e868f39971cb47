//! Certificate signing requests (PKCS#10, RFC 2986), and self-signed certificates: for a key wherever it
//! is, signed by its signer.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_crypto::{Random, SigningKey, Verify};
use rustls_pki_types::CertificateDer;

use crate::{
    CertificateParams, Identity, IssueError,
    issue::leaf,
    signer::{Signer, self_signed},
    to_pem,
};

/// A request that a CA signs a certificate for a key (RFC 2986). It holds the public key, the subject and
/// the extensions asked for, and is signed by the key, which proves that the requester has it.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateRequest {
    der: Vec<u8>,
}

impl CertificateRequest {
    /// A request for the key of `signer`. Its signature is verified with one of `verify` before the
    /// request is returned; an empty list skips that.
    ///
    /// # Errors
    /// As [`Identity::certificate_request_with`].
    pub fn new_with(
        params: &CertificateParams<'_>,
        signer: &dyn SigningKey,
        verify: &[&dyn Verify],
        random: &mut dyn Random,
    ) -> Result<Self, IssueError> {
        let mut request = leaf(params, random)?;
        // The CA decides on them.
        request.serial_number = None;
        request.use_authority_key_identifier_extension = false;
        let signer = Signer::new(signer, verify, random)?;
        let made = request.serialize_request(&signer).map_err(|_| signer.failure())?;
        Ok(Self { der: made.der().to_vec() })
    }

    /// The request in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request in PEM (`CERTIFICATE REQUEST`).
    pub fn pem(&self) -> String {
        String::from(to_pem("CERTIFICATE REQUEST", &self.der).as_str())
    }
}

impl fmt::Debug for CertificateRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateRequest({} bytes)", self.der.len())
    }
}

impl Identity {
    /// As [`Identity::certificate_request`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::certificate_request`].
    pub fn certificate_request_with(
        &self,
        params: &CertificateParams<'_>,
        verify: &[&dyn Verify],
        random: &mut dyn Random,
    ) -> Result<CertificateRequest, IssueError> {
        CertificateRequest::new_with(params, self.signer(), self.verified_by(verify), random)
    }

    /// As [`Identity::self_signed_certificate`], with the provider of the caller.
    ///
    /// # Errors
    /// As [`Identity::self_signed_certificate`].
    pub fn self_signed_certificate_with(
        &self,
        params: &CertificateParams<'_>,
        verify: &[&dyn Verify],
        random: &mut dyn Random,
    ) -> Result<CertificateDer<'static>, IssueError> {
        self_signed(&leaf(params, random)?, self.signer(), self.verified_by(verify), random)
    }
}
