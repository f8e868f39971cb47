//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): which kind of key, and its bits. The only DER
//! that a handshake itself must read.

use alloc::vec::Vec;

use handclasp_codec::SignatureScheme;

use crate::der::{BIT_STRING, CONTEXT_0, Elements, INTEGER, Malformed, SEQUENCE, header, header_len};

/// Kinds of public keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// id-ecPublicKey, secp256r1.
    P256,
    /// id-ecPublicKey, secp384r1.
    P384,
    /// id-ecPublicKey, secp521r1.
    P521,
    /// id-Ed25519 (RFC 8410).
    Ed25519,
    /// rsaEncryption.
    Rsa,
    /// id-RSASSA-PSS without parameters (RFC 4055 §3.1): verifies RSASSA-PSS alone, with any hash.
    RsaPss,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::P256, Self::P384, Self::P521, Self::Ed25519, Self::Rsa, Self::RsaPss];

    /// The kinds of keys that a provider makes and signs with; the others are only verified.
    pub const SIGNING: [Self; 5] = [Self::P256, Self::P384, Self::P521, Self::Ed25519, Self::Rsa];

    /// The name that people use, such as `P-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
        }
    }

    /// Whether the public key is an RSAPublicKey (RFC 8017 §A.1.1).
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa | Self::RsaPss)
    }

    /// The content of its AlgorithmIdentifier SEQUENCE.
    pub const fn algorithm_identifier(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22",
            Self::P521 => b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23",
            Self::Ed25519 => b"\x06\x03\x2b\x65\x70",
            Self::Rsa => b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
            Self::RsaPss => b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a",
        }
    }

    /// The kind whose AlgorithmIdentifier has this content.
    pub fn from_algorithm_identifier(content: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.algorithm_identifier() == content)
    }
}

/// A public key, borrowed from its DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey<'a> {
    /// Its kind.
    pub kind: KeyKind,
    /// Content of the BIT STRING: an uncompressed point, 32 bytes, or an RSAPublicKey.
    pub bits: &'a [u8],
}

/// Why a SubjectPublicKeyInfo is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpkiError {
    /// Not a SubjectPublicKeyInfo.
    Malformed,
    /// A kind of key that we do not do.
    Unsupported,
}

impl From<Malformed> for SpkiError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl<'a> PublicKey<'a> {
    /// Reads a SubjectPublicKeyInfo, outer SEQUENCE included.
    ///
    /// # Errors
    /// Not such a structure, or an algorithm not in [`KeyKind`].
    pub fn from_spki(der: &'a [u8]) -> Result<Self, SpkiError> {
        let mut fields = Elements::of_sequence(der)?;
        let (algorithm, bits) = (fields.expect(SEQUENCE)?, fields.expect_bytes()?);
        fields.end()?;
        KeyKind::from_algorithm_identifier(algorithm)
            .map(|kind| Self { kind, bits })
            .ok_or(SpkiError::Unsupported)
    }

    /// The SubjectPublicKeyInfo of a certificate (RFC 5280 §4.1), outer SEQUENCE included; the rest of
    /// the certificate is not checked. `None` if the certificate does not parse up to it.
    pub fn spki_of(certificate: &'a [u8]) -> Option<&'a [u8]> {
        Self::find_spki(certificate).ok()
    }

    fn find_spki(certificate: &'a [u8]) -> Result<&'a [u8], Malformed> {
        let mut fields = Elements(Elements(Elements(certificate).expect(SEQUENCE)?).expect(SEQUENCE)?);
        // Version 1 has no field for it.
        fields.optional(CONTEXT_0)?;
        fields.expect(INTEGER)?;
        // signature, issuer, validity, subject
        for _ in 0..4 {
            fields.expect(SEQUENCE)?;
        }
        fields.expect_whole(SEQUENCE)
    }

    /// Writes the SubjectPublicKeyInfo, outer SEQUENCE included.
    pub fn to_spki(&self) -> Vec<u8> {
        let algorithm = self.kind.algorithm_identifier();
        // One byte before the bits counts the unused ones of the last: none.
        let bit_string = self.bits.len().saturating_add(1);
        let content = [header_len(algorithm.len()), algorithm.len(), header_len(bit_string), bit_string]
            .into_iter()
            .fold(0, usize::saturating_add);

        let mut out = Vec::with_capacity(header_len(content).saturating_add(content));
        header(&mut out, SEQUENCE, content);
        header(&mut out, SEQUENCE, algorithm.len());
        out.extend_from_slice(algorithm);
        header(&mut out, BIT_STRING, bit_string);
        out.push(0);
        out.extend_from_slice(self.bits);
        out
    }
}

impl KeyKind {
    /// Whether that scheme is one of such a key; schemes that are not known here are not judged.
    pub fn may_sign_by(self, scheme: SignatureScheme) -> bool {
        match scheme {
            SignatureScheme::ecdsa_secp256r1_sha256
            | SignatureScheme::ecdsa_secp384r1_sha384
            | SignatureScheme::ecdsa_secp521r1_sha512 => {
                matches!(self, Self::P256 | Self::P384 | Self::P521)
            }
            SignatureScheme::ed25519 => self == Self::Ed25519,
            SignatureScheme::rsa_pkcs1_sha256
            | SignatureScheme::rsa_pkcs1_sha384
            | SignatureScheme::rsa_pkcs1_sha512
            | SignatureScheme::rsa_pss_rsae_sha256
            | SignatureScheme::rsa_pss_rsae_sha384
            | SignatureScheme::rsa_pss_rsae_sha512 => self == Self::Rsa,
            _ => true,
        }
    }
}

/// Whether that SubjectPublicKeyInfo ends in a point of an EC key that is wrapped once more, in an
/// OCTET STRING, as PKCS#11 gives it in CKA_EC_POINT.
pub fn is_wrapped_point(spki: &[u8]) -> bool {
    // Behind the byte of unused bits: tag and length, then the form of an uncompressed point.
    let wrapped: [(usize, &[u8]); 3] =
        [(65, b"\0\x04\x41\x04"), (97, b"\0\x04\x61\x04"), (133, b"\0\x04\x81\x85\x04")];
    wrapped.into_iter().any(|(point, head)| {
        let start = spki.len().checked_sub(point.saturating_add(head.len()).saturating_sub(1));
        start.and_then(|start| spki.get(start..)).is_some_and(|end| end.starts_with(head))
    })
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String, vec::Vec};

    use super::*;

    /// Kind (as `Debug` writes it) or "unsupported", and DER.
    fn vectors() -> impl Iterator<Item = (&'static str, Vec<u8>)> {
        include_str!("../vectors/spki.txt").lines().filter(|line| !line.starts_with('#')).map(|line| {
            let (kind, digits) = line.split_once(' ').expect("two fields");
            let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
            (kind, (0..digits.len()).step_by(2).map(byte).collect())
        })
    }

    fn kind_of(der: &[u8]) -> String {
        match PublicKey::from_spki(der) {
            Ok(key) => format!("{:?}", key.kind),
            Err(SpkiError::Unsupported) => "unsupported".into(),
            Err(SpkiError::Malformed) => "malformed".into(),
        }
    }

    #[test]
    fn each_kind_is_read_and_written_back() {
        let mut seen = Vec::new();
        for (kind, der) in vectors() {
            assert_eq!(kind_of(&der), kind);
            if let Ok(key) = PublicKey::from_spki(&der) {
                assert!(der.ends_with(key.bits));
                assert_eq!(key.to_spki(), der);
                seen.push(key.kind);
            }
        }
        assert_eq!(seen, KeyKind::ALL);
    }

    #[test]
    fn bits_have_the_length_of_their_kind() {
        for (_, der) in vectors() {
            let Ok(key) = PublicKey::from_spki(&der) else { continue };
            let expected = match key.kind {
                KeyKind::P256 => 65,
                KeyKind::P384 => 97,
                KeyKind::P521 => 133,
                KeyKind::Ed25519 => 32,
                KeyKind::Rsa | KeyKind::RsaPss => 270,
            };
            assert_eq!(key.bits.len(), expected, "{:?}", key.kind);
        }
    }

    #[test]
    fn truncated_at_every_byte_is_malformed() {
        for (kind, der) in vectors() {
            for end in 0..der.len() {
                assert_eq!(kind_of(&der[..end]), "malformed", "{kind} cut to {end} bytes");
            }
        }
    }

    #[test]
    fn a_byte_more_is_malformed_wherever_it_stands() {
        for (kind, der) in vectors() {
            assert_eq!(kind_of(&[&der[..], &[0]].concat()), "malformed", "{kind}: behind");
            // Behind the BIT STRING, inside the outer SEQUENCE.
            let content = Elements(&der).expect(SEQUENCE).expect("a SEQUENCE");
            let mut longer = Vec::new();
            header(&mut longer, SEQUENCE, content.len() + 1);
            longer.extend_from_slice(content);
            longer.push(0);
            assert_eq!(kind_of(&longer), "malformed", "{kind}: inside");
        }
    }

    #[test]
    fn a_flipped_bit_is_seen_outside_the_key_itself() {
        for (kind, der) in vectors() {
            for bit in 0..der.len() * 8 {
                let mut flipped = der.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Ok(key) = PublicKey::from_spki(&flipped) {
                    // Only the key's own bits are not structure; and one bit parts the names of
                    // P-384 and P-521.
                    let inside = bit / 8 >= der.len() - key.bits.len();
                    assert!(inside || kind_of(&flipped) != kind, "{kind}, bit {bit}");
                }
            }
        }
    }

    #[test]
    fn unused_bits_are_refused() {
        for (kind, der) in vectors() {
            let Ok(key) = PublicKey::from_spki(&der) else { continue };
            let mut der = der.clone();
            let unused = der.len() - key.bits.len() - 1;
            der[unused] = 1;
            assert_eq!(kind_of(&der), "malformed", "{kind}");
        }
    }

    #[test]
    fn lengths_have_one_form() {
        // Ed25519 with its lengths written longer than need be: 0x2a as 0x81 0x2a, as 0x82 0x00 0x2a,
        // and of indefinite form.
        let (_, der) = vectors().find(|(kind, _)| *kind == "Ed25519").expect("an Ed25519 key");
        let content = &der[2..];
        for length in [&[0x81, 0x2a][..], &[0x82, 0, 0x2a], &[0x83, 0, 0, 0x2a], &[0x80]] {
            assert_eq!(kind_of(&[&[SEQUENCE], length, content].concat()), "malformed");
        }
        assert_eq!(kind_of(&[&[SEQUENCE, 0x2a], content].concat()), "Ed25519");
    }
}
