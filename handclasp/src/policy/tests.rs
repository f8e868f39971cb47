//! What every policy must be, and what none may be.

use super::*;

fn ids(policy: &Policy) -> Vec<CipherSuite> {
    policy.suites.iter().map(|suite| suite.id).collect()
}

fn shares(policy: &Policy) -> Vec<NamedGroup> {
    policy.groups.iter().take(policy.shares).map(|group| group.group()).collect()
}

fn has(policy: &Policy, part: &str) -> bool {
    ids(policy).iter().any(|suite| suite.to_string().contains(part))
}

#[test]
fn every_name_is_a_policy() {
    let rows: Vec<_> = table::ROWS.iter().map(|row| row.name).collect();
    assert_eq!(rows, Policy::NAMES);
    for name in Policy::NAMES {
        let policy = Policy::by_name(name).expect("it is one");
        assert!(!policy.suites.is_empty() && !policy.groups.is_empty() && !policy.verify.is_empty());
        assert!((1..=2).contains(&policy.shares), "{name}");
        let mut unique = ids(&policy);
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), policy.suites.len(), "{name} names a suite twice");
        assert!(!policy.psk_ke, "{name}: only by its own name");
    }
    assert!(Policy::by_name("Modern").is_none());
}

#[test]
fn the_provider_has_all_that_the_table_names() {
    for (name, row) in Policy::NAMES.iter().zip(table::ROWS) {
        let policy = Policy::by_name(name).expect("it is one");
        let suites: usize = row.suites.iter().map(|list| list.len()).sum();
        assert_eq!((policy.suites.len(), policy.groups.len()), (suites, row.groups.len()), "{name}");
        assert_eq!(shares(&policy), row.shares, "{name}");
    }
}

#[test]
fn every_suite_of_the_provider_is_in_some_policy() {
    for suite in provider::suites() {
        assert!(table::ROWS.iter().any(|row| row.has_suite(suite.id)), "{}", suite.id);
    }
}

#[test]
fn versions() {
    let is_13 = |suite: &&Suite| suite.version() == ProtocolVersion::TLS_1_3;
    assert!(Policy::tls13_only().suites.iter().all(is_13));
    for policy in [Policy::modern(), Policy::compatible(), Policy::constrained()] {
        assert!(policy.suites.iter().any(is_13) && !policy.suites.iter().all(is_13));
    }
}

#[test]
fn weaker_suites_only_where_they_are_asked_for() {
    for policy in [Policy::modern(), Policy::tls13_only()] {
        assert!(!has(&policy, "_CCM_8") && !has(&policy, "_CBC_"));
        assert!(policy.suites.iter().all(|suite| !suite.needs_encrypt_then_mac()));
    }
    assert!(!has(&Policy::constrained(), "_CBC_") && !has(&Policy::constrained(), "SHA384"));
    // And then last.
    let ids = ids(&Policy::compatible());
    let weak = |suite: &CipherSuite| suite.is_cbc();
    assert!(ids.iter().is_sorted_by_key(weak));
}

#[test]
fn extended_master_secret_is_required_by_its_switch_alone() {
    for name in Policy::NAMES {
        let policy = Policy::by_name(name).expect("is one");
        assert_eq!(policy.extended_master_secret, ExtendedMasterSecret::Offered, "{name}");
        let strict = policy.require_extended_master_secret();
        assert_eq!(strict.extended_master_secret, ExtendedMasterSecret::Required, "{name}");
    }
}

#[test]
fn a_client_offers_cbc_only_where_it_is_told_to() {
    let cbc = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256;
    let compatible = Policy::compatible().for_client();
    assert!(!has(&compatible, "_CBC_"));
    // So it reaches whatever `modern` reaches: what a server may choose of it is sound.
    let modern = ids(&Policy::modern().for_client());
    assert!(modern.iter().all(|suite| ids(&compatible).contains(suite)));
    assert!(compatible.suites.iter().all(|suite| !suite.needs_encrypt_then_mac()));
    let named = Policy::compatible().only_suites(&[cbc]).expect("ours").for_client();
    assert_eq!(ids(&named), [cbc]);
    assert_eq!(ids(&Policy::compatible().offer_cbc().for_client()), ids(&Policy::compatible()));
}

#[test]
fn shares_that_are_sent_at_once() {
    let modern = [NamedGroup::X25519MLKEM768, NamedGroup::x25519];
    assert_eq!(shares(&Policy::modern()), modern);
    assert_eq!(shares(&Policy::tls13_only()), modern);
    assert_eq!(shares(&Policy::modern().for_psk()), [NamedGroup::x25519]);
    assert_eq!(shares(&Policy::compatible()), [NamedGroup::x25519, NamedGroup::secp256r1]);
    assert_eq!(shares(&Policy::compatible().for_psk()), [NamedGroup::x25519, NamedGroup::secp256r1]);
    assert_eq!(shares(&Policy::constrained()), [NamedGroup::secp256r1]);
    for policy in [Policy::modern().for_psk(), Policy::compatible().for_psk(), Policy::constrained()] {
        assert!(policy.groups.iter().all(|group| group.group() != NamedGroup::X25519MLKEM768));
    }
}

#[test]
fn shares_of_chosen_groups() {
    let (hybrid, x25519, p256) = (NamedGroup::X25519MLKEM768, NamedGroup::x25519, NamedGroup::secp256r1);
    for (groups, sent) in [
        (vec![p256, x25519], vec![p256]),
        (vec![hybrid, p256, x25519], vec![hybrid, p256]),
        (vec![hybrid], vec![hybrid]),
        (vec![x25519, hybrid], vec![x25519]),
    ] {
        for policy in [Policy::modern(), Policy::compatible()] {
            assert_eq!(shares(&policy.only_groups(&groups).expect("ours")), sent);
        }
    }
    // All that is left is offered, with a pre-shared key as well.
    let policy = Policy::modern().only_groups(&[hybrid]).expect("ours").for_psk();
    assert_eq!(shares(&policy), [hybrid]);
}

#[test]
fn schemes_of_small_peers() {
    for verify in Policy::constrained().verify {
        let name = verify.scheme().to_string();
        assert!(name.ends_with("sha256"), "{name}");
    }
    assert_eq!(Policy::modern().verify.len(), provider::VERIFY.len());
}

#[test]
fn restrictions() {
    let ccm_8 = CipherSuite::TLS_AES_128_CCM_8_SHA256;
    let gcm = CipherSuite::TLS_AES_128_GCM_SHA256;
    let gcm12 = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
    assert_eq!(ids(&Policy::modern().only_suites(&[gcm12, gcm]).expect("ours")), [gcm12, gcm]);
    let error = Policy::modern().only_suites(&[ccm_8]).expect_err("not here");
    assert_eq!(error, PolicyError::SuiteOfPolicy { suite: ccm_8, policy: "compatible" });
    let old = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
    assert_eq!(Policy::compatible().only_suites(&[old]).expect_err("never"), PolicyError::UnknownSuite(old));
    let only_12 = Policy::modern().only_version(ProtocolVersion::TLS_1_2).expect("some");
    assert_eq!(only_12.only_suites(&[gcm]).expect_err("of 1.3"), PolicyError::NothingLeft);
    let unknown = Policy::constrained().only_groups(&[NamedGroup::secp521r1]);
    assert_eq!(unknown.expect_err("large"), PolicyError::UnknownGroup(NamedGroup::secp521r1));
}
