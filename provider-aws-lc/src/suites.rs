//! Cipher suites with this provider's hashes and AEADs; the tables are in `handclasp_crypto`.

#[cfg(feature = "cbc")]
use crate::{AES_128_CBC_SHA, AES_128_CBC_SHA256, AES_256_CBC_SHA, AES_256_CBC_SHA384};
#[cfg(feature = "ccm")]
use crate::{AES_128_CCM, AES_128_CCM_8};
use crate::{AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, SHA256, SHA384};

handclasp_crypto::aead_suites! {}
#[cfg(feature = "ccm")]
handclasp_crypto::ccm_suites! {}
#[cfg(feature = "cbc")]
handclasp_crypto::cbc_etm_suites! {}
