//! WAIT_CERT_CR: a CertificateRequest (RFC 8446 §4.3.2) or already the Certificate.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CertificateRequest13, CertificateType, ExtensionType, Field};
use handclasp_report::{Failed, Fault, Side, Tag};

use super::{State, handshake::Handshake, wait_certificate::WaitCertificate};
use crate::{Context, capability, message::decode};

/// EncryptedExtensions came, and no pre-shared key was chosen.
pub(crate) struct WaitCertificateOrRequest {
    pub(super) handshake: Box<Handshake>,
}

/// The server asks for our certificate.
pub(super) struct Request {
    /// Only a server with a certificate asks (RFC 8446 §4.3.2).
    _proof: capability::Certificates,
    /// The message, kept because the need borrows from it.
    pub(super) message: Vec<u8>,
    /// What it asks for.
    pub(super) certificate_type: CertificateType,
}

impl WaitCertificateOrRequest {
    #[inline(never)]
    pub(super) fn certificate_request(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake } = self;
        let request: CertificateRequest13<'_> = decode(message, Field::certificate_request, context.report)?;
        if !request.certificate_request_context.is_empty() {
            return Err(context.fail(Fault::IllegalParameter(Field::certificate_request_context)));
        }
        let missing = Fault::MissingExtension(ExtensionType::signature_algorithms);
        let schemes = request.extensions.signature_algorithms.ok_or_else(|| context.fail(missing))?;
        context.report.note(Side::Server, Tag::CertificateRequest, &[]);
        let listed = schemes.supported_signature_algorithms.wire_bytes();
        context.report.note(Side::Server, Tag::Schemes, listed.unwrap_or_default());
        handshake.transcript.add(message);
        let request =
            Request { _proof: on, message: Vec::from(message), certificate_type: handshake.types.client };
        Ok(State::WaitCertificate(on, WaitCertificate { handshake, request: Some(request) }))
    }

    #[inline(never)]
    pub(super) fn certificate(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        WaitCertificate { handshake: self.handshake, request: None }.certificate(on, context, message)
    }
}
