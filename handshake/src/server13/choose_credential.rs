//! RECVD_CH, without a pre-shared key: the caller chooses a certificate (RFC 8446 §4.4.2.2).

use alloc::boxed::Box;

use handclasp_codec::{
    CertificateEntryExtensions, CertificateStatus, Encode, Field, HandshakeType, ProtocolVersion, Writer,
};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{EarlySecret, Sender, certificate_verify_content};

use super::{
    State,
    choices::Share,
    flight::{self, Authentication},
    received::Received,
    sign_transcript::SignTranscript,
};
use crate::{
    Context, Credential, CredentialRequest, Need, capability,
    certificates::{Requested, check_shown},
    extensions::staple,
};

/// The caller is asked for a certificate.
pub(crate) struct ChooseCredential {
    pub(super) received: Box<Received>,
    pub(super) suite: &'static Suite,
    pub(super) share: Share,
    /// The certificate to request from the client.
    pub(super) requested: Option<Requested>,
}

impl ChooseCredential {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Credential(self.request())
    }

    /// A suite of TLS 1.3 says nothing about keys.
    fn request(&self) -> CredentialRequest<'_> {
        self.received.hello.request(ProtocolVersion::TLS_1_3, true, true)
    }

    #[inline(never)]
    pub(super) fn credential(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let credential = answer.ok_or(Fault::NoCredential)?;
        let scheme = check_shown(context.report, Side::Server, &self.request(), &credential)?;
        context.report.note_word(Side::Server, Tag::ChosenScheme, scheme);

        let Self { received, suite, share, requested } = self;
        let status = staple(received.hello.offered.ocsp, &credential);
        let early = EarlySecret::new(suite.hash, None);
        let certificate_type = credential.certificate_type;
        let authentication = Authentication::Certificate { scheme, certificate_type, requested };
        let mut flight = flight::begin(context, received, suite, early, Some(share), authentication)?;
        let sent = context
            .actions
            .send(HandshakeType::certificate, |writer| certificate(&credential, status, writer))?;
        flight.transcript.add(sent);
        let content = certificate_verify_content(Sender::Server, &flight.transcript.hash());
        Ok(State::SignTranscript(on, SignTranscript { flight, scheme, content }))
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
