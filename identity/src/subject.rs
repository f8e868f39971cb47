//! The subject of a certificate or request: attributes of its distinguished name (RFC 5280 §4.1.2.6).

use alloc::{string::String, vec::Vec};
use core::fmt;

use rcgen::{DistinguishedName, DnType, DnValue};

use crate::IssueError;

/// An attribute of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectField {
    /// CN, at most 64 characters.
    CommonName,
    /// O, at most 64 characters.
    Organization,
    /// OU, at most 64 characters.
    OrganizationalUnit,
    /// C, the two letters of ISO 3166.
    Country,
    /// ST, at most 128 characters.
    State,
    /// L, at most 128 characters.
    Locality,
    /// serialNumber of the device, at most 64 characters of ASCII. It has nothing to do with the serial
    /// number of the certificate.
    SerialNumber,
}

impl SubjectField {
    /// Upper bound in characters (RFC 5280 §A.1).
    fn limit(self) -> usize {
        match self {
            Self::Country => 2,
            Self::State | Self::Locality => 128,
            Self::CommonName | Self::Organization | Self::OrganizationalUnit | Self::SerialNumber => 64,
        }
    }

    fn attribute(self) -> DnType {
        match self {
            Self::CommonName => DnType::CommonName,
            Self::Organization => DnType::OrganizationName,
            Self::OrganizationalUnit => DnType::OrganizationalUnitName,
            Self::Country => DnType::CountryName,
            Self::State => DnType::StateOrProvinceName,
            Self::Locality => DnType::LocalityName,
            // id-at-serialNumber
            Self::SerialNumber => DnType::CustomDnType(Vec::from([2, 5, 4, 5])),
        }
    }

    /// The value in the string type that RFC 5280 §A.1 gives the attribute; `None` if it does not fit.
    fn value(self, text: &str) -> Option<DnValue> {
        let count = text.chars().count();
        let fits = count > 0 && count <= self.limit() && !text.chars().any(char::is_control);
        match self {
            _ if !fits => None,
            Self::Country if !is_country(text) => None,
            Self::Country | Self::SerialNumber => text.try_into().ok().map(DnValue::PrintableString),
            _ => Some(DnValue::Utf8String(String::from(text))),
        }
    }
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// Writes the fields in their order.
pub(crate) fn name(fields: &[(SubjectField, &str)]) -> Result<DistinguishedName, IssueError> {
    let mut name = DistinguishedName::new();
    for (field, text) in fields {
        let refused = || IssueError::Subject(*field, String::from(*text));
        // The library keeps one value of each attribute.
        if name.get(&field.attribute()).is_some() {
            return Err(refused());
        }
        name.push(field.attribute(), field.value(text).ok_or_else(refused)?);
    }
    Ok(name)
}

/// What is expected of a value.
pub(crate) fn refused(f: &mut fmt::Formatter<'_>, field: SubjectField, value: &str) -> fmt::Result {
    let expected = match field {
        SubjectField::Country => "two capital letters, such as DE",
        SubjectField::SerialNumber => "one value of 1 to 64 letters, digits, spaces and '()+,-./:=?",
        SubjectField::State | SubjectField::Locality => {
            "one value of 1 to 128 characters without control characters"
        }
        SubjectField::CommonName | SubjectField::Organization | SubjectField::OrganizationalUnit => {
            "one value of 1 to 64 characters without control characters"
        }
    };
    write!(f, "{value:?} is not a value of the subject's {field:?}: expected {expected}")
}
