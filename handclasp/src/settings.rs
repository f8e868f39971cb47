//! Everything that a [`crate::Client`] or a [`crate::Server`] was built with, shared by its
//! connections through one `Arc`.

use std::{sync::Arc, time::Duration};

use handclasp_connection::{Config, Connection as Engine};
use handclasp_crypto::{KeyExchangeAlgorithm, Suite};
use handclasp_identity::Identity;
use handclasp_report::{NotJudged, Side, Tag};
use handclasp_trust::{KnownPeers, Trust};

use crate::{
    Clock, KeyLog, choose::Choice, index::Index, need_kind::LateNeeds, psk::PskTable, sessions::Sessions,
    tickets::Tickets, trust_fingerprint::TrustFingerprint,
};

/// Time limit of a handshake unless the application sets another one.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The configuration of one side. Cloned only where a builder changes it while connections share it.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) side: Side,
    pub(crate) config: Config,
    /// The policy's name, for errors.
    pub(crate) policy: &'static str,
    /// Server: the policy's suites, those included that none of its credentials serves in.
    pub(crate) policy_suites: Vec<&'static Suite>,
    /// Verifies the peer's certificate. `None` on a server that requests none.
    pub(crate) trust: Option<Arc<Trust>>,
    pub(crate) identities: Vec<Arc<Identity>>,
    pub(crate) index: Arc<Index>,
    pub(crate) raw_keys: bool,
    /// A server's pre-shared keys; a client's is in `trust`.
    pub(crate) psks: Arc<PskTable>,
    /// Server: seals and opens tickets.
    pub(crate) tickets: Option<Arc<Tickets>>,
    /// Client: where sessions are kept, if they are.
    pub(crate) sessions: Option<Arc<Sessions>>,
    /// Client: whether server_name is sent.
    pub(crate) sends_name: bool,
    /// See [`crate::Client::trust_generation`].
    pub(crate) raised: u64,
    pub(crate) key_log: Option<Arc<KeyLog>>,
    pub(crate) deadline: Option<Duration>,
    /// Needs that the application answers.
    pub(crate) late: LateNeeds,
    pub(crate) keeps_peer_certificates: bool,
    /// Client: whether a server must send an OCSP response.
    pub(crate) requires_status: bool,
    /// By what time certificates are judged.
    pub(crate) clock: Clock,
}

/// Bytes up to which the receive buffer grows under bulk data, and above which the queue takes no more: eight records a
/// system call. With four, a relay waits twice as often for its turn on a processor, which a busy machine makes long.
const BULK: usize = 128 * 1024;

impl Settings {
    /// A side without trust, credentials and sessions.
    pub(crate) fn new(side: Side, config: Config, policy: &'static str) -> Self {
        let config = Config { bulk_space: BULK, transmit_limit: BULK, ..config };
        Self {
            side,
            config,
            policy,
            policy_suites: Vec::new(),
            trust: None,
            identities: Vec::new(),
            index: Arc::default(),
            raw_keys: false,
            psks: Arc::default(),
            tickets: None,
            sessions: None,
            sends_name: true,
            raised: 0,
            key_log: None,
            deadline: Some(DEADLINE),
            late: LateNeeds::default(),
            keeps_peer_certificates: false,
            requires_status: false,
            clock: Clock::System,
        }
    }

    /// Binds tickets and sessions to the trust, the credentials and what else authenticated the
    /// peer, so that a change of any of them invalidates them.
    pub(crate) fn bind_trust(&mut self) {
        let fingerprint = TrustFingerprint {
            trust: self.trust.as_deref(),
            psks: &self.psks,
            shown: &self.identities,
            asks_status: self.config.handshake.extensions.status_request,
            requires_status: self.requires_status,
            is_judged_late: self.late.peer_certificate,
            raised: self.raised,
        };
        self.config.handshake.resumption.trust_generation = fingerprint.generation();
    }

    /// The identities, and how one of them is chosen.
    pub(crate) fn choice(&self) -> Choice<'_> {
        Choice { identities: &self.identities, index: &self.index, raw_keys: self.raw_keys }
    }

    /// Enables the suites, and so the versions, that a server has a credential for. A client whose
    /// version none of the pre-shared keys is for is then refused with protocol_version.
    pub(crate) fn enable_served_suites(&mut self) {
        let has_credential = !self.identities.is_empty() || self.late.credential;
        let serves = |suite: &&Suite| {
            let has_psk = self.late.psk || self.psks.iter().any(|psk| psk.usage().serves(suite.version()));
            match suite.exchange {
                KeyExchangeAlgorithm::Tls13 => has_credential || has_psk,
                KeyExchangeAlgorithm::Ecdhe(_) => has_credential,
                KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => has_psk,
            }
        };
        let handshake = &mut self.config.handshake;
        handshake.suites = self.policy_suites.iter().copied().filter(serves).collect();
        handshake.has_psk = self.late.psk || !self.psks.is_empty();
        handshake.has_credential = has_credential;
    }

    /// What opens tickets; `None` where this server resumes no sessions, also not those of a server
    /// with the same ticket secret.
    pub(crate) fn active_tickets(&self) -> Option<&Tickets> {
        let resumes = self.config.handshake.resumption.tickets > 0 && !self.trust_may_change();
        self.tickets.as_deref().filter(|_| resumes)
    }

    /// Where a client keeps its sessions; `None` where it resumes none.
    pub(crate) fn active_sessions(&self) -> Option<&Arc<Sessions>> {
        self.sessions.as_ref().filter(|_| !self.trust_may_change())
    }

    /// Notes what of the peer's certificate the configured trust does not judge.
    pub(crate) fn note_not_judged(&self, engine: &mut Engine) {
        let what = match (self.trust.as_deref(), self.clock.earliest()) {
            (Some(Trust::Pins(_)), _) => NotJudged::AllButKey,
            (Some(Trust::WebPki(_) | Trust::PinsWithDates(_)), Some(earliest)) => {
                NotJudged::NotBefore { earliest }
            }
            _ => return,
        };
        engine.note(self.side, Tag::NotJudged, &what.note());
    }

    /// Whether files decide about the peer that are read for each handshake: what they say may change while a
    /// session lasts, so that no session is resumed.
    fn trust_may_change(&self) -> bool {
        self.trust.as_deref().is_some_and(Trust::follows_files)
    }

    /// The file that decides about the peer. Each handshake looks at it, so that no session is resumed.
    pub(crate) fn known_peers(&self) -> Option<&KnownPeers> {
        self.trust.as_deref().and_then(Trust::known_peers)
    }
}
