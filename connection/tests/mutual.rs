//! Certificates on both sides: every key type with every suite that uses certificates, the stream split
//! and the flight fragmented, and clients without a certificate.

mod pair;

use handclasp_codec::{AlertDescription, ProtocolVersion};
use handclasp_crypto::{KeyKind, Suite};
use handclasp_handshake::ClientAuthentication;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::Fault;
use pair::{Pair, Proof, all, config, signer};

/// A pair whose server requests a certificate; the client has a key of this type, or none.
fn asking(suite: &'static Suite, proof: Proof, asks: ClientAuthentication, shows: Option<KeyKind>) -> Pair {
    let mut server = config(&[suite]);
    server.handshake.certificates.client_authentication = asks;
    let mut pair = Pair::new(config(&[suite]), server, proof);
    pair.client_key = shows.map(|kind| (signer(kind), kind));
    pair
}

#[test]
fn every_suite_and_every_key() {
    for (suite, proof) in all().into_iter().filter(|(_, proof)| *proof != Proof::Psk) {
        for kind in KeyKind::SIGNING {
            let mut pair = asking(suite, proof, ClientAuthentication::Required, Some(kind));
            pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{} {kind:?}: {fault:?}", suite.id));
            let peer =
                pair.server.connected().expect("connected").peer.expect("the client sent a certificate");
            assert_eq!(peer.pin, [8; 32]);
            let mut keys = [[0; 32]; 2];
            pair.client.export(b"EXPERIMENTAL test", None, &mut keys[0]).expect("client exports");
            pair.server.export(b"EXPERIMENTAL test", None, &mut keys[1]).expect("server exports");
            assert_eq!(keys[0], keys[1]);
        }
    }
}

#[test]
fn in_pieces_and_in_small_records() {
    for suite in [&aws_lc::TLS_AES_128_GCM_SHA256, &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384] {
        for piece in [1, 7, 100] {
            let proof = Proof::Certificate(KeyKind::P256);
            let mut pair = asking(suite, proof, ClientAuthentication::Required, Some(KeyKind::P384));
            pair.client_config.record_size = 512;
            pair.shake(piece).unwrap_or_else(|fault| panic!("{} in {piece}s: {fault:?}", suite.id));
        }
    }
}

#[test]
fn without_a_certificate() {
    for suite in [&aws_lc::TLS_AES_128_GCM_SHA256, &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] {
        let proof = Proof::Certificate(KeyKind::P256);
        let mut pair = asking(suite, proof, ClientAuthentication::Offered, None);
        pair.shake(usize::MAX).expect("continues without a certificate");
        assert!(pair.server.connected().expect("it is").peer.is_none());

        let mut pair = asking(suite, proof, ClientAuthentication::Required, None);
        let version = suite.version();
        assert_eq!(pair.shake(usize::MAX), Err(Fault::NoCertificate { version }));
        // The client learns the reason: in TLS 1.3 after its handshake is complete.
        let alert = pair.take_from_server();
        let expected = match version {
            ProtocolVersion::TLS_1_3 => AlertDescription::certificate_required,
            _ => AlertDescription::handshake_failure,
        };
        assert_eq!(pair.deliver_to_client(&alert, usize::MAX), Err(Fault::PeerAlert(expected)));
    }
}

#[test]
fn who_holds_the_shared_key_needs_no_certificate() {
    for (suite, proof) in all().into_iter().filter(|(_, proof)| *proof == Proof::Psk) {
        let mut pair = asking(suite, proof, ClientAuthentication::Required, None);
        pair.shake(usize::MAX).unwrap_or_else(|fault| panic!("{}: {fault:?}", suite.id));
    }
}
