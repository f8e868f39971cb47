//! Floods end the connection; conforming peers do not reach a limit.

use handclasp_record::Budget;
use handclasp_report::{Fault, Flood};

const KINDS: [(Flood, usize); 5] = [
    (Flood::EmptyRecords, 32),
    (Flood::Warnings, 4),
    (Flood::KeyUpdates, 32),
    (Flood::ChangeCipherSpecs, 32),
    (Flood::PostHandshakeMessages, 32),
];

#[test]
fn each_flood_ends() {
    for (flood, limit) in KINDS {
        let mut budget = Budget::new();
        for _ in 0..limit {
            assert_eq!(budget.spend(flood), Ok(()));
        }
        for _ in 0..1000 {
            assert_eq!(budget.spend(flood), Err(Fault::Flood(flood).code()), "the counter does not wrap");
        }
    }
}

#[test]
fn each_kind_has_its_own_budget() {
    let mut budget = Budget::new();
    for (flood, limit) in KINDS {
        (0..limit).for_each(|_| budget.spend(flood).unwrap());
    }
}

#[test]
fn application_data_sets_them_back() {
    for (flood, limit) in KINDS {
        let mut budget = Budget::new();
        for _ in 0..10 {
            (0..limit).for_each(|_| budget.spend(flood).unwrap());
            budget.application_data();
        }
    }
}
