//! The public API of clients: configuration, and the blocking ways to connect.

use std::{
    fmt,
    io::{self, Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use handclasp_connection::Config;
use handclasp_handshake::{ClientVersion, Versions};
use handclasp_identity::Identity;
use handclasp_report::Side;
use handclasp_trust::Trust;

use crate::{
    ClientConnection, Clock, Error, KeyLog, NeedKind, PeerName, Policy, Stream, Transport,
    build::{authorities, handshake_config, peer_types},
    connection::{server_name, unusable},
    dial::dial,
    index::Index,
    misuse,
    sessions::Sessions,
    settings::Settings,
    time::deadline_after,
    transport::Timers,
};

/// Connects to servers. Built once and used for many connections, from several threads; a clone is a
/// pointer to the same configuration and sessions.
///
/// ```no_run
/// use std::io::{Read, Write};
/// use handclasp::{Client, Roots, Trust};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::new(Trust::WebPki(Roots::system()?));
/// let mut stream = client.connect("example.org:443")?;
/// stream.write_all(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
/// let mut page = Vec::new();
/// stream.read_to_end(&mut page)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) settings: Arc<Settings>,
}

impl Client {
    /// A client with the default policy ([`Policy::modern`]) that accepts the servers which `trust`
    /// accepts.
    pub fn new(trust: Trust) -> Self {
        Self::with_policy(trust, Policy::default())
    }

    /// A client with another policy.
    pub fn with_policy(trust: Trust, policy: Policy) -> Self {
        let policy = policy.for_client();
        let policy = if matches!(trust, Trust::Psk(_)) { policy.for_psk() } else { policy };
        let name = policy.name;
        let mut settings = Settings::new(
            Side::Client,
            Config::new(handshake_config(policy, Versions::client(ClientVersion::ALL))),
            name,
        );
        settings.trust = Some(Arc::new(trust));
        settings.sessions = Some(Arc::default());
        settings.bind_trust();
        Self { settings: Arc::new(settings) }
    }

    /// The configuration, to be changed: a copy of it where connections or clones share it.
    pub(crate) fn change(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }

    /// Disables session resumption: no sessions are kept. By default a session is resumed by a later
    /// connection of this client to the same name, for at most a week.
    #[must_use]
    pub fn without_resumption(mut self) -> Self {
        let settings = self.change();
        settings.config.handshake.resumption.tickets = 0;
        settings.sessions = None;
        self
    }

    /// Keeps sessions in a file, for the next run of a program with the same trust. The file holds
    /// secrets, and anybody who can write it decides which servers are trusted: see
    /// [`handclasp_identity::private_file`] for the permissions that it must have. Several processes may
    /// share it; each TLS 1.3 session is offered once.
    ///
    /// # Errors
    /// The file cannot be read and written, or other users could; or it does not hold sessions. The error
    /// names the file.
    pub fn session_file(mut self, path: &Path) -> io::Result<Self> {
        self.change().sessions = Some(Arc::new(Sessions::in_file(path)?));
        Ok(self)
    }

    /// Raise this number when a server is revoked or forgotten: sessions from before are no longer
    /// offered. A change of roots, pins or keys has the same effect without it.
    #[must_use]
    pub fn trust_generation(mut self, generation: u64) -> Self {
        let settings = self.change();
        settings.raised = generation;
        settings.bind_trust();
        self
    }

    /// Adds a certificate for servers that request one. Of several, the one is sent that fits best
    /// the schemes and authorities that a server names; one whose issuer is not named is sent
    /// as well, and the report says so.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        let settings = self.change();
        settings.identities.push(Arc::new(identity));
        settings.index = Arc::new(Index::of(&settings.identities));
        self.with_types()
    }

    /// Uses raw public keys in place of certificates, this client's and the server's (RFC 7250), where
    /// the server supports them. The server's only with [`Trust::Pins`], which can judge them.
    #[must_use]
    pub fn raw_public_keys(mut self) -> Self {
        self.change().raw_keys = true;
        self.with_types()
    }

    /// Sends no server_name. The certificate must still be for the name.
    #[must_use]
    pub fn without_server_name(mut self) -> Self {
        self.change().sends_name = false;
        self
    }

    /// Sends servers of TLS 1.3 the names of the trusted roots (certificate_authorities), so that one
    /// with several certificates can choose. Only for few roots: the names make the ClientHello
    /// longer, and identify this client.
    #[must_use]
    pub fn name_authorities(mut self) -> Self {
        let settings = self.change();
        let names = settings.trust.as_deref().map(authorities).unwrap_or_default();
        settings.config.handshake.certificates.authorities = names;
        self
    }

    /// Sets client_certificate_type and server_certificate_type.
    fn with_types(mut self) -> Self {
        let settings = self.change();
        let own = settings.choice().types();
        let peer = settings.trust.as_deref().map(|trust| peer_types(settings.raw_keys, trust));
        let certificates = &mut settings.config.handshake.certificates;
        (certificates.own_types, certificates.peer_types) = (own, peer.unwrap_or_default());
        settings.bind_trust();
        self
    }

    /// Application protocols to offer, in order of preference (RFC 7301).
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

    /// Time limit of the handshake, including TCP connect when this client dials; 30 seconds by
    /// default. `None`: no limit. The lookup of a name takes as long as the operating system lets it.
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

    /// Keeps the certificates that servers send, for [`crate::Connection::peer_certificate`] and
    /// [`crate::Connection::peer_certificates`]. Off by
    /// default: a chain takes some kilobytes for the life of the connection.
    #[must_use]
    pub fn keep_peer_certificates(mut self) -> Self {
        self.change().keeps_peer_certificates = true;
        self
    }

    /// Leaves these needs to the application, beside those of earlier calls: it answers them when it is ready, see
    /// [`crate::Connection::need`]. Such a client connects by [`ClientConnection`] or
    /// [`Stream::handshake`].
    #[must_use]
    pub fn late_needs(mut self, kinds: &[NeedKind]) -> Self {
        let settings = self.change();
        settings.late = settings.late.and(kinds);
        settings.bind_trust();
        self
    }

    /// Connects over TCP to `host:port` and verifies that the certificate is for that host.
    ///
    /// # Errors
    /// Which side failed and why, with the report of the attempt.
    pub fn connect(&self, address: &str) -> Result<Stream<TcpStream>, Error> {
        let host = misuse::host(address).map_err(unusable)?;
        self.connect_to(address, host)
    }

    /// Connects over TCP to `host:port` and verifies that the certificate is for `name`.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_to<'n>(
        &self,
        address: &str,
        name: impl Into<PeerName<'n>>,
    ) -> Result<Stream<TcpStream>, Error> {
        // Nothing is looked up or sent for what cannot work.
        misuse::host(address).map_err(unusable)?;
        let name = name.into();
        server_name(&self.settings, &name)?;
        let end = deadline_after(self.settings.deadline);
        let transport = dial(address, end)?;
        transport.set_nodelay(true).map_err(|error| Error::no_connection(address, error, true))?;
        self.run(transport, name, Timers::of(), end)
    }

    /// Runs the handshake over a stream: a socket, a pipe, or anything else that reads and writes.
    /// `name` is the DNS name or address that the certificate must be for; `None` where the trust
    /// needs no name (pins, pre-shared keys).
    ///
    /// The handshake's time limit holds for sockets of the standard library, [`TcpStream`] and
    /// `UnixStream`: their timeouts are set for each step and restored afterwards. Of other streams a
    /// call of `read` or `write` takes as long as it takes, and the limit is checked between two calls.
    /// [`Client::connect_transport`] is for other types with timeouts.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_over<'n, S: Read + Write + 'static>(
        &self,
        stream: S,
        name: impl Into<PeerName<'n>>,
    ) -> Result<Stream<S>, Error> {
        self.run(stream, name.into(), Timers::of_any(), deadline_after(self.settings.deadline))
    }

    /// As [`Client::connect_over`], for a type with timeouts of its own.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_transport<'n, T: Transport>(
        &self,
        transport: T,
        name: impl Into<PeerName<'n>>,
    ) -> Result<Stream<T>, Error> {
        self.run(transport, name.into(), Timers::of(), deadline_after(self.settings.deadline))
    }

    /// Checks whether a handshake with this configuration could succeed at all. Every connection begins
    /// with this check; a program calls it to learn of mistakes when it starts.
    ///
    /// # Errors
    /// What cannot work: trust without a pin, a pre-shared key that no cipher suite of the policy
    /// works with, a protocol name that is too long.
    pub fn check(&self) -> Result<(), Error> {
        misuse::client(&self.settings, true).map_err(unusable)
    }

    fn run<S: Read + Write>(
        &self,
        stream: S,
        name: PeerName<'_>,
        timers: Timers<S>,
        end: Option<Instant>,
    ) -> Result<Stream<S>, Error> {
        let mut connection = ClientConnection::new(self, name)?;
        connection.set_deadline(end);
        Stream::run(connection.into(), stream, timers, &mut crate::stream::unanswered)
    }
}

/// Shows no keys and no sessions.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_struct("Client")
            .field("trust", &settings.trust)
            .field("policy", &settings.policy)
            .field("identities", &settings.identities.len())
            .finish_non_exhaustive()
    }
}
