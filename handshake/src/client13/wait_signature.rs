//! Our CertificateVerify waits for the signature (RFC 8446 §4.4.3).

use alloc::boxed::Box;

use handclasp_codec::SignatureScheme;
use handclasp_report::Failed;
use handclasp_schedule::CertificateVerifyContent;

use super::{State, our_flight::OurFlight};
use crate::{
    Answer, Context, Need,
    message::{refuse_answer, signer_failed},
};

/// Our Certificate is sent.
pub(crate) struct WaitSignature {
    pub(super) flight: Box<OurFlight>,
    pub(super) scheme: SignatureScheme,
    pub(super) content: Box<CertificateVerifyContent>,
}

impl WaitSignature {
    pub(super) fn need(&self) -> Need<'_> {
        Need::Signature { scheme: self.scheme, message: &self.content }
    }

    #[inline(never)]
    pub(super) fn answer(self, context: &mut Context<'_>, answer: Answer<'_>) -> Result<State, Failed> {
        let Self { mut flight, scheme, .. } = self;
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
