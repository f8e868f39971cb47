//! Trust in pinned public keys (the pins of RFC 7469): names, dates and issuer of a certificate are not
//! checked. These functions do not link web PKI, so that a device with pins does not carry it.

use alloc::vec::Vec;

use handclasp_crypto::Hash;
use handclasp_report::{CertificateError, CertificateFault, Evidence};
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::{Pin, Role, VerifiedKey, leaf};

/// Verifies the leaf certificate (DER) of a peer: its key must be one of the pins. The rest of the chain
/// does not matter. `sha256` must be SHA-256.
///
/// # Errors
/// A certificate that does not parse, a key that TLS cannot use, or one that is not pinned.
pub fn verify_certificate(
    leaf: &[u8],
    pins: &[Pin],
    sha256: &dyn Hash,
) -> Result<VerifiedKey, CertificateError> {
    match accept(leaf::key(leaf)?, pins, sha256) {
        // A common mistake: the pin is the fingerprint of the certificate, as printed by
        // `openssl x509 -fingerprint` and browsers.
        Err(mut error)
            if error.fault == CertificateFault::PinMismatch && pins.contains(&Pin::of(leaf, sha256)) =>
        {
            error.fault = CertificateFault::PinIsFingerprint;
            Err(error)
        }
        accepted => accepted,
    }
}

/// Verifies a raw public key (RFC 7250): a SubjectPublicKeyInfo (DER) without a certificate. `sha256` must
/// be SHA-256.
///
/// # Errors
/// A key that TLS cannot use, or one that is not pinned.
pub fn verify_raw_key(spki: &[u8], pins: &[Pin], sha256: &dyn Hash) -> Result<VerifiedKey, CertificateError> {
    leaf::check(spki)?;
    accept(SubjectPublicKeyInfoDer::from(Vec::from(spki)), pins, sha256)
}

/// The error as it concerns that role: a client whose key is not pinned is not on the list of accepted clients, and
/// its alert is access_denied (RFC 8446 §6.2), where a server with another key is not the one that was meant.
pub fn of_role(mut error: CertificateError, role: Role) -> CertificateError {
    if role == Role::Client && error.fault == CertificateFault::PinMismatch {
        error.fault = CertificateFault::NotListed;
    }
    error
}

fn accept(
    spki: SubjectPublicKeyInfoDer<'static>,
    pins: &[Pin],
    sha256: &dyn Hash,
) -> Result<VerifiedKey, CertificateError> {
    let key = VerifiedKey::new(spki, None, sha256);
    match pins.contains(&key.pin) {
        true => Ok(key),
        false => Err(CertificateFault::PinMismatch.with(Evidence::Pin(key.pin.0))),
    }
}
