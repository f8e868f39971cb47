//! Damaged captures, and files that are not captures: errors with field and offset, never a panic.

use super::*;
use crate::input::capture::file::{File, Next};
use crate::input::capture::{CaptureError, key_log};

fn error(file: &[u8]) -> String {
    let mut heard = Heard::default();
    let error = read(file, &mut |_| (), &mut heard).map(drop).unwrap_err();
    assert!(heard.lines.is_empty());
    assert_eq!(key_log(file).map(drop).unwrap_or_else(|_: CaptureError| ()), ());
    error.to_string()
}

#[test]
fn no_capture() {
    assert_eq!(error(b""), "byte 0, magic number: expected a pcap or pcapng file, found an empty file");
    let text = error(b"hello, world");
    assert!(text.starts_with("byte 0, magic number: expected pcap (a1b2"), "{text}");
    assert!(text.ends_with("found 68656c6c"), "{text}");
    let text = error(&[0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]);
    assert!(text.ends_with("found 16030100; this looks like TLS records without packet headers"), "{text}");
    assert!(error(&[0x1f, 0x8b, 8, 0, 0, 0]).contains("an empty file"), "a compressed file that is cut");
    assert!(error(&[0x1f, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0]).contains("cannot be read"), "not really compressed");
}

#[test]
fn unknown_links() {
    let text = error(&Pcap::new(127).0);
    assert!(text.starts_with("byte 20, link type: expected Ethernet (1)"), "{text}");
    assert!(text.contains("found 127: IEEE 802.11"), "{text}");
    assert!(error(&Pcap::new(9999).0).ends_with("found 9999"));

    let interface = |link: u8| [1, 0, 0, 0, 20, 0, 0, 0, link, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
    let packet = |interface: u8| {
        let fields = [6, 32, u32::from(interface), 0, 0, 0, 0, 32];
        fields.map(u32::to_le_bytes).concat()
    };
    let file = [&SECTION[..], &interface(253), &interface(101), &packet(0), &packet(0)].concat();
    let text = error(&file);
    assert!(text.starts_with("byte 36, link type: ") && text.ends_with("found 253: netlink"), "{text}");
    let (_, summary) = heard_of(&[&file[..], &packet(1)].concat());
    assert_eq!((summary.packets, summary.skipped.not_ip), (3, 3), "one of them might have been fine");
}

/// The first block of a pcapng file.
const SECTION: [u8; 28] = [
    0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255,
    255, 255, 28, 0, 0, 0,
];

#[test]
fn damage() {
    let mut file = capture(&[c("S", 0, 0, "")]);
    file[35] = 0xff;
    assert_eq!(
        error(&file),
        "byte 32, captured length of a packet: expected at most 16777216, found 4278190120"
    );
}

#[test]
fn damage_of_blocks() {
    let with = |bytes: &[u8]| error(&[&SECTION[..], bytes].concat());
    let simple = [3, 0, 0, 0, 20, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4, 20, 0, 0, 0];
    assert_eq!(
        with(&simple),
        "byte 28, interface of a packet: expected one of the 0 described interfaces, found 0"
    );
    let mut file = SECTION;
    file[8] = 0;
    assert_eq!(
        error(&file),
        "byte 8, byte order of a section: expected 1a2b3c4d in either byte order, found 003c2b1a"
    );
    let long = [6, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0];
    assert_eq!(with(&long), "byte 32, length of a block: expected 12 to 16777216, found 2147483647");
    let short = [6, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(with(&short), "byte 32, length of a block: expected 12 to 16777216, found 8");
    let contradicting = [1, 0, 0, 0, 20, 0, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0];
    assert_eq!(
        with(&contradicting),
        "byte 28, block: expected fields that fit within the block's length, found two lengths that differ"
    );
}

#[test]
fn what_stands_before_the_damage_is_told() {
    let mut file = capture(&opened([c("A", 1, 1, "hello")]));
    file.extend([0xff; 40]);
    let (lines, summary) = heard_of(&file);
    assert_eq!(only(lines)[2..], ["C#4 \"hello\""]);
    let damaged = summary.damaged.unwrap();
    assert_eq!((damaged.offset, damaged.field), (261, "captured length of a packet"));
}

/// A file that fails.
struct Failing(usize);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let file = capture(&opened([c("A", 1, 1, "hello")]));
        let part = &file[self.0.min(file.len())..];
        let count = part.len().min(buffer.len()).min(7);
        buffer[..count].copy_from_slice(&part[..count]);
        self.0 += count;
        if count == 0 { Err(std::io::Error::other("the disk is gone")) } else { Ok(count) }
    }
}

#[test]
fn a_file_that_fails() {
    let mut heard = Heard::default();
    let text = read(Failing(0), &mut |_| (), &mut heard).map(drop).unwrap_err().to_string();
    assert_eq!(text, "byte 253, file: cannot be read: the disk is gone");
}

/// A handful of captures of handshakes: pcapng, with and without a key log, and classic pcap.
const CAPTURES: [&[u8]; 7] = [
    include_bytes!("../../../../../vectors/handshakes/corpus/mqtt-ok.pcapng"),
    include_bytes!("../../../../../vectors/handshakes/corpus/alpn-mismatch-gnutls.pcapng"),
    include_bytes!("../../../../../vectors/handshakes/corpus/boringssl-ok-psk-aes-256-cbc-sha.pcapng"),
    include_bytes!("../../../../../vectors/handshakes/corpus/cert-expired-openssl.pcapng"),
    include_bytes!("../../../../../vectors/handshakes/own/mtls-ok-chain-openssl.pcap"),
    include_bytes!("../../../../../vectors/handshakes/own/net-big-endian-12.pcap"),
    include_bytes!("../../../../../vectors/handshakes/own/net-nano-13.pcap"),
];

/// Numbers that look random and are the same each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// Listens as strictly as [`Heard`] to what may be damaged: places fit, every conversation ends.
fn survives(file: &[u8]) {
    let mut heard = Heard::default();
    let result = read(file, &mut |_| (), &mut heard);
    assert!(heard.open.is_empty());
    let packets = result.map_or(0, |summary| summary.packets);
    assert!(packets <= file.len() as u64 / 16);
    let _ = key_log(file);
}

#[test]
fn captures_of_handshakes_are_read() {
    for file in CAPTURES {
        let (lines, summary) = heard_of(file);
        assert!(summary.flows >= 1);
        assert!(lines.iter().all(|line| !line.contains("gap")));
        let first = lines.iter().find(|line| !line.starts_with("key log")).unwrap();
        assert!(first.starts_with("0 127.0.0.1:") && !first.ends_with("late"), "{first}");
    }
}

#[test]
fn nothing_that_is_done_to_a_capture_breaks_the_reader() {
    let mut random = Random(0x5eed);
    for file in CAPTURES {
        for _ in 0..400 {
            let mut damaged = file.to_vec();
            for _ in 0..=random.below(8) {
                let at = random.below(damaged.len());
                match random.below(4) {
                    0 => damaged[at] ^= 1 << random.below(8),
                    1 => damaged[at] = u8::try_from(random.below(256)).unwrap(),
                    2 => damaged.truncate(at.max(1)),
                    _ => drop(damaged.drain(at..(at + random.below(40)).min(damaged.len() - 1).max(at))),
                }
            }
            survives(&damaged);
        }
    }
}

#[test]
fn nothing_that_is_done_to_packets_breaks_the_reader() {
    let mut random = Random(0xf1a9);
    for file in CAPTURES {
        let (link, packets) = packets(file);
        assert!(packets.len() > 5);
        for _ in 0..200 {
            let mut pcap = Pcap::new(link);
            for _ in 0..packets.len() {
                let mut packet = packets[random.below(packets.len())].clone();
                for _ in 0..random.below(3) {
                    let at = random.below(packet.len().min(70));
                    packet[at] = u8::try_from(random.below(256)).unwrap();
                }
                pcap = pcap.cut(&packet, packet.len() - random.below(8).saturating_sub(5) * 9);
            }
            survives(&pcap.0);
        }
    }
}

/// The link type of a capture and its packets.
fn packets(capture: &[u8]) -> (u32, Vec<Vec<u8>>) {
    let mut silent = |_| ();
    let mut file = File::open(capture, &mut silent).unwrap();
    let (mut link, mut packets) = (0, Vec::new());
    loop {
        match file.next().unwrap() {
            Next::Packet(packet) => {
                link = packet.link;
                packets.push(packet.bytes.to_vec());
            }
            Next::KeyLog(_) => {}
            Next::End { .. } => return (link, packets),
        }
    }
}
