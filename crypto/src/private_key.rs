//! Which kind of private key a file holds (RFC 5958, 5915, 8017), before a library is asked
//! to load it. Nothing of the key itself is read.
//! Called by the providers' `keys`.

use crate::{
    KeyEncoding, KeyError, KeyKind,
    der::{CONTEXT_0, INTEGER, OCTET_STRING, SEQUENCE, element},
};

impl KeyKind {
    /// The kind of this private key.
    ///
    /// # Errors
    /// Not in that encoding, or a kind that is not a [`KeyKind`].
    pub fn of_private_key(encoding: KeyEncoding, der: &[u8]) -> Result<Self, KeyError> {
        let (content, rest) = element(der, SEQUENCE).ok_or(KeyError::Malformed)?;
        let (version, after) = element(content, INTEGER).ok_or(KeyError::Malformed)?;
        if !rest.is_empty() {
            return Err(KeyError::Malformed);
        }
        match (encoding, version) {
            // OneAsymmetricKey: version v1(0) or v2(1), algorithm, …
            (KeyEncoding::Pkcs8, [0 | 1]) => {
                let (algorithm, _) = element(after, SEQUENCE).ok_or(KeyError::Malformed)?;
                Self::from_algorithm_identifier(algorithm).ok_or(KeyError::Unsupported)
            }
            // ECPrivateKey: version 1, privateKey, [0] parameters, [1] publicKey
            (KeyEncoding::Sec1, [1]) => {
                let (scalar, after) = element(after, OCTET_STRING).ok_or(KeyError::Malformed)?;
                match element(after, CONTEXT_0) {
                    Some((curve, _)) => Self::from_curve(curve).ok_or(KeyError::Unsupported),
                    // The parameters may be missing; the length then tells the curve.
                    None => Self::from_scalar_len(scalar.len()).ok_or(KeyError::Unsupported),
                }
            }
            // RSAPrivateKey: version two-prime(0), modulus, …
            (KeyEncoding::Pkcs1, [0]) => {
                element(after, INTEGER).map(|_| Self::Rsa).ok_or(KeyError::Malformed)
            }
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
        match length {
            32 => Some(Self::P256),
            48 => Some(Self::P384),
            66 => Some(Self::P521),
            _ => None,
        }
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
}
