//! The test of a board before its first handshake: does it compute what it should?
//!
//! A board whose arithmetic was miscompiled, whose stack overflowed or whose `calloc` does not zero memory
//! fails on the wire as a peer would whose key is wrong: with "point is not on the curve" one time, with "bad
//! signature" another. Here it fails by name, and nothing is sent.
//!
//! The inputs are counting bytes; the answers are published ones (FIPS 180-4, RFC 4231, NIST SP 800-38C, RFC 6979), or
//! those of OpenSSL for the same inputs. What stands here are their checksums, a tenth of the bytes: a wrong answer of
//! cryptography looks random, and one in 2^32 has the same checksum. Tests compare them with the answers themselves,
//! and with the other provider.

mod agreement;
mod hashes;
mod memory;
mod protection;
mod randomness;
mod signing;

use handclasp_crypto::{Protection, Random, Verify};

use crate::{BootError, Profile};
pub(crate) use signing::test_p256_sha256;

/// Tests memory, each algorithm that the profile lists, and the source of random numbers. A boot does this,
/// and then tests the identity; a program may repeat it.
///
/// # Errors
/// The first test that fails.
pub fn self_test(profile: &Profile, random: &mut dyn Random) -> Result<(), BootError> {
    test_all_but_verify(profile)?;
    // What a program is built without is not tested: a connection that lists it does not start.
    if cfg!(feature = "certificates") {
        profile.verify.iter().try_for_each(|verify| test_verify(*verify))?;
    }
    randomness::test(random)
}

/// Tests memory, suites and groups. Not inlined: the verification of a signature takes most of the stack that
/// a server ever needs, and runs without the frame of these tests.
#[inline(never)]
fn test_all_but_verify(profile: &Profile) -> Result<(), BootError> {
    memory::test()?;
    for suite in profile.suites {
        hashes::test(suite.hash)?;
        match &suite.protection {
            Protection::Aead { aead, .. } => protection::test_aead(*aead, suite.id)?,
            Protection::CbcEtm(cipher) => protection::test_cbc(*cipher, suite.id)?,
        }
    }
    if cfg!(feature = "ecdhe") {
        profile.groups.iter().try_for_each(|group| agreement::test(*group))?;
    }
    Ok(())
}

/// Verifies a known signature, and refuses it for another message.
fn test_verify(verify: &dyn Verify) -> Result<(), BootError> {
    let (scheme, key) = (verify.scheme(), verify.key());
    let known = verify.known_signature().ok_or(BootError::UntestedVerify { scheme, key })?;
    let verifies = |message: &[u8]| verify.verify(known.public_key, message, known.signature).is_ok();
    match verifies(known.message) && !verifies(b"another message") {
        true => Ok(()),
        false => Err(BootError::Verify { scheme, key }),
    }
}

/// Bytes that count up from 0.
fn counting() -> [u8; 128] {
    core::array::from_fn(|index| u8::try_from(index).unwrap_or_default())
}

/// FNV-1a over the parts.
fn checksum(parts: &[&[u8]]) -> u32 {
    let mut sum = 0x811c_9dc5_u32;
    for part in parts {
        for byte in *part {
            sum = (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
    sum
}

#[cfg(test)]
mod tests;
