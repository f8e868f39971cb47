//! The input of a state machine: the configuration that many connections share, the additions of one
//! client connection, and the context of each call.

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;

use handclasp_codec::{HandshakeType, Writer};
use handclasp_crypto::{KeyExchange, Random, Suite, Verify};
use handclasp_report::{Failed, Fault, Report};

use crate::{
    action::Actions,
    certificates::Certificates,
    extensions::Extensions,
    session::Session,
    types::{ExtendedMasterSecret, PskHash},
    versions::Versions,
};

/// Configuration of a client or server, shared by its connections. It must not change while one of
/// them is in its handshake.
#[derive(Clone)]
pub struct Config {
    /// Identifies this configuration: a connection in its handshake refuses another generation.
    pub generation: u64,
    /// Protocol versions of this program. What is not listed is not linked.
    pub versions: Versions,
    /// Cipher suites in order of preference. A listed version is enabled by having a suite here.
    pub suites: Cow<'static, [&'static Suite]>,
    /// Groups in order of preference.
    pub groups: Cow<'static, [&'static dyn KeyExchange]>,
    /// How many of the first groups get a share in the first ClientHello.
    pub shares: usize,
    /// Signature verifications in order of preference, as offered in signature_algorithms.
    pub verify: Cow<'static, [&'static dyn Verify]>,
    /// Application protocols in order of preference; empty: no ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// Whether TLS 1.2 requires extended_master_secret (RFC 7627).
    pub extended_master_secret: ExtendedMasterSecret,
    /// Server: whether [`crate::Need::Psk`] can be answered at all.
    pub has_psk: bool,
    /// Server: whether [`crate::Need::Credential`] can be answered at all.
    pub has_credential: bool,
    /// Which certificates are requested, accepted and sent.
    pub certificates: Certificates,
    /// Which optional extensions are offered and answered.
    pub extensions: Extensions,
    /// Whether secrets are exported for a key log (RFC 9850, [`crate::Actions::take_key_log`]). If not, no
    /// copy of a secret is made.
    pub key_log: bool,
    /// Resumption by tickets. Off by default: on a device a session needs memory for as long as it
    /// is kept.
    pub resumption: Resumption,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("generation", &self.generation)
            .field("versions", &self.versions)
            .field("suites", &self.suites)
            .field("alpn", &self.alpn)
            .field("has_psk", &self.has_psk)
            .field("has_credential", &self.has_credential)
            .finish_non_exhaustive()
    }
}

/// Resumption by tickets (RFC 8446 §4.6.1, RFC 5077).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// Tickets that a server sends on each TLS 1.3 connection; in 1.2 it sends at most one. 0 turns
    /// resumption off: a server sends and accepts no tickets, a client requests and keeps none.
    pub tickets: u8,
    /// Server: lifetime of a ticket in seconds; at most 604800 (7 days).
    pub lifetime: u32,
    /// Fingerprint of the trust configuration. A ticket with another value is not accepted, a
    /// session with another value not offered. It changes when a peer is revoked or removed.
    pub trust_generation: [u8; 32],
}

/// The parameters of one client connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientStart<'a> {
    /// The DNS name for server_name; `None` for IP addresses.
    pub server_name: Option<&'a str>,
    /// The pre-shared key to offer. With a key TLS 1.2 offers PSK suites only, without one it
    /// offers none of them.
    pub psk: Option<ClientPsk<'a>>,
    /// The session to resume. It is ignored if it is too old, or for another name, trust
    /// configuration or suite. A TLS 1.3 session must be offered once only (RFC 8446 §C.4).
    pub session: Option<&'a Session>,
}

/// A client's pre-shared key.
#[derive(Clone, Copy)]
pub struct ClientPsk<'a> {
    /// The identity that names the key to the server.
    pub identity: &'a [u8],
    /// The key itself.
    pub secret: &'a [u8],
    /// Offered in TLS 1.3, bound to this hash.
    pub tls13: Option<PskHash>,
    /// Offered in TLS 1.2.
    pub tls12: bool,
    /// Whether the key was imported; the identity is then an ImportedIdentity (RFC 9258).
    pub imported: bool,
    /// The same key imported for another hash, offered behind this one, so that the server can
    /// choose suites of either hash (RFC 9258 §4.1).
    pub also: Option<ImportedPsk<'a>>,
}

impl fmt::Debug for ClientPsk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { identity, secret: _, tls13, tls12, imported, also } = self;
        f.debug_struct("ClientPsk")
            .field("identity", identity)
            .field("tls13", tls13)
            .field("tls12", tls12)
            .field("imported", imported)
            .field("also", also)
            .finish_non_exhaustive()
    }
}

/// A client's pre-shared key of TLS 1.3, imported for one hash (RFC 9258).
#[derive(Clone, Copy)]
pub struct ImportedPsk<'a> {
    /// The ImportedIdentity.
    pub identity: &'a [u8],
    /// The imported key.
    pub secret: &'a [u8],
    /// The hash that the key is bound to.
    pub hash: PskHash,
}

impl fmt::Debug for ImportedPsk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { identity, secret: _, hash } = self;
        f.debug_struct("ImportedPsk").field("identity", identity).field("hash", hash).finish_non_exhaustive()
    }
}

/// The environment of a call.
pub struct Context<'e> {
    /// The configuration that the connection was started with.
    pub config: &'e Config,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
    /// The random number generator.
    pub random: &'e mut dyn Random,
    /// The report of this connection, which the call extends.
    pub report: &'e mut Report,
    /// The queue to which the call appends its actions.
    pub actions: &'e mut Actions,
}

impl Context<'_> {
    /// Writes down why the handshake ends, see [`Report::fail`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn fail(&mut self, fault: Fault) -> Failed {
        self.report.fail(fault)
    }

    /// Sends a handshake message, as [`Actions::send`].
    pub(crate) fn send(
        &mut self,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<&[u8], Failed> {
        self.actions.send(message, body).map_err(|error| self.report.fail(error.into()))
    }
}
