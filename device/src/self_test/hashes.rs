//! Hash functions and HMAC.

use handclasp_crypto::{Digest, Hash};

use crate::BootError;

/// Answers of a hash function, known by the length of its output.
struct Known {
    output_len: usize,
    /// The first bytes of the hash of "abc" (FIPS 180-4).
    hash: [u8; 20],
    /// The first bytes of HMAC, RFC 4231 §4.3.
    hmac: [u8; 20],
}

const KNOWN: [Known; 3] = [
    Known {
        output_len: 32,
        hash: *b"\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23\xb0\x03\x61\xa3",
        hmac: *b"\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\x5a\x00\x3f\x08",
    },
    Known {
        output_len: 48,
        hash: *b"\xcb\x00\x75\x3f\x45\xa3\x5e\x8b\xb5\xa0\x3d\x69\x9a\xc6\x50\x07\x27\x2c\x32\xab",
        hmac: *b"\xaf\x45\xd2\xe3\x76\x48\x40\x31\x61\x7f\x78\xd2\xb5\x8a\x6b\x1b\x9c\x7e\xf4\x64",
    },
    Known {
        output_len: 64,
        hash: *b"\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31\x12\xe6\xfa\x4e",
        hmac: *b"\x16\x4b\x7a\x7b\xfc\xf8\x19\xe2\xe3\x95\xfb\xe7\x3b\x56\xe0\xa3\x87\xbd\x64\x22",
    },
];

pub(super) fn test(hash: &dyn Hash) -> Result<(), BootError> {
    let output_len = hash.output_len();
    let bits = output_len.saturating_mul(8);
    let known = KNOWN.iter().find(|known| known.output_len == output_len);
    let known = known.ok_or(BootError::UntestedHash { bits })?;
    // In pieces, with a copy that goes its own way, as a transcript is hashed.
    let mut context = hash.start();
    context.update(b"a");
    let fork = context.fork();
    context.update(b"bc");
    if !context.current().starts_with(&known.hash) || *fork.current() != *hash.hash(&[b"a"]) {
        return Err(BootError::Hash { bits });
    }
    let mut mac = [0; Digest::MAX];
    hash.hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"], &mut mac);
    match mac.starts_with(&known.hmac) {
        true => Ok(()),
        false => Err(BootError::Hmac { bits }),
    }
}
