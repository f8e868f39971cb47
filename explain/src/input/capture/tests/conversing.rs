//! Assignment of packets to connections: ends, beginnings, reuse of ports, late packets.

use super::*;

#[test]
fn a_whole_conversation() {
    let lines = after_opening([
        c("A", 1, 1, "hello"),
        s("A", 1, 6, ""),
        s("A", 1, 6, "hi"),
        s("A", 3, 6, "!"),
        c("A", 6, 4, ""),
        c("FA", 6, 4, ""),
        s("FA", 4, 7, ""),
        c("A", 7, 5, ""),
    ]);
    assert_eq!(
        lines,
        [
            "C#4 \"hello\"",
            "S#5 acknowledged",
            "S#6 \"hi\"",
            "S#7 \"!\"",
            "C#8 acknowledged",
            "C#9 fin",
            "S#10 fin"
        ]
    );
}

#[test]
fn refused() {
    assert_eq!(
        heard(&[c("S", 0, 0, ""), s("RA", 0, 1, "").initial(CLIENT_ISN, 0)]),
        ["C#1 syn", "S#2 reset"]
    );
    let again = heard(&[c("S", 0, 0, ""), c("S", 0, 0, ""), c("S", 0, 0, "")]);
    assert_eq!(again, ["C#1 syn"], "nobody answers");
}

#[test]
fn every_packet_twice() {
    let once = opened([
        c("A", 1, 1, "hello"),
        s("A", 1, 6, "hi"),
        c("FA", 6, 3, ""),
        s("FA", 3, 7, ""),
        c("A", 7, 4, ""),
    ]);
    let twice: Vec<Tcp> = once.iter().flat_map(|segment| [segment.clone(), segment.clone()]).collect();
    let without_frames = |segments: &[Tcp]| {
        let lines = heard(segments).into_iter().map(|line| {
            let (side, what) = line.split_once('#').unwrap();
            format!("{side} {}", what.split_once(' ').unwrap().1)
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(without_frames(&twice), without_frames(&once));
}

#[test]
fn late_packets_belong_to_what_closed() {
    let lines = after_opening([
        c("A", 1, 1, "hello"),
        s("FA", 1, 6, ""),
        c("FA", 6, 2, ""),
        s("A", 2, 7, ""),
        c("A", 7, 2, "nothing comes behind a FIN"),
        s("R", 2, 0, ""),
    ]);
    assert_eq!(lines, ["C#4 \"hello\"", "S#5 acknowledged", "S#5 fin", "C#6 fin", "S#9 reset"]);

    let lines = after_opening([s("FA", 1, 1, ""), c("A", 1, 2, "alert"), s("R", 2, 0, ""), s("R", 2, 0, "")]);
    assert_eq!(lines, ["S#4 fin", "C#5 \"alert\"", "S#6 reset"]);

    let lines = after_opening([s("RA", 1, 1, ""), c("A", 1, 1, "alert"), c("RA", 6, 1, "")]);
    assert_eq!(lines, ["S#4 reset", "C#5 \"alert\"", "C#6 reset"]);
}

#[test]
fn ports_are_used_again() {
    let again = |segment: Tcp| segment.initial(70_000_000, 80_000_000);
    let mut segments = opened([c("A", 1, 1, "one"), s("FA", 1, 4, ""), c("FA", 4, 2, ""), s("A", 2, 5, "")]);
    // The server still knows the old connection: it answers with its numbers, which the client resets.
    segments.extend([again(c("S", 0, 0, "")), s("A", 2, 5, ""), c("R", 5, 0, ""), again(c("S", 0, 0, ""))]);
    segments.extend([again(s("SA", 0, 1, "")), again(c("A", 1, 1, "two")), again(s("RA", 1, 4, ""))]);
    let (lines, summary) = heard_of(&capture(&segments));
    assert_eq!(summary.flows, 2);
    let second = lines.iter().position(|line| line.starts_with("1 ")).unwrap();
    assert_eq!(lines[second - 1], "0 end");
    assert_eq!(
        lines[second..],
        [
            "1 10.0.0.1:50000 10.0.0.2:443",
            "1 C#8 syn",
            "1 S#12 synack",
            "1 C#13 \"two\"",
            "1 S#14 acknowledged",
            "1 S#14 reset",
            "1 end"
        ]
    );
}

#[test]
fn ports_are_used_again_without_a_syn_in_the_capture() {
    let again = |segment: Tcp| segment.initial(70_000_000, 80_000_000);
    let mut segments = opened([c("A", 1, 1, "one"), s("RA", 1, 4, "")]);
    segments.push(again(c("A", 1, 1, "\x16\x03\x01\x01\x00\x01")));
    segments.push(again(s("A", 1, 7, "two")));
    let (lines, _) = heard_of(&capture(&segments));
    let second = lines.iter().position(|line| line.starts_with("1 ")).unwrap();
    assert_eq!(lines[second..][0], "1 10.0.0.1:50000 10.0.0.2:443");
    assert_eq!(lines[second..][3], "1 S#7 \"two\"");
}

#[test]
fn the_client_is_who_sent_the_syn_or_the_hello() {
    let hello = "\x16\x03\x01\x01\x00\x01";
    let server_hello = "\x16\x03\x03\x01\x00\x02";
    let first = |segments: &[Tcp]| heard_of(&capture(segments)).0.remove(0);
    let high = "0 10.0.0.2:443 10.0.0.1:50000";
    assert_eq!(first(&[s("S", 0, 0, "")]), high, "whatever the ports");
    assert_eq!(first(&[c("SA", 0, 1, "")]), high, "who answers the SYN is the server");
    assert_eq!(first(&[s("A", 1, 1, ""), s("A", 1, 1, hello)]), high, "this is where TLS begins");
    assert_eq!(first(&[c("A", 1, 1, server_hello)]), "0 10.0.0.2:443 10.0.0.1:50000 late");
    assert_eq!(first(&[c("A", 1, 1, "?")]), "0 10.0.0.1:50000 10.0.0.2:443 late");
    assert_eq!(first(&[s("A", 1, 1, "?")]), "0 10.0.0.1:50000 10.0.0.2:443 late");
}

#[test]
fn without_bytes_and_beginning_there_is_no_conversation() {
    let (lines, summary) = heard_of(&capture(&[
        c("A", 1, 1, ""),
        s("FA", 1, 1, ""),
        c("FA", 1, 2, ""),
        s("R", 2, 0, "").ports(50001, 443),
    ]));
    assert_eq!((lines.len(), summary.flows, summary.packets), (0, 0, 4));
    // But when bytes come after all, nothing is forgotten.
    let (lines, _) = heard_of(&capture(&[c("A", 1, 1, ""), s("FA", 1, 1, ""), c("A", 1, 2, "?")]));
    assert_eq!(lines[1..3], ["0 S#2 fin", "0 C#3 \"?\""]);
}

#[test]
fn conversations_between_others_do_not_disturb() {
    let other = |segment: Tcp| segment.ports(50001, 443);
    let (lines, _) = heard_of(&capture(&[
        c("S", 0, 0, ""),
        other(c("S", 0, 0, "")),
        s("SA", 0, 1, ""),
        other(s("SA", 0, 1, "")),
        other(c("A", 1, 1, "b")),
        c("A", 1, 1, "a"),
    ]));
    assert_eq!(lines[4..], ["0 S#3 synack", "1 S#4 synack", "1 C#5 \"b\"", "0 C#6 \"a\"", "0 end", "1 end"]);
}

#[test]
fn closed_ones_end_after_a_minute() {
    let first = opened([s("RA", 1, 1, "")]);
    let file = first.iter().fold(Pcap::new(101), |pcap, segment| pcap.packet(&segment.packet()));
    let file = file.time(61_000).packet(&c("S", 0, 0, "").ports(50001, 443).packet());
    let (lines, _) = heard_of(&file.0);
    assert_eq!(lines[4..7], ["0 end", "1 10.0.0.1:50001 10.0.0.2:443", "1 C#5 syn"]);
}

#[test]
fn the_longest_idle_makes_room() {
    let mut segments: Vec<Tcp> = (0..4096).map(|port| c("S", 0, 0, "").ports(10_000 + port, 443)).collect();
    segments.push(c("S", 0, 0, "").ports(10_000, 443));
    segments.push(c("S", 0, 0, ""));
    let (lines, summary) = heard_of(&capture(&segments));
    assert_eq!(summary.flows, 4097);
    let first = lines.iter().find(|line| line.ends_with("end"));
    assert_eq!(first.map(String::as_str), Some("1 end"), "number 0 was heard of again");
}
