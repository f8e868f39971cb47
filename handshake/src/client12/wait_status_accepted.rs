//! Where a status was asked for, the caller judges the OCSP response as soon as it is here, or as soon
//! as the ServerKeyExchange shows that there is none (RFC 6066 §8: a server that has promised one
//! may still leave it out).

use alloc::{boxed::Box, vec::Vec};

use handclasp_report::Failed;

use super::{State, handshake::Handshake, wait_server_key_exchange::WaitServerKeyExchange};
use crate::{Answer, Context, Need, capability, message::refuse_answer, verify::PeerKey};

/// The status came, or will not.
pub(crate) struct WaitStatusAccepted {
    pub(super) handshake: Box<Handshake>,
    pub(super) key: PeerKey,
    /// The ServerKeyExchange, where it is here already; else empty.
    pub(super) message: Vec<u8>,
}

impl WaitStatusAccepted {
    pub(super) fn need(&self) -> Need<'_> {
        Need::CertificateStatus { response: self.handshake.agreed.ocsp_response.as_deref() }
    }

    #[inline(never)]
    pub(super) fn answer(
        self,
        on: capability::Certificates,
        context: &mut Context<'_>,
        answer: &Answer<'_>,
    ) -> Result<State, Failed> {
        let Self { mut handshake, key, message } = self;
        match answer {
            Answer::StatusAccepted => {
                handshake.status_to_judge = None;
                let next = WaitServerKeyExchange { handshake, key };
                match message.is_empty() {
                    true => Ok(State::WaitServerKeyExchange(on, next)),
                    false => next.server_key_exchange(on, context, &message),
                }
            }
            Answer::PeerRefused(why) => Err(context.report.refuse(*why)),
            other => Err(refuse_answer(other, context.report)),
        }
    }
}
