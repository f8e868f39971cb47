//! RSA signatures, opened (RFC 8017 §8.1.2, §8.2.2): raised to the public exponent, a signature
//! is a block whose structure tells whether this key made it, whatever it signed. That tells a
//! wrong key or a damaged signature (noise) from an altered message (a sound block of something
//! else), which no verification that answers yes or no can do.

use num_bigint::BigUint;

use super::hash::Hash;

/// Modulus and exponent that are computed with: above, one signature would take too long.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 64..=1024;
const EXPONENT_BYTES: usize = 8;

/// What a signature is under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Padding of PKCS#1 v1.5, sound.
    Pkcs1 {
        /// The hash that DigestInfo names; [`Hash::Md5Sha1`] where there is no DigestInfo.
        hash: Hash,
        /// The digest in it.
        digest: Vec<u8>,
    },
    /// Padding of PSS, sound under this hash.
    Pss {
        /// Which.
        hash: Hash,
        /// The salt.
        salt: Vec<u8>,
        /// The hash over message and salt.
        seal: Vec<u8>,
    },
    /// Noise: made by another key, or damaged.
    Noise,
    /// Not as long as the modulus.
    WrongLength {
        /// Bytes of the modulus.
        expected: usize,
        /// Bytes of the signature.
        found: usize,
    },
    /// As long, and not below the modulus.
    OutOfRange,
}

/// Opens a signature; `None` for keys that are not computed with.
pub fn open(modulus: &[u8], exponent: &[u8], signature: &[u8]) -> Option<Opened> {
    if !MODULUS_BYTES.contains(&modulus.len()) || exponent.is_empty() || exponent.len() > EXPONENT_BYTES {
        return None;
    }
    if signature.len() != modulus.len() {
        return Some(Opened::WrongLength { expected: modulus.len(), found: signature.len() });
    }
    let (n, e, s) = (
        BigUint::from_bytes_be(modulus),
        BigUint::from_bytes_be(exponent),
        BigUint::from_bytes_be(signature),
    );
    if s >= n {
        return Some(Opened::OutOfRange);
    }
    let number = s.modpow(&e, &n).to_bytes_be();
    let mut block = vec![0; modulus.len().saturating_sub(number.len())];
    block.extend(number);
    let bits = n.bits();
    Some(pkcs1(&block).or_else(|| pss(&block, bits)).unwrap_or(Opened::Noise))
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 ff … 00 and a DigestInfo, or the bare hashes of TLS 1.0.
fn pkcs1(block: &[u8]) -> Option<Opened> {
    const PADDING: usize = 8;
    let after = block.strip_prefix(&[0, 1])?;
    let padding = after.iter().take_while(|byte| **byte == 0xff).count();
    let (0, content) = after.get(padding..)?.split_first().map(|(byte, rest)| (*byte, rest))? else {
        return None;
    };
    if padding < PADDING {
        return None;
    }
    let named = Hash::NAMED.into_iter().find_map(|hash| {
        let digest = content.len().checked_sub(hash.of(&[]).len())?;
        let (info, digest) = content.split_at_checked(digest)?;
        digest_info(hash).contains(&info.to_vec()).then(|| (hash, digest.to_vec()))
    });
    let bare = || (content.len() == 36).then(|| (Hash::Md5Sha1, content.to_vec()));
    named.or_else(bare).map(|(hash, digest)| Opened::Pkcs1 { hash, digest })
}

/// What stands before the digest in DigestInfo, with the NULL that belongs there and without it.
fn digest_info(hash: Hash) -> [Vec<u8>; 2] {
    let element = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
        [&[tag, length], content.as_slice()].concat()
    };
    let digest = u8::try_from(hash.of(&[]).len()).unwrap_or(u8::MAX);
    [&[5, 0][..], &[]].map(|null| {
        let identifier = element(6, &[hash.identifier()]);
        let algorithm = element(0x30, &[&identifier, null]);
        let inner = u8::try_from(algorithm.len()).unwrap_or(0).saturating_add(2).saturating_add(digest);
        [&[0x30, inner], algorithm.as_slice(), &[4, digest]].concat()
    })
}

/// EMSA-PSS (RFC 8017 §9.1.2) with MGF1 over the same hash, as TLS has it; any length of salt.
fn pss(block: &[u8], modulus_bits: u64) -> Option<Opened> {
    const TRAILER: u8 = 0xbc;
    // A salt that long, or so many zeros before it: noise does not look like that by chance.
    const ZEROS: usize = 8;
    let bits = usize::try_from(modulus_bits.checked_sub(1)?).ok()?;
    let encoded = match block.len().checked_sub(bits.div_ceil(8))? {
        0 => block,
        _ => block.strip_prefix(&[0])?,
    };
    let (TRAILER, body) = encoded.split_last().map(|(byte, rest)| (*byte, rest))? else { return None };
    let unused = encoded.len() * 8 - bits;
    let mask = u8::try_from(0xff_u32.checked_shr(u32::try_from(unused).ok()?)?).ok()?;
    if body.first()? & !mask != 0 {
        return None;
    }
    Hash::NAMED.into_iter().find_map(|hash| {
        let length = hash.of(&[]).len();
        let (masked, seal) = body.split_at_checked(body.len().checked_sub(length)?)?;
        let mut data = mgf1(hash, seal, masked.len());
        data.iter_mut().zip(masked).for_each(|(byte, masked)| *byte ^= masked);
        *data.first_mut()? &= mask;
        let zeros = data.iter().take_while(|byte| **byte == 0).count();
        let (1, salt) = data.get(zeros..)?.split_first().map(|(byte, rest)| (*byte, rest))? else {
            return None;
        };
        let sound = salt.len() == length || zeros >= ZEROS;
        sound.then(|| Opened::Pss { hash, salt: salt.to_vec(), seal: seal.to_vec() })
    })
}

/// MGF1 (RFC 8017 §B.2.1).
fn mgf1(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length);
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(hash.of(&[seed, &counter.to_be_bytes()]));
    }
    mask.truncate(length);
    mask
}

impl Opened {
    /// Whether the block is of this content under this hash.
    pub fn is_of(&self, content: &[u8], hash: Hash) -> bool {
        match self {
            Self::Pkcs1 { hash: named, digest } => *named == hash && hash.of(&[content]) == *digest,
            Self::Pss { hash: named, salt, seal } => {
                *named == hash && hash.of(&[&[0; 8], &hash.of(&[content]), salt]) == *seal
            }
            Self::Noise | Self::WrongLength { .. } | Self::OutOfRange => false,
        }
    }
}
