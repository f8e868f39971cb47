//! Headers of a copied packet: link, IPv4 or IPv6, and TCP headers before the TLS bytes, parsed as in a
//! capture.

use super::capture::{link, packet};

/// The link types to try; the most distinctive first.
pub(crate) const LINKS: [u32; 5] = [link::ETHERNET, link::LINUX_SLL, link::LINUX_SLL2, link::NULL, link::RAW];

/// Length of the headers before the TLS bytes, if there are any.
pub fn headers(bytes: &[u8]) -> Option<usize> {
    LINKS.into_iter().find_map(|link| {
        let (ether_type, inner) = link::payload(link, bytes)?;
        match packet::of_ether_type(ether_type, inner, 0) {
            packet::Carried::Tcp(segment) if !segment.payload.is_empty() => {
                segment.payload.as_ptr().addr().checked_sub(bytes.as_ptr().addr())
            }
            _ => None,
        }
    })
}

/// Whether a packet of that link type is TCP.
pub(crate) fn is_tcp(link: u32, bytes: &[u8]) -> bool {
    link::payload(link, bytes).is_some_and(|(ether_type, inner)| {
        matches!(packet::of_ether_type(ether_type, inner, 0), packet::Carried::Tcp(_))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ethernet_ip_tcp() {
        let mut packet = vec![0; 12];
        packet.extend([0x08, 0x00, 0x45]);
        packet.resize(14 + 9, 0);
        packet.push(6);
        packet.resize(14 + 20 + 12, 0);
        packet.push(0x80);
        packet.resize(14 + 20 + 32, 0);
        assert_eq!(headers(&packet), None, "nothing behind the headers");
        packet.push(0x16);
        assert_eq!(headers(&packet), Some(66));
        assert_eq!(headers(&packet[14..]), Some(52), "without a link header");
        assert_eq!(headers(&[&[2, 0, 0, 0], &packet[14..]].concat()), Some(56), "BSD loopback");
        let tagged = [&packet[..12], &[0x81, 0, 0, 7], &packet[12..]].concat();
        assert_eq!(headers(&tagged), Some(70), "VLAN");
        assert_eq!(headers(&[0x16, 3, 3, 0, 1, 1]), None);
        for end in 0..packet.len() {
            let _ = headers(&packet[..end]);
        }
    }
}
