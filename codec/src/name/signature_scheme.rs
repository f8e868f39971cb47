//! Signature schemes: RFC 8446 §4.2.3, RFC 5246 §7.4.1.4.1 (the two-byte pair), RFC 8422, RFC 8734.

use super::registry;

registry! {
    /// A signature scheme. TLS 1.2 reads the same two bytes as a pair, see [`SignatureScheme::pair`].
    SignatureScheme(u16, signature_scheme) {
        rsa_pkcs1_md5 = 0x0101, rsa_pkcs1_sha1 = 0x0201, dsa_sha1 = 0x0202, ecdsa_sha1 = 0x0203,
        rsa_pkcs1_sha224 = 0x0301, dsa_sha224 = 0x0302, ecdsa_sha224 = 0x0303,
        rsa_pkcs1_sha256 = 0x0401, dsa_sha256 = 0x0402, ecdsa_secp256r1_sha256 = 0x0403,
        rsa_pkcs1_sha256_legacy = 0x0420, rsa_pkcs1_sha384 = 0x0501, dsa_sha384 = 0x0502,
        ecdsa_secp384r1_sha384 = 0x0503, rsa_pkcs1_sha384_legacy = 0x0520,
        rsa_pkcs1_sha512 = 0x0601, dsa_sha512 = 0x0602, ecdsa_secp521r1_sha512 = 0x0603,
        rsa_pkcs1_sha512_legacy = 0x0620, eccsi_sha256 = 0x0704, iso_ibs1 = 0x0705,
        iso_ibs2 = 0x0706, iso_chinese_ibs = 0x0707, sm2sig_sm3 = 0x0708,
        gostr34102012_256a = 0x0709, gostr34102012_256b = 0x070a, gostr34102012_256c = 0x070b,
        gostr34102012_256d = 0x070c, gostr34102012_512a = 0x070d, gostr34102012_512b = 0x070e,
        gostr34102012_512c = 0x070f, rsa_pss_rsae_sha256 = 0x0804, rsa_pss_rsae_sha384 = 0x0805,
        rsa_pss_rsae_sha512 = 0x0806, ed25519 = 0x0807, ed448 = 0x0808,
        rsa_pss_pss_sha256 = 0x0809, rsa_pss_pss_sha384 = 0x080a, rsa_pss_pss_sha512 = 0x080b,
        ecdsa_brainpoolP256r1tls13_sha256 = 0x081a, ecdsa_brainpoolP384r1tls13_sha384 = 0x081b,
        ecdsa_brainpoolP512r1tls13_sha512 = 0x081c, gostr34102012_256 = 0x0840,
        gostr34102012_512 = 0x0841, mldsa44 = 0x0904, mldsa65 = 0x0905, mldsa87 = 0x0906,
    }
}

registry! {
    /// First byte of a TLS 1.2 pair (`HashAlgorithm`).
    HashAlgorithm(u8, hash) {
        none = 0, md5 = 1, sha1 = 2, sha224 = 3, sha256 = 4, sha384 = 5, sha512 = 6, Intrinsic = 8,
    }
}

registry! {
    /// Second byte of a TLS 1.2 pair (`SignatureAlgorithm`).
    SignatureAlgorithm(u8, signature) {
        anonymous = 0, rsa = 1, dsa = 2, ecdsa = 3, ed25519 = 7, ed448 = 8,
        gostr34102012_256 = 64, gostr34102012_512 = 65,
    }
}

impl SignatureScheme {
    /// Returns the two bytes as TLS 1.2 reads them. There the hash does not determine the curve: 0x0603
    /// is ECDSA with SHA-512 on any curve.
    pub fn pair(self) -> (HashAlgorithm, SignatureAlgorithm) {
        let [hash, signature] = self.0.to_be_bytes();
        (HashAlgorithm(hash), SignatureAlgorithm(signature))
    }

    /// Returns the scheme whose number equals this TLS 1.2 pair.
    pub fn from_pair(hash: HashAlgorithm, signature: SignatureAlgorithm) -> Self {
        Self(u16::from_be_bytes([hash.0, signature.0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_and_back() {
        let scheme = SignatureScheme::ecdsa_secp521r1_sha512;
        assert_eq!(scheme.pair(), (HashAlgorithm::sha512, SignatureAlgorithm::ecdsa));
        let (hash, signature) = scheme.pair();
        assert_eq!(SignatureScheme::from_pair(hash, signature), scheme);
    }
}
