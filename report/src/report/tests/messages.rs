//! Hellos kept: what is cut and how, hellos that lie about their lengths, secrets that stay out.

use handclasp_codec::{DOWNGRADE_TLS12, ExtensionType, HELLO_RETRY_REQUEST_RANDOM};

use super::*;

/// Stands where a report must not keep bytes: shares, tickets, binders, cookies, randoms.
const PRIVATE: u8 = 0xe7;

type Extension<'a> = (u16, &'a [u8]);

/// A vector with that many bytes of length.
fn vector(width: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - width..], content].concat()
}

fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    [&[msg_type][..], &vector(3, body)].concat()
}

fn block(extensions: &[Extension<'_>]) -> Vec<u8> {
    let each = |(number, content): &Extension<'_>| [&number.to_be_bytes()[..], &vector(2, content)].concat();
    vector(2, &extensions.iter().flat_map(each).collect::<Vec<u8>>())
}

/// A ClientHello of two suites.
pub(super) fn client_hello(extensions: &[Extension<'_>]) -> Vec<u8> {
    with_suites(&[0x13, 1, 0x13, 2], extensions)
}

fn with_suites(suites: &[u8], extensions: &[Extension<'_>]) -> Vec<u8> {
    let head = [&[3, 3][..], &[PRIVATE; 32], &vector(1, &[1, 2, 3, 4, PRIVATE, PRIVATE])].concat();
    message(1, &[&head[..], &vector(2, suites), &[1, 0], &block(extensions)].concat())
}

pub(super) fn server_hello(random: [u8; 32], extensions: &[Extension<'_>]) -> Vec<u8> {
    let head = [&[3, 3][..], &random, &vector(1, &[]), &[0x13, 1, 0]].concat();
    message(2, &[&head[..], &block(extensions)].concat())
}

fn share(group: u16, length: usize) -> Vec<u8> {
    [&group.to_be_bytes()[..], &vector(2, &vec![PRIVATE; length])].concat()
}

fn identity(name: &[u8], age: u32) -> Vec<u8> {
    [&vector(2, name)[..], &age.to_be_bytes()].concat()
}

const NAME: &[u8] = b"\x00\x0e\x00\x00\x0bexample.net";

/// Extensions of a usual hello.
pub(super) fn usual() -> Vec<Extension<'static>> {
    vec![(0, NAME), (10, &[0, 4, 0, 29, 0, 23]), (13, &[0, 2, 4, 3]), (43, &[4, 3, 4, 3, 3]), (0xff01, &[0])]
}

/// The one message that a report kept.
fn kept(report: &Report) -> Kept<'_> {
    let mut messages = report.messages();
    let first = messages.next().unwrap();
    assert!(messages.next().is_none());
    first
}

fn keep(side: Side, message: &[u8]) -> Report {
    let mut report = Report::new(Side::Server);
    report.message(side, message);
    let again = Report::decode(report.encode()).unwrap();
    assert_eq!(again.encode(), report.encode());
    assert!(!report.encode().windows(2).any(|pair| pair == [PRIVATE; 2]), "{:02x?}", report.encode());
    report
}

#[test]
fn a_hello_is_kept_as_it_stood() {
    let report = keep(Side::Client, &client_hello(&usual()));
    let hello = kept(&report);
    assert_eq!((hello.from, hello.tag, hello.is_whole), (Side::Client, Tag::ClientHello, true));
    assert_eq!(hello.legacy_version, [3, 3]);
    assert_eq!(hello.session_id, Part { bytes: &[1, 2, 3, 4], length: 6 });
    assert_eq!(hello.cipher_suites.bytes, [0x13, 1, 0x13, 2]);
    assert_eq!(hello.compression_methods.bytes, [0]);
    let extensions: Vec<_> = hello.extensions().map(|(kind, part)| (kind.0, part.bytes)).collect();
    assert_eq!(extensions, usual());
    let words = |tag| report.items().find(|item| item.tag == tag).map(|item| item.bytes.to_vec());
    assert_eq!(words(Tag::Versions), Some(vec![3, 4, 3, 3]));
    assert_eq!(words(Tag::Suites), Some(vec![0x13, 1, 0x13, 2]));
    assert_eq!(words(Tag::Groups), Some(vec![0, 29, 0, 23]));
    assert_eq!(words(Tag::Schemes), Some(vec![4, 3]));
    assert_eq!(words(Tag::ServerName), Some(b"example.net".to_vec()));
    assert_eq!(words(Tag::Extensions), Some(vec![0, 0, 0, 10, 0, 13, 0, 43, 0xff, 1]));
    assert_eq!(words(Tag::Alpn), None);
}

#[test]
fn a_hello_before_extensions() {
    let body = [&[3, 1][..], &[PRIVATE; 32], &[0], &vector(2, &[0, 5]), &[1, 0]].concat();
    let report = keep(Side::Client, &message(1, &body));
    assert!(!kept(&report).has_extensions && kept(&report).is_whole);
    assert_eq!(bytes_of(&report, Tag::Versions), [(Side::Client, vec![3, 1], false)]);
    assert_eq!(bytes_of(&report, Tag::Extensions), [(Side::Client, vec![], false)]);
    let empty = keep(Side::Client, &message(1, &[&body[..], &[0, 0]].concat()));
    assert!(kept(&empty).has_extensions && kept(&empty).is_whole);
}

#[test]
fn shares_tickets_cookies_and_padding_are_cut_to_their_lengths() {
    let shares = vector(2, &[share(0x11ec, 1216), share(29, 32)].concat());
    let ticket = [PRIVATE; 180];
    let padding = [PRIVATE; 300];
    let draft = [9, PRIVATE, PRIVATE];
    let report = keep(
        Side::Client,
        &client_hello(&[(35, &ticket), (51, &shares), (44, &ticket), (21, &padding), (0xfe0d, &draft)]),
    );
    let hello = kept(&report);
    let part = |number| hello.extension(ExtensionType(number)).unwrap();
    assert_eq!(part(35), Part { bytes: &[], length: 180 });
    assert_eq!(part(44), Part { bytes: &[], length: 180 });
    assert_eq!(part(21), Part { bytes: &[], length: 300 });
    assert_eq!(part(51), Part { bytes: &[0x11, 0xec, 0, 29], length: 1258 });
    assert_eq!(part(0xfe0d), Part { bytes: &[9], length: 3 });
    assert!(hello.is_whole && part(51).is_cut());
    assert_eq!(bytes_of(&report, Tag::KeyShares), [(Side::Client, vec![0x11, 0xec, 0, 29], false)]);
}

#[test]
fn identities_are_kept_and_tickets_are_not() {
    let long = [b'n'; 300];
    for (names, expected) in [
        (vec![identity(b"sensor-17", 0)], vec![(b"sensor-17".to_vec(), 9)]),
        (
            vec![identity(&[PRIVATE; 200], 77), identity(b"a", 0), identity(b"b", 0)],
            vec![(vec![], 200), (b"a".to_vec(), 1), (b"b".to_vec(), 1)],
        ),
        (vec![identity(&long, 0), identity(b"b", 0)], vec![(vec![b'n'; 117], 300)]),
        (vec![identity(&[PRIVATE; 40], 1); 70], vec![(vec![], 40); 40]),
    ] {
        let content = [vector(2, &names.concat()), vector(2, &vector(1, &[PRIVATE; 32]))].concat();
        let report = keep(Side::Client, &client_hello(&[(41, &content)]));
        let hello = kept(&report);
        let found: Vec<_> = hello.identities().map(|part| (part.bytes.to_vec(), part.length)).collect();
        assert_eq!(found, expected);
        assert_eq!(hello.extension(ExtensionType::pre_shared_key).unwrap().length, content.len());
        let named: Vec<_> = expected.iter().filter(|(name, _)| !name.is_empty()).collect();
        let notes = bytes_of(&report, Tag::PskIdentity);
        assert!(
            notes
                .iter()
                .map(|(_, name, cut)| (name, *cut))
                .eq(named.iter().map(|(name, length)| (name, name.len() < *length)))
        );
    }
}

#[test]
fn lists_beyond_their_room_are_cut_and_marked() {
    let suites: Vec<u8> = (1..=200_u16).flat_map(u16::to_be_bytes).collect();
    let groups = vector(2, &suites);
    let protocols = vector(2, &vector(1, b"four").repeat(40));
    let name = vector(2, &[&[0][..], &vector(2, &[b'a'; 255])].concat());
    let report = keep(
        Side::Client,
        &with_suites(&suites, &[(0, &name), (16, &protocols), (10, &groups), (43, &[2, 3, 4])]),
    );
    let cut = |tag| {
        let (_, bytes, cut) = bytes_of(&report, tag).remove(0);
        (bytes.len(), cut)
    };
    assert_eq!(cut(Tag::Suites), (100, true));
    assert_eq!(cut(Tag::ServerName), (95, true));
    // What stands behind finds less room, but it is there.
    let (alpn, groups) = (cut(Tag::Alpn), cut(Tag::Groups));
    assert!(alpn.1 && alpn.0 % 5 == 0 && groups.1 && groups.0 % 2 == 0, "{alpn:?} {groups:?}");
    assert_eq!(cut(Tag::Extensions), (8, false));
    assert!(report.encode().len() <= 6 + 300);
}

#[test]
fn five_hundred_extensions_leave_room_for_the_fault() {
    let content = [7; 28];
    let many: Vec<Extension<'_>> = (1000..1500).map(|number| (number, &content[..])).collect();
    let hello = client_hello(&many);
    assert!(hello.len() > 16_000);
    let mut report = keep(Side::Client, &hello);
    let types = bytes_of(&report, Tag::Extensions).remove(0);
    assert!(types.2 && types.1.len() > 80, "{types:?}");
    assert!(!kept(&report).is_whole);
    assert!(kept(&report).extensions().map(|(kind, _)| kind.0).eq(1000..1000 + types.1.len() as u16 / 2));
    for number in 0..=u8::MAX {
        report.note(Side::Server, Tag::Alpn, &[number; 50]);
        report.message(Side::Client, &hello);
    }
    assert!(report.dropped() > 200);
    let fault = Fault::Certificate(crate::CertificateFault::PinMismatch);
    let _failed = report.fail_with(fault, Evidence::Pin([9; 32]));
    let again = Report::decode(report.encode()).unwrap();
    assert_eq!((again.why(), again.evidence(&fault)), (Some(fault), Some(Evidence::Pin([9; 32]))));
}

#[test]
fn a_hello_that_ends_early_is_kept_up_to_there() {
    let whole = client_hello(&usual());
    let all = keep(Side::Client, &whole);
    let all: Vec<_> = kept(&all).extensions().collect();
    for end in 4..whole.len() {
        let report = keep(Side::Client, &whole[..end]);
        let hello = kept(&report);
        let before_extensions = end == whole.len() - block(&usual()).len();
        assert_eq!(hello.is_whole, before_extensions, "at {end}");
        // Lengths lie from the block's own on, which is longer than what is left.
        assert_eq!(hello.extensions().count(), 0, "at {end}");
    }
    // The block is whole; its last extension says more than there is.
    let mut lies = whole.clone();
    let last = lies.len() - 2;
    lies[last] = 9;
    let report = keep(Side::Client, &lies);
    assert!(!kept(&report).is_whole);
    assert!(kept(&report).extensions().eq(all.iter().take(4).copied()));
    // There is something behind the block.
    let mut longer = whole;
    longer.push(0);
    let report = keep(Side::Client, &longer);
    assert!(!kept(&report).is_whole);
    assert!(kept(&report).extensions().eq(all));
}

#[test]
fn every_length_that_lies_is_survived() {
    let shares = vector(2, &share(29, 32));
    let psk = [vector(2, &identity(b"name", 0)), vector(2, &vector(1, &[PRIVATE; 32]))].concat();
    let mut extensions = usual();
    extensions.extend([(51, &shares[..]), (41, &psk)]);
    for (side, hello) in [
        (Side::Client, client_hello(&extensions)),
        (Side::Server, server_hello([1; 32], &[(43, &[3, 4]), (51, &share(29, 32))])),
        (Side::Server, message(8, &block(&[(16, b"\x00\x03\x02h2"), (28, &[2, 0])]))),
    ] {
        for place in 0..hello.len() {
            for byte in [0, 1, 2, 4, 41, 51, 0x7f, 0x80, 0xff] {
                let mut hello = hello.clone();
                hello[place] = byte;
                let mut report = Report::new(Side::Server);
                report.message(side, &hello);
                let again = Report::decode(report.encode()).unwrap();
                let _ = format!("{again:?}");
                report.message(side, &hello[..place]);
                assert!(Report::decode(report.encode()).is_ok());
            }
        }
    }
}

#[test]
fn a_server_hello_says_what_it_chose() {
    let answer = share(29, 32);
    let sent =
        server_hello([PRIVATE; 32].map(|byte| byte ^ 1), &[(43, &[3, 4]), (51, &answer), (41, &[0, 2])]);
    let report = keep(Side::Server, &sent);
    let hello = kept(&report);
    assert!(!hello.is_retry() && hello.is_whole);
    assert_eq!(hello.extension(ExtensionType::key_share), Some(Part { bytes: &[0, 29, 0, 32], length: 36 }));
    let first = |tag| bytes_of(&report, tag).first().map(|(from, bytes, _)| (*from, bytes.clone()));
    assert_eq!(first(Tag::ChosenVersion), Some((Side::Server, vec![3, 4])));
    assert_eq!(first(Tag::ChosenSuite), Some((Side::Server, vec![0x13, 1])));
    assert_eq!(first(Tag::ChosenGroup), Some((Side::Server, vec![0, 29])));
    assert_eq!(first(Tag::ChosenPsk), Some((Side::Server, vec![0, 2])));
    assert_eq!(first(Tag::ChosenExtensions), Some((Side::Server, vec![0, 43, 0, 51, 0, 41])));
    assert_eq!(first(Tag::HelloRetry), None);

    let mut random = [5; 32];
    random[24..].copy_from_slice(&DOWNGRADE_TLS12);
    let old = keep(Side::Server, &server_hello(random, &[(19, &[2]), (20, &[0]), (16, b"\x00\x05\x04mqtt")]));
    assert_eq!(kept(&old).random_end, DOWNGRADE_TLS12);
    assert_eq!(bytes_of(&old, Tag::ChosenVersion), [(Side::Server, vec![3, 3], false)]);
    assert_eq!(bytes_of(&old, Tag::ChosenAlpn), [(Side::Server, b"mqtt".to_vec(), false)]);
    let types = bytes_of(&old, Tag::CertificateType);
    assert_eq!(types, [(Side::Server, vec![0], false), (Side::Client, vec![2], false)]);
}

#[test]
fn a_retry_is_not_an_answer_and_the_second_hello_is_kept_too() {
    let mut report = Report::new(Side::Server);
    let with = |group| {
        let mut extensions = usual();
        let shares: &'static [u8] = vector(2, &share(group, 32)).leak();
        extensions.push((51, shares));
        client_hello(&extensions)
    };
    report.message(Side::Client, &with(29));
    let retry = [(43, &[3, 4][..]), (44, &[0, 1, 9]), (51, &[0, 23])];
    report.message(Side::Server, &server_hello(HELLO_RETRY_REQUEST_RANDOM, &retry));
    report.message(Side::Client, &with(23));
    let report = Report::decode(report.encode()).unwrap();
    assert_eq!(report.messages().map(|kept| kept.is_retry()).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(bytes_of(&report, Tag::HelloRetry), [(Side::Server, vec![0, 23], false)]);
    assert_eq!(bytes_of(&report, Tag::RetryCookie), [(Side::Server, vec![], false)]);
    assert!(bytes_of(&report, Tag::ChosenGroup).is_empty());
    let shares = bytes_of(&report, Tag::KeyShares);
    assert_eq!(shares, [(Side::Client, vec![0, 29], false), (Side::Client, vec![0, 23], false)]);
    assert_eq!(bytes_of(&report, Tag::Suites).len(), 1, "what is repeated is an item once");
}

#[test]
fn encrypted_extensions_are_kept() {
    let report = keep(Side::Server, &message(8, &block(&[(16, b"\x00\x03\x02h2"), (28, &[2, 0])])));
    let extensions = kept(&report);
    assert_eq!(extensions.tag, Tag::EncryptedExtensions);
    assert_eq!(
        extensions.extension(ExtensionType::record_size_limit),
        Some(Part { bytes: &[2, 0], length: 2 })
    );
    assert_eq!(bytes_of(&report, Tag::ChosenAlpn), [(Side::Server, b"h2".to_vec(), false)]);
    assert_eq!(bytes_of(&report, Tag::ChosenExtensions), [(Side::Server, vec![0, 16, 0, 28], false)]);
    assert!(
        bytes_of(&report, Tag::ChosenVersion).is_empty() && bytes_of(&report, Tag::ChosenSuite).is_empty()
    );
    assert_eq!(bytes_of(&report, Tag::Versions), Vec::new());
}

#[test]
fn a_message_that_contradicts_itself_is_damage() {
    let report = keep(Side::Client, &client_hello(&usual()));
    let whole = report.encode();
    let last = whole.len() - 2;
    for (place, byte) in [
        // The last extension says that more is kept of it than there is, or less.
        (last, 2),
        (last, 0),
        // More extensions than types.
        (whole.windows(2).position(|pair| pair == [5, 0]).unwrap(), 6),
    ] {
        let mut damaged = whole.to_vec();
        damaged[place] = byte;
        assert_eq!(Report::decode(&damaged).unwrap_err(), ReportError::Malformed { offset: 6 }, "{place}");
    }
}

#[test]
fn other_messages_leave_nothing() {
    for msg_type in (0..=u8::MAX).filter(|msg_type| ![1, 2, 8].contains(msg_type)) {
        let mut report = Report::new(Side::Client);
        report.message(Side::Client, &message(msg_type, &[0; 40]));
        report.message(Side::Client, &[msg_type; 3]);
        assert_eq!((report.encode().len(), report.dropped()), (6, 0));
    }
}
