//! Dumps as programs print them and people paste them: the cause is found in each form. The files in
//! `vectors/dumps` are the output of the real programs over loopback: OpenSSL 3.0.19, curl 7.88.1,
//! GnuTLS 3.7.9, Java 17, Mbed TLS 2.28.3, tcpdump 4.99.3, tshark 4.0.17. The server accepts TLS 1.3 only and
//! the client offers TLS 1.2 at most, or (`-ca`) the client does not trust the server's self-signed
//! certificate; in `healthy-*` the handshake completes.

use handclasp_explain::{Explanation, Severity, explain_bytes};

const VERSION: &str = "version.none-in-common";

fn vector(name: &str) -> String {
    let path = format!("{}/tests/vectors/dumps/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn explained(text: &str) -> Explanation {
    explain_bytes(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{}", &text[..text.len().min(500)]))
}

fn cause(text: &str) -> &'static str {
    explained(text).verdict().map_or("none", |finding| finding.cause.id())
}

/// Names of messages and events with their senders.
fn events(text: &str) -> Vec<String> {
    let explanation = explained(text);
    let events = explanation.conversations.iter().flat_map(|diagnosis| &diagnosis.conversation.events);
    events.map(|event| format!("{:?} {:?}", event.from, event.kind)).collect()
}

#[test]
fn what_programs_print_about_an_old_client() {
    for name in [
        "openssl-msg.txt",
        "openssl-debug.txt",
        "openssl-trace.txt",
        "curl-trace.txt",
        "curl-trace-ascii.txt",
        "gnutls-d9.txt",
        "java-17.txt",
        "mbedtls-2.28.txt",
        "tcpdump-x.txt",
        "tcpdump-X.txt",
        "tcpdump-XX.txt",
        "tshark-x.txt",
        "tshark-V.txt",
        "tshark-Vx.txt",
        "tshark-json.json",
        "tshark-jsonraw.json",
        "tshark-ek.json",
        "tshark-fields.txt",
        "tshark-fields-ends.txt",
        "follow-hex.txt",
        "follow-raw.txt",
        "follow-yaml.txt",
    ] {
        assert_eq!(cause(&vector(name)), VERSION, "{name}");
    }
}

#[test]
fn both_sides_are_known() {
    for name in [
        "java-17.txt",
        "mbedtls-2.28.txt",
        "openssl-debug.txt",
        "follow-hex.txt",
        "tshark-ek.json",
        "tshark-V.txt",
        "tcpdump-X.txt",
    ] {
        let events = events(&vector(name));
        assert!(events.iter().any(|event| event.starts_with("Client Handshake")), "{name}: {events:?}");
        assert!(events.iter().any(|event| event.starts_with("Server Alert")), "{name}: {events:?}");
    }
}

/// The fields of `openssl -trace` are the bytes that `-msg` dumps.
#[test]
fn a_trace_of_fields_is_bytes_again() {
    let events = events(&vector("healthy-openssl-trace-13.txt"));
    for message in [
        "client_hello",
        "server_hello",
        "encrypted_extensions",
        "certificate",
        "certificate_verify",
        "finished",
    ] {
        assert!(
            events.iter().any(|event| event.contains(&format!("msg_type: {message},"))),
            "{message}: {events:?}"
        );
    }
}

#[test]
fn what_programs_print_about_an_unknown_ca() {
    for (name, causes) in [
        ("openssl-trace-ca.txt", ["cert.self-signed", "cert.self-signed"]),
        ("curl-trace-ca.txt", ["cert.self-signed", "cert.self-signed"]),
        ("java-17-ca.txt", ["cert.unknown-issuer", "cert.self-signed"]),
        ("mbedtls-2.28-ca.txt", ["cert.self-signed", "cert.unknown-issuer"]),
    ] {
        let found = cause(&vector(name));
        assert!(causes.contains(&found), "{name}: {found}");
    }
}

#[test]
fn healthy_connections_raise_no_alarm() {
    for name in [
        "healthy-openssl-msg-12.txt",
        "healthy-openssl-debug-12.txt",
        "healthy-openssl-trace-12.txt",
        "healthy-openssl-trace-13.txt",
        "healthy-curl-12.txt",
        "healthy-mbedtls.txt",
        "healthy-java-21445.txt",
        "healthy-java-21446.txt",
    ] {
        assert_eq!(cause(&vector(name)), "none", "{name}");
    }
}

/// What systems print in front of the lines of Mbed TLS.
#[test]
fn devices_print_prefixes() {
    let log = vector("mbedtls-2.28.txt");
    let each = |line: &dyn Fn(&str) -> String| log.lines().map(line).collect::<Vec<_>>().join("\n");
    let plain = |line: &str| line.replace("|4| ", "").replace("|3| ", "").replace("|2| ", "");
    let single = |line: &str| match line.split_once("0x7fff75971cb0: ") {
        Some((place, words)) => format!("{place}{words}"),
        None => line.to_owned(),
    };
    for (name, text) in [
        ("ESP-IDF", each(&|line| format!("I (4123) mbedtls: {}", plain(line)))),
        (
            "ESP-IDF in colours",
            each(&|line| format!("\u{1b}[0;32mI (4123) mbedtls: {}\u{1b}[0m", single(&plain(line)))),
        ),
        ("Zephyr", each(&|line| format!("[00:00:01.000,000] \u{1b}[0m<dbg> mbedtls: {}", single(line)))),
        ("Zephyr, inf", each(&|line| format!("[00:00:05.271,000] <inf> mbedtls: {}", plain(line)))),
        ("STM32Cube", each(&|line| format!("{}\r", single(&plain(line))))),
        ("a serial monitor", each(&|line| format!("12:31:07.123 -> {}", single(line)))),
        ("a path", each(&|line| format!("../Middlewares/Third_Party/mbedTLS/library/{}", single(line)))),
        ("80 columns", each(&|line| single(&plain(line)).chars().take(80).collect())),
        (
            "80 columns, wrapped",
            each(&|line| {
                let line: Vec<char> = format!("mbedtls: {}", plain(line)).chars().collect();
                line.chunks(80).map(String::from_iter).collect::<Vec<_>>().join("\n")
            }),
        ),
    ] {
        assert_eq!(cause(&text), VERSION, "{name}");
        let events = events(&text);
        assert!(events.iter().any(|event| event.starts_with("Client Handshake")), "{name}: {events:?}");
        assert!(events.iter().any(|event| event.starts_with("Server Alert")), "{name}: {events:?}");
        assert!(!events.iter().any(|event| event.contains("Gap")), "{name}: {events:?}");
    }
}

/// Two connections of one program, their lines interleaved, and the same context used again.
#[test]
fn several_contexts() {
    let log = vector("mbedtls-2.28.txt");
    let other = vector("mbedtls-2.28-ca.txt");
    let pointer =
        |text: &str| text.split(" 0x").nth(1).and_then(|rest| rest.split(':').next()).unwrap().to_owned();
    let other = other.replace(&pointer(&other), "3ffb5a80");
    let mut lines = other.lines();
    let mut mixed = String::new();
    for line in log.lines() {
        mixed.push_str(line);
        mixed.push('\n');
        mixed.extend(lines.by_ref().take(2).flat_map(|line| [line, "\n"]));
    }
    mixed.extend(lines.flat_map(|line| [line, "\n"]));
    let explanation = explained(&mixed);
    let causes: Vec<_> = explanation.findings().iter().map(|finding| finding.cause.id()).collect();
    assert_eq!(explanation.conversations.len(), 2, "{causes:?}");
    assert!(causes.contains(&VERSION) && causes.contains(&"cert.self-signed"), "{causes:?}");

    let again = explained(&format!("{log}\n{log}"));
    assert_eq!(again.conversations.len(), 2);
    assert_eq!(again.verdict().unwrap().cause.id(), VERSION);
}

#[test]
fn a_dump_that_is_incomplete_says_how_much_is_missing() {
    // The second half of the hello is lost; the alert is there.
    let log = vector("mbedtls-2.28.txt");
    let lost = |line: &&str| !(line.contains(": 00") || line.contains(": 01")) || line.contains(" 0000: ");
    let text: String = log.lines().filter(lost).flat_map(|line| [line, "\n"]).collect();
    let explanation = explained(&text);
    let missing =
        explanation.findings().into_iter().find(|finding| finding.summary.contains("leaves out")).unwrap();
    assert!(
        missing.summary.contains("leaves out 286 of the 297 bytes of the record at offset 0"),
        "{}",
        missing.summary
    );
    assert_eq!(missing.severity, Severity::Advice);
    assert_eq!(explanation.verdict().unwrap().cause.id(), VERSION);
    assert!(events(&text).iter().any(|event| event.contains("Gap(286)")), "{:?}", events(&text));
    // A header without its record: the connection stopped there.
    let header = "ssl_msg.c:3536: dumping 'input record header' (5 bytes)\nssl_msg.c:3536: 0000:  16 03 03 01 a7  .....\n";
    let explanation = explained(header);
    assert!(
        explanation
            .findings()
            .iter()
            .any(|finding| finding.summary.contains("leaves out 423 of the 423 bytes"))
    );
}

#[test]
fn other_forms_of_the_same_bytes() {
    let bytes = explained(&vector("follow-hex.txt")).dissection.unwrap().bytes;
    let (hello, alert) = bytes.split_at(bytes.len() - 7);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let array =
        |bytes: &[u8]| bytes.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(", ");
    let dump = |bytes: &[u8]| {
        let line = |(at, row): (usize, &[u8])| format!("{:08x}  {:47}\n", at * 16, hex_spaced(row));
        bytes.chunks(16).enumerate().map(line).collect::<String>()
    };
    for (name, text) in [
        ("xxd -p", format!("{}\n{}\n", hex(hello), hex(alert))),
        ("base64", format!("{}\n{}\n", base64(hello), base64(alert))),
        ("base64 in one", base64(&bytes)),
        (
            "Go's hex.Dump",
            format!(
                "wrote {} bytes\n{}read 5 bytes\n{}read 2 bytes\n{}",
                hello.len(),
                dump(hello),
                dump(&alert[..5]),
                dump(&alert[5..])
            ),
        ),
        (
            "Wireshark's C arrays",
            format!(
                "char peer0_0[] = {{ /* Packet 4 */\n{} }};\nchar peer1_0[] = {{ /* Packet 6 */\n{} }};\n",
                array(hello),
                array(alert)
            ),
        ),
        (
            "Java 8",
            format!(
                "*** ClientHello, TLSv1.2\n[Raw write]: length = {}\n{}[Raw read]: length = 5\n0000: {}   .....\n\
                 [Raw read]: length = 2\n0000: {}       .F\nmain, READ: TLSv1.2 Alert, length = 2\n",
                hello.len(),
                dump(hello).replace("  16", ": 16").lines().map(java_8).collect::<String>(),
                hex_spaced(&alert[..5]).to_uppercase(),
                hex_spaced(&alert[5..]).to_uppercase(),
            ),
        ),
    ] {
        assert_eq!(cause(&text), VERSION, "{name}\n{text}");
    }
}

fn hex_spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// `0010: 37 EE …`
fn java_8(line: &str) -> String {
    let bytes = line[8..].trim_start_matches([':', ' ']).trim();
    format!("{}: {}\n", &line[4..8], bytes.to_uppercase())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let whole = [group[0], *group.get(1).unwrap_or(&0), *group.get(2).unwrap_or(&0)];
        let bits = u32::from_be_bytes([0, whole[0], whole[1], whole[2]]);
        let digit = |at: usize| match at > group.len() {
            true => '=',
            false => char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]),
        };
        (0..4).map(digit).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn a_listing_without_bytes_says_what_to_use() {
    let error = explain_bytes(vector("follow-ascii.txt").as_bytes()).unwrap_err().to_string();
    assert!(error.contains("tshark -z follow,tcp,hex,0"), "{error}");
}

#[test]
fn nothing_that_is_cut_makes_it_panic() {
    let folder = format!("{}/tests/vectors/dumps", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        for part in [2, 3, 5] {
            let end = text.len() / part;
            let _ = explain_bytes(&text[..end]);
            let _ = explain_bytes(&text[end..]);
        }
    }
}
