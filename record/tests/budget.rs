//! Floods end the connection; conforming peers do not reach a limit.

use handclasp_record::Budget;
use handclasp_report::{Fault, Flood};

type Spend = fn(&mut Budget) -> Result<(), Fault>;

const KINDS: [(Spend, Flood, usize); 5] = [
    (Budget::empty_record, Flood::EmptyRecords, 32),
    (Budget::warning, Flood::Warnings, 4),
    (Budget::key_update, Flood::KeyUpdates, 32),
    (Budget::change_cipher_spec, Flood::ChangeCipherSpecs, 32),
    (Budget::post_handshake_message, Flood::PostHandshakeMessages, 32),
];

#[test]
fn each_flood_ends() {
    for (spend, flood, limit) in KINDS {
        let mut budget = Budget::new();
        for _ in 0..limit {
            assert_eq!(spend(&mut budget), Ok(()));
        }
        for _ in 0..1000 {
            assert_eq!(spend(&mut budget), Err(Fault::Flood(flood)), "the counter does not wrap");
        }
    }
}

#[test]
fn each_kind_has_its_own_budget() {
    let mut budget = Budget::new();
    for (spend, _, limit) in KINDS {
        (0..limit).for_each(|_| spend(&mut budget).unwrap());
    }
}

#[test]
fn application_data_sets_them_back() {
    for (spend, _, limit) in KINDS {
        let mut budget = Budget::new();
        for _ in 0..10 {
            (0..limit).for_each(|_| spend(&mut budget).unwrap());
            budget.application_data();
        }
    }
}
