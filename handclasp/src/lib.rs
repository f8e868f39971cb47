//! TLS 1.2 and 1.3 for peers and devices, clients and servers. When a handshake fails, the error says
//! which side failed, why, and what both sides offered.
//!
//! The decision about trust is an argument: [`Client::new`] takes the [`Trust`] that judges servers,
//! [`Server::new`] the [`Credentials`] that the server authenticates with. Everything else has a safe
//! default.
//!
//! ```
//! use std::{
//!     io::{Read, Write},
//!     net::{TcpListener, TcpStream},
//!     thread,
//! };
//! use handclasp::{Client, Identity, Pin, Server, Trust};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let identity = Identity::self_signed(&["device.example"])?;
//! let pin = Pin::of_spki(&identity.spki().into());
//! let server = Server::new(identity);
//! let listener = TcpListener::bind("127.0.0.1:0")?;
//! let address = listener.local_addr()?;
//! let serving = thread::spawn(move || {
//!     let mut stream = server.accept(listener.accept()?.0)?;
//!     stream.write_all(b"hello")?;
//!     stream.close() // close_notify: the client sees an orderly end
//! });
//!
//! let client = Client::new(Trust::Pins(vec![pin]));
//! let mut stream = client.connect_to(&address.to_string(), "device.example")?;
//! let mut text = String::new();
//! stream.read_to_string(&mut text)?;
//! assert_eq!(text, "hello");
//! # serving.join().expect("ends")?;
//! # Ok(())
//! # }
//! ```
//!
//! # Policies
//!
//! A [`Policy`] is the list of versions, cipher suites, groups and signature schemes that are offered and
//! accepted. [`Policy::modern`] is the default; [`Policy::tls13_only`], [`Policy::compatible`] and
//! [`Policy::constrained`] are for other peers, and each can be restricted further:
//!
//! ```
//! use handclasp::{Client, Policy, ProtocolVersion, Trust};
//!
//! # fn main() -> Result<(), handclasp::PolicyError> {
//! let policy = Policy::constrained().only_version(ProtocolVersion::TLS_1_3)?;
//! let client = Client::with_policy(Trust::DangerNobody, policy).alpn(&["mqtt"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Trust
//!
//! [`Trust::WebPki`] verifies a path to one of the [`Roots`] and the name, [`Trust::Pins`] compares the
//! public key, [`Trust::KnownPeers`] looks it up in a file and may learn it (trust on first use),
//! [`Trust::Psk`] requires the same pre-shared key. [`Trust::DangerNobody`] accepts every peer.
//! A server requests certificates of clients with [`Server::require_client`] or [`Server::ask_client`].
//! After the handshake [`Connected::peer`] has the pin of the peer's key, and
//! [`Stream::peer_certificates`] its chain, where [`Client::keep_peer_certificates`] or
//! [`Server::keep_peer_certificates`] asked for it.
//!
//! # Pre-shared keys
//!
//! A [`Psk`] is made from text with its encoding named, and has a check value that both ends can compare:
//!
//! ```
//! use handclasp::{Client, Psk, PskUse, Server, Trust};
//!
//! # fn main() -> Result<(), handclasp::PskError> {
//! let key = "6d1f83b1a36bb2b2c52a9b6e5f3c9d0871a04e5d2f60c7d4a8b1e96a3c5d7f20";
//! let client = Client::new(Trust::Psk(Psk::from_hex("device-7", PskUse::Tls13Sha256, key)?));
//! let server = Server::new(Psk::from_hex("device-7", PskUse::Tls13Sha256, key)?);
//! # Ok(())
//! # }
//! ```
//!
//! # Resumption
//!
//! A client keeps sessions in memory and resumes them by itself; [`Client::session_file`] keeps them for the
//! next run, [`Client::without_resumption`] disables it. A server seals its state into tickets:
//! [`Server::tickets`], and [`Server::ticket_secret`] for several servers. Sessions are bound to the trust
//! and the credentials that they began with; [`Client::trust_generation`] and [`Server::trust_generation`]
//! invalidate them. [`Current`] replaces the configuration of a running server or client and keeps them where trust and
//! credentials permit.
//!
//! # Errors and reports
//!
//! An [`Error`] prints as a sentence, and holds the [`Fault`] with its evidence and the [`Report`] of the
//! attempt, which encodes to at most 512 bytes and holds no secrets. The feature `explain` adds
//! `Error::advice`: which side failed, the offers that decided it, and what to try next.
//!
//! ```
//! use std::{io::Cursor, time::Duration};
//! use handclasp::{Blame, Client, Fault, Psk, PskUse, Server};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::new(Psk::from_bytes("id", PskUse::Tls13Sha256, &[7; 32])?);
//! let browser = Cursor::new(b"GET / HTTP/1.1\r\n".to_vec());
//! let error = server.accept(browser).expect_err("that is HTTP");
//! assert!(matches!(error.fault(), Some(Fault::NotTls { .. })));
//! assert_eq!(error.blame(), Blame::RefusedByUs);
//! println!("{error}");
//! assert!(error.report().encode().len() <= 512);
//! # Ok(())
//! # }
//! ```
//!
//! # Streams and time limits
//!
//! [`Client::connect_over`] and [`Server::accept`] take any `Read + Write`. The handshake's time limit
//! ([`Client::deadline`], [`Server::deadline`]) holds for sockets of the standard library; other types with
//! timeouts implement [`Transport`]. After the handshake timeouts are those of the socket.
//!
//! # Without blocking
//!
//! [`ClientConnection`] and [`ServerConnection`] have no socket and never block: bytes of the wire and
//! plaintext go in and out by value, for event loops and async runtimes. [`Connection`] shows how. An
//! [`Acceptor`] (or [`Incoming`] over a stream) shows the ClientHello before the [`Server`] is chosen.
//!
//! # Late needs
//!
//! An application can answer needs of the handshake itself, when it is ready: sign with a remote key,
//! choose or judge a certificate, look a pre-shared key up. [`Client::late_needs`] and
//! [`Server::late_needs`] name them, and [`Connection::need`] returns them:
//!
//! ```
//! use handclasp::{
//!     Client, ClientConnection, Connection, Credentials, Error, LateNeed, NeedKind, Psk, PskUse, Server,
//!     ServerConnection, Trust,
//! };
//!
//! fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
//!     to.receive(from.transmit())?;
//!     from.transmitted(from.transmit().len());
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let psk = Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32])?;
//! let mut client = ClientConnection::new(&Client::new(Trust::Psk(psk)), None)?;
//! let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
//! let mut server = ServerConnection::new(&server)?;
//! pass(&mut client, &mut server)?;
//!
//! // The key comes out of a database, as late as it may be.
//! let Some(LateNeed::Psk(need)) = server.need() else { panic!("the client names a key") };
//! assert!(need.identities().eq([b"device-7"]));
//! need.answer(&Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32])?)?;
//! pass(&mut server, &mut client)?;
//! assert!(!client.is_handshaking());
//! # Ok(())
//! # }
//! ```
//!
//! Called by: applications, `cli`.

mod acceptor;
mod answer;
mod build;
mod choose;
mod client;
mod clock;
mod connection;
mod credential;
mod current;
mod dial;
mod duplex;
mod error;
mod extensions;
mod index;
mod key_log;
mod known_peer;
mod late;
mod misuse;
mod need_kind;
mod policy;
mod provider;
mod psk;
mod refused;
mod server;
mod sessions;
mod settings;
mod shared_secret;
mod stream;
mod ticket_keys;
mod tickets;
mod time;
#[cfg(feature = "tokio")]
pub mod tokio;
mod trace;
mod transport;
mod trust_fingerprint;

pub use acceptor::{Acceptor, ClientHello, Incoming};
pub use client::Client;
pub use clock::{BUILD_DATE, Clock};
pub use connection::{ClientConnection, Connection, PeerName, Reader, ServerConnection, Writer};
pub use credential::PeerCredential;
pub use current::{Current, Replaceable};
pub use duplex::{ReadHalf, Truncation, WriteHalf};
pub use error::Error;
/// The crate of wire structures and their numbers, which occur in faults and reports.
pub use handclasp_codec as codec;
pub use handclasp_codec::{
    AlertDescription, CertificateType, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme,
};
pub use handclasp_connection::May;
/// The crate of the interfaces to cryptography, whose types occur in signatures.
pub use handclasp_crypto as crypto;
pub use handclasp_crypto::{
    Hash, KeyEncoding, KeyKind, Keys, Random, RandomFailed, SignError, SigningKey, Verify, WeakSecret,
};
#[cfg(feature = "explain")]
pub use handclasp_explain::advice::Advice;
pub use handclasp_handshake::{Connected, PeerIdentity, RecordLimits, ResumeRefusal};
/// The crate of certificates and keys: the rest of its types.
pub use handclasp_identity as identity;
pub use handclasp_identity::{
    Authority, CertificateParams, CertificateRequest, ExternalSigner, FolderError, FolderProblem, Identity,
    IdentityDescription, IdentityError, IdentityFolder, IssueError, IssuedCertificate, KeyLocation,
    KeyOpener, KeyRotation, RotationError, SignerFailure, SignerInput, SignerPace, SubjectField, Usage,
    Validity,
};
/// The crate of faults and reports: the rest of its types.
pub use handclasp_report as report;
pub use handclasp_report::{
    Blame, CertificateError, CertificateFault, CrlFault, Evidence, Fault, Report, Side, SignerFault,
    StapleFault,
};
pub use handclasp_schedule::Exporter;
/// The crate of trust: the rest of its types.
pub use handclasp_trust as trust;
pub use handclasp_trust::{
    AltName, AuthenticationString, Crl, CrlError, Crls, Encoding, KnownPeer, KnownPeers, KnownPeersError,
    Name, NameError, NewPeer, NewPeers, PeerAnswer, PeerCertificate, PeerRefusal, PeerVerdict, Pin, PinError,
    Psk, PskError, PskUse, RefusalReason, Revocation, Roots, RootsError, TextError, Trust, WeakPsk,
};
pub use key_log::KeyLog;
pub use late::{CredentialNeed, LateNeed, PeerCertificateNeed, PskNeed, ResumptionNeed, SignatureNeed};
pub use misuse::ascii_form;
pub use need_kind::NeedKind;
pub use policy::{Policy, PolicyError};
pub use provider::{KEYS, SHA256, SystemRandom};
pub use rustls_pki_types as pki_types;
pub use server::{Credentials, Server};
pub use shared_secret::{CookieSecret, SecretError, TicketSecret};
pub use stream::Stream;
pub use ticket_keys::{TicketKey, TicketKeys};
pub use transport::{Timeouts, Transport};
