//! Whether a certificate covers a name, and whether it permits what it is meant for (RFC 9525, RFC 5280 §4.2.1).

use std::net::IpAddr;

use crate::{Code, certificate::Certificate, extensions::DIGITAL_SIGNATURE, finding::Log};

/// What a certificate is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// A TLS server shows it.
    Server,
    /// A TLS client shows it.
    Client,
    /// It issues certificates.
    Ca,
}

/// Tag of a DNS name in a subjectAltName.
const DNS_NAME: u8 = 0x82;
/// Tag of an IP address in a subjectAltName.
const IP_ADDRESS: u8 = 0x87;

/// Whether the certificate covers this DNS name or IP address.
pub(crate) fn check_name(certificate: &Certificate<'_>, name: &str, log: &mut Log) {
    let names = &certificate.extensions.general_names;
    let wanted = name.strip_suffix('.').unwrap_or(name);
    let address = wanted.parse::<IpAddr>().ok();
    let covers = |(tag, content): &(u8, Vec<u8>)| match (tag, address) {
        (&DNS_NAME, None) => is_covered(content, wanted.as_bytes()),
        (&IP_ADDRESS, Some(IpAddr::V4(address))) => *content == address.octets(),
        (&IP_ADDRESS, Some(IpAddr::V6(address))) => *content == address.octets(),
        _ => false,
    };
    if names.iter().any(covers) {
        return;
    }
    let is_text = |(tag, content): &(u8, Vec<u8>)| *tag == DNS_NAME && content == wanted.as_bytes();
    let found = match &certificate.extensions.names {
        _ if address.is_some() && names.iter().any(is_text) => format!("{wanted} as a DNS name"),
        Some(names) => names.join(", "),
        None => String::new(),
    };
    let at = certificate.extensions.names_at.unwrap_or(certificate.extensions_at);
    log.add(Code::NameNotCovered, at, wanted, if found.is_empty() { "no names".to_owned() } else { found });
}

/// Whether a DNS name of the certificate covers a host: the same, or `*` in place of the first label.
fn is_covered(pattern: &[u8], host: &[u8]) -> bool {
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let behind_first = |name: &'_ [u8]| name.iter().position(|byte| *byte == b'.');
    let (Some(dot), Some(rest)) = (behind_first(host), pattern.strip_prefix(b"*")) else { return false };
    // `*.example` covers a.example, and neither .example nor a.b.example; `*.` alone covers nothing.
    dot > 0 && rest.len() > 1 && host.get(dot..).is_some_and(|tail| tail.eq_ignore_ascii_case(rest))
}

/// Whether the certificate permits the purpose.
pub(crate) fn check_purpose(certificate: &Certificate<'_>, purpose: Purpose, log: &mut Log) {
    let extensions = &certificate.extensions;
    let at = certificate.subject.as_ref().map_or(0, |subject| subject.offset);
    if purpose == Purpose::Ca {
        if !certificate.is_ca() {
            let at = extensions.basic_constraints.map_or(certificate.extensions_at, |found| found.offset);
            log.add(Code::PurposeNotCa, at, "basicConstraints with CA:TRUE", "another certificate");
        }
        return;
    }
    let (name, id) = match purpose {
        Purpose::Server => ("serverAuth", "1.3.6.1.5.5.7.3.1"),
        _ => ("clientAuth", "1.3.6.1.5.5.7.3.2"),
    };
    if certificate.is_ca() {
        log.add(Code::PurposeOfCa, at, "a certificate that is not a CA", "CA:TRUE");
    }
    if let Some((_, at)) = extensions.permits_tls {
        let permits = extensions.purposes.iter().any(|found| found == id || found == "2.5.29.37.0");
        if !permits && !log.has(Code::EkuOther) {
            log.add(Code::EkuPurpose, at, name, extensions.purpose_names());
        }
    }
    if let Some((bits, at)) = extensions.key_usage.filter(|(bits, _)| bits & DIGITAL_SIGNATURE == 0)
        && !log.has(Code::KeyUsageSignature)
    {
        log.add(Code::KeyUsageSignature, at, "digitalSignature", format!("bits {bits:02x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::is_covered;

    #[test]
    fn wildcards_are_one_label() {
        for (pattern, host, expected) in [
            ("a.example", "A.EXAMPLE", true),
            ("*.example", "a.example", true),
            ("*.example", "a.b.example", false),
            ("*.example", "example", false),
            ("*.example", ".example", false),
            ("a.*", "a.example", false),
            ("*", "example", false),
            ("*.", "a.", false),
            ("a*.example", "ab.example", false),
        ] {
            assert_eq!(is_covered(pattern.as_bytes(), host.as_bytes()), expected, "{pattern} {host}");
        }
    }
}
