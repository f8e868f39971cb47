//! Bytes that are not in the capture.

use super::*;

#[test]
fn a_gap_is_told_once_the_other_end_has_what_is_missing() {
    let mut segments = vec![c("A", 6, 1, "world"), s("A", 1, 11, "")];
    segments.extend(std::iter::repeat_n(s("A", 1, 11, ""), 8));
    segments.push(c("A", 11, 1, "!"));
    let lines = after_opening(segments);
    assert_eq!(lines, ["C#13 gap 5", "C#4 \"world\"", "S#13 acknowledged", "C#14 \"!\""]);
}

#[test]
fn time_makes_a_gap_too() {
    let opening = opening().iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet()));
    let pcap = opening.packet(&s("A", 1, 6, "").packet()).time(500).packet(&s("A", 1, 6, "hi").packet());
    let lines = only(heard_of(&pcap.0).0);
    assert_eq!(lines[2..], ["C#5 gap 5", "S#5 acknowledged", "S#5 \"hi\""]);
}

#[test]
fn at_the_end_what_waits_is_told() {
    let lines = after_opening([c("A", 6, 1, "world"), c("FA", 15, 1, "")]);
    assert_eq!(lines, ["C#4 gap 5", "C#4 \"world\"", "C#5 gap 4", "C#5 fin"]);
    let lines = after_opening([c("A", 6, 1, "world"), c("RA", 11, 1, "")]);
    assert_eq!(lines, ["C#4 gap 5", "C#4 \"world\"", "C#5 reset"], "a reset at once");
    let lines = after_opening([s("A", 1, 6, "")]);
    assert_eq!(lines, ["C#4 gap 5"], "nothing of it was captured");
    let lines = after_opening([c("A", 1, 1, "a"), s("A", 1, 3, "")]);
    assert_eq!(lines, ["C#4 \"a\"", "S#5 acknowledged"], "this may have been a FIN");
}

#[test]
fn a_fin_waits_for_the_bytes_before_it() {
    let mut segments = vec![c("FA", 6, 1, ""), s("A", 1, 1, "")];
    segments.push(c("A", 1, 1, "hello"));
    assert_eq!(after_opening(segments), ["C#6 \"hello\"", "C#4 fin"]);
}

#[test]
fn packets_that_were_cut_by_the_snapshot_length() {
    let pcap = opening().iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet()));
    let pcap = pcap.cut(&c("A", 1, 1, "hello").packet(), 42).cut(&c("A", 6, 1, "world").packet(), 40);
    let pcap = pcap.packet(&c("A", 11, 1, "!").packet());
    let lines = only(heard_of(&pcap.0).0);
    assert_eq!(lines[2..], ["C#4 \"he\"", "C#4 gap 3", "C#5 gap 5", "C#6 \"!\""]);
}

#[test]
fn a_length_of_zero_is_that_of_the_packet() {
    let pcap = opening().iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet()));
    let without_length = |segment: Tcp| {
        let mut packet = segment.packet();
        packet[2..4].fill(0);
        packet
    };
    let pcap = pcap.packet(&without_length(c("A", 1, 1, "hello")));
    let pcap = pcap.cut(&without_length(c("A", 6, 1, "world")), 42);
    assert_eq!(only(heard_of(&pcap.0).0)[2..], ["C#4 \"hello\"", "C#5 \"wo\"", "C#5 gap 3"]);
}

#[test]
fn too_much_that_waits_is_a_gap() {
    let block = vec![b'x'; 1000];
    let blocks = (0..300).map(|index| c("A", 2 + index * 1000, 1, &block));
    let lines = after_opening(blocks);
    let first = lines.first().unwrap();
    assert!(first.ends_with("gap 1"), "{first}");
    assert_eq!(lines.len(), 301);
}

#[test]
fn numbers_from_somewhere_else_are_nobodys() {
    let lines = after_opening([
        c("A", 1, 1, "a"),
        c("A", 0x4000_0000, 1, "far ahead"),
        c("A", 0xc000_0000, 1, "far behind"),
        s("A", 1, 0x4000_0000, ""),
        s("R", 0x4000_0000, 0, ""),
        c("FA", 0x4000_0000, 1, ""),
        s("A", 1, 2, ""),
    ]);
    assert_eq!(lines, ["C#4 \"a\"", "S#10 acknowledged"]);
}

#[test]
fn the_answer_to_the_syn_is_missing() {
    let lines = heard(&[c("S", 0, 0, ""), c("A", 1, 1, ""), s("A", 4, 1, "def"), s("A", 1, 1, "abc")]);
    assert_eq!(lines, ["C#1 syn", "S#4 \"abc\"", "S#3 \"def\""]);
}
