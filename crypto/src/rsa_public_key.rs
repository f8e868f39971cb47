//! RSAPublicKey (RFC 8017 appendix A.1.1): the content of the subjectPublicKey of an RSA key.

use crate::der::{Elements, INTEGER, positive};

/// An RSA public key, borrowed from its DER. Which sizes and exponents are fit for use is for
/// the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RsaPublicKey<'a> {
    /// The modulus n, big endian, without leading zeros; never empty.
    pub modulus: &'a [u8],
    /// The public exponent e, big endian, without leading zeros; never empty.
    pub exponent: &'a [u8],
}

impl<'a> RsaPublicKey<'a> {
    /// Reads a whole RSAPublicKey; `None` if it is not one, or an INTEGER in it is not positive or
    /// not in the one form that DER allows (X.690 §8.3.2).
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut fields = Elements::of_sequence(der).ok()?;
        let (modulus, exponent) = (fields.expect(INTEGER).ok()?, fields.expect(INTEGER).ok()?);
        fields.end().ok()?;
        Some(Self { modulus: positive(modulus)?, exponent: positive(exponent)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read() {
        let der = b"\x30\x08\x02\x02\x00\x81\x02\x02\x01\x01";
        assert_eq!(RsaPublicKey::read(der), Some(RsaPublicKey { modulus: b"\x81", exponent: b"\x01\x01" }));
        for end in 0..der.len() {
            assert_eq!(RsaPublicKey::read(&der[..end]), None, "cut to {end} bytes");
        }
        assert_eq!(RsaPublicKey::read(&[&der[..], &[0]].concat()), None, "a byte behind");
        assert_eq!(
            RsaPublicKey::read(b"\x30\x09\x02\x02\x00\x81\x02\x02\x01\x01\x00"),
            None,
            "a byte inside"
        );
    }

    #[test]
    fn integers_are_positive_and_have_one_form() {
        for (content, magnitude) in [
            (&b"\x01"[..], Some(&b"\x01"[..])),
            (b"\x7f\x00", Some(b"\x7f\x00")),
            (b"\x00\x80", Some(b"\x80")),
            (b"", None),
            (b"\x00", None),
            (b"\x80", None),
            (b"\xff", None),
            (b"\x00\x7f", None),
            (b"\x00\x00\x80", None),
        ] {
            assert_eq!(positive(content), magnitude, "{content:02x?}");
        }
    }
}
