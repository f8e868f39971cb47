//! The certificate of this side.

use alloc::boxed::Box;

use handclasp_identity::Identity;

use crate::{
    boundary::bytes,
    codes::{Code, HC_IDENTITY},
    config::{Config, edit},
    external_key,
    late::HC_LATE_SIGNATURE,
    provider,
    refusal::Refusal,
    settings::Settings,
};

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
            let identity = external_key::identity(bytes(certificates, certificates_length)?)?;
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
