//! Link-layer headers (registry of draft-ietf-opsawg-pcaplinktype): the EtherType, and the bytes after the
//! header.

use etherparse::{EtherType, ether_type};

/// Supported link types.
pub(crate) const NULL: u32 = 0;
pub(crate) const ETHERNET: u32 = 1;
pub(crate) const PPP: u32 = 9;
pub(crate) const PPP_HDLC: u32 = 50;
pub(crate) const PPP_ETHER: u32 = 51;
pub(crate) const LOOP: u32 = 108;
pub(crate) const LINUX_SLL: u32 = 113;
pub(crate) const IPV4: u32 = 228;
pub(crate) const IPV6: u32 = 229;
pub(crate) const LINUX_SLL2: u32 = 276;
/// Raw IP of either version: the assigned number, and those of BSD and OpenBSD.
pub(crate) const RAW: u32 = 101;
const RAW_OF_BSD: [u32; 2] = [12, 14];

/// Whether a link type is supported.
pub(crate) fn is_known(link: u32) -> bool {
    RAW_OF_BSD.contains(&link)
        || [NULL, ETHERNET, PPP, PPP_HDLC, PPP_ETHER, LOOP, LINUX_SLL, RAW, IPV4, IPV6, LINUX_SLL2]
            .contains(&link)
}

/// The EtherType and the bytes after the link header. `None`: unsupported link type, or a truncated header.
pub(crate) fn payload(link: u32, bytes: &[u8]) -> Option<(EtherType, &[u8])> {
    match link {
        ETHERNET => typed(bytes, 12, 14),
        LINUX_SLL => typed(bytes, 14, 16),
        LINUX_SLL2 => typed(bytes, 0, 20),
        // Four bytes of address family, in the byte order and numbering of the capturing machine. The
        // version field of IP has the same information.
        NULL | LOOP => by_version(bytes.get(4..)?),
        PPP | PPP_HDLC => ppp(bytes),
        PPP_ETHER => pppoe(bytes),
        RAW | IPV4 | IPV6 => by_version(bytes),
        link if RAW_OF_BSD.contains(&link) => by_version(bytes),
        _ => None,
    }
}

/// PPP in PPPoE (RFC 2516 §4): six bytes, then the protocol field of PPP.
pub(crate) fn pppoe(bytes: &[u8]) -> Option<(EtherType, &[u8])> {
    ppp(bytes.get(6..)?)
}

fn typed(bytes: &[u8], at: usize, header: usize) -> Option<(EtherType, &[u8])> {
    let number = bytes.get(at..at + 2)?.try_into().ok()?;
    Some((EtherType(u16::from_be_bytes(number)), bytes.get(header..)?))
}

fn by_version(bytes: &[u8]) -> Option<(EtherType, &[u8])> {
    match bytes.first()? >> 4 {
        4 => Some((ether_type::IPV4, bytes)),
        6 => Some((ether_type::IPV6, bytes)),
        _ => None,
    }
}

/// PPP (RFC 1661 §2, RFC 1662 §3.1): address and control may be omitted, and so may the first byte of the
/// protocol.
fn ppp(bytes: &[u8]) -> Option<(EtherType, &[u8])> {
    let bytes = bytes.strip_prefix(&[0xff, 0x03]).unwrap_or(bytes);
    let bytes = bytes.strip_prefix(&[0]).unwrap_or(bytes);
    match bytes {
        [0x21, rest @ ..] => Some((ether_type::IPV4, rest)),
        [0x57, rest @ ..] => Some((ether_type::IPV6, rest)),
        _ => None,
    }
}
