//! Extensions of certificates and requests (RFC 5280 §4.2).

use crate::{
    Code,
    der::{
        BIT_STRING, BOOLEAN, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, hex,
        oid_text,
    },
    finding::Log,
};

const KEY_USAGE: &[u8] = b"\x55\x1d\x0f";
const SUBJECT_ALT_NAME: &[u8] = b"\x55\x1d\x11";
const BASIC_CONSTRAINTS: &[u8] = b"\x55\x1d\x13";
const EXTENDED_KEY_USAGE: &[u8] = b"\x55\x1d\x25";

/// serverAuth, clientAuth, anyExtendedKeyUsage.
const TLS_PURPOSES: [&[u8]; 3] =
    [b"\x2b\x06\x01\x05\x05\x07\x03\x01", b"\x2b\x06\x01\x05\x05\x07\x03\x02", b"\x55\x1d\x25\x00"];

/// Extensions that verifiers know, so that they may be critical.
const KNOWN: [&[u8]; 8] = [
    KEY_USAGE,
    SUBJECT_ALT_NAME,
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    b"\x55\x1d\x1e", // nameConstraints
    b"\x55\x1d\x20", // certificatePolicies
    b"\x55\x1d\x21", // policyMappings
    b"\x55\x1d\x24", // policyConstraints
];

/// Bits of keyUsage, in the first byte.
pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;
/// keyCertSign.
pub(crate) const KEY_CERT_SIGN: u8 = 0x04;
/// cRLSign.
pub(crate) const CRL_SIGN: u8 = 0x02;

/// basicConstraints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) is_ca: bool,
    pub(crate) path_length: Option<u8>,
    pub(crate) is_critical: bool,
    pub(crate) offset: usize,
}

/// What the extensions say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extensions {
    /// The first byte of keyUsage and its offset.
    pub(crate) key_usage: Option<(u8, usize)>,
    /// Names for people; `None` without the extension.
    pub(crate) names: Option<Vec<String>>,
    /// The same as tags and contents.
    pub(crate) general_names: Vec<(u8, Vec<u8>)>,
    /// Offset of the names.
    pub(crate) names_at: Option<usize>,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    /// Whether extKeyUsage permits TLS, and its offset.
    pub(crate) permits_tls: Option<(bool, usize)>,
    /// The numbers in extKeyUsage.
    pub(crate) purposes: Vec<String>,
}

impl Extensions {
    /// Reads a list of extensions.
    pub(crate) fn read(mut list: Reader<'_>, der: &[u8], log: &mut Log) -> Self {
        let mut read = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        while !list.is_empty() {
            let Some(extension) = list.expect(SEQUENCE, "extension", log) else { break };
            let mut fields = extension.inside();
            let Some(id) = fields.expect(OBJECT_IDENTIFIER, "extnID", log) else { continue };
            let critical = fields.optional(BOOLEAN, "critical", log);
            let is_critical = critical.is_some_and(|critical| critical.content != [0]);
            let Some(value) = fields.expect(OCTET_STRING, "extnValue", log) else { continue };
            // Bytes of the request stay in `der` longer than this list.
            let number = der.get(id.start..id.end()).unwrap_or_default();
            if seen.contains(&number) {
                log.add(Code::ExtensionTwice, id.offset, "", oid_text(id.content));
                continue;
            }
            seen.push(number);
            if is_critical && !KNOWN.contains(&id.content) {
                log.add(Code::ExtensionUnknownCritical, id.offset, "", oid_text(id.content));
            }
            read.value(id.content, is_critical, value, log);
        }
        read
    }

    /// The value of one extension.
    fn value(&mut self, id: &[u8], is_critical: bool, value: Element<'_>, log: &mut Log) {
        let before = log.findings.len();
        match id {
            KEY_USAGE => self.key_usage(value, log),
            SUBJECT_ALT_NAME => self.names(value, log),
            BASIC_CONSTRAINTS => self.basic_constraints(is_critical, value, log),
            EXTENDED_KEY_USAGE => self.purposes(value, log),
            _ => {}
        }
        if log.findings.len() > before {
            log.add(Code::ExtensionMalformed, value.offset, "", oid_text(id));
        }
    }

    fn key_usage(&mut self, value: Element<'_>, log: &mut Log) {
        let mut reader = value.inside();
        let Some(bits) = reader.expect(BIT_STRING, "keyUsage", log) else { return };
        match bits.content {
            [0..=7, first, rest @ ..]
                if rest.len() <= 1 && (*first != 0 || rest.iter().any(|byte| *byte != 0)) =>
            {
                self.key_usage = Some((*first, bits.start.saturating_add(1)));
            }
            other => log.add(Code::KeyUsageMalformed, bits.start, "at least one bit", hex(other)),
        }
    }

    fn names(&mut self, value: Element<'_>, log: &mut Log) {
        let mut reader = value.inside();
        let Some(list) = reader.expect(SEQUENCE, "subjectAltName", log) else { return };
        let mut names = Vec::new();
        let mut rest = list.inside();
        while !rest.is_empty() {
            let Some(name) = rest.next("name in subjectAltName", log) else { break };
            names.push(general_name(name));
            self.general_names.push((name.tag, name.content.to_vec()));
        }
        if names.is_empty() {
            log.add(Code::SanEmpty, list.offset, "at least one name", "");
        }
        self.names_at = Some(list.offset);
        self.names = Some(names);
    }

    fn basic_constraints(&mut self, is_critical: bool, value: Element<'_>, log: &mut Log) {
        let mut reader = value.inside();
        let Some(fields) = reader.expect(SEQUENCE, "basicConstraints", log) else { return };
        let mut inside = fields.inside();
        let is_ca = inside.optional(BOOLEAN, "cA", log).is_some_and(|ca| ca.content != [0]);
        let path_length = inside.optional(INTEGER, "pathLenConstraint", log);
        let path_length = path_length.and_then(|length| length.content.last().copied());
        inside.finish("basicConstraints", log);
        let offset = value.offset;
        self.basic_constraints = Some(BasicConstraints { is_ca, path_length, is_critical, offset });
    }

    /// The purposes of extKeyUsage for people.
    pub(crate) fn purpose_names(&self) -> String {
        let name = |purpose: &String| match purpose.as_str() {
            "1.3.6.1.5.5.7.3.1" => "serverAuth".to_owned(),
            "1.3.6.1.5.5.7.3.2" => "clientAuth".to_owned(),
            "1.3.6.1.5.5.7.3.3" => "codeSigning".to_owned(),
            "1.3.6.1.5.5.7.3.4" => "emailProtection".to_owned(),
            "1.3.6.1.5.5.7.3.8" => "timeStamping".to_owned(),
            "1.3.6.1.5.5.7.3.9" => "OCSPSigning".to_owned(),
            "2.5.29.37.0" => "anyExtendedKeyUsage".to_owned(),
            other => other.to_owned(),
        };
        self.purposes.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn purposes(&mut self, value: Element<'_>, log: &mut Log) {
        let mut reader = value.inside();
        let Some(list) = reader.expect(SEQUENCE, "extKeyUsage", log) else { return };
        let mut rest = list.inside();
        let mut permits = false;
        while !rest.is_empty() {
            let Some(purpose) = rest.expect(OBJECT_IDENTIFIER, "purpose in extKeyUsage", log) else { break };
            permits |= TLS_PURPOSES.contains(&purpose.content);
            self.purposes.push(oid_text(purpose.content));
        }
        self.permits_tls = Some((permits, list.offset));
    }
}

/// A name for people (RFC 5280 §4.2.1.6).
fn general_name(name: Element<'_>) -> String {
    match (name.tag, name.content) {
        (0x82 | 0x86, text) => crate::name::text(text),
        (0x87, [a, b, c, d]) => format!("{a}.{b}.{c}.{d}"),
        (0x87, bytes) => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => std::net::Ipv6Addr::from(bytes).to_string(),
            Err(_) => hex(bytes),
        },
        (0x81, text) => format!("email {}", crate::name::text(text)),
        (tag, _) => format!("name of kind [{}]", tag & 0x1f),
    }
}
