//! Headers of HAProxy and of the document, whole, in pieces and damaged.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Endpoints, Header, HeaderError, Incoming, LONGEST_HEADER, Senders, TlsFacts, Version};

/// What HAProxy 2.6 sent, with the client's data behind the header; of `send-proxy` and `send-proxy-v2` over IPv4 and
/// IPv6, and to a client of a UNIX socket.
const HAPROXY_V1_TCP4: &[u8] = b"PROXY TCP4 127.0.0.1 127.0.0.1 57316 18001\r\nmarker";
const HAPROXY_V1_TCP6: &[u8] = b"PROXY TCP6 ::1 ::1 36968 18001\r\nmarker";
const HAPROXY_V1_UNIX: &[u8] = b"PROXY UNKNOWN\r\nunix v1";
const HAPROXY_V2_TCP4: &str = "0d0a0d0a000d0a515549540a2111000c7f0000017f000001df7e46526d61726b6572";
const HAPROXY_V2_TCP6: &str = "0d0a0d0a000d0a515549540a21210024000000000000000000000000000000010000000000000000\
    0000000000000001eac846526d61726b6572";
const HAPROXY_V2_UNIX: &str = "0d0a0d0a000d0a515549540a20000000756e6978207632";

/// A check of health: LOCAL, with CRC-32C and an empty unique identifier.
const HAPROXY_V2_CHECK: &str = "0d0a0d0a000d0a515549540a2000000f030004889da1df2000050000000000";

/// `send-proxy-v2-ssl-cn` with `proxy-v2-options ssl,cert-cn,ssl-cipher,cert-key,cert-sig,authority,crc32c,unique-id`
/// of a client of TLS 1.3 with a certificate, and of one of TLS 1.2 without.
const HAPROXY_V2_TLS13: &str = "0d0a0d0a000d0a515549540a211100907f0000017f000001e3b84653030004a557470b01000a706f7374\
    67726573716c0200096c6f63616c686f737405000f3132372e302e302e312d353832393620004f0700000000210007544c5376312e33220008\
    73656e736f722037250005454332353624001165636473612d776974682d534841323536230016544c535f4145535f3235365f47434d5f5348\
    41333834746c730a";
const HAPROXY_V2_TLS12: &str = "0d0a0d0a000d0a515549540a211100737f0000017f000001e3bc4653030004f1fb135b05000f3132372e\
    302e302e312d353833303020004b0100000000210007544c5376312e32250005454332353624001165636473612d776974682d534841323536\
    23001d45434448452d45434453412d4145533235362d47434d2d534841333834746c736e6f636572740a";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// Reads a header in pieces of at most `piece` bytes, as a socket gives them, and returns what stands behind it.
fn read_in(sent: &[u8], piece: usize) -> Result<(Header, Vec<u8>), HeaderError> {
    let (mut incoming, mut rest) = (Incoming::new(), sent);
    loop {
        let wanted = incoming.wanted()?;
        let (taken, behind) = rest.split_at(wanted.min(piece).min(rest.len()));
        if taken.is_empty() {
            return Err(HeaderError::Ended { after: sent.len() });
        }
        rest = behind;
        if let Some(header) = incoming.push(taken)? {
            return Ok((header, rest.to_vec()));
        }
    }
}

/// The same in pieces of every size.
#[track_caller]
fn read(sent: &[u8]) -> Result<(Header, Vec<u8>), HeaderError> {
    let whole = read_in(sent, usize::MAX);
    for piece in [1, 2, 3, 7, 16] {
        assert_eq!(read_in(sent, piece), whole, "in pieces of {piece}");
    }
    whole
}

#[track_caller]
fn refused(sent: &[u8]) -> String {
    read(sent).unwrap_err().to_string()
}

fn tcp(source: &str, destination: &str) -> Endpoints {
    Endpoints::Tcp { source: source.parse().unwrap(), destination: destination.parse().unwrap() }
}

#[test]
fn headers_of_haproxy() {
    for (sent, endpoints, behind) in [
        (HAPROXY_V1_TCP4.to_vec(), tcp("127.0.0.1:57316", "127.0.0.1:18001"), "marker"),
        (HAPROXY_V1_TCP6.to_vec(), tcp("[::1]:36968", "[::1]:18001"), "marker"),
        (HAPROXY_V1_UNIX.to_vec(), Endpoints::Own, "unix v1"),
        (bytes(HAPROXY_V2_TCP4), tcp("127.0.0.1:57214", "127.0.0.1:18002"), "marker"),
        (bytes(HAPROXY_V2_TCP6), tcp("[::1]:60104", "[::1]:18002"), "marker"),
        (bytes(HAPROXY_V2_UNIX), Endpoints::Own, "unix v2"),
        (bytes(HAPROXY_V2_CHECK), Endpoints::Own, ""),
    ] {
        assert_eq!(read(&sent).unwrap(), (Header::new(endpoints), behind.as_bytes().to_vec()));
    }
}

#[test]
fn facts_about_tls_of_haproxy() {
    let (header, behind) = read(&bytes(HAPROXY_V2_TLS13)).unwrap();
    assert_eq!(behind, b"tls\n");
    assert_eq!(header.alpn.as_deref(), Some(b"postgresql".as_slice()));
    assert_eq!(header.authority.as_deref(), Some("localhost"));
    assert_eq!(header.unique_id.as_deref(), Some(b"127.0.0.1-58296".as_slice()));
    let expected = TlsFacts {
        certificate_in_connection: true,
        certificate_in_session: true,
        is_verified: true,
        version: Some("TLSv1.3".to_owned()),
        cipher: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        common_name: Some("sensor 7".to_owned()),
    };
    assert_eq!(header.tls, Some(expected));

    let (header, _) = read(&bytes(HAPROXY_V2_TLS12)).unwrap();
    let facts = header.tls.unwrap();
    assert_eq!(facts.version.as_deref(), Some("TLSv1.2"));
    assert_eq!(facts.cipher.as_deref(), Some("ECDHE-ECDSA-AES256-GCM-SHA384"));
    // HAProxy's field `verify` is 0 without a certificate, too.
    assert!(!facts.is_verified && !facts.certificate_in_session && facts.common_name.is_none());
}

#[test]
fn a_changed_bit_does_not_fit_the_checksum() {
    let sent = bytes(HAPROXY_V2_TLS13);
    // An address, a port, and bytes of values.
    for place in [16, 27, 40, 100] {
        let mut changed = sent.clone();
        changed[place] ^= 1;
        let error = read(&changed).unwrap_err();
        assert!(matches!(error, HeaderError::Checksum { found: 0xa557_470b, .. }), "{place}: {error}");
    }
}

/// Section 2.1 with the examples of the longest lines.
#[test]
fn lines_of_version_1() {
    let longest = "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";
    assert_eq!(longest.len(), 104);
    let all_ones = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
    let unknown = longest.replace("TCP6", "UNKNOWN");
    assert_eq!(unknown.len(), 107);
    for (line, endpoints) in [
        ("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", tcp("192.168.0.1:56324", "192.168.0.11:443")),
        (
            "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
            tcp("255.255.255.255:65535", "255.255.255.255:65535"),
        ),
        ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", tcp("0.0.0.0:0", "0.0.0.0:0")),
        ("PROXY TCP6 :: ::FFFF:1.2.3.4 0 1\r\n", tcp("[::]:0", "[::ffff:1.2.3.4]:1")),
        (longest, tcp(all_ones, all_ones)),
        (unknown.as_str(), Endpoints::Own),
        ("PROXY UNKNOWN anything  at all\r\n", Endpoints::Own),
    ] {
        let sent = format!("{line}\r\nPROXY ");
        assert_eq!(
            read(sent.as_bytes()).unwrap(),
            (Header::new(endpoints), b"\r\nPROXY ".to_vec()),
            "{line}"
        );
    }
}

#[test]
fn lines_of_version_1_that_are_refused() {
    for (line, said) in [
        ("PROXY TCP4 192.168.0.01 1.1.1.1 1 1\r\n", "source address at offset 11: expected an IPv4 address"),
        ("PROXY TCP4 1.1.1 1.1.1.1 1 1\r\n", "source address at offset 11"),
        ("PROXY TCP4 ::1 ::1 1 1 \r\n         ", "source address at offset 11: expected an IPv4 address"),
        ("PROXY TCP6 1.1.1.1 1.1.1.1 1 1\r\n", "source address at offset 11: expected an IPv6 address"),
        ("PROXY TCP6 fe80::1%eth0 ::1 1 1\r\n", "source address at offset 11"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 01 1\r\n", "source port at offset 27: expected 0 to 65535 without"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n", "source port at offset 27"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 1 65536\r\n", "destination port at offset 29: expected 0 to 65535"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 \r\n", "end of the line at offset 30"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n      ", "destination port at offset 29: expected 0 to 65535"),
        ("PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n", "source address at offset 11"),
        ("PROXY  TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "family at offset 6: expected TCP4, TCP6 or UNKNOWN"),
        (
            "PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n",
            "family at offset 6: expected TCP4, TCP6 or UNKNOWN, found \"UDP4\"",
        ),
        ("PROXY UNKNOWNS\r\n     ", "family at offset 6"),
        ("PROXY tcp4 1.1.1.1 1.1.1.1 1 1\r\n", "family at offset 6"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\nxx", "end of the line at offset 30: expected CR and LF"),
        ("PROXY TCP4 1.1.1.1 1.1.1.1 1 1\rxx", "end of the line at offset 30: expected CR and LF"),
        ("PROXY TCP4\r1.1.1.1 1.1.1.1 1 1\r\n", "end of the line at offset 10"),
        ("PROXYTCP4 1.1.1.1 1.1.1.1 1 1 1\r\n", "expected PROXY or the signature of version 2"),
        ("proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "expected PROXY or the signature of version 2"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "expected PROXY or the signature of version 2, found \"GET / HTTP/1.1\\r\"",
        ),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "found \"P"),
        ("PROXY TCP4 1.1.1.1 ", "the connection ended after 19 bytes of it"),
        ("", "the connection ended before its first byte"),
    ] {
        // How many bytes have come when it shows differs with the pieces.
        let error = read_in(line.as_bytes(), usize::MAX).unwrap_err().to_string();
        assert!(error.starts_with("PROXY header: ") && error.contains(said), "{line}: {error}");
        assert!(read_in(line.as_bytes(), 1).is_err(), "{line}");
    }
    let tls = read_in(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\0\0\0\0", 99).unwrap_err().to_string();
    assert!(tls.ends_with("found a TLS record: the sender does not send a PROXY header"), "{tls}");
    let endless = format!("PROXY UNKNOWN {}", "a".repeat(200));
    assert!(refused(endless.as_bytes()).contains("expected at most 107 bytes"));
}

fn version_2(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n".as_slice(), &[command, family], &length, block].concat()
}

#[test]
fn headers_of_version_2() {
    let unix = [b"/run/client".as_slice(), &[0; 97], b"/run/server", &[0; 97]].concat();
    assert_eq!(unix.len(), 216);
    let paths = Endpoints::Unix { source: b"/run/client".to_vec(), destination: b"/run/server".to_vec() };
    let abstract_name = [b"\0name".as_slice(), &[0; 103], &[0; 108]].concat();
    let abstract_name_of = Endpoints::Unix { source: b"\0name".to_vec(), destination: Vec::new() };
    let address = [10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2];
    let from_10 = tcp("10.0.0.1:1", "10.0.0.2:2");
    for (sent, endpoints) in [
        (version_2(0x21, 0x11, &address), from_10.clone()),
        // Values that are not known, also of other companies, are skipped: NOOP, NETNS, 0xea.
        (version_2(0x21, 0x11, &[&address[..], b"\x04\0\x02xy\x30\0\x01n\xea\0\x01\0"].concat()), from_10),
        (version_2(0x21, 0x31, &unix), paths),
        (version_2(0x21, 0x31, &abstract_name), abstract_name_of),
        // LOCAL: whatever stands behind it.
        (version_2(0x20, 0x00, &[]), Endpoints::Own),
        (version_2(0x20, 0x11, b"\x01"), Endpoints::Own),
        (version_2(0x20, 0x11, &address), Endpoints::Own),
        // Unspecified, and protocols that TLS is not spoken over.
        (version_2(0x21, 0x00, b"abc"), Endpoints::Own),
        (version_2(0x21, 0x01, b"abc"), Endpoints::Own),
        (version_2(0x21, 0x12, &address), Endpoints::Own),
        (version_2(0x21, 0x10, &address), Endpoints::Own),
        (version_2(0x21, 0x32, &unix), Endpoints::Own),
    ] {
        let (header, behind) = read(&[&sent[..], b"\x16\x03\x01"].concat()).unwrap();
        assert_eq!((header.endpoints, behind.as_slice()), (endpoints, b"\x16\x03\x01".as_slice()));
    }
}

#[test]
fn headers_of_version_2_that_are_refused() {
    let address = [10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2];
    let with = |values: &[u8]| version_2(0x21, 0x11, &[&address[..], values].concat());
    for (sent, said) in [
        (
            version_2(0x11, 0x11, &address),
            "version at offset 12: expected version 2 in the upper four bits, found 0x11",
        ),
        (version_2(0x22, 0x11, &address), "command at offset 12"),
        (version_2(0x21, 0x41, &address), "address family at offset 13"),
        (version_2(0x21, 0x13, &address), "transport protocol at offset 13"),
        (
            version_2(0x21, 0x11, &address[..11]),
            "IPv4 addresses and ports at offset 16: needs 12 bytes, 11 are left",
        ),
        (
            version_2(0x21, 0x21, &[0; 35]),
            "IPv6 addresses and ports at offset 16: needs 36 bytes, 35 are left",
        ),
        (
            version_2(0x21, 0x31, &[0; 215]),
            "paths of UNIX sockets at offset 16: needs 216 bytes, 215 are left",
        ),
        (with(b"\x04"), "type-length-value at offset 28: needs 3 bytes, 1 are left"),
        (with(b"\x04\0\x02x"), "type-length-value at offset 31: needs 2 bytes, 1 are left"),
        (with(b"\x03\0\x03abc"), "PP2_TYPE_CRC32C at offset 31: expected 4 bytes, found 3 bytes"),
        (with(b"\x03\0\x04abcd"), "CRC-32C: expected"),
        (with(b"\x02\0\x01a\x02\0\x01a"), "PP2_TYPE_AUTHORITY at offset 32: a second one"),
        (with(b"\x02\0\x01\xff"), "PP2_TYPE_AUTHORITY at offset 31: expected UTF-8, found the bytes ff"),
        (
            with(&[b"\x05\0\x81".as_slice(), &[b'a'; 129]].concat()),
            "PP2_TYPE_UNIQUE_ID at offset 31: expected at most 128",
        ),
        (with(b"\x20\0\x04\x01\0\0\0"), "PP2_TYPE_SSL at offset 31: needs 5 bytes, 4 are left"),
        (with(b"\x20\0\x07\x01\0\0\0\0\x21\0"), "type-length-value at offset 36: needs 3 bytes, 2 are left"),
        (
            with(b"\x20\0\x0d\x01\0\0\0\0\x22\0\x01a\x22\0\x01b"),
            "PP2_SUBTYPE_SSL_CN at offset 40: a second one",
        ),
        (b"\r\n\r\n\0\r\nQUIX\n\x21\x11\0\0".to_vec(), "expected PROXY or the signature of version 2"),
        (b"\r\n\r\nGET / HTTP/1.1\r\n".to_vec(), "expected PROXY or the signature of version 2"),
    ] {
        let error = read_in(&sent, usize::MAX).unwrap_err().to_string();
        assert!(error.contains(said), "expected {said}\nfound    {error}");
        assert!(read_in(&sent, 1).is_err(), "{said}");
    }
    let long = version_2(0x21, 0x11, &vec![0; LONGEST_HEADER]);
    // It is refused when its length has arrived, and nothing is waited for.
    assert!(refused(&long[..16]).contains("expected at most 16384 bytes, found 16400"));
}

#[test]
fn what_is_written_is_read() {
    let mut header = Header::new(tcp("192.0.2.7:40000", "198.51.100.1:443"));
    assert_eq!(header.encode(Version::V1), b"PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n");
    header.alpn = Some(b"h2".to_vec());
    header.authority = Some("a.example".to_owned());
    header.unique_id = Some(b"7".to_vec());
    header.psk_identity = Some(b"device 7".to_vec());
    header.tls = Some(TlsFacts {
        certificate_in_connection: false,
        certificate_in_session: true,
        is_verified: true,
        version: Some("TLSv1.3".to_owned()),
        cipher: Some("TLS_AES_128_GCM_SHA256".to_owned()),
        common_name: Some("Gerät 7".to_owned()),
    });
    let sent = header.encode(Version::V2);
    assert_eq!(read(&sent).unwrap(), (header.clone(), Vec::new()));
    // Section 2.2.6: `client` has TLS and a certificate of the session, `verify` is 0.
    assert!(sent.windows(8).any(|eight| eight[..1] == [0x20] && eight[3..8] == [0x05, 0, 0, 0, 0]));
    header.tls = Some(TlsFacts::default());
    let sent = header.encode(Version::V2);
    assert!(sent.windows(8).any(|eight| eight == [0x20, 0, 5, 0x01, 0, 0, 0, 1]));

    for endpoints in [
        Endpoints::Own,
        tcp("[2001:db8::1]:1", "[::1]:2"),
        Endpoints::Unix { source: Vec::new(), destination: vec![b'p'; 108] },
    ] {
        let header = Header::new(endpoints.clone());
        assert_eq!(read(&header.encode(Version::V2)).unwrap().0, header);
        let line = header.encode(Version::V1);
        match endpoints {
            Endpoints::Tcp { .. } => assert_eq!(read(&line).unwrap().0, header),
            _ => assert_eq!(line, b"PROXY UNKNOWN\r\n"),
        }
    }
    // What does not fit: of a path nothing, a value not at all.
    let long = Endpoints::Unix { source: vec![b'a'; 109], destination: Vec::new() };
    let header = Header { alpn: Some(vec![0; 5000]), ..Header::new(long) };
    let nothing = Header::new(Endpoints::Unix { source: Vec::new(), destination: Vec::new() });
    assert_eq!(read(&header.encode(Version::V2)).unwrap().0, nothing);
}

#[test]
fn addresses_of_two_families_are_both_ipv6() {
    let v4 = |port| SocketAddr::new(Ipv4Addr::new(192, 0, 2, 1).into(), port);
    let mapped = |port| SocketAddr::new(Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped().into(), port);
    let v6 = |port| SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
    for (source, destination, line) in [
        (v4(1), v4(2), "PROXY TCP4 192.0.2.1 192.0.2.1 1 2\r\n"),
        (mapped(1), v4(2), "PROXY TCP4 192.0.2.1 192.0.2.1 1 2\r\n"),
        (v6(1), v4(2), "PROXY TCP6 ::1 ::ffff:192.0.2.1 1 2\r\n"),
    ] {
        let header = Header::new(Endpoints::tcp(source, destination));
        assert_eq!(String::from_utf8(header.encode(Version::V1)).unwrap(), line);
        assert_eq!(read(&header.encode(Version::V2)).unwrap().0, header);
    }
}

/// Any bytes: an error or a header, and never a byte more than belongs to it.
#[test]
fn no_bytes_panic() {
    let seeds = [
        HAPROXY_V1_TCP4.to_vec(),
        bytes(HAPROXY_V2_TLS13),
        bytes(HAPROXY_V2_TCP6),
        version_2(0x21, 0x31, &[1; 220]),
    ];
    for seed in &seeds {
        for place in 0..seed.len() {
            for value in [0, 1, 0x0a, 0x0d, 0x20, 0x7f, 0xff] {
                let mut changed = seed.clone();
                changed[place] = value;
                let _ = read_in(&changed, usize::MAX);
                let _ = read_in(&changed[..place], 5);
            }
        }
    }
}

#[test]
fn senders() {
    let senders: Senders = "10.0.0.0/8, 2001:db8::/32,192.0.2.7,unix".parse().unwrap();
    for (address, is_permitted) in [
        ("10.255.0.1", true),
        ("11.0.0.1", false),
        ("::ffff:10.1.1.1", true),
        ("2001:db8:ffff::1", true),
        ("2001:db9::1", false),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("127.0.0.1", false),
        ("a00::", false),
    ] {
        assert_eq!(senders.permit(address.parse::<IpAddr>().unwrap()), is_permitted, "{address}");
    }
    assert!(senders.permit_unix());
    assert_eq!(senders.to_string(), "10.0.0.0/8,2001:db8::/32,192.0.2.7,unix");
    let loopback: Senders = "loopback".parse().unwrap();
    assert!(loopback.permit("127.8.0.1".parse().unwrap()) && loopback.permit("::1".parse().unwrap()));
    assert!(!loopback.permit_unix() && !loopback.permit("128.0.0.1".parse().unwrap()));
    let any: Senders = "0.0.0.0/0,::/0".parse().unwrap();
    assert!(any.permit("203.0.113.9".parse().unwrap()) && any.permit("2001:db8::9".parse().unwrap()));
    for (text, said) in [
        (
            "",
            "expected an address (10.1.2.3, 2001:db8::1), a network (10.0.0.0/8), loopback or unix, found \"\"",
        ),
        ("lb.example", "found \"lb.example\""),
        ("10.0.0.0/33", "expected a length of 0 to 32 behind the slash, found \"10.0.0.0/33\""),
        ("::/129", "expected a length of 0 to 128"),
        ("10.0.0.0/+8", "expected a length of 0 to 32"),
        (
            "10.0.0.1/8",
            "expected a network whose other bits are zero (10.0.0.0/8) or one address without a slash",
        ),
        ("loopback,", "found \"\""),
    ] {
        let error = text.parse::<Senders>().unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

#[tokio::test]
async fn a_header_is_read_from_a_stream_and_no_byte_behind_it() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    for sent in [HAPROXY_V1_TCP4.to_vec(), bytes(HAPROXY_V2_TCP4)] {
        let (mut near, mut far) = tokio::io::duplex(64);
        far.write_all(&sent).await.unwrap();
        drop(far);
        let header = super::read_header(&mut near).await.unwrap();
        assert!(matches!(header.endpoints, Endpoints::Tcp { .. }));
        let mut rest = String::new();
        near.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "marker");
        let (mut near, mut far) = tokio::io::duplex(64);
        far.write_all(&sent[..20]).await.unwrap();
        drop(far);
        let error = super::read_header(&mut near).await.unwrap_err();
        assert_eq!(error.to_string(), "PROXY header: the connection ended after 20 bytes of it");
    }
}
