//! Signatures of message brokers, agents and control systems.

use super::Begin;

/// MQTT §3.1, §3.2: CONNECT of 3.1 to 5, or a broker's CONNACK or DISCONNECT.
pub(super) fn mqtt(begin: &Begin<'_>) -> bool {
    let bytes = begin.bytes;
    let name = |name: &[u8]| matches!(name, b"\x00\x04MQTT" | b"\x00\x06MQIs");
    let connect = bytes.first() == Some(&0x10) && bytes.windows(6).take(6).any(name);
    let connack = matches!(bytes, [0x20, 2, 0 | 1, 0..=5] | [0x20, 2, 0 | 1, 0..=5, ..]);
    let connack5 = matches!(bytes, [0x20, 3..=0x7f, 0 | 1, 0 | 0x80..=0xa2, ..]);
    let disconnect = matches!(bytes, [0xe0, 0..=2, ..]);
    let reported = matches!(bytes, [0x10, _, 0, 4 | 6, b'M'] | [0x10, 0x80..=0xff, _, 0, 4 | 6]);
    connect || reported || !begin.is_client() && (connack || connack5 || disconnect)
}

/// AMQP 0-9-1 §4.2.2, AMQP 1.0 §2.2, §5.2: the protocol header, or a server's Connection.Start.
pub(super) fn amqp(begin: &Begin<'_>) -> bool {
    let header = matches!(begin.bytes, [b'A', b'M', b'Q', b'P', 0..=3, ..]);
    header || matches!(begin.bytes, [1, 0, 0, _, _, _, _, 0, 10, 0, 10, ..]) && !begin.is_client()
}

/// Kafka protocol: the size, an API key and version of a first request, a correlation id, a client id.
pub(super) fn kafka(begin: &Begin<'_>) -> bool {
    let Some((size, key, version)) =
        begin.u32(0).zip(begin.u16(4)).zip(begin.u16(6)).map(|((a, b), c)| (a, b, c))
    else {
        return false;
    };
    let first = matches!(key, 0..=3 | 17 | 18 | 36) && version <= 20 && size >= 10;
    let client = begin.u16(12).is_some_and(|length| length == 0xffff || length <= size);
    begin.is_client() && first && client && begin.ends_at(size.saturating_add(4))
}

/// Erlang distribution protocol: the length of a name message (tag n or N) with its version or flags.
pub(super) fn erlang(begin: &Begin<'_>) -> bool {
    let name = match begin.bytes {
        [_, _, b'n', 0, 5 | 6, ..] => true,
        [_, _, b'N', 0, 0, 0, ..] => begin.contains(&["@"]),
        _ => false,
    };
    begin.is_client() && name && begin.u16(0).is_some_and(|length| begin.ends_at(length + 2))
}

/// Java RMI wire protocol §10.2 and the stream header of Java serialization §6.4.2.
pub(super) fn java(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [b'J', b'R', b'M', b'I', 0, ..] | [0xac, 0xed, 0, 5, ..])
}

/// Zabbix: agents, servers and proxies start with this header.
pub(super) fn zabbix(begin: &Begin<'_>) -> bool {
    begin.bytes.starts_with(b"ZBXD")
}

/// Elasticsearch transport: two letters, then the length.
pub(super) fn elasticsearch(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [b'E', b'S', 0, 0, _, _, ..]) && begin.bytes.len() > 6
}

/// IBM MQ: the transmission segment header.
pub(super) fn ibm_mq(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [b'T', b'S', b'H', b' ' | b'M' | b'C', ..])
}

/// OPC UA Part 6 §7.1.2.2: Hello, Acknowledge, Error.
pub(super) fn opc_ua(begin: &Begin<'_>) -> bool {
    matches!(
        begin.bytes,
        [b'H', b'E', b'L', b'F', ..] | [b'A', b'C', b'K', b'F', ..] | [b'E', b'R', b'R', b'F', ..]
    )
}

/// IEC 60870-5-104: STARTDT, TESTFR or STOPDT as the first frame.
pub(super) fn iec104(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [0x68, 4, 0x07 | 0x0b | 0x43 | 0x83 | 0x13, 0, 0, 0])
}

/// Modbus on TCP §3.1.3: protocol identifier zero, the length of the rest, a function code.
pub(super) fn modbus(begin: &Begin<'_>) -> bool {
    let [_, _, 0, 0, 0, length, _, 1..=0x2b, ..] = *begin.bytes else { return false };
    begin.bytes.len() >= 8 && begin.bytes.len() == usize::from(length) + 6
}

/// SMPP §3.2: length, a bind command, status zero.
pub(super) fn smpp(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [0, 0, 0, _, 0, 0, 0, 1 | 2 | 9, 0, 0, 0, 0, 0, 0, 0, _, ..])
}

/// Diameter (RFC 6733 §3): version 1, length, flags, Capabilities-Exchange.
pub(super) fn diameter(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [1, 0, _, _, 0x80 | 0, 0, 1, 1, ..])
}

/// DICOM PS3.8 §9.3.2: A-ASSOCIATE-RQ with protocol version 1.
pub(super) fn dicom(begin: &Begin<'_>) -> bool {
    matches!(begin.bytes, [1, 0, 0, 0, _, _, 0, 1, 0, 0, ..])
}
