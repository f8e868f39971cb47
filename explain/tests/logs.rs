//! Logs of programs: messages of public reports with what was really wrong, and ordinary logs in which
//! nothing is.

use std::collections::BTreeSet;

use handclasp_explain::{Cause, CauseFamily, Confidence, explain_bytes};

const MESSAGES: &str = include_str!("vectors/log-messages.txt");
const FRESH: &str = include_str!("vectors/log-messages-fresh.txt");
const HEALTHY: &str = include_str!("vectors/log-healthy.txt");

/// A message of the tables.
struct Message {
    id: &'static str,
    side: &'static str,
    families: Vec<CauseFamily>,
    text: String,
}

fn messages(table: &'static str) -> Vec<Message> {
    let mut found: Vec<Message> = Vec::new();
    for line in table.lines().skip_while(|line| line.starts_with("# ")) {
        if let Some(head) = line.strip_prefix("== ") {
            let fields: Vec<&str> = head.split('|').map(str::trim).collect();
            found.push(Message {
                id: fields[0],
                side: fields[1],
                families: fields[2].split(',').map(family).collect(),
                text: String::new(),
            });
        } else if let Some(last) = found.last_mut() {
            last.text.push_str(line);
            last.text.push('\n');
        }
    }
    found
}

fn family(id: &str) -> CauseFamily {
    let known = Cause::ALL.iter().find(|cause| cause.id() == id.trim());
    known.unwrap_or_else(|| panic!("{id} is not a cause")).family()
}

/// What is wrong with what `explain` says of a message: `None` if the family of its first cause and the
/// side are right.
fn miss(message: &Message) -> Option<String> {
    let explanation = match explain_bytes(message.text.as_bytes()) {
        Ok(explanation) => explanation,
        Err(error) => return Some(error.to_string()),
    };
    let Some(first) = explanation.verdict() else { return Some("not understood".to_owned()) };
    let is_of = |side: &str| first.evidence.iter().any(|line| line.contains(&format!("of the {side}'s log")));
    if !message.families.contains(&first.cause.family()) {
        return Some(format!("{} is another family", first.cause.id()));
    }
    (message.side != "?" && !is_of(message.side)).then(|| "read as the log of the other side".to_owned())
}

/// Fails unless exactly the known messages are misread.
fn check(table: &'static str, at_least: usize, known: &[&str]) {
    let all = messages(table);
    let ids: BTreeSet<&str> = all.iter().map(|message| message.id).collect();
    assert_eq!(ids.len(), all.len(), "each id once");
    let missed: Vec<(&str, String)> =
        all.iter().filter_map(|message| Some((message.id, miss(message)?))).collect();
    let missed_ids: Vec<&str> = missed.iter().map(|(id, _)| *id).collect();
    assert_eq!(missed_ids, known, "{missed:#?}");
    assert!(all.len() - missed.len() >= at_least, "{} of {}", all.len() - missed.len(), all.len());
}

#[test]
fn messages_of_reports() {
    check(MESSAGES, 136, &[]);
}

#[test]
fn messages_collected_afterwards() {
    check(FRESH, 270, &["java-46"]);
}

#[test]
fn ordinary_logs_have_no_finding() {
    let lines: Vec<&str> = HEALTHY.lines().filter(|line| !line.starts_with("# ")).collect();
    assert!(lines.len() >= 40, "{}", lines.len());
    for line in lines.iter().copied().chain([HEALTHY]) {
        let found = explain_bytes(line.as_bytes());
        let first = found.as_ref().ok().and_then(|explanation| explanation.verdict());
        assert_eq!(first, None, "{line}");
    }
}

/// The first finding of a log: its cause and grade, and whether the log was read as a server's.
fn first(log: &str) -> Option<(&'static str, Confidence, bool)> {
    let explanation = explain_bytes(log.as_bytes()).ok()?;
    let first = explanation.verdict()?;
    let of_server = first.evidence.iter().any(|line| line.contains("of the server's log"));
    Some((first.cause.id(), first.confidence, of_server))
}

#[test]
fn a_line_that_may_be_of_something_else_is_possible_only() {
    for (line, cause) in [
        ("recv() failed (104: Connection reset by peer) while waiting for request", "transport.reset"),
        ("curl: (56) OpenSSL SSL_read: Connection reset by peer, errno 104", "transport.reset"),
        ("Error: read ECONNRESET", "transport.reset"),
        ("kernel: Out of memory: Killed process 1234 (java)", "local.memory"),
        ("p11-kit: C_GetSlotInfo: CKR_TOKEN_NOT_PRESENT", "local.token"),
        ("net/http: TLS handshake timeout", "transport.silent"),
        ("mbedtls_ssl_handshake returned -0x6800", "transport.silent"),
        ("Error: unable to verify the first certificate", "cert.missing-intermediate"),
        ("verify error:num=2:unable to get issuer certificate", "cert.missing-intermediate"),
        ("wolfSSL_connect err = -155", "cert.unknown-issuer"),
        ("gnutls_handshake() failed: The session or certificate has expired.", "cert.expired"),
        ("SSLHandshakeException: No appropriate protocol (protocol is disabled)", "version.none-in-common"),
    ] {
        assert_eq!(
            first(line).map(|(cause, grade, _)| (cause, grade)),
            Some((cause, Confidence::Possible)),
            "{line}"
        );
    }
    let during =
        first("curl: (35) OpenSSL SSL_connect: Connection reset by peer in connection to dev.example:443");
    assert_eq!(during, Some(("transport.reset", Confidence::Observed, false)));
}

#[test]
fn what_a_program_went_on_after_is_not_why_it_failed() {
    const ALERT: &str = "error:0A00045C:SSL routines::tlsv13 alert certificate required:SSL alert number 116";
    for before in [
        "CONNECTED(00000003)\nverify error:num=18:self-signed certificate\nverify return:1\n",
        "*  SSL certificate verify result: self-signed certificate (18), continuing anyway.\n",
        "* connect to ::1 port 8443 failed: Connection refused\n* Connected to localhost (127.0.0.1) port 8443\n",
    ] {
        let found = first(&format!("{before}{ALERT}\n"));
        assert_eq!(found, Some(("client-cert.missing", Confidence::Observed, false)), "{before}");
    }
}

#[test]
fn lines_of_an_openvpn_server_begin_with_the_address_of_the_client() {
    let line = "VERIFY ERROR: depth=0, error=certificate has expired: CN=client1, serial=12";
    let of_server = first(&format!("10.0.0.7:1194 {line}"));
    assert_eq!(of_server, Some(("client-cert.expired", Confidence::Observed, true)));
    let of_client = first(&format!("2024-05-01 10:00:00 {line}"));
    assert_eq!(of_client, Some(("cert.expired", Confidence::Observed, false)));
}
