//! File formats: variants of pcap, pcapng, compressed, joined; and their key logs.

use std::io::Write as _;
use std::time::Duration;

use super::*;
use crate::input::capture::key_log;

/// Collects the times of events.
#[derive(Default)]
struct Times(Vec<Option<Duration>>);

impl Listener for Times {
    fn begin(&mut self, _: FlowId, _: String, _: String, _: bool) {}
    fn on_event(&mut self, _: FlowId, event: &CaptureEvent<'_>) {
        self.0.push(event.position.time);
    }
    fn end(&mut self, _: FlowId) {}
}

fn times(file: &[u8]) -> Vec<Option<Duration>> {
    let mut times = Times::default();
    read(file, &mut |_| (), &mut times).unwrap();
    times.0
}

/// A pcap file with one SYN, its fields in any byte order.
fn one_packet(magic: u32, part: u32, after_header: &[u8], is_big_endian: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let packet = c("S", 0, 0, "").packet();
    let length = u32::try_from(packet.len()).unwrap();
    let half = |number: u16| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let word = |number: u32| if is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    out.extend(word(magic));
    out.extend([half(2), half(4)].concat());
    for field in [0, 0, 262_144, 0x1000_0065, 1_700_000_000, part, length, length] {
        out.extend(word(field));
    }
    out.extend(after_header);
    out.extend(&packet);
    out
}

#[test]
fn variants_of_pcap() {
    let seconds = |nanoseconds| vec![Some(Duration::new(1_700_000_000, nanoseconds))];
    for is_big_endian in [false, true] {
        assert_eq!(times(&one_packet(0xa1b2_c3d4, 123, &[], is_big_endian)), seconds(123_000));
        assert_eq!(times(&one_packet(0xa1b2_3c4d, 123, &[], is_big_endian)), seconds(123));
    }
    assert_eq!(times(&one_packet(0xa1b2_cd34, 123, &[0; 8], false)), seconds(123_000), "longer headers");
    let too_many = times(&one_packet(0xa1b2_c3d4, u32::MAX, &[], false));
    assert_eq!(too_many, [Some(Duration::new(1_700_004_294, 967_295_000))], "more than a second of them");
}

#[test]
fn joined_files_are_read_on() {
    let first = capture(&opened([c("A", 1, 1, "hello")]));
    let second = one_packet(0xa1b2_3c4d, 0, &[], true);
    let (lines, summary) = heard_of(&[first, second].concat());
    assert_eq!((summary.packets, summary.cut), (5, false));
    assert_eq!(lines[3], "0 C#4 \"hello\"");
}

#[test]
fn compressed() {
    let file = capture(&opened([c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&file).unwrap();
    let packed = encoder.finish().unwrap();
    assert_eq!(heard_of(&packed).0, heard_of(&file).0);

    for end in 0..packed.len() {
        let mut heard = Heard::default();
        match read(&packed[..end], &mut |_| (), &mut heard) {
            Ok(summary) => assert!(summary.cut, "{end}"),
            Err(error) => assert!(heard.lines.is_empty(), "{end}: {error}"),
        }
    }
}

fn zstd(file: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(file, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn compressed_with_zstd() {
    let file = capture(&opened([c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]));
    let packed = zstd(&file);
    assert_eq!(heard_of(&packed).0, heard_of(&file).0);
    let (first, second) = file.split_at(100);
    let skippable = b"\x50\x2a\x4d\x18\x03\0\0\0abc";
    let frames = [&zstd(first)[..], skippable, &zstd(second)].concat();
    assert_eq!(heard_of(&frames).0, heard_of(&file).0, "several frames");

    for end in 0..packed.len() {
        let mut heard = Heard::default();
        match read(&packed[..end], &mut |_| (), &mut heard) {
            Ok(summary) => assert!(summary.cut, "{end}"),
            Err(error) => assert!(heard.lines.is_empty(), "{end}: {error}"),
        }
    }
    for at in 0..packed.len() {
        let mut damaged = packed.clone();
        damaged[at] ^= 0x55;
        // Anything but a panic.
        let _ = read(&damaged[..], &mut |_| (), &mut Heard::default());
    }
}

#[test]
fn damaged_zstd() {
    let error = |file: &[u8]| read(file, &mut |_| (), &mut Heard::default()).unwrap_err().to_string();
    // A descriptor without single segment, and a window of 2^41 bytes.
    let wide = error(b"\x28\xb5\x2f\xfd\x00\xf8\x01\0\0");
    assert!(wide.contains("expected a window of at most 128 MiB"), "{wide}");
    // Blocks that repeat one byte: 4 bytes each for 128 KiB.
    let mut bomb = capture(&opened([c("A", 1, 1, "hello")]));
    bomb = zstd(&bomb);
    bomb.extend(b"\x28\xb5\x2f\xfd\x00\x38");
    bomb.extend(b"\x02\x00\x10\x00".repeat(1000));
    let mut heard = Heard::default();
    let summary = read(&bomb[..], &mut |_| (), &mut heard).unwrap();
    let bomb = summary.damaged.unwrap().to_string();
    assert!(bomb.contains("at most 1000 times"), "{bomb}");
    let garbage = error(b"\x28\xb5\x2f\xfd\x00\x00\xff\xff\xff\xff\xff\xff\xff");
    assert!(garbage.contains("zstd: "), "{garbage}");
    let file = capture(&opened([c("A", 1, 1, "hello")]));
    let after = error(&[&zstd(&file)[..], b"garbage"].concat());
    assert!(after.contains("after a frame"), "{after}");
}

#[test]
fn cut_anywhere() {
    let file = capture(&opened([c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]));
    let boundaries = [24, 80, 136, 192, 253, 311];
    assert_eq!(boundaries.last(), Some(&file.len()));
    for end in 24..=file.len() {
        let (lines, summary) = heard_of(&file[..end]);
        let whole = boundaries.iter().filter(|boundary| **boundary <= end).count() - 1;
        assert_eq!((summary.packets, summary.cut), (whole as u64, !boundaries.contains(&end)), "{end}");
        assert_eq!(lines.is_empty(), whole == 0);
    }
}

/// Blocks of a pcapng file.
struct Blocks {
    bytes: Vec<u8>,
    is_big_endian: bool,
}

impl Blocks {
    fn word(&self, number: u32) -> [u8; 4] {
        if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn half(&self, number: u16) -> [u8; 2] {
        if self.is_big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let padding = body.len().next_multiple_of(4) - body.len();
        let length = self.word(u32::try_from(12 + body.len() + padding).unwrap());
        self.bytes.extend(self.word(kind));
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(&[0; 3][..padding]);
        self.bytes.extend(length);
        self
    }

    fn section(bytes: Vec<u8>, is_big_endian: bool) -> Self {
        let blocks = Self { bytes, is_big_endian };
        let body = [&blocks.word(0x1a2b_3c4d)[..], &blocks.half(1), &blocks.half(0), &[0xff; 8]].concat();
        blocks.block(0x0a0d_0d0a, &body)
    }

    /// An interface of raw IP with a resolution (if_tsresol) and an offset in seconds.
    fn interface(self, link: u16, resolution: u8, offset: i64) -> Self {
        let offset = if self.is_big_endian { offset.to_be_bytes() } else { offset.to_le_bytes() };
        let options = [
            &self.half(9)[..],
            &self.half(1),
            &[resolution, 0, 0, 0],
            &self.half(14),
            &self.half(8),
            &offset,
            &[0; 4],
        ];
        let body = [&self.half(link)[..], &[0; 2], &self.word(0), &options.concat()].concat();
        self.block(1, &body)
    }

    fn packet(self, interface: u32, time: u64, packet: &[u8]) -> Self {
        let length = u32::try_from(packet.len()).unwrap();
        let (high, low) = (u32::try_from(time >> 32).unwrap(), u32::try_from(time & 0xffff_ffff).unwrap());
        let fields = [interface, high, low, length, length].map(|field| self.word(field)).concat();
        self.block(6, &[&fields, packet].concat())
    }

    fn secrets(self, kind: u32, text: &str) -> Self {
        let fields = [kind, u32::try_from(text.len()).unwrap()].map(|field| self.word(field)).concat();
        self.block(10, &[&fields, text.as_bytes()].concat())
    }
}

const TLS_KEY_LOG: u32 = 0x544c_534b;

#[test]
fn sections_interfaces_and_clocks() {
    let ethernet = |segment: &Tcp| [&[2; 12][..], &[8, 0], &segment.packet()].concat();
    let [syn, answer, last] = opening().try_into().unwrap_or_else(|_| unreachable!());
    let mut file = Vec::new();
    for is_big_endian in [false, true] {
        let simple = [&[0, 0, 0, 41][..], &c("A", 1, 1, "a").packet()].concat();
        file = Blocks::section(file, is_big_endian)
            .block(4, b"names that nobody needs")
            .interface(101, 6, 0)
            .interface(1, 9, -5)
            .interface(101, 0x80 | 10, 0)
            .interface(101, 0, 7)
            .packet(0, 1_700_000_000_000_001, &syn.packet())
            .packet(1, 1_700_000_005_000_000_002, &ethernet(&answer))
            .packet(2, 1_700_000_000 << 10 | 512, &last.packet())
            .packet(3, 1_699_999_993, &c("A", 1, 1, "").packet())
            .block(3, &simple)
            .bytes;
        // The length of the simple packet is of the section's byte order too.
        if !is_big_endian {
            let at = file.len() - 4 - 44 - 4;
            file[at..at + 4].reverse();
        }
    }
    let (lines, summary) = heard_of(&file);
    assert_eq!(only(lines), ["C#1 syn", "S#2 synack", "C#5 \"a\""], "and all of it again");
    assert_eq!((summary.packets, summary.cut, summary.damaged.is_none()), (10, false, true));
    let at = |nanoseconds| Some(Duration::new(1_700_000_000, nanoseconds));
    assert_eq!(times(&file), [at(1_000), at(2), None]);
    let clock = |resolution| {
        let file =
            Blocks::section(Vec::new(), true).interface(101, resolution, 7).packet(0, 3, &syn.packet());
        times(&file.bytes)
    };
    assert_eq!(clock(0), [Some(Duration::from_secs(10))]);
    assert_eq!(clock(0x81), [Some(Duration::from_millis(8500))]);
    assert_eq!(clock(19), [Some(Duration::from_secs(7))]);
    assert_eq!(clock(0xff), [Some(Duration::new(7, 3000))], "what does not fit");
}

#[test]
fn key_logs() {
    let syn = c("S", 0, 0, "").packet();
    let file = Blocks::section(Vec::new(), false)
        .interface(101, 6, 0)
        .secrets(TLS_KEY_LOG, "CLIENT_RANDOM 00 01\n")
        .packet(0, 1, &syn)
        .secrets(0x5747_4b4c, "of WireGuard")
        .secrets(TLS_KEY_LOG, "CLIENT_RANDOM 02 03");
    assert_eq!(key_log(&file.bytes[..]).unwrap(), "CLIENT_RANDOM 00 01\nCLIENT_RANDOM 02 03\n");
    let (lines, _) = heard_of(&file.bytes);
    assert_eq!(lines[0], "key log \"CLIENT_RANDOM 00 01\\n\"");
    assert_eq!(lines[3], "key log \"CLIENT_RANDOM 02 03\"", "behind the SYN");
    assert_eq!(lines.len(), 5);
    assert_eq!(key_log(&capture(&opening())[..]).unwrap(), "", "pcap has none");
    let damaged = [&file.bytes[..], &[6; 12]].concat();
    assert_eq!(key_log(&damaged[..]).unwrap(), key_log(&file.bytes[..]).unwrap(), "damage behind them");
    let cut = &file.bytes[..file.bytes.len() - 1];
    assert_eq!(key_log(cut).unwrap(), "CLIENT_RANDOM 00 01\n", "cut is no damage");
}
