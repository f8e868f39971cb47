//! Our CertificateVerify waits for the signature, over all messages so far (RFC 5246 §7.4.8).

use handclasp_codec::SignatureScheme;
use handclasp_report::Failed;

use super::{State, our_flight::OurFlight};
use crate::{
    Answer, Context, Need,
    message::{refuse_answer, signer_failed},
};

/// Our Certificate and ClientKeyExchange are sent.
pub(crate) struct WaitSignature {
    pub(super) flight: OurFlight,
    pub(super) scheme: SignatureScheme,
}

impl WaitSignature {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: self.flight.handshake.transcript.messages() }
    }

    #[inline(never)]
    pub(super) fn answer(self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<State, Failed> {
        let Self { mut flight, scheme } = self;
        match answer {
            Answer::Signature(signature) => {
                flight.certificate_verify(context, scheme, signature)?;
                flight.finish(context)
            }
            Answer::SignerFailed(why) => Err(signer_failed(why, context.report)),
            other => Err(refuse_answer(&other, context.report)),
        }
    }
}
