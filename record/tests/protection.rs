//! What protected records must reject: any change, a wrong sequence number, a wrong key, content and
//! padding beyond the limits; and the limits of keys.

mod support;

use handclasp_codec::ContentType;
use handclasp_crypto::{Aead, AeadKey, Suite, WithIv, WrongKeyLength};
use handclasp_provider_aws_lc::{
    AES_128_GCM, SHA256, TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
};
use handclasp_record::{Deframed, HEADER, Limit, MAX_PLAINTEXT, RecordKeys, deframe};
use handclasp_report::{Event, Fault, Internal, Uint};
use support::*;

const TLS13: &Suite = &TLS_AES_128_GCM_SHA256;
const TLS12_GCM: &Suite = &TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
const BUG: Fault = Fault::Internal(Internal::Bug);

fn not_authentic(sequence: u64) -> Fault {
    let sequence = Uint::saturating(sequence);
    Fault::RecordNotAuthentic { sequence, handshaking: false }
}

#[test]
fn round_trips_of_any_content() {
    let mut numbers = Numbers::new(8446);
    let types = [ContentType::handshake, ContentType::application_data, ContentType::alert];
    for suite in SUITES {
        let (mut write, mut read) = (write_keys(suite), read_keys(suite));
        for sequence in 0..200 {
            let length = match sequence {
                0 => 1,
                1 => MAX_PLAINTEXT,
                _ => 1 + numbers.below(3000),
            };
            let (content_type, content) = (types[numbers.below(3)], numbers.bytes(length));
            assert_eq!((write.sequence(), read.sequence()), (sequence, sequence));
            let record = seal(&mut write, content_type, &content);
            assert_eq!(record.len(), HEADER + write.sealed_len(length));
            assert_eq!(open(&mut read, &record), Ok((content_type, content)), "{suite:?} {sequence}");
        }
    }
}

/// RFC 8446 §5.1 permits empty application data; records of other types must not be empty.
#[test]
fn empty_content_is_for_application_data_only() {
    for suite in SUITES {
        let empty = |content_type| {
            let record = seal(&mut write_keys(suite), content_type, &[]);
            open(&mut read_keys(suite), &record)
        };
        assert_eq!(empty(ContentType::application_data), Ok((ContentType::application_data, vec![])));
        for content_type in [ContentType::handshake, ContentType::alert] {
            assert_eq!(empty(content_type), Err(Fault::EmptyRecord(content_type).code()), "{suite:?}");
        }
    }
}

#[test]
fn every_flipped_bit_is_refused() {
    for suite in SUITES {
        let record = seal(&mut write_keys(suite), ContentType::handshake, b"some handshake message");
        for (at, bit) in (0..record.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut damaged = record.clone();
            damaged[at] ^= 1 << bit;
            let found = open(&mut read_keys(suite), &damaged);
            let expected = match at {
                0 if is_tls13(suite) => Fault::Unexpected {
                    expected: Event::ApplicationData,
                    found: Event::Record(ContentType(damaged[0])),
                },
                // No longer one record: `deframe` would have split it differently.
                3 | 4 => BUG,
                _ => not_authentic(0),
            };
            assert_eq!(found, Err(expected.code()), "{suite:?} byte {at} bit {bit}");
        }
    }
}

#[test]
fn every_truncation_is_awaited_or_refused() {
    for suite in SUITES {
        let record = seal(&mut write_keys(suite), ContentType::alert, &[1, 0]);
        let limit = Limit { max_payload: read_keys(suite).payload_limit(MAX_PLAINTEXT), first: false };
        for length in 0..record.len() {
            let needed = if length < HEADER { HEADER } else { record.len() };
            assert_eq!(deframe(&record[..length], limit), Ok(Deframed::NeedMore(needed)));

            // Truncated by the peer with a matching header: too short, or not a valid tag.
            let mut short = record[..length].to_vec();
            if length > HEADER {
                fix_length(&mut short);
                assert_eq!(
                    open(&mut read_keys(suite), &short),
                    Err(not_authentic(0).code()),
                    "{suite:?} {length}"
                );
            } else {
                open(&mut read_keys(suite), &short).unwrap_err();
            }
        }
        let mut long = [&record[..], &[0]].concat();
        fix_length(&mut long);
        assert_eq!(open(&mut read_keys(suite), &long), Err(not_authentic(0).code()), "{suite:?}");
    }
}

#[test]
fn records_out_of_order_are_refused() {
    for suite in SUITES {
        let mut write = write_keys(suite);
        let records: Vec<_> =
            (0..4).map(|number| seal(&mut write, ContentType::alert, &[2, number])).collect();

        // Replayed, skipped, swapped: each opened with another sequence number.
        for (sequence, wrong) in [(0, 1), (1, 0), (2, 3), (3, 2)] {
            let mut read = read_keys(suite);
            records[..sequence].iter().for_each(|record| drop(open(&mut read, record).unwrap()));
            let sequence = u64::try_from(sequence).unwrap();
            assert_eq!(open(&mut read, &records[wrong]), Err(not_authentic(sequence).code()), "{suite:?}");
        }
    }
}

#[test]
fn other_keys_are_refused() {
    for suite in SUITES {
        let record = seal(&mut write_keys(suite), ContentType::alert, &[1, 0]);
        let (mut key, mut iv) = (fixed(suite), fixed(suite));
        key.key.expose_mut()[7] ^= 1;
        iv.iv_or_mac_key.expose_mut()[3] ^= 1;
        for keys in [key, iv] {
            let mut read = RecordKeys::new(&keys).unwrap();
            assert_eq!(open(&mut read, &record), Err(not_authentic(0).code()), "{suite:?}");
        }
    }
}

#[test]
fn handshaking_is_told() {
    let mut record = seal(&mut write_keys(TLS13), ContentType::alert, &[1, 0]);
    record[9] ^= 1;
    let found = read_keys(TLS13).open(&mut record, true, MAX_PLAINTEXT);
    assert_eq!(found, Err(Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: true }.code()));
}

#[test]
fn garbage_is_refused() {
    let mut numbers = Numbers::new(5246);
    for suite in SUITES {
        for _ in 0..500 {
            let length = HEADER + 1 + numbers.below(64);
            let mut record = numbers.bytes(length);
            record[0] = 23;
            fix_length(&mut record);
            assert_eq!(open(&mut read_keys(suite), &record), Err(not_authentic(0).code()), "{suite:?}");
        }
    }
}

#[test]
fn keys_of_wrong_length_are_none() {
    for suite in SUITES {
        let (key, iv) = (suite.protection.key_len(), suite.protection.iv_or_mac_key_len());
        for (key, iv) in [(key - 1, iv), (key + 1, iv), (0, iv), (key, iv - 1), (key, iv + 1), (key, 0)] {
            let keys = || traffic(suite, &vec![1; key], &vec![1; iv]);
            assert!(RecordKeys::new(&keys()).is_none(), "{suite:?}");
            let mut place = Some(read_keys(suite));
            assert_eq!(RecordKeys::install(&mut place, &keys()), Err(WrongKeyLength), "{suite:?}");
        }
    }
}

#[test]
fn content_too_long_for_a_record_is_ours_to_blame() {
    for suite in SUITES {
        let (mut write, mut wire) = (write_keys(suite), b"before".to_vec());
        let content = vec![0; MAX_PLAINTEXT + 1];
        assert_eq!(
            write.seal(ContentType::application_data, &content, &mut wire),
            Err(Internal::Bug),
            "{suite:?}"
        );
        assert_eq!(write.sequence(), 0, "no sequence number was used");
        assert_eq!(wire, b"before");
    }
}

/// Keys of TLS 1.3 change within a connection: what they seal equals what fresh ones seal.
#[test]
fn installed_keys_begin_anew() {
    for suite in SUITES {
        let (key, iv) = (suite.protection.key_len(), suite.protection.iv_or_mac_key_len());
        let next = traffic(suite, &vec![7; key], &vec![9; iv]);
        for before in [None, Some(write_keys(suite)), Some(write_keys(TLS13))] {
            let mut place = before;
            if let Some(keys) = &mut place {
                seal(keys, ContentType::application_data, b"x");
            }
            RecordKeys::install(&mut place, &next).unwrap();
            let mut installed = place.unwrap();
            assert_eq!(installed.sequence(), 0);
            let mut reader = RecordKeys::new(&next).unwrap();
            let record = seal(&mut installed, ContentType::alert, &[1, 0]);
            assert_eq!(open(&mut reader, &record), Ok((ContentType::alert, vec![1, 0])), "{suite:?}");
        }
    }
}

#[test]
fn content_above_the_limit_overflows() {
    // CBC pads, so its header says less about the content: see `cbc_etm.rs`.
    for suite in SUITES.into_iter().filter(|suite| !suite.needs_encrypt_then_mac()) {
        for limit in [512, 1024, MAX_PLAINTEXT - 1] {
            let record =
                |length: usize| seal(&mut write_keys(suite), ContentType::application_data, &vec![1; length]);
            let mut fits = record(limit);
            assert_eq!(fits.len() - HEADER, read_keys(suite).payload_limit(limit));
            assert_eq!(read_keys(suite).open(&mut fits, false, limit).unwrap().content.len(), limit);

            let mut long = record(limit + 1);
            let (limit16, found) = (u16::try_from(limit).unwrap(), u16::try_from(limit + 1).unwrap());
            let overflow = Err(Fault::RecordOverflow { limit: limit16, found }.code());
            assert_eq!(read_keys(suite).open(&mut long, false, limit), overflow, "{suite:?}");

            let max_payload = read_keys(suite).payload_limit(limit);
            let found = deframe(&long[..HEADER], Limit { max_payload, first: false });
            assert!(
                matches!(found.map_err(Fault::from), Err(Fault::RecordOverflow { .. })),
                "known from the header alone"
            );
        }
    }
}

#[test]
fn padding_is_removed_and_counts() {
    for padding in [1, 2, 15, 16, 255, 1000] {
        for content in [&b""[..], b"x", b"\0\0", b"ends with zeros\0\0\0"] {
            let inner = [content, &[23], &vec![0; padding]].concat();
            let record = seal_inner(TLS13, 0, &inner);
            let expected = Ok((ContentType::application_data, content.to_vec()));
            assert_eq!(open(&mut read_keys(TLS13), &record), expected);
        }
    }
    for limit in [512, MAX_PLAINTEXT] {
        let padded = |padding: usize| {
            let inner = [&b"content"[..], &[23], &vec![0; padding]].concat();
            let mut record = seal_inner(TLS13, 0, &inner);
            read_keys(TLS13).open(&mut record, false, limit)
        };
        assert_eq!(padded(limit - 7).unwrap().content.len(), 7);
        let (limit16, found) = (u16::try_from(limit).unwrap(), u16::try_from(limit + 1).unwrap());
        assert_eq!(padded(limit - 6), Err(Fault::RecordOverflow { limit: limit16, found }.code()));
    }
}

#[test]
fn nothing_but_padding_is_refused() {
    for length in [0, 1, 2, 100, MAX_PLAINTEXT + 1] {
        let record = seal_inner(TLS13, 0, &vec![0; length]);
        assert_eq!(open(&mut read_keys(TLS13), &record), Err(Fault::OnlyPadding.code()), "{length}");
    }
}

#[test]
fn inner_types_are_judged() {
    for inner_type in 1..=u8::MAX {
        let record = seal_inner(TLS13, 0, &[1, 0, inner_type]);
        let found = open(&mut read_keys(TLS13), &record);
        let expected = match inner_type {
            20 => {
                Err(Fault::Unexpected { expected: Event::ApplicationData, found: Event::ChangeCipherSpec }
                    .code())
            }
            21..=23 => Ok((ContentType(inner_type), vec![1, 0])),
            _ => Err(Fault::UnknownContentType(inner_type).code()),
        };
        assert_eq!(found, expected);
    }
    let empty_handshake = seal_inner(TLS13, 0, &[22, 0, 0]);
    let expected = Err(Fault::EmptyRecord(ContentType::handshake).code());
    assert_eq!(open(&mut read_keys(TLS13), &empty_handshake), expected);
}

/// A peer may choose any explicit part (RFC 5288 §3).
#[test]
fn explicit_nonces_are_the_peers_choice() {
    let mut read = read_keys(TLS12_GCM);
    for (sequence, explicit) in (0..).zip([[0xff; 8], [0; 8], [1, 2, 3, 4, 5, 6, 7, 8]]) {
        let record = seal_explicit(TLS12_GCM, sequence, explicit, 22, b"finished");
        assert_eq!(open(&mut read, &record), Ok((ContentType::handshake, b"finished".to_vec())));
    }
    let wrong_sequence = seal_explicit(TLS12_GCM, 4, [9; 8], 22, b"finished");
    assert_eq!(open(&mut read, &wrong_sequence), Err(not_authentic(3).code()));
}

/// We send the sequence number as explicit part, so that a nonce never repeats.
#[test]
fn our_explicit_nonce_counts() {
    let mut write = write_keys(TLS12_GCM);
    for sequence in 0_u64..300 {
        let record = seal(&mut write, ContentType::application_data, b"x");
        assert_eq!(record[HEADER..HEADER + 8], sequence.to_be_bytes());
    }
}

#[test]
fn headers_on_the_wire() {
    for suite in SUITES {
        let record = seal(&mut write_keys(suite), ContentType::handshake, b"message");
        let outer = if is_tls13(suite) { 23 } else { 22 };
        assert_eq!(record[..3], [outer, 3, 3], "{suite:?}");
        let max_payload = read_keys(suite).payload_limit(MAX_PLAINTEXT);
        let Ok(Deframed::Record { length, .. }) = deframe(&record, Limit { max_payload, first: false })
        else {
            panic!("no record")
        };
        assert_eq!(length + HEADER, record.len());
    }
}

/// AES-128-GCM with a limit of 32 records.
struct Short;

impl Aead for Short {
    fn key_len(&self) -> usize {
        AES_128_GCM.key_len()
    }
    fn tag_len(&self) -> usize {
        AES_128_GCM.tag_len()
    }
    fn seal_limit(&self) -> u64 {
        32
    }
    fn key(&self, key: &[u8]) -> Option<Box<WithIv<dyn AeadKey>>> {
        AES_128_GCM.key(key)
    }
}

#[test]
fn a_key_ends_at_its_limit() {
    let suite: &'static Suite = Box::leak(Box::new(Suite::tls13(TLS13.id, SHA256, &Short)));
    let mut write = write_keys(suite);
    for sequence in 0..32 {
        assert_eq!(write.near_limit(), sequence >= 30);
        seal(&mut write, ContentType::application_data, b"x");
    }
    for _ in 0..2 {
        let found = write.seal(ContentType::application_data, b"x", &mut Vec::new());
        assert_eq!(found, Err(Internal::KeyExhausted));
        assert!(write.near_limit());
    }
}

#[test]
fn fresh_keys_are_far_from_their_limit() {
    for suite in SUITES {
        assert!(!write_keys(suite).near_limit(), "{suite:?}");
    }
}
