//! What the log of a server says about clients that other programs are: the fix is one that helps them.

use super::*;

/// A client's first bytes, the cause, and words of the advice.
const FIRST: &[([u8; 5], &str, &[&str])] = &[
    (
        *b"PROXY",
        "transport.proxy-header",
        &[
            "PROXY header (version 1)",
            "Fix (server): if that address is a proxy of yours",
            "`--proxy-protocol-in",
        ],
    ),
    (
        *b"\r\n\r\n\0",
        "transport.proxy-header",
        &["PROXY header (version 2)", "or (client) else switch the header off in the proxy: `send-proxy`"],
    ),
    (
        *b"*1\r\n$",
        "transport.not-tls.other",
        &[
            "plain Redis",
            "Fix (client): switch TLS on in the client: rediss://",
            "`handclasp tunnel` beside it",
        ],
    ),
    ([0x30, 0x0c, 2, 1, 1], "transport.starttls", &["plain LDAP", "(ldaps://, not StartTLS)"]),
    ([0x30, 0x1d, 2, 1, 1], "transport.starttls", &["plain LDAP", "(ldaps://, not StartTLS)"]),
    ([3, 0, 0, 0x13, 0x0e], "transport.starttls", &["plain RDP", "`handclasp tunnel`"]),
    ([0, 0, 0, 16, 4], "transport.starttls", &["plain PostgreSQL"]),
    ([0, 0, 0, 0x31, 0], "refused.unexplained", &["`sslmode=disable`", "Fix (client): switch TLS on"]),
    (
        *b"EHLO ",
        "transport.starttls",
        &["plain SMTP", "Fix (client): switch TLS on in the client (\"SSL/TLS\""],
    ),
    (*b"USER ", "transport.starttls", &["plain FTP or POP3", "Fix (client): switch TLS on in the client"]),
    (*b"SSH-2", "transport.not-tls.ssh", &["Fix (client): connect the SSH client to"]),
];

#[test]
fn other_protocols_get_a_fix_of_their_own() {
    for (first, cause, words) in FIRST {
        let told = ended(Report::new(Side::Server), Fault::NotTls { first: *first });
        assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some(*cause), "{told}");
        says(&told, words);
    }
}

/// Bytes that only look like those of a known protocol.
#[test]
fn what_a_report_keeps_is_not_stretched() {
    for first in [[0x30, 0x0c, 2, 2, 1], [0x30, 0x0c, 4, 1, 1], [3, 0, 0, 0x13, 0x0d], [3, 0, 1, 0x13, 0x0e]]
    {
        let told = ended(Report::new(Side::Server), Fault::NotTls { first });
        assert_eq!(told.cause.map(|(cause, ..)| cause.id()), Some("refused.unexplained"), "{told}");
    }
    // A server that greets so speaks LDAP to nobody.
    let told = ended(client(), Fault::NotTls { first: *b"PROXY" });
    assert_ne!(told.cause.map(|(cause, ..)| cause.id()), Some("transport.proxy-header"), "{told}");
}

/// The report of a server that found no suite in common.
fn no_suite(client: &[CipherSuite], server: &[CipherSuite], psk_alone: bool) -> Advice {
    let mut report = Report::new(Side::Server);
    offers(&mut report, &[TLS13, TLS12], client, ECDHE);
    if psk_alone {
        report.note(Side::Server, Tag::PskAlone, &[]);
    }
    note(&mut report, Side::Server, Tag::Suites, server);
    ended(report, Fault::NoCommonSuite)
}

const ECDSA: CipherSuite = CipherSuite(0xc02b);
const RSA: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
const TLS13_SUITE: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;

/// A server with pre-shared keys alone does not ask for a certificate first: the client lacks the key.
#[test]
fn a_client_without_the_key_of_a_psk_server_needs_the_key() {
    let told = no_suite(&[TLS13_SUITE, ECDSA], &[TLS13_SUITE], true);
    says(
        &told,
        &["the client offers no pre-shared key", "Fix (client): give the client the key and its identity"],
    );
    assert_eq!(told.cause.map(|(_, _, side)| side), Some(Party::Config));
    assert!(told.to_string().contains("or (server) for clients without the key"), "{told}");
}

#[test]
fn a_client_of_rsa_alone_needs_a_certificate_of_rsa() {
    says(
        &no_suite(&[RSA], &[ECDSA, RSA], false),
        &[
            "a kind that this server was not given",
            "Fix (server): serve with a certificate for an RSA key too",
        ],
    );
    says(&no_suite(&[ECDSA], &[ECDSA, RSA], false), &["serve with a certificate for an EC key too"]);
}

#[test]
fn a_client_of_old_suites_is_updated_before_a_flag_is_looked_for() {
    // TLS_RSA_WITH_AES_128_CBC_SHA.
    let told = no_suite(&[CipherSuite(0x002f)], &[ECDSA, RSA, TLS13_SUITE], false);
    says(
        &told,
        &["offers no suite with ECDHE", "Fix (client): update the client, or let it offer such suites"],
    );
}

#[test]
fn a_refused_certificate_of_a_ca_first_needs_its_root() {
    let first = |alert| refused(server(), alert).next.first().map(|fix| fix.text.clone()).unwrap_or_default();
    assert!(first(AlertDescription::certificate_unknown).contains("give the client its root"));
    let told = refused(server(), AlertDescription::bad_certificate);
    says(&told, &["those in Go send it for every certificate", "or (client) if a CA issued our certificate"]);
}
