//! Pre-shared keys of a configuration.

use handclasp_report::Side;
use handclasp_trust::{Psk, PskError, PskUse};

use crate::{
    boundary::bytes,
    codes::{Code, HC_ORDER, HC_PSK, HC_UNSUPPORTED},
    config::{Config, edit},
    refusal::Refusal,
};

/// A pre-shared key for TLS 1.2 (RFC 4279).
pub const HC_PSK_TLS12: u32 = 1;
/// A pre-shared key for TLS 1.3 and suites with SHA-256, the usual one.
pub const HC_PSK_TLS13: u32 = 2;
/// A pre-shared key for TLS 1.3 and suites with SHA-384.
pub const HC_PSK_TLS13_SHA384: u32 = 3;
/// A pre-shared key for both versions. RFC 9257 §4.1 advises one key for one version; some peers have one
/// for both all the same.
pub const HC_PSK_BOTH: u32 = 4;

/// Adds a pre-shared key. A server may have many and picks the one that the client names; a client has
/// one. The bytes are copied, wiped when the configuration and its connections are freed, and never
/// printed; the caller wipes its own copy. `usage` is one of `HC_PSK_…`.
///
/// Returns `HC_PSK` for a key of fewer than 16 bytes (see `hc_config_weak_psk`) and for lengths that TLS
/// cannot carry, `HC_ORDER` for a client's second key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_psk(
    config: *mut Config,
    usage: u32,
    identity: *const u8,
    identity_length: usize,
    key: *const u8,
    key_length: usize,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe { add(config, usage, bytes(identity, identity_length), bytes(key, key_length), Err) }
}

/// As `hc_config_psk`, and accepts a key of fewer than 16 bytes, which can be guessed from one recorded
/// handshake.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_weak_psk(
    config: *mut Config,
    usage: u32,
    identity: *const u8,
    identity_length: usize,
    key: *const u8,
    key_length: usize,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        add(config, usage, bytes(identity, identity_length), bytes(key, key_length), PskError::allow_weak)
    }
}

fn used(usage: u32) -> Result<PskUse, Code> {
    match usage {
        HC_PSK_TLS12 => Ok(PskUse::Tls12),
        HC_PSK_TLS13 => Ok(PskUse::Tls13Sha256),
        HC_PSK_TLS13_SHA384 => Ok(PskUse::Tls13Sha384),
        HC_PSK_BOTH => Ok(PskUse::BothVersions),
        _ => Err(HC_UNSUPPORTED),
    }
}

/// Adds a key; `weak` decides about one of fewer than 16 bytes.
///
/// # Safety
/// `config` is a handle, see the head of lib.rs.
unsafe fn add(
    config: *mut Config,
    usage: u32,
    identity: Result<&[u8], Code>,
    key: Result<&[u8], Code>,
    weak: fn(PskError) -> Result<Psk, PskError>,
) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            let psk = Psk::from_bytes(identity?, used(usage)?, key?).or_else(weak);
            let psk = psk.map_err(|error| Refusal::new(HC_PSK, &error))?;
            if settings.side == Side::Client && !settings.psks.is_empty() {
                return Err(HC_ORDER.into());
            }
            settings.psks.push(psk);
            settings.engine.handshake.has_psk = true;
            Ok(())
        })
    }
}
