//! Which peers a configuration trusts.

use alloc::boxed::Box;
use core::ffi::c_char;

use handclasp_handshake::ClientAuthentication;
use handclasp_report::Side;
use handclasp_trust::Pin;

use crate::{
    boundary::{bytes, text},
    codes::{Code, HC_ORDER, HC_PIN, HC_UNSUPPORTED},
    config::{Config, edit},
    refusal::Refusal,
    settings::Settings,
    trust::{Pins, Roots},
};

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
            *none = Some(Box::new(Pins::new(pin)));
            Ok(())
        }
    }
}

/// Trusts peers whose certificate is valid, is for the requested name (servers) and leads to one of these
/// roots: one or more certificates as PEM, or one as DER. The bytes are copied. On devices a chain is verified
/// certificate by certificate: they must be in order, and roots and issuers with name constraints are refused.
///
/// Returns `HC_ROOTS` if there is no certificate or one does not parse, `HC_ORDER` if trust was configured
/// already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_roots(config: *mut Config, roots: *const u8, length: usize) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe { edit(config, |settings| rooted(settings, Roots::read(bytes(roots, length)?))) }
}

/// As `hc_config_trust_roots`, with one root as DER; more calls add more roots. A program for a device that calls
/// this function alone links no reader of PEM.
///
/// Returns `HC_ROOTS` for a certificate that does not parse, `HC_ORDER` if other trust was configured.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_trust_root(config: *mut Config, der: *const u8, length: usize) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let der = bytes(der, length)?;
            match &mut settings.trust {
                Some(trust) => trust.add_root(der),
                none => {
                    *none = Some(Box::new(Roots::one(der)?));
                    Ok(())
                }
            }
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

fn rooted(settings: &mut Settings, roots: Result<Roots, Refusal>) -> Result<(), Refusal> {
    let roots = roots?;
    if settings.trust.is_some() {
        return Err(HC_ORDER.into());
    }
    settings.trust = Some(Box::new(roots));
    Ok(())
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
