//! Hash functions and HMAC.

use handclasp_crypto::{Digest, Hash};

use super::checksum;
use crate::BootError;

/// Bytes of output, and the checksum of SHA-2 of "abc" (FIPS 180-4), of "a", and of HMAC as in RFC 4231 §4.3, with
/// zeros behind up to 64 bytes.
pub(super) const KNOWN: [(usize, u32); 3] = [(32, 0x5ed5_4b53), (48, 0x06f3_69f8), (64, 0x816d_dcd7)];

pub(super) fn test(hash: &dyn Hash) -> Result<(), BootError> {
    let output_len = hash.output_len();
    let bits = output_len.saturating_mul(8);
    let known = KNOWN.iter().find(|known| known.0 == output_len).ok_or(BootError::UntestedHash { bits })?;
    // In pieces, with a copy that goes its own way, as a transcript is hashed.
    let mut context = hash.start();
    context.update(b"a");
    let fork = context.fork();
    context.update(b"bc");
    let mut mac = [0; Digest::MAX];
    hash.hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"], &mut mac);
    match checksum(&[&context.current(), &fork.current(), &mac]) == known.1 {
        true => Ok(()),
        false => Err(BootError::Hash { bits }),
    }
}
