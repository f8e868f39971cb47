//! Records and secrets of TLS 1.0 to 1.2 as anybody ever protected them, opened with keys from a
//! log or from a pre-shared key: MAC-then-encrypt, RC4, NULL, 3DES, the PRF of MD5 and SHA-1
//! (RFC 2246, RFC 4346, RFC 5246, RFC 7366). Decrypt only. Nothing is written here, no padding is
//! checked in constant time, and no connection can reach it: this crate has none.
//!
//! | file | what | chapter |
//! |---|---|---|
//! | `suites` | what a suite's number says of its records | RFC 5246 §A.5 |
//! | `master` | master secret, key block, Finished of all versions | RFC 2246 §5 §6.3, RFC 5246 §5 §6.3 |
//! | `opener` | the records of one end under one key | RFC 5246 §6.2.3 |
//! | `cbc` | block ciphers | – |
//! | `md5` | a hash | RFC 1321 |

mod cbc;
mod master;
mod md5;
mod opener;
mod suites;
#[cfg(test)]
mod tests;

pub(crate) use master::{KeyBlockOf, Master, Prf};
pub(crate) use opener::{Failed, Opened, Opener};
pub(crate) use suites::{Cipher, all_tls13, cipher, tls13};
