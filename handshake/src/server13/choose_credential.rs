//! RECVD_CH, without a pre-shared key: the caller chooses a certificate (RFC 8446 §4.4.2.2).
//! Called by the table.

use alloc::vec::Vec;

use handclasp_codec::{
    Certificate13, CertificateEntry, CertificateEntryExtensions, Encode, EncodeError, HandshakeType, List,
    ProtocolVersion, Writer,
};
use handclasp_crypto::Suite;
use handclasp_report::{Fault, Misuse, Side, Tag};
use handclasp_schedule::{EarlySecret, Sender, certificate_verify_content};

use super::{State, flight, received::Received, sign_transcript::SignTranscript};
use crate::{Credential, Env, Need, negotiate};

/// The hello for which a certificate is asked.
pub(crate) struct ChooseCredential {
    pub(super) received: Received,
    pub(super) suite: &'static Suite,
}

impl ChooseCredential {
    pub(super) fn need(&self) -> Option<Need<'_>> {
        let offer = self.received.hello().ok()?.extensions;
        let schemes = offer.signature_algorithms?.supported_signature_algorithms;
        let server_name = offer.server_name.and_then(|names| names.host_name());
        // A suite of TLS 1.3 says nothing about keys.
        Some(Need::Credential { server_name, schemes, ecdsa: true, rsa: true })
    }

    pub(super) fn credential(
        self,
        env: &mut Env<'_>,
        answer: Option<Credential<'_>>,
    ) -> Result<State, Fault> {
        let credential = answer.ok_or(Fault::NoCredential)?;
        if credential.chain.is_empty() {
            return Err(Fault::Misuse(Misuse::WrongAnswer));
        }
        let offer = self.received.hello()?.extensions;
        let peer = offer.signature_algorithms.map(|offer| offer.supported_signature_algorithms);
        let scheme = negotiate::scheme(
            ProtocolVersion::TLS_1_3,
            credential.key,
            credential.schemes,
            peer.unwrap_or_default(),
        )?;
        env.report.note_words(Side::Server, Tag::ChosenScheme, core::iter::once(scheme));

        let early = EarlySecret::new(self.suite.hash, None);
        let by = flight::By::Certificate(scheme);
        let mut flight = flight::begin(env, self.received, self.suite, early, by)?;
        let sent = env.actions.send(HandshakeType::certificate, |writer| certificate(&credential, writer))?;
        flight.transcript.add(sent);
        let content = certificate_verify_content(Sender::Server, &flight.transcript.hash());
        Ok(State::SignTranscript(SignTranscript { flight, scheme, content }))
    }
}

/// Certificate, borrowed from the caller's chain (RFC 8446 §4.4.2).
fn certificate(credential: &Credential<'_>, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let entry = |der| CertificateEntry { cert_data: der, extensions: CertificateEntryExtensions::default() };
    let entries: Vec<_> = credential.chain.iter().map(|der| entry(der.as_slice())).collect();
    let list = List::of(&entries);
    Certificate13 { certificate_request_context: &[], certificate_list: list }.encode(writer)
}
