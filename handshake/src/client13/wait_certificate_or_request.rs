//! WAIT_CERT_CR: a CertificateRequest (RFC 8446 §4.3.2) or already the Certificate.
//!
//! Called by: the table.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CertificateRequest13, ExtensionType, Field, SignatureScheme};
use handclasp_report::Fault;

use super::{State, session::Session, wait_certificate::WaitCertificate};
use crate::message::decode;

/// EncryptedExtensions came, and no pre-shared key was chosen.
pub(crate) struct WaitCertificateOrRequest {
    pub(super) session: Box<Session>,
}

/// The server asks for our certificate.
pub(super) struct Request {
    /// Schemes that it verifies.
    pub(super) schemes: Vec<SignatureScheme>,
}

impl WaitCertificateOrRequest {
    pub(super) fn certificate_request(self, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session } = self;
        let request: CertificateRequest13<'_> = decode(message, Field::certificate_request)?;
        if !request.certificate_request_context.is_empty() {
            return Err(Fault::IllegalParameter(Field::certificate_request_context));
        }
        let missing = Fault::MissingExtension(ExtensionType::signature_algorithms);
        let schemes = request.extensions.signature_algorithms.ok_or(missing)?;
        let schemes = schemes.supported_signature_algorithms.iter().collect();
        session.transcript.add(message);
        Ok(State::WaitCertificate(WaitCertificate { session, request: Some(Request { schemes }) }))
    }

    pub(super) fn certificate(self, message: &[u8]) -> Result<State, Fault> {
        WaitCertificate { session: self.session, request: None }.certificate(message)
    }
}
