//! Every fault to bytes and back; every truncation refused.

use std::{collections::BTreeSet, vec::Vec};

use super::*;
use crate::samples::every_fault;

fn packed(fault: &Fault) -> Vec<u8> {
    let mut bytes = [0; FAULT_MAX];
    let length = write(fault, &mut bytes).unwrap_or_else(|| panic!("{fault:?} does not fit"));
    bytes[..length].to_vec()
}

#[test]
fn every_fault_comes_back() {
    for fault in every_fault() {
        assert_eq!(read(&packed(&fault)), Some(fault));
    }
}

#[test]
fn no_fault_is_forgotten() {
    let found: BTreeSet<u8> = every_fault().iter().map(|fault| packed(fault)[0]).collect();
    assert_eq!(found, Fault::NUMBERS.iter().copied().collect());
    let found: BTreeSet<u8> = every_fault()
        .iter()
        .filter(|fault| matches!(fault, Fault::Certificate(_)))
        .map(|fault| packed(fault)[1])
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
    let fault = Fault::RecordNotAuthentic { sequence: 1, handshaking: true };
    assert_eq!(packed(&fault), [13, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    let fault = Fault::PeerAlert(AlertDescription::handshake_failure);
    assert_eq!(packed(&fault), [42, 40]);
    let fault = Fault::Certificate(CertificateFault::NameMismatch { names: 2 });
    assert_eq!(packed(&fault), [40, 5, 2]);
}

#[test]
fn truncated_and_overlong_faults_are_refused() {
    for fault in every_fault() {
        let mut bytes = packed(&fault);
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None, "{fault:?} at {end}");
            // A buffer that is too small refuses to be written, too.
            assert_eq!(write(&fault, &mut std::vec![0; end]), None);
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
