//! Headers before TCP: links, VLAN tags, IP with extensions and fragments; and packets that are not TCP.

use super::*;
use crate::input::capture::SkippedPackets;

/// A short connection, each of whose IPv4 packets is wrapped by a function.
fn over(link: u32, wrap: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<String> {
    let segments = opened([c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]);
    let pcap = segments.iter().fold(Pcap::new(link), |pcap, segment| pcap.packet(&wrap(segment.packet())));
    only(heard_of(&pcap.0).0)
}

/// Some bytes in front of each packet.
fn behind(link: u32, header: &[u8]) -> Vec<String> {
    over(link, |packet| [header, &packet].concat())
}

const TOLD: [&str; 5] = ["C#1 syn", "S#2 synack", "C#4 \"hello\"", "S#5 acknowledged", "S#5 \"hi\""];

#[test]
fn links() {
    for raw in [12, 14, 101, 228] {
        assert_eq!(behind(raw, &[]), TOLD, "raw IP, {raw}");
    }
    for family in [[2, 0, 0, 0], [0, 0, 0, 2]] {
        assert_eq!(behind(0, &family), TOLD, "BSD loopback");
        assert_eq!(behind(108, &family), TOLD, "OpenBSD loopback");
    }
    let mut cooked = [0; 16];
    cooked[14..].copy_from_slice(&[8, 0]);
    assert_eq!(behind(113, &cooked), TOLD, "Linux cooked");
    let mut cooked = [0; 20];
    cooked[..2].copy_from_slice(&[8, 0]);
    assert_eq!(behind(276, &cooked), TOLD, "Linux cooked, version 2");
    for header in [&[0xff, 3, 0, 0x21][..], &[0, 0x21], &[0x21]] {
        assert_eq!(behind(9, header), TOLD, "PPP");
    }
    assert_eq!(behind(50, &[0xff, 3, 0, 0x21]), TOLD, "PPP in HDLC frames");
    assert_eq!(behind(51, &[0x11, 0, 0, 1, 0, 0, 0, 0x21]), TOLD, "PPPoE");
}

#[test]
fn ethernet_with_tags() {
    let addresses = [2; 12];
    let behind = |header: &[u8]| behind(1, &[&addresses[..], header].concat());
    assert_eq!(behind(&[8, 0]), TOLD);
    assert_eq!(behind(&[0x81, 0, 0, 7, 8, 0]), TOLD, "802.1Q");
    assert_eq!(behind(&[0x88, 0xa8, 0, 7, 0x81, 0, 0, 8, 8, 0]), TOLD, "802.1ad");
    assert_eq!(behind(&[0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x21]), TOLD, "PPPoE");
    assert_eq!(behind(&[0x81, 0, 0, 7, 0x88, 0x64, 0x11, 0, 0, 1, 0, 0, 0, 0x21]), TOLD, "both");
    let padded = over(1, |packet| [&addresses[..], &[8, 0], &packet, &[0; 20]].concat());
    assert_eq!(padded, TOLD, "padding is no payload");
}

#[test]
fn options() {
    let with_options = over(101, |mut packet| {
        packet[0] = 0x47;
        packet[3] += 8;
        packet.splice(20..20, [1; 8]);
        packet
    });
    assert_eq!(with_options, TOLD, "of IPv4");
    let with_options = over(101, |mut packet| {
        packet[32] = 0x70;
        packet[3] += 8;
        packet.splice(40..40, [1; 8]);
        packet
    });
    assert_eq!(with_options, TOLD, "of TCP");
}

/// An IPv6 packet from fe80::1 to fe80::2 or back; `next` says what the payload begins with.
fn ipv6([source, destination]: [u8; 2], next: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x60, 0, 0, 0];
    out.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
    out.extend([next, 64]);
    for host in [source, destination] {
        out.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host]);
    }
    out.extend(payload);
    out
}

#[test]
fn ipv6_and_its_extensions() {
    let hop_by_hop = [43, 0, 1, 4, 0, 0, 0, 0];
    let routing = [60, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let destination = [6, 0, 1, 4, 0, 0, 0, 0];
    let segments = opened([c("A", 1, 1, "hello"), s("A", 1, 6, "hi")]);
    for (next, extensions) in [(6, vec![]), (0, [&hop_by_hop[..], &routing, &destination].concat())] {
        let pcap = segments.iter().fold(Pcap::new(229), |pcap, segment| {
            pcap.packet(&ipv6(segment.hosts(), next, &[&extensions[..], &segment.segment()].concat()))
        });
        let (lines, _) = heard_of(&pcap.0);
        assert_eq!(lines[0], "0 [fe80::1]:50000 [fe80::2]:443");
        let reported: Vec<&str> = lines[1..6].iter().map(|line| &line[2..]).collect();
        assert_eq!(reported, TOLD);
    }
}

/// The pieces of an IPv4 packet, cut at multiples of eight.
fn fragments(packet: &[u8], at: &[usize]) -> Vec<Vec<u8>> {
    let (header, payload) = packet.split_at(20);
    let ends = at.iter().copied().chain([payload.len()]);
    let starts = [0].into_iter().chain(at.iter().copied());
    let piece = |(start, end): (usize, usize)| {
        let mut header = header.to_vec();
        header[2..4].copy_from_slice(&u16::try_from(20 + end - start).unwrap().to_be_bytes());
        header[5] = 7;
        let more = if end < payload.len() { 0x2000 } else { 0 };
        header[6..8].copy_from_slice(&(u16::try_from(start / 8).unwrap() | more).to_be_bytes());
        [&header, &payload[start..end]].concat()
    };
    starts.zip(ends).map(piece).collect()
}

#[test]
fn fragments_of_ipv4() {
    let packet = c("A", 1, 1, "hello, in pieces").packet();
    let pieces = fragments(&packet, &[8, 24]);
    let opening = || opening().iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet()));
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let file = order.iter().fold(opening(), |pcap, index| pcap.packet(&pieces[*index]));
        let (lines, summary) = heard_of(&file.0);
        assert_eq!(only(lines)[2..], ["C#6 \"hello, in pieces\""]);
        assert_eq!(summary.skipped.total(), 0);
    }
    let (lines, summary) = heard_of(&opening().packet(&pieces[0]).packet(&pieces[2]).0);
    assert_eq!((only(lines).len(), summary.skipped.fragments), (2, 2), "one is missing");
}

#[test]
fn fragments_of_ipv6() {
    let segment = c("S", 0, 0, "hello").segment();
    let piece = |range: std::ops::Range<usize>, more: u8| {
        let offset = u8::try_from(range.start).unwrap();
        ipv6([1, 2], 44, &[&[6, 0, 0, offset | more, 0, 0, 0, 7], &segment[range]].concat())
    };
    let pcap = Pcap::new(101).packet(&piece(16..25, 0)).packet(&piece(0..16, 1));
    let (lines, summary) = heard_of(&pcap.0);
    assert_eq!(lines[1..3], ["0 C#2 syn", "0 C#2 \"hello\""]);
    assert_eq!(summary.skipped, SkippedPackets::default());
    // One that is a fragment in name only (RFC 6946).
    let (lines, _) = heard_of(&Pcap::new(101).packet(&piece(0..25, 0)).0);
    assert_eq!(lines[2], "0 C#1 \"hello\"");
}

#[test]
fn more_fragments_than_are_kept() {
    let packet = c("S", 0, 0, "hello").packet();
    let piece = |number: u8, index: usize| {
        let mut piece = fragments(&packet, &[8])[index].clone();
        piece[5] = number;
        piece
    };
    let firsts = (0..100).fold(Pcap::new(101), |pcap, number| pcap.packet(&piece(number, 0)));
    let (lines, summary) = heard_of(&firsts.packet(&piece(0, 1)).packet(&piece(99, 1)).0);
    assert_eq!(lines[1], "0 C#102 syn", "the youngest");
    assert_eq!(summary.skipped.fragments, 100, "the oldest was given up");
}

#[test]
fn what_is_no_tcp_is_counted() {
    let udp = |port: u16, payload: &[u8]| {
        let [high, low] = port.to_be_bytes();
        ipv4([1, 2], 17, &[&[200, 0, high, low, 0, 0, 0, 0], payload].concat())
    };
    let packets = [
        udp(443, &[0x40, 1, 2, 3]),
        udp(4433, &[0xc3, 0, 0, 0, 1, 8]),
        udp(5684, &[22, 0xfe, 0xfd, 0, 0]),
        udp(5685, &[22, 0xfe, 0xff, 0, 0]),
        udp(5686, &[23, 0xfe, 0xfd, 0, 0]),
        udp(53, &[22, 3, 3, 0, 0]),
        ipv4([1, 2], 1, &[3, 3, 0, 0, 0, 0, 0, 0]),
        ipv6([1, 2], 58, &[1, 0, 0, 0, 0, 0, 0, 0]),
        ipv4([1, 2], 132, &[0; 12]),
        ipv4([1, 2], 6, &[0; 19]),
        ipv4([1, 2], 6, &[0; 20]),
        vec![0x45, 0, 0],
        vec![0x10, 0, 0],
        vec![],
    ];
    let raw = packets.iter().fold(Pcap::new(101), |pcap, packet| pcap.packet(packet));
    let (lines, summary) = heard_of(&raw.0);
    assert!(lines.is_empty());
    let expected =
        SkippedPackets { quic: 2, dtls: 3, udp: 1, icmp: 2, fragments: 0, other_ip: 1, not_ip: 2, broken: 3 };
    assert_eq!(summary.skipped, expected);
    assert_eq!((summary.packets, summary.skipped.total()), (14, 14));

    let arp = [&[2; 12][..], &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &[0; 20]].concat();
    let (_, summary) = heard_of(&Pcap::new(1).packet(&arp).packet(&[2; 13]).0);
    assert_eq!(summary.skipped.not_ip, 2);
}
