//! The server asked for a certificate: which one to show, if any (RFC 8446 §4.4.2).
//!
//! Called by: the table.

use alloc::boxed::Box;

use handclasp_codec::{List, ProtocolVersion, SignatureScheme};
use handclasp_crypto::KeyKind;
use handclasp_report::Fault;
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{
    State, our_flight::OurFlight, wait_certificate_or_request::Request, wait_signature::WaitSignature,
};
use crate::{
    Answer, Credential, Env, Need,
    message::refuse_answer,
    negotiate::{scheme, scheme_fits},
};

/// The server's Finished came, and before it a CertificateRequest.
pub(crate) struct WaitCredential {
    pub(super) flight: Box<OurFlight>,
    pub(super) request: Request,
}

impl WaitCredential {
    pub(super) fn need(&self) -> Need<'_> {
        let schemes = &self.request.schemes;
        let fits = |scheme: &SignatureScheme, kind| scheme_fits(ProtocolVersion::TLS_1_3, kind, *scheme);
        let rsa = schemes.iter().any(|scheme| fits(scheme, KeyKind::Rsa));
        let others = || KeyKind::ALL.into_iter().filter(|kind| *kind != KeyKind::Rsa);
        let ecdsa = schemes.iter().any(|scheme| others().any(|kind| fits(scheme, kind)));
        Need::Credential { server_name: None, schemes: List::of(schemes), ecdsa, rsa }
    }

    pub(super) fn answer(self, env: &mut Env<'_>, answer: Answer<'_>) -> Result<State, Fault> {
        let Self { mut flight, request } = self;
        match answer {
            Answer::Credential(None) => {
                flight.certificate(env, &[])?;
                flight.finish(env)
            }
            Answer::Credential(Some(Credential { chain, key, schemes })) => {
                let scheme = scheme(ProtocolVersion::TLS_1_3, key, schemes, List::of(&request.schemes))?;
                flight.certificate(env, chain)?;
                let content = certificate_verify_content(Sender::Client, &flight.transcript.hash());
                Ok(State::WaitSignature(WaitSignature { flight, scheme, content: Box::new(content) }))
            }
            other => Err(refuse_answer(&other)),
        }
    }
}
