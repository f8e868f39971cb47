//! Subjects of requests and of the CA, as rcgen writes them.

use rcgen::{DistinguishedName, DnType, DnValue, string::BmpString};
use x509_cert::{
    attr::AttributeTypeAndValue,
    der::{Tag, Tagged},
    name::Name,
};

/// The longest value of an attribute, in characters; RFC 5280 §A.1 has 64 to 128 for most.
const VALUE_MAX: usize = 128;

/// The most attributes.
const ATTRIBUTES_MAX: usize = 16;

/// As rcgen writes it.
///
/// # Errors
/// Why this subject is not written: an attribute twice, several in one RDN, a value that is not text.
pub(crate) fn to_rcgen(name: &Name) -> Result<DistinguishedName, String> {
    let mut written = DistinguishedName::new();
    if name.0.len() > ATTRIBUTES_MAX {
        return Err(format!("it has {} attributes, expected at most {ATTRIBUTES_MAX}", name.0.len()));
    }
    for rdn in &name.0 {
        let [attribute] = rdn.0.as_slice() else {
            return Err("several attributes are in one RDN".to_owned());
        };
        let arcs: Vec<u64> = attribute.oid.arcs().map(u64::from).collect();
        let kind = DnType::from_oid(&arcs);
        if written.get(&kind).is_some() {
            return Err(format!("it has the attribute {} twice", label(attribute)));
        }
        written.push(kind, value(attribute)?);
    }
    Ok(written)
}

/// The value, in the string type that it has.
fn value(attribute: &AttributeTypeAndValue) -> Result<DnValue, String> {
    let bytes = attribute.value.value();
    let bad = || format!("the value of {} is not text of at most {VALUE_MAX} characters", label(attribute));
    let utf8 = || core::str::from_utf8(bytes).map_err(|_| bad());
    let is_text = |text: &str| {
        !text.is_empty() && text.chars().count() <= VALUE_MAX && !text.chars().any(char::is_control)
    };
    let value = match attribute.value.tag() {
        Tag::BmpString => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| pair.iter().fold(0, |unit, byte| (unit << 8) | u16::from(*byte)));
            let text: String = char::decode_utf16(units).collect::<Result<_, _>>().map_err(|_| bad())?;
            BmpString::from_utf16be(bytes.to_vec()).ok().filter(|_| is_text(&text)).map(DnValue::BmpString)
        }
        Tag::Utf8String => Some(utf8()?).filter(|text| is_text(text)).map(DnValue::from),
        Tag::PrintableString => {
            utf8()?.try_into().ok().filter(|_| utf8().is_ok_and(is_text)).map(DnValue::PrintableString)
        }
        Tag::Ia5String => {
            utf8()?.try_into().ok().filter(|_| utf8().is_ok_and(is_text)).map(DnValue::Ia5String)
        }
        Tag::TeletexString => {
            utf8()?.try_into().ok().filter(|_| utf8().is_ok_and(is_text)).map(DnValue::TeletexString)
        }
        _ => None,
    };
    value.ok_or_else(bad)
}

/// The attribute's name, without its value.
fn label(attribute: &AttributeTypeAndValue) -> String {
    let text = attribute.to_string();
    text.split('=').next().unwrap_or_default().to_owned()
}

/// The common name as text, if there is one.
pub(crate) fn common_name(name: &Name) -> Option<String> {
    // id-at-commonName
    let is_common_name = |attribute: &&AttributeTypeAndValue| attribute.oid.to_string() == "2.5.4.3";
    let attribute = name.0.iter().flat_map(|rdn| rdn.0.iter()).find(is_common_name)?;
    core::str::from_utf8(attribute.value.value()).ok().map(str::to_owned)
}
