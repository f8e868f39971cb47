//! Splitting a stream into records, and streams that must be rejected.

mod support;

use handclasp_codec::{ContentType, ProtocolVersion};
use handclasp_record::{Deframed, HEADER, Limit, MAX_PLAINTEXT, deframe, fragments, write_plain};
use handclasp_report::Fault;
use support::Numbers;

const FIRST: Limit = Limit { max_payload: MAX_PLAINTEXT, first: true };
const LATER: Limit = Limit { max_payload: MAX_PLAINTEXT, first: false };

#[test]
fn waits_for_the_whole_record() {
    let record = [22, 3, 1, 0, 4, 1, 2, 3, 4];
    for limit in [FIRST, LATER] {
        for length in 0..record.len() {
            let needed = if length < HEADER { HEADER } else { record.len() };
            assert_eq!(deframe(&record[..length], limit), Ok(Deframed::NeedMore(needed)));
        }
        let expected = Deframed::Record {
            content_type: ContentType::handshake,
            version: ProtocolVersion::TLS_1_0,
            length: 4,
        };
        assert_eq!(deframe(&record, limit), Ok(expected));
        let more = [&record[..], &[0xff; 20]].concat();
        assert_eq!(deframe(&more, limit), Ok(expected), "bytes after the record do not matter");
    }
}

#[test]
fn other_protocols_are_told_from_tls() {
    let others: [&[u8]; 7] = [
        b"HTTP/1.1 400 Bad Request",
        b"GET / HTTP/1.1",
        b"SSH-2.0-OpenSSH_9.6",
        b"220 mail.example ESMTP",
        b"\x00\x00\x00\x12\x04\x00\x00\x00", // HTTP/2 SETTINGS
        b"\x80\x2e\x01\x03\x01",             // a ClientHello in SSL 2 format
        b"\x01\x00\x00\xc0\x03\x03",         // a ClientHello without record header
    ];
    for bytes in others {
        let first = *bytes.first_chunk().unwrap();
        assert_eq!(deframe(bytes, FIRST), Err(Fault::NotTls { first }.code()));
        assert_eq!(deframe(bytes, LATER), Err(Fault::UnknownContentType(first[0]).code()));
    }
}

#[test]
fn content_types() {
    for content_type in 0..=u8::MAX {
        let record = [content_type, 3, 3, 0, 1, 0];
        match content_type {
            20..=23 => assert!(matches!(deframe(&record, LATER), Ok(Deframed::Record { .. }))),
            _ => assert_eq!(deframe(&record, LATER), Err(Fault::UnknownContentType(content_type).code())),
        }
    }
}

#[test]
fn versions_matter_only_at_first() {
    for (major, minor) in (0..=u8::MAX).flat_map(|major| (0..=u8::MAX).map(move |minor| (major, minor))) {
        let record = [22, major, minor, 0, 1, 0];
        let version = ProtocolVersion(u16::from_be_bytes([major, minor]));
        let expected = Deframed::Record { content_type: ContentType::handshake, version, length: 1 };
        assert_eq!(deframe(&record, LATER), Ok(expected));
        match major {
            3 => assert_eq!(deframe(&record, FIRST), Ok(expected)),
            _ => assert_eq!(deframe(&record, FIRST), Err(Fault::RecordVersion(version).code())),
        }
    }
}

#[test]
fn lengths_are_judged_by_the_header_alone() {
    for max_payload in [1, 512, MAX_PLAINTEXT, MAX_PLAINTEXT + 256] {
        let limit = Limit { max_payload, first: false };
        for length in 0..=u16::MAX {
            let [high, low] = length.to_be_bytes();
            let found = deframe(&[23, 3, 3, high, low], limit);
            let bytes = usize::from(length);
            let expected = match bytes {
                0 => Err(Fault::EmptyRecord(ContentType::application_data).code()),
                _ if bytes > max_payload => {
                    Err(Fault::RecordOverflow { limit: u16::try_from(max_payload).unwrap(), found: length }
                        .code())
                }
                _ => Ok(Deframed::NeedMore(HEADER + bytes)),
            };
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn plain_records_come_back() {
    let mut numbers = Numbers::new(1);
    for length in [1, 2, 255, 256, 1000, MAX_PLAINTEXT] {
        let payload = numbers.bytes(length);
        let mut record = Vec::new();
        write_plain(ContentType::alert, ProtocolVersion::TLS_1_2, &payload, &mut record);
        let expected =
            Deframed::Record { content_type: ContentType::alert, version: ProtocolVersion::TLS_1_2, length };
        assert_eq!(deframe(&record, FIRST), Ok(expected));
        assert_eq!(record[HEADER..], payload);
    }
}

#[test]
fn fragments_join_to_the_content() {
    let content = Numbers::new(2).bytes(1000);
    for limit in 0..=1001 {
        let pieces: Vec<_> = fragments(&content, limit).collect();
        assert_eq!(pieces.concat(), content);
        assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= limit.max(1)));
    }
    assert_eq!(fragments(&[], 512).count(), 0);
}

#[test]
fn any_bytes_give_an_answer() {
    let mut numbers = Numbers::new(3);
    for _ in 0..20_000 {
        let length = numbers.below(40);
        let bytes = numbers.bytes(length);
        for limit in [FIRST, LATER] {
            match deframe(&bytes, limit) {
                Ok(Deframed::NeedMore(needed)) => assert!(needed > bytes.len()),
                Ok(Deframed::Record { length, .. }) => assert!(length > 0 && HEADER + length <= bytes.len()),
                Err(_) => assert!(bytes.len() >= HEADER, "nothing fails before a header is complete"),
            }
        }
    }
}
