//! NEGOTIATED: the caller signs the transcript, at once or later (RFC 8446 §4.4.3).

use alloc::boxed::Box;

use handclasp_codec::{CertificateVerify, Encode, HandshakeType, SignatureScheme};
use handclasp_report::Fault;
use handclasp_schedule::CertificateVerifyContent;

use super::{State, flight::Flight};
use crate::{Context, Need};

/// Sent up to Certificate.
pub(crate) struct SignTranscript {
    pub(super) flight: Box<Flight>,
    pub(super) scheme: SignatureScheme,
    /// What is to be signed.
    pub(super) content: CertificateVerifyContent,
}

impl SignTranscript {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: &self.content }
    }

    #[inline(never)]
    pub(super) fn signature(mut self, context: &mut Context<'_>, signature: &[u8]) -> Result<State, Fault> {
        let message = CertificateVerify { algorithm: self.scheme, signature };
        let sent =
            context.actions.send(HandshakeType::certificate_verify, |writer| message.encode(writer))?;
        self.flight.transcript.add(sent);
        self.flight.finish(context)
    }
}
