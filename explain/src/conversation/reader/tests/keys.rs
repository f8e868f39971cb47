//! Key logs as files contain them, and binders of hellos made for these tests.

use crate::provider::{SHA256, SHA384};
use handclasp_codec::{
    ClientHello, ClientHelloExtensions, Encode, ImportedIdentity, KdfIdentifier, List, OfferedPsks,
    ProtocolVersion, PskBinderEntry, PskIdentity, SliceOutput,
};
use handclasp_crypto::Hash;
use handclasp_schedule::{BinderKind, EarlySecret, imported_psk};

use super::super::key_material::Label;
use super::*;
use crate::input::evidence::TypedSecret;

fn log(text: &str) -> Secrets {
    Secrets::new(&Evidence { key_log: text.to_owned(), ..Evidence::default() })
}

#[test]
fn lines_of_a_key_log() {
    let (random, master, other) = ("5a".repeat(32), "01".repeat(48), "02".repeat(32));
    let text = format!(
        "# a comment\r\n\r\nCLIENT_RANDOM {random} {master}\r\n\
         CLIENT_HANDSHAKE_TRAFFIC_SECRET {random} {other}\n  SERVER_TRAFFIC_SECRET_0\t{random}  {other}\n\
         EXPORTER_SECRET {random} {other}\nECH_SECRET {random} {long}\nRSA 0102030405060708 {master}\n\
         CLIENT_RANDOM {random}\nCLIENT_RANDOM {random} {other}\nCLIENT_RANDOM {random} {master} x\n\
         CLIENT_RANDOM 5a5a {master}\nCLIENT_RANDOM {random} 0g\nCLIENT_RANDOM {random} 012\n",
        long = "03".repeat(500)
    );
    let secrets = log(&text);
    assert!(secrets.has_log());
    assert_eq!(secrets.malformed(), [9, 10, 11, 12, 13, 14]);
    let found = secrets.find(&[0x5a; 32]).unwrap();
    let lengths = |label| found.of(label).map(|secret| secret.len()).collect::<Vec<_>>();
    assert_eq!(lengths(Label::Master), [48]);
    assert_eq!((lengths(Label::ClientHandshake), lengths(Label::ServerApplication)), (vec![32], vec![32]));
    assert!(lengths(Label::ServerHandshake).is_empty());
    assert!(!log("  \n# nothing\n").malformed().contains(&1));
    assert!(!log(" \n").has_log());
}

#[test]
fn a_random_that_is_near() {
    let secrets = log(&format!(
        "CLIENT_RANDOM {} {}\nCLIENT_RANDOM {} {}\n",
        "00".repeat(32),
        "01".repeat(48),
        "0f".repeat(32),
        "02".repeat(48)
    ));
    let mut random = [0; 32];
    for (bits, byte) in [(0, 0), (1, 1), (8, 0xff)] {
        random[7] = byte;
        let found = secrets.find(&random).unwrap();
        assert_eq!((found.distance, found.client_random), (bits, [0; 32]));
    }
    random[8] = 1;
    assert!(secrets.find(&random).is_none());
    assert!(secrets.find(&[0xff; 32]).is_none());
}

#[test]
fn nothing_malformed_stops_the_rest() {
    let conversation = |text: &str| {
        let evidence = Evidence { key_log: text.to_owned(), ..Evidence::default() };
        read_with(&evidence, &[(Client, &record(22, &client_hello()))], false)
    };
    let random = "52".repeat(32);
    let decryption =
        conversation(&format!("what is this\nCLIENT_RANDOM {random} {}", "01".repeat(48))).decryption;
    assert_eq!((decryption.malformed_lines, decryption.key_log_fits), (vec![1], Some(true)));
    assert_eq!(conversation("what is this").decryption.key_log_fits, Some(false));
    assert_eq!(conversation("").decryption.key_log_fits, None);
}

fn encoded(structure: &impl Encode) -> Vec<u8> {
    let mut room = [0; 512];
    let mut output = SliceOutput::new(&mut room);
    structure.encode_to(&mut output).unwrap();
    output.written().to_vec()
}

/// A ClientHello that offers one key, its binder made by `binder` from what it covers.
fn offering(identity: &[u8], length: usize, binder: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let write = |binder: &[u8]| {
        let identities = [PskIdentity { identity, obfuscated_ticket_age: 0 }];
        let binders = [PskBinderEntry(binder)];
        let offered = OfferedPsks { identities: List::of(&identities), binders: List::of(&binders) };
        let hello = ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &[0x52; 32],
            legacy_session_id: &[],
            cipher_suites: List::of(&[handclasp_codec::CipherSuite::TLS_AES_128_GCM_SHA256]),
            legacy_compression_methods: &[0],
            extensions: ClientHelloExtensions { pre_shared_key: Some(offered), ..Default::default() },
        };
        message(1, &encoded(&hello))
    };
    let empty = write(&vec![0; length]);
    let covered = &empty[..empty.len() - length - 3];
    write(&binder(covered))
}

fn tried(hello: &[u8], psks: &[&str]) -> crate::conversation::PskTrial {
    let psks = psks.iter().map(|psk| TypedSecret::new(*psk)).collect();
    let evidence = Evidence { psks, ..Evidence::default() };
    read_with(&evidence, &[(Client, &record(22, hello))], false).decryption.psk.unwrap()
}

fn binder(hash: &'static dyn Hash, kind: BinderKind, psk: &[u8], covered: &[u8]) -> Vec<u8> {
    EarlySecret::new(hash, Some(psk)).binder(kind, &hash.hash(&[covered])).to_vec()
}

#[test]
fn binders_of_both_hashes_and_of_every_reading() {
    for (hash, length) in [(SHA256, 32), (SHA384, 48)] {
        let made = |psk: &'static [u8]| {
            offering(b"id", length, move |covered| binder(hash, BinderKind::External, psk, covered))
        };
        let trial = tried(&made(&[0xab, 0xc1, 0x23]), &["abc123"]);
        assert_eq!((trial.client, trial.identity), (Some((0, "hex")), Some(0)));
        let trial = tried(&made(b"abc123\n"), &["xyz", "abc123"]);
        assert_eq!(trial.client, Some((1, "text with a trailing LF")));
        assert_eq!(tried(&made(b"other"), &["abc123"]).client, None);
        assert!(tried(&made(b"other"), &["abc123"]).possible);
    }
}

#[test]
fn binders_of_imported_keys() {
    let imported = ImportedIdentity {
        external_identity: b"id",
        context: b"",
        target_protocol: ProtocolVersion::TLS_1_3,
        target_kdf: KdfIdentifier::HKDF_SHA384,
    };
    let identity = encoded(&imported);
    let hello = offering(&identity, 48, |covered| {
        let key = imported_psk(SHA256, b"abc123", &identity, SHA384);
        binder(SHA384, BinderKind::Imported, key.expose(), covered)
    });
    assert_eq!(tried(&hello, &["abc123"]).client, Some((0, "text")));
    // A binder of the key itself under that identity is told as well.
    let hello = offering(&identity, 48, |covered| binder(SHA384, BinderKind::External, b"abc123", covered));
    assert_eq!(tried(&hello, &["abc123"]).client, Some((0, "text")));
}

#[test]
fn what_cannot_be_tried_is_said() {
    // ECDHE_PSK: the key alone is not enough.
    let mut answer = server_hello();
    let suite = answer.len() - 3;
    answer[suite..suite + 2].copy_from_slice(&[0xc0, 0x35]);
    let psks = vec![TypedSecret::new("abc123")];
    let evidence = Evidence { psks, ..Evidence::default() };
    let turns: [(Side, &[u8]); 2] = [(Client, &record(22, &client_hello())), (Server, &record(22, &answer))];
    let trial = read_with(&evidence, &turns, false).decryption.psk.unwrap();
    assert!(!trial.possible && trial.tried == 0);
    assert!(read(&turns, false).decryption.psk.is_none());
}
