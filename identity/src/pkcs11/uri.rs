//! PKCS#11 URIs (RFC 7512): which module, which token, which object.

use core::{fmt, str::FromStr};
use std::{
    path::{Path, PathBuf},
    string::{String, ToString},
    vec::Vec,
};

/// A PKCS#11 URI. What is not named matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pkcs11Uri {
    /// The label of the token.
    pub token: Option<String>,
    /// The manufacturer of the token.
    pub manufacturer: Option<String>,
    /// The model of the token.
    pub model: Option<String>,
    /// The serial number of the token.
    pub serial: Option<String>,
    /// The label of the object (CKA_LABEL).
    pub object: Option<String>,
    /// The identifier of the object (CKA_ID).
    pub id: Option<Vec<u8>>,
    /// The class of the object.
    pub object_type: Option<ObjectType>,
    /// The number of the slot. Modules may number slots anew at each start.
    pub slot_id: Option<u64>,
    /// The file of the module.
    pub module_path: Option<PathBuf>,
    /// The name of the module, without `lib` in front and ending.
    pub module_name: Option<String>,
    /// Where the PIN is: `file:/PATH` or a path.
    pub pin_source: Option<String>,
    /// Path attributes that are not known here. Nothing matches a URI with one of them.
    pub unknown: Vec<String>,
}

/// A class of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectType {
    /// `private`: a private key.
    Private,
    /// `public`: a public key.
    Public,
    /// `cert`: a certificate.
    Certificate,
    /// `secret-key`: a symmetric key.
    SecretKey,
    /// `data`: anything else.
    Data,
}

impl ObjectType {
    const NAMES: [(Self, &str); 5] = [
        (Self::Private, "private"),
        (Self::Public, "public"),
        (Self::Certificate, "cert"),
        (Self::SecretKey, "secret-key"),
        (Self::Data, "data"),
    ];
}

/// Why a text is not a PKCS#11 URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriError {
    /// The offset of what is wrong, in bytes.
    pub offset: usize,
    reason: String,
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a PKCS#11 URI (RFC 7512): at offset {}: {}", self.offset, self.reason)
    }
}

impl core::error::Error for UriError {}

/// An attribute, still percent-encoded, and where its value starts.
struct Attribute<'a> {
    name: &'a str,
    value: &'a str,
    offset: usize,
}

impl FromStr for Pkcs11Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        const SCHEME: &str = "pkcs11:";
        let is_scheme = text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
        if !is_scheme {
            return Err(wrong(0, "expected \"pkcs11:\", such as pkcs11:token=NAME;object=NAME"));
        }
        let rest = text.get(SCHEME.len()..).unwrap_or_default();
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let mut uri = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for attribute in attributes(path, ';', SCHEME.len()) {
            let attribute = attribute?;
            // The query's attributes of vendors may come twice, those of the path may not.
            if seen.contains(&attribute.name) {
                return Err(wrong(attribute.offset, format_args!("{} stands twice", attribute.name)));
            }
            seen.push(attribute.name);
            uri.path_attribute(&attribute)?;
        }
        let start = SCHEME.len().saturating_add(path.len()).saturating_add(1);
        for attribute in attributes(query.unwrap_or_default(), '&', start) {
            uri.query_attribute(&attribute?)?;
        }
        Ok(uri)
    }
}

impl Pkcs11Uri {
    /// The URI with its query: module and source of the PIN. `Display` leaves the query out, which says nothing in a message.
    pub fn with_query(&self) -> String {
        let path = self.module_path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let mut text = self.to_string();
        let mut separator = '?';
        for (name, value) in
            [("module-path", &path), ("module-name", &self.module_name), ("pin-source", &self.pin_source)]
        {
            if let Some(value) = value {
                text.push(separator);
                // Slashes may stand in a query as they are (RFC 7512 §2.3).
                text += &std::format!("{name}={}", Encoded(value.as_bytes())).replace("%2F", "/");
                separator = '&';
            }
        }
        text
    }

    fn path_attribute(&mut self, attribute: &Attribute<'_>) -> Result<(), UriError> {
        match attribute.name {
            "token" => self.token = Some(attribute.text()?),
            "manufacturer" => self.manufacturer = Some(attribute.text()?),
            "model" => self.model = Some(attribute.text()?),
            "serial" => self.serial = Some(attribute.text()?),
            "object" => self.object = Some(attribute.text()?),
            "id" => self.id = Some(attribute.bytes()?),
            "type" => {
                let found = ObjectType::NAMES.iter().find(|(_, name)| *name == attribute.value);
                let (found, _) = found.ok_or_else(|| {
                    wrong(attribute.offset, "expected private, public, cert, secret-key or data")
                })?;
                self.object_type = Some(*found);
            }
            "slot-id" => {
                let number = attribute.text()?.parse();
                let expected = |_| wrong(attribute.offset, "expected the number of a slot");
                self.slot_id = Some(number.map_err(expected)?);
            }
            other => {
                attribute.bytes()?;
                self.unknown.push(other.to_string());
            }
        }
        Ok(())
    }

    fn query_attribute(&mut self, attribute: &Attribute<'_>) -> Result<(), UriError> {
        match attribute.name {
            // A module is code. Which one is loaded does not depend on the directory that the program runs in.
            "module-path" => {
                let path = attribute.text()?;
                if !Path::new(&path).is_absolute() {
                    return Err(wrong(
                        attribute.offset,
                        format_args!("expected an absolute path, found {path:?}"),
                    ));
                }
                self.module_path = Some(PathBuf::from(path));
            }
            "module-name" => {
                let name = attribute.text()?;
                if name.is_empty() || name.contains(['/', '\\', '\0']) {
                    return Err(wrong(
                        attribute.offset,
                        format_args!("expected a name without a folder, found {name:?}"),
                    ));
                }
                self.module_name = Some(name);
            }
            "pin-source" => self.pin_source = Some(attribute.text()?),
            "pin-value" => {
                return Err(wrong(
                    attribute.offset,
                    "pin-value is not accepted: a PIN in a URI stands in command lines, process lists and logs; \
                     put it into a file (pin-source=file:/PATH), an environment variable, or type it",
                ));
            }
            // Vendor attributes of the query are ignored (RFC 7512 §2.3).
            _ => {
                attribute.bytes()?;
            }
        }
        Ok(())
    }
}

/// The attributes of a component that starts at that offset of the text.
fn attributes(
    component: &str,
    separator: char,
    start: usize,
) -> impl Iterator<Item = Result<Attribute<'_>, UriError>> {
    let mut offset = start;
    component.split(separator).filter(move |_| !component.is_empty()).map(move |part| {
        let here = offset;
        offset = offset.saturating_add(part.len()).saturating_add(1);
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| wrong(here, format_args!("expected NAME=VALUE, found {part:?}")))?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(wrong(here, format_args!("{name:?} is not the name of an attribute")));
        }
        Ok(Attribute { name, value, offset: here.saturating_add(name.len()).saturating_add(1) })
    })
}

impl Attribute<'_> {
    /// The value without percent-encoding.
    fn bytes(&self) -> Result<Vec<u8>, UriError> {
        let mut out = Vec::with_capacity(self.value.len());
        let mut rest = self.value.bytes().enumerate();
        while let Some((index, byte)) = rest.next() {
            let offset = self.offset.saturating_add(index);
            let digit =
                |found: Option<(usize, u8)>| found.and_then(|(_, byte)| char::from(byte).to_digit(16));
            match byte {
                b'%' => {
                    let pair = digit(rest.next()).zip(digit(rest.next()));
                    let (high, low) =
                        pair.ok_or_else(|| wrong(offset, "expected % and two hexadecimal digits"))?;
                    out.push(u8::try_from(high.saturating_mul(16).saturating_add(low)).unwrap_or_default());
                }
                // Unreserved, and the reserved ones that a value may hold (RFC 7512 §2.3).
                _ if byte.is_ascii_alphanumeric() || b"-._~:[]@!$'()*+,=&/?|".contains(&byte) => {
                    out.push(byte)
                }
                _ => {
                    let found =
                        self.value.get(index..).and_then(|rest| rest.chars().next()).unwrap_or_default();
                    let encoded =
                        format_args!("{found:?} must be percent-encoded, such as %{byte:02X}").to_string();
                    return Err(wrong(offset, encoded));
                }
            }
        }
        Ok(out)
    }

    fn text(&self) -> Result<String, UriError> {
        String::from_utf8(self.bytes()?).map_err(|_| wrong(self.offset, "the value is not UTF-8"))
    }
}

fn wrong(offset: usize, reason: impl ToString) -> UriError {
    UriError { offset, reason: reason.to_string() }
}

/// Writes the URI, without the source of the PIN: it is for messages.
impl fmt::Display for Pkcs11Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pkcs11:")?;
        let mut separator = "";
        let slot = self.slot_id.map(|number| number.to_string());
        for (name, value) in [
            ("token", &self.token),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("serial", &self.serial),
            ("slot-id", &slot),
            ("object", &self.object),
        ] {
            if let Some(value) = value {
                write!(f, "{separator}{name}={}", Encoded(value.as_bytes()))?;
                separator = ";";
            }
        }
        if let Some(id) = &self.id {
            write!(f, "{separator}id=")?;
            id.iter().try_for_each(|byte| write!(f, "%{byte:02X}"))?;
        }
        Ok(())
    }
}

struct Encoded<'a>(&'a [u8]);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| match byte {
            _ if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => write!(f, "{}", char::from(*byte)),
            _ => write!(f, "%{byte:02X}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Pkcs11Uri, UriError> {
        text.parse()
    }

    #[test]
    fn every_attribute() {
        let uri = parse(
            "PKCS11:token=The%20Software%20token;manufacturer=Snake%20Oil;model=1.0;serial=4a12;\
             object=my%2Dkey;id=%69%95%3E%5C%f4;type=private;slot-id=327?module-path=/lib/a%3Fb.so&\
             module-name=snake&pin-source=file:/etc/token_pin&x-vendor=1&x-vendor=2",
        )
        .expect("parses");
        let text = |text: &str| Some(text.to_string());
        assert_eq!(
            uri,
            Pkcs11Uri {
                token: text("The Software token"),
                manufacturer: text("Snake Oil"),
                model: text("1.0"),
                serial: text("4a12"),
                object: text("my-key"),
                id: Some(b"\x69\x95\x3e\x5c\xf4".to_vec()),
                object_type: Some(ObjectType::Private),
                slot_id: Some(327),
                module_path: Some("/lib/a?b.so".into()),
                module_name: text("snake"),
                pin_source: text("file:/etc/token_pin"),
                unknown: Vec::new(),
            }
        );
        let shown = "pkcs11:token=The%20Software%20token;manufacturer=Snake%20Oil;model=1.0;serial=4a12;\
                     slot-id=327;object=my-key;id=%69%95%3E%5C%F4";
        assert_eq!(uri.to_string(), shown, "without the PIN's source");
        assert_eq!(parse(shown).expect("parses").id, uri.id);
        let whole = Pkcs11Uri { object_type: None, ..uri };
        assert!(whole.with_query().contains("?module-path=/lib/a%3Fb.so&module-name=snake&pin-source="));
        assert_eq!(parse(&whole.with_query()).expect("parses"), whole);
        assert_eq!(parse("pkcs11:"), Ok(Pkcs11Uri::default()));
        assert_eq!(parse("pkcs11:?module-path=/a").expect("parses").module_path, Some("/a".into()));
        let unknown = parse("pkcs11:token=a;x-shelf=3;library-version=2.1").expect("parses");
        assert_eq!(unknown.unknown, ["x-shelf", "library-version"]);
        for (kind, name) in ObjectType::NAMES {
            assert_eq!(parse(&std::format!("pkcs11:type={name}")).expect("parses").object_type, Some(kind));
        }
    }

    #[test]
    fn what_is_wrong_and_where() {
        for (text, offset, reason) in [
            ("token=a", 0, "expected \"pkcs11:\""),
            ("", 0, "expected \"pkcs11:\""),
            ("pkcs11:token", 7, "expected NAME=VALUE"),
            ("pkcs11:token=a;;id=%01", 15, "expected NAME=VALUE"),
            ("pkcs11:=a", 7, "not the name of an attribute"),
            ("pkcs11:to ken=a", 7, "not the name of an attribute"),
            ("pkcs11:token=my token", 15, "' ' must be percent-encoded, such as %20"),
            ("pkcs11:token=Bü", 14, "'ü' must be percent-encoded"),
            ("pkcs11:id=%0", 10, "two hexadecimal digits"),
            ("pkcs11:id=%01%xy", 13, "two hexadecimal digits"),
            ("pkcs11:token=%ff", 13, "not UTF-8"),
            ("pkcs11:token=a;token=b", 21, "token stands twice"),
            ("pkcs11:type=key", 12, "expected private, public"),
            ("pkcs11:slot-id=first", 15, "number of a slot"),
            ("pkcs11:token=a?pin-value=1234", 25, "pin-value is not accepted"),
            ("pkcs11:token=a?pin-source", 15, "expected NAME=VALUE"),
            ("pkcs11:?module-path=lib.so", 20, "expected an absolute path, found \"lib.so\""),
            ("pkcs11:?module-path=./lib.so", 20, "expected an absolute path"),
            ("pkcs11:?module-path=", 20, "expected an absolute path"),
            ("pkcs11:?module-name=x/../../tmp/evil", 20, "expected a name without a folder"),
            ("pkcs11:?module-name=", 20, "expected a name without a folder"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.offset, offset, "{text}: {error}");
            assert!(error.to_string().contains(reason), "{text}: {error}");
        }
        let error = parse("pkcs11:token=a?pin-value=1234").expect_err("refused").to_string();
        assert!(!error.contains("1234"), "the PIN is not repeated: {error}");
    }
}
