//! The little DER (X.690 §10) that rustls-webpki reads but does not show: extensions of a
//! certificate, parts of one that is its own root, the size of an RSA key. What does not parse is an
//! error and never "absent": a keyUsage that cannot be read would otherwise permit everything.

#[cfg(any(test, feature = "web-pki"))]
use alloc::vec::Vec;

pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const SEQUENCE: u8 = 0x30;
/// `[2]`, primitive: a dNSName of a GeneralName (RFC 5280 §4.2.1.6).
pub(crate) const DNS_NAME: u8 = 0x82;
/// `[7]`, primitive: an iPAddress.
pub(crate) const IP_ADDRESS: u8 = 0x87;
/// `[3]`, constructed: the extensions of a TBSCertificate.
pub(crate) const CONTEXT_3: u8 = 0xa3;

/// Bytes that are no DER, or another structure than expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// One element.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// With tag and length.
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
}

/// The elements in a row.
#[derive(Clone)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Elements<'a> {
    /// The next one; `None` where the bytes end.
    pub(crate) fn next(&mut self) -> Result<Option<Element<'a>>, Malformed> {
        if self.0.is_empty() { Ok(None) } else { self.take().ok_or(Malformed).map(Some) }
    }

    /// The next one, which must have that tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Element<'a>, Malformed> {
        self.next()?.filter(|element| element.tag == tag).ok_or(Malformed)
    }

    /// The next one, if it has that tag; another one stays.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, Malformed> {
        if self.0.first() == Some(&tag) { self.next() } else { Ok(None) }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    fn take(&mut self) -> Option<Element<'a>> {
        let (tag, after) = self.0.split_first()?;
        let (first, after) = after.split_first()?;
        let (length, after) = match *first {
            short @ 0..=0x7f => (usize::from(short), after),
            // Of the long forms the shortest that holds the length (X.690 §10.1); 0x80 would be
            // indefinite.
            long => {
                let (bytes, rest) = after.split_at_checked(usize::from(long & 0x7f))?;
                let length = match *bytes {
                    [low @ 0x80..=0xff] => u32::from(low),
                    [high @ 1..=0xff, low] => u32::from_be_bytes([0, 0, high, low]),
                    [top @ 1..=0xff, high, low] => u32::from_be_bytes([0, top, high, low]),
                    _ => return None,
                };
                (usize::try_from(length).ok()?, rest)
            }
        };
        let (content, rest) = after.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len().saturating_sub(rest.len()))?;
        self.0 = rest;
        Some(Element { tag: *tag, whole, content })
    }
}

/// The content of the one SEQUENCE that these bytes are.
pub(crate) fn whole_sequence(bytes: &[u8]) -> Result<Elements<'_>, Malformed> {
    let mut outer = Elements(bytes);
    let sequence = outer.expect(SEQUENCE)?;
    outer.end().map(|()| Elements(sequence.content))
}

#[cfg(any(test, feature = "web-pki"))]
/// Wraps content of fewer than 16 MiB into a SEQUENCE.
pub(crate) fn sequence(content: &[u8]) -> Vec<u8> {
    let [.., top, high, low] = content.len().to_be_bytes();
    let mut out = Vec::with_capacity(content.len().saturating_add(5));
    match content.len() {
        0..=0x7f => out.extend([SEQUENCE, low]),
        0x80..=0xff => out.extend([SEQUENCE, 0x81, low]),
        0x100..=0xffff => out.extend([SEQUENCE, 0x82, high, low]),
        _ => out.extend([SEQUENCE, 0x83, top, high, low]),
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_form_and_every_cut() {
        for length in [0usize, 1, 127, 128, 255, 256, 3000, 0xffff, 0x1_0000, 70_000] {
            let content = alloc::vec![7; length];
            let whole = sequence(&content);
            let element = Elements(&whole).expect(SEQUENCE).unwrap();
            assert!(element.content == content && element.whole == whole);
            let step = whole.len().div_ceil(100);
            assert!((1..whole.len()).step_by(step).all(|cut| Elements(&whole[..cut]).next().is_err()));
            assert!(whole_sequence(&whole).is_ok());
            assert!(whole_sequence(&[&whole[..], &[0]].concat()).is_err(), "something behind");
        }
        assert!(Elements(&[]).next().unwrap().is_none());
        for odd in [
            &[0x30, 0x80, 0, 0][..], // indefinite
            &[0x30, 0x81, 1, 0],     // longer than need be
            &[0x30, 0x82, 0, 1, 0],
            &[0x30, 0x83, 0, 0, 1, 0],
            &[0x30, 0x84, 0, 0, 0, 1, 0],
            &[0x30, 0xff],
        ] {
            assert!(Elements(odd).next().is_err(), "{odd:02x?}");
        }
        assert!(Elements(&[0x02, 0]).expect(SEQUENCE).is_err());
        assert!(Elements(&[0x02, 0]).optional(SEQUENCE).unwrap().is_none());
    }
}
