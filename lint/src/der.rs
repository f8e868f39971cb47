//! DER (X.690 §10) read tolerantly: every element keeps its offset, and reading goes on behind an error. What
//! decides anything else reads with `handclasp_crypto::der`, which accepts no error.

pub(crate) use handclasp_crypto::der::{
    BIT_STRING, BOOLEAN, CONTEXT_0, CONTEXT_3, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE,
};

use crate::{Code, finding::Log};

/// Tag of a SET.
pub(crate) const SET: u8 = 0x31;
/// Tag of a UTCTime.
pub(crate) const UTC_TIME: u8 = 0x17;
/// Tag of a GeneralizedTime.
pub(crate) const GENERALIZED_TIME: u8 = 0x18;

/// An element at its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    /// Offset of the tag.
    pub(crate) offset: usize,
    /// Offset of the content.
    pub(crate) start: usize,
    /// As far as the enclosing element has it.
    pub(crate) content: &'a [u8],
    /// As announced.
    pub(crate) length: usize,
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub(crate) fn inside(&self) -> Reader<'a> {
        Reader { bytes: self.content, offset: self.start }
    }

    /// Offset behind it.
    pub(crate) fn end(&self) -> usize {
        self.start.saturating_add(self.content.len())
    }

    /// Whether its content is shorter than announced.
    pub(crate) fn is_cut(&self) -> bool {
        self.length != self.content.len()
    }

    /// The element with tag and length, out of the DER that it was read from.
    pub(crate) fn whole(&self, der: &'a [u8]) -> &'a [u8] {
        der.get(self.offset..self.end()).unwrap_or_default()
    }
}

/// Elements that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) bytes: &'a [u8],
    /// Offset of the first of these bytes.
    pub(crate) offset: usize,
}

/// How a length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Shortest,
    Longer,
    Indefinite,
}

impl<'a> Reader<'a> {
    /// All of a DER.
    pub(crate) fn new(der: &'a [u8]) -> Self {
        Self { bytes: der, offset: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Offset behind the last byte.
    pub(crate) fn end(&self) -> usize {
        self.offset.saturating_add(self.bytes.len())
    }

    pub(crate) fn tag(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// Goes to this offset, which is not in front of the current one.
    pub(crate) fn skip_to(&mut self, offset: usize) {
        let skipped = offset.saturating_sub(self.offset).min(self.bytes.len());
        self.bytes = self.bytes.get(skipped..).unwrap_or_default();
        self.offset = self.offset.saturating_add(skipped);
    }

    /// Header of the next element: its length in bytes, the announced length of the content, its form.
    fn header(&self) -> Option<(usize, usize, Form)> {
        let first = *self.bytes.get(1)?;
        if first < 0x80 {
            return Some((2, usize::from(first), Form::Shortest));
        }
        let count = usize::from(first & 0x7f);
        let end = count.saturating_add(2);
        if count == 0 {
            return Some((2, self.bytes.len().saturating_sub(2), Form::Indefinite));
        }
        let bytes = self.bytes.get(2..end)?;
        let length = bytes.iter().fold(0usize, |length, byte| {
            length.checked_mul(256).map_or(usize::MAX, |length| length.saturating_add(usize::from(*byte)))
        });
        let shortest = length >= 0x80 && bytes.first() != Some(&0);
        Some((end, length, if shortest { Form::Shortest } else { Form::Longer }))
    }

    /// The next element without a word about its errors; `None` at the end or in the middle of a header.
    pub(crate) fn peek(&self) -> Option<Element<'a>> {
        let (header, length, _) = self.header()?;
        let available = self.bytes.get(header..)?;
        let content = available.get(..length.min(available.len()))?;
        let start = self.offset.saturating_add(header);
        Some(Element { tag: self.tag()?, offset: self.offset, start, content, length })
    }

    /// The next element. `field` is its name in findings.
    pub(crate) fn next(&mut self, field: &str, log: &mut Log) -> Option<Element<'a>> {
        let Some((element, (_, _, form))) = self.peek().zip(self.header()) else {
            let found = format!("{} bytes", self.bytes.len());
            log.add(Code::FieldMissing, self.offset, field, found);
            self.skip_to(self.end());
            return None;
        };
        let length_at = self.offset.saturating_add(1);
        match form {
            Form::Shortest => {}
            Form::Longer => {
                log.add(Code::LengthForm, length_at, "the shortest form of the length", "a longer one");
            }
            Form::Indefinite => log.add(Code::LengthForm, length_at, "a definite length", "80 (indefinite)"),
        }
        if element.is_cut() {
            let expected = format!("at most {} bytes of {field}", element.content.len());
            log.add(Code::LengthBeyond, length_at, expected, format!("a length of {}", element.length));
        }
        self.skip_to(element.end());
        Some(element)
    }

    /// The next element if it has this tag; a finding if it has another one, which then stays.
    pub(crate) fn expect(&mut self, tag: u8, field: &str, log: &mut Log) -> Option<Element<'a>> {
        match self.tag() {
            Some(found) if found == tag => self.next(field, log),
            Some(found) => {
                let expected = format!("{} ({field})", tag_name(tag));
                log.add(Code::UnexpectedField, self.offset, expected, tag_name(found));
                None
            }
            None => {
                log.add(Code::FieldMissing, self.offset, format!("{} ({field})", tag_name(tag)), "the end");
                None
            }
        }
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8, field: &str, log: &mut Log) -> Option<Element<'a>> {
        if self.tag() == Some(tag) { self.next(field, log) } else { None }
    }

    /// A finding if bytes follow.
    pub(crate) fn finish(&self, field: &str, log: &mut Log) {
        if !self.is_empty() {
            let found = format!("{} bytes behind it, {}", self.bytes.len(), hex(self.bytes));
            log.add(Code::BytesBehind, self.offset, format!("the end of {field}"), found);
        }
    }

    /// Whether these bytes are whole elements.
    pub(crate) fn is_whole(mut self) -> bool {
        while !self.is_empty() {
            match self.peek() {
                Some(element) if !element.is_cut() => self.skip_to(element.end()),
                _ => return false,
            }
        }
        true
    }
}

/// A tag as the specification names it, and its byte.
pub(crate) fn tag_name(tag: u8) -> String {
    let name = match tag {
        BOOLEAN => "BOOLEAN",
        INTEGER => "INTEGER",
        BIT_STRING => "BIT STRING",
        OCTET_STRING => "OCTET STRING",
        0x05 => "NULL",
        OBJECT_IDENTIFIER => "OBJECT IDENTIFIER",
        SEQUENCE => "SEQUENCE",
        SET => "SET",
        UTC_TIME => "UTCTime",
        GENERALIZED_TIME => "GeneralizedTime",
        0xa0..=0xbe => return format!("[{}] ({tag:02x})", tag & 0x1f),
        _ => return format!("tag {tag:02x}"),
    };
    format!("{name} ({tag:02x})")
}

/// The first bytes as hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text: String = bytes.iter().take(8).map(|byte| format!("{byte:02x} ")).collect();
    text.truncate(text.trim_end().len());
    if bytes.len() > 8 {
        text.push_str(" …");
    }
    text
}

/// An OBJECT IDENTIFIER as numbers with dots; its hex where it is none.
pub(crate) fn oid_text(content: &[u8]) -> String {
    let mut arcs: Vec<u64> = Vec::new();
    let mut value = 0u64;
    for byte in content {
        let Some(shifted) = value.checked_mul(128) else { return hex(content) };
        value = shifted.saturating_add(u64::from(byte & 0x7f));
        if byte & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (value / 40).min(2);
                arcs.push(first);
                value = value.saturating_sub(first.saturating_mul(40));
            }
            arcs.push(value);
            value = 0;
        }
    }
    arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_goes_on_behind_an_error() {
        // INTEGER with a length in the longer form, then a SEQUENCE that announces 9 bytes and has 2.
        let mut log = Log::default();
        let mut reader = Reader::new(&[0x02, 0x81, 0x01, 7, 0x30, 9, 5, 0]);
        let integer = reader.expect(INTEGER, "version", &mut log).unwrap();
        assert_eq!((integer.content, integer.start), (&[7][..], 3));
        let sequence = reader.expect(SEQUENCE, "subject", &mut log).unwrap();
        assert_eq!((sequence.content, sequence.length), (&[5, 0][..], 9));
        assert!(reader.is_empty());
        assert!(reader.expect(SEQUENCE, "key", &mut log).is_none());
        let found: Vec<_> = log.findings.iter().map(|f| (f.code, f.place.der.unwrap())).collect();
        assert_eq!(found, [(Code::LengthForm, 1), (Code::LengthBeyond, 5), (Code::FieldMissing, 8)]);
    }

    #[test]
    fn oids() {
        assert_eq!(oid_text(b"\x2a\x86\x48\xce\x3d\x02\x01"), "1.2.840.10045.2.1");
        assert_eq!(oid_text(b"\x55\x1d\x11"), "2.5.29.17");
        assert_eq!(oid_text(&[0xff; 12]), "ff ff ff ff ff ff ff ff …");
    }
}
