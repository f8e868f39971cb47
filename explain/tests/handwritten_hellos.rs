//! ClientHellos written by hand on a microcontroller, and the ServerHello that answered them: the findings and
//! the description of each byte.

use handclasp_explain::{
    Cause, Confidence, Party, Severity,
    dissection::{Dissection, dissect, dissect_hex},
};

fn vector(name: &str) -> Dissection {
    let path = format!("{}/tests/vectors/{name}.hex", env!("CARGO_MANIFEST_DIR"));
    dissect_hex(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn ids(explanation: &Dissection, severity: Severity) -> Vec<&'static str> {
    let of = explanation.findings.iter().filter(|finding| finding.severity == severity);
    of.map(|finding| finding.cause.id()).collect()
}

const LACKING: [&str; 3] = ["hello.no-supported-groups", "hello.no-signature-algorithms", "sni.missing"];

#[test]
fn the_first_41_bytes() {
    let found = vector("blog1");
    assert_eq!(found.bytes.len(), 41);
    assert_eq!(
        ids(&found, Severity::Failure),
        [
            "hello.malformed.record-header",
            "hello.malformed.session-id",
            "hello.malformed.cipher-suites",
            "hello.malformed.compression-methods",
        ]
    );
    assert_eq!(ids(&found, Severity::Advice), LACKING);
    let failures = || found.findings.iter().filter(|finding| finding.severity == Severity::Failure);
    assert!(
        failures().all(|finding| finding.confidence == Confidence::Proved && finding.side == Party::Client)
    );
    let places: Vec<usize> = failures().map(|finding| finding.range.clone().unwrap().start).collect();
    assert_eq!(places, [0, 38, 38, 40]);
    let repaired = found.repaired.as_ref().unwrap();
    assert_eq!(repaired.len(), 50);
    assert_eq!(repaired[..11], [0x16, 3, 1, 0, 0x2d, 1, 0, 0, 0x29, 3, 3]);
    assert_eq!(repaired[43..], [0, 0, 2, 0xc0, 0x2f, 1, 0]);
    let text = found.to_string();
    assert!(text.contains(
        "The record header is missing: the bytes begin with the handshake header of client_hello at offset 0."
    ));
    assert!(text.contains("Repaired, 50 bytes (verified: decodes completely)"));
}

#[test]
fn the_second_46_bytes() {
    let found = vector("blog2");
    assert_eq!(found.bytes.len(), 46);
    assert_eq!(
        ids(&found, Severity::Failure),
        [
            "hello.malformed.session-id",
            "hello.malformed.cipher-suites",
            "hello.malformed.compression-methods"
        ]
    );
    assert_eq!(ids(&found, Severity::Advice), LACKING);
    let text = found.to_string();
    for words in [
        "  43  c0                              legacy_session_id length: 192 bytes",
        "The length of legacy_session_id is missing at offset 43: the byte c0 there is read as the length \
         192, but at most 32 are permitted.",
        "c0 2f is the cipher suite TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "fix: insert 00 at offset 43: an empty legacy_session_id",
        "The length of cipher_suites is missing at offset 43: the bytes c0 2f there are read as the length 49199.",
        "fix: insert 00 02 at offset 43: 2 bytes of suites",
        "The length of legacy_compression_methods is missing at offset 45",
        "fix: insert 01 at offset 45: one method, 00 (null)",
        "RFC 5246 §7.4.1.4.1 then assumes SHA-1",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    // The repaired hello is the one of the case where all lengths are there.
    let complete = vector("blog2-sidlen-suitelen-complen");
    assert_eq!(found.repaired.as_deref(), Some(&complete.bytes[..]));
}

#[test]
fn the_same_with_one_length_after_the_other() {
    let complete = vector("blog2-sidlen-suitelen-complen");
    assert_eq!(ids(&complete, Severity::Failure), [""; 0]);
    assert_eq!(ids(&complete, Severity::Advice), LACKING);
    assert_eq!(complete.repaired, None);
    for (name, failures, offsets) in [
        (
            "blog2-sidlen",
            vec!["hello.malformed.cipher-suites", "hello.malformed.compression-methods"],
            vec![44, 46],
        ),
        ("blog2-sidlen-suitelen", vec!["hello.malformed.compression-methods"], vec![48]),
    ] {
        let found = vector(name);
        assert_eq!(ids(&found, Severity::Failure), failures);
        let places =
            found.findings.iter().take(failures.len()).map(|finding| finding.range.clone().unwrap().start);
        assert_eq!(places.collect::<Vec<_>>(), offsets);
        assert_eq!(found.repaired.as_deref(), Some(&complete.bytes[..]));
    }
}

#[test]
fn lengths_that_count_the_header() {
    let found = vector("blog2-length-incl-header");
    assert_eq!(ids(&found, Severity::Failure)[0], "hello.malformed.record-length");
    let first = &found.findings[0];
    assert_eq!((first.confidence, first.range.clone()), (Confidence::Proved, Some(3..5)));
    assert!(first.summary.starts_with(
        "The record length at offset 3 is 45, but 41 bytes follow: it wrongly includes the four-byte"
    ));
    assert!(first.summary.ends_with("A server waits for the rest and does not respond."));
    assert_eq!(found.repaired.as_deref(), Some(&vector("blog2-sidlen-suitelen-complen").bytes[..]));
}

#[test]
fn the_server_hello_with_an_empty_server_name() {
    let found = vector("server-hello-empty-server-name");
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    let text = found.to_string();
    for words in [
        "acknowledgement: the server used the name that the client sent; this extension is always empty \
         here (RFC 6066 §3)",
        "SHA256 derives the keys; it is unrelated to the hash in the certificate's signature",
        "ends in DOWNGRD 01: the server supports TLS 1.3 and negotiates TLS 1.2",
        "These bytes are well formed.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn good_hellos_raise_no_alarm() {
    assert!(vector("correct").findings.is_empty());
    let found = vector("vectors-sni");
    assert_eq!(ids(&found, Severity::Failure), [""; 0]);
    assert_eq!(ids(&found, Severity::Advice), LACKING[..2]);
    assert!(vector("server-flight12").findings.is_empty());
}

#[test]
fn an_alert_makes_advice_the_cause() {
    let found = vector("refused");
    assert_eq!(ids(&found, Severity::Failure), LACKING[..2]);
    assert!(
        found.findings.iter().take(2).all(|one| one.confidence == Confidence::Possible),
        "either may be it"
    );
    let says = |line: &String| line.ends_with("the alert handshake_failure (40)");
    assert!(found.findings[0].evidence.iter().any(says), "{:?}", found.findings[0].evidence);
    assert_eq!(ids(&found, Severity::Advice), LACKING[2..]);
}

#[test]
fn a_correct_hello_without_its_record_header() {
    let correct = vector("correct").bytes;
    let found = dissect(&correct[5..]);
    assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.record-header"]);
    assert_eq!(found.findings[0].cause, Cause::HelloMalformedRecordHeader);
    let repaired = found.repaired.unwrap();
    assert_eq!(repaired[..3], [0x16, 3, 1]);
    assert_eq!(repaired[3..], correct[3..]);
}

/// Where the length of extensions stands in the correct hello.
const EXTENSIONS: usize = 50;

#[test]
fn extensions_without_or_with_a_wrong_length() {
    let correct = vector("correct").bytes;
    let mut missing = correct.clone();
    missing.drain(EXTENSIONS..EXTENSIONS + 2);
    (missing[4], missing[8]) = (missing[4] - 2, missing[8] - 2);
    let found = dissect(&missing);
    assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.extensions"]);
    assert_eq!(found.findings[0].fix[0].text, "insert 00 37 at offset 50: 55 bytes of extensions");
    assert_eq!(found.repaired.as_deref(), Some(&correct[..]));

    let mut wrong = correct.clone();
    wrong[EXTENSIONS + 1] += 2;
    let found = dissect(&wrong);
    assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.extensions"]);
    assert_eq!(
        found.findings[0].summary,
        "The length of extensions at offset 50 is 57, but 55 bytes of extensions follow."
    );
    assert_eq!(found.repaired.as_deref(), Some(&correct[..]));
}

#[test]
fn a_length_inside_an_extension() {
    let correct = vector("correct").bytes;
    // The list of server_name counts itself.
    let mut wrong = correct.clone();
    wrong[57] += 2;
    let found = dissect(&wrong);
    assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.extensions"]);
    assert_eq!(found.findings[0].fix[0].text, "write 12 as the length of server_name_list at offset 56");
    assert_eq!(found.repaired.as_deref(), Some(&correct[..]));
}

#[test]
fn a_handshake_length_that_lies() {
    let correct = vector("correct").bytes;
    for (off, says) in
        [(4, "it wrongly includes the four-byte"), (5, "it wrongly includes the five-byte"), (1, "")]
    {
        let mut wrong = correct.clone();
        wrong[8] += off;
        let found = dissect(&wrong);
        assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.handshake-length"]);
        assert!(found.findings[0].summary.contains(says));
        assert_eq!(found.repaired.as_deref(), Some(&correct[..]));
    }
    let mut short = correct.clone();
    short[8] -= 4;
    let found = dissect(&short);
    assert_eq!(ids(&found, Severity::Failure)[0], "hello.malformed.handshake-length");
    assert_eq!(found.repaired.as_deref(), Some(&correct[..]));
}

#[test]
fn a_record_length_that_is_too_small() {
    let correct = vector("correct").bytes;
    let mut wrong = correct.clone();
    wrong[4] -= 4;
    let found = dissect(&wrong);
    assert_eq!(ids(&found, Severity::Failure), ["hello.malformed.record-length"]);
    assert_eq!(found.repaired.as_deref(), Some(&correct[..]));
}
