//! Hash functions that signatures have used since TLS 1.0, broken ones too: what is recomputed
//! here was made elsewhere. Which of them a peer should accept is no question of this file.

use handclasp_codec::{HashAlgorithm, SignatureScheme};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    /// MD5 and SHA-1 in a row, as RSA signed in TLS 1.0 and 1.1 (RFC 4346 §4.7).
    Md5Sha1,
}

impl Hash {
    /// Those that a signature may name.
    pub const NAMED: [Self; 6] =
        [Self::Md5, Self::Sha1, Self::Sha224, Self::Sha256, Self::Sha384, Self::Sha512];

    /// The hash of the parts, concatenated.
    pub fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn digest<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut context = D::new();
            parts.iter().for_each(|part| context.update(part));
            context.finalize().to_vec()
        }
        match self {
            Self::Md5 => digest::<md5::Md5>(parts),
            Self::Sha1 => digest::<sha1::Sha1>(parts),
            Self::Sha224 => digest::<sha2::Sha224>(parts),
            Self::Sha256 => digest::<sha2::Sha256>(parts),
            Self::Sha384 => digest::<sha2::Sha384>(parts),
            Self::Sha512 => digest::<sha2::Sha512>(parts),
            Self::Md5Sha1 => [digest::<md5::Md5>(parts), digest::<sha1::Sha1>(parts)].concat(),
        }
    }

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Md5Sha1 => "MD5 and SHA-1",
        }
    }

    /// Whether collisions can be made for it, so that many verifiers refuse it.
    pub fn is_broken(self) -> bool {
        match self {
            Self::Md5 | Self::Sha1 | Self::Md5Sha1 => true,
            Self::Sha224 | Self::Sha256 | Self::Sha384 | Self::Sha512 => false,
        }
    }

    /// By the first byte of a TLS 1.2 pair.
    pub fn of_pair(scheme: SignatureScheme) -> Option<Self> {
        match scheme.pair().0 {
            HashAlgorithm::md5 => Some(Self::Md5),
            HashAlgorithm::sha1 => Some(Self::Sha1),
            HashAlgorithm::sha224 => Some(Self::Sha224),
            HashAlgorithm::sha256 => Some(Self::Sha256),
            HashAlgorithm::sha384 => Some(Self::Sha384),
            HashAlgorithm::sha512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The content of its object identifier: in DigestInfo (RFC 8017 §9.2) and in RSASSA-PSS-params.
    pub fn identifier(self) -> &'static [u8] {
        match self {
            Self::Md5 => b"\x2a\x86\x48\x86\xf7\x0d\x02\x05",
            Self::Sha1 => b"\x2b\x0e\x03\x02\x1a",
            Self::Sha224 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x04",
            Self::Sha256 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x01",
            Self::Sha384 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x02",
            Self::Sha512 => b"\x60\x86\x48\x01\x65\x03\x04\x02\x03",
            Self::Md5Sha1 => b"",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(hex(Hash::Md5.of(&[b"a", b"bc"])), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(Hash::Sha1.of(&[b"abc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(Hash::Sha224.of(&[b"abc"])),
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"
        );
        let lengths = Hash::NAMED.map(|hash| hash.of(&[]).len());
        assert_eq!(lengths, [16, 20, 28, 32, 48, 64]);
        assert_eq!(Hash::Md5Sha1.of(&[b"abc"]), [Hash::Md5.of(&[b"abc"]), Hash::Sha1.of(&[b"abc"])].concat());
    }

    #[test]
    fn a_pair_names_its_hash() {
        assert_eq!(Hash::of_pair(SignatureScheme::ecdsa_secp521r1_sha512), Some(Hash::Sha512));
        assert_eq!(Hash::of_pair(SignatureScheme::rsa_pkcs1_md5), Some(Hash::Md5));
        assert_eq!(Hash::of_pair(SignatureScheme::ed25519), None);
    }
}
