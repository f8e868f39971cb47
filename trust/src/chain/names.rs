//! The names of a leaf certificate (RFC 5280 §4.2.1.6) against the name of the peer (RFC 9525 §6). The
//! common name does not count.

use core::net::IpAddr;

use crate::{
    Name,
    der::{DNS_NAME, Elements, IP_ADDRESS, Malformed},
};

/// The other kinds of GeneralName: otherName, rfc822Name, x400Address, directoryName, ediPartyName,
/// uniformResourceIdentifier, registeredID.
const OTHERS: [u8; 7] = [0xa0, 0x81, 0xa3, 0xa4, 0xa5, 0x86, 0x88];

/// Whether the value of a subjectAltName contains the name, and the number of its entries.
pub(super) fn find(value: &[u8], name: &Name) -> Result<(bool, u8), Malformed> {
    let mut entries = Elements::of_sequence(value)?;
    let (mut found, mut count) = (false, 0_u8);
    while let Some(tag) = entries.tag() {
        let entry = entries.take()?;
        count = count.saturating_add(1);
        match tag {
            DNS_NAME => found |= name.dns().is_some_and(|name| is_dns_match(entry, name.as_bytes())),
            IP_ADDRESS => found |= name.address().is_some_and(|address| is_address(entry, address)),
            tag if OTHERS.contains(&tag) => {}
            _ => return Err(Malformed),
        }
    }
    Ok((found, count))
}

/// Whether a dNSName stands for the host. A wildcard is the whole left-most label and stands for one label;
/// two more must follow, so that `*.com` is not a name of every domain.
fn is_dns_match(presented: &[u8], host: &[u8]) -> bool {
    if presented.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(domain) = presented.strip_prefix(b"*.") else { return false };
    let Some(dot) = host.iter().position(|byte| *byte == b'.') else { return false };
    host.get(dot.saturating_add(1)..).is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
        && domain.contains(&b'.')
        // The longest name that DNS permits.
        && presented.len() <= 253
}

fn is_address(presented: &[u8], address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => presented == address.octets(),
        IpAddr::V6(address) => presented == address.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_whole_label() {
        for (presented, host, expected) in [
            ("a.example.com", "a.example.com", true),
            ("A.Example.COM", "a.example.com", true),
            ("localhost", "localhost", true),
            ("*.example.com", "a.example.com", true),
            ("*.EXAMPLE.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "a.example.org", false),
            ("*.com", "example.com", false),
            ("*", "localhost", false),
            ("*.", "localhost", false),
            ("a*.example.com", "ab.example.com", false),
            ("*a.example.com", "ba.example.com", false),
            ("a.*.com", "a.example.com", false),
            ("*.*.com", "a.example.com", false),
            ("**.example.com", "a.example.com", false),
            ("example.com.", "example.com", false),
            (".example.com", "a.example.com", false),
            ("a.example.com\0", "a.example.com", false),
            ("a.example.com\0.evil.org", "a.example.com", false),
            ("", "example.com", false),
        ] {
            assert_eq!(is_dns_match(presented.as_bytes(), host.as_bytes()), expected, "{presented} {host}");
        }
    }

    #[test]
    fn addresses_are_compared_as_bytes() {
        let four = "192.0.2.7".parse().unwrap();
        assert!(is_address(&[192, 0, 2, 7], four));
        assert!(!is_address(&[192, 0, 2, 8], four) && !is_address(b"192.0.2.7", four));
        let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7];
        assert!(!is_address(&mapped, four) && is_address(&mapped, "::ffff:192.0.2.7".parse().unwrap()));
        assert!(!is_address(&[], four));
    }

    #[test]
    fn entries_are_counted_and_others_are_skipped() {
        let name = Name::parse("a.test").unwrap();
        let value = b"\x30\x16\x81\x03a@b\x82\x06a.test\x87\x04\x01\x02\x03\x04\x88\x01\x2a";
        assert_eq!(find(value, &name), Ok((true, 4)));
        assert_eq!(find(b"\x30\x00", &name), Ok((false, 0)));
        // A name in another kind of entry is not one.
        assert_eq!(find(b"\x30\x08\x86\x06a.test", &name), Ok((false, 1)));
        // Behind the name, too, what does not parse is an error.
        for odd in [
            &b""[..],
            b"\x30\x08\x16\x06a.test",
            b"\x30\x08\xa2\x06a.test",
            b"\x30\x0a\x82\x06a.test\x82\x01",
            b"\x30\x08\x82\x06a.test\x00",
            b"\x30\x0a\x82\x06a.test\x89\x00",
        ] {
            assert_eq!(find(odd, &name), Err(Malformed), "{odd:02x?}");
        }
    }
}
