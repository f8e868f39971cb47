//! The client has named an identity: the caller says which key that is (RFC 4279 §2).

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Secret;
use handclasp_report::{Failed, Fault, Misuse, Side, Tag};
use handclasp_schedule::psk_premaster;

use super::{State, handshake::Handshake, secrets};
use crate::{Context, Need, PskAnswer, PskIdentities};

/// The identity stands in what will have been agreed.
pub(crate) struct ChoosePsk {
    /// The secret of ECDHE_PSK.
    pub(super) secret: Option<Box<Secret>>,
}

impl ChoosePsk {
    pub(super) fn need<'a>(&self, shared: &'a Handshake) -> Need<'a> {
        let identity = shared.agreed_so_far().and_then(|agreed| agreed.psk_identity.as_deref());
        let identities = PskIdentities::One(identity.unwrap_or_default());
        Need::Psk { identities, version: ProtocolVersion::TLS_1_2 }
    }

    #[inline(never)]
    pub(super) fn psk(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Option<PskAnswer<'_>>,
    ) -> Result<State, Failed> {
        let answer = answer.ok_or_else(|| context.fail(Fault::UnknownPskIdentity))?;
        if answer.index != 0 {
            return Err(context.fail(Fault::Misuse(Misuse::WrongAnswer)));
        }
        context.report.note(Side::Server, Tag::ChosenPsk, &[]);
        let premaster = psk_premaster(self.secret.as_ref().map(|secret| secret.expose()), answer.secret);
        Ok(secrets::derive(shared, context, &premaster, None))
    }
}
