//! RECVD_CH, without a pre-shared key: the caller chooses a certificate (RFC 8446 §4.4.2.2).

use handclasp_codec::{
    CertificateEntryExtensions, CertificateStatus, Encode, Field, HandshakeType, ProtocolVersion, Writer,
};
use handclasp_report::{Failed, Fault, Side, Tag};
use handclasp_schedule::{EarlySecret, Sender, certificate_verify_content};

use super::{State, flight, handshake::Handshake, sign_transcript::SignTranscript};
use crate::{
    Context, Credential, CredentialRequest, Need, capability, certificates::check_shown, extensions::staple,
    server::hello,
};

/// The caller is asked for a certificate.
pub(crate) struct ChooseCredential;

/// A suite of TLS 1.3 says nothing about keys.
fn request(shared: &Handshake) -> CredentialRequest<'_> {
    hello::request(shared.hello.view(), ProtocolVersion::TLS_1_3, true, true)
}

impl ChooseCredential {
    pub(super) fn need<'a>(&self, shared: &'a Handshake) -> Need<'a> {
        Need::Credential(request(shared))
    }

    #[inline(never)]
    pub(super) fn credential(
        self,
        on: capability::Certificates,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Failed> {
        let credential = answer.ok_or_else(|| context.fail(Fault::NoCredential))?;
        let scheme = check_shown(context.report, Side::Server, &request(shared), &credential)?;
        context.report.note_word(Side::Server, Tag::ChosenScheme, scheme);

        let status = staple(hello::requests_ocsp(shared.hello.view()), &credential);
        let early = EarlySecret::new(shared.suite.hash, None);
        shared.agreed().scheme = Some(scheme);
        shared.shown = Some(credential.certificate_type);
        let group = shared.exchange.map_err(|code| context.report.fail_code(code))?.group;
        let secret = flight::begin(shared, context, early, Some(group), None)?;
        let sent =
            context.send(HandshakeType::certificate, |writer| certificate(&credential, status, writer))?;
        shared.transcript.add(sent);
        let content = certificate_verify_content(Sender::Server, &shared.transcript.hash());
        let content = shared.hello.reuse(&[&content]);
        Ok(State::SignTranscript(on, SignTranscript { secret, scheme, content }))
    }
}

/// Certificate, borrowed from the caller's chain (RFC 8446 §4.4.2).
fn certificate(credential: &Credential<'_>, status: Option<CertificateStatus<'_>>, writer: &mut Writer<'_>) {
    // The status is the leaf's.
    let mut status = CertificateEntryExtensions { status_request: status, ..Default::default() };
    writer.opaque8(Field::certificate_request_context, &[]);
    writer.vector24(Field::certificate_list, |list| {
        for der in credential.chain {
            list.opaque24(Field::cert_data, der);
            core::mem::take(&mut status).encode(list);
        }
    });
}
