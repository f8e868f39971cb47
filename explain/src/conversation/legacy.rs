//! Records and secrets of TLS 1.0 to 1.2 as anybody ever protected them, opened with keys from a
//! log or from a pre-shared key: MAC-then-encrypt, RC4, NULL, 3DES, the PRF of MD5 and SHA-1
//! (RFC 2246, RFC 4346, RFC 5246, RFC 7366). Decrypt only. Nothing is written here, no padding is
//! checked in constant time, and no connection can reach it: this crate has none.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `suites` | what a suite's number says of its records | RFC 5246 §A.5 |
//! | `master` | master secret, key block, Finished of all versions | RFC 2246 §5 §6.3, RFC 5246 §5 §6.3 |
//! | `decrypter` | the records of one end under one key | RFC 5246 §6.2.3 |
//! | `cbc` | block ciphers | – |
//! | `md5` | a hash | RFC 1321 |

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
