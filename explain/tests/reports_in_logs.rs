//! Reports that a device printed into its serial log are read out of it: several, among other lines,
//! with lines that are damaged.

use std::{fs, path::Path};

use handclasp_explain::{Error, Explanation, explain_bytes, render};
use handclasp_report::Report;

/// A stored report as lines of text.
fn lines(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/reports");
    let report = Report::decode(&fs::read(folder.join(format!("{name}.v2.bin"))).unwrap()).unwrap();
    let mut text = String::new();
    report.write_lines(&mut text).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The lines as a board prints them, with a time, a colour and words of others between them.
fn printed(lines: &[String]) -> String {
    let other = "\u{1b}[0;32mI (4512) tcp: retransmission 2 of 16 03 01\u{1b}[0m\r\n";
    lines.iter().map(|line| format!("\u{1b}[0;31mE (4511) tls: {line}\u{1b}[0m\r\n{other}")).collect()
}

fn causes(explanation: &Explanation) -> Vec<&str> {
    explanation.findings().iter().map(|finding| finding.cause.id()).collect()
}

#[test]
fn one_report_is_explained_as_the_file_would_be() {
    let log =
        format!("boot\r\nssl: starting\r\n{}heap: 41216 free\r\n", printed(&lines("psk12wrong-server")));
    let explanation = explain_bytes(log.as_bytes()).unwrap();
    assert_eq!(causes(&explanation), ["psk.value.differs"]);
    assert_eq!(explanation.reports[0].line, Some(3));
    assert!(!explanation.is_without_tls());
    let text = explanation.to_string();
    assert!(!text.contains("Reports in this log"), "{text}");
}

#[test]
fn a_log_with_bytes_that_are_not_text() {
    let mut log = vec![0, 0xff, 0xfe, 0x80, 0, 7, b'\n'];
    log.extend(printed(&lines("alpn-client")).as_bytes());
    assert_eq!(causes(&explain_bytes(&log).unwrap()), ["alpn.none-in-common"]);
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(printed(&lines("alpn-client")).encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(causes(&explain_bytes(&wide).unwrap()), ["alpn.none-in-common"]);
}

#[test]
fn every_report_of_a_log_is_listed_with_its_line() {
    let (first, second, third) = (lines("ok12-server"), lines("suite-server"), lines("http-server"));
    let log = printed(&[first.clone(), second.clone(), third].concat());
    let explanation = explain_bytes(log.as_bytes()).unwrap();
    let at = [1, 2 * first.len() + 1, 2 * (first.len() + second.len()) + 1];
    assert_eq!(explanation.reports.iter().map(|report| report.line.unwrap()).collect::<Vec<_>>(), at);
    assert_eq!(causes(&explanation)[..2], ["suite.none-in-common", "transport.not-tls.http"]);
    let mut options = render::Options::default();
    options.width = 400;
    let text = render::text(&explanation, &options);
    for expected in [
        "Reports in this log".to_owned(),
        "line 1: report of the server: the handshake completed".to_owned(),
        format!("line {}: report of the server: [suite.none-in-common] ", at[1]),
        format!("line {}: report of the server: [transport.not-tls.http] ", at[2]),
    ] {
        assert!(text.contains(&expected), "{expected:?} is not in\n{text}");
        assert!(render::html(&explanation, &options).contains(&expected), "{expected:?}");
    }
    let json: serde_json::Value = serde_json::from_str(&render::json(&explanation)).unwrap();
    assert_eq!(json["report_lines"], serde_json::json!(at));
    assert_eq!(json["damaged_lines"], serde_json::json!([]));
}

#[test]
fn damaged_lines_are_named_beside_the_reports_that_are_whole() {
    let (mut first, second) = (lines("pin-client"), lines("name-client"));
    let cut = first[2].len() / 2;
    first[2].truncate(cut);
    let log = [first.clone(), second].concat().join("\n");
    let explanation = explain_bytes(log.as_bytes()).unwrap();
    assert_eq!(causes(&explanation), ["cert.name-mismatch"]);
    assert_eq!(explanation.damaged_lines.len(), 1);
    assert_eq!((explanation.damaged_lines[0].line, explanation.damaged_lines[0].column), (3, 1));
    let text = explanation.to_string();
    assert!(text.contains("line 3, column 1: this line of a report is damaged or cut off"), "{text}");
    assert!(
        text.contains(&format!("line {}: report of the client: [cert.name-mismatch]", first.len() + 1)),
        "{text}"
    );
}

#[test]
fn a_log_without_a_whole_report_says_which_lines_are_damaged() {
    let all = lines("pin-client");
    for lost in 0..all.len() {
        let mut rest = all.clone();
        rest.remove(lost);
        let error = explain_bytes(printed(&rest).as_bytes()).unwrap_err();
        assert!(matches!(error, Error::ReportLines(_)), "{error}");
        let last = lost + 1 == all.len();
        let expected = match last {
            true => format!(
                "line 1, column 22: the report that begins here has {} lines, and only the first {lost} are in the log",
                all.len()
            ),
            false => format!(
                "line {}, column 22: line {} of the report is missing in front of this one",
                2 * lost + 1,
                lost + 1
            ),
        };
        assert_eq!(error.to_string(), format!("no report in this log is whole; {expected}"));
    }
}

#[test]
fn every_cut_and_every_damaged_character_is_said() {
    let whole = printed(&lines("http-server"));
    let mark = whole.find("handclasp-report").unwrap();
    let end = whole.find("\u{1b}[0m").unwrap();
    for cut in mark + "handclasp-report:v2:".len()..end {
        assert!(matches!(explain_bytes(&whole.as_bytes()[..cut]), Err(Error::ReportLines(_))), "at {cut}");
        let mut damaged = whole.clone().into_bytes();
        damaged[cut] = if damaged[cut] == b'Z' { b'Y' } else { b'Z' };
        assert!(matches!(explain_bytes(&damaged), Err(Error::ReportLines(_))), "at {cut}");
    }
}
