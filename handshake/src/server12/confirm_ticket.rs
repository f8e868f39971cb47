//! A ticket of ours whose session fits: the caller redeems the ticket where it is good for one use, and
//! says whether the client was revoked, at once or later.

use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Suite;
use handclasp_report::Failed;

use super::{
    State,
    handshake::Handshake,
    open_ticket::{resume, ticket},
    start::in_full,
};
use crate::{Context, Need, ResumeRefusal, ResumeRequest, Session, resume::Refusal};

/// The caller is asked whether the session is resumed.
pub(crate) struct ConfirmTicket {
    pub(super) session: Session,
    pub(super) suite: &'static Suite,
    /// Whether the client gets a new ticket.
    pub(super) renew: bool,
}

impl ConfirmTicket {
    pub(super) fn need<'a>(&'a self, shared: &'a Handshake) -> Need<'a> {
        Need::Resume(ResumeRequest {
            version: ProtocolVersion::TLS_1_2,
            ticket: ticket(shared.hello.view()),
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
        let Self { session, suite, renew } = self;
        match answer {
            Ok(()) => resume(shared, context, &session, suite, renew),
            Err(refusal) => {
                Refusal::from(refusal).note(context.report);
                in_full(shared, context)
            }
        }
    }
}
