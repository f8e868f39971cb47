//! The modes of the transcript, and the content that signatures cover.

use handclasp_provider_aws_lc::{SHA256, SHA384, SHA512};
use handclasp_schedule::{Sender, Transcript, certificate_verify_content, server_key_exchange_content};

const FIRST: &[u8] = b"\x01\0\0\x03one";
const SECOND: &[u8] = b"\x02\0\0\x03two";

#[test]
fn selects_at_any_time() {
    for hash in [SHA256, SHA384, SHA512] {
        let whole = hash.hash(&[FIRST, SECOND]);
        for select_after in 0..3 {
            let mut transcript = Transcript::new();
            for (index, message) in [FIRST, SECOND].into_iter().enumerate() {
                if index == select_after {
                    transcript.select(hash);
                }
                transcript.add(message);
            }
            transcript.select(hash);
            assert_eq!(transcript.hash(), whole);
            assert!(transcript.messages().is_empty());
        }
    }
}

#[test]
fn hash_is_empty_before_it_is_selected() {
    let mut transcript = Transcript::new();
    transcript.add(FIRST);
    assert!(transcript.hash().is_empty());
    assert_eq!(transcript.messages(), FIRST);
}

#[test]
fn selecting_twice_changes_nothing() {
    let mut transcript = Transcript::new();
    transcript.add(FIRST);
    transcript.select(SHA256);
    transcript.select(SHA384);
    assert_eq!(transcript.hash(), SHA256.hash(&[FIRST]));
}

#[test]
fn keeps_messages_for_the_client_signature() {
    let mut transcript = Transcript::new();
    transcript.keep_messages();
    transcript.add(FIRST);
    transcript.select(SHA256);
    transcript.add(SECOND);
    assert_eq!(transcript.messages(), [FIRST, SECOND].concat());
    assert_eq!(transcript.hash(), SHA256.hash(&[FIRST, SECOND]));

    transcript.drop_messages();
    assert!(transcript.messages().is_empty());
    transcript.add(FIRST);
    assert!(transcript.messages().is_empty());
    assert_eq!(transcript.hash(), SHA256.hash(&[FIRST, SECOND, FIRST]));
}

#[test]
fn dropping_before_selection_only_cancels_keeping() {
    let mut transcript = Transcript::new();
    transcript.keep_messages();
    transcript.add(FIRST);
    transcript.drop_messages();
    transcript.select(SHA256);
    assert!(transcript.messages().is_empty());
    assert_eq!(transcript.hash(), SHA256.hash(&[FIRST]));
}

#[test]
fn partial_hash_leaves_the_transcript_alone() {
    let mut transcript = Transcript::new();
    transcript.add(FIRST);
    assert_eq!(transcript.hash_with(SHA384, SECOND), SHA384.hash(&[FIRST, SECOND]));
    transcript.select(SHA256);
    assert_eq!(transcript.hash_with(SHA256, SECOND), SHA256.hash(&[FIRST, SECOND]));
    assert_eq!(transcript.hash(), SHA256.hash(&[FIRST]));
    assert!(transcript.hash_with(SHA384, SECOND).is_empty(), "the bytes for another hash are gone");
}

#[test]
fn retry_replaces_the_first_hello() {
    for hash in [SHA256, SHA384] {
        let first = hash.hash(&[FIRST]);
        let message_hash = [&[254, 0, 0, u8::try_from(first.len()).unwrap()], &*first].concat();

        let mut transcript = Transcript::new();
        transcript.keep_messages();
        transcript.add(FIRST);
        transcript.select(hash);
        transcript.replace_first_hello();
        assert_eq!(transcript.messages(), message_hash);
        transcript.add(SECOND);
        assert_eq!(transcript.hash(), hash.hash(&[&message_hash, SECOND]));
        assert_eq!(transcript.hash_with(hash, FIRST), hash.hash(&[&message_hash, SECOND, FIRST]));
    }
}

#[test]
fn certificate_verify_content_has_the_shape_of_section_4_4_3() {
    for hash in [SHA256, SHA384, SHA512] {
        let transcript = hash.hash(&[FIRST]);
        let contexts: [(Sender, &[u8]); 2] = [
            (Sender::Server, b"TLS 1.3, server CertificateVerify"),
            (Sender::Client, b"TLS 1.3, client CertificateVerify"),
        ];
        for (sender, context) in contexts {
            let expected = [&[b' '; 64], context, &[0], &*transcript].concat();
            assert_eq!(&*certificate_verify_content(sender, &transcript), expected);
        }
    }
}

#[test]
fn server_key_exchange_content_begins_with_both_randoms() {
    let content = server_key_exchange_content(&[1; 32], &[2; 32], &[3, 0, 23, 1, 4]);
    assert_eq!(content, [&[1; 32][..], &[2; 32], &[3, 0, 23, 1, 4]].concat());
}

#[test]
fn the_hash_of_a_first_hello_is_all_that_must_be_kept() {
    for hash in [SHA256, SHA384] {
        let mut whole = Transcript::new();
        whole.add(FIRST);
        whole.select(hash);
        whole.replace_first_hello();
        whole.add(SECOND);
        let mut carried = Transcript::of_first_hello(hash, &hash.hash(&[FIRST]));
        carried.add(SECOND);
        assert_eq!(carried.hash(), whole.hash());
        assert_eq!(carried.hash_with(hash, b"partial"), whole.hash_with(hash, b"partial"));
    }
}
