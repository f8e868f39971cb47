//! What is shown of whole captures, as text, JSON and a page: the verdict first, nothing of a
//! peer's becomes markup or moves a cursor, and damaged captures have an answer too.

use handclasp_explain::{
    Error, Evidence, Explainer, Explanation,
    evidence::TypedSecret,
    render::{self, Options, Palette},
};

fn capture(name: &str) -> Vec<u8> {
    let path = format!("{}/../vectors/handshakes/corpus/{name}.pcapng", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).unwrap()
}

fn psk() -> Evidence {
    let mut evidence = Evidence::default();
    evidence.psks.push(TypedSecret::new("abc123"));
    evidence
}

fn explain(bytes: &[u8], evidence: &Evidence) -> Result<Explanation, Error> {
    Explainer::new(evidence).explain_bytes(bytes)
}

fn explained(bytes: &[u8], evidence: &Evidence) -> Explanation {
    explain(bytes, evidence).unwrap()
}

fn options() -> Options {
    let mut options = Options::default();
    options.file = "x.pcap".to_owned();
    options
}

/// Everything that can be shown, if the file can be read.
fn all(bytes: &[u8], evidence: &Evidence) -> Vec<String> {
    let Ok(explained) = explain(bytes, evidence) else { return Vec::new() };
    let mut teach = options();
    (teach.teach, teach.palette, teach.width) = (true, Palette::Ansi, 60);
    vec![
        render::text(&explained, &options()),
        render::text(&explained, &teach),
        render::json(&explained),
        render::html(&explained, &options()),
    ]
}

#[test]
fn the_verdict_stands_first() {
    let (bytes, evidence) = (capture("psk-hex-vs-ascii"), psk());
    let explained = explained(&bytes, &evidence);
    let text = render::text(&explained, &options());
    let mut lines = text.lines();
    assert!(lines.next().unwrap().contains("key"), "{text}");
    assert!(text.contains("616263313233") && text.contains("[psk.value.encoding] proved"), "{text}");
    for part in ["Evidence", "What happened", "frame", "finished*", "alert bad_record_mac (20)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (verdict, ladder) = (text.find("psk.value.encoding").unwrap(), text.find("What happened").unwrap());
    assert!(verdict < ladder);
    assert!(text.contains("Not the cause") && text.contains("encrypt_then_mac"), "{text}");
    assert!(!text.contains("For a more certain answer"), "it is proved: {text}");
}

#[test]
fn what_would_tell_more_is_a_command() {
    let (bytes, evidence) = (capture("psk-hex-vs-ascii"), Evidence::default());
    let text = render::text(&explained(&bytes, &evidence), &options());
    assert!(text.contains("handclasp explain x.pcap --psk @FILE"), "{text}");
}

#[test]
fn lines_keep_to_the_width() {
    for (name, width) in [("psk-hex-vs-ascii", 80), ("mqtt-client-cert-wrong-ca", 100)] {
        let evidence = Evidence::default();
        let mut options = options();
        (options.width, options.teach) = (width, true);
        let text = render::text(&explained(&capture(name), &evidence), &options);
        // Commands, names and tables are not broken.
        let broken = |line: &&str| !line.contains("handclasp explain ") && !line.starts_with("      ");
        for line in text.lines().filter(broken) {
            assert!(line.chars().count() <= width, "{name}: {line}");
        }
    }
}

#[test]
fn scripts_find_the_best_first() {
    let (bytes, evidence) = (capture("psk-hex-vs-ascii"), psk());
    let json: serde_json::Value = serde_json::from_str(&render::json(&explained(&bytes, &evidence))).unwrap();
    let first = &json["findings"][0];
    assert_eq!(
        (first["cause"].as_str(), first["grade"].as_str()),
        (Some("psk.value.encoding"), Some("proved"))
    );
    assert_eq!((first["severity"].as_str(), first["conversation"].as_u64()), (Some("failure"), Some(1)));
    let told = &json["conversations"][0];
    assert_eq!(told["version"], "TLS 1.2");
    assert_eq!(
        (told["ending"]["how"].as_str(), told["ending"]["by"].as_str()),
        (Some("refused"), Some("server"))
    );
    assert!(told["started"].as_str().unwrap().starts_with("2026-11-20T"), "{told}");
    let messages = told["messages"].as_array().unwrap();
    let finished = messages.iter().find(|message| message["name"] == "finished").unwrap();
    assert_eq!((finished["protected"].as_bool(), finished["from"].as_str()), (Some(true), Some("client")));
}

#[test]
fn several_conversations_stand_in_a_table() {
    let evidence = Evidence::default();
    let told = explained(&capture("mbed-callocdirty-openssl-all"), &evidence);
    let text = render::text(&told, &options());
    assert!(text.contains("3 conversations"), "{text}");
    let mut third = options();
    third.conversation = Some(3);
    assert_ne!(render::text(&told, &third), text);
}

#[test]
fn a_handshake_that_completes_has_no_failure() {
    let evidence = Evidence::default();
    let told = explained(&capture("mqtt-ok"), &evidence);
    assert!(!told.failed());
    let text = render::text(&told, &options());
    assert!(text.starts_with("Nothing failed"), "{text}");
    assert!(!text.contains("Not the cause"), "{text}");
}

#[test]
fn the_page_needs_nothing_else() {
    let page = render::html(&explained(&capture("psk-hex-vs-ascii"), &psk()), &options());
    for foreign in ["<script", "http:", "https:", "<link", "@import", "url(", "<img"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("<svg") && page.contains("<details>") && page.contains("prefers-color-scheme"));
    let count = |tag: &str| page.matches(tag).count();
    for tag in ["section", "table", "tr", "td", "ul", "li", "details", "svg", "text", "article", "div"] {
        let opened = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
        assert_eq!(opened, count(&format!("</{tag}>")), "{tag}");
    }
}

#[test]
fn the_page_holds_no_key() {
    let explained = explained(&capture("psk-hex-vs-ascii"), &psk());
    assert!(render::text(&explained, &options()).contains("616263313233"));
    let page = render::html(&explained, &options());
    assert!(page.contains("the hex that the terminal shows"), "{page}");
    assert!(!page.contains("616263313233") && !page.contains("abc123"), "{page}");
}

#[test]
fn both_ends_are_compared() {
    let evidence = Evidence::default();
    let bytes = capture("hsm-ok-java-tls12");
    let same = explained(&bytes, &evidence).with_other_end(explained(&bytes, &evidence));
    assert!(!same.failed());
    // One bit of the client's random, in the second capture alone.
    let client_hello = bytes.windows(3).position(|found| found == [0x16, 3, 1]).unwrap();
    let mut changed = bytes.clone();
    changed[client_hello + 20] ^= 1;
    let told = explained(&bytes, &evidence).with_other_end(explained(&changed, &evidence));
    let first = told.findings()[0];
    assert_eq!((first.cause.id(), first.confidence.id()), ("tamper.in-flight", "proved"));
    assert!(first.evidence[0].contains("one bit differs"), "{first:?}");
}

#[test]
fn damaged_captures_have_an_answer() {
    for (name, evidence) in [("psk-hex-vs-ascii", psk()), ("tls-to-http", Evidence::default())] {
        let bytes = capture(name);
        for end in (0..bytes.len()).step_by(13) {
            all(&bytes[..end], &evidence);
        }
        for position in (28..bytes.len()).step_by(41) {
            for value in [0, 0x16, 0xff] {
                let mut changed = bytes.clone();
                changed[position] = value;
                for text in all(&changed, &evidence) {
                    let plain = |found: char| found == '\n' || found == '\u{1b}' || !found.is_control();
                    assert!(text.chars().all(plain), "{name} {position}");
                }
            }
        }
    }
}

#[test]
fn what_steers_a_terminal_is_escaped_everywhere() {
    let name = "\u{1b}]0;x\u{7}\u{9b}31m\u{202e}evil\u{200b}\r\n";
    let mut extensions = Vec::new();
    let length = |count: usize| u16::try_from(count).unwrap().to_be_bytes();
    for (number, before) in [(0_u16, vec![0]), (16, Vec::new())] {
        let mut entry = before;
        match number {
            0 => entry.extend(length(name.len())),
            _ => entry.push(u8::try_from(name.len()).unwrap()),
        }
        entry.extend(name.as_bytes());
        extensions.extend(number.to_be_bytes());
        extensions.extend(length(entry.len() + 2));
        extensions.extend(length(entry.len()));
        extensions.extend(entry);
    }
    let mut body = [&[3, 3][..], &[0x5a; 32], &[0, 0, 2, 0xc0, 0x2b, 1, 0]].concat();
    body.extend(length(extensions.len()));
    body.extend(extensions);
    let message = [&[1, 0][..], &length(body.len()), &body].concat();
    let hello = [&[22, 3, 3][..], &length(message.len()), &message].concat();
    for alert in [112, 120] {
        let bytes = [&hello[..], &[21, 3, 3, 0, 2, 2, alert]].concat();
        let explained = explained(&bytes, &Evidence::default());
        let shown = [
            render::text(&explained, &options()),
            render::json(&explained),
            render::html(&explained, &options()),
        ];
        for text in shown {
            let steers = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{200b}".contains(c);
            let found: Vec<char> = text.chars().filter(|c| steers(*c)).collect();
            assert!(found.is_empty(), "{alert}: {found:?}");
        }
        let json: serde_json::Value = serde_json::from_str(&render::json(&explained)).unwrap();
        assert_eq!(json["conversations"][0]["sni"], name);
    }
}
