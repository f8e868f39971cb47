//! The public API of servers: configuration, and the blocking ways to accept.

use std::{
    fmt,
    io::{Read, Write},
    sync::Arc,
    time::Duration,
};

use handclasp_connection::Config;
use handclasp_handshake::{ClientAuthentication, ServerVersion, Versions};
use handclasp_identity::Identity;
use handclasp_report::{Report, Side};
use handclasp_trust::{Psk, Trust};

use crate::{
    Clock, Error, KeyLog, NeedKind, Policy, ServerConnection, Stream, TicketKeys, TicketSecret, Transport,
    build::{authorities, handshake_config, peer_types},
    index::Index,
    misuse,
    settings::Settings,
    tickets::Tickets,
    transport::Timers,
};

/// What a server authenticates with: certificates, pre-shared keys, or both.
///
/// ```
/// use handclasp::{Credentials, Identity, Psk, PskUse, Server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let credentials = Credentials::default()
///     .and_identity(Identity::self_signed(&["device.example"])?)
///     .and_psk(Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32])?);
/// let server = Server::new(credentials);
/// server.check()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    identities: Vec<Arc<Identity>>,
    psks: Vec<Arc<Psk>>,
}

impl From<Identity> for Credentials {
    fn from(identity: Identity) -> Self {
        Self::default().and_identity(identity)
    }
}

impl From<Psk> for Credentials {
    fn from(psk: Psk) -> Self {
        Self::default().and_psk(psk)
    }
}

impl Credentials {
    /// Adds a certificate and its key. Of several, the one is sent that fits best the name,
    /// schemes and authorities that a client names.
    #[must_use]
    pub fn and_identity(mut self, identity: Identity) -> Self {
        self.identities.push(Arc::new(identity));
        self
    }

    /// Adds a pre-shared key.
    #[must_use]
    pub fn and_psk(mut self, psk: Psk) -> Self {
        self.psks.push(Arc::new(psk));
        self
    }
}

/// Accepts clients. Built once and used for many connections, from several threads; a clone is a
/// pointer to the same configuration and ticket keys.
///
/// ```
/// use std::{
///     io::{Read, Write},
///     net::{TcpListener, TcpStream},
///     thread,
/// };
///
/// use handclasp::{Client, Identity, Pin, Server, Trust};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let identity = Identity::self_signed(&["localhost"])?; // or Identity::from_pem_files
/// let client = Client::new(Trust::Pins(vec![Pin::of_spki(&identity.spki())]));
/// let server = Server::new(identity);
/// server.check()?;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// thread::spawn(move || {
///     for socket in listener.incoming().flatten() {
///         let server = server.clone();
///         thread::spawn(move || -> std::io::Result<()> {
///             let mut stream = server.accept(socket)?;
///             stream.write_all(b"hello\n")?;
///             stream.close()
///         });
///     }
/// });
///
/// let mut text = String::new();
/// client.connect_over(TcpStream::connect(address)?, "localhost")?.read_to_string(&mut text)?;
/// assert_eq!(text, "hello\n");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    pub(crate) settings: Arc<Settings>,
}

impl Server {
    /// A server with the default policy ([`Policy::modern`]) that authenticates with `credentials`: an
    /// [`Identity`], a [`Psk`], or several.
    pub fn new(credentials: impl Into<Credentials>) -> Self {
        Self::with_policy(credentials, Policy::default())
    }

    /// A server with another policy.
    pub fn with_policy(credentials: impl Into<Credentials>, policy: Policy) -> Self {
        let Credentials { identities, psks } = credentials.into();
        let name = policy.name;
        let config = Config::new(handshake_config(policy, Versions::server(ServerVersion::ALL)));
        let mut settings = Settings::new(Side::Server, config, name);
        settings.policy_suites = settings.config.handshake.suites.to_vec();
        settings.index = Arc::new(Index::of(&identities));
        settings.identities = identities;
        settings.psks = Arc::new(psks.into());
        settings.tickets = Some(Arc::new(Tickets::random()));
        settings.enable_served_suites();
        settings.bind_trust();
        Self { settings: Arc::new(settings) }
    }

    /// The configuration, to be changed: a copy of it where connections or clones share it.
    pub(crate) fn change(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Count of tickets that each client gets to resume its session with (RFC 8446 §4.6.1, RFC 5077);
    /// 2 by default. 0 disables resumption.
    #[must_use]
    pub fn tickets(mut self, count: u8) -> Self {
        self.change().config.handshake.resumption.tickets = count;
        self
    }

    /// Derives the keys that seal tickets from these random bytes and the time, so that
    /// servers of the same identities with the same secret accept each other's tickets. Without it the
    /// keys are random. Each server remembers for itself which tickets of TLS 1.3 were used.
    #[must_use]
    pub fn ticket_secret(mut self, secret: TicketSecret) -> Self {
        self.change().tickets = Some(Arc::new(Tickets::shared(secret.0)));
        self
    }

    /// Seals tickets with keys that the application provides and replaces, in place of random ones.
    #[must_use]
    pub fn ticket_keys(mut self, keys: &TicketKeys) -> Self {
        self.change().tickets = Some(Arc::clone(&keys.0));
        self
    }

    /// Raise this number when a client is revoked or forgotten: tickets from before are no longer
    /// accepted. A change of roots, pins or keys has the same effect without it.
    #[must_use]
    pub fn trust_generation(mut self, generation: u64) -> Self {
        let settings = self.change();
        settings.raised = generation;
        settings.bind_trust();
        self
    }

    /// Requests a certificate from every client, and refuses clients that send none or one that `trust`
    /// does not accept. The client's key is in [`crate::Connected::peer`]. Clients
    /// with a pre-shared key are authenticated by it and are not asked.
    #[must_use]
    pub fn require_client(self, trust: Trust) -> Self {
        self.authenticate(ClientAuthentication::Required, trust)
    }

    /// As [`Server::require_client`], but accepts clients that send no certificate.
    #[must_use]
    pub fn ask_client(self, trust: Trust) -> Self {
        self.authenticate(ClientAuthentication::Offered, trust)
    }

    fn authenticate(mut self, client_authentication: ClientAuthentication, trust: Trust) -> Self {
        let settings = self.change();
        let certificates = &mut settings.config.handshake.certificates;
        certificates.client_authentication = client_authentication;
        certificates.authorities = authorities(&trust);
        certificates.peer_types = peer_types(settings.raw_keys, &trust);
        settings.trust = Some(Arc::new(trust));
        settings.bind_trust();
        self
    }

    /// Uses raw public keys in place of certificates, this server's and the client's (RFC 7250), where
    /// the client supports them. The client's only with [`Trust::Pins`], which can judge them.
    #[must_use]
    pub fn raw_public_keys(mut self) -> Self {
        let settings = self.change();
        settings.raw_keys = true;
        if let Some(trust) = &settings.trust {
            settings.config.handshake.certificates.peer_types = peer_types(true, trust);
        }
        self
    }

    /// Application protocols of this server, in order of preference. A client that
    /// offers only others is refused (RFC 7301 §3.2).
    #[must_use]
    pub fn alpn(mut self, protocols: &[&str]) -> Self {
        let names = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        self.change().config.handshake.alpn = names;
        self
    }

    /// Writes the secrets of every connection to a key log.
    #[must_use]
    pub fn key_log(mut self, log: KeyLog) -> Self {
        let settings = self.change();
        settings.config.handshake.key_log = true;
        settings.key_log = Some(Arc::new(log));
        self
    }

    /// Time limit of a handshake; 30 seconds by default. `None`: no limit.
    #[must_use]
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.change().deadline = deadline;
        self
    }

    /// By what time certificates are judged: for machines that have no clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.change().clock = clock;
        self
    }

    /// Keeps the certificates that clients send, for [`crate::Connection::peer_certificate`] and
    /// [`crate::Connection::peer_certificates`]. Off by
    /// default: a chain takes some kilobytes for the life of the connection.
    #[must_use]
    pub fn keep_peer_certificates(mut self) -> Self {
        self.change().keeps_peer_certificates = true;
        self
    }

    /// Leaves these needs to the application, beside those of earlier calls: it answers them when it is ready, see
    /// [`crate::Connection::need`]. Such a server accepts by [`ServerConnection`] or
    /// [`Stream::handshake`].
    #[must_use]
    pub fn late_needs(mut self, kinds: &[NeedKind]) -> Self {
        let settings = self.change();
        settings.late = settings.late.and(kinds);
        settings.enable_served_suites();
        settings.bind_trust();
        self
    }

    /// Checks whether a handshake with this configuration could succeed at all. Every connection begins
    /// with this check; a program calls it to learn of mistakes when it starts, and not when
    /// its first client comes.
    ///
    /// # Errors
    /// What cannot work: no credential, trust in no client, a pre-shared key that no cipher suite
    /// of the policy works with, a protocol name that is too long.
    pub fn check(&self) -> Result<(), Error> {
        misuse::server(&self.settings).map_err(|problem| Error::misuse(problem, &Report::new(Side::Server)))
    }

    /// Runs the handshake over a stream that a client opened: a socket, a pipe, or anything else that
    /// reads and writes.
    ///
    /// The handshake's time limit holds for sockets of the standard library, `TcpStream` and
    /// `UnixStream`: their timeouts are set for each step and restored afterwards. Of other streams a
    /// call of `read` or `write` takes as long as it takes, and the limit is checked between two calls.
    /// [`Server::accept_transport`] is for other types with timeouts.
    ///
    /// # Errors
    /// Which side failed and why, with the report of the attempt.
    pub fn accept<S: Read + Write + 'static>(&self, stream: S) -> Result<Stream<S>, Error> {
        let connection = ServerConnection::new(self)?;
        Stream::run(connection.into(), stream, Timers::of_any(), &mut crate::stream::unanswered)
    }

    /// As [`Server::accept`], for a type with timeouts of its own.
    ///
    /// # Errors
    /// As [`Server::accept`].
    pub fn accept_transport<T: Transport>(&self, transport: T) -> Result<Stream<T>, Error> {
        let connection = ServerConnection::new(self)?;
        Stream::run(connection.into(), transport, Timers::of(), &mut crate::stream::unanswered)
    }
}

/// Shows no keys and no tickets.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_struct("Server")
            .field("clients", &settings.trust)
            .field("policy", &settings.policy)
            .field("identities", &settings.identities.len())
            .field("psks", &&settings.psks[..])
            .finish_non_exhaustive()
    }
}
