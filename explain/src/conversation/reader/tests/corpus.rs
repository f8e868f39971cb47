//! Captures of real peers (`vectors/handshakes`): what their keys and labels require of the
//! conversations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::conversation::KeySource;
use crate::input::capture::{self, FlowId, Listener};

/// Collects conversations.
struct Stories {
    secrets: Rc<Secrets>,
    under_way: BTreeMap<FlowId, ConversationReader>,
    read_from_start: Vec<Conversation>,
}

impl Listener for Stories {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        let reading = ConversationReader::new(Rc::clone(&self.secrets), client, server, begins_late);
        self.under_way.insert(id, reading);
    }

    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>) {
        self.under_way.get_mut(&id).unwrap().on_event(event);
    }

    fn end(&mut self, id: FlowId) {
        self.read_from_start.push(self.under_way.remove(&id).unwrap().finish());
    }
}

/// A labelled capture.
struct Case {
    /// For messages.
    path: PathBuf,
    bytes: Vec<u8>,
    key_log: String,
    /// Whether the label says that nothing failed.
    is_control: bool,
}

/// The captures of two folders that have a key log, in them or in their label.
fn with_keys() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes");
    let mut found = Vec::new();
    for part in ["corpus", "own"] {
        for file in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let labels: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
                found.extend(
                    labels.iter().filter_map(|(name, label)| case(&path.with_file_name(name), label)),
                );
            }
        }
    }
    found
}

fn case(path: &Path, label: &toml::Value) -> Option<Case> {
    let path = match path.with_extension("pcapng") {
        pcapng if pcapng.exists() => pcapng,
        _ => path.with_extension("pcap"),
    };
    let bytes = std::fs::read(&path).unwrap();
    let key_log = match label.get("key_log") {
        Some(key_log) => key_log.as_str().unwrap().to_owned(),
        None => capture::key_log(bytes.as_slice()).unwrap(),
    };
    let is_control = label["cause"].as_str() == Some("none");
    (!key_log.is_empty()).then_some(Case { path, bytes, key_log, is_control })
}

fn conversations(case: &Case) -> Vec<Conversation> {
    let evidence = Evidence { key_log: case.key_log.clone(), ..Evidence::default() };
    let secrets = Rc::new(Secrets::new(&evidence));
    let mut conversations = Stories { secrets, under_way: BTreeMap::new(), read_from_start: Vec::new() };
    capture::read(case.bytes.as_slice(), &mut |_| (), &mut conversations).unwrap();
    conversations.read_from_start
}

#[test]
fn key_logs_open_what_they_belong_to() {
    let (mut good, mut opened) = (0, 0);
    for case in with_keys().iter().filter(|case| case.is_control) {
        for conversation in &conversations(case) {
            let decryption = &conversation.decryption;
            let shown = case.path.display();
            let wrong = [decryption.client_finished, decryption.server_finished].contains(&Some(false));
            assert!(!wrong, "{shown}: a Finished that is right");
            let doubted = conversation.events.iter().any(|item| {
                matches!(
                    item.kind,
                    EventKind::Protected(ProtectedRecord { reason: UndecryptedReason::NotAuthentic, .. })
                )
            });
            assert!(!doubted && decryption.jumps.is_empty(), "{shown}: {:?}", short(conversation));
            good += 1;
            opened += usize::from(decryption.key_source == Some(KeySource::KeyLog));
        }
    }
    // A few conversations have no line in their log, or a suite that cannot be opened.
    assert!(good > 50 && opened * 20 >= good * 17, "{opened} of {good}");
}

#[test]
fn places_count_every_byte_once() {
    for case in with_keys() {
        for conversation in conversations(&case) {
            let mut ends = [0, 0];
            let records = conversation.events.iter().filter(|item| {
                !matches!(item.kind, EventKind::Error(_) | EventKind::Acknowledged | EventKind::Gap(_))
            });
            for item in records {
                let end = &mut ends[usize::from(item.from == Server)];
                let Position { offset, length, .. } = item.position;
                // Messages that came protected in one record have its place in common.
                assert!(offset + length >= *end, "{}: {:?}", case.path.display(), item);
                *end = offset + length;
            }
        }
    }
}
