//! The client has named an identity: the caller says which key that is (RFC 4279 §2).

use alloc::boxed::Box;

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Secret;
use handclasp_report::{Fault, Misuse, Side, Tag};
use handclasp_schedule::psk_premaster;

use super::{State, flight::Flight, secrets};
use crate::{Context, Need, PskAnswer, PskIdentities};

/// The identity stands in what will have been agreed.
pub(crate) struct ChoosePsk {
    pub(super) flight: Box<Flight>,
    /// The secret of ECDHE_PSK.
    pub(super) shared: Option<Box<Secret>>,
}

impl ChoosePsk {
    pub(super) fn need(&self) -> Need<'_> {
        let identity = self.flight.agreed.psk_identity.as_deref().unwrap_or_default();
        Need::Psk { identities: PskIdentities::One(identity), version: ProtocolVersion::TLS_1_2 }
    }

    #[inline(never)]
    pub(super) fn psk(
        self,
        context: &mut Context<'_>,
        answer: Option<PskAnswer<'_>>,
    ) -> Result<State, Fault> {
        let answer = answer.ok_or(Fault::UnknownPskIdentity)?;
        if answer.index != 0 {
            return Err(Fault::Misuse(Misuse::WrongAnswer));
        }
        context.report.note(Side::Server, Tag::ChosenPsk, &[]);
        let premaster = psk_premaster(self.shared.as_ref().map(|shared| shared.expose()), answer.secret);
        Ok(secrets::derive(context, self.flight, &premaster, None))
    }
}
