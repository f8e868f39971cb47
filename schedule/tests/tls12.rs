//! TLS 1.2 compared with values computed by `vectors/compute.py`: master secret from the randoms and
//! from the session hash, key block, Finished, exporter, premaster secret of the PSK suites.

mod vectors;

use handclasp_crypto::Suite;
use handclasp_provider_aws_lc::{
    SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
    TLS_ECDHE_ECDSA_WITH_AES_128_CCM, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA,
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_PSK_WITH_AES_256_CBC_SHA384,
};
use handclasp_schedule::{ExportError, Exporter, MasterSecret, Sender, Transcript, psk_premaster};
use vectors::Vectors;

const LABEL: &[u8] = b"EXPORTER_handclasp test";

fn cases() -> [(&'static str, &'static Suite); 8] {
    [
        ("tls12-c02b", &TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("tls12-c030", &TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
        ("tls12-cca8", &TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
        ("tls12-c0ac", &TLS_ECDHE_ECDSA_WITH_AES_128_CCM),
        ("tls12-c009", &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA),
        ("tls12-c036", &TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA),
        ("tls12-c023", &TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256),
        ("tls12-00af", &TLS_PSK_WITH_AES_256_CBC_SHA384),
    ]
}

fn extended(vectors: &Vectors, suite: &'static Suite) -> MasterSecret {
    let mut transcript = Transcript::new();
    let (first, second) = vectors["messages"].split_at(99);
    transcript.add(first);
    transcript.select(suite.hash);
    transcript.add(second);
    assert_eq!(&*transcript.hash(), &vectors["session_hash"]);
    MasterSecret::extended(suite.hash, &vectors["premaster"], &transcript.hash())
}

fn randoms(vectors: &Vectors) -> (&[u8; 32], &[u8; 32]) {
    let random = |name| vectors[name].try_into().unwrap();
    (random("client_random"), random("server_random"))
}

fn exported(exporter: &Exporter, context: Option<&[u8]>) -> [u8; 77] {
    let mut out = [0; 77];
    exporter.export(LABEL, context, &mut out).unwrap();
    out
}

#[test]
fn secrets_and_keys() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let (client_random, server_random) = randoms(&vectors);

        let plain = MasterSecret::new(suite.hash, &vectors["premaster"], client_random, server_random);
        assert_eq!(plain.secret().expose(), &vectors["master_secret"], "{name}");

        let mut master = extended(&vectors, suite);
        assert_eq!(master.secret().expose(), &vectors["extended_master_secret"], "{name}");
        assert!(master.keys().is_none());
        master.derive_keys(suite, client_random, server_random);
        let keys = master.keys().unwrap();
        assert_eq!(keys.client.key.expose(), &vectors["client_key"], "{name}");
        assert_eq!(keys.server.key.expose(), &vectors["server_key"], "{name}");
        let other = if suite.needs_encrypt_then_mac() { "mac_key" } else { "iv" };
        assert_eq!(keys.client.iv_or_mac_key.expose(), &vectors[&format!("client_{other}")], "{name}");
        assert_eq!(keys.server.iv_or_mac_key.expose(), &vectors[&format!("server_{other}")], "{name}");

        let mut restored = MasterSecret::restore(suite.hash, master.secret());
        restored.derive_keys(suite, client_random, server_random);
        assert_eq!(restored.keys().unwrap().server.key.expose(), keys.server.key.expose(), "{name}");
    }
}

#[test]
fn finished() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let master = extended(&vectors, suite);
        let hash = suite.hash.hash(&[&vectors["messages"]]);
        assert_eq!(&master.finished(Sender::Client, &hash), &vectors["client_finished"], "{name}");
        assert_eq!(&master.finished(Sender::Server, &hash), &vectors["server_finished"], "{name}");
    }
}

#[test]
fn exporter() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let (client_random, server_random) = randoms(&vectors);
        let mut place = None;
        let exporter = extended(&vectors, suite).exporter(client_random, server_random, &mut place);
        assert_eq!(&exported(exporter, None), &vectors["exported"], "{name}");
        assert_eq!(&exported(exporter, Some(&[])), &vectors["exported_empty_context"], "{name}");
        assert_eq!(&exported(exporter, Some(b"context")), &vectors["exported_context"], "{name}");
        assert!(exporter.secret().is_none());
    }
}

/// Exporting with "key expansion" and the randoms swapped would return the key block itself.
#[test]
fn exporter_keeps_the_labels_of_tls_to_itself() {
    let mut place = None;
    let master = MasterSecret::new(SHA256, b"premaster", &[1; 32], &[2; 32]);
    let exporter = master.exporter(&[1; 32], &[2; 32], &mut place);
    let reserved: [&[u8]; 5] = [
        b"client finished",
        b"server finished",
        b"master secret",
        b"extended master secret",
        b"key expansion",
    ];
    for label in reserved {
        let mut out = [0; 16];
        assert_eq!(exporter.export(label, None, &mut out), Err(ExportError::ReservedLabel));
        assert_eq!(out, [0; 16], "nothing is exported");
    }
}

#[test]
fn premaster_of_psk_suites() {
    let vectors = Vectors::load("psk-premaster");
    let psk = &vectors["psk"];
    let plain = psk_premaster(None, psk);
    assert_eq!(&**plain, &vectors["plain"]);
    let ecdhe = psk_premaster(Some(&vectors["shared_secret"]), psk);
    assert_eq!(&**ecdhe, &vectors["ecdhe"]);
    // Vectors that grew would have left copies that are not wiped.
    assert_eq!((plain.capacity(), ecdhe.capacity()), (plain.len(), ecdhe.len()));
}

#[test]
fn premaster_lengths() {
    for length in [0, 1, 255, 256, 0xffff] {
        let premaster = psk_premaster(None, &vec![7; length]);
        let prefix = u16::try_from(length).unwrap().to_be_bytes();
        let expected = [prefix.as_slice(), &vec![0; length], &prefix, &vec![7; length]].concat();
        assert_eq!(*premaster, expected);
    }
}
