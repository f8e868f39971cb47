//! The headings under which `--help` lists the flags, the same for all commands. Flags that are in no row stand under
//! `Options`.

/// A heading, the command that it is for (empty: each), and the flags under it. The first row with a flag counts.
const HEADINGS: &[(&str, &str, &[&str])] = &[
    (
        "Evidence",
        "explain",
        &[
            "keys",
            "psk",
            "psk-id",
            "name",
            "roots",
            "cert",
            "key",
            "at",
            "client-log",
            "server-log",
            "config",
            "ask",
        ],
    ),
    ("Server", "check", &["name", "starttls", "as"]),
    ("Our key", "", &["identity", "cert", "key", "passphrase", "self-signed", "raw-key"]),
    ("Our key elsewhere", "", &["pkcs11", "token-pin", "agent", "signer", "signer-timeout"]),
    (
        "Pre-shared key",
        "",
        &[
            "psk-hex",
            "psk-ascii",
            "psk-base64",
            "psk-file",
            "psk-encoding",
            "psk-id",
            "psk-hash",
            "psk-import",
            "psk-both-versions",
            "psk-ke",
            "psk-hint",
            "allow-weak-psk",
        ],
    ),
    (
        "Trust",
        "",
        &[
            "ca",
            "pin",
            "name",
            "no-name",
            "danger-accept-any",
            "client-ca",
            "client-pin",
            "client-pins",
            "client-cert",
            "learn",
            "ask-client",
            "check-dates",
        ],
    ),
    ("Trust on first use", "", &["tofu", "new-peer", "rotation", "authentication-string"]),
    (
        "Revocation and time",
        "",
        &[
            "crl",
            "crl-leaf-only",
            "crl-permit-unknown",
            "crl-permit-outdated",
            "client-crl",
            "client-crl-leaf-only",
            "client-crl-permit-unknown",
            "client-crl-permit-outdated",
            "ocsp",
            "require-ocsp",
            "no-clock",
        ],
    ),
    ("Local network", "", &["advertise", "service"]),
    (
        "Limits",
        "",
        &[
            "max-connections",
            "max-handshakes",
            "max-per-address",
            "handshake-timeout",
            "idle-timeout",
            "dial-timeout",
            "drain",
        ],
    ),
    (
        "Protocol",
        "",
        &[
            "policy",
            "tls",
            "suite",
            "group",
            "alpn",
            "max-record",
            "require-ems",
            "stateless-retry",
            "session",
            "proxy-protocol-in",
            "proxy-protocol-out",
        ],
    ),
    (
        "Several servers",
        "",
        &[
            "store",
            "store-psk",
            "store-clients",
            "store-key",
            "store-password",
            "store-ca",
            "store-pin",
            "store-cert",
            "store-cert-key",
            "store-stale",
            "store-ticket-period",
        ],
    ),
    ("Output", "", &["quiet", "json", "log", "metrics", "report", "keylog", "color", "html", "teach"]),
];

/// The heading of a flag of this command.
pub fn of(command: &str, flag: &str) -> Option<&'static str> {
    let is_of = |of: &str| of.is_empty() || of == command;
    let row = HEADINGS.iter().find(|(_, of, flags)| is_of(of) && flags.contains(&flag));
    row.map(|(heading, _, _)| *heading)
}
