//! A certificate, read once and kept as what the rules ask for (RFC 5280 §4). x509-parser reads
//! it; nothing is judged here.

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, NameConstraints, ParsedExtension};
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::key::Key;
use super::signature::{Algorithm, Verified, verify};

/// What was read of a certificate.
#[derive(Clone, Debug)]
pub struct Certificate {
    pub der: Vec<u8>,
    /// DER of the names, by which certificates find their issuers.
    pub subject: Vec<u8>,
    pub issuer: Vec<u8>,
    /// The same for people.
    pub subject_text: String,
    pub issuer_text: String,
    /// The last common name of the subject.
    pub common_name: Option<String>,
    /// Seconds since 1970.
    pub not_before: i64,
    pub not_after: i64,
    pub key: Key,
    /// How its issuer signed; `None` for what is not known here.
    pub algorithm: Option<Algorithm>,
    pub signature: Vec<u8>,
    /// What its issuer signed.
    pub tbs: Vec<u8>,
    /// 1, 2 or 3.
    pub version: u32,
    pub extensions: Extensions,
}

/// What its extensions say.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// basicConstraints: whether it is a CA, and how many CAs may stand below it.
    pub basic_constraints: Option<(bool, Option<u32>)>,
    pub key_usage: Option<KeyUsage>,
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// subjectAltName; `None` where there is none.
    pub names: Option<Vec<Name>>,
    pub name_constraints: Option<Constraints>,
    pub subject_key: Option<Vec<u8>>,
    pub authority_key: Option<Vec<u8>>,
    /// Where its issuer can be fetched.
    pub ca_issuers: Option<String>,
    /// Critical ones that this program does not know, as numbers with dots.
    pub unknown_critical: Vec<String>,
    /// One that does not parse.
    pub malformed: Option<String>,
}

/// What its key is for (RFC 5280 §4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    pub digital_signature: bool,
    pub key_encipherment: bool,
    pub key_agreement: bool,
    pub key_cert_sign: bool,
}

/// What it is for (RFC 5280 §4.2.1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    pub server_auth: bool,
    pub client_auth: bool,
    /// All that is listed.
    pub text: String,
}

/// A name that certificates carry or constrain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Dns(String),
    /// 4 or 16 bytes; in constraints twice as many, the mask behind.
    Address(Vec<u8>),
    /// The RDNs, DER.
    Directory(Vec<Vec<u8>>),
    /// Other kinds, which TLS does not look at.
    Other(String),
}

/// nameConstraints (RFC 5280 §4.2.1.10).
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    pub permitted: Vec<Name>,
    pub excluded: Vec<Name>,
}

impl Certificate {
    /// Reads one; `None` for what does not parse or does not end where its bytes do.
    pub fn parse(der: &[u8]) -> Option<Self> {
        let (rest, parsed) = X509Certificate::from_der(der).ok()?;
        if !rest.is_empty() {
            return None;
        }
        let common_name = parsed.subject().iter_common_name().last();
        Some(Self {
            der: der.to_vec(),
            subject: parsed.subject().as_raw().to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            subject_text: name_text(parsed.subject()),
            issuer_text: name_text(parsed.issuer()),
            common_name: common_name.and_then(|name| name.as_str().ok()).map(plain),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            key: Key::of(parsed.public_key()),
            algorithm: Algorithm::of_certificate(&parsed.signature_algorithm),
            signature: parsed.signature_value.data.to_vec(),
            tbs: parsed.tbs_certificate.as_ref().to_vec(),
            version: parsed.version().0.saturating_add(1),
            extensions: extensions(&parsed),
        })
    }

    /// Whether it names itself as its issuer.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Its signature under the key of an issuer.
    pub fn verify_under(&self, key: &Key) -> Verified {
        match self.algorithm {
            Some(algorithm) => verify(key, algorithm, &self.tbs, &self.signature),
            None => Verified::CannotTell,
        }
    }

    /// Whether it may be a CA: version 3 must say so, older ones could not.
    pub fn is_ca(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|(ca, _)| ca)
    }

    /// The names that it is for, in words.
    pub fn names_text(&self) -> String {
        let names = self.extensions.names.as_deref().unwrap_or_default();
        let shown: Vec<String> = names.iter().take(12).map(Name::to_string).collect();
        match names.len() > shown.len() {
            true => format!("{} and {} more", shown.join(", "), names.len() - shown.len()),
            false => shown.join(", "),
        }
    }
}

/// Text from a certificate: without control characters, and not longer than a line.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(200).collect()
}

/// A distinguished name in one line.
pub fn name_text(name: &X509Name<'_>) -> String {
    let text = plain(&name.to_string());
    if text.is_empty() { "(an empty name)".to_owned() } else { text }
}

fn extensions(parsed: &X509Certificate<'_>) -> Extensions {
    let mut found = Extensions::default();
    for extension in parsed.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(basic) => {
                found.basic_constraints = Some((basic.ca, basic.path_len_constraint));
            }
            ParsedExtension::KeyUsage(usage) => {
                found.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    key_encipherment: usage.key_encipherment(),
                    key_agreement: usage.key_agreement(),
                    key_cert_sign: usage.key_cert_sign(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => found.extended_key_usage = Some(extended(usage)),
            ParsedExtension::SubjectAlternativeName(names) => {
                found.names = Some(names.general_names.iter().map(name).collect());
            }
            ParsedExtension::NameConstraints(constraints) => {
                found.name_constraints = Some(constraint(constraints));
            }
            ParsedExtension::SubjectKeyIdentifier(id) => found.subject_key = Some(id.0.to_vec()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                found.authority_key = id.key_identifier.as_ref().map(|id| id.0.to_vec());
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                found.ca_issuers = access.iter().find_map(|description| {
                    let issuers = b"\x2b\x06\x01\x05\x05\x07\x30\x02";
                    let GeneralName::URI(uri) = description.access_location else { return None };
                    (description.access_method.as_bytes() == issuers).then(|| plain(uri))
                });
            }
            ParsedExtension::ParseError { .. } => found.malformed = Some(extension.oid.to_id_string()),
            ParsedExtension::UnsupportedExtension { oid } if extension.critical => {
                found.unknown_critical.push(oid.to_id_string());
            }
            // Known ones that no rule asks for.
            _ => {}
        }
    }
    found
}

fn extended(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> ExtendedKeyUsage {
    let listed = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = listed.iter().filter(|(there, _)| *there).map(|(_, name)| (*name).to_owned());
    let other = usage.other.iter().take(8).map(|oid| oid.to_id_string());
    ExtendedKeyUsage {
        server_auth: usage.any || usage.server_auth,
        client_auth: usage.any || usage.client_auth,
        text: named.chain(other).collect::<Vec<_>>().join(", "),
    }
}

fn name(name: &GeneralName<'_>) -> Name {
    match name {
        GeneralName::DNSName(name) => Name::Dns(plain(name)),
        GeneralName::IPAddress(address) => Name::Address(address.to_vec()),
        GeneralName::DirectoryName(name) => Name::Directory(rdns(name.as_raw())),
        GeneralName::RFC822Name(text) => Name::Other(format!("email:{}", plain(text))),
        GeneralName::URI(text) => Name::Other(format!("URI:{}", plain(text))),
        GeneralName::OtherName(..)
        | GeneralName::X400Address(_)
        | GeneralName::EDIPartyName(_)
        | GeneralName::RegisteredID(_)
        | GeneralName::Invalid(..) => Name::Other("another kind of name".to_owned()),
    }
}

fn constraint(constraints: &NameConstraints<'_>) -> Constraints {
    let all = |subtrees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| {
        subtrees.iter().flatten().map(|subtree| name(&subtree.base)).collect()
    };
    Constraints {
        permitted: all(&constraints.permitted_subtrees),
        excluded: all(&constraints.excluded_subtrees),
    }
}

/// The RDNs of a Name, each as its DER.
pub fn rdns(name: &[u8]) -> Vec<Vec<u8>> {
    use x509_parser::asn1_rs::{Any, FromDer as _};
    let Ok((_, outer)) = Any::from_der(name) else { return Vec::new() };
    let mut rest = outer.data;
    let mut found = Vec::new();
    while let Ok((after, _)) = Any::from_der(rest) {
        let length = rest.len() - after.len();
        found.extend(rest.get(..length).map(<[u8]>::to_vec));
        rest = after;
    }
    found
}

/// As certificates are shown elsewhere.
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let address = |bytes: &[u8]| -> Option<std::net::IpAddr> {
            let four = <[u8; 4]>::try_from(bytes).map(Into::into);
            four.or_else(|_| <[u8; 16]>::try_from(bytes).map(Into::into)).ok()
        };
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Address(bytes) => match (address(bytes), bytes.split_at_checked(bytes.len() / 2)) {
                (Some(address), _) if bytes.len() != 8 => write!(f, "IP:{address}"),
                (_, Some((base, mask))) => match (address(base), address(mask)) {
                    (Some(base), Some(mask)) => write!(f, "IP:{base}/{mask}"),
                    _ => write!(f, "an address of {} bytes", bytes.len()),
                },
                (_, None) => write!(f, "an address of {} bytes", bytes.len()),
            },
            Self::Directory(_) => write!(f, "a directory name"),
            Self::Other(text) => f.write_str(text),
        }
    }
}
