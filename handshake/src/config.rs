//! What a machine is told: the configuration that many connections share, what one client
//! connection adds, and what every call brings along.

use alloc::{borrow::Cow, vec::Vec};
use core::fmt;

use handclasp_crypto::{KeyExchange, Random, Suite, Verify};
use handclasp_report::Report;

use crate::{
    action::Actions,
    certificates::Certificates,
    extensions::Extensions,
    session::Session,
    types::{ExtendedMasterSecret, PskHash},
};

/// Shared by many connections; never changed while one of them is in its handshake.
#[derive(Clone)]
pub struct Config {
    /// Told apart from other configurations: a connection refuses another generation.
    pub generation: u64,
    /// Cipher suites in order of preference. A version is enabled by having a suite here.
    pub suites: Cow<'static, [&'static Suite]>,
    /// Groups in order of preference.
    pub groups: Cow<'static, [&'static dyn KeyExchange]>,
    /// How many of the first groups get a share in the first ClientHello.
    pub shares: usize,
    /// Signature verifications in order of preference: what we offer in signature_algorithms.
    pub verify: Cow<'static, [&'static dyn Verify]>,
    /// Application protocols in order of preference; empty: no ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// Whether TLS 1.2 insists on RFC 7627.
    pub extended_master_secret: ExtendedMasterSecret,
    /// Server: whether [`crate::Need::Psk`] can be answered at all.
    pub has_psk: bool,
    /// Server: whether [`crate::Need::Credential`] can be answered at all.
    pub has_credential: bool,
    /// Which certificates are asked for, taken and shown.
    pub certificates: Certificates,
    /// Which further extensions are offered and answered.
    pub extensions: Extensions,
    /// Whether secrets are handed out for a key log (RFC 9850, [`crate::Action::KeyLog`]). Without it
    /// no copy of a secret is made for one.
    pub key_log: bool,
    /// Whether sessions are resumed by tickets. Off by default: on a device a session costs
    /// memory that a handshake does not.
    pub resumption: Resumption,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("generation", &self.generation)
            .field("suites", &self.suites)
            .field("alpn", &self.alpn)
            .field("has_psk", &self.has_psk)
            .field("has_credential", &self.has_credential)
            .finish_non_exhaustive()
    }
}

/// Whether sessions are resumed by tickets (RFC 8446 §4.6.1, RFC 5077), and on what terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumption {
    /// How many tickets a server gives to each connection of TLS 1.3; in 1.2 it is one at most.
    /// 0: a server gives and takes none; a client neither wants nor keeps any.
    pub tickets: u8,
    /// Server: seconds that a ticket is good for; at most 604800 (7 days).
    pub lifetime: u32,
    /// Whom the caller believes, in brief; a ticket of another value is not taken, a session of
    /// another value not offered. Revoking or forgetting a peer changes it.
    pub trust_generation: [u8; 32],
}

/// What one client connection adds to the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientStart<'a> {
    /// The DNS name for server_name; none for addresses.
    pub server_name: Option<&'a str>,
    /// The pre-shared key to offer. TLS 1.2 then offers PSK suites only; without one it
    /// offers none of them.
    pub psk: Option<ClientPsk<'a>>,
    /// A session to resume, if it is for this name, this trust and these suites, and not too
    /// old; if not, it is passed over. One of TLS 1.3 is to be offered once, and then forgotten.
    pub session: Option<&'a Session>,
}

/// A client's pre-shared key.
#[derive(Clone, Copy)]
pub struct ClientPsk<'a> {
    /// Its identity.
    pub identity: &'a [u8],
    /// The key.
    pub secret: &'a [u8],
    /// Offered in TLS 1.3, bound to this hash.
    pub tls13: Option<PskHash>,
    /// Offered in TLS 1.2.
    pub tls12: bool,
    /// Whether the key was imported, and the identity is an ImportedIdentity (RFC 9258).
    pub imported: bool,
    /// The same key imported for another hash, offered behind this one, so that suites of
    /// either hash can be chosen (RFC 9258 §4.1).
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
    /// Its ImportedIdentity.
    pub identity: &'a [u8],
    /// The key.
    pub secret: &'a [u8],
    /// What it is bound to.
    pub hash: PskHash,
}

impl fmt::Debug for ImportedPsk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { identity, secret: _, hash } = self;
        f.debug_struct("ImportedPsk").field("identity", identity).field("hash", hash).finish_non_exhaustive()
    }
}

/// What every call brings along.
pub struct Context<'e> {
    /// The configuration.
    pub config: &'e Config,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
    /// Randomness.
    pub random: &'e mut dyn Random,
    /// The story so far.
    pub report: &'e mut Report,
    /// Where actions go.
    pub actions: &'e mut Actions,
}
