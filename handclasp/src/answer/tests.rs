//! What is answered where nothing is configured, and how much of a peer's list is looked at.

use handclasp_codec::{List, PskIdentity};
use handclasp_connection::Config;
use handclasp_trust::{Psk, PskUse};

use super::*;
use crate::{Policy, provider::SystemRandom};

fn server() -> Settings {
    Settings::new(
        Side::Server,
        Config::new(crate::build::handshake_config(Policy::modern(), handclasp_handshake::Versions::ALL)),
        "modern",
    )
}

/// A server that trusts nobody accepts nobody, also if a certificate comes all the same.
#[test]
fn without_trust_no_certificate_is_accepted() {
    let issued =
        handclasp_identity::IssuedCertificate::self_signed(&handclasp_identity::CertificateParams::new(&[
            "a.test",
        ]))
        .unwrap();
    let identity = issued.identity().unwrap();
    let refused = Some(CertificateFault::NotConfigured);
    let now = 1_900_000_000;
    let fault = |judged: Verdict| judged.err().map(|refused| refused.error.fault);
    let (mut settings, mut state) = (server(), HandshakeState::default());
    let answers = Answers { settings: &settings, state: &mut state };
    assert_eq!(fault(answers.judge(identity.chain(), CertificateType::X509, now)), refused);
    assert_eq!(fault(answers.judge(&[identity.spki()], CertificateType::RawPublicKey, now)), refused);
    settings.trust = Some(Arc::new(Trust::DangerNobody));
    let answers = Answers { settings: &settings, state: &mut state };
    assert!(answers.judge(identity.chain(), CertificateType::X509, now).is_ok());
}

/// Clients name one key and a few tickets; of a list of thousands the first sixteen are looked at.
#[test]
fn a_long_list_of_identities_is_looked_at_in_part() {
    let mut settings = server();
    let key = Psk::from_bytes("ours", PskUse::Tls13Sha256, &[7; 32]).unwrap();
    settings.psks = Arc::new(vec![Arc::new(key)].into());
    let found_behind = |strangers: usize| {
        let name = |index| if index == strangers { &b"ours"[..] } else { b"a stranger" };
        let list: Vec<_> = (0..=strangers)
            .map(|index| PskIdentity { identity: name(index), obfuscated_ticket_age: 0 })
            .collect();
        let identities = PskIdentities::List { list: List::of(&list), from: 0 };
        let mut context = Context { config: &settings.config, now: 0, random: &mut SystemRandom };
        let answers = Answers { settings: &settings, state: &mut HandshakeState::default() };
        match answers.find_key(&identities, ProtocolVersion::TLS_1_3, &mut context) {
            Reply::Psk(found) => found.map(|(index, _)| index),
            _ => panic!("no ticket is among them"),
        }
    };
    for strangers in [0, 1, 15] {
        assert_eq!(found_behind(strangers), Some(strangers));
    }
    for strangers in [16, 17, 5000] {
        assert_eq!(found_behind(strangers), None, "{strangers}");
    }
}
