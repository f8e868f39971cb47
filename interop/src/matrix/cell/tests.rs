//! Rows that parse, rows that must not, and what the tables of the house cover.

use super::*;

fn row(columns: &str) -> Result<Cell> {
    let columns: Vec<&str> = columns.split('|').map(str::trim).collect();
    cell(&columns)
}

#[test]
fn a_row_is_read() {
    let cell = row(
        "name | client | 1.3 | * vs A | x448:secp256r1 | P-256 | - | --alpn h2 | X={dir}/y -z | <45 exit 3 \
         | a b; c | ClientHello x2; d",
    )
    .unwrap();
    assert_eq!(cell.name, "client 1.3 name");
    assert_eq!(cell.version, Pair { ours: vec![], theirs: vec!["1.3".into()] });
    assert_eq!(cell.suite, Pair { ours: vec![], theirs: vec!["A".into()] });
    assert_eq!(cell.group.theirs, ["x448", "secp256r1"]);
    assert_eq!((cell.auth, cell.action), (Auth::P256, Action::Hello));
    assert_eq!(cell.ours, ["--alpn", "h2"]);
    assert_eq!(cell.end, End { connected: false, received: Some(45), sent: None, exit: Some(3) });
    assert_eq!(cell.words, ["a b", "c"]);
    assert_eq!(cell.sees, [("ClientHello".into(), 2), ("d".into(), 1)]);
}

#[test]
fn a_key_names_its_version_on_both_sides() {
    let cell = row("n|server|1.2|-|-|PSK|-|-|-|ok|-|-").unwrap();
    assert_eq!(cell.version.ours, ["1.2"]);
    assert!(row("n|server|1.2|-|-|P-256|-|-|-|ok|-|-").unwrap().version.ours.is_empty());
}

#[test]
fn rows_that_say_nothing_sensible_are_refused() {
    for bad in [
        "n|client|1.2|-|-|PSK|-|-|-|ok|-",
        "n|both|1.2|-|-|PSK|-|-|-|ok|-|-",
        "n|client|1.2|-|-|PGP|-|-|-|ok|-|-",
        "n|client|1.2|-|-|PSK|dance|-|-|ok|-|-",
        "n|client|1.2|-|-|PSK|-|-|-|fine|-|-",
        "n|client|1.2|-|-|PSK|-|-|-|<300|-|-",
        "n|client|1.2|-|-|PSK|-|-|-|exit|-|-",
    ] {
        assert!(row(bad).is_err(), "{bad}");
    }
    assert!(parse("name\twe\n").is_err());
}

/// Every suite, group, kind of certificate and key at least once per direction and version.
#[test]
fn the_tables_cover_what_they_must() {
    let cells = all().unwrap();
    let has = |we: Side, version: &str, test: &dyn Fn(&Cell) -> bool| {
        cells
            .iter()
            .any(|cell| cell.we == we && cell.version.theirs == [version] && cell.end.connected && test(cell))
    };
    let suites = [
        ("1.3", "TLS_AES_128_GCM_SHA256"),
        ("1.3", "TLS_AES_256_GCM_SHA384"),
        ("1.3", "TLS_CHACHA20_POLY1305_SHA256"),
        ("1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
        ("1.2", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
        ("1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        ("1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
        ("1.2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
        ("1.2", "TLS_PSK_WITH_AES_128_GCM_SHA256"),
        ("1.2", "TLS_PSK_WITH_AES_256_GCM_SHA384"),
        ("1.2", "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256"),
    ];
    for we in [Side::Client, Side::Server] {
        for (version, suite) in suites {
            assert!(has(we, version, &|cell| cell.suite.theirs == [suite]), "{we:?} {version} {suite}");
        }
        for version in ["1.2", "1.3"] {
            for group in ["x25519", "secp256r1"] {
                let first = |cell: &Cell| cell.group.theirs.first().is_some_and(|first| first == group);
                assert!(has(we, version, &first), "{we:?} {version} {group}");
            }
            for auth in [Auth::P256, Auth::P384, Auth::Ed25519, Auth::Rsa, Auth::Psk] {
                assert!(has(we, version, &|cell| cell.auth == auth), "{we:?} {version} {auth:?}");
            }
            assert!(has(we, version, &|cell| cell.action == Action::Bulk), "{we:?} {version} bulk");
        }
    }
}
