//! Key material of the evidence: the lines of the key log (RFC 9850) by client_random, and pre-shared keys
//! in every encoding. Parsed once for all conversations.

use std::collections::HashMap;
use std::rc::Rc;

use handclasp_crypto::{Secret, equal};
use handclasp_schedule::key_log;
use handclasp_trust::{KeyInterpretation, Psk};

use crate::input::evidence::Evidence;

/// Maximum number of bits in which the client_random of a line may differ from the searched one.
const NEAR: u32 = 8;

/// Limit on the malformed lines that are listed.
const NAMED: usize = 16;

/// Limit on the lines that are tried regardless of their client_random.
const GUESSES: usize = 64;

/// Lines of one client_random that are taken from key logs in a capture.
const PER_RANDOM: usize = 64;

/// The label of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    /// CLIENT_RANDOM: the master secret of TLS 1.2 and before.
    Master,
    /// client_early_traffic_secret.
    ClientEarly,
    /// client_handshake_traffic_secret.
    ClientHandshake,
    /// server_handshake_traffic_secret.
    ServerHandshake,
    /// client_application_traffic_secret_0.
    ClientApplication,
    /// server_application_traffic_secret_0.
    ServerApplication,
}

/// The key log and the pre-shared keys.
#[derive(Default)]
pub(crate) struct Secrets {
    lines: HashMap<[u8; 32], Vec<(Label, Secret)>>,
    has_log: bool,
    malformed: Vec<usize>,
    candidates: Rc<Vec<Vec<KeyInterpretation>>>,
}

/// The secrets of one client_random.
pub(super) struct LoggedSecrets<'s> {
    /// The client_random of the lines.
    pub client_random: [u8; 32],
    /// Number of bits in which it differs from the searched one.
    pub distance: u32,
    lines: &'s [(Label, Secret)],
}

impl LoggedSecrets<'_> {
    /// The secrets with a label: several if several peers wrote into one log.
    pub fn of(&self, label: Label) -> impl Iterator<Item = &Secret> {
        self.lines.iter().filter(move |(of, _)| *of == label).map(|(_, secret)| secret)
    }
}

impl Secrets {
    /// Parses the key log, and expands the pre-shared keys.
    pub fn new(evidence: &Evidence) -> Self {
        let mut secrets = Self {
            has_log: !evidence.key_log.trim().is_empty(),
            candidates: Rc::new(
                evidence.psks.iter().map(|typed| Psk::interpretations(typed.as_str())).collect(),
            ),
            ..Self::default()
        };
        for (number, line) in (1..).zip(evidence.key_log.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match parse(line) {
                Some((client_random, Some((label, secret)))) => {
                    secrets.lines.entry(client_random).or_default().push((label, secret));
                }
                Some((_, None)) => {}
                None if secrets.malformed.len() < NAMED => secrets.malformed.push(number),
                None => {}
            }
        }
        secrets
    }

    /// Adds the lines of a key log that a capture carries, and returns how many were not known.
    pub fn add(&mut self, key_log: &str) -> usize {
        let mut added = 0;
        for (client_random, found) in key_log.lines().filter_map(|line| parse(line.trim())) {
            let Some((label, secret)) = found else { continue };
            let lines = self.lines.entry(client_random).or_default();
            let is_known =
                |(of, known): &(Label, Secret)| *of == label && equal(known.expose(), secret.expose());
            if lines.len() < PER_RANDOM && !lines.iter().any(is_known) {
                lines.push((label, secret));
                added += 1;
            }
        }
        self.has_log |= added > 0;
        added
    }

    /// A copy to add to, while conversations use this one.
    pub fn duplicate(&self) -> Self {
        let copies = |lines: &Vec<(Label, Secret)>| {
            lines.iter().map(|(label, secret)| (*label, secret.duplicate())).collect()
        };
        Self {
            lines: self.lines.iter().map(|(random, lines)| (*random, copies(lines))).collect(),
            has_log: self.has_log,
            malformed: self.malformed.clone(),
            candidates: Rc::clone(&self.candidates),
        }
    }

    /// Whether the evidence has a key log.
    pub fn has_log(&self) -> bool {
        self.has_log
    }

    /// Malformed lines, counted from 1.
    pub fn malformed(&self) -> &[usize] {
        &self.malformed
    }

    /// Pre-shared keys, each in all encodings.
    pub fn candidates(&self) -> &[Vec<KeyInterpretation>] {
        &self.candidates
    }

    /// The first lines of the log, regardless of their client_random: a resumed session has the master
    /// secret of an earlier one, and a capture may lack the ClientHello.
    pub(super) fn all(&self) -> impl Iterator<Item = LoggedSecrets<'_>> {
        let mut all: Vec<_> = self.lines.iter().collect();
        all.sort_by_key(|(random, _)| **random);
        let all = all.into_iter().take(GUESSES);
        all.map(|(random, lines)| LoggedSecrets { client_random: *random, distance: 0, lines })
    }

    /// The secrets of this client_random, or else of the closest one within [`NEAR`] bits.
    pub(super) fn find(&self, client_random: &[u8; 32]) -> Option<LoggedSecrets<'_>> {
        if let Some(lines) = self.lines.get(client_random) {
            return Some(LoggedSecrets { client_random: *client_random, distance: 0, lines });
        }
        let distance = |other: &[u8; 32]| -> u32 {
            client_random.iter().zip(other).map(|(one, other)| (one ^ other).count_ones()).sum()
        };
        let near = self.lines.iter().map(|(random, lines)| (distance(random), random, lines));
        let (distance, random, lines) = near.min_by_key(|(distance, random, _)| (*distance, **random))?;
        (distance <= NEAR).then_some(LoggedSecrets { client_random: *random, distance, lines })
    }
}

/// Parses a line: its client_random, and the secret if its label is used here.
#[expect(clippy::type_complexity, reason = "a line, taken apart by its only caller")]
fn parse(line: &str) -> Option<([u8; 32], Option<(Label, Secret)>)> {
    let mut words = line.split_ascii_whitespace();
    let (label, random, secret) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let secret = hex(secret)?;
    if label == "RSA" {
        // The first 8 bytes of the encrypted premaster secret, in place of a client_random.
        return hex(random).filter(|random| random.len() == 8).map(|_| ([0; 32], None));
    }
    let random: [u8; 32] = hex(random)?.as_slice().try_into().ok()?;
    let label = match label {
        key_log::CLIENT_RANDOM => Label::Master,
        key_log::CLIENT_EARLY_TRAFFIC_SECRET => Label::ClientEarly,
        key_log::CLIENT_HANDSHAKE_TRAFFIC_SECRET => Label::ClientHandshake,
        key_log::SERVER_HANDSHAKE_TRAFFIC_SECRET => Label::ServerHandshake,
        key_log::CLIENT_TRAFFIC_SECRET_0 => Label::ClientApplication,
        key_log::SERVER_TRAFFIC_SECRET_0 => Label::ServerApplication,
        _ => return Some((random, None)),
    };
    let secret = Secret::copy_from(&secret)?;
    let matches = match label {
        Label::Master => secret.len() == 48,
        Label::ClientEarly
        | Label::ClientHandshake
        | Label::ServerHandshake
        | Label::ClientApplication
        | Label::ServerApplication => matches!(secret.len(), 32 | 48),
    };
    matches.then_some((random, Some((label, secret))))
}

fn hex(text: &str) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<Vec<u8>>>().map(zeroize::Zeroizing::new)
}
