//! Keys, initialization vectors and MAC keys from a passphrase, as PKCS#12 derives them (RFC 7292 appendix B), and
//! its MAC.

use hmac::{KeyInit as _, Mac as _, SimpleHmac};
use sha1::Sha1;
use sha2::{
    Digest, Sha256, Sha384, Sha512,
    digest::{block_api::BlockSizeUser, typenum::Unsigned as _},
};
use zeroize::Zeroizing;

/// The byte that says what is derived (RFC 7292 §B.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Key = 1,
    Iv = 2,
    MacKey = 3,
}

/// A passphrase in UTF-16, big-endian, with two bytes 00 at its end (RFC 7292 §B.1).
pub(crate) fn utf16(passphrase: &str) -> Zeroizing<Vec<u8>> {
    // Two bytes for each of UTF-8 at most: wiping needs a buffer that never grows.
    let mut bytes = Zeroizing::new(Vec::with_capacity(passphrase.len().saturating_mul(2).saturating_add(2)));
    for unit in passphrase.encode_utf16() {
        bytes.extend_from_slice(&unit.to_be_bytes());
    }
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

/// Derives `length` bytes (RFC 7292 §B.2).
pub(crate) fn derive<D: Digest + BlockSizeUser>(
    purpose: Purpose,
    passphrase: &[u8],
    salt: &[u8],
    iterations: u32,
    length: usize,
) -> Zeroizing<Vec<u8>> {
    let block = D::BlockSize::USIZE;
    let id = match purpose {
        Purpose::Key => 1,
        Purpose::Iv => 2,
        Purpose::MacKey => 3,
    };
    let diversifier = vec![id; block];
    // Salt and passphrase, each repeated up to whole blocks.
    let repeated = |bytes: &[u8]| {
        let whole = bytes.len().next_multiple_of(block);
        bytes.iter().copied().cycle().take(whole).collect::<Vec<u8>>()
    };
    let mut input = Zeroizing::new(repeated(salt));
    input.reserve_exact(passphrase.len().next_multiple_of(block));
    input.extend_from_slice(&Zeroizing::new(repeated(passphrase)));
    let mut out = Zeroizing::new(Vec::with_capacity(length.saturating_add(block)));
    while out.len() < length {
        let mut hash = D::new().chain_update(&diversifier).chain_update(&*input).finalize();
        for _ in 1..iterations {
            hash = D::digest(&hash);
        }
        out.extend_from_slice(&hash);
        let adder = Zeroizing::new(hash.iter().copied().cycle().take(block).collect::<Vec<u8>>());
        for part in input.chunks_mut(block) {
            add(part, &adder);
        }
    }
    out.truncate(length);
    out
}

/// Adds a number and 1 to another one, both big-endian and equally long; the carry of the first byte is dropped.
fn add(number: &mut [u8], other: &[u8]) {
    let mut carry = 1u16;
    for (byte, other) in number.iter_mut().rev().zip(other.iter().rev()) {
        let sum = u16::from(*byte).saturating_add(u16::from(*other)).saturating_add(carry);
        let [high, low] = sum.to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
}

/// The hash of a MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MacHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl MacHash {
    /// By the content of its OBJECT IDENTIFIER.
    pub(crate) fn of(oid: &[u8]) -> Option<Self> {
        match oid {
            b"\x2b\x0e\x03\x02\x1a" => Some(Self::Sha1),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => Some(Self::Sha256),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => Some(Self::Sha384),
            b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Whether the MAC of `content` under this passphrase is `expected`. Compared in constant time.
    pub(crate) fn verifies(
        self,
        passphrase: &[u8],
        (salt, iterations): (&[u8], u32),
        content: &[u8],
        expected: &[u8],
    ) -> bool {
        match self {
            Self::Sha1 => verifies::<Sha1>(passphrase, (salt, iterations), content, expected),
            Self::Sha256 => verifies::<Sha256>(passphrase, (salt, iterations), content, expected),
            Self::Sha384 => verifies::<Sha384>(passphrase, (salt, iterations), content, expected),
            Self::Sha512 => verifies::<Sha512>(passphrase, (salt, iterations), content, expected),
        }
    }
}

fn verifies<D: Digest + BlockSizeUser>(
    passphrase: &[u8],
    (salt, iterations): (&[u8], u32),
    content: &[u8],
    expected: &[u8],
) -> bool {
    let length = D::OutputSize::USIZE;
    let key = derive::<D>(Purpose::MacKey, passphrase, salt, iterations, length);
    let Ok(mac) = SimpleHmac::<D>::new_from_slice(&key) else { return false };
    mac.chain_update(content).verify_slice(expected).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_carry() {
        let mut number = [0x00, 0xff, 0xff];
        add(&mut number, &[0x00, 0x00, 0x01]);
        assert_eq!(number, [0x01, 0x00, 0x01]);
        let mut number = [0xff, 0xff];
        add(&mut number, &[0xff, 0xff]);
        assert_eq!(number, [0xff, 0xff], "the carry of the first byte is dropped");
    }

    #[test]
    fn passphrases_in_utf16() {
        assert_eq!(*utf16("Ab"), [0, 0x41, 0, 0x62, 0, 0]);
        assert_eq!(*utf16(""), [0, 0]);
        assert_eq!(*utf16("€"), [0x20, 0xac, 0, 0]);
    }
}
