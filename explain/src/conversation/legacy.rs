//! Record protection and secrets of TLS 1.0 to 1.2: MAC-then-encrypt, RC4, NULL, 3DES, the PRF of MD5 and
//! SHA-1 (RFC 2246, RFC 4346, RFC 5246, RFC 7366). For decryption with known keys only: nothing is
//! encrypted, padding is not checked in constant time, and no connection uses this code.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `suite_cipher` | cipher, MAC and PRF of a suite | RFC 5246 §A.5 |
//! | `master_secret` | master secret, key block, Finished of all versions | RFC 2246 §5 §6.3, RFC 5246 §5 §6.3 |
//! | `record_decrypter` | the records of one sender under one key | RFC 5246 §6.2.3 |
//! | `cbc` | block ciphers in CBC mode | – |
//! | `md5` | MD5 and HMAC-MD5 | RFC 1321 |

mod cbc;
mod master_secret;
mod md5;
mod record_decrypter;
mod suite_cipher;
#[cfg(test)]
mod tests;

pub(crate) use master_secret::{KeyBlockOf, LegacyMasterSecret, Prf};
pub(crate) use record_decrypter::{DecryptError, DecryptedRecord, RecordDecrypter};
pub(crate) use suite_cipher::{Cipher, all_tls13, cipher, tls13};
