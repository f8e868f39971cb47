//! The little DER (X.690 §10) that rustls-webpki reads but does not show: parts of a certificate
//! that is its own root, and the size of an RSA key. Certificates here have parsed before.
//! Called by `held` and `leaf`.

use alloc::vec::Vec;

pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const SEQUENCE: u8 = 0x30;
/// `[2]`, primitive: a dNSName of a GeneralName (RFC 5280 §4.2.1.6).
pub(crate) const DNS_NAME: u8 = 0x82;
/// `[7]`, primitive: an iPAddress.
pub(crate) const IP_ADDRESS: u8 = 0x87;
/// `[3]`, constructed: the extensions of a TBSCertificate.
pub(crate) const CONTEXT_3: u8 = 0xa3;

/// One element.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// With tag and length.
    pub(crate) whole: &'a [u8],
    pub(crate) content: &'a [u8],
}

/// The elements in a row; ends where the bytes end or make no sense.
#[derive(Clone)]
pub(crate) struct Elements<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (tag, after) = self.0.split_first()?;
        let (first, after) = after.split_first()?;
        let (length, after) = match *first {
            0x81 => after.split_first().map(|(byte, rest)| (usize::from(*byte), rest))?,
            0x82 => {
                let (bytes, rest) = after.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*bytes)), rest)
            }
            // Longer ones do not occur within the budget of a chain.
            0x80.. => return None,
            short => (usize::from(short), after),
        };
        let (content, rest) = after.split_at_checked(length)?;
        let whole = self.0.get(..self.0.len().saturating_sub(rest.len()))?;
        self.0 = rest;
        Some(Element { tag: *tag, whole, content })
    }
}

impl<'a> Elements<'a> {
    /// The next one, if it has that tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }
}

/// Wraps content into a SEQUENCE. Only for content that a certificate of fewer than 64 KiB held.
pub(crate) fn sequence(content: &[u8]) -> Vec<u8> {
    let [.., high, low] = content.len().to_be_bytes();
    let mut out = Vec::with_capacity(content.len().saturating_add(4));
    match content.len() {
        0..=0x7f => out.extend([SEQUENCE, low]),
        0x80..=0xff => out.extend([SEQUENCE, 0x81, low]),
        _ => out.extend([SEQUENCE, 0x82, high, low]),
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_form_and_every_cut() {
        for length in [0usize, 1, 127, 128, 255, 256, 3000] {
            let content = alloc::vec![7; length];
            let whole = sequence(&content);
            let element = Elements(&whole).expect(SEQUENCE).unwrap();
            assert_eq!((element.content, element.whole), (content.as_slice(), whole.as_slice()));
            assert!((0..whole.len()).all(|cut| Elements(&whole[..cut]).next().is_none()));
        }
        assert!(Elements(&[0x30, 0x80, 0, 0]).next().is_none(), "indefinite length");
        assert!(Elements(&[0x30, 0x83, 0, 0, 0]).next().is_none());
        assert!(Elements(&[0x02, 0]).expect(SEQUENCE).is_none());
    }
}
