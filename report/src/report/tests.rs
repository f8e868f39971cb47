//! Notes kept, cut, dropped and read back; damage; versions to come.

use std::{format, vec, vec::Vec};

use handclasp_codec::{AlertDescription, CipherSuite, ContentType, NamedGroup};

use super::*;
use crate::{Evidence, samples::every_fault};

mod messages;

fn bytes_of(report: &Report, tag: Tag) -> Vec<(Side, Vec<u8>, bool)> {
    report
        .items()
        .filter(|item| item.tag == tag)
        .map(|item| (item.from, item.bytes.to_vec(), item.cut))
        .collect()
}

fn fail(report: &mut Report, fault: Fault, evidence: Option<Evidence>) {
    let _failed = match evidence {
        Some(evidence) => report.fail_with(fault, evidence),
        None => report.fail(fault),
    };
}

/// A story with something of each kind.
fn story() -> Report {
    let mut report = Report::new(Side::Client);
    report.message(Side::Client, &messages::client_hello(&messages::usual()));
    report.message(Side::Server, &messages::server_hello([0x33; 32], &[(43, &[3, 4])]));
    let suites = [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384];
    report.note_words(Side::Client, Tag::Suites, suites.into_iter());
    report.note_words(Side::Client, Tag::Groups, [NamedGroup::x25519].into_iter());
    report.note(Side::Client, Tag::Alpn, b"\x02h2\x08http/1.1");
    report.note(Side::Client, Tag::ServerName, b"example.net");
    report.note_words(Side::Server, Tag::ChosenSuite, suites.into_iter().take(1));
    report.note_words(Side::Server, Tag::AlertReceived, [AlertDescription::handshake_failure].into_iter());
    let _failed = report.fail(Fault::PeerAlert(AlertDescription::handshake_failure));
    report
}

#[test]
fn what_was_noted_is_read() {
    let report = Report::decode(story().encode()).unwrap();
    assert_eq!(report.own(), Side::Client);
    assert_eq!(report.dropped(), 0);
    assert_eq!(bytes_of(&report, Tag::Suites), [(Side::Client, vec![0x13, 1, 0x13, 2], false)]);
    let alpn = report.items().find(|item| item.tag == Tag::Alpn).unwrap();
    assert_eq!(alpn.names().collect::<Vec<_>>(), [b"h2".as_slice(), b"http/1.1"]);
    let suites = report.items().find(|item| item.tag == Tag::Suites).unwrap();
    assert!(suites.words::<CipherSuite>().eq([CipherSuite(0x1301), CipherSuite(0x1302)]));
    let alert = report.items().find(|item| item.tag == Tag::AlertReceived).unwrap();
    assert!(alert.words::<AlertDescription>().eq([AlertDescription::handshake_failure]));
    assert_eq!(report.why(), Some(Fault::PeerAlert(AlertDescription::handshake_failure)));
    assert_eq!(Report::new(Side::Server).own(), Side::Server);
    assert!(format!("{report:?}").contains("ServerName"));
}

#[test]
fn every_fault_is_kept() {
    for (fault, evidence) in every_fault() {
        let mut report = Report::new(Side::Server);
        fail(&mut report, fault, evidence);
        let again = Report::decode(report.encode()).unwrap();
        assert_eq!((again.why(), again.evidence(&fault)), (Some(fault), evidence));
    }
}

#[test]
fn the_first_fault_stays() {
    let mut report = story();
    let _failed = report.fail(Fault::Truncated { expected: None, anything_came: true });
    assert_eq!(report.why(), Some(Fault::PeerAlert(AlertDescription::handshake_failure)));
    assert_eq!(report.items().filter(|item| item.tag == Tag::Fault).count(), 1);
}

#[test]
fn lists_are_cut_at_whole_elements() {
    let mut report = Report::new(Side::Client);
    report.note_words(Side::Client, Tag::Suites, (0..200).map(CipherSuite));
    let (_, bytes, cut) = bytes_of(&report, Tag::Suites).remove(0);
    assert!(cut);
    assert_eq!(bytes.len(), ONE);
    report.note(Side::Server, Tag::Suites, &[1; 151]);
    let (_, bytes, cut) = bytes_of(&report, Tag::Suites).remove(1);
    assert_eq!((bytes.len(), cut), (ONE, true));
    let names: Vec<u8> = core::iter::repeat_n(*b"\x04four", 30).flatten().collect();
    report.note(Side::Client, Tag::Alpn, &names);
    let (_, bytes, cut) = bytes_of(&report, Tag::Alpn).remove(0);
    assert_eq!((bytes.len(), cut), (ONE, true), "twenty names of five bytes");
    report.note(Side::Client, Tag::ServerName, &[b'a'; 255]);
    assert!(report.items().all(|item| item.cut));
}

#[test]
fn offers_push_out_neither_choices_nor_the_fault() {
    let mut report = Report::new(Side::Server);
    for number in 0..=u8::MAX {
        report.note(Side::Client, Tag::PskIdentity, &[number; 60]);
    }
    assert!(report.dropped() > 200);
    report.note_words(Side::Server, Tag::ChosenSuite, [CipherSuite::TLS_AES_128_GCM_SHA256].into_iter());
    assert_eq!(bytes_of(&report, Tag::ChosenSuite).len(), 1);
    for number in 0..=u8::MAX {
        report.note(Side::Client, Tag::AlertReceived, &[number]);
        report.note_words(Side::Client, Tag::AlertReceived, [ContentType(number)].into_iter());
    }
    let fault = Fault::Certificate(crate::CertificateFault::PinMismatch);
    fail(&mut report, fault, Some(Evidence::Pin([9; 32])));
    let again = Report::decode(report.encode()).unwrap();
    assert_eq!((again.why(), again.evidence(&fault)), (Some(fault), Some(Evidence::Pin([9; 32]))));
    assert!(report.encode().len() <= 512);
    assert_eq!(report.dropped(), u8::MAX);
}

#[test]
fn an_alert_behind_the_fault_takes_the_room_that_the_fault_left() {
    let mut report = Report::new(Side::Client);
    let full = SIZE - FOR_FAULT - HEADER - 2 * NOTE;
    report.note(Side::Server, Tag::CertificateKey, &vec![1; full - 250]);
    report.note(Side::Server, Tag::CertificateKey, &vec![1; 250]);
    report.note(Side::Server, Tag::AlertReceived, &[90]);
    assert_eq!((report.dropped(), bytes_of(&report, Tag::AlertReceived).len()), (1, 0), "it is full");
    fail(&mut report, Fault::NoCommonSuite, None);
    report.note(Side::Client, Tag::AlertSent, &[AlertDescription::handshake_failure.0]);
    let again = Report::decode(report.encode()).unwrap();
    assert_eq!(bytes_of(&again, Tag::AlertSent), [(Side::Client, vec![40], false)]);
    assert_eq!((again.why(), again.dropped()), (Some(Fault::NoCommonSuite), 1));
}

#[test]
fn a_note_that_is_longer_than_its_length_can_say_is_left_out() {
    for (length, dropped) in [(255, 0), (256, 1), (400, 1)] {
        let mut report = Report::new(Side::Client);
        report.note(Side::Server, Tag::CertificateKey, &vec![1; length]);
        fail(&mut report, Fault::NoCommonSuite, None);
        let again = Report::decode(report.encode()).unwrap();
        assert_eq!((again.why(), again.dropped()), (Some(Fault::NoCommonSuite), dropped), "{length}");
    }
}

#[test]
fn a_report_fills_to_the_last_byte_without_harm() {
    for length in 0..=ONE {
        let mut report = Report::new(Side::Client);
        for number in 0..40 {
            report.note(Side::Client, Tag::ServerName, &vec![number; length]);
            report.note(Side::Server, Tag::ChosenAlpn, &vec![number; length]);
        }
        for (fault, evidence) in every_fault() {
            let mut report = report.clone();
            fail(&mut report, fault, evidence);
            let again = Report::decode(report.encode()).unwrap();
            assert_eq!((again.why(), again.evidence(&fault)), (Some(fault), evidence));
        }
    }
}

#[test]
fn the_same_note_is_not_repeated() {
    let mut report = story();
    let before = report.encode().len();
    report.note(Side::Client, Tag::ServerName, b"example.net");
    assert_eq!(report.encode().len(), before);
    report.note(Side::Client, Tag::ServerName, b"example.com");
    report.note(Side::Client, Tag::Extensions, b"");
    assert_eq!(report.encode().len(), before + 2 + 11 + 2);
}

#[test]
fn truncated_everywhere_is_an_error() {
    let report = story();
    let bytes = report.encode();
    for end in 0..bytes.len() {
        assert!(Report::decode(&bytes[..end]).is_err(), "at {end}");
    }
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert!(Report::decode(&longer).is_err());
}

#[test]
fn damage_is_an_error_or_another_report_but_no_panic() {
    let report = story();
    for place in 0..report.encode().len() {
        for byte in 0..=u8::MAX {
            let mut bytes = report.encode().to_vec();
            bytes[place] = byte;
            if let Ok(read) = Report::decode(&bytes) {
                assert_eq!(read.encode(), bytes);
                let _ = (format!("{read:?}"), read.why());
            }
        }
    }
}

/// The report of [`story`] as version 2 wrote it.
#[test]
fn a_report_of_version_2_is_read() {
    let hex = concat!(
        "48020000008a30004003038400060102030404130113020100050000000a000d002bff0110000e00000b657861",
        "6d706c652e6e6574060004001d001704000204030504030403030100b100140303333333333333333300130100",
        "01002b0203040204130113020302001d070c02683208687474702f312e31080b6578616d706c652e6e65749102",
        "1301a1012822022a28",
    );
    let digit = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(digit).collect();
    let report = Report::decode(&bytes).unwrap();
    assert_eq!(report.encode(), bytes);
    assert_eq!(report.why(), story().why());
    assert!(
        report.items().eq(story()
            .items()
            .filter(|item| item.tag != Tag::Fault)
            .chain(report.items().filter(|item| item.tag == Tag::Fault)))
    );
}

#[test]
fn later_versions_are_refused_with_words() {
    let mut bytes = story().encode().to_vec();
    bytes[1] = 4;
    let error = Report::decode(&bytes).unwrap_err();
    assert_eq!(error, ReportError::Version(4));
    assert_eq!(
        format!("{error}"),
        "this report has version 4, but this program reads only version 3 and older: a newer handclasp \
         wrote it"
    );
    assert_eq!(Report::decode(&bytes[..2]).unwrap_err(), ReportError::Version(4));
    assert_eq!(Report::decode(b"nonsense").unwrap_err(), ReportError::NotAReport);
    let mut long = vec![0; 600];
    long[..6].copy_from_slice(&[b'H', 1, 0, 0, 2, 82]);
    for note in long[6..].chunks_mut(27) {
        note[..2].copy_from_slice(&[8, 25]);
    }
    assert_eq!(Report::decode(&long).unwrap_err(), ReportError::TooLong);
}

#[test]
fn tags_keep_their_numbers() {
    for tag in Tag::ALL {
        assert_eq!(Tag::from_number(tag.number()), Some(*tag));
        assert!(tag.number() & (FROM_SERVER | CUT) == 0);
    }
    let mut numbers: Vec<u8> = Tag::ALL.iter().map(|tag| tag.number()).collect();
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by(|one, next| one < next), "no number stands twice");
}
