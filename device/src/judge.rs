//! Judges the certificates of a peer, one need a call, by the configured trust.

use alloc::boxed::Box;

use handclasp_connection::{Connection as Engine, Context};
use handclasp_handshake::{Answer, Need};
use handclasp_report::{CertificateFault, FaultCode, Side, Tag};
use handclasp_trust::Role;

use crate::{ChainJudge, PeerTrust, Subject, capability::ForCertificates};

/// The chain that a connection is judging.
pub(crate) type Judging<'d> = Option<ForCertificates<Box<dyn ChainJudge + 'd>>>;

/// Answers a need about a certificate of the peer.
type Judge = for<'d> fn(
    &'d dyn PeerTrust,
    &mut Judging<'d>,
    &mut Engine,
    &Subject<'_>,
    &mut Context<'_>,
) -> Result<(), FaultCode>;

/// The configured trust, and the function that judges by it: a pointer, so that a program that trusts no
/// certificate does not link it.
pub(crate) struct Trust {
    trust: Box<dyn PeerTrust>,
    judge: Judge,
}

impl Trust {
    pub(crate) fn new(trust: impl PeerTrust + 'static) -> Self {
        Self { trust: Box::new(trust), judge }
    }

    /// Answers the need about a certificate.
    pub(crate) fn answer<'d>(
        &'d self,
        judging: &mut Judging<'d>,
        engine: &mut Engine,
        subject: &Subject<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), FaultCode> {
        (self.judge)(&*self.trust, judging, engine, subject, context)
    }
}

/// The answer where trust is not configured.
pub(crate) fn not_configured() -> Answer<'static> {
    Answer::PeerRefused(CertificateFault::NotConfigured.into())
}

fn judge<'d>(
    trust: &'d dyn PeerTrust,
    judging: &mut Judging<'d>,
    engine: &mut Engine,
    subject: &Subject<'_>,
    context: &mut Context<'_>,
) -> Result<(), FaultCode> {
    let Some(Need::PeerCertificate { index, der, last, .. }) = engine.need() else { return Ok(()) };
    if judging.is_none() {
        *judging = ForCertificates::hold(trust.start()).ok();
    }
    let Some(chain) = judging else { return Ok(()) };
    let verdict = chain.get_mut().certificate(subject, index, der, last);
    if last || verdict.is_err() {
        *judging = None;
    }
    if let Some(what) = trust.not_judged(subject).filter(|_| index == 0) {
        let side = match subject.role {
            Role::Server => Side::Client,
            Role::Client => Side::Server,
        };
        engine.note(side, Tag::NotJudged, &what.note());
    }
    let answer = match &verdict {
        Ok(Some(judged)) => Answer::PeerAccepted { spki: &judged.spki, identity: judged.identity },
        Ok(None) if last => not_configured(),
        Ok(None) => Answer::CertificateNoted,
        Err(why) => Answer::PeerRefused(*why),
    };
    engine.answer_once(context, answer)
}
