//! Conversations written by hand, and the events that are read from them.

use handclasp_codec::Field;

mod corpus;
mod decrypted;
mod keys;

use super::*;
use crate::input::evidence::Evidence;

/// A ClientHello of TLS 1.2 as a message: random of 0x52, one suite, no extensions.
fn client_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[0x52; 32], &[0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
    message(1, &body)
}

fn server_hello() -> Vec<u8> {
    message(2, &[&[3, 3][..], &[0x53; 32], &[0, 0xc0, 0x2b, 0]].concat())
}

fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    let [_, high, middle, low] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[msg_type, high, middle, low], body].concat()
}

fn record(content_type: u8, payload: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(payload.len()).unwrap().to_be_bytes();
    [&[content_type, 3, 3, high, low], payload].concat()
}

/// What both sides say, in turns; each turn is a packet.
fn read_from_start(turns: &[(Side, &[u8])]) -> Conversation {
    read(turns, false)
}

fn read(turns: &[(Side, &[u8])], begins_late: bool) -> Conversation {
    read_with(&Evidence::default(), turns, begins_late)
}

fn read_with(evidence: &Evidence, turns: &[(Side, &[u8])], begins_late: bool) -> Conversation {
    let mut reading =
        ConversationReader::new(Rc::new(Secrets::new(evidence)), "c".to_owned(), "s".to_owned(), begins_late);
    let mut offsets = [0, 0];
    for (frame, (from, bytes)) in (1..).zip(turns) {
        let offset = match from {
            Side::Client => &mut offsets[0],
            Side::Server => &mut offsets[1],
        };
        let length = u64::try_from(bytes.len()).unwrap();
        let position = Position { frame: Some(frame), time: None, offset: *offset, length };
        *offset += length;
        reading.on_event(&CaptureEvent { from: *from, position, kind: CaptureEventKind::Bytes(bytes) });
    }
    reading.finish()
}

use Side::{Client, Server};

/// The items in short.
fn short(conversation: &Conversation) -> Vec<String> {
    conversation
        .events
        .iter()
        .map(|item| {
            let from = if item.from == Client { "C" } else { "S" };
            let what = match &item.kind {
                EventKind::Handshake(message) => format!("{}", message.msg_type),
                EventKind::Alert { description, .. } => format!("alert {description}"),
                EventKind::Protected(sealed) => format!("sealed {} {}", sealed.content_type, sealed.length),
                EventKind::NotTls { prefix: begins } => {
                    format!("foreign {}", String::from_utf8_lossy(begins))
                }
                EventKind::ApplicationData { records, bytes, .. } => format!("data {records} {bytes}"),
                EventKind::Error(StreamError::RecordTruncated { announced, available, .. }) => {
                    format!("cut {available}/{announced}")
                }
                EventKind::Error(StreamError::MessageTruncated { announced, bytes, .. }) => {
                    format!("message cut {}/{announced}", bytes.len() - 4)
                }
                other => format!("{other:?}"),
            };
            format!("{from} {what}")
        })
        .collect()
}

#[test]
fn messages_over_records_and_several_in_one() {
    let hello = client_hello();
    let (front, back) = hello.split_at(10);
    let stream = [record(22, front), record(22, back)].concat();
    let flight = [server_hello(), message(11, &[0, 0, 0]), message(14, &[])].concat();
    let conversation = read_from_start(&[(Client, &stream), (Server, &record(22, &flight))]);
    assert_eq!(
        short(&conversation),
        ["C client_hello", "S server_hello", "S certificate", "S server_hello_done"]
    );

    let EventKind::Handshake(hello) = &conversation.events[0].kind else { panic!() };
    assert_eq!((hello.records, hello.longest_record), (2, 35));
    assert_eq!(hello.error, None);
    let position = conversation.events[0].position;
    assert_eq!((position.frame, position.offset, position.length), (Some(1), 0, 55));
    let offsets: Vec<_> =
        conversation.events.iter().map(|item| (item.position.offset, item.position.length)).collect();
    assert_eq!(offsets, [(0, 55), (0, 47), (47, 7), (54, 4)]);
}

#[test]
fn byte_by_byte_it_is_the_same() {
    let client = [record(22, &client_hello()), record(21, &[2, 40])].concat();
    let whole = read_from_start(&[(Client, &client)]);
    let bytes: Vec<_> = client.iter().map(|byte| (Client, std::slice::from_ref(byte))).collect();
    let conversation = read_from_start(&bytes);
    assert_eq!(short(&conversation), short(&whole));
    assert_eq!(short(&conversation), ["C client_hello", "C alert handshake_failure"]);
    // Each ends with the packet of its last byte.
    let frames: Vec<_> = conversation.events.iter().map(|item| item.position.frame).collect();
    assert_eq!(frames, [Some(50), Some(57)]);
}

#[test]
fn what_is_cut_stands_where_it_came() {
    let hello = record(22, &client_hello());
    let alert = record(21, &[2, 50]);
    let conversation = read_from_start(&[(Client, &hello[..30]), (Server, &alert), (Client, b"")]);
    assert_eq!(short(&conversation), ["C cut 25/45", "S alert decode_error"]);
    for cut in 1..5 {
        assert_eq!(short(&read_from_start(&[(Client, &hello[..cut])])), ["C cut 0/0"]);
    }
    // Its records are whole, the message is not.
    let mut long = client_hello();
    long[3] += 5;
    let conversation = read_from_start(&[(Client, &record(22, &long)), (Server, &alert)]);
    assert_eq!(short(&conversation), ["C message cut 41/46", "S alert decode_error"]);
    // An alert ends the wait for the rest.
    let conversation = read_from_start(&[(Client, &record(22, &long)), (Client, &alert)]);
    assert_eq!(short(&conversation), ["C message cut 41/46", "C alert decode_error"]);
}

#[test]
fn what_does_not_parse_is_told() {
    let mut hello = client_hello();
    hello[38] = 0xc0;
    let conversation = read_from_start(&[(Client, &record(22, &hello))]);
    let EventKind::Handshake(message) = &conversation.events[0].kind else { panic!() };
    let failure = message.error.unwrap();
    assert_eq!(failure.within, Field::client_hello);
    assert_eq!((failure.error.field, failure.error.offset), (Field::legacy_session_id, 38));
    assert_eq!(failure.to_string(), "legacy_session_id at offset 38 is 192, expected 0 to 32");
}

#[test]
fn too_long_a_record_and_where_the_next_one_begins() {
    let flight = record(22, &server_hello());
    let mut stream = [flight.clone(), record(22, &message(14, &[]))].concat();
    stream[3] |= 0x80;
    let conversation = read_from_start(&[(Client, &record(22, &client_hello())), (Server, &stream)]);
    let EventKind::Error(broken) = &conversation.events[1].kind else { panic!() };
    let expected =
        StreamError::RecordTooLong { announced: 0x8000 + 42, next_at: Some(42), available: 42 + 5 + 4 };
    assert_eq!(*broken, expected);
}

#[test]
fn no_tls() {
    let hello = record(22, &client_hello());
    let conversation = read_from_start(&[(Client, &hello), (Server, b"HTTP/1.1 400 Bad Request\r\n\r\n")]);
    assert_eq!(short(&conversation), ["C client_hello", "S foreign HTTP/1.1 400 Bad Request\r\n\r\n"]);
    let conversation =
        read_from_start(&[(Client, b"GET / HTTP/1.1\r\n\r\n"), (Server, &record(21, &[2, 70]))]);
    assert_eq!(short(&conversation), ["C foreign GET / HTTP/1.1\r\n\r\n", "S alert protocol_version"]);
    // The header of the record is missing.
    let conversation = read_from_start(&[(Client, &client_hello())]);
    let EventKind::NotTls { prefix: begins } = &conversation.events[0].kind else { panic!() };
    assert_eq!(*begins, client_hello());
}

#[test]
fn tls_behind_a_plain_prelude() {
    let (hello, answer) = (record(22, &client_hello()), record(22, &server_hello()));
    let conversation = read_from_start(&[
        (Server, b"220 mail\r\n"),
        (Client, b"STARTTLS\r\n"),
        (Server, b"220 go\r\n"),
        (Client, &hello[..7]),
        (Client, &hello[7..]),
        (Server, &answer),
    ]);
    assert_eq!(
        short(&conversation),
        [
            "S foreign 220 mail\r\n",
            "C foreign STARTTLS\r\n",
            "S foreign 220 go\r\n",
            "C client_hello",
            "S server_hello"
        ]
    );
    let places: Vec<_> = conversation.events.iter().map(|item| item.position.offset).collect();
    assert_eq!(places, [0, 0, 10, 10, 18]);
    // PostgreSQL: the answer is one letter.
    let request = [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f];
    let conversation = read_from_start(&[
        (Client, &request),
        (Server, b"S"),
        (Client, &hello),
        (Server, &record(21, &[2, 40])),
    ]);
    assert_eq!(short(&conversation)[1..], ["S foreign S", "C client_hello", "S alert handshake_failure"]);
}

#[test]
fn tls_inside_tds_packets() {
    let packet = |kind: u8, status: u8, payload: &[u8]| {
        let length = u16::try_from(payload.len() + 8).unwrap().to_be_bytes();
        [&[kind, status], &length[..], &[0, 0, 0, 0], payload].concat()
    };
    let options = [0, 0, 6, 0, 6, 1, 0, 12, 0, 1, 0xff, 1];
    let (hello, flight) = (record(22, &client_hello()), record(22, &server_hello()));
    let (first, second) = flight.split_at(20);
    let conversation = read_from_start(&[
        (Client, &packet(0x12, 1, &options)),
        (Server, &packet(4, 1, &options)),
        (Client, &packet(0x12, 1, &hello)),
        (Server, &packet(0x12, 0, first)),
        (Server, &packet(0x12, 1, second)),
        (Client, &packet(0x12, 1, &record(20, &[1]))),
        (Client, &record(23, &[9; 40])),
        // A failing handshake: the alert is in a packet, too.
        (Server, &packet(0x12, 1, &record(21, &[2, 40]))),
    ]);
    let found = short(&conversation);
    assert_eq!(
        found[2..],
        [
            "C client_hello",
            "S server_hello",
            "C ChangeCipherSpec",
            "C data 1 40",
            "S alert handshake_failure"
        ]
    );
}

#[test]
fn tls12_without_keys() {
    let finished = [0x5a; 40];
    let client = [
        record(22, &client_hello()),
        record(20, &[1]),
        record(22, &finished),
        record(23, &[9; 100]),
        record(23, &[9; 50]),
        record(21, &[9; 26]),
    ];
    let conversation = read_from_start(&[
        (Client, &client[0]),
        (Server, &record(22, &server_hello())),
        (Client, &client[1..].concat()),
    ]);
    assert_eq!(
        short(&conversation)[2..],
        ["C ChangeCipherSpec", "C sealed handshake 40", "C data 2 150", "C sealed alert 26"]
    );
    // A peer that forgets to encrypt.
    let plain = [record(20, &[1]), record(22, &message(20, &[7; 12]))].concat();
    let conversation =
        read_from_start(&[(Client, &client[0]), (Server, &record(22, &server_hello())), (Client, &plain)]);
    assert_eq!(short(&conversation)[2..], ["C ChangeCipherSpec", "C finished"]);
}

#[test]
fn a_hello_of_ssl_2() {
    let hello = [&[0x80, 0x2e, 1, 3, 1, 0, 3, 0, 0, 0, 0x20, 0, 0, 0x35][..], &[7; 34]].concat();
    let conversation = read_from_start(&[
        (Client, &hello),
        (Server, &record(22, &server_hello())),
        (Client, &record(21, &[2, 70])),
    ]);
    assert_eq!(short(&conversation)[1..], ["S server_hello", "C alert protocol_version"]);
    assert!(
        matches!(&conversation.events[0].kind, EventKind::NotTls { prefix: begins } if begins.len() == 48)
    );
}

#[test]
fn a_capture_that_begins_late() {
    let rest = [0xcd; 300];
    let records = [record(23, &[1; 60]), record(23, &[2; 70])].concat();
    let conversation =
        read(&[(Client, &[&rest[..], &records].concat()), (Client, &record(21, &[3; 26]))], true);
    assert_eq!(short(&conversation), ["C data 2 130", "C sealed alert 26"]);
    assert_eq!(conversation.events[0].position.offset, 300);
    let conversation = read(&[(Client, b"GET / HTTP/1.1\r\n")], true);
    assert_eq!(short(&conversation), ["C foreign GET / HTTP/1.1\r\n"]);
}

#[test]
fn holes() {
    let mut reading = ConversationReader::new(Rc::default(), String::new(), String::new(), false);
    let mut offset = 0;
    let mut next = |event: CaptureEventKind<'_>, length: u64| {
        let position = Position { frame: None, time: None, offset, length };
        offset += length;
        reading.on_event(&CaptureEvent { from: Client, position, kind: event });
    };
    let hello = record(22, &client_hello());
    next(CaptureEventKind::Bytes(&hello), 50);
    let data = record(23, &[7; 1000]);
    next(CaptureEventKind::Bytes(&data[..100]), 100);
    // Inside one record: the next one is found by its length.
    next(CaptureEventKind::Gap(200), 200);
    next(CaptureEventKind::Bytes(&data[300..]), 705);
    next(CaptureEventKind::Bytes(&record(21, &[2, 80])), 7);
    // Over the end of a record: by looking for headers.
    next(CaptureEventKind::Gap(33), 33);
    next(
        CaptureEventKind::Bytes(&[&[0xee; 40][..], &record(21, &[1, 90]), &record(21, &[1, 0])].concat()),
        54,
    );
    let conversation = reading.finish();
    assert_eq!(
        short(&conversation),
        [
            "C client_hello",
            "C Gap(200)",
            "C sealed application_data 1000",
            "C alert internal_error",
            "C Gap(33)",
            "C alert user_canceled",
            "C alert close_notify"
        ]
    );
    let last = conversation.events.last().unwrap();
    assert_eq!(last.position.offset, 50 + 1005 + 7 + 33 + 40 + 7);
}

#[test]
fn only_the_last_word_is_an_acknowledgement() {
    let mut reading = ConversationReader::new(Rc::default(), String::new(), String::new(), false);
    let position = Position::default();
    let hello = record(22, &client_hello());
    for (from, event) in [
        (Client, CaptureEventKind::Syn),
        (Server, CaptureEventKind::SynAck),
        (Client, CaptureEventKind::Acknowledged),
        (Client, CaptureEventKind::Bytes(&hello)),
        (Server, CaptureEventKind::Acknowledged),
    ] {
        reading.on_event(&CaptureEvent { from, position, kind: event });
    }
    let conversation = reading.finish();
    assert_eq!(short(&conversation), ["C Syn", "S SynAck", "C client_hello", "S Acknowledged"]);
}

#[test]
fn a_story_has_a_budget() {
    let hello = record(22, &client_hello());
    let ping = record(23, &[1; 30]);
    let mut turns: Vec<(Side, &[u8])> = vec![(Client, &hello)];
    for _ in 0..10_000 {
        turns.extend([(Client, ping.as_slice()), (Server, ping.as_slice())]);
    }
    let conversation = read_from_start(&turns);
    assert!(conversation.events.len() < 600, "{}", conversation.events.len());
    let big = record(22, &message(11, &[1; 16000]));
    let mut turns: Vec<(Side, &[u8])> = vec![(Client, &hello)];
    turns.extend((0..100).map(|_| (Client, big.as_slice())));
    let conversation = read_from_start(&turns);
    let kept: usize = conversation.messages().map(|found| found.message.bytes.len()).sum();
    assert!(kept <= 1 << 20 && conversation.dropped > 0);
}

#[test]
fn all_stories_have_a_budget_together() {
    let (secrets, budget) = (Rc::<Secrets>::default(), Rc::<Budget>::default());
    let (hello, warning) = (record(22, &client_hello()), record(21, &[1, 90]));
    let big = record(22, &message(11, &[1; 16000]));
    let mut readings: Vec<ConversationReader> = (0..300)
        .map(|_| ConversationReader::new(Rc::clone(&secrets), String::new(), String::new(), false))
        .map(|reading| reading.within(Rc::clone(&budget)))
        .collect();
    let position = Position::default();
    let say = |reading: &mut ConversationReader, from, bytes: &[u8]| {
        reading.on_event(&CaptureEvent { from, position, kind: CaptureEventKind::Bytes(bytes) });
    };
    for reading in &mut readings {
        say(reading, Client, &hello);
        for _ in 0..20 {
            say(reading, Server, &big);
        }
        for _ in 0..4000 {
            say(reading, Server, &warning);
        }
        say(reading, Server, &record(21, &[2, 80]));
    }
    let conversations: Vec<Conversation> = readings.into_iter().map(ConversationReader::finish).collect();
    let held: usize = conversations.iter().map(Conversation::holds).sum();
    assert!(held < ALL + 300 * 2 * memory_budget::SHARE, "{held}");
    assert!(conversations.last().unwrap().client_hello().is_some(), "the last one is told as well");
    assert!(!budget.is_spent(usize::MAX), "what is over gives everything back");
}

#[test]
fn nothing_is_kept_behind_a_record_that_is_too_long() {
    let mut stream = record_splitter::RecordSplitter::new(false);
    let limits = Limits { application_data: 1 << 14, others: 1 << 14 };
    let mut offset = 0;
    let mut push = |bytes: &[u8]| {
        let length = u64::try_from(bytes.len()).unwrap();
        stream.push(Position { offset, length, ..Position::default() }, bytes);
        offset += length;
        while stream.next_chunk(limits, true).is_some() {}
        stream.held()
    };
    push(&[22, 3, 3, 0x80, 0xff]);
    for _ in 0..80 {
        push(&[7; 1000]);
    }
    let held = push(&[7]);
    for _ in 0..10_000 {
        push(&[7]);
    }
    assert_eq!(push(&[7]), held);
}

#[test]
fn no_bytes_panic() {
    let client =
        [record(22, &client_hello()), record(20, &[1]), record(22, &[5; 40]), record(23, &[6; 70])].concat();
    for at in 0..client.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = client.clone();
            bytes[at] ^= flip;
            let (front, back) = bytes.split_at(at);
            for late in [false, true] {
                read(&[(Client, front), (Client, back), (Server, back)], late);
            }
        }
    }
    assert!(matches!(read_from_start(&[(Client, &client)]).events[0].kind, EventKind::Handshake(_)));
}
