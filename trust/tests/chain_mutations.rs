//! Chains of certificates that are changed at random places and signed again: devices never accept what hosts
//! refuse. HANDCLASP_ROUNDS makes the test run longer.

mod forge;

use std::collections::BTreeMap;

use forge::{
    judge::World,
    sign, tlv,
    tree::{self, Numbers},
    *,
};
use handclasp_trust::Role;

/// The certificate of these fields, with its tbsCertificate changed once to three times.
fn changed(one: &Forged, key: &Key, numbers: &mut Numbers) -> Vec<u8> {
    let mut tbs = tree::parse(&one.tbs()).unwrap();
    for _ in 0..=numbers.below(3) {
        tree::mutate(&mut tbs, numbers);
    }
    sign(&tree::write(&tbs), &one.outer_algorithm, key)
}

#[test]
fn devices_accept_nothing_that_hosts_refuse() {
    let rounds = std::env::var("HANDCLASP_ROUNDS").map_or(1, |text| text.parse::<usize>().unwrap());
    let world = World::new();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, mut refused, mut same) = (0, 0, 0);
    let mut stricter = BTreeMap::new();
    for round in 0..rounds * 4000 {
        let mut leaf = world.good_leaf();
        let mut between = world.good_between();
        // More extensions to change.
        if round % 3 == 0 {
            leaf = leaf.with(CRL_DISTRIBUTION_POINTS, false, tlv(0x30, ""));
            between = between.with(EXTENDED_KEY_USAGE, false, tlv(0x30, tlv(6, SERVER_AUTH)));
            between = between.with(BASIC_CONSTRAINTS, true, sequence(&[&[1, 1, 0xff], &[2, 1, 0]]));
        }
        let chain = match round % 2 {
            0 => vec![changed(&leaf, &world.between, &mut numbers), between.sign(&world.root)],
            _ => vec![leaf.sign(&world.between), changed(&between, &world.root, &mut numbers)],
        };
        let role = if round % 5 == 0 { Role::Client } else { Role::Server };
        let (host, device) = (world.host(&chain, role), world.device(&chain, role));
        match (&host, &device) {
            (Err(fault), Ok(_)) => panic!("round {round}: hosts say {fault:?}: {chain:02x?}"),
            (Ok(_), Err(error)) => *stricter.entry(format!("{:?}", error.fault)).or_insert(0) += 1,
            (Ok(_), Ok(_)) => accepted += 1,
            (Err(_), Err(_)) => refused += 1,
        }
        same += usize::from(host == device);
    }
    println!("{accepted} accepted, {refused} refused, {same} with the same words; stricter: {stricter:?}");
    assert!(accepted > rounds * 200 && refused > rounds * 1000, "{accepted} accepted, {refused} refused");
}
