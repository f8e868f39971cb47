//! Signatures of databases and coordination services.

use super::Begin;

/// PostgreSQL, "Message Formats": a length, then version 3.0 or a request code (SSL, GSSAPI, cancel); the
/// server's ErrorResponse and Authentication.
pub(super) fn postgres(begin: &Begin<'_>) -> bool {
    match begin.is_client() {
        true => matches!(
            begin.bytes,
            [0, 0, _, _, 0x04, 0xd2, 0x16, 0x2e..=0x30, ..]
                | [0, 0, _, _, 0, 3, 0, 0..=2, ..]
                | [0, 0, 0, 8 | 16, 4]
        ),
        false => {
            matches!(begin.bytes, [b'E', 0, 0, _, _, b'S', ..] | [b'R', 0, 0, 0, _, 0, 0, 0, 0..=12, ..])
                || matches!(begin.bytes, [b'N'] | [b'S'])
        }
    }
}

/// MySQL, "Connection Phase": Protocol::HandshakeV10 or ERR_Packet; the client's SSLRequest or
/// HandshakeResponse41.
pub(super) fn mysql(begin: &Begin<'_>) -> bool {
    match begin.is_client() {
        true => matches!(begin.bytes, [_, _, 0, 1, _, _, _, _, 0, 0, 0, 0 | 1 | 0x40, ..]),
        false => matches!(begin.bytes, [_, _, 0, 0, 10, ..] | [_, 0, 0, 0 | 1, 0xff, _, 0x04..=0x0f, ..]),
    }
}

/// MS-TDS §2.2.3.1: type PRELOGIN or LOGIN7 of the client, tabular result of the server; the length is that
/// of the packet.
pub(super) fn tds(begin: &Begin<'_>) -> bool {
    let client = begin.is_client();
    let is_type = match begin.bytes {
        [0x12, 0 | 1, _, _, 0, 0, _, 0, 0..=6, ..] | [0x10, 0 | 1, _, _, 0, 0, _, 0, ..] => client,
        [0x04, 0 | 1, _, _, _, _, _, 0, ..] => !client,
        _ => false,
    };
    is_type && begin.u16(2).is_some_and(|length| length >= 12 && length <= begin.bytes.len().max(512))
}

/// Oracle Net: the length of the packet, a checksum of zero, and a type: connect, accept, refuse, redirect,
/// resend.
pub(super) fn oracle(begin: &Begin<'_>) -> bool {
    let [_, _, 0, 0, kind @ (1 | 2 | 4 | 5 | 11), 0, 0, 0, ..] = *begin.bytes else { return false };
    let client = begin.is_client();
    client == (kind == 1) && begin.u16(0).is_some_and(|length| length >= 8 && begin.ends_at(length))
}

/// DRDA: the first message of a client of Db2 is EXCSAT (code point 0x1041).
pub(super) fn db2(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [_, _, 0xd0, _, _, _, _, _, 0x10, 0x41, ..])
}

/// MongoDB wire protocol: a header in little-endian order with OP_MSG, OP_QUERY, OP_COMPRESSED or OP_REPLY.
pub(super) fn mongodb(begin: &Begin<'_>) -> bool {
    matches!(
        begin.bytes,
        [_, _, 0, 0, _, _, _, _, _, _, _, _, 0xdd | 0xd4 | 0xdc, 7, 0, 0, ..]
            | [_, _, 0, 0, _, _, _, _, _, _, _, _, 1, 0, 0, 0, ..]
    ) && begin.bytes.len() > 16
}

/// CQL binary protocol §2: version, flags, stream, opcode (STARTUP and OPTIONS; ERROR to SUPPORTED), length.
pub(super) fn cassandra(begin: &Begin<'_>) -> bool {
    let is_opcode = match begin.bytes {
        [3..=5, 0..=0x1f, _, _, 1 | 5, ..] => begin.is_client(),
        [0x83..=0x85, 0..=0x1f, _, _, 0 | 2 | 3 | 6, ..] => !begin.is_client(),
        _ => false,
    };
    is_opcode && begin.u32(5).is_some_and(|length| begin.ends_at(length.saturating_add(9)))
}

/// ZooKeeper: ConnectRequest with its length, protocol version 0 and zxid.
pub(super) fn zookeeper(begin: &Begin<'_>) -> bool {
    let request = matches!(begin.bytes, [0, 0, 0, 44 | 45, 0, 0, 0, 0, ..]);
    begin.is_client() && request && begin.u32(0).is_some_and(|length| begin.ends_at(length + 4))
}

/// LDAPMessage (RFC 4511 §4.1.1): SEQUENCE, messageID, and the application tag of an operation.
pub(super) fn ldap(begin: &Begin<'_>) -> bool {
    let [0x30, length, rest @ ..] = begin.bytes else { return false };
    let rest = match length {
        0..=0x7f => rest,
        0x81..=0x84 => rest.get(usize::from(length & 0x7f)..).unwrap_or_default(),
        _ => return false,
    };
    let [0x02, id @ 1..=4, rest @ ..] = rest else { return false };
    if begin.is_reported() && begin.is_client() {
        return rest.len() == 1 && *id == 1;
    }
    let requests = [0x42, 0x4a, 0x50, 0x60, 0x63, 0x66, 0x68, 0x6c, 0x6e, 0x77];
    let responses = [0x61, 0x64, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x73, 0x78, 0x79];
    let operation = rest.get(usize::from(*id));
    operation.is_some_and(|tag| requests.contains(tag) || responses.contains(tag))
}
