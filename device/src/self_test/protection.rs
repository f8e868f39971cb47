//! Protection of records: AEADs, and CBC with encrypt-then-MAC.

use handclasp_codec::CipherSuite;
use handclasp_crypto::{Aead, CbcEtm};

use super::counting;
use crate::BootError;

/// Bytes of plaintext in every answer.
const PLAINTEXT: usize = 24;

/// Answers of AEADs: ciphertext and tag for the inputs of NIST SP 800-38C, example 3. An AEAD must give one of
/// those that have its length: none of them is another one's by accident.
const AEADS: [&[u8]; 7] = [
    // AES-128-GCM
    b"\x49\x36\x8e\x16\xad\xbd\x57\x2f\xf1\x78\x7d\x46\xc0\x8b\x58\xd8\xbf\x46\x46\x45\x7c\x04\x98\x09\xc0\x5a\x83\x81\x09\xf8\x08\x0f\x6a\x2d\x7b\xc2\xcf\xcd\x8e\x1a",
    // AES-256-GCM
    b"\x59\x1b\x1f\xf2\x72\xb4\x32\x04\x86\x8f\xfc\x7b\xc7\xd5\x21\x99\x35\x26\xb6\xfa\x32\x24\x7c\x3c\x7d\xe1\x2a\x56\x70\xe5\x70\xd8\xca\xe6\x24\xa1\x6d\xf0\x9c\x08",
    // ChaCha20-Poly1305
    b"\x37\x40\x1c\x60\x24\x14\xd6\x53\xa0\x44\xcb\xa1\xc8\x01\x75\xba\xca\x48\x2b\x92\x0f\x33\xa6\xeb\x41\x9f\x5b\xc9\xb0\x1b\x31\xc3\xfe\x40\x6b\xdf\x82\x81\x34\x16",
    // AES-128-CCM
    b"\xe3\xb2\x01\xa9\xf5\xb7\x1a\x7a\x9b\x1c\xea\xec\xcd\x97\xe7\x0b\x61\x76\xaa\xd9\xa4\x42\x8a\xa5\xc8\x7a\xe4\x88\x91\x8d\xe9\x3f\x17\xdd\x3e\x49\x34\x34\x7f\x44",
    // AES-256-CCM
    b"\x04\xf8\x83\xae\xb3\xbd\x07\x30\xea\xf5\x0b\xb6\xde\x4f\xa2\x21\x20\x34\xe4\xe4\x1b\x0e\x75\xe5\x9b\xba\x3f\x3a\x10\x7f\x32\x39\xbd\x63\x90\x29\x23\xf8\x03\x71",
    // AES-128-CCM_8 (SP 800-38C, example 3)
    b"\xe3\xb2\x01\xa9\xf5\xb7\x1a\x7a\x9b\x1c\xea\xec\xcd\x97\xe7\x0b\x61\x76\xaa\xd9\xa4\x42\x8a\xa5\x48\x43\x92\xfb\xc1\xb0\x99\x51",
    // AES-256-CCM_8
    b"\x04\xf8\x83\xae\xb3\xbd\x07\x30\xea\xf5\x0b\xb6\xde\x4f\xa2\x21\x20\x34\xe4\xe4\x1b\x0e\x75\xe5\x2b\x48\xc8\x76\x6f\x7e\x76\x49",
];

pub(super) fn test_aead(aead: &dyn Aead, suite: CipherSuite) -> Result<(), BootError> {
    let failed = BootError::Protection(suite);
    let (key, nonce, aad) = (counting::<32>(0x40), counting::<12>(0x10), counting::<20>(0));
    let plaintext = counting::<PLAINTEXT>(0x20);
    let key = key.get(..aead.key_len()).and_then(|key| aead.key(key)).ok_or(failed)?;
    let mut room = [0; PLAINTEXT + 16];
    let sealed = room.get_mut(..PLAINTEXT.saturating_add(aead.tag_len())).ok_or(failed)?;
    // In two parts, as TLS 1.3 seals content and its type.
    let (content, suffix) = plaintext.split_at(PLAINTEXT - 1);
    key.seal(&nonce, &aad, content, suffix, sealed).map_err(|_| failed)?;
    if !AEADS.contains(&&*sealed) {
        return Err(failed);
    }
    let mut damaged = room;
    let sealed_len = PLAINTEXT.saturating_add(aead.tag_len());
    if let Some(last) = damaged.get_mut(sealed_len.saturating_sub(1)) {
        *last ^= 1;
    }
    let opens = |bytes: &mut [u8; PLAINTEXT + 16]| {
        let sealed = bytes.get_mut(..sealed_len)?;
        key.open(&nonce, &aad, sealed).ok()
    };
    match (opens(&mut room), opens(&mut damaged)) {
        (Some(PLAINTEXT), None) if room.starts_with(&plaintext) => Ok(()),
        _ => Err(failed),
    }
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
    let (key, mac_key) = (counting::<32>(0x40), counting::<64>(0x40));
    let keys = key.get(..cipher.key_len()).zip(mac_key.get(..cipher.mac_len()));
    let key = keys.and_then(|(key, mac_key)| cipher.key(key, mac_key)).ok_or(failed)?;
    let (record, iv) = (counting::<11>(0), counting::<16>(0x10));
    let opens = |answer: &[u8], damage: u8| {
        let mut room = [0; 16 + 32 + 64];
        let sealed = room.get_mut(..iv.len().saturating_add(answer.len()))?;
        for (to, from) in sealed.iter_mut().zip(iv.iter().chain(answer)) {
            *to = *from;
        }
        *sealed.last_mut()? ^= damage;
        let place = key.open(&record, sealed).ok()?;
        (sealed.get(place)? == counting::<PLAINTEXT>(0x20)).then_some(())
    };
    let known = CBC.iter().find(|answer| opens(answer, 0).is_some()).ok_or(failed)?;
    match opens(known, 1) {
        None => Ok(()),
        Some(()) => Err(failed),
    }
}
