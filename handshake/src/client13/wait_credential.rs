//! The server asked for a certificate: which one to show, if any (RFC 8446 §4.4.2).

use alloc::boxed::Box;

use handclasp_codec::{CertificateRequest13, List, ProtocolVersion, SignatureScheme};
use handclasp_crypto::KeyKind;
use handclasp_report::{Failed, Fault, Side};
use handclasp_schedule::{Sender, certificate_verify_content};

use super::{
    State, our_flight::OurFlight, wait_certificate_or_request::Request, wait_signature::WaitSignature,
};
use crate::{
    Answer, Context, CredentialRequest, Need, capability,
    certificates::{check_shown, note_none_shown},
    message::{decode_again, refuse_answer, signer_failed},
    negotiate::scheme_fits,
};

/// The server's Finished came, and before it a CertificateRequest.
pub(crate) struct WaitCredential {
    pub(super) flight: Box<OurFlight>,
    pub(super) request: Request,
}

/// The server asked for a certificate, and its Finished came. A program that cannot send one says so, as
/// every client must that has none (RFC 8446 §4.4.2).
pub(super) fn asked(flight: OurFlight, context: &mut Context<'_>, request: Request) -> Result<State, Failed> {
    match capability::ClientAuth::get() {
        Some(on) => Ok(State::WaitCredential(on, WaitCredential { flight: Box::new(flight), request })),
        None => without(flight, context),
    }
}

/// The flight of a client that has no certificate.
fn without(mut flight: OurFlight, context: &mut Context<'_>) -> Result<State, Failed> {
    note_none_shown(context.report);
    flight.certificate(context, &[])?;
    flight.finish(context)
}

impl WaitCredential {
    /// The message parsed before.
    pub(super) fn need(&self) -> Option<Need<'_>> {
        wanted(&self.request).map(Need::Credential)
    }

    #[inline(never)]
    pub(super) fn answer(
        self,
        on: capability::ClientAuth,
        context: &mut Context<'_>,
        answer: Answer<'_>,
    ) -> Result<State, Failed> {
        let Self { mut flight, request } = self;
        match answer {
            Answer::Credential(None) => without(*flight, context),
            Answer::Credential(Some(credential)) => {
                let wanted = wanted(&request).ok_or_else(|| context.fail(Fault::NoCommonScheme))?;
                let scheme = check_shown(context.report, Side::Client, &wanted, &credential)?;
                flight.certificate(context, credential.chain)?;
                let content = certificate_verify_content(Sender::Client, &flight.transcript.hash());
                Ok(State::WaitSignature(on, WaitSignature { flight, scheme, content: Box::new(content) }))
            }
            Answer::SignerFailed(why) => Err(signer_failed(why, context.report)),
            other => Err(refuse_answer(&other, context.report)),
        }
    }
}

/// What the request asks for.
fn wanted(request: &Request) -> Option<CredentialRequest<'_>> {
    let CertificateRequest13 { extensions, .. } = decode_again(&request.message)?;
    let schemes = extensions.signature_algorithms?.supported_signature_algorithms;
    let fits = |scheme: &SignatureScheme, kind| scheme_fits(ProtocolVersion::TLS_1_3, kind, *scheme);
    let any = |is_rsa: bool| {
        let mut kinds = KeyKind::ALL.into_iter().filter(|kind| kind.is_rsa() == is_rsa);
        kinds.any(|kind| schemes.iter().any(|scheme| fits(&scheme, kind)))
    };
    Some(CredentialRequest {
        version: ProtocolVersion::TLS_1_3,
        server_name: None,
        schemes,
        schemes_cert: extensions.signature_algorithms_cert.map(|list| list.supported_signature_algorithms),
        ecdsa: any(false),
        rsa: any(true),
        curves: None,
        authorities: extensions.certificate_authorities.map(|list| list.authorities).unwrap_or_default(),
        types: List::of(core::slice::from_ref(&request.certificate_type)),
    })
}
