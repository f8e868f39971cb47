//! AES-CCM (RFC 3610, RFC 5116 §5.3, RFC 6655 §6.1).

use aes::{Aes128Enc, Aes256Enc};
use ccm::{
    Ccm,
    consts::{U8, U12, U16},
};
use handclasp_crypto::Aead;

use crate::aead::Algorithm;

/// AES-128-CCM with a tag of 16 bytes.
pub static AES_128_CCM: &dyn Aead = &Algorithm::<Ccm<Aes128Enc, U16, U12>>::new(SEAL_LIMIT);

/// AES-128-CCM with a tag of 8 bytes: one forgery in 2^64 succeeds.
pub static AES_128_CCM_8: &dyn Aead = &Algorithm::<Ccm<Aes128Enc, U8, U12>>::new(SEAL_LIMIT);

/// AES-256-CCM with a tag of 16 bytes. Our suites do not use it, but `explain` may meet it in captures.
pub static AES_256_CCM: &dyn Aead = &Algorithm::<Ccm<Aes256Enc, U16, U12>>::new(SEAL_LIMIT);

/// AES-256-CCM with a tag of 8 bytes. Our suites do not use it, but `explain` may meet it in captures.
pub static AES_256_CCM_8: &dyn Aead = &Algorithm::<Ccm<Aes256Enc, U8, U12>>::new(SEAL_LIMIT);

/// Most records per key. RFC 8446 has no limit for CCM; RFC 9147 §4.5.3 and its appendix B: 2^23
/// full-size records keep the margin at 2^-60, for every tag length.
const SEAL_LIMIT: u64 = 1 << 23;
