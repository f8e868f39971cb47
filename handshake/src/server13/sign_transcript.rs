//! NEGOTIATED: the caller signs the transcript, at once or later (RFC 8446 §4.4.3).

use alloc::vec::Vec;

use handclasp_codec::{CertificateVerify, Encode, HandshakeType, SignatureScheme};
use handclasp_report::Failed;
use handclasp_schedule::{Epoch, HandshakeSecret, KeySource, Sender};

use super::{State, flight, handshake::Handshake};
use crate::{Context, Need};

/// Sent up to Certificate.
pub(crate) struct SignTranscript {
    pub(super) secret: HandshakeSecret,
    pub(super) scheme: SignatureScheme,
    /// What is to be signed.
    pub(super) content: Vec<u8>,
}

impl SignTranscript {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: &self.content }
    }

    /// See `State::keys`.
    pub(super) fn keys<'a>(
        &'a self,
        shared: &Handshake,
        epoch: Epoch,
        sender: Sender,
    ) -> Option<KeySource<'a>> {
        match epoch {
            Epoch::Handshake => Some(KeySource::derived(self.secret.traffic(sender), shared.suite)),
            Epoch::Application => None,
        }
    }

    #[inline(never)]
    pub(super) fn signature(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        signature: &[u8],
    ) -> Result<State, Failed> {
        let message = CertificateVerify { algorithm: self.scheme, signature };
        let sent = context.send(HandshakeType::certificate_verify, |writer| message.encode(writer))?;
        shared.transcript.add(sent);
        flight::finish(shared, context, self.secret)
    }
}
