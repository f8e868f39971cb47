//! What a machine is told: the configuration that many connections share, what one client
//! connection adds, and what every call brings along.

use alloc::{borrow::Cow, vec::Vec};

use handclasp_crypto::{Hash, KeyExchange, Random, Suite, Verify};
use handclasp_report::Report;

use crate::action::Actions;

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
}

/// Whether TLS 1.2 insists on RFC 7627.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtendedMasterSecret {
    /// No handshake without it.
    Required,
    /// Without it there is no exporter and no resumption.
    Offered,
}

/// What one client connection adds to the configuration.
#[derive(Clone, Copy, Default)]
pub struct ClientStart<'a> {
    /// The DNS name for server_name; none for addresses.
    pub server_name: Option<&'a str>,
    /// The pre-shared key to offer. TLS 1.2 then offers PSK suites only; without one it
    /// offers none of them.
    pub psk: Option<ClientPsk<'a>>,
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
}

/// The hash that a pre-shared key of TLS 1.3 is bound to (RFC 8446 §4.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PskHash {
    /// SHA-256, also where nothing is said.
    Sha256,
    /// SHA-384.
    Sha384,
}

impl PskHash {
    /// Whether `hash` is that one.
    pub fn is(self, hash: &dyn Hash) -> bool {
        hash.output_len() == match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// What every call brings along.
pub struct Env<'e> {
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
