//! The server asked for a certificate: which one to show, if any (RFC 5246 §7.4.6).

use alloc::boxed::Box;

use handclasp_codec::{
    CertificateRequest12, ClientCertificateType, HandshakeType, List, ProtocolVersion, Writer,
};
use handclasp_report::{Failed, Fault, Side};
use rustls_pki_types::CertificateDer;

use super::{
    State,
    handshake::{Handshake, Premaster},
    our_flight::OurFlight,
    wait_certificate_request_or_done::Request,
    wait_signature::WaitSignature,
};
use crate::{
    Answer, Context, CredentialRequest, Need, capability,
    certificates::{check_shown, note_none_shown, write_certificate12},
    message::{decode_again, refuse_answer, signer_failed},
};

/// ServerHelloDone came, and before it a CertificateRequest.
pub(crate) struct WaitCredential {
    pub(super) handshake: Box<Handshake>,
    pub(super) premaster: Premaster,
    pub(super) request: Request,
}

/// The server asks for a certificate, and all else that it may send came. A program that cannot send one
/// says so, as every client must that has none (RFC 5246 §7.4.6).
pub(super) fn asked(
    handshake: Box<Handshake>,
    context: &mut Context<'_>,
    premaster: Premaster,
    request: Request,
) -> Result<State, Failed> {
    match capability::ClientAuth::get() {
        Some(on) => Ok(State::WaitCredential(on, WaitCredential { handshake, premaster, request })),
        None => without(handshake, context, premaster),
    }
}

/// The flight of a client that has no certificate.
fn without(
    mut handshake: Box<Handshake>,
    context: &mut Context<'_>,
    premaster: Premaster,
) -> Result<State, Failed> {
    note_none_shown(context.report);
    handshake.transcript.drop_messages();
    certificate(&mut handshake, context, &[])?;
    OurFlight::begin(handshake, premaster, context)?.finish(context)
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
        let Self { mut handshake, premaster, request } = self;
        match answer {
            Answer::Credential(None) => without(handshake, context, premaster),
            Answer::Credential(Some(credential)) => {
                let wanted = wanted(&request).ok_or_else(|| context.fail(Fault::NoCommonScheme))?;
                let scheme = check_shown(context.report, Side::Client, &wanted, &credential)?;
                certificate(&mut handshake, context, credential.chain)?;
                let flight = OurFlight::begin(handshake, premaster, context)?;
                Ok(State::WaitSignature(on, WaitSignature { flight, scheme }))
            }
            Answer::SignerFailed(why) => Err(signer_failed(why, context.report)),
            other => Err(refuse_answer(&other, context.report)),
        }
    }
}

/// What the request asks for.
fn wanted(request: &Request) -> Option<CredentialRequest<'_>> {
    let asked: CertificateRequest12<'_> = decode_again(&request.message)?;
    Some(CredentialRequest {
        version: ProtocolVersion::TLS_1_2,
        server_name: None,
        schemes: asked.supported_signature_algorithms,
        schemes_cert: None,
        // Stands for EdDSA too (RFC 8422 §5.5).
        ecdsa: asked.certificate_types.contains(&ClientCertificateType::ecdsa_sign),
        rsa: asked.certificate_types.contains(&ClientCertificateType::rsa_sign),
        curves: None,
        authorities: asked.certificate_authorities,
        types: List::of(core::slice::from_ref(&request.certificate_type)),
    })
}

/// Sends a Certificate; without certificates where the caller has none.
fn certificate(
    handshake: &mut Handshake,
    context: &mut Context<'_>,
    chain: &[CertificateDer<'_>],
) -> Result<(), Failed> {
    let certificate_type = handshake.types.client;
    let write = |writer: &mut Writer<'_>| write_certificate12(certificate_type, chain, writer);
    handshake.transcript.add(context.send(HandshakeType::certificate, write)?);
    Ok(())
}
