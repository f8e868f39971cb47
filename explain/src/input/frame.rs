//! A packet copied whole: the headers of Ethernet, IPv4 or IPv6 and TCP in front of the TLS
//! bytes (RFC 894, RFC 791, RFC 8200, RFC 9293).
//!
//! Called by: `lib.rs`, for a part that does not begin as TLS does.

/// How many bytes of such headers stand in front, if they do.
pub fn headers(bytes: &[u8]) -> Option<usize> {
    // Ethernet, Linux "cooked" capture, or no link header at all.
    [14, 16, 0].into_iter().find_map(|link| {
        let payload = match link {
            14 => tagged(bytes, 12, link),
            16 => tagged(bytes, 14, link),
            _ => network(bytes, link),
        }?;
        (payload < bytes.len()).then_some(payload)
    })
}

fn tagged(bytes: &[u8], ether_type: usize, link: usize) -> Option<usize> {
    let version = *bytes.get(link)? >> 4;
    match (bytes.get(ether_type..ether_type + 2)?, version) {
        ([0x08, 0x00], 4) | ([0x86, 0xdd], 6) => network(bytes, link),
        _ => None,
    }
}

fn network(bytes: &[u8], start: usize) -> Option<usize> {
    const TCP: u8 = 6;
    let first = *bytes.get(start)?;
    let (length, protocol) = match first >> 4 {
        4 => (usize::from(first & 0x0f) * 4, *bytes.get(start + 9)?),
        6 => (40, *bytes.get(start + 6)?),
        _ => return None,
    };
    if protocol != TCP || length < 20 {
        return None;
    }
    let tcp = start + length;
    let offset = usize::from(*bytes.get(tcp + 12)? >> 4) * 4;
    (offset >= 20).then_some(tcp + offset)
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
        assert_eq!(headers(&[0x16, 3, 3, 0, 1, 1]), None);
        for end in 0..packet.len() {
            let _ = headers(&packet[..end]);
        }
    }
}
