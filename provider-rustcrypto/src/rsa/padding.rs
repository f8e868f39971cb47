//! The encoded messages of RFC 8017 §9: checks whether a message is the encoding of a hash value.

use handclasp_crypto::Hash;

/// EMSA-PKCS1-v1_5 (RFC 8017 §8.1.2, steps 3 and 4, §9.2): compares all of `encoded` with the only valid
/// encoding, so that nothing can be hidden in it.
pub(super) fn is_pkcs1(encoded: &[u8], digest_info: &[u8], hash: &[u8]) -> bool {
    let Some(rest) = encoded.strip_prefix(&[0, 1]) else { return false };
    let Some(rest) = rest.strip_suffix(hash).and_then(|rest| rest.strip_suffix(digest_info)) else {
        return false;
    };
    let Some(padding) = rest.strip_suffix(&[0]) else { return false };
    padding.len() >= 8 && padding.iter().all(|byte| *byte == 0xff)
}

/// EMSA-PSS (RFC 8017 §9.1.2) of `message_hash`, with a salt as long as the hash. `encoded` is as long
/// as the modulus and is unmasked in place.
pub(super) fn is_pss(encoded: &mut [u8], modulus_bits: usize, hash: &dyn Hash, message_hash: &[u8]) -> bool {
    pss(encoded, modulus_bits, hash, message_hash).is_some()
}

fn pss(encoded: &mut [u8], modulus_bits: usize, hash: &dyn Hash, message_hash: &[u8]) -> Option<()> {
    let length = hash.output_len();
    let bits = modulus_bits.checked_sub(1)?;
    // With a modulus of 8k + 1 bits, the encoded message is a byte shorter than the modulus; the extra
    // byte is zero.
    let (above, encoded) = encoded.split_at_mut_checked(encoded.len().checked_sub(bits.div_ceil(8))?)?;
    let (encoded, trailer) = encoded.split_at_mut_checked(encoded.len().checked_sub(1)?)?;
    let (block, h) = encoded.split_at_mut_checked(encoded.len().checked_sub(length)?)?;
    if above.iter().any(|byte| *byte != 0) || *trailer != [0xbc] {
        return None;
    }
    // Mask of the bits in the first byte that belong to the encoded message.
    let used = u8::MAX.checked_shr(u32::try_from(bits.next_multiple_of(8).checked_sub(bits)?).ok()?)?;
    let first = block.first()?;
    if first & !used != 0 {
        return None;
    }
    unmask(block, hash, h);
    let first = block.first_mut()?;
    *first &= used;
    let (padding, salt) = block.split_at_checked(block.len().checked_sub(length)?)?;
    let (separator, zeros) = padding.split_last()?;
    if *separator != 1 || zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    let again = hash.hash(&[&[0; 8], message_hash, salt]);
    (*again == *h).then_some(())
}

/// XORs `block` with MGF1 of `seed` (RFC 8017 appendix B.2.1).
fn unmask(block: &mut [u8], hash: &dyn Hash, seed: &[u8]) {
    for (counter, part) in (0_u32..).zip(block.chunks_mut(hash.output_len())) {
        let mask = hash.hash(&[seed, &counter.to_be_bytes()]);
        part.iter_mut().zip(mask.iter()).for_each(|(byte, mask)| *byte ^= mask);
    }
}
