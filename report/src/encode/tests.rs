//! Every fault to a number and back, and from the bytes of version 2; every truncation refused.

use std::{collections::BTreeSet, vec::Vec};

use handclasp_codec::{EncodeError, Problem};

use super::*;
use crate::{
    CertificateFault, Choice, Event, Flood, Input as CallersInput, Internal, Misuse, ShareFault, Signed,
    TransportFault, samples::every_fault,
};

/// A fault and its evidence as a report has them.
fn packed(fault: &Fault, evidence: Option<Evidence>) -> Vec<u8> {
    let (bytes, length) = evidence.map_or(([0; Evidence::MAX], 0), Evidence::to_bytes);
    [&fault.code().bytes()[..], &bytes[..length]].concat()
}

fn read_back(bytes: &[u8]) -> Option<(Fault, Option<Evidence>)> {
    read(Form::Fixed, bytes)
}

#[test]
fn every_fault_comes_back() {
    for (fault, evidence) in every_fault() {
        assert_eq!(fault.code().fault(), fault);
        assert_eq!(read_back(&packed(&fault, evidence)), Some((fault, evidence)));
        // Without its evidence, too.
        assert_eq!(read_back(&packed(&fault, None)), Some((fault, None)));
    }
}

#[test]
fn different_faults_have_different_numbers() {
    let all: Vec<Fault> = every_fault().into_iter().map(|(fault, _)| fault).collect();
    for (place, fault) in all.iter().enumerate() {
        for other in &all[..place] {
            assert_eq!(fault == other, fault.code() == other.code(), "{fault:?} and {other:?}");
        }
    }
}

/// Parts at the ends of what their places hold.
#[test]
fn parts_fill_their_places() {
    let message = HandshakeType(u8::MAX);
    let (within, field) = (Field::target_kdf, Field::target_kdf);
    let event = Event::Message(message);
    for fault in [
        Fault::Decode { within, field, problem: Problem::NotLast, offset: u32::MAX },
        Fault::Unexpected { expected: event, found: event },
        Fault::NotTls { first: [u8::MAX; 5] },
        Fault::RecordOverflow { limit: u16::MAX, found: u16::MAX },
        Fault::MessageTooLarge { message, limit: Uint::MAX, found: Uint::MAX },
        Fault::TooMany { what: crate::Counted::KeyShares, limit: u16::MAX, found: u16::MAX },
        Fault::RecordNotAuthentic { sequence: Uint::MAX, handshaking: true },
        Fault::KeyShare {
            group: NamedGroup(u16::MAX),
            problem: ShareFault::Length { expected: Uint::MAX, found: Uint::MAX },
        },
        Fault::SignatureInvalid {
            signed: Signed::ClientCertificateVerify,
            scheme: SignatureScheme(u16::MAX),
            key: KeyKind::RsaPss,
        },
        Fault::Truncated { expected: Some(event), anything_came: true },
        Fault::Certificate(CertificateFault::PathTooLong { limit: u8::MAX }),
    ] {
        assert_eq!(fault.code().fault(), fault);
    }
}

/// Each line: the bytes that version 2 wrote, and the fault with its evidence.
#[test]
fn version_2_is_read() {
    let lines = include_str!("version2.txt").lines();
    assert_eq!(lines.clone().count(), 430);
    for line in lines {
        let (hex, expected) = line.split_once(' ').unwrap();
        let digit = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(digit).collect();
        let (fault, evidence) = read(Form::Variable, &bytes).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(std::format!("{fault:?} {evidence:?}"), expected);
        for end in 0..bytes.len() {
            let shorter = read(Form::Variable, &bytes[..end]);
            assert!(shorter.is_none_or(|(again, none)| again == fault && none.is_none()), "{line} at {end}");
        }
        assert_eq!(read(Form::Variable, &[&bytes[..], &[0]].concat()), None, "{line} with a byte too much");
    }
}

#[test]
fn no_fault_is_forgotten() {
    let found: BTreeSet<u8> = every_fault().iter().map(|(fault, _)| packed(fault, None)[0]).collect();
    assert_eq!(found, Fault::NUMBERS.iter().copied().collect());
    let found: BTreeSet<u8> = every_fault()
        .iter()
        .filter(|(fault, _)| matches!(fault, Fault::Certificate(_)))
        .map(|(fault, _)| packed(fault, None)[1])
        .collect();
    assert_eq!(found, CertificateFault::NUMBERS.iter().copied().collect());
}

#[test]
fn no_number_stands_twice() {
    fn once<P: Packed>() {
        let different: BTreeSet<&u8> = P::NUMBERS.iter().collect();
        assert_eq!(different.len(), P::NUMBERS.len());
        assert!(!P::NUMBERS.is_empty() && !different.contains(&0));
    }
    once::<Fault>();
    once::<CertificateFault>();
    once::<crate::StapleFault>();
    once::<crate::CrlFault>();
    once::<Problem>();
    once::<EncodeError>();
    once::<Event>();
    once::<Choice>();
    once::<Signed>();
    once::<ShareFault>();
    once::<Flood>();
    once::<Misuse>();
    once::<CallersInput>();
    once::<TransportFault>();
    once::<Internal>();
    once::<crate::SignerFault>();
    once::<crate::Counted>();
    once::<crate::Capability>();
    once::<KeyKind>();
}

#[test]
fn the_bytes_of_a_fault_stay_what_they_are() {
    let fault = Fault::RecordNotAuthentic { sequence: Uint::saturating(1), handshaking: true };
    assert_eq!(packed(&fault, None), [13, 1, 0, 0, 0, 0, 0, 1]);
    let fault = Fault::PeerAlert(AlertDescription::handshake_failure);
    assert_eq!(packed(&fault, None), [42, 40, 0, 0, 0, 0, 0, 0]);
    let fault = Fault::Certificate(CertificateFault::NameMismatch { names: 2 });
    assert_eq!(packed(&fault, None), [40, 5, 2, 0, 0, 0, 0, 0]);
    let message = HandshakeType::certificate;
    let [limit, found] = [0x0102, 0x03_0405].map(Uint::saturating);
    let fault = Fault::MessageTooLarge { message, limit, found };
    assert_eq!(packed(&fault, None), [10, 11, 2, 1, 0, 5, 4, 3]);
    let problem = ShareFault::Length { expected: 32.into(), found: 0x0102.into() };
    let fault = Fault::KeyShare { group: NamedGroup::x25519, problem };
    assert_eq!(packed(&fault, None), [34, 29, 0, 1, 32, 0, 2, 1]);
    let expected = Some(Event::ChangeCipherSpec);
    let fault = Fault::Truncated { expected, anything_came: true };
    assert_eq!(packed(&fault, None), [44, 1, 2, 0, 1, 0, 0, 0]);
    let (within, field) = (Field::record, Field::alert);
    let fault = Fault::Decode { within, field, problem: Problem::Trailing, offset: 0x0102_0304 };
    assert_eq!(packed(&fault, None), [1, 0, 6, 4, 3, 2, 1, 2]);
    let evidence = Some(Evidence::Numbers([9, 0, 0]));
    assert_eq!(packed(&fault, evidence)[8..], [1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let expired = Fault::Certificate(CertificateFault::Expired);
    let dates = Some(Evidence::Dates { limit: 1, now: 2 });
    assert_eq!(packed(&expired, dates)[8..], [2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);
    let pin = packed(&Fault::Certificate(CertificateFault::PinMismatch), Some(Evidence::Pin([7; 32])));
    assert_eq!((pin[8], &pin[9..]), (3, &[7; 32][..]));
}

#[test]
fn truncated_and_overlong_faults_are_refused() {
    for (fault, evidence) in every_fault() {
        let mut bytes = packed(&fault, evidence);
        for end in 0..bytes.len() {
            let expected = (end == FaultCode::SIZE).then_some((fault, None));
            assert_eq!(read_back(&bytes[..end]), expected, "{fault:?} at {end}");
        }
        bytes.push(0);
        assert_eq!(read_back(&bytes), None, "{fault:?} with a byte too much");
    }
    // Evidence of another kind of fault is left out.
    let expired = Fault::Certificate(CertificateFault::Expired);
    let pin = Some(Evidence::Pin([7; 32]));
    assert_eq!(read_back(&packed(&expired, pin)), Some((expired, None)));
}

#[test]
fn unknown_numbers_are_refused() {
    for number in 0..=u8::MAX {
        if !Fault::NUMBERS.contains(&number) {
            assert_eq!(read(Form::Variable, &[number]), None);
            assert_eq!(read_back(&[number, 0, 0, 0, 0, 0, 0, 0]), None);
        }
    }
    assert_eq!(read(Form::Variable, &[44, 2, 0]), None, "a bool is 0 or 1");
    assert_eq!(read(Form::Variable, &[33, 0xff, 0xff]), None, "a field that does not exist");
    assert_eq!(read_back(&[44, 2, 0, 0, 0, 0, 0, 0]), None, "a bool is 0 or 1");
    assert_eq!(read_back(&[33, 0xff, 0, 0, 0, 0, 0, 0]), None, "a field that does not exist");
    assert_eq!(read_back(&[15, 0, 0, 0, 0, 0, 0, 1]), None, "what is left of 8 bytes is 0");
    assert_eq!(read_back(&[2, 2, 1, 2, 0, 0, 0, 0]), None, "what is left of a part's place is 0");
}

#[test]
fn key_notes_come_back() {
    for kind in KeyKind::ALL {
        let note = key_note(kind, &[7; 32]);
        assert_eq!(read_key_note(&note), Some((kind, [7; 32])), "{kind:?}");
        assert_eq!(read_key_note(&note[..32]), None);
        let changed = crate::changed_key_note(kind, &[7; 32]);
        assert_eq!(read_key_note(&changed), Some((kind, [7; 32])), "{kind:?}");
        assert!(crate::is_changed_key(&changed) && !crate::is_changed_key(&note));
    }
    assert_eq!(read_key_note(&[0; 33]), None);
}
