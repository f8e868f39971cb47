//! Names of subjects and issuers as text for people (RFC 5280 §4.1.2.4, escaped as in RFC 4514 §2.4). Nothing
//! in it can move the cursor of a terminal or change the direction of text.

use alloc::{format, string::String, vec::Vec};

use handclasp_codec::is_hidden;

use crate::der::{Elements, Malformed, OBJECT_IDENTIFIER, SEQUENCE, SET};

/// Attribute types with a short name (RFC 4514 §3, RFC 5280 §A.1), by the content of their OID.
const SHORT_NAMES: &[(&[u8], &str)] = &[
    (b"\x55\x04\x03", "CN"),
    (b"\x55\x04\x04", "SN"),
    (b"\x55\x04\x05", "serialNumber"),
    (b"\x55\x04\x06", "C"),
    (b"\x55\x04\x07", "L"),
    (b"\x55\x04\x08", "ST"),
    (b"\x55\x04\x09", "street"),
    (b"\x55\x04\x0a", "O"),
    (b"\x55\x04\x0b", "OU"),
    (b"\x55\x04\x0c", "title"),
    (b"\x55\x04\x2a", "GN"),
    (b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC"),
    (b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID"),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress"),
];

/// UniversalString and BMPString.
const UNIVERSAL_STRING: u8 = 0x1c;
const BMP_STRING: u8 = 0x1e;
/// T61String, which programs use as Latin-1.
const T61_STRING: u8 = 0x14;

/// Characters of a name that are shown; more are cut.
const MAX: usize = 512;

/// A Name (DER) as `CN=device 7, O=Example`, in the order of the certificate. A name that does not parse is
/// shown as far as it does.
pub(crate) fn distinguished_name(name: &[u8]) -> String {
    let mut text = String::new();
    if append(name, &mut text).is_err() {
        text.push_str(if text.is_empty() { "(does not parse)" } else { ", (the rest does not parse)" });
    }
    match text.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn append(name: &[u8], text: &mut String) -> Result<(), Malformed> {
    let mut names = Elements::of_sequence(name)?;
    while names.tag().is_some() {
        let mut set = Elements(names.expect(SET)?);
        let mut separator = ", ";
        while set.tag().is_some() {
            let mut attribute = Elements(set.expect(SEQUENCE)?);
            let id = attribute.expect(OBJECT_IDENTIFIER)?;
            let (tag, value) = (attribute.tag(), attribute.take()?);
            if !text.is_empty() {
                text.push_str(separator);
            }
            match SHORT_NAMES.iter().find(|(oid, _)| *oid == id) {
                Some((_, short)) => text.push_str(short),
                None => text.push_str(&dotted(id)),
            }
            text.push('=');
            text.push_str(&escaped(&decoded(tag, value)));
            separator = "+";
        }
    }
    Ok(())
}

/// The characters of a string type.
fn decoded(tag: Option<u8>, value: &[u8]) -> String {
    match tag {
        Some(T61_STRING) => value.iter().copied().map(char::from).collect(),
        Some(BMP_STRING) => {
            let (units, _) = value.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|two| u16::from_be_bytes(*two)).collect();
            String::from_utf16_lossy(&units)
        }
        Some(UNIVERSAL_STRING) => {
            let (units, _) = value.as_chunks::<4>();
            let read = |four: &[u8; 4]| char::from_u32(u32::from_be_bytes(*four));
            units.iter().map(|four| read(four).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => String::from_utf8_lossy(value).into_owned(),
    }
}

/// A value with the characters escaped that separate values, and those that do not print.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        match c {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => text.extend(['\\', c]),
            _ if is_hidden(c) => text.extend(c.escape_unicode()),
            _ => text.push(c),
        }
    }
    text
}

/// An OID in dotted form (X.690 §8.19).
pub(crate) fn dotted(id: &[u8]) -> String {
    let mut text = String::new();
    let mut number = 0_u64;
    for byte in id {
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 != 0 {
            continue;
        }
        let part = match (text.is_empty(), number) {
            (true, 0..=79) => format!("{}.{}", number.div_euclid(40), number.rem_euclid(40)),
            (true, _) => format!("2.{}", number.saturating_sub(80)),
            (false, _) => format!(".{number}"),
        };
        text.push_str(&part);
        number = 0;
    }
    text
}
