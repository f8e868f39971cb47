//! The server's front door.

use std::{sync::Arc, time::Duration};

use handclasp_connection::{Config, Connection};
use handclasp_identity::Identity;
use handclasp_report::{Report, Side};
use handclasp_trust::Psk;

use crate::{
    Error, KeyLog, Policy, Stream, answer::ServerAnswers, build::handshake_config, client::DEADLINE, stream::given,
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
    /// Adds a certificate and its key; the first that fits a client is shown.
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
}

/// Accepts clients. Made once, used for many connections, from several threads.
///
/// ```no_run
/// use std::{io::Write, net::TcpListener};
/// use handclasp::{Identity, Server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = Server::new(Identity::from_files("cert.pem".as_ref(), "key.pem".as_ref(), handclasp::KEYS)?);
/// for transport in TcpListener::bind("0.0.0.0:8443")?.incoming() {
///     match server.accept(transport?) {
///         Ok(mut stream) => stream.write_all(b"hello\n")?,
///         Err(error) => eprintln!("{error}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Server {
    credentials: Credentials,
    config: Arc<Config>,
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
        let mut handshake = handshake_config(policy);
        handshake.has_psk = !credentials.psks.is_empty();
        handshake.has_credential = !credentials.identities.is_empty();
        let config = Arc::new(Config::new(handshake));
        Self { credentials, config, key_log: None, deadline: Some(DEADLINE) }
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
        Arc::make_mut(&mut self.config).key_log = true;
        self.key_log = Some(log);
        self
    }

    /// How long a handshake may take; `None` for as long as it likes.
    #[must_use]
    pub fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Runs the handshake over a transport that a client opened.
    ///
    /// # Errors
    /// Who failed and why, with the report of the attempt.
    pub fn accept<T: Transport>(&self, transport: T) -> Result<Stream<T>, Error> {
        let connection = given(&self.config, Connection::server)
            .map_err(|fault| Error::from_fault(fault, &Report::new(Side::Server)))?;
        let mut answers = ServerAnswers {
            identities: &self.credentials.identities,
            psks: &self.credentials.psks,
            shown: None,
        };
        let config = Arc::clone(&self.config);
        Stream::shake(transport, connection, config, &mut answers, self.key_log.as_ref(), self.deadline)
    }
}
