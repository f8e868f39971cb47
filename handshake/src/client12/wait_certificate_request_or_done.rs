//! A CertificateRequest (RFC 5246 §7.4.4) or already the ServerHelloDone.
//!
//! Called by: the table.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{CertificateRequest12, ClientCertificateType, Field, SignatureScheme};
use handclasp_report::Fault;

use super::{
    State,
    session::{Agreement, Session},
    wait_server_hello_done::WaitServerHelloDone,
};
use crate::{Env, message::decode};

/// The ServerKeyExchange came.
pub(crate) struct WaitCertificateRequestOrDone {
    pub(super) session: Box<Session>,
    pub(super) agreement: Agreement,
}

/// The server asks for our certificate.
pub(super) struct Request {
    /// Schemes that it verifies.
    pub(super) schemes: Vec<SignatureScheme>,
    /// Whether ecdsa_sign is asked for, which stands for EdDSA too (RFC 8422 §5.5).
    pub(super) ecdsa: bool,
    /// Whether rsa_sign is asked for.
    pub(super) rsa: bool,
}

impl WaitCertificateRequestOrDone {
    pub(super) fn certificate_request(self, message: &[u8]) -> Result<State, Fault> {
        let Self { mut session, agreement } = self;
        let request: CertificateRequest12<'_> = decode(message, Field::certificate_request)?;
        let request = Request {
            schemes: request.supported_signature_algorithms.iter().collect(),
            ecdsa: request.certificate_types.contains(&ClientCertificateType::ecdsa_sign),
            rsa: request.certificate_types.contains(&ClientCertificateType::rsa_sign),
        };
        session.transcript.add(message);
        Ok(State::WaitServerHelloDone(WaitServerHelloDone {
            session,
            agreement: Some(agreement),
            request: Some(request),
        }))
    }

    pub(super) fn server_hello_done(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { session, agreement } = self;
        WaitServerHelloDone { session, agreement: Some(agreement), request: None }
            .server_hello_done(env, message)
    }
}
