//! An attacker on the path may change any handshake message: then not both ends connect. Each
//! message of many kinds of handshake is altered in many ways; no end panics or goes on for ever.
//!
//! The choice of alterations is the same in each run; the keys are not. `HANDCLASP_ROUNDS=1000 cargo test
//! --release -p handclasp-handshake --test altered` runs longer: each message that many times.
#![cfg(feature = "default")] // its handshakes use every capability

mod alteration;
mod end;
mod run;
mod scenarios;

use alteration::{Alteration, Random};
use run::{Outcome, run};
use scenarios::{Scenario, all};

/// How often each message of each scenario is altered.
fn rounds() -> u64 {
    let set = std::env::var("HANDCLASP_ROUNDS").ok();
    set.map_or(3, |text| text.parse().expect("HANDCLASP_ROUNDS is a number"))
}

/// Alters each message of the scenarios; how many handshakes were altered.
fn alter_all(scenarios: &[Scenario]) -> u64 {
    let mut altered = 0;
    for (number, scenario) in (0_u64..).zip(scenarios) {
        let Outcome::Both { messages: earlier, .. } = run(scenario, None) else {
            panic!("{}", scenario.name)
        };
        for round in 0..rounds() {
            for index in 0..earlier.len() {
                let seed = (number << 40) + (round << 8) + index as u64;
                let mut random = Random::new(seed);
                let kind = Alteration::pick(&mut random);
                let alter = run::Alter { index, kind, random, earlier: &earlier };
                match run(scenario, Some(alter)) {
                    Outcome::Both { .. } => panic!(
                        "{}: both ends connected although message {index} was altered ({kind:?}, seed {seed})",
                        scenario.name
                    ),
                    Outcome::NotAltered => {}
                    Outcome::Refused | Outcome::Waiting => altered += 1,
                }
            }
        }
    }
    altered
}

/// Scenarios of one kind, unaltered first: both ends connect and agree.
fn scenarios_of(name: &str) -> Vec<Scenario> {
    let mut found: Vec<_> = all().into_iter().filter(|scenario| scenario.name.contains(name)).collect();
    let mut resumed = Vec::new();
    for scenario in &found {
        let Outcome::Both { client, server, session, messages } = run(scenario, None) else {
            panic!("{}: an honest handshake fails", scenario.name)
        };
        assert!(messages.len() >= 4);
        assert_eq!(
            (client.version, client.suite, client.group),
            (server.version, server.suite, server.group)
        );
        assert_eq!((&client.alpn, client.resumed), (&server.alpn, server.resumed));
        resumed.extend(session.map(|session| scenario.resuming(session)));
    }
    for scenario in resumed {
        let Outcome::Both { client, server, .. } = run(&scenario, None) else { panic!("{}", scenario.name) };
        assert!(client.resumed && server.resumed, "{}", scenario.name);
        found.push(scenario);
    }
    found
}

/// Most alterations change something, and so say something.
fn check(name: &str) {
    let scenarios = scenarios_of(name);
    let altered = alter_all(&scenarios);
    println!("{name}: {} scenarios, {altered} altered handshakes", scenarios.len());
    assert!(altered >= 5 * scenarios.len() as u64, "{altered} in {} scenarios", scenarios.len());
}

#[test]
fn tls13_with_certificates() {
    check("TLS 1.3 certificate");
}

#[test]
fn tls12_with_certificates() {
    check("TLS 1.2 certificate");
}

#[test]
fn both_versions_on_offer() {
    check("either certificate");
}

#[test]
fn pre_shared_keys() {
    check("key");
}
