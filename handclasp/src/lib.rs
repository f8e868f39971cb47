//! handclasp: TLS 1.2 and 1.3 for peers and devices, and why a handshake failed.
//!
//! The decision that nobody may forget is an argument: [`Client::new`] takes whom to believe,
//! [`Server::new`] by what to be believed. Everything else has a safe default.
//!
//! Called by: applications, `cli`.

mod acceptor;
mod answer;
mod build;
mod choose;
mod client;
mod connection;
mod dial;
mod duplex;
mod error;
mod extensions;
mod index;
mod key_log;
mod late;
mod misuse;
mod policy;
mod provider;
mod psk;
mod refused;
mod server;
mod sessions;
mod settings;
mod shared_secret;
mod stream;
mod tickets;
mod time;
#[cfg(feature = "tokio")]
pub mod tokio;
mod transport;
mod trust_fingerprint;

pub use acceptor::{Acceptor, ClientHello, Incoming};
pub use client::Client;
pub use connection::{ClientConnection, Connection, PeerName, Reader, ServerConnection, Writer};
pub use duplex::{ReadHalf, Truncation, WriteHalf};
pub use error::Error;
pub use handclasp_codec::{
    AlertDescription, CertificateType, CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme,
};
pub use handclasp_connection::May;
pub use handclasp_crypto::{
    KeyEncoding, KeyKind, Keys, Random, RandomFailed, SignError, SigningKey, WeakSecret,
};
#[cfg(feature = "explain")]
pub use handclasp_explain::advice::Advice;
pub use handclasp_handshake::{Connected, PeerIdentity};
pub use handclasp_identity::{
    Authority, CertificateParams, Identity, IdentityError, IssueError, IssuedCertificate, Usage, Validity,
};
pub use handclasp_report::{Blame, CertificateFault, Fault, Report, Side, SignerFault, StapleFault};
pub use handclasp_trust::{
    Encoding, Name, NameError, Pin, PinError, Psk, PskError, PskUse, Roots, RootsError, TextError, Trust,
    WeakPsk,
};
pub use key_log::KeyLog;
pub use late::{CredentialNeed, LateNeed, NeedKind, PeerCertificateNeed, PskNeed, SignatureNeed};
pub use misuse::ascii_form;
pub use policy::{Policy, PolicyError};
pub use provider::{KEYS, SHA256, SystemRandom};
pub use rustls_pki_types as pki_types;
pub use server::{Credentials, Server};
pub use shared_secret::{CookieSecret, SecretError, TicketSecret};
pub use stream::Stream;
pub use transport::{Timeouts, Transport};
