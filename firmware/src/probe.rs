//! Configuration of the programs: one suite per version, a pre-shared key, X25519.

use alloc::{borrow::Cow, vec::Vec};

use handclasp_connection::{Config, Context, MessageLimits};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_handshake::{Certificates, ClientPsk, ClientStart, ClientVersion, ExtendedMasterSecret, PskHash, Versions};
use handclasp_provider_rustcrypto as rustcrypto;

use crate::numbers::NotRandom;

/// Protocol version of a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// TLS 1.2, TLS_PSK_WITH_AES_128_GCM_SHA256.
    Tls12,
    /// TLS 1.3, TLS_AES_128_GCM_SHA256, psk_dhe_ke over X25519.
    Tls13,
}

/// PSK identity of both sides.
pub const IDENTITY: &[u8] = b"probe";
/// Pre-shared key of both sides; public, for tests only.
pub const KEY: &[u8] = b"an open secret of sixteen or more";

static TLS12: [&Suite; 1] = [&rustcrypto::TLS_PSK_WITH_AES_128_GCM_SHA256];
static TLS13: [&Suite; 1] = [&rustcrypto::TLS_AES_128_GCM_SHA256];
static GROUPS: [&dyn KeyExchange; 1] = [rustcrypto::X25519];

/// Returns a configuration for small devices: records of 2 KB, messages up to 2 KB.
pub fn config(version: Version) -> Config {
    let (suites, groups): (&'static [&'static Suite], &'static [&'static dyn KeyExchange]) = match version {
        Version::Tls12 => (&TLS12, &[]),
        Version::Tls13 => (&TLS13, &GROUPS),
    };
    let versions = Versions::client(match version {
        Version::Tls12 => &[ClientVersion::TLS12],
        Version::Tls13 => &[ClientVersion::TLS13],
    });
    let handshake = handclasp_handshake::Config {
        generation: 1,
        versions,
        suites: Cow::Borrowed(suites),
        groups: Cow::Borrowed(groups),
        shares: 1,
        verify: Cow::Borrowed(&[]),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: true,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Default::default(),
        key_log: false,
        resumption: Default::default(),
    };
    let mut config = Config::new(handshake);
    config.record_size = 2048;
    config.message_limits = MessageLimits { certificates: 2048, tickets: 2048, others: 2048 };
    config.transmit_limit = 4096;
    config
}

/// Returns the parameters of the client.
pub fn start(version: Version) -> ClientStart<'static> {
    let psk = ClientPsk {
        identity: IDENTITY,
        secret: KEY,
        tls13: (version == Version::Tls13).then_some(PskHash::Sha256),
        tls12: version == Version::Tls12,
        imported: false,
        also: None,
    };
    ClientStart { server_name: None, psk: Some(psk), session: None }
}

/// Returns the context of every call; a device without a clock passes 0.
pub fn context<'g>(config: &'g Config, random: &'g mut NotRandom) -> Context<'g> {
    Context { config, now: 0, random }
}
