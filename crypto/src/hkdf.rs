//! HKDF (RFC 5869) and HKDF-Expand-Label (RFC 8446 §7.1).

use crate::{Digest, Hash, Secret};

/// HKDF-Extract; an empty salt stands for as many zeros as the hash is long.
pub fn extract(hash: &dyn Hash, salt: &[u8], input: &[u8]) -> Secret {
    let mut secret = Secret::zero(hash.output_len());
    hash.hmac(salt, &[input], secret.expose_mut());
    secret
}

/// HKDF-Expand: fills `out` (at most 255 blocks) from `secret`.
pub fn expand(hash: &dyn Hash, secret: &[u8], info: &[u8], out: &mut [u8]) {
    expand_parts(hash, secret, [info, &[], &[], &[], &[], &[]], out);
}

/// HKDF-Expand-Label: fills `out` (at most 255 blocks) from `secret`. `label` comes without
/// its prefix "tls13 "; label and context have at most 249 and 255 bytes.
pub fn expand_label(hash: &dyn Hash, secret: &[u8], label: &[u8], context: &[u8], out: &mut [u8]) {
    const PREFIX: &[u8] = b"tls13 ";
    let length = u16::try_from(out.len()).unwrap_or(u16::MAX).to_be_bytes();
    let label_length = byte(PREFIX.len().saturating_add(label.len()));
    let context_length = byte(context.len());
    // struct HkdfLabel
    let info: [&[u8]; 6] = [&length, &label_length, PREFIX, label, &context_length, context];
    expand_parts(hash, secret, info, out);
}

/// RFC 5869 §2.3, the info in parts: T(n) = HMAC(secret, T(n-1) | info | n).
fn expand_parts(hash: &dyn Hash, secret: &[u8], info: [&[u8]; 6], out: &mut [u8]) {
    let [one, two, three, four, five, six] = info;
    let mut block = Secret::zero(hash.output_len());
    for (index, chunk) in out.chunks_mut(hash.output_len()).enumerate() {
        // TLS rarely needs more than T(1).
        let previous = (index > 0).then(|| block.duplicate());
        let previous = previous.as_ref().map_or(&[][..], Secret::expose);
        let counter = byte(index.saturating_add(1));
        let parts = [previous, one, two, three, four, five, six, &counter];
        hash.hmac(secret, &parts, block.expose_mut());
        if let Some(filled) = block.expose().get(..chunk.len()) {
            chunk.copy_from_slice(filled);
        }
    }
}

fn byte(number: usize) -> [u8; 1] {
    [u8::try_from(number).unwrap_or(u8::MAX)]
}

impl Secret {
    /// A secret of the hash's length by HKDF-Expand-Label.
    pub fn expand_label(&self, hash: &dyn Hash, label: &[u8], context: &[u8]) -> Self {
        let mut out = Self::zero(hash.output_len());
        expand_label(hash, self.expose(), label, context, out.expose_mut());
        out
    }

    /// Derive-Secret (RFC 8446 §7.1) over a transcript hash.
    pub fn derive(&self, hash: &dyn Hash, label: &[u8], transcript_hash: &Digest) -> Self {
        self.expand_label(hash, label, transcript_hash)
    }
}
