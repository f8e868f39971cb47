//! The library from C: the header under both languages, mistakes of a caller, and the examples against
//! OpenSSL, each also under valgrind or with the sanitizers of the C compiler.

#[path = "c/build.rs"]
mod build;
#[path = "c/peers.rs"]
mod peers;

use std::collections::HashSet;

use build::{Kind, compile, compile_with, example, run};
use handclasp::{HC_FAULT_PEER_ALERT, HC_FAULT_TRUNCATED};
use peers::{Credentials, KEY, Server, WRONG_KEY, client, s_client, serve};

#[test]
fn the_header_is_c99_and_cpp() {
    for (language, standard) in [("c", "-std=c99"), ("c++", "-std=c++11")] {
        let flags = ["-x", language, standard, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only"];
        run("cc", &[&flags[..], &["-I", &build::include(), &build::include_file()]].concat());
    }
}

#[test]
fn mistakes_of_a_caller_yield_codes() {
    for kind in [Kind::Plain, Kind::Sanitized] {
        let program = compile("misuse", &["tests/c/misuse.c"], kind);
        assert_eq!(run(&program, &[]), "ok\n");
    }
}

#[test]
fn mistakes_of_a_caller_access_no_memory_of_others() {
    let program = compile("misuse", &["tests/c/misuse.c"], Kind::Plain);
    assert_eq!(run("valgrind", &[&peers::VALGRIND[..], &[&program]].concat()), "ok\n");
}

#[test]
fn the_library_has_what_the_header_declares_and_no_name_of_the_c_library() {
    let names = run("nm", &["--defined-only", "--extern-only", "--format=just-symbols", &build::library()]);
    let names: HashSet<&str> = names.lines().collect();
    for taken in ["memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "malloc", "free", "abort"] {
        assert!(!names.contains(taken), "{taken} would win over that of the C library");
    }
    let header = std::fs::read_to_string(build::include_file()).unwrap();
    let declared: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with([' ', '*', '/', '#']) && !line.starts_with("typedef"))
        .filter_map(|line| line.split_once('(')?.0.rsplit([' ', '*']).next())
        .collect();
    assert!(declared.len() > 60, "{declared:?}");
    // Functions of builds for devices, and those that the program provides.
    let device = ["hc_memory", "hc_memory_used", "hc_panic_hook", "hc_memory_allocate", "hc_memory_free"];
    for name in declared {
        assert!(name.starts_with("hc_"), "{name}");
        assert!(names.contains(name) || device.contains(&name), "{name}");
    }
}

#[test]
fn a_client_with_a_pre_shared_key() {
    for (how, version) in [("psk12", "-tls1_2"), ("psk13", "-tls1_3")] {
        let server = Server::start(None, &[version, "-psk", KEY, "-psk_identity", "device", "-nocert"]);
        let outcome = client(&server, &[how, "device", KEY]);
        assert_eq!((outcome.code, outcome.out.as_str()), (0, "gnip\n"), "{outcome:?}");
    }
}

#[test]
fn a_client_with_another_key_than_the_server() {
    // RFC 5246 §7.4.9 and RFC 4279 §2: the Finished does not decrypt; OpenSSL 3.0 refuses a wrong binder
    // (RFC 8446 §4.2.11.2) by illegal_parameter.
    for (how, version, alert) in [("psk12", "-tls1_2", 20), ("psk13", "-tls1_3", 47)] {
        let server = Server::start(None, &[version, "-psk", KEY, "-psk_identity", "device", "-nocert"]);
        let outcome = client(&server, &[how, "device", WRONG_KEY]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.error.contains(&format!("alert received: {alert}\n")), "{outcome:?}");
        assert!(outcome.error.contains("HC_FAULT_PEER_ALERT"), "{outcome:?}");
    }
}

#[test]
fn a_client_with_a_pinned_key() {
    let credentials = Credentials::new();
    let pin = credentials.pin();
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Server::start(Some(&credentials), &[version]);
        let outcome = client(&server, &["pin", &pin]);
        assert_eq!((outcome.code, outcome.out.as_str()), (0, "gnip\n"), "{outcome:?}");

        let other = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        let outcome = client(&server, &["pin", other]);
        assert_eq!(outcome.code, 1, "{outcome:?}");
        assert!(outcome.error.contains("HC_FAULT_CERTIFICATE 13: "), "{outcome:?}");
        // The words say which pin it is.
        assert!(outcome.error.contains(&pin), "{outcome:?}");
        assert!(outcome.error.contains("alert sent: 46"), "{outcome:?}");
    }
}

#[test]
fn a_client_with_roots() {
    let credentials = Credentials::new();
    let root = credentials.path("cert.pem");
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Server::start(Some(&credentials), &[version]);
        let outcome = client(&server, &["roots", &root, "localhost"]);
        assert_eq!((outcome.code, outcome.out.as_str()), (0, "gnip\n"), "{outcome:?}");

        let outcome = client(&server, &["roots", &root, "other.test"]);
        assert!(outcome.error.contains("HC_FAULT_CERTIFICATE 5: "), "{outcome:?}");
        assert!(outcome.error.contains("alert sent: 42"), "{outcome:?}");
    }
}

#[test]
fn a_client_with_a_certificate() {
    let credentials = Credentials::new();
    let (certificate, key) = (credentials.path("cert.pem"), credentials.path("key.pem"));
    for version in ["-tls1_2", "-tls1_3"] {
        let options = [version, "-Verify", "1", "-verify_return_error", "-CAfile", &certificate];
        let server = Server::start(Some(&credentials), &options);
        let roots = ["roots", &certificate, "localhost"];
        let outcome = client(&server, &[&roots[..], &["certificate", &certificate, &key]].concat());
        assert_eq!((outcome.code, outcome.out.as_str()), (0, "gnip\n"), "{outcome:?}");
        let outcome = client(&server, &roots);
        assert_eq!(outcome.code, 1, "{outcome:?}");
    }
}

#[test]
fn a_session_is_resumed() {
    let credentials = Credentials::new();
    let program = compile("resume", &["tests/c/resume.c", "examples/common.c"], Kind::Sanitized);
    for version in ["-tls1_2", "-tls1_3"] {
        let server = Server::start(Some(&credentials), &[version]);
        assert_eq!(run(&program, &[&server.port, &credentials.pin()]), "0 1\n");
    }
}

#[test]
fn a_server_with_a_pre_shared_key() {
    for (how, version) in [("psk12", "-tls1_2"), ("psk13", "-tls1_3")] {
        let mut server = serve("2", &[how, "device", KEY]);
        let answer = s_client(&server, &[version, "-psk", KEY, "-psk_identity", "device"]);
        assert!(answer.out.contains("ping"), "{answer:?}");
        let answer = s_client(&server, &[version, "-psk", WRONG_KEY, "-psk_identity", "device"]);
        assert!(!answer.out.contains("ping"), "{answer:?}");
        let words = server.finish();
        let expected = match how {
            "psk12" => ["HC_FAULT_RECORD_NOT_AUTHENTIC", "alert sent: 20"],
            _ => ["HC_FAULT_BINDER_INVALID", "alert sent: 51"],
        };
        assert!(expected.iter().all(|part| words.contains(part)), "{words}");
    }
}

#[test]
fn a_server_with_a_certificate() {
    let credentials = Credentials::new();
    let (certificate, key) = (credentials.path("cert.pem"), credentials.path("key.pem"));
    for version in ["-tls1_2", "-tls1_3"] {
        let mut server = serve("2", &["certificate", &certificate, &key]);
        let answer = s_client(&server, &[version, "-CAfile", &certificate, "-verify_return_error"]);
        assert!(answer.out.contains("ping"), "{answer:?}");
        let answer = s_client(&server, &[version, "-verify_return_error"]);
        assert!(!answer.out.contains("ping"), "{answer:?}");
        let words = server.finish();
        assert!(words.contains("unknown_ca"), "{words}");

        let mut server = serve("2", &["certificate", &certificate, &key, &certificate]);
        let own = ["-cert", &certificate, "-key", &key];
        let answer = s_client(&server, &[&[version, "-CAfile", &certificate], &own[..]].concat());
        assert!(answer.out.contains("ping"), "{answer:?}");
        s_client(&server, &[version, "-CAfile", &certificate]);
        let words = server.finish();
        assert!(words.contains("HC_FAULT_NO_CERTIFICATE"), "{words}");
    }
}

/// An allow-list: the keys of the clients, whatever their certificates say. RFC 8446 §6.2: access_denied for a
/// certificate that is in order and not permitted.
#[test]
fn a_server_with_the_pins_of_its_clients() {
    let [server, first, second, stranger] = std::array::from_fn(|_| Credentials::new());
    let (certificate, key) = (server.path("cert.pem"), server.path("key.pem"));
    let pins = [first.pin(), second.pin()];
    for version in ["-tls1_2", "-tls1_3"] {
        let mut server = serve("4", &["certificate", &certificate, &key, &pins[0], &pins[1]]);
        let call = |client: &Credentials| {
            let (cert, key) = (client.path("cert.pem"), client.path("key.pem"));
            s_client(&server, &[version, "-cert", &cert, "-key", &key])
        };
        for client in [&first, &second] {
            let answer = call(client);
            assert!(answer.out.contains("ping"), "{answer:?}");
        }
        let answer = call(&stranger);
        assert!(!answer.out.contains("ping") && answer.error.contains("alert number 49"), "{answer:?}");
        let answer = s_client(&server, &[version]);
        let alert = if version == "-tls1_3" { "alert number 116" } else { "alert number 40" };
        assert!(answer.error.contains(alert), "{answer:?}");
        let words = server.finish();
        let expected = ["HC_FAULT_CERTIFICATE", &stranger.pin(), "alert sent: 49", "HC_FAULT_NO_CERTIFICATE"];
        assert!(expected.iter().all(|part| words.contains(part)), "{words}");
    }
}

/// Secrets of tickets, in the order in which a server uses them.
const SECRETS: [&str; 3] = [
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "200102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "400102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
];

#[test]
fn a_server_issues_tickets_and_changes_their_secret() {
    let credentials = Credentials::new();
    let (certificate, key) = (credentials.path("cert.pem"), credentials.path("key.pem"));
    let session = credentials.path("session.pem");
    let start =
        |secrets: &[&str]| serve("1", &[&["certificate", &certificate, &key, "tickets"], secrets].concat());
    // Whether the session of the file is resumed; the file then holds the newest one.
    let resumes = |version: &str, secrets: &[&str]| {
        let resumes = ["-sess_in", &session, "-sess_out", &session];
        let options = if std::path::Path::new(&session).exists() { &resumes[..] } else { &resumes[2..] };
        let mut server = start(secrets);
        let answer = s_client(&server, &[&[version], options].concat());
        assert!(answer.out.contains("ping"), "{answer:?}");
        server.finish().contains(", resumed")
    };
    for version in ["-tls1_2", "-tls1_3"] {
        let _ = std::fs::remove_file(&session);
        assert!(!resumes(version, &SECRETS[..1]), "{version}: the first connection");
        assert!(resumes(version, &SECRETS[..1]), "{version}: the same secret in another process");
        assert!(resumes(version, &[SECRETS[1], SECRETS[0]]), "{version}: an earlier secret");
        // The client got a ticket under the new secret; that of TLS 1.2 is not written to a file by OpenSSL, which
        // stores sessions of full handshakes only.
        let is_renewed = version == "-tls1_3";
        assert_eq!(resumes(version, &SECRETS[1..2]), is_renewed, "{version}: without the earlier secret");
        assert!(!resumes(version, &SECRETS[2..]), "{version}: another secret");
    }
}

#[test]
fn the_examples_leak_nothing() {
    let credentials = Credentials::new();
    let (certificate, key) = (credentials.path("cert.pem"), credentials.path("key.pem"));
    let mut server = peers::serve_under_valgrind(
        "2",
        &["certificate", &certificate, &key, &certificate, "tickets", SECRETS[0]],
    );
    let roots = ["roots", &certificate, "localhost"];
    let outcome =
        peers::client_under_valgrind(&server, &[&roots[..], &["certificate", &certificate, &key]].concat());
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "ping\n"), "{outcome:?}");
    // A client without a certificate: the failure leaks nothing either.
    let outcome = peers::client_under_valgrind(&server, &roots);
    assert_eq!(outcome.code, 1, "{outcome:?}");
    server.finish();
}

#[test]
fn lwip_callbacks_talk_over_lwip() {
    // Debian's port of lwIP needs the types of POSIX.
    let lwip = ["-std=gnu99", "-isystem", "/usr/include/lwip", "-llwip"];
    let program = compile_with("lwip", &["tests/c/lwip.c"], Kind::Sanitized, &lwip);
    // HC_FAULT_PEER_ALERT with decrypt_error (RFC 8446 §4.2.11), HC_FAULT_TRUNCATED.
    let (alert, cut) = (HC_FAULT_PEER_ALERT, HC_FAULT_TRUNCATED);
    let expected = [
        "TLS 1.3: 102400 bytes, code 0 0, without words",
        "TLS 1.2: 102400 bytes, code 0 0, without words",
        &format!("another key: 0 bytes, code {alert} 51, with words"),
        &format!("cut off: 0 bytes, code {cut} 0, with words"),
        &format!("nothing listens: 0 bytes, code {cut} 0, with words"),
    ];
    assert_eq!(run(&program, &[]).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_module_for_swift() {
    let module = build::source("tests/c/module.m");
    let include = build::include();
    run("clang", &["-fsyntax-only", "-Werror", "-fmodules", "-fcxx-modules", "-I", &include, &module]);
}

#[test]
fn cmake_and_pkg_config_find_it() {
    let prefix = build::install();
    let source = build::source("examples/cmake");
    let tree = format!("{prefix}/build");
    let option = format!("-DCMAKE_PREFIX_PATH={prefix}");
    run("cmake", &["-S", &source, "-B", &tree, &option]);
    run("cmake", &["--build", &tree]);
    assert!(run(&format!("{tree}/version"), &[]).contains("0.1.0"));

    let flags = peers::pkg_config(&prefix);
    let program = format!("{prefix}/version");
    let flags: Vec<&str> = flags.split_whitespace().collect();
    let source = build::source("examples/cmake/version.c");
    run("cc", &[&["-o", &program, &source][..], &flags[..]].concat());
    assert!(run(&program, &[]).contains("0.1.0"));
}

#[test]
fn examples_are_plain_c() {
    for name in ["client", "server"] {
        example(name, Kind::Sanitized);
    }
}
