//! The secrets of connections, as far as a key log and a session file tell them, and what follows
//! from them; and a place for files.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use freed_memory::Freed;
use handclasp::{KeyLog, SHA256};
use handclasp_connection::KeyLogLine;
use handclasp_crypto::{Secret, Suite, expand, expand_label};
use handclasp_provider_aws_lc::TLS_AES_128_GCM_SHA256;
use handclasp_schedule::{MasterSecret, TrafficSecret};

pub use freed_memory::unwatched;

/// A key log in memory.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn key_log(&self) -> KeyLog {
        KeyLog::to(self.clone())
    }

    /// What its lines tell.
    pub fn needles(&self) -> Needles {
        let text = String::from_utf8(self.0.lock().expect("whole").clone()).expect("text");
        let mut needles = Needles::default();
        for line in text.lines() {
            let mut parts = line.split(' ');
            let (label, secret) = (parts.next().expect("a label"), parts.nth(1).expect("a secret"));
            needles.add_logged(label, &unhex(secret), 0);
        }
        assert!(!needles.0.is_empty(), "the key log is empty");
        needles
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// What must not be found, by name.
#[derive(Default)]
pub struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        self.0.push((name.to_owned(), secret.to_vec()));
    }

    /// The secrets of a connection, and those of so many key updates behind it.
    pub fn add_lines(&mut self, lines: &[Box<KeyLogLine>], updates: usize) {
        assert!(!lines.is_empty(), "nothing was logged");
        for line in lines {
            self.add_logged(line.label, line.secret.expose(), updates);
        }
    }

    /// The master secret, and the keys that follow from it.
    pub fn add_key_block(
        &mut self,
        lines: &[Box<KeyLogLine>],
        suite: &'static Suite,
        server_random: &[u8; 32],
    ) {
        let line = lines.first().expect("a line");
        let mut master = MasterSecret::restore(suite.hash, &line.secret);
        master.derive_keys(suite, &line.client_random, server_random);
        self.add(line.label, line.secret.expose());
        let keys = master.keys().expect("derived");
        for (side, keys) in [("client", &keys.client), ("server", &keys.server)] {
            self.add(&format!("the {side}'s key"), keys.key.expose());
        }
    }

    /// A secret, and where it is a traffic secret what follows from it.
    fn add_logged(&mut self, label: &str, secret: &[u8], updates: usize) {
        self.add(label, secret);
        if !label.contains("TRAFFIC") {
            return;
        }
        let mut traffic = TrafficSecret::restore(SHA256, Secret::copy_from(secret).expect("fits"));
        for generation in 0..=updates {
            let name = format!("{label}, generation {generation}");
            let keys = traffic.keys(&TLS_AES_128_GCM_SHA256);
            self.add(&name, traffic.secret().expose());
            self.add(&format!("{name}: key"), keys.key.expose());
            self.add(&format!("{name}: IV"), keys.iv_or_mac_key.expose());
            let mut finished = [0; 32];
            expand_label(SHA256, traffic.secret().expose(), b"finished", &[], &mut finished);
            self.add(&format!("{name}: finished_key"), &finished);
            traffic = traffic.next();
        }
    }

    /// The secrets in a session file: what stands behind format, version and suite of each session.
    pub fn add_sessions(&mut self, file: &[u8]) {
        let before = self.0.len();
        let heads: [(&[u8], usize); 3] =
            [(b"\x03\x04\x13\x01\x20", 32), (b"\x03\x03\xc0\x2b\x30", 48), (b"\x03\x03\xcc\xac\x30", 48)];
        for (head, length) in heads {
            for at in 0..file.len().saturating_sub(head.len() + length) {
                if file[at..].starts_with(head) {
                    self.add("the secret of a session", &file[at + head.len()..][..length]);
                }
            }
        }
        assert!(self.0.len() > before, "the session file holds no session");
    }

    /// The keys of tickets that follow from a secret, now and in the period before.
    pub fn add_ticket_keys(&mut self, secret: &[u8; 32]) {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        for period in [now / 43_200, now / 43_200 - 1] {
            let mut derived = [0; 32];
            let info = [b"handclasp ticket key ", &period.to_be_bytes()[..]].concat();
            expand(SHA256, secret, &info, &mut derived);
            self.add("the secret of a period's tickets", &derived);
            let mut key = [0; 32];
            expand(SHA256, &derived, b"key", &mut key);
            self.add("a ticket key", &key);
        }
    }

    /// Complaints about what was found.
    pub fn found_in(&self, freed: &Freed, context: &str) -> Vec<String> {
        assert!(freed.count() > 0, "{context}: nothing was freed");
        let found = |(name, secret): &(String, Vec<u8>)| {
            let blocks = freed.blocks_with(secret);
            (!blocks.is_empty()).then(|| format!("{context}: {name}, in freed blocks of {blocks:?} bytes"))
        };
        self.0.iter().filter_map(found).collect()
    }
}

/// A folder of this test, removed at its end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("freed-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
