//! Cipher, MAC and PRF of a suite of TLS 1.2 and before, from its registered name (RFC 5246 §A.5, RFC 5289,
//! RFC 5487, RFC 6655, RFC 7905).

use handclasp_codec::{CipherSuite, ProtocolVersion};
use handclasp_crypto::{Hash, KeyExchangeAlgorithm, NonceStyle, Suite};

use super::cbc::BlockCipher;
use super::master_secret::Prf;
use super::md5::MD5;
use crate::provider::{self, AES_256_CCM, AES_256_CCM_8, SHA1, SHA256, SHA384};

/// How records are protected.
#[derive(Clone, Copy)]
pub(crate) enum Cipher {
    /// An AEAD, given by any suite that has it.
    Aead(&'static Suite),
    /// CBC with a MAC, in either order.
    Cbc(BlockCipher, &'static dyn Hash),
    /// RC4-128 with a MAC.
    Rc4(&'static dyn Hash),
    /// A MAC without encryption.
    Null(&'static dyn Hash),
}

/// Stand for all suites with the same AEAD; no policy contains them.
static CCM_256: Suite =
    Suite::tls12(CipherSuite(0xc0a5), KeyExchangeAlgorithm::Psk, SHA256, AES_256_CCM, NonceStyle::Explicit);
static CCM_8_256: Suite =
    Suite::tls12(CipherSuite(0xc0a9), KeyExchangeAlgorithm::Psk, SHA256, AES_256_CCM_8, NonceStyle::Explicit);

/// The suite of TLS 1.3 with that code point.
pub(crate) fn tls13(number: CipherSuite) -> Option<&'static Suite> {
    all_tls13().find(|suite| suite.id == number)
}

/// All suites of TLS 1.3 that can be decrypted.
pub(crate) fn all_tls13() -> impl Iterator<Item = &'static Suite> {
    let lists = [provider::ALL_SUITES, provider::CCM_SUITES, provider::CCM_8_SUITES];
    lists.into_iter().flatten().copied().filter(|suite| suite.exchange == KeyExchangeAlgorithm::Tls13)
}

/// Cipher and PRF of a suite before TLS 1.3. `None`: it cannot be decrypted here.
pub(crate) fn cipher(number: CipherSuite, version: ProtocolVersion) -> Option<(Cipher, Prf)> {
    let (_, name) = number.name()?.split_once("_WITH_")?;
    let (name, hash) = match name.rsplit_once('_')? {
        (name, hash @ ("MD5" | "SHA" | "SHA256" | "SHA384")) => (name, hash),
        // The name of a CCM suite has no hash.
        _ => (name, "SHA256"),
    };
    let mac = match hash {
        "MD5" => MD5,
        "SHA" => SHA1,
        "SHA256" => SHA256,
        _ => SHA384,
    };
    let cipher = match name {
        "AES_128_GCM" => Cipher::Aead(&provider::TLS_PSK_WITH_AES_128_GCM_SHA256),
        "AES_256_GCM" => Cipher::Aead(&provider::TLS_PSK_WITH_AES_256_GCM_SHA384),
        "CHACHA20_POLY1305" => Cipher::Aead(&provider::TLS_PSK_WITH_CHACHA20_POLY1305_SHA256),
        "AES_128_CCM" => Cipher::Aead(&provider::TLS_PSK_WITH_AES_128_CCM),
        "AES_128_CCM_8" => Cipher::Aead(&provider::TLS_PSK_WITH_AES_128_CCM_8),
        "AES_256_CCM" => Cipher::Aead(&CCM_256),
        "AES_256_CCM_8" => Cipher::Aead(&CCM_8_256),
        "AES_128_CBC" => Cipher::Cbc(BlockCipher::Aes128, mac),
        "AES_256_CBC" => Cipher::Cbc(BlockCipher::Aes256, mac),
        "3DES_EDE_CBC" => Cipher::Cbc(BlockCipher::TripleDes, mac),
        "CAMELLIA_128_CBC" => Cipher::Cbc(BlockCipher::Camellia128, mac),
        "CAMELLIA_256_CBC" => Cipher::Cbc(BlockCipher::Camellia256, mac),
        "RC4_128" => Cipher::Rc4(mac),
        "NULL" => Cipher::Null(mac),
        _ => return None,
    };
    let prf = match version {
        ProtocolVersion::TLS_1_2 if hash == "SHA384" => Prf::Tls12(SHA384),
        ProtocolVersion::TLS_1_2 => Prf::Tls12(SHA256),
        ProtocolVersion::TLS_1_0 | ProtocolVersion::TLS_1_1 => Prf::Md5Sha1,
        // SSL 3.0 has another MAC and PRF, and is not supported.
        _ => return None,
    };
    Some((cipher, prf))
}
