//! A CertificateRequest (RFC 5246 §7.4.4) or already the ServerHelloDone.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CertificateRequest12, CertificateType, Field, HandshakeType};
use handclasp_report::{Failed, Side, Tag};

use super::{
    State,
    handshake::{Agreement, Handshake, Premaster},
    wait_server_hello_done::WaitServerHelloDone,
};
use crate::{Context, capability, message::decode};

/// The ServerKeyExchange came.
pub(crate) struct WaitCertificateRequestOrDone {
    pub(super) handshake: Box<Handshake>,
    pub(super) agreement: Agreement,
}

/// The server asks for our certificate.
pub(super) struct Request {
    /// Only a server with a certificate asks (RFC 5246 §7.4.4).
    _proof: capability::Certificates,
    /// The message, kept because the need borrows from it.
    pub(super) message: Vec<u8>,
    /// What it asks for.
    pub(super) certificate_type: CertificateType,
}

impl WaitCertificateRequestOrDone {
    #[inline(never)]
    pub(super) fn certificate_request(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { mut handshake, agreement } = self;
        let request: CertificateRequest12<'_> = decode(message, Field::certificate_request, context.report)?;
        context.report.note(Side::Server, Tag::CertificateRequest, &[]);
        let schemes = request.supported_signature_algorithms.wire_bytes();
        context.report.note(Side::Server, Tag::Schemes, schemes.unwrap_or_default());
        handshake.transcript.add(message);
        let certificates = &context.config.certificates;
        certificates.within_limit(
            &handshake.transcript,
            HandshakeType::certificate_request,
            context.report,
        )?;
        let request =
            Request { _proof: on, message: Vec::from(message), certificate_type: handshake.types.client };
        Ok(State::WaitServerHelloDone(WaitServerHelloDone {
            handshake,
            premaster: Premaster::Ecdhe(on, agreement),
            request: Some(request),
        }))
    }

    #[inline(never)]
    pub(super) fn server_hello_done(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        message: &[u8],
    ) -> Result<State, Failed> {
        let Self { handshake, agreement } = self;
        let premaster = Premaster::Ecdhe(on, agreement);
        WaitServerHelloDone { handshake, premaster, request: None }.server_hello_done(context, message)
    }
}
