//! Handshake messages reassembled from fragments of every size, alone and several per record, under
//! limits; a length in a header allocates nothing.

mod support;

use handclasp_codec::HandshakeType;
use handclasp_record::{MessageLimits, Messages};
use handclasp_report::{Fault, FaultCode, Uint};
use support::Numbers;

fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[msg_type], &length[..], body].concat()
}

/// A flight with empty, small and large messages.
fn flight() -> Vec<Vec<u8>> {
    let mut numbers = Numbers::new(7);
    [(2, 86), (14, 0), (8, 2), (11, 5000), (15, 75), (20, 32), (0, 0)]
        .map(|(msg_type, length)| message(msg_type, &numbers.bytes(length)))
        .to_vec()
}

/// Returns all messages in these fragments.
fn join<'f>(
    messages: &mut Messages,
    fragments: impl IntoIterator<Item = &'f [u8]>,
) -> Result<Vec<Vec<u8>>, FaultCode> {
    let (mut store, mut found) = (Vec::new(), Vec::new());
    for fragment in fragments {
        let mut content = fragment;
        while let Some(message) = messages.next(&mut store, &mut content)? {
            found.push(message.to_vec());
        }
        assert!(content.is_empty(), "a record is consumed before the next one");
    }
    Ok(found)
}

fn new() -> Messages {
    Messages::new(MessageLimits::default())
}

#[test]
fn fragments_of_every_size() {
    let flight = flight();
    let bytes = flight.concat();
    let sizes = (1..300).chain([511, 512, 513, 1024, 4096, bytes.len() - 1, bytes.len()]);
    for size in sizes {
        let mut messages = new();
        assert_eq!(join(&mut messages, bytes.chunks(size)).as_ref(), Ok(&flight), "size {size}");
        assert!(messages.is_empty());
    }
}

#[test]
fn fragments_of_any_sizes() {
    let mut numbers = Numbers::new(11);
    let flight = flight();
    let bytes = flight.concat();
    for _ in 0..300 {
        let (mut rest, mut fragments) = (&bytes[..], Vec::new());
        let most = [3, 20, 700, 6000][numbers.below(4)];
        while !rest.is_empty() {
            let (fragment, behind) = rest.split_at((1 + numbers.below(most)).min(rest.len()));
            fragments.push(fragment);
            rest = behind;
        }
        assert_eq!(join(&mut new(), fragments).as_ref(), Ok(&flight));
    }
}

#[test]
fn is_empty_only_between_messages() {
    let flight = flight();
    let bytes = flight.concat();
    let mut ends = vec![0];
    flight.iter().for_each(|message| ends.push(ends.last().unwrap() + message.len()));

    let (mut messages, mut store) = (new(), Vec::new());
    for (at, byte) in bytes.iter().enumerate() {
        assert_eq!(messages.is_empty(), ends.contains(&at), "before byte {at}");
        let mut content = std::slice::from_ref(byte);
        let found = messages.next(&mut store, &mut content).unwrap();
        assert_eq!(found.is_some(), ends.contains(&(at + 1)), "after byte {at}");
    }
    assert!(messages.is_empty());
}

/// Empty content, which no record can have, changes nothing.
#[test]
fn nothing_gives_nothing() {
    let (mut messages, mut store) = (new(), Vec::new());
    assert_eq!(messages.next(&mut store, &mut &[][..]), Ok(None));
    assert!(messages.is_empty());
    assert_eq!(messages.next(&mut store, &mut &[20, 0][..]), Ok(None));
    assert_eq!(messages.next(&mut store, &mut &[][..]), Ok(None));
    assert!(!messages.is_empty());
}

#[test]
fn whole_messages_are_lent_from_their_record() {
    let record = [message(8, b"ab"), message(20, b"cdef")].concat();
    let (mut messages, mut store, mut content) = (new(), Vec::new(), &record[..]);
    let first = messages.next(&mut store, &mut content).unwrap().unwrap();
    assert!(std::ptr::eq(first, &raw const record[..6]));
    let second = messages.next(&mut store, &mut content).unwrap().unwrap();
    assert!(std::ptr::eq(second, &raw const record[6..]));
    assert_eq!(store.capacity(), 0, "nothing was copied");
}

/// Half a message; then its end with a whole message after it, and the start of another.
#[test]
fn a_record_may_end_one_message_and_begin_another() {
    let bytes = [message(11, &[1; 50]), message(15, &[2; 10]), message(20, &[3; 32])].concat();
    let (mut messages, mut store) = (new(), Vec::new());
    assert_eq!(messages.next(&mut store, &mut &bytes[..30]), Ok(None));
    let mut content = &bytes[30..80];
    assert_eq!(messages.next(&mut store, &mut content), Ok(Some(&bytes[..54])));
    assert!(messages.is_empty() && !content.is_empty(), "keys may not change: content is left");
    assert_eq!(messages.next(&mut store, &mut content), Ok(Some(&bytes[54..68])));
    assert_eq!(messages.next(&mut store, &mut content), Ok(None));
    assert!(!messages.is_empty());
    assert_eq!(messages.next(&mut store, &mut &bytes[80..]), Ok(Some(&bytes[68..])));
}

#[test]
fn too_large_is_told_by_the_header() {
    let limits = MessageLimits { certificates: 3000, tickets: 2000, others: 100 };
    for msg_type in 0..=u8::MAX {
        let limit = match msg_type {
            11 | 13 | 25 => 3000,
            4 => 2000,
            _ => 100,
        };
        for (length, fits) in [(limit, true), (limit + 1, false), (0xff_ffff, false)] {
            let [_, length_bytes @ ..] = u32::to_be_bytes(length);
            let header = [&[msg_type], &length_bytes[..]].concat();
            let expected = match fits {
                true => Ok(vec![]),
                false => {
                    let message = HandshakeType(msg_type);
                    let [limit, found] = [limit, length].map(|number| Uint::saturating(number.into()));
                    Err(Fault::MessageTooLarge { message, limit, found }.code())
                }
            };
            assert_eq!(join(&mut Messages::new(limits), [&header[..]]), expected);
            assert_eq!(join(&mut Messages::new(limits), header.chunks(1)), expected, "byte by byte");
            let behind = [message(14, &[]), header].concat();
            assert_eq!(join(&mut Messages::new(limits), [&behind[..]]).err(), expected.err());
        }
    }
}

/// As `join`, for a client of TLS 1.3 after the handshake.
fn join_or_skip<'f>(
    limits: MessageLimits,
    fragments: impl IntoIterator<Item = &'f [u8]>,
) -> Result<(Vec<Vec<u8>>, usize), FaultCode> {
    let (mut messages, mut store, mut found, mut held) = (Messages::new(limits), Vec::new(), Vec::new(), 0);
    for fragment in fragments {
        let mut content = fragment;
        while let Some(message) = messages.next_or_skip(&mut store, &mut content)? {
            found.push(message.to_vec());
        }
        held = held.max(store.capacity());
    }
    assert!(messages.is_empty());
    Ok((found, held))
}

#[test]
fn a_ticket_that_is_too_large_is_read_and_dropped() {
    let limits = MessageLimits { certificates: 3000, tickets: 2000, others: 100 };
    const LONGEST: usize = 4 + 4 + 1 + 255 + 2 + 65_535 + 2 + 65_534;
    for length in [1999, 2000, 2001, 16_385, 65_541, LONGEST] {
        let ticket = message(4, &vec![7; length]);
        let kept = if length <= 2000 { &ticket[..] } else { &ticket[..4] };
        let bytes = [&message(24, &[0]), &ticket, &ticket, &message(24, &[1])].map(|one| &one[..]).concat();
        for size in [1, 3, 4, 5, 1000, 16_384, bytes.len()] {
            let (found, held) = join_or_skip(limits, bytes.chunks(size)).unwrap();
            assert_eq!(found, [&message(24, &[0])[..], kept, kept, &message(24, &[1])], "{length} by {size}");
            assert!(held <= 2004 + 8, "{held} bytes held for {length} by {size}");
        }
    }
    // Longer than any ticket may be; and another message of that length.
    let [_, length @ ..] = u32::try_from(LONGEST + 1).unwrap().to_be_bytes();
    for (msg_type, limit) in [(4, LONGEST), (8, 100)] {
        let fault = join_or_skip(limits, [&[&[msg_type], &length[..]].concat()[..]]).unwrap_err();
        let [limit, found] = [limit, LONGEST + 1].map(|number| Uint::saturating(number as u64));
        assert_eq!(fault.fault(), Fault::MessageTooLarge { message: HandshakeType(msg_type), limit, found });
    }
}

/// A header announces a Certificate of 64 KiB of which little arrives: memory follows the bytes
/// received.
#[test]
fn announcing_allocates_nothing() {
    let bytes = message(11, &vec![0; 0xffff]);
    for size in [1, 7, 100, 1000] {
        let (mut messages, mut store) = (new(), Vec::new());
        for (index, fragment) in bytes.chunks(size).enumerate() {
            let mut content = fragment;
            let found = messages.next(&mut store, &mut content).unwrap().is_some();
            let came = ((index + 1) * size).min(bytes.len());
            assert_eq!(found, came == bytes.len());
            assert!(store.capacity() <= (2 * came).max(8), "{} for {came}", store.capacity());
            assert!(store.capacity() <= bytes.len());
        }
    }
}

#[test]
fn growing_is_not_a_copy_per_byte() {
    let bytes = message(11, &vec![0; 0xffff]);
    let (mut messages, mut store, mut growths) = (new(), Vec::new(), 0);
    for byte in bytes.chunks(1) {
        let before = store.capacity();
        let mut content = byte;
        messages.next(&mut store, &mut content).unwrap();
        growths += usize::from(store.capacity() != before);
    }
    assert!(growths <= 20, "{growths}");
}

#[test]
fn any_bytes_give_an_answer() {
    let mut numbers = Numbers::new(13);
    for _ in 0..2000 {
        let limits = MessageLimits { certificates: 300, tickets: 100, others: 200 };
        let (mut messages, mut store) = (Messages::new(limits), Vec::new());
        'stream: for _ in 0..20 {
            let length = numbers.below(60);
            let mut bytes = numbers.bytes(length);
            // Small lengths, so that not all are rejected at once.
            bytes.iter_mut().for_each(|byte| *byte %= 3);
            let mut content = &bytes[..];
            loop {
                match messages.next(&mut store, &mut content) {
                    Ok(Some(message)) => assert!(message.len() >= 4),
                    Ok(None) => break assert!(content.is_empty()),
                    Err(fault) => {
                        assert!(matches!(fault.fault(), Fault::MessageTooLarge { .. }));
                        break 'stream;
                    }
                }
            }
        }
        assert!(store.len() <= 304);
    }
}
