//! Conversations of real peers with their keys (`tests/vectors/opened`): each supported construction is
//! decrypted.

use super::*;
use crate::conversation::{Decryption, KeySource};
use crate::input::evidence::{Evidence, TypedSecret};

/// A recording: a description, the key log, then the bytes of both peers in turns.
pub(super) struct Recording {
    pub key_log: String,
    pub turns: Vec<(Side, Vec<u8>)>,
}

impl Recording {
    pub fn load(name: &str) -> Self {
        let path = format!("{}/tests/vectors/opened/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut recording = Self { key_log: String::new(), turns: Vec::new() };
        for line in text.lines() {
            let (kind, rest) = line.split_once(' ').unwrap();
            let bytes = || {
                let pairs = rest.as_bytes().chunks(2);
                pairs
                    .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                    .collect()
            };
            match kind {
                "key" => recording.key_log.extend([rest, "\n"]),
                "C" => recording.turns.push((Client, bytes())),
                "S" => recording.turns.push((Server, bytes())),
                _ => {}
            }
        }
        recording
    }

    /// Read with this key log and these pre-shared keys.
    pub fn read(&self, key_log: &str, psks: &[&str]) -> Conversation {
        let typed = |psk: &&str| TypedSecret::new(*psk);
        let psks = psks.iter().map(typed).collect();
        let evidence = Evidence { key_log: key_log.to_owned(), psks, ..Evidence::default() };
        let turns: Vec<_> = self.turns.iter().map(|(from, bytes)| (*from, bytes.as_slice())).collect();
        read_with(&evidence, &turns, false)
    }
}

/// All recordings, with what each takes besides its key log.
const RECORDINGS: [&str; 25] = [
    "tls10-3des-sha",
    "tls10-aes128-sha",
    "tls10-aes128-sha-noetm",
    "tls10-psk-aes128-sha",
    "tls10-rc4-md5",
    "tls11-aes256-sha",
    "tls11-rsa-null-md5",
    "tls12-3des-sha",
    "tls12-aes256-ccm",
    "tls12-aes256-ccm8",
    "tls12-aes256-sha256",
    "tls12-aes256-sha384",
    "tls12-camellia128-sha",
    "tls12-camellia256-sha256",
    "tls12-ccm8",
    "tls12-chacha20",
    "tls12-null-sha",
    "tls12-rc4-sha",
    "tls12-renegotiation",
    "tls12-ticket",
    "tls13-early-data",
    "tls13-key-update",
    "tls13-psk",
    "tls13-psk-ke",
    "tls13-retry",
];

/// Plain PSK of TLS 1.2 and before, and TLS 1.3 with a pre-shared key alone: no key log needed.
const BY_PSK: [&str; 7] = [
    "tls10-psk-aes128-sha",
    "tls12-aes256-ccm",
    "tls12-aes256-ccm8",
    "tls12-aes256-sha384",
    "tls12-ccm8",
    "tls12-chacha20",
    "tls13-psk-ke",
];

fn sealed(conversation: &Conversation) -> usize {
    conversation.events.iter().filter(|item| matches!(item.kind, EventKind::Protected(_))).count()
}

/// Nothing stays closed, and both Finished are right.
fn all_open(name: &str, conversation: &Conversation, by: KeySource) {
    let decryption = &conversation.decryption;
    assert_eq!(sealed(conversation), 0, "{name}: {:?}", short(conversation));
    assert_eq!(decryption.key_source, Some(by), "{name}");
    assert_eq!((decryption.client_finished, decryption.server_finished), (Some(true), Some(true)), "{name}");
    assert!(decryption.jumps.is_empty(), "{name}");
    let data = conversation.events.iter().filter_map(|item| match &item.kind {
        EventKind::ApplicationData { prefix, decrypted: true, .. } => Some(prefix.as_slice()),
        _ => None,
    });
    let data = data.collect::<Vec<_>>().concat();
    let words: [&[u8]; 2] = [b"hello", b"one"];
    assert!(words.iter().any(|word| data.windows(word.len()).any(|window| window == *word)), "{name}");
}

#[test]
fn by_key_log() {
    for name in RECORDINGS {
        let recording = Recording::load(name);
        let conversation = recording.read(&recording.key_log, &[]);
        all_open(name, &conversation, KeySource::KeyLog);
        assert_eq!(conversation.decryption.key_log_fits, Some(true), "{name}");
        let etm = ["tls10-aes128-sha", "tls10-psk-aes128-sha", "tls12-3des-sha", "tls12-camellia128-sha"];
        let Decryption { etm_negotiated, etm_client, etm_server, .. } = conversation.decryption;
        let expected = etm_negotiated.map(|_| etm.contains(&name));
        assert_eq!([etm_negotiated, etm_client, etm_server], [expected; 3], "{name}");
    }
}

#[test]
fn by_pre_shared_key() {
    for name in BY_PSK {
        let recording = Recording::load(name);
        let conversation = recording.read("", &["wrong", "616263313233"]);
        all_open(name, &conversation, KeySource::Psk);
        let trial = conversation.decryption.psk.unwrap();
        assert_eq!((trial.client, trial.server), (Some((1, "hex")), Some((1, "hex"))), "{name}");
        assert!(trial.possible && trial.tried > 10 && trial.others.len() > 5, "{name}");
        let conversation = recording.read("", &["abc124"]);
        let trial = conversation.decryption.psk.as_ref().unwrap();
        assert_eq!((trial.possible, trial.client, trial.server), (true, None, None), "{name}");
        assert!(conversation.decryption.key_source.is_none() && sealed(&conversation) >= 2, "{name}");
        assert_eq!(conversation.decryption.client_finished, None, "{name}");
    }
}

#[test]
fn binders_with_a_key_exchange() {
    for name in ["tls13-psk", "tls13-retry", "tls13-key-update"] {
        let recording = Recording::load(name);
        let trial = recording.read("", &["000102030405060708090a0b0c0d0e0f"]).decryption.psk.unwrap();
        assert_eq!((trial.client, trial.identity), (Some((0, "hex")), Some(0)), "{name}");
        // The keys come of the exchange as well: nothing shows what the server has.
        assert_eq!(trial.server, None, "{name}");
    }
}

#[test]
fn early_data_is_told_apart() {
    let recording = Recording::load("tls13-early-data");
    let conversation = recording.read(&recording.key_log, &[]);
    let early = conversation.events.iter().find_map(|item| match &item.kind {
        EventKind::ApplicationData { early: true, decrypted, prefix, .. } => {
            Some((*decrypted, prefix.clone()))
        }
        _ => None,
    });
    assert_eq!(early, Some((true, b"early words\n".to_vec())));
    assert!(short(&conversation).contains(&"C end_of_early_data".to_owned()));
    // Without the secret of early data the rest is read all the same.
    let without: String = recording
        .key_log
        .lines()
        .filter(|line| !line.contains("EARLY"))
        .map(|line| format!("{line}\n"))
        .collect();
    let conversation = recording.read(&without, &[]);
    assert_eq!(conversation.decryption.client_finished, Some(true));
    let closed = conversation.events.iter().filter_map(|item| match item.kind {
        EventKind::Protected(sealed) => Some(sealed.reason),
        _ => None,
    });
    assert_eq!(closed.collect::<Vec<_>>(), [UndecryptedReason::NoKeys]);
}

/// The bytes of one turn, changed.
fn changed(name: &str, turn: usize, change: impl Fn(&mut Vec<u8>)) -> Recording {
    let mut recording = Recording::load(name);
    change(&mut recording.turns[turn].1);
    recording
}

#[test]
fn a_damaged_record_and_what_follows() {
    for (name, turn) in [("tls12-chacha20", 4), ("tls12-aes256-sha256", 4), ("tls13-psk", 4)] {
        let recording = changed(name, turn, |bytes| *bytes.last_mut().unwrap() ^= 1);
        let conversation = recording.read(&recording.key_log, &[]);
        let closed = conversation.events.iter().filter_map(|item| match item.kind {
            EventKind::Protected(sealed) => Some((item.from, sealed.reason)),
            _ => None,
        });
        assert_eq!(closed.collect::<Vec<_>>(), [(Client, UndecryptedReason::NotAuthentic)], "{name}");
        assert_eq!(conversation.decryption.server_finished, Some(true), "{name}");
    }
}

#[test]
fn a_record_that_is_missing() {
    // The server's Certificate is none of these, but EncryptedExtensions will do.
    let recording = changed("tls13-psk", 1, |bytes| {
        let at = 5 + usize::from(bytes[4]) + 6;
        let end = at + 5 + usize::from(bytes[at + 4]);
        bytes.drain(at..end);
    });
    let conversation = recording.read(&recording.key_log, &[]);
    assert_eq!(sealed(&conversation), 0);
    let jump = conversation.decryption.jumps[0];
    assert_eq!((jump.from, jump.expected, jump.found), (Server, 0, 1));
    assert_eq!(conversation.decryption.server_finished, None, "the capture lacks what it covers");
}

#[test]
fn the_wrong_secret_and_none() {
    let recording = Recording::load("tls12-chacha20");
    let closed = |key_log: &str| {
        let conversation = recording.read(key_log, &[]);
        let closed = conversation.events.iter().find_map(|item| match item.kind {
            EventKind::Protected(sealed) => Some(sealed.reason),
            _ => None,
        });
        (closed, conversation.decryption.key_log_fits, conversation.decryption.key_source)
    };
    let (front, secret) = recording.key_log.trim().rsplit_once(' ').unwrap();
    let wrong = format!("{front} {}", secret.replace('a', "b"));
    assert_eq!(closed(&wrong), (Some(UndecryptedReason::NotAuthentic), Some(true), None));
    assert_eq!(closed(""), (Some(UndecryptedReason::NoKeys), None, None));
    let other = recording.key_log.replacen(&front[14..30], "0123456789abcdef", 1);
    assert_eq!(closed(&other), (Some(UndecryptedReason::NoKeys), Some(false), None));
    // Two ends have written into one log: either will do.
    let both = format!("{wrong}\n{}", recording.key_log);
    assert_eq!(closed(&both), (None, Some(true), Some(KeySource::KeyLog)));
}

#[test]
fn a_random_that_was_changed_on_its_way() {
    for name in ["tls12-chacha20", "tls13-psk", "tls10-3des-sha"] {
        let recording = changed(name, 0, |bytes| bytes[20] ^= 0x41);
        let conversation = recording.read(&recording.key_log, &[]);
        assert_eq!(sealed(&conversation), 0, "{name}");
        let decryption = &conversation.decryption;
        assert_eq!((decryption.key_log_fits, decryption.key_log_near), (Some(false), Some(2)), "{name}");
        // Both sides saw another ClientHello than the capture shows.
        assert_eq!(
            (decryption.client_finished, decryption.server_finished),
            (Some(false), Some(false)),
            "{name}"
        );
    }
}

#[test]
fn encrypt_then_mac_that_was_hidden() {
    // The answer of the server loses its extension on the way; master secrets in the log know.
    let recording = changed("tls12-camellia128-sha", 1, |bytes| {
        let at = bytes.windows(4).position(|window| window == [0, 0x16, 0, 0]).unwrap();
        bytes[at] = 0x7a;
    });
    let conversation = recording.read(&recording.key_log, &[]);
    assert_eq!(sealed(&conversation), 0);
    let Decryption { etm_negotiated, etm_client, etm_server, client_finished, .. } = conversation.decryption;
    assert_eq!((etm_negotiated, etm_client, etm_server), (Some(false), Some(true), Some(true)));
    assert_eq!(client_finished, Some(false));
}

#[test]
fn holes_between_opened_records() {
    let recording = Recording::load("tls13-key-update");
    let secrets = Secrets::new(&Evidence { key_log: recording.key_log.clone(), ..Evidence::default() });
    let mut reading = ConversationReader::new(Rc::new(secrets), String::new(), String::new(), false);
    let mut offsets = [0, 0];
    for (turn, (from, bytes)) in recording.turns.iter().enumerate() {
        let offset = &mut offsets[usize::from(*from == Server)];
        let length = u64::try_from(bytes.len()).unwrap();
        let position = Position { frame: None, time: None, offset: *offset, length };
        *offset += length;
        // The first word of the client is lost, record and all.
        let event = if turn == 4 { CaptureEventKind::Gap(length) } else { CaptureEventKind::Bytes(bytes) };
        reading.on_event(&CaptureEvent { from: *from, position, kind: event });
    }
    let conversation = reading.finish();
    assert_eq!(sealed(&conversation), 0, "{:?}", short(&conversation));
    assert_eq!((conversation.decryption.jumps[0].expected, conversation.decryption.jumps[0].found), (0, 1));
}

#[test]
fn behind_a_hole_a_record_that_does_not_open_is_not_held_for_altered() {
    for name in ["tls13-key-update", "tls12-chacha20"] {
        let recording = Recording::load(name);
        let secrets = Secrets::new(&Evidence { key_log: recording.key_log.clone(), ..Evidence::default() });
        let mut reading = ConversationReader::new(Rc::new(secrets), String::new(), String::new(), false);
        let position = Position::default();
        for (from, bytes) in &recording.turns {
            reading.on_event(&CaptureEvent { from: *from, position, kind: CaptureEventKind::Bytes(bytes) });
        }
        // More records than anybody tries numbers for.
        let from = Server;
        reading.on_event(&CaptureEvent { from, position, kind: CaptureEventKind::Gap(10 << 20) });
        let later = record(23, &[0x5a; 60]);
        reading.on_event(&CaptureEvent { from, position, kind: CaptureEventKind::Bytes(&later) });
        let conversation = reading.finish();
        let closed = conversation
            .events
            .iter()
            .any(|item| matches!(item.kind, EventKind::Protected(sealed) if sealed.reason == UndecryptedReason::NotAuthentic));
        assert!(!closed, "{name}: {:?}", short(&conversation));
    }
}

#[test]
fn a_renegotiation_that_the_key_log_lacks_is_closed_and_not_altered() {
    let recording = Recording::load("tls12-renegotiation");
    let first = recording.key_log.lines().next().unwrap();
    let conversation = recording.read(first, &[]);
    let closed = conversation.events.iter().filter_map(|item| match item.kind {
        EventKind::Protected(sealed) => Some(sealed.reason),
        _ => None,
    });
    let whys: Vec<_> = closed.collect();
    assert!(!whys.is_empty() && whys.iter().all(|why| *why == UndecryptedReason::NoKeys), "{whys:?}");
}

#[test]
fn keys_of_an_earlier_handshake_do_not_pile_up() {
    let recording = Recording::load("tls13-psk-ke");
    let turns = recording.turns.get(..2).unwrap();
    let evidence = Evidence { psks: vec![TypedSecret::new("616263313233")], ..Evidence::default() };
    let mut reading =
        ConversationReader::new(Rc::new(Secrets::new(&evidence)), String::new(), String::new(), false);
    let mut most = 0;
    for _ in 0..20 {
        for (from, bytes) in turns {
            let position = Position::default();
            reading.on_event(&CaptureEvent { from: *from, position, kind: CaptureEventKind::Bytes(bytes) });
        }
        most = most.max(reading.psk_ke.len());
    }
    assert!((1..40).contains(&most), "{most}");
    assert!(reading.binder_keys.is_empty(), "and nobody tries binders for ever");
}

#[test]
fn a_trial_needs_all_that_the_keys_depend_on() {
    let recording = Recording::load("tls12-chacha20");
    let psks = vec![TypedSecret::new("616263313233")];
    let evidence = Evidence { psks, ..Evidence::default() };
    let mut reading =
        ConversationReader::new(Rc::new(Secrets::new(&evidence)), String::new(), String::new(), false);
    let position = Position::default();
    for (turn, (from, bytes)) in recording.turns.iter().enumerate() {
        if turn == 2 {
            // A packet of the server's is not in the capture.
            reading.on_event(&CaptureEvent { from: Server, position, kind: CaptureEventKind::Gap(9) });
        }
        reading.on_event(&CaptureEvent { from: *from, position, kind: CaptureEventKind::Bytes(bytes) });
    }
    let trial = reading.finish().decryption.psk.unwrap();
    assert!(!trial.possible && trial.client.is_none(), "{trial:?}");
}

#[test]
fn without_the_client_hello() {
    for name in ["tls12-chacha20", "tls13-psk", "tls10-3des-sha"] {
        let mut recording = Recording::load(name);
        recording.turns.remove(0);
        let evidence = Evidence { key_log: recording.key_log.clone(), ..Evidence::default() };
        let turns: Vec<_> = recording.turns.iter().map(|(from, bytes)| (*from, bytes.as_slice())).collect();
        let conversation = read_with(&evidence, &turns, true);
        assert_eq!(
            (sealed(&conversation), conversation.decryption.key_source),
            (0, Some(KeySource::KeyLog)),
            "{name}"
        );
        assert_eq!(conversation.decryption.client_finished, None, "{name}: nobody knows what it covers");
    }
}

#[test]
fn a_session_resumed_by_the_secret_of_another_line() {
    let recording = Recording::load("tls12-ticket");
    let (label, rest) = recording.key_log.trim().split_once(' ').unwrap();
    let other = format!("{label} {} {}", "77".repeat(32), rest.split_once(' ').unwrap().1);
    let conversation = recording.read(&other, &[]);
    all_open("tls12-ticket", &conversation, KeySource::KeyLog);
    assert_eq!(conversation.decryption.key_log_fits, Some(false));
    // Where nothing is resumed, nothing is guessed.
    let recording = Recording::load("tls12-chacha20");
    let conversation =
        recording.read(&recording.key_log.replacen(&recording.key_log[14..40], &"9".repeat(26), 1), &[]);
    assert_eq!(conversation.decryption.key_source, None);
}

#[test]
fn no_bytes_panic_under_keys() {
    for name in RECORDINGS {
        let recording = Recording::load(name);
        let whole = recording.read(&recording.key_log, &["616263313233"]).events.len();
        for (turn, (_, bytes)) in recording.turns.iter().enumerate() {
            for at in (0..bytes.len()).step_by(83) {
                let flipped = changed(name, turn, |bytes| bytes[at] ^= 0x55);
                let cut = changed(name, turn, |bytes| bytes.truncate(at));
                for recording in [flipped, cut] {
                    let conversation = recording.read(&recording.key_log, &["616263313233"]);
                    assert!(conversation.events.len() <= whole + 20, "{name}, turn {turn}, byte {at}");
                }
            }
        }
    }
}
