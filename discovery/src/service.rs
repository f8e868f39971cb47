//! Names of services (RFC 6763 §4.1, §7): the type `_lock._tcp`, and one instance of it, `Hall Door._lock._tcp`.
//!
//! The name of an instance is text for people: up to 63 bytes of UTF-8, with spaces and dots. As typed, it may have
//! the escapes of RFC 6763 §4.3, which avahi prints as well: `Hall\032Door` (decimal), `\.`, `\\`.

use std::{fmt, str::FromStr};

use handclasp_codec::Printable;

/// Limit of the name of an instance in bytes: one DNS label.
const INSTANCE_MAX: usize = 63;

/// Limit of a service name in bytes (RFC 6335 §5.1).
const SERVICE_MAX: usize = 15;

/// The domain of multicast DNS.
const LOCAL: &str = "local";

/// The type of a service over TCP in the domain `local`, such as `_lock._tcp`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServiceType(String);

/// One instance of a service, such as `Hall Door._lock._tcp`.
#[derive(Clone, Debug)]
pub struct ServiceName {
    instance: String,
    of_type: ServiceType,
}

/// Why a text does not parse as the name of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// Does not end with the type of a service.
    NoType(String),
    /// A service over UDP.
    Udp(String),
    /// A domain other than `local`.
    Domain(String),
    /// Not a service name of RFC 6335 §5.1: the name, and what is wrong.
    Service(String, &'static str),
    /// An instance where a type is expected.
    Instance(String),
    /// A type where an instance is expected.
    NoInstance(String),
    /// The name of the instance: the offset in the text, and what is wrong.
    Text(usize, &'static str),
    /// The name of the instance is longer than a DNS label: its length.
    TooLong(usize),
}

impl ServiceType {
    /// Parses `_lock._tcp`; `.local` may follow.
    ///
    /// # Errors
    /// What is wrong, and what is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match split(text)? {
            (None, of_type) => Ok(of_type),
            (Some(_), _) => Err(NameError::Instance(Printable(text).to_string())),
        }
    }

    /// The type without a domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in DNS.
    pub(crate) fn domain_name(&self) -> String {
        format!("{}.{LOCAL}.", self.0)
    }
}

impl ServiceName {
    /// The instance of this name, which has no escapes.
    ///
    /// # Errors
    /// The name is empty, longer than 63 bytes, or has control characters.
    pub fn new(instance: &str, of_type: &ServiceType) -> Result<Self, NameError> {
        if instance.is_empty() {
            return Err(NameError::NoInstance(of_type.0.clone()));
        }
        if instance.len() > INSTANCE_MAX {
            return Err(NameError::TooLong(instance.len()));
        }
        if let Some((offset, _)) = instance.char_indices().find(|(_, c)| c.is_control()) {
            return Err(NameError::Text(offset, "a control character, which a name must not have"));
        }
        Ok(Self { instance: instance.to_owned(), of_type: of_type.clone() })
    }

    /// Parses `Hall Door._lock._tcp`, also with escapes: `Hall\032Door._lock._tcp`. `.local` may follow.
    ///
    /// # Errors
    /// What is wrong, and what is expected.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match split(text)? {
            (Some(instance), of_type) if !instance.is_empty() => Self::new(&unescape(instance)?, &of_type),
            (_, of_type) => Err(NameError::NoInstance(of_type.0)),
        }
    }

    /// The name of an announcement, as the library of multicast DNS reads it: without escapes.
    pub(crate) fn announced(full_name: &str, of_type: &ServiceType) -> Option<Self> {
        let at = full_name.len().checked_sub(of_type.domain_name().len())?;
        let (instance, rest) = full_name.split_at_checked(at)?;
        let instance = instance.strip_suffix('.')?;
        rest.eq_ignore_ascii_case(&of_type.domain_name()).then_some(())?;
        Self::new(instance, of_type).ok()
    }

    /// The text for people, as announced. It may have characters that do not print: `Display` escapes them.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The type.
    pub fn service_type(&self) -> &ServiceType {
        &self.of_type
    }

    /// The name in a file of known peers: instance and type, without escapes.
    pub fn known_peer_name(&self) -> String {
        format!("{}.{}", self.instance, self.of_type.0)
    }
}

/// DNS names differ by more than the case of ASCII letters.
impl PartialEq for ServiceName {
    fn eq(&self, other: &Self) -> bool {
        self.instance.eq_ignore_ascii_case(&other.instance) && self.of_type == other.of_type
    }
}

impl Eq for ServiceName {}

/// The instance as typed, if there is one, and the type.
fn split(text: &str) -> Result<(Option<&str>, ServiceType), NameError> {
    let name = text.strip_suffix('.').unwrap_or(text);
    let name = strip_label(name, LOCAL).unwrap_or(name);
    let Some(rest) = strip_label(name, "_tcp") else {
        return Err(match strip_label(name, "_udp") {
            Some(_) => NameError::Udp(Printable(text).to_string()),
            None if has_label(name, "_tcp") => NameError::Domain(Printable(text).to_string()),
            None => NameError::NoType(Printable(text).to_string()),
        });
    };
    let (instance, label) = match rest.rsplit_once('.') {
        Some((instance, label)) => (Some(instance), label),
        None => (None, rest),
    };
    let Some(service) = label.strip_prefix('_') else {
        return Err(NameError::Service(
            Printable(label).to_string(),
            "expected an underscore in front of it",
        ));
    };
    match service_problem(service) {
        Some(problem) => Err(NameError::Service(Printable(label).to_string(), problem)),
        None => Ok((instance, ServiceType(format!("_{}._tcp", service.to_ascii_lowercase())))),
    }
}

/// The text before a last label.
fn strip_label<'t>(text: &'t str, label: &str) -> Option<&'t str> {
    let (rest, last) = text.rsplit_once('.')?;
    last.eq_ignore_ascii_case(label).then_some(rest)
}

fn has_label(text: &str, label: &str) -> bool {
    text.split('.').any(|one| one.eq_ignore_ascii_case(label))
}

/// RFC 6335 §5.1.
fn service_problem(service: &str) -> Option<&'static str> {
    let is_hyphen_at_end = service.starts_with('-') || service.ends_with('-');
    if service.is_empty() || service.len() > SERVICE_MAX {
        return Some("expected 1 to 15 characters after the underscore");
    }
    if !service.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Some("expected letters, digits and hyphens only");
    }
    if !service.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return Some("expected at least one letter");
    }
    (is_hyphen_at_end || service.contains("--")).then_some("expected hyphens only between letters or digits")
}

/// RFC 6763 §4.3, RFC 1035 §5.1: `\DDD` is a byte in decimal, `\` before another character is that character.
fn unescape(text: &str) -> Result<String, NameError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.char_indices();
    while let Some((offset, c)) = rest.next() {
        if c != '\\' {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        let wrong =
            NameError::Text(offset, "after a backslash expected three digits up to 255, or a character");
        let (_, next) = rest.next().ok_or_else(|| wrong.clone())?;
        if !next.is_ascii_digit() {
            let mut buffer = [0; 4];
            bytes.extend_from_slice(next.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        let mut digits = String::from(next);
        digits.extend(rest.by_ref().take(2).map(|(_, c)| c));
        let is_number = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
        bytes.push(digits.parse().ok().filter(|_| is_number).ok_or(wrong)?);
    }
    String::from_utf8(bytes).map_err(|_| NameError::Text(0, "escapes that are not UTF-8"))
}

impl FromStr for ServiceType {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl FromStr for ServiceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Safe to print: characters that a terminal would act on, or that hide what a name is, are `\u{…}`.
impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Printable(&self.instance), self.of_type.0)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoType(found) => {
                write!(f, "expected a type such as _lock._tcp at the end, found {found:?}")
            }
            Self::Udp(found) => {
                write!(f, "{found:?} is a service over UDP; TLS needs TCP: expected such as _lock._tcp")
            }
            Self::Domain(found) => write!(
                f,
                "{found:?} is in a domain of DNS; multicast DNS has only the domain local: expected ._tcp at the \
                 end"
            ),
            Self::Service(found, problem) => {
                write!(f, "the service name {found:?}: {problem}, such as _lock")
            }
            Self::Instance(found) => {
                write!(f, "expected a type such as _lock._tcp, found one peer of it: {found:?}")
            }
            Self::NoInstance(found) => {
                write!(f, "expected the name of a peer in front of {found}, such as \"Hall Door.{found}\"")
            }
            Self::Text(offset, problem) => write!(f, "the name has {problem} (at byte {offset})"),
            Self::TooLong(found) => {
                write!(f, "the name has {found} bytes; at most {INSTANCE_MAX} are permitted")
            }
        }
    }
}

impl std::error::Error for NameError {}

#[cfg(test)]
mod tests;
