//! CBC with encrypt-then-MAC (RFC 7366), beyond what `protection.rs` checks for every suite: padding of
//! all lengths, authentic records with invalid content, the order of RFC 5246, IVs.

mod support;

use handclasp_codec::ContentType;
use handclasp_crypto::{BLOCK, Suite};
use handclasp_provider_aws_lc::{AES_128_CBC, SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256};
use handclasp_record::{Deframed, HEADER, Limit, MAX_PLAINTEXT, deframe};
use handclasp_report::{Fault, Uint};
use support::*;

const SUITE: &Suite = &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256;
const MAC: usize = 32;
const IV: [u8; BLOCK] = [0x3a; BLOCK];
const NOT_AUTHENTIC: Fault = Fault::RecordNotAuthentic { sequence: Uint::ZERO, handshaking: false };

/// Encrypts content, padding and other bytes with CBC, in whole blocks.
fn encrypt(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let (blocks, rest) = bytes.as_chunks_mut::<BLOCK>();
    assert!(rest.is_empty());
    AES_128_CBC.key(fixed(SUITE).key.expose()).unwrap().encrypt(&IV, blocks);
    bytes
}

fn mac(parts: &[&[u8]]) -> [u8; MAC] {
    let mut mac = [0; MAC];
    SHA256.hmac(fixed(SUITE).iv_or_mac_key.expose(), parts, &mut mac);
    mac
}

fn with_header(payload: &[u8]) -> Vec<u8> {
    let mut record = [&[23, 3, 3, 0, 0], payload].concat();
    fix_length(&mut record);
    record
}

/// Record 0 with this after the IV and a valid MAC.
fn authentic(ciphertext: &[u8]) -> Vec<u8> {
    let sealed = [&IV, ciphertext].concat();
    let length = u16::try_from(sealed.len()).unwrap().to_be_bytes();
    let mac = mac(&[&[0; 8], &[23, 3, 3], &length, &sealed]);
    with_header(&[&sealed[..], &mac].concat())
}

fn padded(content: &[u8], padding_length: u8) -> Vec<u8> {
    [content, &vec![padding_length; usize::from(padding_length) + 1]].concat()
}

#[test]
fn padding_of_every_length_is_removed() {
    for padding_length in 0..=u8::MAX {
        let content = vec![padding_length; 300 - (300 + usize::from(padding_length) + 1) % BLOCK];
        let record = authentic(&encrypt(&padded(&content, padding_length)));
        let expected = Ok((ContentType::application_data, content));
        assert_eq!(open(&mut read_keys(SUITE), &record), expected, "{padding_length}");
    }
}

#[test]
fn we_pad_to_the_next_block() {
    for length in 1..100 {
        let sealed = seal(&mut write_keys(SUITE), ContentType::application_data, &vec![1; length]);
        assert_eq!(sealed.len(), HEADER + BLOCK + (length / BLOCK + 1) * BLOCK + MAC);
    }
}

#[test]
fn padding_that_is_none_is_refused() {
    for padding_length in 1..=u8::MAX {
        let whole = padded(&vec![0xaa; 1024 - usize::from(padding_length) - 1], padding_length);
        for at in [1, 2, usize::from(padding_length)] {
            let mut damaged = whole.clone();
            let place = whole.len() - 1 - at.min(usize::from(padding_length));
            damaged[place] ^= 0x80;
            let record = authentic(&encrypt(&damaged));
            assert_eq!(
                open(&mut read_keys(SUITE), &record),
                Err(NOT_AUTHENTIC.code()),
                "{padding_length} {at}"
            );
        }
    }
    // Longer than the record: 16 and more in 16 bytes.
    for padding_length in 16..=u8::MAX {
        let record = authentic(&encrypt(&[padding_length; BLOCK]));
        assert_eq!(open(&mut read_keys(SUITE), &record), Err(NOT_AUTHENTIC.code()), "{padding_length}");
    }
}

#[test]
fn what_is_not_whole_blocks_is_refused() {
    for length in (0..80).filter(|length| length % BLOCK != 0 || *length == 0) {
        let record = authentic(&vec![0x77; length]);
        assert_eq!(open(&mut read_keys(SUITE), &record), Err(NOT_AUTHENTIC.code()), "{length}");
    }
}

/// RFC 5246 §6.2.3.2 orders MAC, padding, encryption, which makes Lucky 13 possible.
#[test]
fn the_other_order_is_refused() {
    let content = b"from a peer without encrypt_then_mac";
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    let mac = mac(&[&[0; 8], &[23, 3, 3], &length, content]);
    let inside = [&content[..], &mac].concat();
    let padding_length = u8::try_from(BLOCK - 1 - inside.len() % BLOCK).unwrap();
    let record = with_header(&[&IV[..], &encrypt(&padded(&inside, padding_length))].concat());
    assert_eq!(open(&mut read_keys(SUITE), &record), Err(NOT_AUTHENTIC.code()));
}

/// The length in the MAC input counts IV and ciphertext but not the MAC (RFC 7366 §3).
#[test]
fn another_length_below_the_mac_is_refused() {
    let sealed = [&IV[..], &encrypt(&padded(b"content", 8))].concat();
    for length in 0..200 {
        let mac = mac(&[&[0; 8], &[23, 3, 3], &u16::try_from(length).unwrap().to_be_bytes(), &sealed]);
        let found = open(&mut read_keys(SUITE), &with_header(&[&sealed[..], &mac].concat()));
        assert_eq!(found.is_ok(), length == sealed.len(), "{length}");
    }
}

#[test]
fn content_at_the_limit_may_be_padded_at_will() {
    for limit in [512, 1000, MAX_PLAINTEXT] {
        let max_payload = read_keys(SUITE).payload_limit(limit);
        let longest = u8::try_from(255 - limit % BLOCK).unwrap();
        let mut record = authentic(&encrypt(&padded(&vec![1; limit], longest)));
        assert_eq!(record.len() - HEADER, max_payload);
        let found = deframe(&record, Limit { max_payload, first: false });
        assert!(matches!(found, Ok(Deframed::Record { .. })));
        assert_eq!(read_keys(SUITE).open(&mut record, false, limit).unwrap().content.len(), limit);

        let mut record = authentic(&encrypt(&padded(&vec![1; limit + 1], longest - 1)));
        let (limit16, found) = (u16::try_from(limit).unwrap(), u16::try_from(limit + 1).unwrap());
        let overflow = Err(Fault::RecordOverflow { limit: limit16, found }.code());
        assert_eq!(read_keys(SUITE).open(&mut record, false, limit), overflow);
    }
    // Below the limit of RFC 5246 §6.2.3.
    assert!(read_keys(SUITE).payload_limit(MAX_PLAINTEXT) <= MAX_PLAINTEXT + 2048);
}

/// IVs must be unpredictable (NIST SP 800-38A appendix C), so neither counters nor repeated values.
#[test]
fn ivs_do_not_come_twice() {
    let (mut first, mut second) = (write_keys(SUITE), {
        let mut keys = fixed(SUITE);
        keys.key.expose_mut()[0] ^= 1;
        handclasp_record::RecordKeys::new(&keys).unwrap()
    });
    let mut ivs = Vec::new();
    for _ in 0..300 {
        for keys in [&mut first, &mut second] {
            let record = seal(keys, ContentType::application_data, b"x");
            ivs.push(record[HEADER..HEADER + BLOCK].to_vec());
        }
    }
    let count = ivs.len();
    ivs.sort();
    ivs.dedup();
    assert_eq!(ivs.len(), count);
    assert!(ivs.iter().all(|iv| iv[..8] != [0; 8]), "the sequence number as IV");
}
