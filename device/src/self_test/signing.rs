//! Signing with a key in memory. Loading has compared its public key with the certificate; this tests the arithmetic,
//! without verifying a signature: nonces derive from key and message (RFC 6979), so that a known key has one known
//! signature for a known message.

use alloc::boxed::Box;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::{KeyEncoding, KeyError, Random, SigningKey};

use super::checksum;
use crate::BootError;

/// The key of RFC 6979 §A.2.5 in PKCS#8.
pub(super) const KEY: &[u8] = b"\x30\x41\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x27\x30\x25\x02\x01\x01\x04\x20\xc9\xaf\xa9\xd8\x45\xba\x75\x16\x6b\x5c\x21\x57\x67\xb1\xd6\x93\x4e\x50\xc3\xdb\x36\xe8\x9b\x12\x7b\x8a\x62\x2b\x12\x0f\x67\x21";

/// The checksum of its signature of "sample" with SHA-256.
pub(super) const SIGNATURE: u32 = 0x1f5c_9a7a;

/// Loads a private key.
pub(crate) type Load = fn(KeyEncoding, &[u8]) -> Result<Box<dyn SigningKey>, KeyError>;

/// Signs with a known key on P-256.
pub(crate) fn test_p256_sha256(load: Load, random: &mut dyn Random) -> Result<(), BootError> {
    let scheme = SignatureScheme::ecdsa_secp256r1_sha256;
    let key = load(KeyEncoding::Pkcs8, KEY).map_err(BootError::Key)?;
    match key.sign(scheme, b"sample", random) {
        Ok(signature) if checksum(&[&signature]) == SIGNATURE => Ok(()),
        _ => Err(BootError::Signing(scheme)),
    }
}
