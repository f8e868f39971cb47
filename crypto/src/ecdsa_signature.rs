//! ECDSA signatures in DER (ECDSA-Sig-Value, RFC 3279 §2.2.3). Read and written here because a DER
//! library takes 3.8 KB of a device's flash for these two integers.

use alloc::vec::Vec;

use crate::der::{Elements, INTEGER, SEQUENCE, header, header_len, positive};

/// An ECDSA signature, borrowed. Whether both integers lie below the order of the curve is checked by
/// the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EcdsaSignature<'a> {
    /// The integer r, big endian.
    pub r: &'a [u8],
    /// The integer s, big endian.
    pub s: &'a [u8],
}

impl<'a> EcdsaSignature<'a> {
    /// Reads a whole ECDSA-Sig-Value; r and s come without leading zeros and are never empty. `None` if
    /// an INTEGER is zero, negative or longer than needed, or bytes follow: a signature has one encoding
    /// (X.690 §8.3.2, §10.1), so that it cannot be changed and stay valid.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut fields = Elements::of_sequence(der).ok()?;
        let (r, s) = (fields.expect(INTEGER).ok()?, fields.expect(INTEGER).ok()?);
        fields.end().ok()?;
        Some(Self { r: positive(r)?, s: positive(s)? })
    }

    /// Writes the ECDSA-Sig-Value. Leading zeros of r and s are dropped.
    pub fn to_der(&self) -> Vec<u8> {
        let integers = [self.r, self.s].map(Magnitude::new);
        let content = integers.iter().fold(0, |sum: usize, integer| {
            sum.saturating_add(header_len(integer.len())).saturating_add(integer.len())
        });
        let mut out = Vec::with_capacity(header_len(content).saturating_add(content));
        header(&mut out, SEQUENCE, content);
        for integer in integers {
            header(&mut out, INTEGER, integer.len());
            out.extend(integer.is_padded.then_some(0));
            out.extend_from_slice(integer.bytes);
        }
        out
    }
}

/// The content of an INTEGER that is not negative.
#[derive(Clone, Copy)]
struct Magnitude<'a> {
    /// Without leading zeros.
    bytes: &'a [u8],
    /// Whether a zero precedes, which keeps the sign bit clear.
    is_padded: bool,
}

impl<'a> Magnitude<'a> {
    fn new(mut bytes: &'a [u8]) -> Self {
        while let [0, rest @ ..] = bytes {
            bytes = rest;
        }
        Self { bytes, is_padded: !matches!(bytes, [0..=0x7f, ..]) }
    }

    fn len(&self) -> usize {
        self.bytes.len().saturating_add(usize::from(self.is_padded))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn integers_are_written_in_their_one_form() {
        // r and s as a curve has them, of fixed length, and the DER by X.690 §8.3.
        for (r, s, der) in [
            (&[1][..], &[2][..], &b"\x30\x06\x02\x01\x01\x02\x01\x02"[..]),
            // The high bit is set: a zero precedes.
            (&[0x80], &[0xff], b"\x30\x08\x02\x02\x00\x80\x02\x02\x00\xff"),
            // Leading zero bytes are dropped, and a zero returns before a high bit.
            (&[0, 0, 0x7f], &[0, 0x80, 0], b"\x30\x08\x02\x01\x7f\x02\x03\x00\x80\x00"),
            (&[0, 0, 0, 1], &[0x12, 0, 0, 0], b"\x30\x09\x02\x01\x01\x02\x04\x12\x00\x00\x00"),
        ] {
            let signature = EcdsaSignature { r, s };
            assert_eq!(signature.to_der(), der, "{signature:02x?}");
            let read = EcdsaSignature::read(der).unwrap();
            assert_eq!(read.to_der(), der, "{signature:02x?}");
            assert!(r.ends_with(read.r) && s.ends_with(read.s) && read.r[0] != 0 && read.s[0] != 0);
        }
        // Two integers of P-521: the length takes two bytes.
        let long = [1; 66];
        let der = EcdsaSignature { r: &long, s: &long }.to_der();
        assert!(der.starts_with(b"\x30\x81\x88\x02\x42\x01") && der.len() == 139);
        assert_eq!(EcdsaSignature::read(&der), Some(EcdsaSignature { r: &long, s: &long }));
    }

    #[test]
    fn every_other_encoding_is_refused() {
        for der in [
            &b""[..],
            b"\x30\x00",
            b"\x30\x03\x02\x01\x01",                         // r alone
            b"\x30\x06\x02\x01\x00\x02\x01\x01",             // r is zero
            b"\x30\x06\x02\x01\x01\x02\x01\x00",             // s is zero
            b"\x30\x05\x02\x00\x02\x01\x01",                 // an empty INTEGER
            b"\x30\x06\x02\x01\x80\x02\x01\x01",             // r is negative
            b"\x30\x06\x02\x01\x01\x02\x01\xff",             // s is negative
            b"\x30\x07\x02\x02\x00\x7f\x02\x01\x01",         // a zero that is not needed
            b"\x30\x08\x02\x03\x00\x00\x80\x02\x01\x01",     // two zeros
            b"\x30\x07\x02\x01\x01\x02\x01\x01\x00",         // a byte inside
            b"\x30\x06\x02\x01\x01\x02\x01\x01\x00",         // a byte behind
            b"\x30\x09\x02\x01\x01\x02\x01\x01\x02\x01\x01", // a third INTEGER
            b"\x30\x81\x06\x02\x01\x01\x02\x01\x01",         // lengths longer than needed
            b"\x30\x07\x02\x81\x01\x01\x02\x01\x01",
            b"\x30\x82\x00\x06\x02\x01\x01\x02\x01\x01",
            b"\x30\x80\x02\x01\x01\x02\x01\x01\x00\x00", // indefinite
            b"\x31\x06\x02\x01\x01\x02\x01\x01",         // a SET
            b"\x30\x06\x04\x01\x01\x02\x01\x01",         // an OCTET STRING
        ] {
            assert_eq!(EcdsaSignature::read(der), None, "{der:02x?}");
        }
        let der = vec![0x30, 8, 2, 2, 0, 0x80, 2, 2, 0x12, 0];
        assert!(EcdsaSignature::read(&der).is_some());
        for end in 0..der.len() {
            assert_eq!(EcdsaSignature::read(&der[..end]), None, "cut to {end} bytes");
        }
    }
}
