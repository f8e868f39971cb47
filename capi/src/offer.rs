//! What a configuration offers and accepts, one entry a function: what a program does not call is not
//! linked.

use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::{ClientVersion, ServerVersion, Versions};
use handclasp_report::Side;

use crate::{
    codes::{Code, HC_ORDER},
    config::{Config, edit},
    provider,
    settings::Settings,
};

/// Offers TLS 1.3 and 1.2 with every suite that has an AEAD (no CCM with a short tag), every group and
/// every signature of this library: what hosts start with. It replaces what was offered before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_modern(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            settings.offer_modern();
            Ok(())
        })
    }
}

/// Client: speaks TLS 1.2 only. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_tls12(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Client, Versions::client(&[ClientVersion::TLS12])) }
}

/// Client: speaks TLS 1.3 only. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_tls13(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Client, Versions::client(&[ClientVersion::TLS13])) }
}

/// Client: speaks TLS 1.3 and 1.2. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_tls12_tls13(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Client, Versions::client(ClientVersion::ALL)) }
}

/// Server: speaks TLS 1.2 only. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_server_tls12(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Server, Versions::server(&[ServerVersion::TLS12])) }
}

/// Server: speaks TLS 1.3 only. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_server_tls13(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Server, Versions::server(&[ServerVersion::TLS13])) }
}

/// Server: speaks TLS 1.3 and 1.2. On devices one of these functions must be called; suites of a version that is not
/// listed are dropped from what hosts start with, and refused otherwise.
///
/// Returns `HC_ORDER` for a client.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_server_tls12_tls13(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { versions(config, Side::Server, Versions::server(ServerVersion::ALL)) }
}

unsafe fn versions(config: *mut Config, side: Side, versions: Versions) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if settings.side != side {
                return Err(HC_ORDER.into());
            }
            settings.engine.handshake.versions = versions;
            if !settings.has_offers {
                let numbers = |suite: &&'static Suite| {
                    versions.client.iter().any(|version| version.number() == suite.version())
                        || versions.server.iter().any(|version| version.number() == suite.version())
                };
                settings.engine.handshake.suites.to_mut().retain(numbers);
            }
            Ok(())
        })
    }
}

/// Adds a suite behind those before it; the first one replaces what the configuration started with.
unsafe fn suite(config: *mut Config, suite: &'static Suite) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            begin(settings);
            settings.engine.handshake.suites.to_mut().push(suite);
            Ok(())
        })
    }
}

unsafe fn group(config: *mut Config, group: &'static dyn KeyExchange) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            begin(settings);
            settings.engine.handshake.groups.to_mut().push(group);
            Ok(())
        })
    }
}

unsafe fn verify(config: *mut Config, list: &[&'static dyn Verify]) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            begin(settings);
            settings.engine.handshake.verify.to_mut().extend_from_slice(list);
            Ok(())
        })
    }
}

/// Empties what the configuration started with.
fn begin(settings: &mut Settings) {
    if core::mem::replace(&mut settings.has_offers, true) {
        return;
    }
    let handshake = &mut settings.engine.handshake;
    handshake.suites.to_mut().clear();
    handshake.groups.to_mut().clear();
    handshake.verify.to_mut().clear();
    handshake.shares = 1;
}

/// Offers TLS 1.3 with TLS_AES_128_GCM_SHA256, the suite that every peer has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls13_aes_128_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_AES_128_GCM_SHA256) }
}

/// Offers TLS 1.3 with TLS_AES_256_GCM_SHA384.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls13_aes_256_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_AES_256_GCM_SHA384) }
}

/// Offers TLS 1.3 with TLS_CHACHA20_POLY1305_SHA256, the faster one where AES has no hardware.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls13_chacha20_poly1305(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_CHACHA20_POLY1305_SHA256) }
}

/// Offers TLS 1.3 with TLS_AES_128_CCM_SHA256, for hardware with AES-CCM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls13_aes_128_ccm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_AES_128_CCM_SHA256) }
}

/// Offers TLS 1.2 with TLS_PSK_WITH_AES_128_GCM_SHA256: a pre-shared key, without forward secrecy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_psk_aes_128_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_PSK_WITH_AES_128_GCM_SHA256) }
}

/// Offers TLS 1.2 with TLS_PSK_WITH_AES_128_CCM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_psk_aes_128_ccm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_PSK_WITH_AES_128_CCM) }
}

/// Offers TLS 1.2 with TLS_PSK_WITH_AES_128_CCM_8 (a tag of 8 bytes), the suite of many small devices.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_psk_aes_128_ccm_8(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_PSK_WITH_AES_128_CCM_8) }
}

/// Offers TLS 1.2 with TLS_PSK_WITH_CHACHA20_POLY1305_SHA256.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_psk_chacha20_poly1305(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_PSK_WITH_CHACHA20_POLY1305_SHA256) }
}

/// Offers TLS 1.2 with TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256: a pre-shared key, with forward secrecy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_ecdhe_psk_aes_128_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256) }
}

/// Offers TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: servers with an EC key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_ecdsa_aes_128_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256) }
}

/// Offers TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8: servers with an EC key, a tag of 8 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_ecdsa_aes_128_ccm_8(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8) }
}

/// Offers TLS 1.2 with TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: servers with an EC key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_ecdsa_chacha20_poly1305(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256) }
}

/// Offers TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: servers with an RSA key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_rsa_aes_128_gcm(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256) }
}

/// Offers TLS 1.2 with TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: servers with an RSA key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_tls12_rsa_chacha20_poly1305(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { suite(config, &provider::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256) }
}

/// Offers the key exchange group x25519. A client sends a share of the first group that is offered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_x25519(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { group(config, provider::X25519) }
}

/// Offers the key exchange group secp256r1 (P-256). A client sends a share of the first group that is offered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_p256(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { group(config, provider::SECP256R1) }
}

/// Offers the key exchange group secp384r1 (P-384). A client sends a share of the first group that is offered.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_p384(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { group(config, provider::SECP384R1) }
}

/// Accepts ECDSA signatures over P-256 with SHA-256, of the peer and in certificates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_ecdsa_p256(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { verify(config, &[provider::ECDSA_P256_SHA256]) }
}

/// Accepts ECDSA signatures over P-384 with SHA-384, of the peer and in certificates.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_ecdsa_p384(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { verify(config, &[provider::ECDSA_P384_SHA384]) }
}

/// Accepts RSA signatures with SHA-256, of the peer and in certificates: RSASSA-PSS, and PKCS #1 v1.5 in
/// certificates and TLS 1.2.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_offer_rsa(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe { verify(config, &[provider::RSA_PSS_SHA256, provider::RSA_PKCS1_SHA256]) }
}
