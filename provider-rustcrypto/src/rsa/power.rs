//! RSAVP1 (RFC 8017 §5.2.2): s^e mod n, by Montgomery multiplication over the words of crypto-bigint.
//! The library's fixed-size integers are made for secrets and are compiled once per size: with them
//! three key sizes took 17 to 23 KB of stack and 25 KB more text on a Cortex-M0. Here all sizes share
//! one loop, which takes 5 KB of stack.

use core::{cmp::Ordering, mem::size_of};

use crypto_bigint::{Limb, Word};
use handclasp_crypto::RsaPublicKey;

/// Length of the largest modulus in bytes (4096 bits).
pub(super) const MODULUS_MAX: usize = 512;

/// Length of the smallest modulus in bits.
const BITS_MIN: usize = 2048;

/// Length of the largest public exponent in bits, as in the other provider. A peer could use a longer
/// one to consume time.
const EXPONENT_BITS_MAX: u32 = 33;

/// Words in the largest modulus.
const LIMBS_MAX: usize = MODULUS_MAX / size_of::<Word>();

/// An integer, least significant word first; unused words are zero.
type Number = [Limb; LIMBS_MAX];

/// Returns the bit length of the key's modulus, if its size and exponent are acceptable.
pub(super) fn fit(key: &RsaPublicKey<'_>) -> Option<usize> {
    let first = key.modulus.first()?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    let bits = key.modulus.len().checked_mul(8)?.checked_sub(unused)?;
    let odd = key.modulus.last().is_some_and(|byte| byte & 1 == 1);
    let sound = bits >= BITS_MIN && key.modulus.len() <= MODULUS_MAX && odd;
    (sound && exponent(key).is_some()).then_some(bits)
}

/// Returns the public exponent: odd and at least 3. With an exponent of 1 every message would be its own
/// signature.
fn exponent(key: &RsaPublicKey<'_>) -> Option<u64> {
    if key.exponent.len() > size_of::<u64>() {
        return None;
    }
    let exponent = key.exponent.iter().fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
    let fits = exponent >= 3 && exponent & 1 == 1 && exponent.checked_shr(EXPONENT_BITS_MAX) == Some(0);
    fits.then_some(exponent)
}

/// Writes s^e mod n for a key that [`fit`] accepts. Returns `None` unless the signature is as long as
/// the modulus and less than it.
pub(super) fn raise(key: &RsaPublicKey<'_>, signature: &[u8], out: &mut [u8]) -> Option<()> {
    if signature.len() != key.modulus.len() || out.len() != key.modulus.len() {
        return None;
    }
    let exponent = exponent(key)?;
    let modulus = Modulus::new(key.modulus)?;
    let base = read(signature)?;
    if modulus.compare(&base).is_ge() {
        return None;
    }
    // In Montgomery form, s * R.
    let start = modulus.product(&base, &modulus.square_of_r()?);
    let mut power = start;
    for bit in (1..exponent.checked_ilog2()?).rev() {
        power = modulus.product(&power, &power);
        if exponent >> bit & 1 == 1 {
            power = modulus.product(&power, &start);
        }
    }
    // The exponent is odd: the last step multiplies by s itself, which removes R.
    power = modulus.product(&power, &power);
    write(&modulus.product(&power, &base), out)
}

/// An odd modulus.
struct Modulus {
    number: Number,
    /// Length in words; R is 2 to the power of its bits.
    length: usize,
    /// -n^-1 modulo 2^(bits of a word).
    inverse: Limb,
}

impl Modulus {
    fn new(bytes: &[u8]) -> Option<Self> {
        let number = read(bytes)?;
        let lowest = number.first()?;
        // Newton's iteration: n is its own inverse modulo 8, and each step doubles the number of correct
        // bits.
        let mut inverse = *lowest;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(Limb::from(2_u8).wrapping_sub(lowest.wrapping_mul(inverse)));
        }
        let length = bytes.len().div_ceil(size_of::<Word>());
        Some(Self { number, length, inverse: inverse.wrapping_neg() })
    }

    /// Returns R^2 modulo n. The largest power of two below the modulus is doubled up to 2^j * R; each
    /// squaring then doubles the exponent before R.
    fn square_of_r(&self) -> Option<Number> {
        const SQUARINGS: u32 = 5;
        let word_bits = usize::try_from(Word::BITS).ok()?;
        let last = self.length.checked_sub(1)?;
        let highest = self.number.get(last)?.0;
        let mut number = [Limb::ZERO; LIMBS_MAX];
        number.get_mut(last)?.0 = Word::MAX.checked_shl(highest.checked_ilog2()?)? & highest;
        let to_r = usize::try_from(highest.leading_zeros()).ok()?.checked_add(1)?;
        let j = self.length.checked_mul(word_bits)? >> SQUARINGS;
        for _ in 0..to_r.checked_add(j)? {
            self.double(&mut number);
        }
        for _ in 0..SQUARINGS {
            number = self.product(&number, &number);
        }
        Some(number)
    }

    /// Returns the words of `number` that this modulus uses.
    fn of<'n>(&self, number: &'n Number) -> &'n [Limb] {
        number.get(..self.length).unwrap_or_default()
    }

    /// Compares a number of the same length with the modulus.
    fn compare(&self, number: &Number) -> Ordering {
        let both = self.of(number).iter().zip(self.of(&self.number));
        let different = both.rev().find(|(one, other)| one != other);
        different.map_or(Ordering::Equal, |(one, other)| one.0.cmp(&other.0))
    }

    /// Doubles a number that is less than the modulus.
    fn double(&self, number: &mut Number) {
        let mut above = Limb::ZERO;
        for word in number.iter_mut().take(self.length) {
            (*word, above) = word.carrying_add(*word, above);
        }
        self.reduce(number, above);
    }

    /// Returns a * b / R mod n, for two numbers less than the modulus (Handbook of Applied Cryptography,
    /// algorithm 14.36).
    fn product(&self, a: &Number, b: &Number) -> Number {
        let (a, b, modulus) = (self.of(a), self.of(b), self.of(&self.number));
        let mut sum = [Limb::ZERO; LIMBS_MAX];
        let mut above = Limb::ZERO;
        for a in a {
            let next = add_product(&mut sum, b, *a);
            let (first, second) = above.carrying_add(next, Limb::ZERO);
            // The multiple of the modulus that makes the lowest word zero, which is then dropped.
            let times = sum.first().map_or(Limb::ZERO, |lowest| lowest.wrapping_mul(self.inverse));
            let next = add_product(&mut sum, modulus, times);
            let (last, carry) = first.carrying_add(next, Limb::ZERO);
            shift(&mut sum, self.length, last);
            above = second.wrapping_add(carry);
        }
        self.reduce(&mut sum, above);
        sum
    }

    /// Subtracts the modulus once, if the number with the word above it is not less than it.
    fn reduce(&self, number: &mut Number, above: Limb) {
        if above == Limb::ZERO && self.compare(number).is_lt() {
            return;
        }
        let mut borrow = Limb::ZERO;
        for (word, modulus) in number.iter_mut().zip(self.of(&self.number)) {
            (*word, borrow) = word.borrowing_sub(*modulus, borrow);
        }
    }
}

/// Adds a multiple of `number` to `sum`; returns the carry word.
fn add_product(sum: &mut Number, number: &[Limb], times: Limb) -> Limb {
    let mut carry = Limb::ZERO;
    for (sum, word) in sum.iter_mut().zip(number) {
        (*sum, carry) = word.carrying_mul_add(times, *sum, carry);
    }
    carry
}

/// Moves the words down by one; `last` becomes the highest.
fn shift(sum: &mut Number, length: usize, last: Limb) {
    let Some(used) = sum.get_mut(..length).filter(|used| !used.is_empty()) else { return };
    used.copy_within(1.., 0);
    if let Some(word) = used.last_mut() {
        *word = last;
    }
}

/// Reads a big-endian integer; `None` if it is too long.
fn read(bytes: &[u8]) -> Option<Number> {
    let mut number = [Limb::ZERO; LIMBS_MAX];
    if bytes.len() > MODULUS_MAX {
        return None;
    }
    for (word, bytes) in number.iter_mut().zip(bytes.rchunks(size_of::<Word>())) {
        word.0 = bytes.iter().fold(0, |sum, byte| sum << 8 | Word::from(*byte));
    }
    Some(number)
}

/// Writes the low bytes of an integer, big-endian, as many as fit in `out`.
fn write(number: &Number, out: &mut [u8]) -> Option<()> {
    for (bytes, word) in out.rchunks_mut(size_of::<Word>()).zip(number) {
        let word = word.0.to_be_bytes();
        bytes.copy_from_slice(word.get(word.len().checked_sub(bytes.len())?..)?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use crypto_bigint::{
        Odd, U4096,
        modular::{FixedMontyForm, FixedMontyParams},
    };

    use super::*;

    /// The same computed by crypto-bigint.
    fn expected(modulus: &[u8], exponent: u64, base: &[u8]) -> Vec<u8> {
        let number = |bytes: &[u8]| {
            let mut padded = [0; MODULUS_MAX];
            padded[MODULUS_MAX - bytes.len()..].copy_from_slice(bytes);
            U4096::from_be_slice(&padded)
        };
        let parameters = FixedMontyParams::new_vartime(Odd::new(number(modulus)).unwrap());
        let power = FixedMontyForm::new(&number(base), &parameters).pow_vartime(&U4096::from(exponent));
        let words = power.retrieve().to_words();
        let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        bytes[MODULUS_MAX - modulus.len()..].to_vec()
    }

    fn raised(modulus: &[u8], exponent: u64, base: &[u8]) -> Option<Vec<u8>> {
        let exponent = exponent.to_be_bytes();
        let exponent = &exponent[exponent.iter().position(|byte| *byte != 0)?..];
        let mut out = vec![0; modulus.len()];
        raise(&RsaPublicKey { modulus, exponent }, base, &mut out).map(|()| out)
    }

    /// Bytes without a pattern.
    fn noise(length: usize, seed: u32) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        let next = || {
            // xorshift32
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_be_bytes()[0]
        };
        core::iter::repeat_with(next).take(length).collect()
    }

    /// Moduli at and between word boundaries.
    fn moduli() -> Vec<Vec<u8>> {
        let mut moduli = Vec::new();
        for length in [256, 257, 259, 260, 264, 265, 320, 384, 385, 511, 512] {
            let all_ones = vec![0xff; length];
            let mut sparse = vec![0; length];
            (sparse[0], sparse[length - 1]) = (1, 1);
            let mut highest = vec![0; length];
            (highest[0], highest[length - 1]) = (0x80, 1);
            let mut random = noise(length, u32::try_from(length).unwrap());
            random[0] |= 1;
            random[length - 1] |= 1;
            moduli.extend([all_ones, sparse, highest, random]);
        }
        moduli
    }

    #[test]
    fn powers_are_those_of_the_library() {
        for modulus in moduli() {
            let length = modulus.len();
            let mut below = modulus.clone();
            below[length - 1] -= 1;
            let mut random = noise(length, 7);
            random[0] = 0;
            let mut one = vec![0; length];
            one[length - 1] = 1;
            for base in [vec![0; length], one, below, random] {
                for exponent in [3, 5, 17, 65537, (1 << 33) - 1] {
                    assert_eq!(
                        raised(&modulus, exponent, &base),
                        Some(expected(&modulus, exponent, &base)),
                        "{length} bytes, exponent {exponent}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_below_the_modulus_is_refused() {
        for modulus in moduli() {
            assert_eq!(raised(&modulus, 65537, &modulus), None, "the modulus itself");
            let mut above = modulus.clone();
            if let Some(last) = above.last_mut().filter(|last| **last < 0xff) {
                *last += 1;
                assert_eq!(raised(&modulus, 65537, &above), None, "one more");
            }
            assert_eq!(raised(&modulus, 65537, &modulus[1..]), None, "a byte fewer");
            assert_eq!(raised(&modulus, 65537, &[&[0], &modulus[..]].concat()), None, "a byte more");
        }
    }

    #[test]
    fn keys_are_fit_by_size_and_exponent() {
        let fit = |first: u8, length: usize, last: u8, exponent: &[u8]| {
            let mut modulus = vec![0xa5; length];
            (modulus[0], modulus[length - 1]) = (first, last);
            super::fit(&RsaPublicKey { modulus: &modulus, exponent })
        };
        const F4: &[u8] = &[1, 0, 1];
        assert_eq!(fit(0x80, 256, 1, F4), Some(2048));
        assert_eq!(fit(0x7f, 256, 1, F4), None, "2047 bits");
        assert_eq!(fit(0x01, 257, 1, F4), Some(2049));
        assert_eq!(fit(0xff, 512, 1, F4), Some(4096));
        assert_eq!(fit(0x01, 513, 1, F4), None, "4097 bits");
        assert_eq!(fit(0x80, 256, 2, F4), None, "even");
        for (exponent, fits) in [
            (&[3][..], true),
            (&[1, 0xff, 0xff, 0xff, 0xff], true),
            (&[], false),
            (&[1], false),
            (&[2], false),
            (&[1, 0, 0], false),
            (&[2, 0, 0, 0, 1], false),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 3], false),
        ] {
            assert_eq!(fit(0x80, 256, 1, exponent).is_some(), fits, "{exponent:02x?}");
        }
    }
}
