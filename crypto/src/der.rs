//! DER (X.690 §10), as far as handshakes, keys and certificates need it: one reader for all of them, and what
//! writes keys and signatures.

use alloc::vec::Vec;

/// Tag of a BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// Tag of an INTEGER.
pub const INTEGER: u8 = 0x02;
/// Tag of a BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// Tag of an OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// Tag of an OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// Tag of a SEQUENCE.
pub const SEQUENCE: u8 = 0x30;
/// Tag `[0]`, constructed.
pub const CONTEXT_0: u8 = 0xa0;
/// Tag `[1]`, constructed.
pub const CONTEXT_1: u8 = 0xa1;
/// Tag `[3]`, constructed.
pub const CONTEXT_3: u8 = 0xa3;

/// Bytes that are not DER, or another structure than expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The elements that follow each other in these bytes. Lengths have the one form that DER permits, below
/// 16 MiB.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a>(pub &'a [u8]);

impl<'a> Elements<'a> {
    /// The elements of the one SEQUENCE that these bytes are.
    ///
    /// # Errors
    /// Another element, or bytes behind it.
    pub fn of_sequence(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Self(bytes);
        let content = outer.expect(SEQUENCE)?;
        outer.end()?;
        Ok(Self(content))
    }

    /// Tag of the next element; `None` at the end.
    pub fn tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// Content of the next element.
    ///
    /// # Errors
    /// The end, or bytes that are not an element.
    pub fn take(&mut self) -> Result<&'a [u8], Malformed> {
        let [_, first, rest @ ..] = self.0 else { return Err(Malformed) };
        let (mut length, mut rest) = (usize::from(*first), rest);
        if *first >= 0x80 {
            let (bytes, after) = rest.split_at_checked(usize::from(*first & 0x7f)).ok_or(Malformed)?;
            length = bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte));
            // The shortest form is required; without bytes the length would be indefinite.
            if bytes.len() > 3 || bytes.first() == Some(&0) || length < 0x80 {
                return Err(Malformed);
            }
            rest = after;
        }
        let (content, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(content)
    }

    /// Content of the next element.
    ///
    /// # Errors
    /// As [`Elements::take`], or an element of another tag.
    pub fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        if self.tag() == Some(tag) { self.take() } else { Err(Malformed) }
    }

    /// The next element with its tag and length.
    ///
    /// # Errors
    /// As [`Elements::expect`].
    pub fn expect_whole(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let before = self.0;
        self.expect(tag)?;
        before.get(..before.len().saturating_sub(self.0.len())).ok_or(Malformed)
    }

    /// Content of a BIT STRING without unused bits.
    ///
    /// # Errors
    /// As [`Elements::expect`], or a number of bits that is not a multiple of 8.
    pub fn expect_bytes(&mut self) -> Result<&'a [u8], Malformed> {
        self.expect(BIT_STRING)?.strip_prefix(&[0]).ok_or(Malformed)
    }

    /// Content of the next element if it has that tag; another one stays.
    ///
    /// # Errors
    /// As [`Elements::take`].
    pub fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.tag() == Some(tag) { self.take().map(Some) } else { Ok(None) }
    }

    /// Checks that nothing follows.
    ///
    /// # Errors
    /// Bytes that follow.
    pub fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Appends tag and length of an element whose content follows.
pub(crate) fn header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    let [.., high, low] = length.to_be_bytes();
    match length {
        0..=0x7f => out.push(low),
        0x80..=0xff => out.extend([0x81, low]),
        // Longer ones than 64 KiB do not occur: RSA keys end at 8192 bits.
        _ => out.extend([0x82, high, low]),
    }
}

/// Bytes that [`header`] appends.
pub(crate) fn header_len(length: usize) -> usize {
    match length {
        0..=0x7f => 2,
        0x80..=0xff => 3,
        _ => 4,
    }
}

/// The magnitude of a positive INTEGER, by its content.
pub(crate) fn positive(content: &[u8]) -> Option<&[u8]> {
    match content {
        // A zero in front only where the sign bit would stand otherwise.
        [0, 0x80..=0xff, ..] => content.strip_prefix(&[0]),
        [0x01..=0x7f, ..] => Some(content),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element of the tag SEQUENCE.
    fn sequence(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match content.len() {
            length @ 0..=0xffff => header(&mut out, SEQUENCE, length),
            length => {
                let [.., top, high, low] = length.to_be_bytes();
                out.extend([SEQUENCE, 0x83, top, high, low]);
            }
        }
        out.extend_from_slice(content);
        out
    }

    #[test]
    fn every_length_form_and_every_cut() {
        for length in [0usize, 1, 127, 128, 255, 256, 3000, 0xffff, 0x1_0000, 70_000] {
            let content = alloc::vec![7; length];
            let whole = sequence(&content);
            assert_eq!(Elements(&whole).expect(SEQUENCE), Ok(&content[..]));
            assert_eq!(Elements(&whole).expect_whole(SEQUENCE), Ok(&whole[..]));
            let step = whole.len().div_ceil(100);
            assert!((1..whole.len()).step_by(step).all(|cut| Elements(&whole[..cut]).take().is_err()));
            assert!(Elements::of_sequence(&whole).is_ok());
            assert!(Elements::of_sequence(&[&whole[..], &[0]].concat()).is_err(), "a byte behind");
        }
        assert!(Elements(&[]).tag().is_none() && Elements(&[]).take().is_err());
        for odd in [
            &[0x30, 0x80, 0, 0][..], // indefinite
            &[0x30, 0x81, 1, 0],     // longer than needed
            &[0x30, 0x82, 0, 1, 0],
            &[0x30, 0x83, 0, 0, 1, 0],
            &[0x30, 0x84, 0, 0, 0, 1, 0],
            &[0x30, 0xff],
        ] {
            assert!(Elements(odd).take().is_err(), "{odd:02x?}");
        }
        // More than 16 MiB.
        let long = [&[0x30, 0x84, 1, 0, 0, 0][..], &alloc::vec![0; 1 << 24]].concat();
        assert!(Elements(&long).take().is_err());
        assert!(Elements(&[0x02, 0]).expect(SEQUENCE).is_err());
        assert_eq!(Elements(&[0x02, 0]).optional(SEQUENCE), Ok(None));
        assert_eq!(Elements(&[3, 2, 0, 9]).expect_bytes(), Ok(&[9][..]));
        assert!(Elements(&[3, 2, 1, 8]).expect_bytes().is_err() && Elements(&[3, 0]).expect_bytes().is_err());
    }
}
