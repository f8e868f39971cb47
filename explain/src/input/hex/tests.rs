//! Every form of hex dump, the places of errors, and noise.

use super::*;
use crate::input::{Direction, Form};

/// Bytes with every trait that makes a dump hard: text, a bar, spaces, NUL, digits in the text.
fn sample() -> Vec<u8> {
    let mut bytes = vec![0x16, 3, 3, 0, 0x29, 1, 0, 0, 0x25, 3, 3];
    bytes.extend(b"|ab 12  #34//x  ");
    bytes.extend([0, 0xc0, 0x2f, 0, 0x20, 0xff, 0x7c, 0x3e]);
    bytes.extend(b"cafe");
    bytes
}

fn bytes(text: &str) -> Vec<u8> {
    let parts = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(parts.len(), 1, "{text}");
    assert_eq!((parts[0].direction, parts[0].form), (None, Form::Stream));
    parts[0].bytes.clone()
}

fn pairs(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if (b' '..=b'~').contains(byte) { char::from(*byte) } else { '.' }).collect()
}

/// A dump of lines made by `line(offset, bytes)`.
fn dump(width: usize, line: impl Fn(usize, &[u8]) -> String) -> String {
    let sample = sample();
    sample.chunks(width).enumerate().map(|(at, row)| line(at * width, row) + "\n").collect()
}

#[test]
fn without_offsets() {
    let sample = sample();
    for between in ["", " ", ":", ", ", "-", "\n", "\t", "  ", "\r\n"] {
        assert_eq!(bytes(&pairs(&sample, between)), sample, "{between:?}");
        assert_eq!(bytes(&pairs(&sample, between).to_uppercase()), sample);
    }
    assert_eq!(bytes("\u{feff}16 03\u{a0}03"), [0x16, 3, 3]);
    assert_eq!(
        bytes(
            &pairs(&sample, "")
                .chars()
                .collect::<Vec<_>>()
                .chunks(7)
                .map(String::from_iter)
                .collect::<Vec<_>>()
                .join("\n")
        ),
        sample
    );
    assert_eq!(bytes("1603 0300 29"), [0x16, 3, 3, 0, 0x29]);
    assert_eq!(bytes("0100 00 25 03"), [1, 0, 0, 0x25, 3], "no offset: nothing confirms it");
}

#[test]
fn with_comments_and_headings() {
    let text =
        "Here is my first hello:\n# comment\n16 03 03 // record\n00 /* the\n length */ 29\n-- done\n01";
    assert_eq!(bytes(text), [0x16, 3, 3, 0, 0x29, 1]);
}

#[test]
fn dumps_with_offsets() {
    let sample = sample();
    let xxd = dump(16, |at, row| {
        let groups: Vec<String> = row.chunks(2).map(|pair| pairs(pair, "")).collect();
        format!("{at:08x}: {:39}  {}", groups.join(" "), shown(row))
    });
    let hexdump = dump(16, |at, row| {
        let (left, right) = row.split_at(row.len().min(8));
        format!("{at:08x}  {:23}  {:23}  |{}|", pairs(left, " "), pairs(right, " "), shown(row))
    });
    let openssl = dump(16, |at, row| {
        let (left, right) = row.split_at(row.len().min(8));
        let dash = if right.is_empty() { " " } else { "-" };
        format!(
            "{at:04x} - {:47}   {}",
            format!("{}{dash}{}", pairs(left, " "), pairs(right, " ")),
            shown(row)
        )
    });
    let wireshark = dump(16, |at, row| format!("{at:04x}   {:47}   {}", pairs(row, " "), shown(row)));
    let mbedtls = dump(16, |at, row| format!("{at:04x}:  {:47}  {}", pairs(row, " "), shown(row)));
    let octal = dump(16, |at, row| format!("{at:07o} {}", pairs(row, " ")));
    let shown_by_od = dump(16, |at, row| format!("{at:07} {:47}  >{}<", pairs(row, " "), shown(row)));
    let tcpdump = dump(16, |at, row| {
        let groups: Vec<String> = row.chunks(2).map(|pair| pairs(pair, "")).collect();
        format!("\t0x{at:04x}:  {:39}  {}", groups.join(" "), shown(row))
    });
    let narrow = dump(8, |at, row| format!("{at:04x}: {:23}  {}", pairs(row, " "), shown(row)));
    for text in [xxd, hexdump, openssl, wireshark, mbedtls, octal, shown_by_od, tcpdump, narrow] {
        assert_eq!(bytes(&text), sample, "{text}");
        assert_eq!(bytes(&format!("{text}\n\n")), sample);
    }
}

#[test]
fn dumps_that_end_with_a_length_or_repeat() {
    assert_eq!(bytes("00000000  16 03 03 00  |....|\n00000004\n"), [0x16, 3, 3, 0]);
    let zeros = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000030  01\n00000031\n";
    let mut expected = vec![0; 48];
    expected.push(1);
    assert_eq!(bytes(zeros), expected);
    // hexdump without -C: words of two bytes, the low one first.
    assert_eq!(bytes("0000000 0316 0003 0129\n0000006\n"), [0x16, 3, 3, 0, 0x29, 1]);
    assert_eq!(bytes("0000000 0316 0003 0029\n0000005\n"), [0x16, 3, 3, 0, 0x29]);
    // A dump may begin in the middle.
    assert_eq!(bytes("0040: 16 03\n0042: 03\n"), [0x16, 3, 3]);
    assert_eq!(bytes("0040   16 03\n0042   03\n"), [0x16, 3, 3]);
}

#[test]
fn arrays() {
    let expected = [0x16, 3, 0xc0, 0x2f, 0];
    for text in [
        "0x16, 0x03, 0xC0, 0x2f, 0x00",
        "0x16 0x03 0xc0 0x2f 0",
        "const uint8_t hello[5] = { 0x16, 0x03, /* a 16 */ 0xc0,\n 0x2F, 0x00 };",
        "unsigned char b_bin[] = {\n  0x16, 0x03, 0xc0, 0x2f, 0x00\n};\nunsigned int b_bin_len = 5;",
        "let hello: [u8; 5] = [0x16, 3 - 0, 0x03];"
            .replace("3 - 0, ", "")
            .replace("0x03]", "0x03, 0xc0, 0x2f, 0x00]")
            .as_str(),
        "[22, 3, 192, 47, 0]",
        "new byte[] { 22, 3, -64, 47, 0 }",
        "new byte[] { (byte) 0x16, (byte)0x03, (byte)0xc0, (byte)0x2f, (byte)0x00 }",
        "0x1603c02f00",
        "bytes([22, 3, 192, 47, 0])",
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
}

#[test]
fn strings() {
    let expected = [0x16, 3, 0, b')', b'a', 10, 0, b'"'];
    for text in [
        r#"b'\x16\x03\x00)a\n\x00"'"#,
        r#""\x16\x03\x00" ")a\n\0\"""#,
        "\"\\x16\\x03\" \\\n\"\\x00\\x29\\x61\\x0a\\x00\\x22\"",
        r"\x16\x03\x00)a\n\x00\x22",
    ] {
        assert_eq!(bytes(text), expected, "{text}");
    }
    assert_eq!(parse(r#""\x16\x0g""#).unwrap_err(), error(1, 6, HexProblem::Escape));
    assert_eq!(parse(r#" "\x16"#).unwrap_err(), error(1, 2, HexProblem::Escape));
}

#[test]
fn errors_have_a_place() {
    let position = |text: &str| {
        let error = parse(text).unwrap_err();
        (error.line, error.column, error.problem)
    };
    assert_eq!(position(""), (1, 1, HexProblem::Empty));
    assert_eq!(position("hello world"), (1, 1, HexProblem::Empty));
    assert_eq!(position("16 03\n03 O0 29"), (2, 4, HexProblem::NotHex('O')));
    assert_eq!(position("l6 03 03"), (1, 1, HexProblem::NotHex('l')));
    assert_eq!(position("16 03\n03 0 29"), (2, 4, HexProblem::OddDigits(1)));
    assert_eq!(position("16030"), (1, 1, HexProblem::OddDigits(5)));
    assert_eq!(position("0x16, 0x3, 0x1ff"), (1, 12, HexProblem::NotAByte("0x1ff".into())));
    assert_eq!(position("0x16,\n 16"), (2, 2, HexProblem::NotAByte("16".into())), "ten or sixteen?");
    assert_eq!(position("0000: 16 03 03 00\n0008: 29"), (2, 1, HexProblem::Offset { found: 8, expected: 4 }));
    let text = parse("0000: 16 03\n0004: 29").unwrap_err().to_string();
    assert_eq!(
        text,
        "line 2, column 1: the offset is 0x0004, but 0x0002 bytes precede it: is a line or a byte missing?"
    );
    assert_eq!(parse("16 O3").unwrap_err().to_string(), "line 1, column 4: 'O' is not a hex digit");
}

#[test]
fn logs_of_openssl_and_mbedtls() {
    let message = |text: &str| {
        let parts = parse(text).unwrap();
        parts.into_iter().map(|part| (part.direction.unwrap(), part.form, part.bytes)).collect::<Vec<_>>()
    };
    let handshake = Form::Content(handclasp_codec::ContentType::handshake);
    let text = "CONNECTED(00000003)\n>>> TLS 1.0, RecordHeader [length 0005]\n    16 03 01 00 04\n>>> TLS 1.3, \
                Handshake [length 0004], ClientHello\n    01 00 00 00\n<<< TLS 1.3, InnerContent [length 0001]\n    16\n\
                <<< TLS 1.2, Alert [length 0002], fatal decode_error\n    02 32\ndead: words\n";
    let alert = Form::Content(handclasp_codec::ContentType::alert);
    assert_eq!(
        message(text),
        [(Direction::Sent, handshake, vec![1, 0, 0, 0]), (Direction::Received, alert, vec![2, 0x32])]
    );
    let text = "write to 0x6000 [0x6000] (2 bytes => 2 (0x2))\n0000 - 16 03   ..\nwrite to 0x6000 [0x6000] (1 bytes => 1)\n\
                0000 - 03   .\nread from 0x6000 [0x6000] (1 bytes => 1)\n0000 - 15   .\nsession ticket:\n0000 - aa bb\n";
    assert_eq!(
        message(text),
        [(Direction::Sent, Form::Stream, vec![0x16, 3, 3]), (Direction::Received, Form::Stream, vec![0x15])]
    );
    let text = "ssl_msg.c:2875: |4| dumping 'output record sent to network' (3 bytes)\n\
                ssl_msg.c:2875: |4| 0000:  16 03 03                                         ...\n\
                ssl_tls.c:1: |3| dumping 'premaster secret' (2 bytes)\nssl_tls.c:1: |3| 0000:  aa bb  ..\n";
    assert_eq!(message(text), [(Direction::Sent, Form::Stream, vec![0x16, 3, 3])]);
    assert!(parse("write to 0x1 [0x1]\n0000 - 16 03\n0010 - 03\n").is_err(), "a line was lost");
}

#[test]
fn nothing_makes_it_panic() {
    let alphabet: Vec<char> = "0123456789abcdefABCDEFx\\ \n\t:-|,#/*{}[]()'\">gö.\u{a0}".chars().collect();
    let mut state = 0x2545_f491_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    };
    for _ in 0..20_000 {
        let length = next() % 60;
        let text: String = (0..length).map(|_| alphabet[next() % alphabet.len()]).collect();
        let _ = parse(&text);
        let _ = parse(&format!("0000: {text}"));
        let _ = parse(&format!("write to 0x1\n0000 - {text}"));
        let _ = parse(&format!("\"\\x16{text}"));
        let _ = parse(&format!("0x16 {text}"));
    }
}
