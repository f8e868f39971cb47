//! Names (RFC 5280 §4.1.2.4), as far as people and issuers need them.

use handclasp_codec::Printable;

use crate::{
    der::{OBJECT_IDENTIFIER, Reader, SEQUENCE, SET, oid_text},
    finding::Log,
};

/// A name.
#[derive(Clone, Debug)]
pub(crate) struct Name<'a> {
    /// With tag and length, as issuers are found by it.
    pub(crate) whole: &'a [u8],
    pub(crate) offset: usize,
    /// For people.
    pub(crate) text: String,
}

impl Name<'_> {
    /// Whether it has no attributes.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Reads the next element as a name.
pub(crate) fn read<'a>(
    reader: &mut Reader<'a>,
    field: &str,
    der: &'a [u8],
    log: &mut Log,
) -> Option<Name<'a>> {
    let element = reader.expect(SEQUENCE, field, log)?;
    let mut parts = Vec::new();
    let mut rdns = element.inside();
    while !rdns.is_empty() {
        let Some(rdn) = rdns.expect(SET, field, log) else { break };
        let mut attributes = rdn.inside();
        while !attributes.is_empty() {
            let Some(attribute) = attributes.expect(SEQUENCE, field, log) else { break };
            let mut fields = attribute.inside();
            let Some(id) = fields.expect(OBJECT_IDENTIFIER, field, log) else { break };
            let Some(value) = fields.next(field, log) else { break };
            parts.push(format!("{}={}", attribute_name(id.content), text(value.content)));
        }
    }
    Some(Name { whole: element.whole(der), offset: element.offset, text: parts.join(", ") })
}

/// Text from a file: safe to print, and not longer than a line.
pub(crate) fn text(bytes: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(bytes).chars().take(80).collect();
    Printable(&text).to_string()
}

/// The short name of an attribute type.
fn attribute_name(id: &[u8]) -> String {
    let name = match id {
        b"\x55\x04\x03" => "CN",
        b"\x55\x04\x05" => "serialNumber",
        b"\x55\x04\x06" => "C",
        b"\x55\x04\x07" => "L",
        b"\x55\x04\x08" => "ST",
        b"\x55\x04\x0a" => "O",
        b"\x55\x04\x0b" => "OU",
        other => return oid_text(other),
    };
    name.to_owned()
}
