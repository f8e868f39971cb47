//! Protection of records: AEADs, and CBC with encrypt-then-MAC.

use core::ops::Range;

use handclasp_codec::CipherSuite;
use handclasp_crypto::{Aead, CbcEtm};

use super::{checksum, counting};
use crate::BootError;

/// The plaintext of every answer.
const PLAINTEXT: Range<usize> = 0x20..0x38;
const PLAINTEXT_LEN: usize = 0x18;

/// Checksums of ciphertext and tag for the inputs of NIST SP 800-38C, example 3, which count up. An AEAD must give
/// one of them: it is not another one's by accident.
pub(super) const AEADS: [u32; 7] = [
    0x41ca_2148, // AES-128-GCM
    0xba01_cb56, // AES-256-GCM
    0x68af_51bd, // ChaCha20-Poly1305
    0x8e2d_6c2e, // AES-128-CCM
    0x24ed_ecbe, // AES-256-CCM
    0x4f69_1675, // AES-128-CCM_8
    0xc82f_b60f, // AES-256-CCM_8
];

pub(super) fn test_aead(aead: &dyn Aead, suite: CipherSuite) -> Result<(), BootError> {
    match seal_and_open(aead) {
        Some(found) if AEADS.contains(&found) => Ok(()),
        _ => Err(BootError::Protection(suite)),
    }
}

/// The checksum of a sealed record, if it opens, and does not with damage.
fn seal_and_open(aead: &dyn Aead) -> Option<u32> {
    let input = counting();
    let key = aead.key(input.get(0x40..)?.get(..aead.key_len())?)?;
    let nonce = input.get(0x10..)?.first_chunk()?;
    let aad = input.get(..20)?;
    let plaintext = input.get(PLAINTEXT)?;
    let mut room = [0; PLAINTEXT_LEN + 16];
    let sealed_len = PLAINTEXT_LEN.saturating_add(aead.tag_len());
    let sealed = room.get_mut(..sealed_len)?;
    // In two parts, as TLS 1.3 seals content and its type.
    let (suffix, content) = plaintext.split_last()?;
    key.seal(nonce, aad, content, &[*suffix], sealed).ok()?;
    let found = checksum(&[sealed]);
    let mut damaged = room;
    let damaged = damaged.get_mut(..sealed_len)?;
    *damaged.last_mut()? ^= 1;
    let length = key.open(nonce, aad, room.get_mut(..sealed_len)?).ok()?;
    let is_sound = room.get(..length)? == plaintext && key.open(nonce, aad, damaged).is_err();
    is_sound.then_some(found)
}

/// Answers of AES-CBC with HMAC: ciphertext and MAC behind the IV.
const CBC: [&[u8]; 4] = [
    // AES_128_CBC_SHA
    b"\x5e\xfb\x07\x79\x79\x8a\x22\x9f\x0d\xff\xcb\x03\xae\x69\x6b\x01\xac\x44\x56\x13\x3a\xf1\xa6\x02\x68\xa8\x3b\x40\x58\x1a\xce\xbc\x81\x5d\x8a\x2d\xd8\x71\x57\xb0\xf6\x9f\x18\x0d\xf0\x83\x00\xee\x6d\x4f\x86\xe7",
    // AES_256_CBC_SHA
    b"\x7b\x62\x65\x46\xc8\xd7\x9c\xde\xb6\x6e\xde\xf2\x3b\x9b\x7d\x72\xdd\xcf\xc1\x50\x78\xaa\xf0\xc4\x37\xa8\x6a\x1d\x01\xd9\xb7\x9b\x2e\xad\xe8\x07\x24\x0e\x13\xd8\x4d\x24\x60\x6c\x4d\x78\x7d\xd2\x72\x1c\xd9\x50",
    // AES_128_CBC_SHA256
    b"\x5e\xfb\x07\x79\x79\x8a\x22\x9f\x0d\xff\xcb\x03\xae\x69\x6b\x01\xac\x44\x56\x13\x3a\xf1\xa6\x02\x68\xa8\x3b\x40\x58\x1a\xce\xbc\x14\x7d\x5f\x44\x44\xc7\xd5\x37\x4d\xf3\x44\xc8\xf0\x32\x79\x53\x01\xf0\x3a\xf5\x3e\x42\x5a\x26\x18\xf5\x80\x4d\xb7\xca\x7f\x8d",
    // AES_256_CBC_SHA384
    b"\x7b\x62\x65\x46\xc8\xd7\x9c\xde\xb6\x6e\xde\xf2\x3b\x9b\x7d\x72\xdd\xcf\xc1\x50\x78\xaa\xf0\xc4\x37\xa8\x6a\x1d\x01\xd9\xb7\x9b\xcc\xc3\xb1\x22\x1b\xff\xdd\x81\x33\x38\x3a\x45\x3e\x4f\x56\xed\x69\x66\xd2\xf0\x95\x54\xec\x03\x02\x3c\x8d\x71\xb4\xbe\x45\xbe\x75\xb7\xaa\xd0\x53\xb6\x49\x29\xfc\x23\xe8\xa9\xfc\x4b\xe1\x4c",
];

pub(super) fn test_cbc(cipher: &dyn CbcEtm, suite: CipherSuite) -> Result<(), BootError> {
    // Where no program can have such a suite, the answers are not linked.
    if !cfg!(feature = "cbc") {
        return Err(BootError::UntestedProtection(suite));
    }
    let failed = BootError::Protection(suite);
    let input = counting();
    let (_, key) = input.split_at(0x40);
    let iv = input.get(0x10..0x20).ok_or(failed)?;
    let keys = key.get(..cipher.key_len()).zip(key.get(..cipher.mac_len()));
    let key = keys.and_then(|(key, mac_key)| cipher.key(key, mac_key)).ok_or(failed)?;
    let opens = |answer: &[u8], damage: u8| {
        let mut room = [0; 16 + 32 + 64];
        let sealed = room.get_mut(..iv.len().saturating_add(answer.len()))?;
        for (to, from) in sealed.iter_mut().zip(iv.iter().chain(answer)) {
            *to = *from;
        }
        *sealed.last_mut()? ^= damage;
        let place = key.open(input.first_chunk()?, sealed).ok()?;
        (sealed.get(place) == input.get(PLAINTEXT)).then_some(())
    };
    let known = CBC.iter().find(|answer| opens(answer, 0).is_some()).ok_or(failed)?;
    match opens(known, 1) {
        None => Ok(()),
        Some(()) => Err(failed),
    }
}
