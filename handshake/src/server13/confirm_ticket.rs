//! RECVD_CH, with a ticket whose session fits and whose binder is right: the caller redeems the ticket
//! where it is good for one use, and says whether the client was revoked, at once or later
//! (RFC 8446 §8.1: the check may be a query to other servers).

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::{Failed, Fault};
use handclasp_schedule::EarlySecret;

use super::{
    State, choices::identities, choose_psk::ChoosePsk, choose_ticket::send_flight, handshake::Handshake,
};
use crate::{Context, Need, ResumeRefusal, ResumeRequest, Session, resume::Refusal};

/// The caller is asked whether the session is resumed.
pub(crate) struct ConfirmTicket {
    /// The state before, which looks at the next identity if this one is refused.
    pub(super) psk: ChoosePsk,
    pub(super) session: Session,
    pub(super) early: EarlySecret,
    pub(super) group: &'static dyn KeyExchange,
    /// Position of the ticket among the identities.
    pub(super) index: u16,
    /// The suite with a certificate, if the ticket is refused.
    pub(super) certificate_suite: &'static Suite,
}

impl ConfirmTicket {
    pub(super) fn need<'a>(&'a self, shared: &'a Handshake) -> Need<'a> {
        let identity = identities(shared.hello.view()).iter().nth(self.index.into());
        Need::Resume(ResumeRequest {
            version: ProtocolVersion::TLS_1_3,
            ticket: identity.map(|identity| identity.identity).unwrap_or_default(),
            peer: self.session.peer.as_ref(),
            psk_identity: self.session.psk_identity.as_deref(),
            authenticated: self.session.authenticated,
        })
    }

    #[inline(never)]
    pub(super) fn resume(
        self,
        shared: &mut Handshake,
        context: &mut Context<'_>,
        answer: Result<(), ResumeRefusal>,
    ) -> Result<State, Failed> {
        let Self { psk, session, early, group, index, certificate_suite } = self;
        match answer {
            Ok(()) => send_flight(shared, context, &session, early, group, index),
            Err(refusal) => {
                Refusal::from(refusal).note(context.report);
                shared.suite = certificate_suite;
                let why = match refusal {
                    ResumeRefusal::Unavailable => Fault::PskUnavailable,
                    ResumeRefusal::Used | ResumeRefusal::Revoked => Fault::UnknownPskIdentity,
                };
                psk.ask_again(shared, context, index.into(), why)
            }
        }
    }
}
