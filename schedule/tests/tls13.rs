//! What RFC 8448 does not cover, compared with values computed by `vectors/compute.py`: SHA-384,
//! external binders, psk_ke, KeyUpdate, exporters.

mod vectors;

use handclasp_crypto::{Digest, Secret, Suite};
use handclasp_provider_aws_lc::{
    SHA256, SHA384, TLS_AES_128_CCM_8_SHA256, TLS_AES_128_CCM_SHA256, TLS_AES_128_GCM_SHA256,
    TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256,
};
use handclasp_schedule::{
    BinderKind, EarlySecret, Epoch, ExportError, Exporter, MainSecret, Sender, TrafficSecret, Transcript,
    imported_psk,
};
use vectors::Vectors;

const LABEL: &[u8] = b"EXPORTER_handclasp test";

fn cases() -> [(&'static str, &'static Suite); 5] {
    [
        ("tls13-1301", &TLS_AES_128_GCM_SHA256),
        ("tls13-1302", &TLS_AES_256_GCM_SHA384),
        ("tls13-1303", &TLS_CHACHA20_POLY1305_SHA256),
        ("tls13-1304", &TLS_AES_128_CCM_SHA256),
        ("tls13-1305", &TLS_AES_128_CCM_8_SHA256),
    ]
}

fn early(vectors: &Vectors, suite: &'static Suite) -> EarlySecret {
    EarlySecret::new(suite.hash, Some(&vectors["psk"]))
}

fn main_secret(vectors: &Vectors, suite: &'static Suite) -> (MainSecret, Digest) {
    let shared = Secret::copy_from(&vectors["shared_secret"]).unwrap();
    let hash = suite.hash.hash(&[&vectors["client_hello"]]);
    (early(vectors, suite).handshake(Some(&shared), &hash).main(&hash), hash)
}

#[test]
fn binders() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let hash = Transcript::new().hash_with(suite.hash, &vectors["client_hello"]);
        assert_eq!(&*hash, &vectors["hash_client_hello"], "{name}");
        let early = early(&vectors, suite);
        assert_eq!(&*early.binder(BinderKind::External, &hash), &vectors["ext_binder"], "{name}");
        assert_eq!(&*early.binder(BinderKind::Resumption, &hash), &vectors["res_binder"], "{name}");
    }
}

#[test]
fn imported_keys() {
    let vectors = Vectors::load("psk-imported");
    for (kdf, hash) in [(1, SHA256), (2, SHA384)] {
        let identity = &vectors[format!("imported_identity_{kdf}").as_str()];
        let ipskx = imported_psk(SHA256, &vectors["epsk"], identity, hash);
        assert_eq!(ipskx.expose(), &vectors[format!("ipskx_{kdf}").as_str()]);
        let transcript = hash.hash(&[b"client_hello"]);
        let binder = EarlySecret::new(hash, Some(ipskx.expose())).binder(BinderKind::Imported, &transcript);
        assert_eq!(&*binder, &vectors[format!("imp_binder_{kdf}").as_str()]);
    }
}

#[test]
fn handshake_traffic_with_and_without_key_exchange() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let shared = Secret::copy_from(&vectors["shared_secret"]).unwrap();
        let hash = suite.hash.hash(&[&vectors["client_hello"]]);

        let stage = early(&vectors, suite).handshake(Some(&shared), &hash);
        let server = stage.traffic(Sender::Server);
        assert_eq!(server.secret().expose(), &vectors["server_handshake_traffic_secret"], "{name}");
        assert_eq!(&*server.finished(&hash), &vectors["server_finished"], "{name}");

        let stage = early(&vectors, suite).handshake(None, &hash);
        let psk_ke = stage.traffic(Sender::Server);
        assert_eq!(psk_ke.secret().expose(), &vectors["server_handshake_traffic_secret_psk_ke"], "{name}");
    }
}

#[test]
fn key_update() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let (main, _) = main_secret(&vectors, suite);
        let mut traffic = main.traffic(Epoch::Application, Sender::Client).duplicate();
        let mut application = main.application(None);
        for generation in 0..3 {
            let value = |what: &str| &vectors[&format!("{what}_{generation}")];
            let secret = value("client_application_traffic_secret");
            assert_eq!(traffic.secret().expose(), secret, "{name} {generation}");

            let restored = TrafficSecret::restore(suite.hash, Secret::copy_from(secret).unwrap());
            for keys in [traffic.keys(suite), restored.keys(suite)] {
                assert_eq!(keys.key.expose(), value("client_key"), "{name} {generation}");
                assert_eq!(keys.iv_or_mac_key.expose(), value("client_iv"), "{name} {generation}");
            }
            assert_eq!(application.traffic(Sender::Client).secret().expose(), secret, "{name} {generation}");
            traffic = traffic.next();
            application.update(Sender::Client);
        }
    }
}

#[test]
fn exporter() {
    for (name, suite) in cases() {
        let vectors = Vectors::load(name);
        let (main, hash) = main_secret(&vectors, suite);
        let mut place = None;
        let exporter = main.exporter(&hash, &mut place);
        let exported = |context| {
            let mut out = [0; 177];
            exporter.export(LABEL, context, &mut out).unwrap();
            out
        };
        assert_eq!(&exported(None), &vectors["exported"], "{name}");
        assert_eq!(&exported(Some(b"".as_slice())), &vectors["exported"], "{name}");
        assert_eq!(&exported(Some(b"context".as_slice())), &vectors["exported_context"], "{name}");
    }
}

#[test]
fn exporter_limits() {
    let vectors = Vectors::load("tls13-1301");
    let (main, hash) = main_secret(&vectors, &TLS_AES_128_GCM_SHA256);
    let (mut place13, mut place12) = (None, None);
    let tls13 = main.exporter(&hash, &mut place13);
    let master = handclasp_schedule::MasterSecret::new(SHA256, b"premaster", &[1; 32], &[2; 32]);
    let tls12 = master.exporter(&[1; 32], &[2; 32], &mut place12);

    let run = |exporter: &Exporter, label: usize, context: usize, out: usize| {
        exporter.export(&vec![b'x'; label], Some(&vec![0; context]), &mut vec![0; out])
    };
    for exporter in [tls13, tls12] {
        assert_eq!(run(exporter, 1, 0, 0), Ok(()));
        assert_eq!(run(exporter, 249, 0xffff, 255 * 32), Ok(()));
        assert_eq!(run(exporter, 0, 0, 1), Ok(()));
        assert_eq!(run(exporter, 250, 0, 1), Err(ExportError::LabelLength));
        assert_eq!(run(exporter, 1, 0x1_0000, 1), Err(ExportError::ContextLength));
        assert_eq!(run(exporter, 1, 0, 255 * 32 + 1), Err(ExportError::OutputLength));
        assert_eq!(exporter.export(b"key expansion", None, &mut [0; 16]), Err(ExportError::ReservedLabel));
    }
}
