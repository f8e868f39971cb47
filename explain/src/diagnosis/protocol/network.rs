//! Signatures of remote desktops, proxies, tunnels and file services.

use super::Begin;

/// TPKT and X.224 (MS-RDPBCGR §2.2.1.1, RFC 1006 §6): connection request, confirm, disconnect request.
pub(super) fn rdp(begin: &Begin<'_>) -> bool {
    // The length of X.224 does not count itself and the four bytes of TPKT.
    if let ([3, 0, 0, length, rest], true) = (begin.bytes, begin.is_client()) {
        return *rest >= 6 && length.checked_sub(5) == Some(*rest);
    }
    let [3, 0, _, _, _, code, ..] = *begin.bytes else { return false };
    matches!(code & 0xf0, 0xe0 | 0xd0 | 0x80)
        && begin.u16(2).is_some_and(|length| length >= 7 && begin.ends_at(length))
}

/// RFC 1928 §3, and SOCKS4: version and command, with a NUL at the end; their replies.
pub(super) fn socks(begin: &Begin<'_>) -> bool {
    match (begin.is_client(), begin.bytes) {
        (true, [5, count, methods @ ..]) => *count > 0 && methods.len() == usize::from(*count),
        (true, [4, 1 | 2, _, _, _, _, _, _, .., 0]) => true,
        (false, [5, 0..=2 | 0xff]) => true,
        (false, [0, 0x5a..=0x5d, _, _, _, _, _, _]) => true,
        _ => false,
    }
}

/// DNS over TCP (RFC 1035 §4.1.1, §4.2.2): the length, then a query with one question and no answers.
pub(super) fn dns(begin: &Begin<'_>) -> bool {
    let question = matches!(begin.bytes, [_, _, _, _, 0..=7, _, 0, 1, 0, 0, 0, 0, 0, 0..=2, 1..=63, ..]);
    begin.is_client() && question && begin.u16(0).is_some_and(|length| begin.ends_at(length + 2))
}

/// OpenVPN over TCP: the length, then a hard reset of client or server (opcodes 7, 8 and 10, key 0).
pub(super) fn openvpn(begin: &Begin<'_>) -> bool {
    let reset = matches!(begin.bytes, [0, _, 0x38 | 0x40 | 0x50, ..]);
    reset && begin.bytes.len() >= 16 && begin.u16(0).is_some_and(|length| begin.bytes.len() == length + 2)
}

/// WireGuard §5.4.2: a handshake initiation of 148 bytes.
pub(super) fn wireguard(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [1, 0, 0, 0, ..]) && begin.bytes.len() == 148
}

/// SMB over TCP (MS-SMB2 §2.1): a length, then the protocol id of version 1 or 2.
pub(super) fn smb(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [0, _, _, _, 0xfe | 0xff, b'S', b'M', b'B', ..])
}

/// BitTorrent (BEP 3): the length of its name, and the name.
pub(super) fn bittorrent(begin: &Begin<'_>) -> bool {
    begin.bytes.starts_with(b"\x13BitTorrent protocol")
}
