//! What a server answers to the captured offer when it is asked after the capture was made.

use std::time::Duration;

use handclasp_codec::{AlertDescription, CipherSuite, HandshakeType, NamedGroup, ProtocolVersion};

/// The answer of a server that was asked after the capture was made, with the offer of the captured
/// ClientHello. It is evidence as of now, not of then: a finding that rests on it is never proved.
///
/// This crate opens no connection: the caller asks, and passes the facts of the answer.
///
/// ```
/// use std::time::Duration;
///
/// use handclasp_explain::{
///     Evidence,
///     evidence::{AnswerNow, ServerNow},
/// };
///
/// let at = Duration::from_secs(1_735_689_600);
/// let leaf = b"a certificate, DER".to_vec();
/// let mut evidence = Evidence::default();
/// evidence.server_now =
///     Some(ServerNow::new("192.0.2.1:443", at, AnswerNow::Continues).with_chain(vec![leaf]));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerNow {
    /// The address that was asked: `HOST:PORT`.
    pub address: String,
    /// When it was asked, since 1970.
    pub at: Duration,
    /// How the server responded.
    pub answer: AnswerNow,
    /// Whether it was asked with the offer of an ordinary client, since the input has no ClientHello that
    /// decodes.
    pub is_ordinary_offer: bool,
    /// The version that it selected.
    pub version: Option<ProtocolVersion>,
    /// The cipher suite that it selected.
    pub suite: Option<CipherSuite>,
    /// The group of its key exchange.
    pub group: Option<NamedGroup>,
    /// The application protocol that it selected.
    pub protocol: Option<String>,
    /// The certificates that it sent, DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// The messages of its flight after ServerHello, and the length of each with its header, in bytes.
    pub flight: Vec<(HandshakeType, usize)>,
    /// Whether the roots of the machine that asked verify the chain, names and dates aside. `None`:
    /// not tried. It counts only where [`Evidence::roots`](super::Evidence::roots) is `None`.
    pub system_roots_verify: Option<bool>,
}

/// How a server responded when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerNow {
    /// It continued the handshake.
    Continues,
    /// It sent this alert.
    Refuses(AlertDescription),
    /// It closed or reset the connection without an alert.
    Closes,
    /// It sent nothing.
    Silent,
    /// The server sent bytes that are not TLS; a sentence about them.
    NotTls(String),
    /// No connection was established; the reason.
    Unreachable(String),
}

impl ServerNow {
    /// An answer without further facts.
    pub fn new(address: impl Into<String>, at: Duration, answer: AnswerNow) -> Self {
        Self {
            address: address.into(),
            at,
            answer,
            is_ordinary_offer: false,
            version: None,
            suite: None,
            group: None,
            protocol: None,
            chain: Vec::new(),
            flight: Vec::new(),
            system_roots_verify: None,
        }
    }

    /// Says that the offer was that of an ordinary client, not the captured one.
    #[must_use]
    pub fn with_ordinary_offer(mut self) -> Self {
        self.is_ordinary_offer = true;
        self
    }

    /// Sets the version, the cipher suite and the group that the server selected.
    #[must_use]
    pub fn with_choices(
        mut self,
        version: Option<ProtocolVersion>,
        suite: Option<CipherSuite>,
        group: Option<NamedGroup>,
    ) -> Self {
        (self.version, self.suite, self.group) = (version, suite, group);
        self
    }

    /// Sets the application protocol that the server selected.
    #[must_use]
    pub fn with_protocol(mut self, protocol: impl Into<String>) -> Self {
        self.protocol = Some(protocol.into());
        self
    }

    /// Sets the certificates (DER, leaf first) that the server sent.
    #[must_use]
    pub fn with_chain(mut self, chain: Vec<Vec<u8>>) -> Self {
        self.chain = chain;
        self
    }

    /// Sets the messages of the server's flight after ServerHello with their lengths. With them the
    /// lengths of a capture's encrypted records show whether the same chain was sent then.
    #[must_use]
    pub fn with_flight(mut self, flight: Vec<(HandshakeType, usize)>) -> Self {
        self.flight = flight;
        self
    }

    /// Sets whether the roots of the machine that asked verify the chain, names and dates aside.
    #[must_use]
    pub fn with_system_roots(mut self, verify: bool) -> Self {
        self.system_roots_verify = Some(verify);
        self
    }

    /// Whether the server requests a client certificate.
    pub fn requests_certificate(&self) -> bool {
        self.flight.iter().any(|(message, _)| *message == HandshakeType::certificate_request)
    }
}
