//! The client's front door.

use std::{
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use handclasp_connection::{Config, Connection};
use handclasp_handshake::ClientStart;
use handclasp_report::{Fault, Misuse, Report, Side};
use handclasp_trust::{Name, Trust};

use crate::{Error, KeyLog, Policy, Stream, answer::{ClientAnswers, client_psk}, build::handshake_config, stream::given, transport::Transport};

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
    config: Arc<Config>,
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
        let config = Config::new(handshake_config(policy));
        Self { trust, config: Arc::new(config), key_log: None, deadline: Some(DEADLINE) }
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

    /// Connects over TCP to `host:port` and expects the certificate to be for that host.
    ///
    /// # Errors
    /// Who failed and why, with the report of the attempt.
    pub fn connect(&self, address: &str) -> Result<Stream<TcpStream>, Error> {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        self.connect_to(address, host.trim_start_matches('[').trim_end_matches(']'))
    }

    /// Connects over TCP to `host:port` and expects the certificate to be for `name`.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_to(&self, address: &str, name: &str) -> Result<Stream<TcpStream>, Error> {
        let transport = TcpStream::connect(address)
            .and_then(|transport| transport.set_nodelay(true).map(|()| transport))
            .map_err(|error| Error::from_io(error, &Report::new(Side::Client)))?;
        self.connect_over(transport, Some(name))
    }

    /// Runs the handshake over an open transport. `name` is the DNS name or address that the
    /// certificate must be for; without one only trust that needs no name works.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_over<T: Transport>(&self, transport: T, name: Option<&str>) -> Result<Stream<T>, Error> {
        let nameless = |fault| Error::from_fault(fault, &Report::new(Side::Client));
        let name = match name.map(Name::parse) {
            None => None,
            Some(Ok(name)) => Some(name),
            Some(Err(_)) => return Err(nameless(Fault::Misuse(Misuse::InvalidInput))),
        };
        let psk = match &self.trust {
            Trust::Psk(psk) => Some(client_psk(psk)),
            Trust::WebPki(_) | Trust::Pins(_) | Trust::DangerNobody => None,
        };
        let server_name = name.as_ref().and_then(Name::dns);
        let connection =
            given(&self.config, |given| Connection::client(given, ClientStart { server_name, psk }))
                .map_err(nameless)?;
        let mut answers = ClientAnswers {
            trust: &self.trust,
            name: name.clone(),
            verify: &self.config.handshake.verify,
            chain: Vec::new(),
        };
        let config = Arc::clone(&self.config);
        Stream::shake(transport, connection, config, &mut answers, self.key_log.as_ref(), self.deadline)
    }
}
