//! First bytes of protocols, from their documentation or from their programs.

use super::*;
use Side::{Client, Server};

/// First bytes, their sender, and the protocol's name.
const FIRST: &[(&[u8], Side, &str)] = &[
    (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", Client, "HTTP"),
    (b"HTTP/1.1 400 Bad Request\r\n", Server, "HTTP"),
    (b"GET /c HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", Client, "WebSocket"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Client, "HTTP/2"),
    (b"\0\0\x06\x04\0\0\0\0\0\0\x05\0\0\x40\0", Server, "HTTP/2"),
    (b"OPTIONS rtsp://a/ RTSP/1.0\r\n", Client, "RTSP"),
    (b"OPTIONS * HTTP/1.1\r\n", Client, "HTTP"),
    (b"REGISTER sip:a SIP/2.0\r\n", Client, "SIP"),
    (b"SSH-2.0-OpenSSH_9.2\r\n", Server, "SSH"),
    (b"220 mail.example ESMTP\r\n", Server, "SMTP"),
    (b"220 (vsFTPd 3.0.3)\r\n", Server, "FTP"),
    (b"* OK IMAP4rev1 ready\r\n", Server, "IMAP"),
    (b"+OK POP3 ready\r\n", Server, "POP3"),
    (b"\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n", Server, "sieve"),
    (b"200 news.example NNRP service ready, posting allowed\r\n", Server, "NNTP"),
    (b"<?xml version='1.0'?><stream:stream to='a'>", Client, "XMPP"),
    (b":irc.example NOTICE * :*** Looking up your hostname\r\n", Server, "IRC"),
    (b"USER a 0 * :a\r\n", Client, "IRC"),
    (b"*1\r\n$4\r\nPING\r\n", Client, "Redis"),
    (b"-ERR unknown command '\x16\x03', with args beginning with: \r\n", Server, "Redis"),
    (b"+PONG\r\n", Server, "Redis"),
    (b"stats\r\n", Client, "memcached"),
    (b"ERROR\r\n", Server, "memcached"),
    (b"INFO {\"server_id\":\"N\"}\r\n", Server, "NATS"),
    (b"CONNECT {\"verbose\":false}\r\n", Client, "NATS"),
    (b"CONNECT a:443 HTTP/1.1\r\n\r\n", Client, "HTTP"),
    (b"CONNECT\naccept-version:1.2\n\n\0", Client, "STOMP"),
    (b"RFB 003.008\n", Server, "VNC"),
    (b"\xff\xfd\x18\xff\xfd\x20", Server, "telnet"),
    (b"<34>1 2026-11-29T10:00:00Z host app - - - text", Client, "syslog"),
    (b"@RSYNCD: 31.0\n", Server, "rsync"),
    (b"8=FIX.4.4\x019=5\x01", Client, "FIX"),
    (b"ruok", Client, "ZooKeeper"),
    (b"\0\0\0\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x75\x30\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", Client, "ZooKeeper"),
    (b"\0\0\0\x08\x04\xd2\x16\x2f", Client, "PostgreSQL"),
    (b"\0\0\0\x29\0\x03\0\0user\0a\0", Client, "PostgreSQL"),
    (b"E\0\0\0\x5cSFATAL\0", Server, "PostgreSQL"),
    (b"\x4a\0\0\0\x0a8.0.36\0", Server, "MySQL"),
    (b"\x20\0\0\x01\x8d\xae\xff\x19\0\0\0\x01\x2d", Client, "MySQL"),
    (b"\x12\x01\0\x2f\0\0\0\0\0\0\x1a\0\x06\x01\0\x20\0\x01\x02\0\x21\0\x01\x03\0\x22\0\x04\x04\0\x26\0\x01\xff\x11\0\0\0\0\0\x01\0\0\0\0\0", Client, "TDS"),
    (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0", Client, "LDAP"),
    (b"\x30\x84\0\0\0\x10\x02\x01\x01\x61\x84\0\0\0\x07", Server, "LDAP"),
    (b"AMQP\0\0\x09\x01", Client, "AMQP"),
    (b"AMQP\x03\x01\0\0", Client, "AMQP"),
    (b"\x10\x1e\0\x04MQTT\x05\x02\0\x3c", Client, "MQTT"),
    (b"\x20\x02\0\x01", Server, "MQTT"),
    (b"\0\0\0\x12\0\x12\0\x03\0\0\0\x01\0\x03abc\0\0\0\0\0", Client, "Kafka"),
    (b"\x04\0\0\0\x05\0\0\0\0", Client, "Cassandra"),
    (b"\x84\0\0\0\x06\0\0\0\0", Server, "Cassandra"),
    (b"\x1a\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0\x05\0\0\0\0", Client, "MongoDB"),
    (b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0", Client, "RDP"),
    (b"\x05\x01\0", Client, "SOCKS"),
    (b"\x04\x01\x01\xbb\xc0\0\x02\x01\0", Client, "SOCKS"),
    (b"\0\x1d\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01", Client, "DNS"),
    (b"\0\x15n\0\x05\0\x01\x02\x03a@host.example", Client, "Erlang"),
    (b"JRMI\0\x02K", Client, "Java RMI"),
    (b"\0\x0e\x38\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\0\0", Client, "OpenVPN"),
    (b"ZBXD\x01\x0f\0\0\0\0\0\0\0", Client, "Zabbix"),
    (b"\0\0\0\x9a\xfeSMB\x40\0", Client, "SMB"),
    (b"\0\x01\0\0\0\x06\x01\x03\0\0\0\x01", Client, "Modbus"),
    (b"HELF\x20\0\0\0", Client, "OPC UA"),
    (b"\x68\x04\x07\0\0\0", Client, "IEC 60870-5-104"),
];

#[test]
fn by_the_first_bytes() {
    for (bytes, from, name) in FIRST {
        let found = Protocol::of(bytes, *from).map_or("unknown", |protocol| protocol.name);
        assert!(found.starts_with(name), "{:?} is {name}, not {found}", shown(bytes));
    }
}

#[test]
fn a_report_of_five_bytes_suffices_for_text() {
    for (bytes, name) in [(b"OPTIO", "HTTP"), (b"CONNE", "HTTP"), (b"SSH-2", "SSH"), (b"* OK ", "IMAP")] {
        assert_eq!(Protocol::of(bytes, Client).map(|protocol| protocol.name), Some(name));
    }
}

#[test]
fn tls_and_arbitrary_bytes_are_unknown() {
    let hello = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    for bytes in [
        &hello[..],
        b"\x01\0\0\x25\x03\x03",
        b"\x15\x03\x01\0\x02\x02\x28",
        b"\x80\x2e\x01\0\x02",
        b"hello",
        b"",
        &[0; 64],
    ] {
        for from in [Client, Server] {
            assert!(Protocol::of(bytes, from).is_none(), "{bytes:02x?} from {from:?}");
        }
    }
}

#[test]
fn a_signature_needs_all_of_its_fields() {
    // Each differs from a real first message in one field.
    for bytes in [
        &b"\x30\x0c\x02\x01\x01\x0a\x07"[..],
        b"\x12\x01\0\x05\0\0\0\0\0",
        b"\x03\0\0\x13\x0e\x10\0\0\0\0\0\x01\0\x08\0\x0b\0\0\0",
        b"\0\0\0\x12\0\x60\0\x03\0\0\0\x01\0\x03abc\0\0\0\0\0",
        b"\x04\0\0\0\x05\0\0\0\x09",
        b"\0\x1e\xab\xcd\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01",
    ] {
        assert!(Protocol::of(bytes, Client).is_none(), "{bytes:02x?}");
    }
}

#[test]
fn bytes_are_shown_as_text_or_hexadecimal() {
    assert_eq!(shown(b"220 mx ESMTP\r\n"), "\"220 mx ESMTP\"");
    assert_eq!(shown(b"\x03\0\0\x13\x0e"), "03 00 00 13 0e");
    assert_eq!(shown(b"*1\r\n$4\r\nping\r\n"), "\"*1\\r\\n$4\\r\\nping\\r\\n\"");
    assert_eq!(shown(&[0x12; 20]), format!("{} …", ["12"; 16].join(" ")));
}

#[test]
fn a_record_header_is_decoded_from_text() {
    let words = as_record_header(b"HTTP/1.1 400").unwrap();
    assert!(
        words.contains("type 72") && words.contains("0x5454") && words.contains("length 20527"),
        "{words}"
    );
    assert_eq!(as_record_header(b"\x16\x03\x01\0\x05"), None);
}
