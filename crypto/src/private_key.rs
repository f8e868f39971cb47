//! Private keys as files hold them (RFC 5958, 5915, 8017): which kind one is, before a library
//! is asked to load it; and EC keys whole, for devices: a DER library took 12 KB of flash there.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    KeyEncoding, KeyError, KeyKind,
    der::{
        BIT_STRING, CONTEXT_0, CONTEXT_1, Elements, INTEGER, Malformed, OCTET_STRING, SEQUENCE, header,
        header_len,
    },
};

impl KeyKind {
    /// The kind of this private key.
    ///
    /// # Errors
    /// Not in that encoding, or a kind that is not a [`KeyKind`].
    pub fn of_private_key(encoding: KeyEncoding, der: &[u8]) -> Result<Self, KeyError> {
        let mut fields = Elements::of_sequence(der)?;
        match (encoding, fields.expect(INTEGER)?) {
            // OneAsymmetricKey: version v1(0) or v2(1), algorithm, …
            (KeyEncoding::Pkcs8, [0 | 1]) => {
                Self::from_algorithm_identifier(fields.expect(SEQUENCE)?).ok_or(KeyError::Unsupported)
            }
            // ECPrivateKey: version 1, privateKey, [0] parameters, [1] publicKey
            (KeyEncoding::Sec1, [1]) => {
                let scalar = fields.expect(OCTET_STRING)?;
                match fields.optional(CONTEXT_0)? {
                    Some(curve) => Self::from_curve(curve).ok_or(KeyError::Unsupported),
                    // The parameters may be missing; the length then tells the curve.
                    None => Self::from_scalar_len(scalar.len()).ok_or(KeyError::Unsupported),
                }
            }
            // RSAPrivateKey: version two-prime(0), modulus, …
            (KeyEncoding::Pkcs1, [0]) => Ok(fields.expect(INTEGER).map(|_| Self::Rsa)?),
            (KeyEncoding::Pkcs8 | KeyEncoding::Sec1 | KeyEncoding::Pkcs1, _) => Err(KeyError::Malformed),
        }
    }

    /// By namedCurve, tag and length included: the end of the AlgorithmIdentifier.
    fn from_curve(curve: &[u8]) -> Option<Self> {
        const ID_EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
        [Self::P256, Self::P384, Self::P521]
            .into_iter()
            .find(|kind| kind.algorithm_identifier().strip_prefix(ID_EC_PUBLIC_KEY) == Some(curve))
    }

    /// By the bytes of a private scalar.
    fn from_scalar_len(length: usize) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521].into_iter().find(|kind| kind.scalar_len() == Some(length))
    }

    /// Bytes of a private scalar.
    fn scalar_len(self) -> Option<usize> {
        match self {
            Self::P256 => Some(32),
            Self::P384 => Some(48),
            Self::P521 => Some(66),
            Self::Ed25519 | Self::Rsa | Self::RsaPss => None,
        }
    }
}

impl From<Malformed> for KeyError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// An EC private key, borrowed from its DER. Whether the halves match is for the provider.
pub struct EcPrivateKey<'a> {
    /// Its curve.
    pub kind: KeyKind,
    /// The scalar, big endian, as long as the curve's order.
    pub scalar: &'a [u8],
    /// The public point, if the file holds it.
    pub public: Option<&'a [u8]>,
}

impl<'a> EcPrivateKey<'a> {
    /// Reads a whole file.
    ///
    /// # Errors
    /// Not in that encoding, or a kind that is no [`KeyKind`] or no EC key.
    pub fn read(encoding: KeyEncoding, der: &'a [u8]) -> Result<Self, KeyError> {
        let kind = KeyKind::of_private_key(encoding, der)?;
        if kind.scalar_len().is_none() {
            return Err(KeyError::Unsupported);
        }
        match encoding {
            KeyEncoding::Pkcs8 => Ok(Self::from_pkcs8(kind, der)?),
            KeyEncoding::Sec1 | KeyEncoding::Pkcs1 => Ok(Self::from_sec1(kind, der)?),
        }
    }

    /// OneAsymmetricKey (RFC 5958 §2): version, algorithm, privateKey; what may follow, attributes
    /// and a second copy of the public key, is skipped.
    fn from_pkcs8(kind: KeyKind, der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Elements::of_sequence(der)?;
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        Self::from_sec1(kind, fields.expect(OCTET_STRING)?)
    }

    /// ECPrivateKey (RFC 5915 §3).
    fn from_sec1(kind: KeyKind, der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Elements::of_sequence(der)?;
        let version = fields.expect(INTEGER)?;
        let scalar = fields.expect(OCTET_STRING)?;
        let curve = fields.optional(CONTEXT_0)?;
        let public = match fields.optional(CONTEXT_1)? {
            Some(tagged) => {
                let mut tagged = Elements(tagged);
                let bits = tagged.expect_bytes()?;
                tagged.end()?;
                Some(bits)
            }
            None => None,
        };
        fields.end()?;
        let is_of_kind = kind.scalar_len() == Some(scalar.len())
            && curve.is_none_or(|curve| KeyKind::from_curve(curve) == Some(kind));
        if version == [1] && is_of_kind { Ok(Self { kind, scalar, public }) } else { Err(Malformed) }
    }

    /// Writes PKCS#8 as OpenSSL does: the curve in the algorithm alone, the public half inside.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let full = |length: usize| header_len(length).saturating_add(length);
        let sum = |lengths: &[usize]| lengths.iter().copied().fold(0, usize::saturating_add);
        let algorithm = self.kind.algorithm_identifier();
        // From the inside out: [1] { BIT STRING }, ECPrivateKey, its OCTET STRING, the whole.
        let bit_string = self.public.map_or(0, |bits| bits.len().saturating_add(1));
        let tagged = self.public.map_or(0, |_| full(full(bit_string)));
        let private_key = sum(&[3, full(self.scalar.len()), tagged]);
        let content = sum(&[3, full(algorithm.len()), full(full(private_key))]);

        // The exact capacity: growing would leave copies of the scalar on the heap.
        let mut out = Zeroizing::new(Vec::with_capacity(full(content)));
        header(&mut out, SEQUENCE, content);
        out.extend([INTEGER, 1, 0]);
        header(&mut out, SEQUENCE, algorithm.len());
        out.extend_from_slice(algorithm);
        header(&mut out, OCTET_STRING, full(private_key));
        header(&mut out, SEQUENCE, private_key);
        out.extend([INTEGER, 1, 1]);
        header(&mut out, OCTET_STRING, self.scalar.len());
        out.extend_from_slice(self.scalar);
        if let Some(bits) = self.public {
            header(&mut out, CONTEXT_1, full(bit_string));
            header(&mut out, BIT_STRING, bit_string);
            out.push(0);
            out.extend_from_slice(bits);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
    const SECP256K1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x0a";

    /// ECPrivateKey of that many bytes, with a curve or without.
    fn sec1(scalar: usize, curve: Option<&[u8]>) -> alloc::vec::Vec<u8> {
        let mut content = alloc::vec![INTEGER, 1, 1];
        crate::der::header(&mut content, OCTET_STRING, scalar);
        content.resize(content.len() + scalar, 7);
        if let Some(curve) = curve {
            crate::der::header(&mut content, CONTEXT_0, curve.len());
            content.extend_from_slice(curve);
        }
        let mut der = alloc::vec::Vec::new();
        crate::der::header(&mut der, SEQUENCE, content.len());
        der.extend_from_slice(&content);
        der
    }

    #[test]
    fn sec1_names_its_curve_or_its_length_tells() {
        let kind = |der: &[u8]| KeyKind::of_private_key(KeyEncoding::Sec1, der);
        assert_eq!(kind(&sec1(32, Some(P256))), Ok(KeyKind::P256));
        assert_eq!(kind(&sec1(32, Some(SECP256K1))), Err(KeyError::Unsupported));
        for (length, expected) in [(32, KeyKind::P256), (48, KeyKind::P384), (66, KeyKind::P521)] {
            assert_eq!(kind(&sec1(length, None)), Ok(expected));
        }
        assert_eq!(kind(&sec1(28, None)), Err(KeyError::Unsupported));
    }

    #[test]
    fn one_encoding_is_not_taken_for_another() {
        let der = sec1(32, Some(P256));
        for encoding in [KeyEncoding::Pkcs8, KeyEncoding::Pkcs1] {
            assert_eq!(KeyKind::of_private_key(encoding, &der), Err(KeyError::Malformed));
        }
    }

    #[test]
    fn truncated_or_extended_is_malformed() {
        let der = sec1(32, Some(P256));
        for end in 0..der.len() {
            let kind = KeyKind::of_private_key(KeyEncoding::Sec1, &der[..end]);
            assert_eq!(kind, Err(KeyError::Malformed), "{end} bytes");
        }
        let longer = [&der[..], &[0]].concat();
        assert_eq!(KeyKind::of_private_key(KeyEncoding::Sec1, &longer), Err(KeyError::Malformed));
    }

    #[test]
    fn pkcs8_of_openssl_is_read_and_written_back() {
        let file = include_str!("../vectors/keys.txt");
        let mut seen = alloc::vec::Vec::new();
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let (encoding, rest) = line.split_once(' ').expect("three fields");
            let (kind, digits) = rest.split_once(' ').expect("three fields");
            let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
            let der: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
            if encoding != "pkcs8" || !kind.starts_with('P') {
                continue;
            }
            let key = EcPrivateKey::read(KeyEncoding::Pkcs8, &der).expect("an EC key");
            assert_eq!(alloc::format!("{:?}", key.kind), kind);
            assert!(key.public.is_some_and(|bits| bits.len() == 2 * key.scalar.len() + 1));
            assert_eq!(*key.to_pkcs8(), der);
            seen.push(key.kind);

            // Without its public half it is shorter, and reads the same.
            let bare = EcPrivateKey { public: None, ..key };
            let der = bare.to_pkcs8();
            assert_eq!(der.len(), der.capacity());
            let again = EcPrivateKey::read(KeyEncoding::Pkcs8, &der).expect("an EC key");
            assert_eq!((again.kind, again.scalar, again.public), (bare.kind, bare.scalar, None));
        }
        assert_eq!(seen, [KeyKind::P256, KeyKind::P384, KeyKind::P521]);
    }
}
