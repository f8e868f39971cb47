//! The server's front door.

use std::{fmt, sync::Arc, time::Duration};

use handclasp_connection::{Config, Connection};
use handclasp_crypto::{KeyExchangeAlgorithm, Suite};
use handclasp_handshake::ClientAuthentication;
use handclasp_identity::Identity;
use handclasp_report::{Report, Side};
use handclasp_trust::{Psk, Role, Trust};

use crate::{
    Error, KeyLog, Policy, Stream, TicketSecret,
    answer::OwnAnswers,
    build::{authorities, handshake_config, peer_types},
    choose::Choice,
    client::DEADLINE,
    generation::Believed,
    index::Index,
    misuse,
    stream::{end_of, with_context},
    tickets::Tickets,
    transport::Transport,
};

/// By what a server proves who it is: certificates, pre-shared keys, or both.
#[derive(Default)]
pub struct Credentials {
    identities: Vec<Identity>,
    psks: Vec<Psk>,
}

impl From<Identity> for Credentials {
    fn from(identity: Identity) -> Self {
        Self { identities: vec![identity], psks: Vec::new() }
    }
}

impl From<Psk> for Credentials {
    fn from(psk: Psk) -> Self {
        Self { identities: Vec::new(), psks: vec![psk] }
    }
}

impl Credentials {
    /// Adds a certificate and its key. Of several, the one is shown that fits best the name,
    /// schemes and authorities that a client names.
    #[must_use]
    pub fn and_identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// Adds a pre-shared key.
    #[must_use]
    pub fn and_psk(mut self, psk: Psk) -> Self {
        self.psks.push(psk);
        self
    }

    /// Whether any of them serves in a suite. A version without such a suite is not chosen, so that
    /// a client whose version our pre-shared key is not for is refused with protocol_version.
    fn serve(&self, suite: &Suite) -> bool {
        let has_identity = !self.identities.is_empty();
        let has_psk = self.psks.iter().any(|psk| psk.usage().serves(suite.version()));
        match suite.exchange {
            KeyExchangeAlgorithm::Tls13 => has_identity || has_psk,
            KeyExchangeAlgorithm::Ecdhe(_) => has_identity,
            KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::EcdhePsk => has_psk,
        }
    }
}

/// Accepts clients. Made once, used for many connections, from several threads.
///
#[doc = concat!("```no_run\n", include_str!("../examples/server.rs"), "```")]
pub struct Server {
    credentials: Credentials,
    index: Index,
    /// Whom of the clients we believe, where they are asked.
    clients: Option<Trust>,
    raw_keys: bool,
    tickets: Arc<Tickets>,
    /// See [`Server::trust_generation`].
    raised: u64,
    pub(crate) config: Arc<Config>,
    /// Its name, for errors.
    policy: &'static str,
    key_log: Option<KeyLog>,
    deadline: Option<Duration>,
}

impl Server {
    /// A server that proves itself by `credentials`: an [`Identity`], a [`Psk`], or several.
    pub fn new(credentials: impl Into<Credentials>) -> Self {
        Self::with_policy(credentials, Policy::default())
    }

    /// A server with another policy than the default.
    pub fn with_policy(credentials: impl Into<Credentials>, policy: Policy) -> Self {
        let credentials = credentials.into();
        let name = policy.name;
        let mut handshake = handshake_config(policy);
        let servable = |suite: &&Suite| credentials.serve(suite);
        handshake.suites = handshake.suites.iter().copied().filter(servable).collect();
        handshake.has_psk = !credentials.psks.is_empty();
        handshake.has_credential = !credentials.identities.is_empty();
        let config = Arc::new(Config::new(handshake));
        let (clients, raw_keys, key_log, deadline) = (None, false, None, Some(DEADLINE));
        let (tickets, raised) = (Arc::new(Tickets::random()), 0);
        let policy = name;
        let index = Index::of(&credentials.identities);
        Self { credentials, index, clients, raw_keys, tickets, raised, config, policy, key_log, deadline }
            .believing()
    }

    /// How many tickets each client gets to resume its session by (RFC 8446 §4.6.1, RFC 5077);
    /// 2 unless told otherwise. With 0 there is no resumption.
    #[must_use]
    pub fn tickets(mut self, count: u8) -> Self {
        Arc::make_mut(&mut self.config).handshake.resumption.tickets = count;
        self
    }

    /// Seals tickets under keys that are derived from these random bytes and the time, so that
    /// servers of the same identities with the same bytes take each other's. Without them keys are this server's own.
    /// That a ticket of TLS 1.3 is used once is then seen to by each of them for itself.
    #[must_use]
    pub fn ticket_secret(mut self, secret: TicketSecret) -> Self {
        self.tickets = Arc::new(Tickets::shared(secret.0));
        self
    }

    /// To be raised when a client is revoked or forgotten: no ticket given before is taken any
    /// more. Other roots, pins or keys than before do the same by themselves.
    #[must_use]
    pub fn trust_generation(mut self, generation: u64) -> Self {
        self.raised = generation;
        self.believing()
    }

    /// Binds tickets to whom we believe and who we are: a server of other identities that holds the
    /// same ticket secret takes none of them.
    fn believing(mut self) -> Self {
        let (trust, psks, raised) = (self.clients.as_ref(), &self.credentials.psks[..], self.raised);
        let shown = &self.credentials.identities[..];
        let generation = Believed { trust, psks, shown, asks_status: false, raised }.generation();
        Arc::make_mut(&mut self.config).handshake.resumption.trust_generation = generation;
        self
    }

    /// Asks every client for a certificate, and refuses those that show none or one that `trust`
    /// does not believe. Who it was stands in [`handclasp_handshake::Connected::peer`]. Clients
    /// with a pre-shared key have proved themselves by it and are not asked.
    #[must_use]
    pub fn require_client(self, trust: Trust) -> Self {
        self.authenticate(ClientAuthentication::Required, trust)
    }

    /// As [`Server::require_client`], but goes on with clients that show none.
    #[must_use]
    pub fn ask_client(self, trust: Trust) -> Self {
        self.authenticate(ClientAuthentication::Offered, trust)
    }

    fn authenticate(mut self, client_authentication: ClientAuthentication, trust: Trust) -> Self {
        let certificates = &mut Arc::make_mut(&mut self.config).handshake.certificates;
        certificates.client_authentication = client_authentication;
        certificates.authorities = authorities(&trust);
        certificates.peer_types = peer_types(self.raw_keys, &trust);
        self.clients = Some(trust);
        self.believing()
    }

    /// Raw public keys in place of certificates, ours and the client's (RFC 7250), where the
    /// client does them too. Theirs only where pins can judge them.
    #[must_use]
    pub fn raw_public_keys(mut self) -> Self {
        self.raw_keys = true;
        if let Some(trust) = &self.clients {
            Arc::make_mut(&mut self.config).handshake.certificates.peer_types = peer_types(true, trust);
        }
        self
    }

    /// Application protocols that this server speaks, in order of preference. A client that
    /// offers only others is refused (RFC 7301 §3.2).
    #[must_use]
    pub fn alpn(mut self, protocols: &[&str]) -> Self {
        let config = Arc::make_mut(&mut self.config);
        config.handshake.alpn = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self
    }

    /// Writes the secrets of every connection to a key log.
    #[must_use]
    pub fn key_log(mut self, log: KeyLog) -> Self {
        Arc::make_mut(&mut self.config).handshake.key_log = true;
        self.key_log = Some(log);
        self
    }

    /// How long a handshake may take; `None` for as long as it likes.
    #[must_use]
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether a handshake with this configuration could succeed at all. Every connection begins
    /// with that; a program that wants to know when it starts, and not when its first client
    /// comes, asks here.
    ///
    /// # Errors
    /// What cannot work: no credential, trust in no client, a pre-shared key that no cipher suite
    /// of the policy works with, a protocol name that is too long.
    pub fn check(&self) -> Result<(), Error> {
        let Self { credentials: Credentials { identities, psks }, clients, config, policy, .. } = self;
        misuse::server(!identities.is_empty(), psks, clients.as_ref(), &config.handshake, policy)
            .map_err(|problem| Error::misuse(problem, &Report::new(Side::Server)))
    }

    /// Runs the handshake over a transport that a client opened.
    ///
    /// # Errors
    /// Who failed and why, with the report of the attempt.
    pub fn accept<T: Transport>(&self, transport: T) -> Result<Stream<T>, Error> {
        self.check()?;
        let connection = with_context(&self.config, Connection::server)
            .map_err(|fault| Error::from_fault(fault, &Report::new(Side::Server)))?;
        let identities = &self.credentials.identities;
        let choice = Choice { identities, index: &self.index, raw_keys: self.raw_keys };
        // Those of a server with the same secret are not taken either where there is no resumption.
        let resumes = self.config.handshake.resumption.tickets > 0;
        let mut answers = OwnAnswers {
            psks: &self.credentials.psks,
            tickets: resumes.then_some(&*self.tickets),
            trust: self.clients.as_ref(),
            ..OwnAnswers::new(Role::Client, choice, &self.config.handshake.verify)
        };
        let config = Arc::clone(&self.config);
        let end = end_of(self.deadline);
        Stream::shake(transport, connection, config, &mut answers, self.key_log.as_ref(), end)
    }
}

/// Nothing of its keys and tickets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("clients", &self.clients)
            .field("policy", &self.policy)
            .field("identities", &self.credentials.identities.len())
            .field("psks", &self.credentials.psks)
            .finish_non_exhaustive()
    }
}
