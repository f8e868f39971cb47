//! The list of causes.

use super::*;

#[test]
fn the_corpus_labels_are_these_causes() {
    let table = include_str!("../../../../vectors/handshakes/causes.tsv");
    let rows = table.lines().skip(1).filter_map(|row| row.split_once('\t'));
    let mut labels: Vec<&str> = rows.map(|(id, _)| id).collect();
    let mut causes: Vec<&str> = Cause::ALL.iter().map(|cause| cause.id()).collect();
    labels.sort_unstable();
    causes.sort_unstable();
    assert_eq!(labels, causes);
}

#[test]
fn every_cause_has_an_id_of_its_own() {
    let ids: std::collections::BTreeSet<_> = Cause::ALL.iter().map(|cause| cause.id()).collect();
    assert_eq!(ids.len(), Cause::ALL.len());
    for cause in Cause::ALL {
        assert!(!cause.meaning().is_empty() && !cause.fix().is_empty() && !cause.at().id().is_empty());
        assert!(cause.id().chars().all(|found| found.is_ascii_lowercase() || ".-".contains(found)));
    }
}
