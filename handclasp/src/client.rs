//! The client's front door.

use std::{
    fmt, io,
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use handclasp_connection::{Config, Connection};
use handclasp_handshake::ClientStart;
use handclasp_identity::Identity;
use handclasp_report::{Fault, Report, Side};
use handclasp_trust::{Name, Role, Trust};

use crate::{
    Error, KeyLog, Policy, Stream,
    answer::OwnAnswers,
    build::{authorities, handshake_config, peer_types},
    choose::Choice,
    dial::dial,
    generation::Believed,
    index::Index,
    misuse::{self, Problem},
    psk::Held,
    sessions::{Keeper, Sessions},
    stream::{end_of, with_context},
    transport::Transport,
};

/// Handshakes take at most this long unless told otherwise.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// Connects to servers. Made once, used for many connections, from several threads.
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
pub struct Client {
    trust: Trust,
    identities: Vec<Identity>,
    index: Index,
    raw_keys: bool,
    sends_name: bool,
    sessions: Option<Arc<Sessions>>,
    /// See [`Client::trust_generation`].
    raised: u64,
    pub(crate) config: Arc<Config>,
    /// Its name, for errors.
    policy: &'static str,
    key_log: Option<KeyLog>,
    deadline: Option<Duration>,
}

impl Client {
    /// A client that believes whom `trust` believes.
    pub fn new(trust: Trust) -> Self {
        Self::with_policy(trust, Policy::default())
    }

    /// A client with another policy than the default.
    pub fn with_policy(trust: Trust, policy: Policy) -> Self {
        let policy = policy.for_client();
        let policy = if matches!(trust, Trust::Psk(_)) { policy.for_psk() } else { policy };
        let name = policy.name;
        let config = Config::new(handshake_config(policy));
        Self {
            trust,
            identities: Vec::new(),
            index: Index::default(),
            raw_keys: false,
            sends_name: true,
            sessions: Some(Arc::default()),
            raised: 0,
            config: Arc::new(config),
            policy: name,
            key_log: None,
            deadline: Some(DEADLINE),
        }
        .believing()
    }

    /// Shakes hands in full with every server: no session is kept. Otherwise they are resumed,
    /// for at most a week, by whoever asks this client for the same name again.
    #[must_use]
    pub fn without_resumption(mut self) -> Self {
        Arc::make_mut(&mut self.config).handshake.resumption.tickets = 0;
        self.sessions = None;
        self
    }

    /// Keeps sessions in a file, for the next run of a program with the same trust. It holds
    /// secrets and decides whom we trust: see [`handclasp_identity::private_file`] for what it must
    /// be. Several processes may share it; each TLS 1.3 session is offered once.
    ///
    /// # Errors
    /// The file cannot be read and written, or other users could; or it holds something else than
    /// sessions. The error names the file.
    pub fn session_file(mut self, path: &Path) -> io::Result<Self> {
        self.sessions = Some(Arc::new(Sessions::in_file(path)?));
        Ok(self)
    }

    /// To be raised when a server is revoked or forgotten: no session from before is offered any
    /// more. Other roots, pins or keys than before do the same by themselves.
    #[must_use]
    pub fn trust_generation(mut self, generation: u64) -> Self {
        self.raised = generation;
        self.believing()
    }

    /// Binds sessions to whom we believe, by what, and who we are.
    pub(crate) fn believing(mut self) -> Self {
        let (trust, shown, raised) = (Some(&self.trust), &self.identities[..], self.raised);
        let asks_status = self.config.handshake.extensions.status_request;
        let generation = Believed { trust, psks: &[], shown, asks_status, raised }.generation();
        Arc::make_mut(&mut self.config).handshake.resumption.trust_generation = generation;
        self
    }

    /// Shows this to servers that ask who we are. Of several, the one is shown that fits best
    /// the schemes and authorities that a server names; one whose issuer is not named is shown
    /// all the same, and the report says so.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self.index = Index::of(&self.identities);
        self.with_types()
    }

    /// Raw public keys in place of certificates, ours and the server's (RFC 7250), where the
    /// server does them too. Theirs only where pins can judge them.
    #[must_use]
    pub fn raw_public_keys(mut self) -> Self {
        self.raw_keys = true;
        self.with_types()
    }

    /// Sends no server_name. The certificate must be for the name all the same.
    #[must_use]
    pub fn without_server_name(mut self) -> Self {
        self.sends_name = false;
        self
    }

    /// Tells servers of TLS 1.3 the names of our roots (certificate_authorities), so that one
    /// with several certificates can choose. Only for few roots: the names make the ClientHello
    /// longer, and tell who we are.
    #[must_use]
    pub fn name_authorities(mut self) -> Self {
        Arc::make_mut(&mut self.config).handshake.certificates.authorities = authorities(&self.trust);
        self
    }

    fn choice(&self) -> Choice<'_> {
        Choice { identities: &self.identities, index: &self.index, raw_keys: self.raw_keys }
    }

    /// What is told in client_certificate_type and server_certificate_type.
    fn with_types(mut self) -> Self {
        let (own, peer) = (self.choice().types(), peer_types(self.raw_keys, &self.trust));
        let certificates = &mut Arc::make_mut(&mut self.config).handshake.certificates;
        (certificates.own_types, certificates.peer_types) = (own, peer);
        self.believing()
    }

    /// Application protocols to offer, in order of preference (RFC 7301).
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

    /// How long a handshake may take, with the connecting where that is ours; `None` for as long
    /// as it likes. Looking up a name takes as long as the operating system lets it.
    #[must_use]
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Connects over TCP to `host:port` and expects the certificate to be for that host.
    ///
    /// # Errors
    /// Who failed and why, with the report of the attempt.
    pub fn connect(&self, address: &str) -> Result<Stream<TcpStream>, Error> {
        let host = misuse::host(address).map_err(refused)?;
        self.connect_to(address, host)
    }

    /// Connects over TCP to `host:port` and expects the certificate to be for `name`.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_to(&self, address: &str, name: &str) -> Result<Stream<TcpStream>, Error> {
        // Nothing is looked up or sent for what cannot work.
        misuse::host(address).map_err(refused)?;
        self.name(Some(name))?;
        let end = end_of(self.deadline);
        let transport = dial(address, end)?;
        transport.set_nodelay(true).map_err(|error| Error::no_connection(address, error, true))?;
        self.shake(transport, Some(name), end)
    }

    /// Runs the handshake over an open transport. `name` is the DNS name or address that the
    /// certificate must be for; without one only trust that needs no name works.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_over<T: Transport>(&self, transport: T, name: Option<&str>) -> Result<Stream<T>, Error> {
        self.shake(transport, name, end_of(self.deadline))
    }

    /// Whether a handshake with this configuration could succeed at all. Every connection begins
    /// with that; a program that wants to know when it starts asks here.
    ///
    /// # Errors
    /// What cannot work: trust without a pin, a pre-shared key that no cipher suite of the policy
    /// works with, a protocol name that is too long.
    pub fn check(&self) -> Result<(), Error> {
        misuse::client(&self.trust, true, &self.config.handshake, self.policy).map_err(refused)
    }

    /// The name to look for, where there is one; the configuration could work with it.
    fn name(&self, name: Option<&str>) -> Result<Option<Name>, Error> {
        let named = name.is_some();
        let name = name.map(misuse::server_name).transpose();
        name.and_then(|name| {
            misuse::client(&self.trust, named, &self.config.handshake, self.policy).map(|()| name)
        })
        .map_err(refused)
    }

    fn shake<T: Transport>(
        &self,
        transport: T,
        name: Option<&str>,
        end: Option<Instant>,
    ) -> Result<Stream<T>, Error> {
        let nameless = |fault: Fault| Error::from_fault(fault, &Report::new(Side::Client));
        let asked = name;
        let name = self.name(name)?;
        let held = match &self.trust {
            Trust::Psk(psk) => Held::offered(psk, &self.config.handshake),
            Trust::WebPki(_) | Trust::Pins(_) | Trust::DangerNobody => Vec::new(),
        };
        let psk = Held::client(&held);
        let server_name = name.as_ref().and_then(Name::dns).filter(|_| self.sends_name);
        // Without a name nobody could tell whose session it is.
        let keeper = self.sessions.as_ref().zip(asked).map(|(sessions, name)| Keeper::new(sessions, name));
        let session = keeper.as_ref().and_then(Keeper::take);
        let start = ClientStart { server_name, psk, session: session.as_ref() };
        let connection =
            with_context(&self.config, |context| Connection::client(context, start)).map_err(nameless)?;
        let mut answers = OwnAnswers {
            trust: Some(&self.trust),
            name,
            asks_status: self.config.handshake.extensions.status_request,
            ..OwnAnswers::new(Role::Server, self.choice(), &self.config.handshake.verify)
        };
        let config = Arc::clone(&self.config);
        let log = self.key_log.as_ref();
        let mut stream = Stream::shake(transport, connection, config, &mut answers, log, end)?;
        if let Some(keeper) = keeper {
            stream.keep_sessions(keeper, session);
        }
        Ok(stream)
    }
}

/// Nothing of its keys and sessions.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("trust", &self.trust)
            .field("policy", &self.policy)
            .field("identities", &self.identities.len())
            .finish_non_exhaustive()
    }
}

/// What our caller gave is of no use; nothing was sent.
fn refused(problem: Problem) -> Error {
    Error::misuse(problem, &Report::new(Side::Client))
}
