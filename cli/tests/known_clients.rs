//! A server that knows its clients by a CA, a pin, a list and a pre-shared key on one port, with OpenSSL and GnuTLS as
//! clients: who comes in, which alert the others get, and what the server's log says about them.

mod program;

use std::process::{Command, Output, Stdio};

use handclasp::{Authority, CertificateParams, KeyKind, Pin, Usage, Validity};
use program::{Directory, Running, ends, err, out};

const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const OTHER_KEY: &str = "00112233445566778899aabbccddeeff";

/// Certificate and key in files, and the pin.
struct Credential {
    cert: String,
    key: String,
    pin: String,
}

/// A self-signed certificate.
fn own(directory: &Directory, name: &str) -> Credential {
    let identity =
        handclasp_identity::IdentityFolder::new(directory.at(name)).get_or_create(name).expect("made");
    let [cert, key] = ["certificate.pem", "identity.pem"].map(|file| directory.at(&format!("{name}/{file}")));
    Credential { cert, key, pin: Pin::of_spki(&identity.spki()).to_string() }
}

/// A key without a certificate: the public key in place of that.
fn bare(directory: &Directory, name: &str) -> Credential {
    let [cert, key] = ["pub", "key"].map(|what| directory.at(&format!("{name}.{what}")));
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).output().expect("openssl is installed");
        assert!(output.status.success(), "{arguments:?}: {}", err(&output));
        output.stdout
    };
    openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key]);
    openssl(&["pkey", "-in", &key, "-pubout", "-out", &cert]);
    let spki = openssl(&["pkey", "-in", &key, "-pubout", "-outform", "DER"]);
    Credential { cert, key, pin: Pin::of_spki(&spki.into()).to_string() }
}

/// A certificate of that CA.
fn issued(directory: &Directory, ca: &Authority, name: &str) -> Credential {
    let made = ca.issue(&CertificateParams::new(&[name]).with_usage(Usage::Client)).expect("issued");
    let pin = Pin::of_spki(&made.identity().expect("loads").spki()).to_string();
    let cert = directory.file(&format!("{name}.pem"), made.certificate_pem().as_bytes());
    let key = directory.file(&format!("{name}.key"), made.key_pem().as_bytes());
    Credential { cert, key, pin }
}

fn call(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    // The end of input would close the connection before the answer comes.
    let input = Command::new("sleep").arg("5").stdout(Stdio::piped()).spawn();
    let mut input = input.expect("sleep is installed");
    let pipe = input.stdout.take().expect("a pipe");
    let output = command.args(arguments).stdin(pipe).output().expect("the peer is installed");
    let _ = input.kill();
    let _ = input.wait();
    output
}

#[test]
fn each_kind_of_client_comes_in_and_the_others_are_told_why() {
    let directory = Directory::new("known-clients");
    let root = |name| Authority::new(name, Validity::starting_now(), KeyKind::P256).expect("a root");
    let (ca, another) = (root("ours"), root("another"));
    let roots = directory.file("ca.pem", ca.certificate_pem().as_bytes());
    let [laptop, foreign] =
        [(&ca, "laptop"), (&another, "foreign")].map(|(ca, name)| issued(&directory, ca, name));
    let [tablet, phone, stranger] = ["tablet", "phone", "stranger"].map(|name| own(&directory, name));
    let [lamp, bulb] = ["lamp", "bulb"].map(|name| bare(&directory, name));
    let list =
        directory.file("clients", format!("phone {} - -\nlamp {} - -\n", phone.pin, lamp.pin).as_bytes());
    let key = format!("@{}", directory.file("psk", KEY.as_bytes()));
    let server = Running::serve(&[
        "--self-signed",
        "localhost",
        "--client-ca",
        &roots,
        "--client-pin",
        &tablet.pin,
        "--client-pins",
        &list,
        "--raw-key",
        "--psk-hex",
        &key,
        "--psk-id",
        "meter",
        "--psk-both-versions",
        "--reply",
        "opened",
    ]);
    let address = server.address();
    let port = server.port.to_string();
    // Refusals are what strangers can cause at will: one of each kind is logged, the next ones are counted.
    let accept = format!("peers accept --file {list} stranger {}", stranger.pin);
    for (version, flag) in [("1.3", "-tls1_3"), ("1.2", "-tls1_2")] {
        let is_13 = version == "1.3";
        let shows =
            |one: &Credential| vec!["-cert".to_owned(), one.cert.clone(), "-key".to_owned(), one.key.clone()];
        let psk = |key: &str, name: &str| ["-psk", key, "-psk_identity", name].map(str::to_owned).to_vec();
        let none = if is_13 { "alert number 116" } else { "alert number 40" };
        // RFC 8446 §4.2.11: without a key that it knows, the server asks for a certificate.
        let unknown = if is_13 { none } else { "alert number 115" };
        let wrong = if is_13 { "alert number 51" } else { "alert number 20" };
        for (arguments, sees, log) in [
            (shows(&laptop), "opened", laptop.pin.as_str()),
            (shows(&tablet), "opened", &tablet.pin),
            (shows(&phone), "opened", &phone.pin),
            (shows(&stranger), "alert number 49", if is_13 { &accept } else { "" }),
            (shows(&foreign), "alert number 48", if is_13 { &foreign.pin } else { "" }),
            (Vec::new(), none, if is_13 { "client-cert.missing" } else { "" }),
            (psk(KEY, "meter"), "opened", "psk-id=meter"),
            (psk(KEY, "gauge"), unknown, if is_13 { "names the pre-shared key \"gauge\"" } else { "gauge" }),
            (psk(OTHER_KEY, "meter"), wrong, "psk.value.differs"),
        ] {
            let before = server.told().len();
            let peer = ["s_client", "-quiet", flag, "-connect", &address];
            let arguments: Vec<&str> = peer.into_iter().chain(arguments.iter().map(String::as_str)).collect();
            let output = call("openssl", &arguments);
            let seen = out(&output) + &err(&output);
            assert!(seen.contains(sees), "{arguments:?}: {seen}{}", server.told());
            said_since(&server, before, log);
        }
        for (raw, sees, log) in [(&lamp, "opened", "raw-key"), (&bulb, "Received alert [49]", "")] {
            let before = server.told().len();
            let priority = format!("NORMAL:-VERS-ALL:+VERS-TLS{version}:-CTYPE-CLI-ALL:+CTYPE-CLI-RAWPK");
            let output = call(
                "gnutls-cli",
                &[
                    "--insecure",
                    "--rawpkfile",
                    &raw.cert,
                    "--rawpkkeyfile",
                    &raw.key,
                    "--priority",
                    &priority,
                    "--port",
                    &port,
                    "127.0.0.1",
                ],
            );
            let seen = out(&output) + &err(&output);
            assert!(seen.contains(sees), "gnutls {version}: {seen}{}", server.told());
            said_since(&server, before, log);
        }
    }

    // The list is read for each client.
    ends(&["peers", "accept", "--file", &list, "bulb", &bulb.pin], 0, &[]);
    let priority = "NORMAL:-CTYPE-CLI-ALL:+CTYPE-CLI-RAWPK";
    let output = call(
        "gnutls-cli",
        &[
            "--insecure",
            "--rawpkfile",
            &bulb.cert,
            "--rawpkkeyfile",
            &bulb.key,
            "--priority",
            priority,
            "--port",
            &port,
            "127.0.0.1",
        ],
    );
    assert!(out(&output).contains("opened"), "{}{}", out(&output), server.told());
}

/// Waits until the server has said that, behind what it said before.
fn said_since(server: &Running, before: usize, wanted: &str) {
    for _ in 0..200 {
        if server.told().get(before..).is_some_and(|told| told.contains(wanted)) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("it lacks {wanted:?}: {}", server.told().get(before..).unwrap_or_default());
}

#[test]
fn the_first_client_is_learned_and_no_second() {
    let directory = Directory::new("learned-client");
    let [first, second] = ["first", "second"].map(|name| own(&directory, name));
    let list = directory.at("clients");
    let server = Running::serve(&[
        "--self-signed",
        "localhost",
        "--client-pins",
        &list,
        "--learn",
        "--reply",
        "opened",
    ]);
    let address = server.address();
    for (who, sees) in [(&first, "opened"), (&second, "alert number 49"), (&first, "opened")] {
        let output = call(
            "openssl",
            &["s_client", "-quiet", "-connect", &address, "-cert", &who.cert, "-key", &who.key],
        );
        let seen = out(&output) + &err(&output);
        assert!(seen.contains(sees), "{seen}{}", server.told());
    }
    let text = std::fs::read_to_string(&list).expect("a file");
    assert!(text.contains(&first.pin) && !text.contains(&second.pin), "{text}");
}

/// Clients of Java, whose TLS chooses the certificate: one of the CA, a pinned one, others. RFC 8446 §4.4.2.4 and §6.2,
/// RFC 5246 §7.4.6.
#[test]
fn clients_of_java_come_in_or_get_the_alert_of_the_refusal() {
    let directory = Directory::new("java-clients");
    let ca = Authority::new("ours", Validity::starting_now(), KeyKind::P256).expect("a root");
    let another = Authority::new("another", Validity::starting_now(), KeyKind::P256).expect("a root");
    let roots = directory.file("ca.pem", ca.certificate_pem().as_bytes());
    let served = ca.issue(&CertificateParams::new(&["localhost"]).with_usage(Usage::Server)).expect("issued");
    let server_cert = directory.file("server.pem", served.certificate_pem().as_bytes());
    let server_key = directory.file("server.key", served.key_pem().as_bytes());
    let (laptop, foreign) = (issued(&directory, &ca, "laptop"), issued(&directory, &another, "foreign"));
    let [tablet, stranger] = ["tablet", "stranger"].map(|name| {
        let [cert, key] = ["crt", "key"].map(|end| directory.at(&format!("{name}.{end}")));
        let pin = program::peer::openssl_identity(name, &cert, &key);
        Credential { cert, key, pin }
    });
    let source = format!("{}/../interop/peers/JssePeer.java", env!("CARGO_MANIFEST_DIR"));
    let compiled = Command::new("javac").args(["-d", &directory.at("java"), &source]).output();
    assert!(compiled.expect("javac is installed").status.success());
    let server = Running::serve(&[
        "--cert",
        &server_cert,
        "--key",
        &server_key,
        "--client-ca",
        &roots,
        "--client-pin",
        &tablet.pin,
        "--reply",
        "opened",
    ]);
    let (port, classes) = (server.port, directory.at("java"));
    for version in ["TLSv1.3", "TLSv1.2"] {
        let none = if version == "TLSv1.3" { "certificate_required" } else { "handshake_failure" };
        for (client, sees) in [
            (Some(&laptop), "read 6"),
            (Some(&tablet), "read 6"),
            (Some(&stranger), "Received fatal alert: access_denied"),
            (Some(&foreign), "Received fatal alert: unknown_ca"),
            (None, none),
        ] {
            let mut command = Command::new("java");
            // One compiler thread and no heap to speak of: it starts quickly.
            command.args([
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                &classes,
                "JssePeer",
                "role=client",
            ]);
            command.args([&format!("port={port}"), &format!("ca={roots}"), "name=localhost"]);
            command.arg(format!("protocols={version}"));
            if let Some(client) = client {
                command.args([format!("cert={}", client.cert), format!("key={}", client.key)]);
            }
            let seen = out(&command.output().expect("java is installed"));
            assert!(seen.contains(sees), "{version} {sees}: {seen}{}", server.told());
        }
    }
}
