//! Every fault to bytes and back; every truncation refused.

use std::{collections::BTreeSet, vec::Vec};

use handclasp_codec::{EncodeError, Problem};

use super::*;
use crate::{
    CertificateFault, Choice, Event, Flood, Input as CallersInput, Internal, Misuse, ShareFault, Signed,
    TransportFault, samples::every_fault,
};

fn packed(fault: &Fault, evidence: Option<Evidence>) -> Vec<u8> {
    let mut bytes = [0; FAULT_MAX];
    let length = write(fault, evidence, &mut bytes).unwrap_or_else(|| panic!("{fault:?} does not fit"));
    bytes[..length].to_vec()
}

#[test]
fn every_fault_comes_back() {
    for (fault, evidence) in every_fault() {
        assert_eq!(read(&packed(&fault, evidence)), Some((fault, evidence)));
        // Without its evidence, too.
        assert_eq!(read(&packed(&fault, None)), Some((fault, None)));
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
    once::<KeyKind>();
}

#[test]
fn the_bytes_of_a_fault_stay_what_they_are() {
    let fault = Fault::RecordNotAuthentic { sequence: Uint::saturating(1), handshaking: true };
    assert_eq!(packed(&fault, None), [13, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    let fault = Fault::PeerAlert(AlertDescription::handshake_failure);
    assert_eq!(packed(&fault, None), [42, 40]);
    let fault = Fault::Certificate(CertificateFault::NameMismatch { names: 2 });
    assert_eq!(packed(&fault, None), [40, 5, 2]);
    let message = HandshakeType::certificate;
    let [limit, found] = [0x0102, 0x03_0405].map(Uint::saturating);
    let fault = Fault::MessageTooLarge { message, limit, found };
    assert_eq!(packed(&fault, None), [10, 11, 0, 0, 1, 2, 0, 3, 4, 5]);
    let problem = ShareFault::Length { expected: 32.into(), found: 0x0102.into() };
    let fault = Fault::KeyShare { group: NamedGroup::x25519, problem };
    assert_eq!(packed(&fault, None), [34, 0, 29, 1, 0, 32, 1, 2]);
}

/// Faults with the form that they had when their numbers were part of them.
#[test]
fn evidence_follows_its_fault() {
    let expired = Fault::Certificate(CertificateFault::Expired);
    let dates = Some(Evidence::Dates { limit: 1, now: 2 });
    assert_eq!(packed(&expired, dates), [40, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    let pin = Fault::Certificate(CertificateFault::PinMismatch);
    let bytes = packed(&pin, Some(Evidence::Pin([7; 32])));
    assert_eq!((&bytes[..2], &bytes[2..]), (&[40, 13][..], &[7; 32][..]));
    let numbers = |problem, numbers| {
        let fault = Fault::Decode { within: Field::record, field: Field::alert, problem, offset: 0x1_0203 };
        packed(&fault, Some(Evidence::Numbers(numbers)))
    };
    let fault = [1, 0, 0, 0, 6, 0, 1, 2, 3];
    assert_eq!(numbers(Problem::Trailing, [9, 0, 0]), [&fault[..], &[2, 0, 0, 0, 9]].concat());
    let range = [3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    assert_eq!(numbers(Problem::OutOfRange, [1, 2, 3]), [&fault[..], &range].concat());
    assert_eq!(numbers(Problem::NotLast, [1, 2, 3]), [&fault[..], &[7]].concat());
    // Evidence of another kind of fault is left out.
    assert_eq!(packed(&expired, Some(Evidence::Pin([7; 32]))), [40, 2]);
    assert_eq!(packed(&pin, dates), [40, 13]);
}

#[test]
fn truncated_and_overlong_faults_are_refused() {
    for (fault, evidence) in every_fault() {
        let mut bytes = packed(&fault, evidence);
        let bare = packed(&fault, None);
        for end in 0..bytes.len() {
            let expected = (bytes[..end] == bare).then_some((fault, None));
            assert_eq!(read(&bytes[..end]), expected, "{fault:?} at {end}");
            // A buffer that is too small refuses to be written, too.
            assert_eq!(write(&fault, evidence, &mut std::vec![0; end]), None);
        }
        bytes.push(0);
        assert_eq!(read(&bytes), None, "{fault:?} with a byte too much");
    }
}

#[test]
fn unknown_numbers_are_refused() {
    for number in 0..=u8::MAX {
        if !Fault::NUMBERS.contains(&number) {
            assert_eq!(read(&[number]), None);
        }
    }
    assert_eq!(read(&[44, 2, 0]), None, "a bool is 0 or 1");
    assert_eq!(read(&[33, 0xff, 0xff]), None, "a field that does not exist");
}

#[test]
fn key_notes_come_back() {
    for kind in KeyKind::ALL {
        let note = key_note(kind, &[7; 32]);
        assert_eq!(read_key_note(&note), Some((kind, [7; 32])), "{kind:?}");
        assert_eq!(read_key_note(&note[..32]), None);
    }
    assert_eq!(read_key_note(&[0; 33]), None);
}
