//! The pseudorandom function of TLS 1.2 (RFC 5246 §5).

use crate::{Hash, Secret};

/// PRF(secret, label, seed): fills `out`. The seed is given in up to two parts, since the
/// RFC always joins two randoms or one hash.
pub fn prf(hash: &dyn Hash, secret: &[u8], label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
    let [first, second] = seed;
    // A(1) = HMAC(secret, seed), A(n) = HMAC(secret, A(n-1)); block n = HMAC(secret, A(n) | seed).
    let mut a = Secret::zero(hash.output_len());
    let mut block = Secret::zero(hash.output_len());
    hash.hmac(secret, &[label, first, second], a.expose_mut());
    let mut rest = out;
    loop {
        hash.hmac(secret, &[a.expose(), label, first, second], block.expose_mut());
        let (chunk, behind) = rest.split_at_mut(rest.len().min(block.len()));
        chunk.iter_mut().zip(block.expose()).for_each(|(to, from)| *to = *from);
        if behind.is_empty() || block.is_empty() {
            return;
        }
        rest = behind;
        hash.hmac(secret, &[a.expose()], block.expose_mut());
        a.set(block.expose());
    }
}
