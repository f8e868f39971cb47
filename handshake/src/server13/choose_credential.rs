//! RECVD_CH, without a pre-shared key: the caller chooses a certificate (RFC 8446 §4.4.2.2).

use alloc::vec::Vec;

use handclasp_codec::{
    Certificate13, CertificateEntry, CertificateEntryExtensions, CertificateStatus, ClientHello, Encode,
    EncodeError, HandshakeType, List, ProtocolVersion, SignatureSchemeList, Writer,
};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Side, Tag};
use handclasp_schedule::{EarlySecret, Sender, certificate_verify_content};

use super::{State, flight, received::Received, sign_transcript::SignTranscript};
use crate::{
    Context, Credential, CredentialRequest, Need,
    certificates::{check_shown, permitted},
    extensions::staple,
};

/// The hello for which a certificate is asked.
pub(crate) struct ChooseCredential {
    pub(super) received: Received,
    pub(super) suite: &'static Suite,
}

impl ChooseCredential {
    pub(super) fn need(&self) -> Option<Need<'_>> {
        self.received.hello().ok().as_ref().and_then(wanted).map(Need::Credential)
    }

    pub(super) fn credential(
        self,
        context: &mut Context<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let credential = answer.ok_or(Fault::NoCredential)?;
        let hello = self.received.hello()?;
        let wanted = wanted(&hello).ok_or(Fault::NoCommonScheme)?;
        let scheme = check_shown(context.report, Side::Server, &wanted, &credential)?;
        context.report.note_words(Side::Server, Tag::ChosenScheme, core::iter::once(scheme));

        let status = staple(&hello, &credential);
        let early = EarlySecret::new(self.suite.hash, None);
        let by = flight::Authentication::Certificate(scheme, credential.certificate_type);
        let mut flight = flight::begin(context, self.received, self.suite, early, by)?;
        let sent = context
            .actions
            .send(HandshakeType::certificate, |writer| certificate(&credential, status, writer))?;
        flight.transcript.add(sent);
        let content = certificate_verify_content(Sender::Server, &flight.transcript.hash());
        Ok(State::SignTranscript(SignTranscript { flight, scheme, content }))
    }
}

/// What the client wants. A suite of TLS 1.3 says nothing about keys.
fn wanted<'a>(hello: &ClientHello<'a>) -> Option<CredentialRequest<'a>> {
    let offer = &hello.extensions;
    let list = |offer: &SignatureSchemeList<'a>| offer.supported_signature_algorithms;
    Some(CredentialRequest {
        version: ProtocolVersion::TLS_1_3,
        server_name: offer.server_name.as_ref().and_then(|names| names.host_name()),
        schemes: offer.signature_algorithms.as_ref().map(list)?,
        schemes_cert: offer.signature_algorithms_cert.as_ref().map(list),
        ecdsa: true,
        rsa: true,
        curves: None,
        authorities: offer.certificate_authorities.as_ref().map(|list| list.authorities).unwrap_or_default(),
        types: permitted(offer.server_certificate_type.as_ref().map(|list| list.certificate_types)),
    })
}

/// Certificate, borrowed from the caller's chain (RFC 8446 §4.4.2).
fn certificate(
    credential: &Credential<'_>,
    status: Option<CertificateStatus<'_>>,
    writer: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    let mut extensions = CertificateEntryExtensions { status_request: status, ..Default::default() };
    // The status is the leaf's.
    let mut entry = |der| CertificateEntry { cert_data: der, extensions: core::mem::take(&mut extensions) };
    let (alone, several);
    let entries = match credential.chain {
        [leaf] => {
            alone = entry(leaf.as_slice());
            core::slice::from_ref(&alone)
        }
        chain => {
            several = chain.iter().map(|der| entry(der.as_slice())).collect::<Vec<_>>();
            several.as_slice()
        }
    };
    let list = List::of(entries);
    Certificate13 { certificate_request_context: &[], certificate_list: list }.encode(writer)
}
