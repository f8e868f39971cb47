//! Answers what a handshake needs from the configuration, so that ordinary users never see
//! a need: chains go to `trust`, signatures to `identity`, identities to the list of keys.

use handclasp_codec::{CertificateType, ProtocolVersion, SignatureScheme};
use handclasp_connection::{Connection, Context};
use handclasp_crypto::{Random, SignError, Verify};
use handclasp_handshake::{Answer, Need, OpenedTicket, PeerIdentity, PskIdentities};
use handclasp_report::{CertificateFault, Fault, NoneShown, Side, SignerFault, Tag};
use handclasp_trust::{Accepted, CHAIN_MAX, Name, Psk, Question, Role, Trust};

use crate::{
    choose::{Choice, Shown},
    provider,
    psk::Held,
    refused::Refused,
    tickets::{OpenedState, Tickets},
};

/// Identities of one client that are looked at. Clients name one key, and a few tickets.
const IDENTITIES_MAX: usize = 16;

/// Whoever answers the needs of one connection.
pub(crate) trait Answers {
    /// Answers until nothing is needed.
    fn answer(&mut self, connection: &mut Connection, context: &mut Context<'_>) -> Result<(), Fault>;
}

/// What an answer is made of, free of the need's borrow.
enum Found<'a> {
    Credential(Option<Shown<'a>>),
    /// A client's, and why.
    NoCredential(NoneShown),
    Signature(Result<Vec<u8>, SignerFault>),
    Noted,
    Peer(Result<Accepted, Box<Refused>>),
    Status(Result<(), CertificateFault>),
    Psk(Option<(usize, Held<'a>)>),
    /// Which identity is a ticket of ours, and what it seals.
    Session(Option<(usize, OpenedState<'a>)>),
    Ticket(Option<Vec<u8>>),
}

fn give(connection: &mut Connection, context: &mut Context<'_>, found: Found<'_>) -> Result<(), Fault> {
    match &found {
        Found::NoCredential(why) => connection.note(Side::Client, Tag::NoneShown, &[why.number()]),
        Found::Peer(Err(refused)) => refused.note(connection),
        _ => {}
    }
    let redeem = || match &found {
        Found::Session(Some((_, OpenedState { single: Some(single), .. }))) => single.redeem(),
        _ => true,
    };
    let answer = match &found {
        Found::Credential(shown) => Answer::Credential(shown.as_ref().map(Shown::credential)),
        Found::NoCredential(_) => Answer::Credential(None),
        Found::Signature(Ok(signature)) => Answer::Signature(signature),
        Found::Signature(Err(why)) => Answer::SignerFailed(*why),
        Found::Noted => Answer::CertificateNoted,
        Found::Peer(Ok(peer)) => {
            Answer::PeerAccepted { spki: &peer.spki, identity: PeerIdentity::new(peer.pin, peer.not_after) }
        }
        Found::Peer(Err(refused)) => Answer::PeerRefused(refused.fault),
        Found::Status(Ok(())) => Answer::StatusAccepted,
        Found::Status(Err(fault)) => Answer::PeerRefused(*fault),
        Found::Psk(found) => Answer::Psk(found.as_ref().map(|(index, psk)| psk.answer(*index))),
        Found::Session(opened) => Answer::Session(opened.as_ref().map(|(index, opened)| OpenedTicket {
            index: *index,
            session: &opened.state,
            renew: opened.renew,
            redeem: opened.single.as_ref().map(|_| &redeem as &dyn Fn() -> bool),
        })),
        Found::Ticket(ticket) => Answer::Ticket(ticket.as_deref()),
    };
    connection.answer(context, answer)
}

/// A signer's error as a fault.
fn signer_fault(error: SignError) -> SignerFault {
    match error {
        SignError::Failed => SignerFault::Failed,
        SignError::Scheme(_) => SignerFault::Scheme,
        SignError::DoesNotVerify => SignerFault::DoesNotVerify,
        SignError::RawEcdsa => SignerFault::RawEcdsa,
        SignError::Because(words) => SignerFault::Said(words),
    }
}

/// The answers of one connection.
pub(crate) struct OwnAnswers<'a> {
    pub(crate) choice: Choice<'a>,
    /// A server's.
    pub(crate) psks: &'a [Psk],
    /// A server's, where sessions are resumed.
    pub(crate) tickets: Option<&'a Tickets>,
    /// Whom we believe; none on a server that asks nobody for a certificate.
    pub(crate) trust: Option<&'a Trust>,
    pub(crate) peer: Role,
    /// Whom the peer's certificate must be for.
    pub(crate) name: Option<Name>,
    pub(crate) verify: &'a [&'static dyn Verify],
    /// The peer's certificates so far.
    pub(crate) chain: Vec<Vec<u8>>,
    /// Whether a status of the peer's certificate is asked for, so that the chain is kept for it.
    pub(crate) asks_status: bool,
    /// The identity that was shown: its key signs.
    pub(crate) shown: Option<Shown<'a>>,
}

impl<'a> OwnAnswers<'a> {
    pub(crate) fn new(peer: Role, choice: Choice<'a>, verify: &'a [&'static dyn Verify]) -> Self {
        let (psks, chain) = (&[][..], Vec::new());
        Self {
            choice,
            psks,
            tickets: None,
            trust: None,
            peer,
            name: None,
            verify,
            chain,
            asks_status: false,
            shown: None,
        }
    }
}

impl Answers for OwnAnswers<'_> {
    fn answer(&mut self, connection: &mut Connection, context: &mut Context<'_>) -> Result<(), Fault> {
        while let Some(need) = connection.need() {
            let found = match need {
                // One alone need not be kept.
                Need::PeerCertificate { index: 0, der, last: true, certificate_type }
                    if !self.asks_status =>
                {
                    Found::Peer(self.judge(&[der], certificate_type, context.now))
                }
                // One more than is ever judged: what stands behind it is not copied.
                Need::PeerCertificate { index: CHAIN_MAX.., certificate_type, .. } => {
                    let chain = std::mem::take(&mut self.chain);
                    Found::Peer(Err(self.refused(CertificateFault::Budget, &chain, certificate_type)))
                }
                Need::PeerCertificate { der, last, certificate_type, .. } => {
                    self.chain.push(der.to_vec());
                    if last {
                        let chain = std::mem::take(&mut self.chain);
                        let judged = self.judge(&chain, certificate_type, context.now);
                        if self.asks_status {
                            self.chain = chain;
                        }
                        Found::Peer(judged)
                    } else {
                        Found::Noted
                    }
                }
                Need::CertificateStatus { response } => {
                    let chain = std::mem::take(&mut self.chain);
                    Found::Status(self.judge_status(&chain, response, context.now))
                }
                Need::Credential(wanted) => {
                    self.shown = self.choice.choose(&wanted, self.peer == Role::Client);
                    match self.shown.clone() {
                        None if self.peer == Role::Server => {
                            Found::NoCredential(self.choice.why_none(&wanted))
                        }
                        shown => Found::Credential(shown),
                    }
                }
                Need::Signature { scheme, message } => {
                    Found::Signature(self.sign(scheme, message, context.random))
                }
                Need::Psk { identities, version } => self.find_key(&identities, version, context),
                Need::Ticket { ticket } => {
                    let opened = self.tickets.and_then(|tickets| tickets.open(ticket, false, context));
                    Found::Session(opened.map(|opened| (0, opened)))
                }
                Need::SealTicket { session } => {
                    Found::Ticket(self.tickets.and_then(|tickets| tickets.seal(session, context)))
                }
                // A need that this version does not know cannot be met.
                _ => return connection.answer(context, Answer::Refuse),
            };
            give(connection, context, found)?;
        }
        Ok(())
    }
}

impl<'a> OwnAnswers<'a> {
    fn judge<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        certificate_type: CertificateType,
        now: u64,
    ) -> Result<Accepted, Box<Refused>> {
        let question = self.question(now);
        let judged = match (self.trust, certificate_type, chain) {
            (None, ..) => Err(CertificateFault::NotConfigured),
            (Some(trust), CertificateType::RawPublicKey, [key]) => {
                trust.judge_raw_key(key.as_ref(), &question)
            }
            (Some(trust), ..) => trust.judge(chain, &question),
        };
        judged.map_err(|fault| self.refused(fault, chain, certificate_type))
    }

    fn judge_status(
        &self,
        chain: &[Vec<u8>],
        response: Option<&[u8]>,
        now: u64,
    ) -> Result<(), CertificateFault> {
        let trust = self.trust.ok_or(CertificateFault::NotConfigured)?;
        trust.judge_status(chain, response, &self.question(now), provider::SHA1)
    }

    fn question(&self, now: u64) -> Question<'_> {
        let (role, name) = (self.peer, self.name.as_ref());
        Question { role, name, now, verify: self.verify, sha256: provider::SHA256 }
    }

    fn refused<C: AsRef<[u8]>>(
        &self,
        fault: CertificateFault,
        chain: &[C],
        certificate_type: CertificateType,
    ) -> Box<Refused> {
        Box::new(Refused::new(fault, self.peer, chain, certificate_type, self.name.as_ref()))
    }

    /// A signature by the key of the certificate that was shown.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SignerFault> {
        let shown = self.shown.as_ref().ok_or(SignerFault::Failed)?;
        shown.identity.sign_verified(scheme, message, provider::VERIFY, random).map_err(signer_fault)
    }

    /// The first identity that is a key of ours, or a ticket.
    fn find_key(
        &mut self,
        identities: &PskIdentities<'_>,
        version: ProtocolVersion,
        context: &mut Context<'_>,
    ) -> Found<'a> {
        for (index, identity) in identities.iter().take(IDENTITIES_MAX) {
            if let Some(psk) = self.psks.iter().find_map(|psk| Held::named(psk, identity, version)) {
                return Found::Psk(Some((index, psk)));
            }
            // In TLS 1.2 tickets have an extension of their own.
            let tickets = self.tickets.filter(|_| version == ProtocolVersion::TLS_1_3);
            if let Some(opened) = tickets.and_then(|tickets| tickets.open(identity, true, context)) {
                return Found::Session(Some((index, opened)));
            }
        }
        Found::Psk(None)
    }
}

#[cfg(test)]
mod tests;
