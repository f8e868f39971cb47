//! The pseudorandom function of TLS 1.2 (RFC 5246 §5).

use crate::{Hash, Secret};

/// PRF(secret, label, seed): fills `out`. The seed is given in up to two parts, since the
/// RFC always joins two randoms or one hash.
pub fn prf(hash: &dyn Hash, secret: &[u8], label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
    let [first, second] = seed;
    // A(1) = HMAC(secret, seed), A(n) = HMAC(secret, A(n-1)); block n = HMAC(secret, A(n) | seed).
    let mut a = Secret::zero(hash.output_len());
    let mut block = Secret::zero(hash.output_len());
    for (index, chunk) in out.chunks_mut(hash.output_len()).enumerate() {
        if index == 0 {
            hash.hmac(secret, &[label, first, second], a.expose_mut());
        } else {
            let previous = a.duplicate();
            hash.hmac(secret, &[previous.expose()], a.expose_mut());
        }
        hash.hmac(secret, &[a.expose(), label, first, second], block.expose_mut());
        if let Some(filled) = block.expose().get(..chunk.len()) {
            chunk.copy_from_slice(filled);
        }
    }
}
