//! An attacker on the path may change any byte: flip bits, drop, duplicate, swap, truncate, reflect and
//! replay records, and insert its own. What a side reads must still be a prefix of what the other wrote,
//! and an end of data that it reports must have been sent after all of it. Nothing panics, nothing loops
//! forever, and no buffer grows without limit.
//!
//! The changes are the same in each run; the keys are not. `HANDCLASP_ROUNDS=100000 cargo test --release
//! -p handclasp-connection --test changed_wire` runs longer: that many connections per suite.

mod pair;

use handclasp_codec::ProtocolVersion;
use handclasp_connection::Config;
use handclasp_crypto::{KeyKind, Suite};
use handclasp_provider_aws_lc as aws_lc;
use pair::{Pair, Proof, config, with};

const SUITES: [&Suite; 5] = [
    &aws_lc::TLS_AES_128_GCM_SHA256,
    &aws_lc::TLS_CHACHA20_POLY1305_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    &aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
];

/// Turns of both sides in one connection; a handshake has at most four.
const TURNS: usize = 14;

/// Above the largest receive buffer: records are at most 16 KiB and capacity doubles.
const SPACE_MAX: usize = 200_000;

/// Connections per suite.
fn rounds() -> u64 {
    let set = std::env::var("HANDCLASP_ROUNDS").ok();
    set.map_or(180, |text| text.parse().expect("HANDCLASP_ROUNDS is a number"))
}

/// A small generator that gives the same choices each time (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }
}

/// State of one application.
#[derive(Default)]
struct Application {
    wrote: Vec<u8>,
    read: Vec<u8>,
    /// It has closed its side.
    closed: bool,
    /// It was informed that the peer has closed.
    told_end: bool,
    /// Its connection ended with a fault.
    failed: bool,
}

/// Both sides, and what was sent between them.
struct Talk {
    pair: Pair,
    /// The client's, then the server's.
    ends: [Application; 2],
    /// Records that each side sent.
    sent: [Vec<Vec<u8>>; 2],
    version: ProtocolVersion,
}

/// Calls the connection of one side.
macro_rules! of {
    ($talk:ident, $end:expr, |$connection:ident, $context:ident| $body:expr) => {{
        let pair = &mut $talk.pair;
        let ($connection, config) = match $end {
            0 => (&mut pair.client, &pair.client_config),
            _ => (&mut pair.server, &pair.server_config),
        };
        with(config, |$context| $body)
    }};
}

fn limited(suite: &'static Suite, limit: Option<u16>, signed: bool) -> Config {
    let mut config = config(&[suite]);
    if let Some(limit) = limit {
        config.limit_records(limit);
    }
    config.handshake.has_credential = signed;
    config.handshake.resumption.tickets = 2;
    config.handshake.resumption.lifetime = 1000;
    config
}

impl Talk {
    fn new(suite: &'static Suite, random: &mut Random) -> Self {
        let client = limited(suite, [None, Some(512)][random.below(2)], false);
        let server = limited(suite, [None, Some(1000)][random.below(2)], true);
        let pair = Pair::new(client, server, Proof::Certificate(KeyKind::P256));
        Self { pair, ends: Default::default(), sent: Default::default(), version: suite.version() }
    }

    fn fail_unless<R, E>(&mut self, end: usize, result: Result<R, E>) -> Option<R> {
        self.ends[end].failed |= result.is_err();
        result.ok()
    }

    /// Performs a random action of an application, or none.
    fn act(&mut self, end: usize, random: &mut Random) {
        if self.ends[end].failed || of!(self, end, |connection, _given| connection.connected().is_none()) {
            return;
        }
        match random.below(6) {
            0..3 => {
                let length = [1, 20, 3000, 20_000][random.below(4)];
                let data = random.bytes(length);
                if let Ok(taken) = of!(self, end, |connection, context| connection.write(context, &data)) {
                    self.ends[end].wrote.extend_from_slice(&data[..taken]);
                }
            }
            3 if self.version == ProtocolVersion::TLS_1_3 => {
                let updated = of!(self, end, |connection, context| connection.update_keys(context));
                assert!(updated.is_ok() || self.ends[end].closed);
            }
            4 if random.one_in(4) => {
                of!(self, end, |connection, _given| connection.close());
                self.ends[end].closed = true;
            }
            _ => {}
        }
    }

    /// Takes the queued records of a side.
    fn take(&mut self, end: usize) -> Vec<Vec<u8>> {
        let bytes = match end {
            0 => self.pair.take_from_client(),
            _ => self.pair.take_from_server(),
        };
        let mut records = Vec::new();
        let mut rest = bytes.as_slice();
        while let [_, _, _, high, low, ..] = rest {
            let (record, behind) = rest.split_at(5 + usize::from(u16::from_be_bytes([*high, *low])));
            records.push(record.to_vec());
            rest = behind;
        }
        assert!(rest.is_empty(), "the output is whole records");
        self.sent[end].extend_from_slice(&records);
        records
    }

    /// Delivers bytes to a side, and lets its application read.
    fn deliver(&mut self, end: usize, bytes: &[u8]) {
        if self.ends[end].failed {
            return;
        }
        let delivered = match end {
            0 => self.pair.deliver_to_client(bytes, usize::MAX),
            _ => self.pair.deliver_to_server(bytes, usize::MAX),
        };
        self.fail_unless(end, delivered);
        for steps in 0.. {
            assert!(steps < 100_000, "the connection makes progress");
            if steps % 2 == 0 {
                of!(self, end, |connection, _given| connection.gather());
            }
            let data = of!(self, end, |connection, _given| connection.readable().to_vec());
            self.ends[end].read.extend_from_slice(&data);
            of!(self, end, |connection, _given| connection.consume(data.len()));
            self.ends[end].told_end |= of!(self, end, |connection, _given| connection.is_peer_closed());
            if data.is_empty() || self.ends[end].failed {
                break;
            }
            let proceeded = of!(self, end, |connection, context| connection.proceed(context));
            self.fail_unless(end, proceeded);
        }
        // TLS 1.2 answers close_notify by itself (RFC 5246 §7.2.1).
        if self.version == ProtocolVersion::TLS_1_2 && self.ends[end].told_end {
            self.ends[end].closed = true;
        }
        let space = of!(self, end, |connection, _given| {
            let _kept = connection.take_sessions();
            if connection.has_receive_space() { connection.receive_space().len() } else { 0 }
        });
        assert!(space < SPACE_MAX, "{space} bytes of space");
    }

    /// Checks what must hold at any time.
    fn check(&self, seed: u64) {
        for (reader, writer) in [(0, 1), (1, 0)] {
            let (reader, writer) = (&self.ends[reader], &self.ends[writer]);
            assert!(writer.wrote.starts_with(&reader.read), "data that was not written, seed {seed}");
            if reader.told_end {
                assert!(writer.closed, "an end that was not sent, seed {seed}");
                assert_eq!(reader.read.len(), writer.wrote.len(), "an end before all data, seed {seed}");
            }
        }
    }
}

/// Changes some records on the way; `of_reader` are those that their receiver has sent.
fn change(
    records: &mut Vec<Vec<u8>>,
    before: &[Vec<u8>],
    of_reader: &[Vec<u8>],
    rate: usize,
    random: &mut Random,
) {
    let mut place = 0;
    while place < records.len() {
        if random.one_in(rate) {
            let length = records[place].len();
            match random.below(12) {
                0 | 1 => records[place][random.below(length)] ^= 1 << random.below(8),
                2 => drop(records.remove(place)),
                3 => records.insert(place, records[place].clone()),
                4 if place + 1 < records.len() => records.swap(place, place + 1),
                5 => records[place].truncate(random.below(length)),
                6 => records.insert(place, vec![20, 3, 3, 0, 1, 1]),
                7 => records.insert(place, vec![21, 3, 3, 0, 2, 1, [0, 90, 40][random.below(3)]]),
                8 => records.insert(place, vec![22, 3, 3, 0, 4, 0, 0, 0, 0]),
                9 => {
                    let length = random.below(60);
                    let content = random.bytes(length);
                    let kind = [20, 21, 22, 23][random.below(4)];
                    records.insert(place, [&[kind, 3, 3, 0, content.len() as u8][..], &content].concat());
                }
                10 if !before.is_empty() => records.insert(place, before[random.below(before.len())].clone()),
                11 if !of_reader.is_empty() => {
                    records.insert(place, of_reader[random.below(of_reader.len())].clone());
                }
                _ => {}
            }
            place += 1;
        }
        place += 1;
    }
}

/// Runs one connection whose records are changed at this rate; 0 means never.
fn run(suite: &'static Suite, rate: usize, seed: u64) -> Talk {
    let mut random = Random(seed);
    let mut talk = Talk::new(suite, &mut random);
    for _ in 0..TURNS {
        for from in 0..2 {
            talk.act(from, &mut random);
            let before = talk.sent[from].clone();
            let mut records = talk.take(from);
            if rate > 0 {
                change(&mut records, &before, &talk.sent[1 - from], rate, &mut random);
            }
            let piece = [1 + random.below(50), 100_000][random.below(2)];
            for chunk in records.concat().chunks(piece) {
                talk.deliver(1 - from, chunk);
            }
            talk.check(seed);
        }
    }
    talk
}

#[test]
fn an_honest_wire_carries_everything() {
    for suite in SUITES {
        let mut carried = 0;
        for seed in 0..10 {
            let talk = run(suite, 0, seed);
            let [client, server] = &talk.ends;
            assert!(!client.failed && !server.failed, "{} {seed}", suite.id);
            carried += client.read.len() + server.read.len();
            // TLS 1.2 has no half-close: the side that receives close_notify drops its queued data (RFC
            // 5246 §7.2.1).
            if suite.version() == ProtocolVersion::TLS_1_3 {
                assert!(client.wrote == server.read && server.wrote == client.read, "{} {seed}", suite.id);
            }
        }
        assert!(carried > 100_000, "{}: {carried}", suite.id);
    }
}

fn changed(suite: &'static Suite) {
    let (mut failed, mut carried) = (0, 0);
    for round in 0..rounds() {
        let rate = [8, 30, 100][round as usize % 3];
        let talk = run(suite, rate, (u64::from(suite.id.0) << 32) + round);
        failed += u64::from(talk.ends.iter().any(|end| end.failed));
        carried += u64::from(talk.ends.iter().any(|end| !end.read.is_empty()));
    }
    println!("{}: {failed} of {} ended, {carried} carried data", suite.id, rounds());
    // Otherwise the test would not exercise the wire.
    assert!(failed * 3 > rounds() && carried * 10 > rounds(), "{failed} and {carried}");
}

#[test]
fn tls13_aes_gcm() {
    changed(SUITES[0]);
}

#[test]
fn tls13_chacha20_poly1305() {
    changed(SUITES[1]);
}

#[test]
fn tls12_aes_gcm() {
    changed(SUITES[2]);
}

#[test]
fn tls12_chacha20_poly1305() {
    changed(SUITES[3]);
}

#[test]
fn tls12_aes_cbc() {
    changed(SUITES[4]);
}
