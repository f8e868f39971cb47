//! Captures of real peers (`vectors/handshakes`), as far as keys and labels tell what their
//! stories must hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::*;
use crate::conversation::events::KeySource;
use crate::input::capture::{self, FlowId, Listener};

/// Collects stories.
struct Stories {
    secrets: Rc<Secrets>,
    under_way: BTreeMap<FlowId, Reading>,
    told: Vec<Conversation>,
}

impl Listener for Stories {
    fn begin(&mut self, id: FlowId, client: String, server: String, begins_late: bool) {
        let reading = Reading::new(Rc::clone(&self.secrets), client, server, begins_late);
        self.under_way.insert(id, reading);
    }

    fn on_event(&mut self, id: FlowId, event: &CaptureEvent<'_>) {
        self.under_way.get_mut(&id).unwrap().on_event(event);
    }

    fn end(&mut self, id: FlowId) {
        self.told.push(self.under_way.remove(&id).unwrap().finish());
    }
}

/// The captures of both folders that have a key log, and whether their label says that all is well.
fn with_keys() -> Vec<(PathBuf, bool)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/handshakes");
    let mut found = Vec::new();
    for part in ["corpus", "own"] {
        for file in std::fs::read_dir(folder.join(part)).unwrap() {
            let capture = file.unwrap().path();
            let label = std::fs::read_to_string(capture.with_extension("json"));
            if capture.extension().is_some_and(|end| end == "pcap") && capture.with_extension("keys").exists()
            {
                let label: String = label.unwrap().split_whitespace().collect();
                found.push((capture, label.contains("\"cause\":\"none\"")));
            }
        }
    }
    found
}

fn stories(capture: &Path) -> Vec<Conversation> {
    let key_log = std::fs::read_to_string(capture.with_extension("keys")).unwrap();
    let secrets = Rc::new(Secrets::new(&Evidence { key_log, ..Evidence::default() }));
    let mut stories = Stories { secrets, under_way: BTreeMap::new(), told: Vec::new() };
    let bytes = std::fs::read(capture).unwrap();
    capture::read(bytes.as_slice(), &mut |_| (), &mut stories).unwrap();
    stories.told
}

#[test]
fn key_logs_open_what_they_belong_to() {
    let captures = with_keys();
    let (mut good, mut opened) = (0, 0);
    for (capture, all_well) in &captures {
        for conversation in stories(capture).iter().filter(|_| *all_well) {
            let unsealed = &conversation.unsealed;
            let shown = capture.display();
            let wrong = [unsealed.client_finished, unsealed.server_finished].contains(&Some(false));
            assert!(!wrong, "{shown}: a Finished that is right");
            let doubted = conversation
                .events
                .iter()
                .any(|item| matches!(item.kind, EventKind::Sealed(Sealed { why: Closed::NotAuthentic, .. })));
            assert!(!doubted && unsealed.jumps.is_empty(), "{shown}: {:?}", short(conversation));
            good += 1;
            opened += usize::from(unsealed.by == Some(KeySource::KeyLog));
        }
    }
    // A few conversations have no line in their log, or a suite that cannot be opened.
    assert!(good > 50 && opened * 20 >= good * 17, "{opened} of {good}");
}

#[test]
fn places_count_every_byte_once() {
    for (capture, _) in with_keys() {
        for conversation in stories(&capture) {
            let mut ends = [0, 0];
            let records = conversation.events.iter().filter(|item| {
                !matches!(item.kind, EventKind::Broken(_) | EventKind::Acknowledged | EventKind::Gap(_))
            });
            for item in records {
                let end = &mut ends[usize::from(item.from == Server)];
                let Position { offset, length, .. } = item.position;
                // Messages that came protected in one record have its place in common.
                assert!(offset + length >= *end, "{}: {:?}", capture.display(), item);
                *end = offset + length;
            }
        }
    }
}
