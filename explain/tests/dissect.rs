//! Records and messages taken apart: fragments, several records, protected ones, other
//! protocols, damage. And whatever the input, an answer.

use handclasp_explain::{
    Severity,
    dissection::{Content, Dissection, Node, dissect, dissect_hex},
    render::{self, Palette},
};

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn bytes(name: &str) -> Vec<u8> {
    dissect_hex(&text(name)).unwrap().bytes
}

fn failures(explanation: &Dissection) -> Vec<&'static str> {
    let wrong = explanation.findings.iter().filter(|finding| finding.severity == Severity::Failure);
    wrong.map(|finding| finding.cause.id()).collect()
}

/// Names of messages, in order.
fn messages(nodes: &[Node]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for node in nodes {
        match node.value {
            Content::Name(_, Some(name)) if node.name == "handshake" => names.push(name),
            _ if node.name.starts_with("protected") => names.push(node.name),
            _ => names.extend(messages(&node.children)),
        }
    }
    names
}

/// Every field's range lies in its structure's, and no field is empty but those that may be.
fn sound(node: &Node, whole: usize) {
    assert!(node.range.start <= node.range.end && node.range.end <= whole, "{node:?}");
    for child in &node.children {
        // A message stands in the record where it begins, and may end in another.
        let spans = node.name == "record" && child.name == "handshake";
        let ends = child.range.end <= node.range.end || spans;
        assert!(node.range.start <= child.range.start && ends, "{node:?}");
        sound(child, whole);
    }
}

fn whole(explanation: &Dissection) {
    for node in &explanation.nodes {
        sound(node, explanation.bytes.len());
    }
    assert!(!explanation.to_string().is_empty());
}

/// The same handshake bytes in records of `size`.
fn fragmented(message: &[u8], size: usize) -> Vec<u8> {
    let record = |fragment: &[u8]| {
        let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
        [&[0x16, 3, 3, length[0], length[1]], fragment].concat()
    };
    message.chunks(size).flat_map(record).collect()
}

#[test]
fn a_flight_of_several_records() {
    let found = dissect_hex(&text("server-flight12.hex")).unwrap();
    whole(&found);
    assert_eq!(
        messages(&found.nodes),
        ["server_hello", "certificate", "server_key_exchange", "server_hello_done"]
    );
    let exchange = found.nodes[2].find("named_curve").unwrap();
    assert_eq!((exchange.value, exchange.range.clone()), (Content::Name(29, Some("x25519")), 981..983));
}

#[test]
fn messages_in_fragments_of_any_size_and_together() {
    let flight = bytes("server-flight12.hex");
    let mut content = Vec::new();
    let mut at = 0;
    while at < flight.len() {
        let length = usize::from(flight[at + 3]) << 8 | usize::from(flight[at + 4]);
        content.extend(&flight[at + 5..at + 5 + length]);
        at += 5 + length;
    }
    let names = ["server_hello", "certificate", "server_key_exchange", "server_hello_done"];
    for size in [1, 2, 3, 4, 5, 7, 16, 93, 94, 300, content.len()] {
        let found = dissect(&fragmented(&content, size));
        whole(&found);
        assert_eq!(messages(&found.nodes), names, "{size}");
        assert!(found.findings.is_empty(), "{size}: {:?}", found.findings);
    }
    // The bytes of a field that spans records are shown without the headers between.
    let found = dissect(&fragmented(&bytes("correct.hex")[5..], 20));
    assert!(found.to_string().contains("host_name: \"localhost\""), "{found}");
}

#[test]
fn what_is_protected_is_left_alone() {
    let found = dissect_hex(&text("openssl-debug-13.txt")).unwrap();
    whole(&found);
    let names = messages(&found.nodes);
    assert_eq!(
        names,
        ["client_hello", "server_hello", "protected", "protected", "protected", "protected", "protected"]
    );
    let mut bytes = vec![0x14, 3, 3, 0, 1, 1, 0x16, 3, 3, 0, 40];
    bytes.extend([0x9d; 40]);
    bytes.extend([0x15, 3, 3, 0, 26]);
    bytes.extend([0x77; 26]);
    let found = dissect(&bytes);
    assert_eq!(messages(&found.nodes), ["protected handshake", "protected alert"]);
    assert!(found.findings.is_empty());
}

#[test]
fn what_openssl_prints_of_messages() {
    let found = dissect_hex(&text("openssl-msg-13.txt")).unwrap();
    whole(&found);
    assert_eq!(
        messages(&found.nodes),
        [
            "client_hello",
            "server_hello",
            "encrypted_extensions",
            "certificate",
            "certificate_verify",
            "finished",
            "finished"
        ]
    );
    assert_eq!(failures(&found), [""; 0]);
    let found = dissect_hex(&text("openssl-msg-12.txt")).unwrap();
    let names = messages(&found.nodes);
    assert_eq!(
        names[..6],
        [
            "client_hello",
            "server_hello",
            "certificate",
            "server_key_exchange",
            "server_hello_done",
            "client_key_exchange"
        ]
    );
    assert!(found.to_string().contains("in TLS 1.2: SHA-512 with ECDSA on any curve"));
    assert_eq!(failures(&found), [""; 0]);
}

#[test]
fn reading_goes_on_after_a_broken_message() {
    let mut flight = bytes("server-flight12.hex");
    flight[976 + 4] = 1;
    let found = dissect(&flight);
    whole(&found);
    assert_eq!(messages(&found.nodes).len(), 4);
    assert_eq!(failures(&found), ["message.malformed"]);
    assert_eq!(found.findings[0].range.clone().unwrap().start, 980);
    assert!(
        found.findings[0]
            .summary
            .starts_with("The server_key_exchange message does not parse: curve_type at offset 980 is 1")
    );
}

#[test]
fn a_dump_that_was_cut() {
    let correct = bytes("correct.hex");
    let found = dissect(&correct[..60]);
    assert_eq!(failures(&found), ["transport.truncated"]);
    assert!(found.findings[0].summary.contains("announces 102 bytes, but 55 are present"));
    let found = dissect(&correct[..3]);
    assert!(found.findings[0].summary.contains("ends after 3 bytes of its header"));
}

#[test]
fn other_protocols_and_sizes() {
    for (bytes, id) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "transport.not-tls.http"),
        (b"GET / HTTP/1.1\r\n", "transport.not-tls.http"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "transport.not-tls.ssh"),
        (b"220 mail.example ESMTP\r\n", "transport.not-tls.smtp"),
        (b"\x20\x02\x00\x00", "transport.not-tls.mqtt"),
        (b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04abcd", "transport.not-tls.mqtt"),
        (b"* OK IMAP4rev1", "transport.starttls"),
        (b"\xde\xad\xbe\xef", "refused.unexplained"),
        (b"\x16\x03\x03\xff\xff\x01\x02", "record.too-large"),
        (b"\x15\x03\x03\x00\x01\x02", "alert.malformed"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "version.none-in-common"),
        (b"\x15\x03\x03\x00\x02\x02\x78", "alpn.none-in-common"),
    ] {
        assert_eq!(failures(&dissect(bytes)).first(), Some(&id), "{bytes:02x?}");
    }
    assert!(failures(&dissect(b"\x15\x03\x03\x00\x02\x01\x00")).is_empty(), "close_notify");
}

#[test]
fn colours_change_nothing_but_colours() {
    let found = dissect_hex(&text("blog2.hex")).unwrap();
    let plain = render::dissection(&found, Palette::Plain);
    assert!(!plain.contains('\u{1b}'));
    let mut colours = render::dissection(&found, Palette::Ansi);
    assert!(colours.contains('\u{1b}'));
    while let Some(start) = colours.find('\u{1b}') {
        let end = colours[start..].find('m').unwrap() + start + 1;
        colours.replace_range(start..end, "");
    }
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    assert_eq!(trimmed(&colours), trimmed(&plain));
}

#[test]
fn every_truncation_and_every_change_has_an_answer() {
    for name in ["blog1.hex", "blog2.hex", "correct.hex", "refused.hex", "server-hello-empty-server-name.hex"]
    {
        let bytes = bytes(name);
        for end in 0..bytes.len() {
            whole(&dissect(&bytes[..end]));
        }
        for position in 0..bytes.len() {
            for value in [0, 1, 3, 0x14, 0x16, 0x20, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[position] = value;
                whole(&dissect(&changed));
            }
        }
    }
    let flight = bytes("server-flight12.hex");
    for end in (0..flight.len()).step_by(7) {
        whole(&dissect(&flight[..end]));
    }
}
