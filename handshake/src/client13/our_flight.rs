//! Our second flight (RFC 8446 §4.4): a certificate if one was asked for, then Finished; then
//! the application's keys.

use alloc::{boxed::Box, vec::Vec};

use handclasp_codec::{
    Certificate13, CertificateEntry, CertificateEntryExtensions, CertificateVerify, Encode, Finished,
    HandshakeType, List, SignatureScheme,
};
use handclasp_crypto::Suite;
use handclasp_report::{Failed, Side, Tag};
use handclasp_schedule::{Epoch, KeySource, MainSecret, Sender, Transcript};
use rustls_pki_types::CertificateDer;

use super::{State, connected::Connected, tickets::Tickets};
use crate::{Action, Context, action};

/// The server's Finished is good.
pub(super) struct OurFlight {
    pub(super) suite: &'static Suite,
    pub(super) transcript: Transcript,
    pub(super) main: MainSecret,
    pub(super) agreed: Box<action::Connected>,
    /// When the server was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

impl OurFlight {
    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> KeySource<'_> {
        KeySource::derived(self.main.traffic(epoch, sender), self.suite)
    }

    /// Sends a Certificate; without certificates where the caller has none (§4.4.2).
    pub(super) fn certificate(
        &mut self,
        context: &mut Context<'_>,
        chain: &[CertificateDer<'_>],
    ) -> Result<(), Failed> {
        let entry =
            |der| CertificateEntry { cert_data: der, extensions: CertificateEntryExtensions::default() };
        let entries: Vec<CertificateEntry<'_>> = chain.iter().map(|der| entry(der.as_ref())).collect();
        let certificate = Certificate13 {
            // That of a request during the handshake is empty (§4.3.2).
            certificate_request_context: &[],
            certificate_list: List::of(&entries),
        };
        let message = context.send(HandshakeType::certificate, |writer| certificate.encode(writer))?;
        self.transcript.add(message);
        Ok(())
    }

    /// Sends a CertificateVerify.
    pub(super) fn certificate_verify(
        &mut self,
        context: &mut Context<'_>,
        algorithm: SignatureScheme,
        signature: &[u8],
    ) -> Result<(), Failed> {
        let verify = CertificateVerify { algorithm, signature };
        let message = context.send(HandshakeType::certificate_verify, |writer| verify.encode(writer))?;
        self.transcript.add(message);
        self.agreed.client_scheme = Some(algorithm);
        Ok(())
    }

    /// Sends Finished; application data may flow.
    #[inline(never)]
    pub(super) fn finish(mut self, context: &mut Context<'_>) -> Result<State, Failed> {
        let base = self.main.traffic(Epoch::Handshake, Sender::Client);
        let verify_data = base.finished(&self.transcript.hash());
        let finished = Finished { verify_data: &verify_data };
        let sent = context.send(HandshakeType::finished, |writer| finished.encode(writer))?;
        self.transcript.add(sent);

        let tickets = Tickets::wanted(&self, context);
        let Self { suite, transcript, main, agreed, .. } = self;
        let for_tickets = tickets.is_some().then(|| transcript.hash());
        let secrets = main.application(for_tickets.as_ref());
        context.actions.push(Action::InstallReadKeys(Epoch::Application));
        context.actions.push(Action::InstallWriteKeys(Epoch::Application));
        context.actions.connect(agreed);
        context.report.note(Side::Client, Tag::Connected, &[]);
        Ok(State::Connected(Connected { suite, secrets, tickets }))
    }
}
