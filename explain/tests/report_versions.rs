//! Reports of both encodings, each pair of the same two programs and settings: version 1 lists what was
//! offered and chosen, version 2 keeps the hellos. A reader learns at least as much from the later one.

use std::{fs, path::Path};

use handclasp_explain::{Error, Explanation, explain_bytes};

/// The files without `.v1.bin` and `.v2.bin`, and the first cause, which follows from how the two sides
/// were set up.
const REPORTS: &[(&str, Option<&str>)] = &[
    ("psk13wrong-client", Some("psk.value.encoding")),
    ("psk13wrong-server", Some("psk.value.differs")),
    ("psk12wrong-client", Some("psk.value.encoding")),
    ("psk12wrong-server", Some("psk.value.differs")),
    ("psk12unknown-server", Some("psk.identity.unknown")),
    ("version-client", Some("version.none-in-common")),
    ("version-server", Some("version.none-in-common")),
    ("suite-client", Some("suite.none-in-common")),
    ("suite-server", Some("suite.none-in-common")),
    ("group-client", Some("group.none-in-common")),
    ("group-server", Some("group.none-in-common")),
    ("alpn-client", Some("alpn.none-in-common")),
    ("alpn-server", Some("alpn.none-in-common")),
    ("name-client", Some("cert.name-mismatch")),
    ("pin-client", Some("pin.changed-key")),
    ("mtlsnone-client", Some("client-cert.missing")),
    ("mtlsnone-server", Some("client-cert.missing")),
    ("os-tls11-client", Some("version.none-in-common")),
    ("http-server", Some("transport.not-tls.http")),
    // These connections succeeded.
    ("hrr-client", None),
    ("hrr-server", None),
    ("ok13-client", None),
    ("ok12-server", None),
    ("os-c-group-server", None),
];

fn stored(name: &str, version: u8) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/reports");
    fs::read(folder.join(format!("{name}.v{version}.bin"))).unwrap()
}

fn cause(explanation: &Explanation) -> Option<&str> {
    explanation.verdict().map(|finding| finding.cause.id())
}

#[test]
fn every_stored_report_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/reports");
    assert_eq!(fs::read_dir(folder).unwrap().count(), REPORTS.len() * 2);
    for (name, _) in REPORTS {
        assert_eq!([1, 2].map(|version| stored(name, version)[1]), [1, 2], "{name}");
    }
}

#[test]
fn version_1_is_read() {
    for (name, expected) in REPORTS {
        assert_eq!(cause(&explain_bytes(&stored(name, 1)).unwrap()), *expected, "{name}");
    }
}

#[test]
fn version_2_says_the_same_and_shows_no_less() {
    for (name, _) in REPORTS {
        let [first, second] = [1, 2].map(|version| explain_bytes(&stored(name, version)).unwrap());
        let (first, second) = (first.findings(), second.findings());
        assert_eq!(first.len(), second.len(), "{name}");
        for (first, second) in first.into_iter().zip(second) {
            assert_eq!(first.cause, second.cause, "{name}");
            assert_eq!(first.confidence, second.confidence, "{name}");
            assert_eq!(first.side, second.side, "{name}");
            assert_eq!(first.summary, second.summary, "{name}");
            assert_eq!(first.fix, second.fix, "{name}");
            for line in &first.evidence {
                assert!(
                    second.evidence.contains(line),
                    "{name}: {line:?} is not among {:?}",
                    second.evidence
                );
            }
        }
    }
}

#[test]
fn a_report_that_was_cut_names_the_place() {
    for (name, _) in REPORTS {
        let whole = stored(name, 2);
        for end in 2..whole.len() {
            let error = explain_bytes(&whole[..end]).unwrap_err();
            assert!(matches!(error, Error::Report(_)), "{name} at {end}: {error}");
            let text = error.to_string();
            assert_eq!(text, format!("the report is damaged or truncated at byte {end}"), "{name}");
        }
    }
}

#[test]
fn damage_makes_no_panic() {
    for (name, _) in REPORTS.iter().step_by(8) {
        let whole = stored(name, 2);
        for place in 2..whole.len() {
            for byte in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = byte;
                let _ = explain_bytes(&damaged).map(|explanation| explanation.to_string());
            }
        }
    }
}
