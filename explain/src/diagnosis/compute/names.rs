//! Names of a certificate against the one that is expected (RFC 9525 §6) and against the
//! constraints of its issuers (RFC 5280 §4.2.1.10).

use std::net::IpAddr;

use super::certificate::{Certificate, Constraints, Name, rdns};

/// Whether one of the names is the expected one. `expected` is lower case.
pub fn matches(names: &[Name], expected: &handclasp_trust::Name) -> bool {
    names.iter().any(|name| match name {
        Name::Dns(pattern) => expected.dns().is_some_and(|dns| covers(pattern, dns)),
        Name::Address(bytes) => expected.address().is_some_and(|address| is(bytes, address)),
        Name::Directory(_) | Name::Other(_) => false,
    })
}

/// Whether the common name is the expected one, as old clients match it.
pub fn common_name_matches(certificate: &Certificate, expected: &handclasp_trust::Name) -> bool {
    certificate.common_name.as_deref().is_some_and(|name| match expected.address() {
        Some(address) => name.parse() == Ok(address),
        None => expected.dns().is_some_and(|dns| covers(name, dns)),
    })
}

fn is(bytes: &[u8], address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => bytes == address.octets(),
        IpAddr::V6(address) => bytes == address.octets(),
    }
}

/// A wildcard is a whole label, the leftmost, and stands for exactly one (RFC 9525 §6.3).
fn covers(pattern: &str, name: &str) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    match pattern.strip_prefix("*.") {
        Some(domain) => name
            .split_once('.')
            .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain)),
        None => pattern.eq_ignore_ascii_case(name),
    }
}

/// The first name of a certificate that these constraints do not permit.
pub fn violation(certificate: &Certificate, constraints: &Constraints) -> Option<String> {
    let mut names = certificate.extensions.names.clone().unwrap_or_default();
    // Where no subjectAltName says it, verifiers take a common name that looks like a host for one.
    let host = certificate.common_name.iter().filter(|name| !name.contains(' ') && name.contains('.'));
    if certificate.extensions.names.is_none() && !certificate.is_ca() {
        names.extend(host.map(|name| Name::Dns(name.clone())));
    }
    let subject = rdns(&certificate.subject);
    if !subject.is_empty() {
        names.push(Name::Directory(subject));
    }
    names.iter().find(|name| !permits(constraints, name)).map(|name| match name {
        Name::Directory(_) => certificate.subject_text.clone(),
        Name::Dns(_) | Name::Address(_) | Name::Other(_) => name.to_string(),
    })
}

fn permits(constraints: &Constraints, name: &Name) -> bool {
    let mut of_kind = constraints.permitted.iter().filter(|base| same_kind(base, name)).peekable();
    let permitted = of_kind.peek().is_none() || of_kind.any(|base| within(name, base));
    permitted && !constraints.excluded.iter().any(|base| same_kind(base, name) && within(name, base))
}

fn same_kind(base: &Name, name: &Name) -> bool {
    match (base, name) {
        (Name::Dns(_), Name::Dns(_)) | (Name::Directory(_), Name::Directory(_)) => true,
        (Name::Address(base), Name::Address(name)) => base.len() == 2 * name.len(),
        (Name::Dns(_) | Name::Address(_) | Name::Directory(_) | Name::Other(_), _) => false,
    }
}

fn within(name: &Name, base: &Name) -> bool {
    match (name, base) {
        (Name::Dns(name), Name::Dns(base)) => {
            let name = name.strip_prefix("*.").unwrap_or(name).to_ascii_lowercase();
            let domain = base.strip_prefix('.').unwrap_or(base).to_ascii_lowercase();
            let exact = name == domain && !base.starts_with('.');
            domain.is_empty() || exact || name.strip_suffix(&domain).is_some_and(|front| front.ends_with('.'))
        }
        (Name::Address(name), Name::Address(base)) => {
            let (network, mask) = base.split_at(base.len() / 2);
            let masked = name.iter().zip(mask).map(|(byte, mask)| byte & mask);
            masked.eq(network.iter().zip(mask).map(|(byte, mask)| byte & mask))
        }
        (Name::Directory(name), Name::Directory(base)) => name.starts_with(base),
        (Name::Dns(_) | Name::Address(_) | Name::Directory(_) | Name::Other(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> handclasp_trust::Name {
        handclasp_trust::Name::parse(text).unwrap()
    }

    #[test]
    fn names_of_hosts() {
        let dns = |pattern: &str| vec![Name::Dns(pattern.to_owned())];
        for (pattern, expected, fits) in [
            ("example.com", "example.com", true),
            ("EXAMPLE.com", "Example.COM", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("a*.example.com", "ab.example.com", false),
            ("example.com", "example.org", false),
            ("127.0.0.1", "127.0.0.1", false),
        ] {
            assert_eq!(matches(&dns(pattern), &name(expected)), fits, "{pattern} {expected}");
        }
        let address = [Name::Address(vec![127, 0, 0, 1])];
        assert!(matches(&address, &name("127.0.0.1")));
        assert!(!matches(&address, &name("127.0.0.2")) && !matches(&address, &name("localhost")));
        let mut six = vec![0; 15];
        six.push(1);
        assert!(matches(&[Name::Address(six)], &name("::1")));
    }

    #[test]
    fn constraints() {
        let dns = |text: &str| Name::Dns(text.to_owned());
        let address = |bytes: &[u8]| Name::Address(bytes.to_vec());
        let permitted = |base: &Name| Constraints { permitted: vec![base.clone()], excluded: Vec::new() };
        for (name, base, fits) in [
            (dns("a.example.org"), dns("example.org"), true),
            (dns("example.org"), dns("example.org"), true),
            (dns("example.org"), dns(".example.org"), false),
            (dns("a.example.org"), dns(".example.org"), true),
            (dns("badexample.org"), dns("example.org"), false),
            (dns("localhost"), dns("example.org"), false),
            (dns("anything"), dns(""), true),
            (address(&[10, 1, 2, 3]), address(&[10, 0, 0, 0, 255, 0, 0, 0]), true),
            (address(&[11, 1, 2, 3]), address(&[10, 0, 0, 0, 255, 0, 0, 0]), false),
        ] {
            assert_eq!(permits(&permitted(&base), &name), fits, "{name} in {base}");
            let excluded = Constraints { permitted: Vec::new(), excluded: vec![base.clone()] };
            assert_eq!(permits(&excluded, &name), !fits, "{name} not in {base}");
        }
        assert!(permits(&permitted(&dns("example.org")), &address(&[10, 1, 2, 3])), "another kind");
    }
}
