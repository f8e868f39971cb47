//! How this side authenticates, and which peers it trusts.

use alloc::{boxed::Box, vec::Vec};
use core::ffi::c_char;

use handclasp_handshake::ClientAuthentication;
use handclasp_identity::Identity;
use handclasp_report::Side;
use handclasp_trust::{Pin, Psk, PskError, PskUse};
#[cfg(feature = "roots")]
use handclasp_trust::{Roots, Trust};

use crate::{
    boundary::{bytes, text},
    codes::{Code, HC_IDENTITY, HC_ORDER, HC_PIN, HC_PSK, HC_UNSUPPORTED},
    config::{Config, Refusal, edit},
    need::HC_LATE_SIGNATURE,
    provider,
    settings::Settings,
    trust::Pins,
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
    unsafe {
        edit(config, |settings| {
            let (identity, key) = (bytes(identity, identity_length)?, bytes(key, key_length)?);
            add(settings, usage, identity, key, Err)
        })
    }
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
        edit(config, |settings| {
            let (identity, key) = (bytes(identity, identity_length)?, bytes(key, key_length)?);
            add(settings, usage, identity, key, PskError::allow_weak)
        })
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
fn add(
    settings: &mut Settings,
    usage: u32,
    identity: &[u8],
    key: &[u8],
    weak: impl FnOnce(PskError) -> Result<Psk, PskError>,
) -> Result<(), Refusal> {
    let psk = Psk::from_bytes(identity, used(usage)?, key).or_else(weak);
    let psk = psk.map_err(|error| Refusal::new(HC_PSK, &error))?;
    if settings.side == Side::Client && !settings.psks.is_empty() {
        return Err(HC_ORDER.into());
    }
    settings.psks.push(psk);
    settings.engine.handshake.has_psk = true;
    Ok(())
}

/// Trusts peers with this public key: `sha256` is the SHA-256 of its SubjectPublicKeyInfo, 32 bytes. More
/// calls add more keys. Names, dates and issuers of certificates are not checked then.
///
/// Returns `HC_ORDER` after `hc_config_trust_roots`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_pin(config: *mut Config, sha256: *const u8) -> Code {
    // SAFETY: a handle, and 32 bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let pin = bytes(sha256, 32)?.try_into().map_err(|_| HC_PIN)?;
            pinned(settings, Pin(pin))
        })
    }
}

/// As `hc_config_trust_pin`, from text: `sha256/` and base64 (RFC 7469), or hex.
///
/// Returns `HC_PIN` for another text, such as the fingerprint of a certificate by SHA-1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_pin_text(config: *mut Config, pin: *const c_char) -> Code {
    // SAFETY: a handle, and a text of the caller.
    unsafe {
        edit(config, |settings| {
            let pin = Pin::parse(text(pin)?).map_err(|error| Refusal::new(HC_PIN, &error))?;
            pinned(settings, pin)
        })
    }
}

fn pinned(settings: &mut Settings, pin: Pin) -> Result<(), Refusal> {
    match &mut settings.trust {
        Some(trust) => trust.add_pin(pin).then_some(()).ok_or(HC_ORDER.into()),
        none => {
            *none = Some(Box::new(Pins(Vec::from([pin]))));
            Ok(())
        }
    }
}

/// Trusts peers whose certificate is valid, is for the requested name (servers) and leads to one of these
/// roots: one or more certificates as PEM, or one as DER. The bytes are copied.
///
/// Returns `HC_ROOTS` if there is no certificate or one does not parse, `HC_ORDER` if trust was configured
/// already, `HC_UNSUPPORTED` in builds without the feature `roots`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_roots(config: *mut Config, roots: *const u8, length: usize) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let roots = bytes(roots, length)?;
            given_roots(settings, roots)
        })
    }
}

/// As `hc_config_trust_roots`, with the roots of the operating system.
///
/// Returns `HC_UNSUPPORTED` on devices, which have none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_system_roots(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { edit(config, system_roots) }
}

#[cfg(feature = "std")]
fn system_roots(settings: &mut Settings) -> Result<(), Refusal> {
    rooted(settings, Roots::system())
}

#[cfg(not(feature = "std"))]
fn system_roots(_: &mut Settings) -> Result<(), Refusal> {
    Err(HC_UNSUPPORTED.into())
}

#[cfg(feature = "roots")]
fn given_roots(settings: &mut Settings, roots: &[u8]) -> Result<(), Refusal> {
    rooted(settings, Roots::from_pem(roots))
}

#[cfg(not(feature = "roots"))]
fn given_roots(_: &mut Settings, _: &[u8]) -> Result<(), Refusal> {
    Err(HC_UNSUPPORTED.into())
}

#[cfg(feature = "roots")]
fn rooted(settings: &mut Settings, roots: Result<Roots, handclasp_trust::RootsError>) -> Result<(), Refusal> {
    let roots = roots.map_err(|error| Refusal::new(crate::codes::HC_ROOTS, &error))?;
    if settings.trust.is_some() {
        return Err(HC_ORDER.into());
    }
    settings.trust = Some(Box::new(crate::trust::Rooted(Trust::WebPki(roots))));
    Ok(())
}

/// Sets the certificate chain and the private key of this side. `certificates`: PEM, the certificate of
/// this side first, then those that lead to a root; or one certificate as DER. `key`: PEM or DER (PKCS #8,
/// SEC 1; PKCS #1 on hosts). Both are copied; the key is wiped when the configuration and its connections
/// are freed, and never printed; the caller wipes its own copy.
///
/// Returns `HC_IDENTITY` if they do not load or do not belong together; `hc_config_words` says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_identity(
    config: *mut Config,
    certificates: *const u8,
    certificates_length: usize,
    key: *const u8,
    key_length: usize,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let (chain, key) = (bytes(certificates, certificates_length)?, bytes(key, key_length)?);
            let identity = Identity::from_pem_with(chain, key, provider::KEYS);
            shows(settings, identity.map_err(|error| Refusal::new(HC_IDENTITY, &error))?);
            Ok(())
        })
    }
}

/// Sets the certificate chain of this side, whose private key is elsewhere: in a secure element, a TPM, a
/// key chain. Each handshake then stops at the need `HC_NEED_SIGNATURE`.
///
/// Returns `HC_IDENTITY` if the chain does not load.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_identity_external(
    config: *mut Config,
    certificates: *const u8,
    certificates_length: usize,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let identity = crate::external_key::identity(bytes(certificates, certificates_length)?)?;
            shows(settings, identity);
            settings.late |= HC_LATE_SIGNATURE;
            Ok(())
        })
    }
}

fn shows(settings: &mut Settings, identity: Identity) {
    settings.identity = Some(Box::new(identity));
    settings.engine.handshake.has_credential = true;
}

/// Clients may show a certificate, and are accepted without one.
pub const HC_CLIENTS_MAY: u32 = 1;
/// Clients must show a certificate.
pub const HC_CLIENTS_MUST: u32 = 2;

/// Server: asks clients for a certificate (`HC_CLIENTS_MAY` or `HC_CLIENTS_MUST`), which the configured
/// trust verifies.
///
/// Returns `HC_UNSUPPORTED` for another value, `HC_ORDER` for a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_client_certificates(config: *mut Config, which: u32) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if settings.side == Side::Client {
                return Err(HC_ORDER.into());
            }
            settings.engine.handshake.certificates.client_authentication = match which {
                HC_CLIENTS_MAY => ClientAuthentication::Offered,
                HC_CLIENTS_MUST => ClientAuthentication::Required,
                _ => return Err(HC_UNSUPPORTED.into()),
            };
            Ok(())
        })
    }
}
