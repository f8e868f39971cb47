//! Rows that parse, rows that must not, and what the tables cover.

use super::*;

fn row(columns: &str) -> Result<Cell> {
    let columns: Vec<&str> = columns.split('|').map(str::trim).collect();
    cell(columns.try_into().map_err(|_| anyhow::anyhow!("another number of columns"))?)
}

#[test]
fn a_row_is_read() {
    let cell = row(
        "name | client | 1.3 | * vs A | x448:secp256r1 | P-256 | - | --alpn h2 | X={dir}/y -z | <45 exit 3 \
         | a b; c | ClientHello x2; d",
    )
    .unwrap();
    assert_eq!(cell.name, "client 1.3 name");
    assert_eq!(cell.version, Restriction { ours: vec![], openssl: vec!["1.3".into()] });
    assert_eq!(cell.suite, Restriction { ours: vec![], openssl: vec!["A".into()] });
    assert_eq!(cell.group.openssl, ["x448", "secp256r1"]);
    assert_eq!((cell.auth, cell.action), (Auth::P256, Action::Hello));
    assert_eq!(cell.our_args, ["--alpn", "h2"]);
    assert_eq!(cell.expect, Expectation { connected: false, received: Some(45), sent: None, exit: Some(3) });
    assert_eq!(cell.our_output, ["a b", "c"]);
    assert_eq!(cell.openssl_output, [("ClientHello".into(), 2), ("d".into(), 1)]);
}

#[test]
fn a_psk_restricts_both_ends_to_its_version() {
    let cell = row("n|server|1.2|-|-|PSK|-|-|-|ok|-|-").unwrap();
    assert_eq!(cell.version.ours, ["1.2"]);
    assert!(row("n|server|1.2|-|-|P-256|-|-|-|ok|-|-").unwrap().version.ours.is_empty());
}

#[test]
fn malformed_rows_are_refused() {
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
}

/// Every suite, group, kind of certificate and key at least once per direction and version.
#[test]
fn the_tables_cover_what_they_must() {
    let cells = all().unwrap();
    let has = |role: Role, version: &str, test: &dyn Fn(&Cell) -> bool| {
        cells.iter().any(|cell| {
            cell.role == role && cell.version.openssl == [version] && cell.expect.connected && test(cell)
        })
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
    for role in [Role::Client, Role::Server] {
        for (version, suite) in suites {
            assert!(has(role, version, &|cell| cell.suite.openssl == [suite]), "{role:?} {version} {suite}");
        }
        for version in ["1.2", "1.3"] {
            for group in ["x25519", "secp256r1"] {
                let first = |cell: &Cell| cell.group.openssl.first().is_some_and(|first| first == group);
                assert!(has(role, version, &first), "{role:?} {version} {group}");
            }
            for auth in [Auth::P256, Auth::P384, Auth::Ed25519, Auth::Rsa, Auth::Psk] {
                assert!(has(role, version, &|cell| cell.auth == auth), "{role:?} {version} {auth:?}");
            }
            assert!(has(role, version, &|cell| cell.action == Action::Bulk), "{role:?} {version} bulk");
        }
    }
}
