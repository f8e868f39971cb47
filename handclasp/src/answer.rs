//! Answers what a handshake needs from the configuration: chains are judged by `trust`, signatures
//! made by `identity`, identities looked up among the pre-shared keys and tickets.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use handclasp_codec::{CertificateType, ProtocolVersion};
use handclasp_connection::{Connection as Engine, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{
    Answer, CredentialRequest, Need, OpenedTicket, PeerIdentity, PskIdentities, ResumeRefusal,
};
use handclasp_identity::Identity;
use handclasp_report::{CertificateError, CertificateFault, FaultCode, NoneShown, Side, Tag};
use handclasp_trust::{CHAIN_MAX, Name, PeerRefusal, Role, Trust, VerifiedKey, VerifyOptions};

use rustls_pki_types::{CertificateDer, UnixTime};

use crate::{
    choose::SelectedCredential, known_peer::KnownPeerState, provider, psk::PskEntry, refused::Refused,
    settings::Settings, tickets::OpenedState,
};

/// Identities of one client that are looked at. Clients name one key, and a few tickets.
pub(crate) const IDENTITIES_MAX: usize = 16;

/// What a judgement of a peer's certificates ends in.
pub(crate) type Verdict = Result<VerifiedKey, Box<Refused>>;

/// What the answers of a handshake keep. It lies in every connection, idle ones too, so it is small.
#[derive(Default)]
pub(crate) struct HandshakeState {
    /// The name that the server's certificate must be for.
    pub(crate) name: Option<Name>,
    /// The name of the server in the file of known peers, where it is another one.
    pub(crate) known_name: Option<Box<str>>,
    /// The peer's certificates so far. Most peers send one, which need not be kept.
    #[expect(clippy::box_collection, reason = "one word where nothing is kept")]
    pub(crate) chain: Option<Box<Vec<CertificateDer<'static>>>>,
    /// The identity that was sent: its key signs.
    pub(crate) signer: Option<Arc<Identity>>,
    /// The peer, where a file of known peers decides.
    pub(crate) known: Option<Box<KnownPeerState>>,
    /// Why that file refuses it.
    pub(crate) refusal: Option<Box<PeerRefusal>>,
    /// When the handshake's time is over.
    pub(crate) deadline: Option<Instant>,
    /// Server: tickets that were sealed for the client.
    pub(crate) tickets_issued: u8,
    /// Whether a need waits for the application.
    pub(crate) is_waiting: bool,
    /// Whether the application accepted the peer, whatever the configured trust says.
    pub(crate) is_accepted: bool,
    /// Whether the handshake is complete or failed, and this is emptied.
    pub(crate) is_over: bool,
}

impl HandshakeState {
    /// The peer's certificates so far.
    pub(crate) fn chain(&self) -> &[CertificateDer<'static>] {
        self.chain.as_ref().map_or(&[], |chain| chain.as_slice())
    }

    /// Adds the time since `begun` to the deadline: the peer did not take it.
    pub(crate) fn pause_deadline(&mut self, begun: Instant) {
        self.deadline = self.deadline.and_then(|end| end.checked_add(begun.elapsed()));
    }

    /// Frees what only the handshake needs; `keeps_chain` says whether the peer's certificates stay.
    pub(crate) fn finish(&mut self, keeps_chain: bool) {
        let before = core::mem::take(self);
        let chain = before.chain.filter(|_| keeps_chain);
        let Self { signer, known, refusal, tickets_issued, .. } = before;
        *self = Self { chain, signer, known, refusal, tickets_issued, is_over: true, ..Self::default() };
    }
}

/// What an answer is made of, free of the need's borrow.
pub(crate) enum Reply<'a> {
    /// None yet: the application answers.
    Later,
    Credential(Option<SelectedCredential>),
    /// A client's, and why.
    NoCredential(NoneShown),
    Signature(Result<Vec<u8>, SignError>),
    Noted,
    Peer(Verdict),
    /// A peer that is not permitted: the details, and the alert access_denied.
    Denied(Box<Refused>),
    Status(Result<(), Box<Refused>>),
    Psk(Option<(usize, PskEntry<'a>)>),
    /// What knows the keys did not answer.
    PskUnavailable,
    /// Which identity is a ticket of ours, and what it seals.
    Session(Option<(usize, OpenedState)>),
    Resume(Result<(), ResumeRefusal>),
    Ticket(Option<Vec<u8>>),
    /// Ends the connection.
    Refuse,
}

/// Answers needs until there are none, or one waits for the application.
pub(crate) fn answer_needs(
    engine: &mut Engine,
    settings: &Settings,
    state: &mut HandshakeState,
    context: &mut Context<'_>,
) -> Result<(), FaultCode> {
    while !state.is_waiting
        && let Some(need) = engine.need()
    {
        let reply = Answers { settings, state: &mut *state }.reply(need, context);
        match reply {
            Reply::Later => state.is_waiting = true,
            reply @ Reply::Peer(_) => {
                settings.note_not_judged(engine);
                give(engine, context, reply)?;
            }
            reply => {
                let seals = matches!(reply, Reply::Ticket(Some(_)));
                give(engine, context, reply)?;
                state.tickets_issued = state.tickets_issued.saturating_add(seals.into());
            }
        }
    }
    Ok(())
}

/// Answers the need that waits.
pub(crate) fn give(
    engine: &mut Engine,
    context: &mut Context<'_>,
    reply: Reply<'_>,
) -> Result<(), FaultCode> {
    match &reply {
        Reply::NoCredential(why) => engine.note(Side::Client, Tag::NoneShown, &[why.number()]),
        Reply::Peer(Err(refused)) | Reply::Denied(refused) | Reply::Status(Err(refused)) => {
            refused.note(engine);
        }
        _ => {}
    }
    let raw_key = match &reply {
        Reply::Credential(Some(selected)) => selected.raw_key(),
        _ => Vec::new(),
    };
    let answer = match &reply {
        Reply::Later => return Ok(()),
        Reply::Credential(selected) => {
            Answer::Credential(selected.as_ref().map(|selected| selected.credential(&raw_key)))
        }
        Reply::NoCredential(_) => Answer::Credential(None),
        Reply::Signature(Ok(signature)) => Answer::Signature(signature),
        Reply::Signature(Err(why)) => Answer::SignerFailed(*why),
        Reply::Noted => Answer::CertificateNoted,
        Reply::Peer(Ok(peer)) => {
            let not_after = peer.not_after.map(|time| time.as_secs());
            Answer::PeerAccepted { spki: &peer.spki, identity: PeerIdentity::new(peer.pin.0, not_after) }
        }
        Reply::Peer(Err(refused)) => Answer::PeerRefused(refused.error),
        Reply::Status(Ok(())) => Answer::StatusAccepted,
        Reply::Status(Err(refused)) => Answer::PeerRefused(refused.error),
        Reply::Psk(entry) => Answer::Psk(entry.as_ref().map(|(index, psk)| psk.answer(*index))),
        Reply::PskUnavailable => Answer::PskUnavailable,
        Reply::Session(opened) => Answer::Session(opened.as_ref().map(|(index, opened)| OpenedTicket {
            index: *index,
            session: &opened.state,
            renew: opened.renew,
            confirm: opened.is_confirmed,
        })),
        Reply::Resume(answer) => Answer::Resume(*answer),
        Reply::Ticket(ticket) => Answer::Ticket(ticket.as_deref()),
        Reply::Denied(_) | Reply::Refuse => Answer::Refuse,
    };
    engine.answer(context, answer)
}

/// A judgement of a peer's certificates, and what of it is kept.
pub(crate) struct Judged<'a> {
    pub(crate) reply: Reply<'a>,
    known: Option<Box<KnownPeerState>>,
    refusal: Option<Box<PeerRefusal>>,
}

impl<'a> Judged<'a> {
    fn plain(verdict: Verdict) -> Self {
        Self { reply: Reply::Peer(verdict), known: None, refusal: None }
    }

    pub(crate) fn keep(self, state: &mut HandshakeState) -> Reply<'a> {
        state.known = self.known;
        state.refusal = self.refusal;
        self.reply
    }
}

/// The answers of one connection.
pub(crate) struct Answers<'s, 't> {
    pub(crate) settings: &'s Settings,
    pub(crate) state: &'t mut HandshakeState,
}

impl<'s> Answers<'s, '_> {
    fn reply(&mut self, need: Need<'_>, context: &mut Context<'_>) -> Reply<'s> {
        let settings = self.settings;
        match need {
            Need::PeerCertificate { index, der, last, certificate_type } => {
                self.peer_certificate(index, der, last, certificate_type, context.now)
            }
            Need::CertificateStatus { response } => Reply::Status(self.judge_status(response, context.now)),
            Need::Credential(_) if settings.late.credential => Reply::Later,
            Need::Credential(request) => self.credential(&request),
            Need::Signature { .. } if settings.late.signature => Reply::Later,
            Need::Signature { scheme, message } => Reply::Signature(match &self.state.signer {
                Some(signer) => signer.sign_verified(scheme, message, provider::VERIFY, context.random),
                None => Err(SignError::Failed),
            }),
            Need::Psk { identities, version } => self.find_key(&identities, version, context),
            Need::Ticket { ticket } => {
                let opened = self.open_ticket(ticket, ProtocolVersion::TLS_1_2, context);
                Reply::Session(opened.map(|opened| (0, opened)))
            }
            Need::Resume(_) if settings.late.resumption => Reply::Later,
            Need::Resume(request) => {
                let tickets = settings.active_tickets();
                let is_unused = tickets.is_some_and(|tickets| tickets.redeem(request.ticket, context.now));
                Reply::Resume(if is_unused { Ok(()) } else { Err(ResumeRefusal::Used) })
            }
            Need::SealTicket { session } => {
                let tickets = settings.active_tickets();
                Reply::Ticket(tickets.and_then(|tickets| tickets.seal(session, context)))
            }
            // A need that this version does not know cannot be met.
            _ => Reply::Refuse,
        }
    }

    fn peer_certificate(
        &mut self,
        index: usize,
        der: &[u8],
        last: bool,
        certificate_type: CertificateType,
        now: u64,
    ) -> Reply<'s> {
        // One more than is ever judged: what stands behind it is not copied.
        if index >= CHAIN_MAX {
            let refused = self.refused(CertificateFault::Budget.into(), self.state.chain(), certificate_type);
            return Reply::Peer(Err(refused));
        }
        let is_judged_late = self.settings.late.peer_certificate;
        // A file of known peers may leave the question to the application.
        let is_kept = self.asks_status()
            || self.settings.keeps_peer_certificates
            || self.settings.known_peers().is_some();
        // One alone need not be copied.
        if index == 0 && last && !is_kept && !is_judged_late {
            return Reply::Peer(self.judge(&[der], certificate_type, now));
        }
        self.state.chain.get_or_insert_default().push(der.to_vec().into());
        if !last {
            return Reply::Noted;
        }
        if is_judged_late {
            return Reply::Later;
        }
        let begun = Instant::now();
        let judged = self.judged(self.state.chain(), certificate_type, now);
        // A person may have been asked.
        if self.settings.known_peers().is_some() {
            self.state.pause_deadline(begun);
        }
        if !is_kept {
            self.state.chain = None;
        }
        judged.keep(self.state)
    }

    /// The configured identity that fits best.
    pub(crate) fn credential(&mut self, request: &CredentialRequest<'_>) -> Reply<'s> {
        let is_server = self.settings.side == Side::Server;
        let choice = self.settings.choice();
        let selected = choice.choose(request, is_server);
        self.state.signer = selected.as_ref().map(|selected| Arc::clone(&selected.identity));
        match selected {
            None if !is_server => Reply::NoCredential(choice.why_none(request)),
            selected => Reply::Credential(selected),
        }
    }

    fn asks_status(&self) -> bool {
        self.settings.config.handshake.extensions.status_request
    }

    /// What the configured trust says of a chain, or of a raw public key.
    pub(crate) fn judge<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        certificate_type: CertificateType,
        now: u64,
    ) -> Verdict {
        match &self.settings.trust {
            Some(trust) => self.judge_with(trust, chain, certificate_type, now),
            None => Err(self.refused(CertificateFault::NotConfigured.into(), chain, certificate_type)),
        }
    }

    pub(crate) fn judge_with<C: AsRef<[u8]>>(
        &self,
        trust: &Trust,
        chain: &[C],
        certificate_type: CertificateType,
        now: u64,
    ) -> Verdict {
        let options = self.verify_options(now);
        let judged = match (certificate_type, chain) {
            (CertificateType::RawPublicKey, [key]) => trust.verify_raw_key(key.as_ref(), &options),
            _ => trust.verify_chain(chain, &options),
        };
        judged.map_err(|error| self.refused(error, chain, certificate_type))
    }

    pub(crate) fn verify_options(&self, now: u64) -> VerifyOptions<'_> {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
        let verify = &self.settings.config.handshake.verify;
        let options = VerifyOptions::new(self.peer(), now, verify, provider::SHA256);
        self.settings.clock.apply(options.with_name(self.state.name.as_ref()))
    }

    fn peer(&self) -> Role {
        match self.settings.side {
            Side::Client => Role::Server,
            Side::Server => Role::Client,
        }
    }

    pub(crate) fn refused<C: AsRef<[u8]>>(
        &self,
        error: CertificateError,
        chain: &[C],
        certificate_type: CertificateType,
    ) -> Box<Refused> {
        let name = self.state.name.as_ref();
        let refused = Refused::new(error, self.peer(), chain, certificate_type, name);
        Box::new(refused.with_revocation(self.settings.trust.as_deref(), chain, None))
    }

    /// The first identity that is a key of ours, or a ticket.
    fn find_key(
        &self,
        identities: &PskIdentities<'_>,
        version: ProtocolVersion,
        context: &mut Context<'_>,
    ) -> Reply<'s> {
        let settings = self.settings;
        for (index, identity) in identities.iter().take(IDENTITIES_MAX) {
            if let Some(psk) = settings.psks.named(identity, version) {
                return Reply::Psk(Some((index, psk)));
            }
            // In TLS 1.2 tickets have an extension of their own.
            if version == ProtocolVersion::TLS_1_3
                && let Some(opened) = self.open_ticket(identity, version, context)
            {
                return Reply::Session(Some((index, opened)));
            }
        }
        if settings.late.psk { Reply::Later } else { Reply::Psk(None) }
    }

    /// Opens a ticket. One of TLS 1.3 is good for one use.
    fn open_ticket(
        &self,
        ticket: &[u8],
        version: ProtocolVersion,
        context: &mut Context<'_>,
    ) -> Option<OpenedState> {
        let is_single = version == ProtocolVersion::TLS_1_3;
        let mut opened = self.settings.active_tickets()?.open(ticket, is_single, context)?;
        opened.is_confirmed = opened.is_single || self.settings.late.resumption;
        Some(opened)
    }
}

mod known;
mod status;
#[cfg(test)]
mod tests;
