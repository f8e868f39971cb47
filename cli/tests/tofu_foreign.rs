//! Trust on first use with OpenSSL and GnuTLS on the other side, which have the same identity folders and self-signed
//! certificates: what they see of a refusal; and certificates without their keys.

mod program;

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use program::{
    Directory, Running, err, has_ended, out,
    peer::{Device, connect, openssl_identity, thieves_key},
};

/// A version of TLS, and its flag of OpenSSL.
const VERSIONS: [(&str, &str); 2] = [("1.2", "-tls1_2"), ("1.3", "-tls1_3")];

/// Certificate and key.
struct Credential {
    cert: String,
    key: String,
}

impl Credential {
    fn of(device: &Device) -> Self {
        Self { cert: device.certificate(), key: device.key() }
    }
}

/// A server that is not ours.
fn openssl(credential: &Credential, version: &str) -> Running {
    let mut command = Command::new("openssl");
    let flag = VERSIONS.iter().find(|(one, _)| *one == version).unwrap().1;
    command.args(["s_server", "-accept", "127.0.0.1:0", "-rev", flag]);
    command.args(["-cert", &credential.cert, "-key", &credential.key]);
    Running::foreign(command.stdin(Stdio::null()), "ACCEPT 127.0.0.1:")
}

fn gnutls(credential: &Credential, version: &str) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut command = Command::new("gnutls-serv");
    let priority = format!("NORMAL:-VERS-ALL:+VERS-TLS{version}");
    command.args(["--echo", "-d", "5", "--port", &port.to_string(), "--priority", &priority]);
    command.args(["--x509certfile", &credential.cert, "--x509keyfile", &credential.key]);
    let mut running = Running::foreign(command.stdin(Stdio::null()), "listening on IPv4 0.0.0.0 port ");
    running.port = port;
    running
}

type Server = fn(&Credential, &str) -> Running;

#[test]
fn servers_that_are_not_ours() {
    for (name, start, alert) in
        [("openssl", openssl as Server, "SSL alert number 46"), ("gnutls", gnutls, "Alert[2|46]")]
    {
        for (version, _) in VERSIONS {
            let what = format!("{name} {version}");
            let directory = Directory::new(&format!("tofu-{name}-server-{version}"));
            let known = directory.at("known_peers");
            let device = Device::new(&directory, "device");
            let [cert, key] = ["other.pem", "other.key"].map(|name| directory.at(name));
            let other_pin = openssl_identity("device", &cert, &key);

            let server = start(&Credential::of(&device), version);
            let first = connect(&server.address(), &known, &["--new-peer", "accept"], b"abc\n");
            has_ended(&first, 0, &["known peers: the peer is new"], &what);
            let second = connect(&server.address(), &known, &["--new-peer", "refuse"], b"abc\n");
            has_ended(&second, 0, &[], &what);
            assert!(!err(&second).contains("known peers"), "{what}: {}", err(&second));
            drop(server);

            let impostor = start(&Credential { cert, key }, version);
            let alarm = connect(&impostor.address(), &known, &[], b"secret\n");
            has_ended(&alarm, 3, &["ALARM", &device.pin, &other_pin], &what);
            assert_eq!(out(&alarm), "", "{what}");
            let log = impostor.told_in_time(alert);
            assert!(!log.contains("secret"), "{what}: {log}");
        }
    }
}

/// `openssl s_client` or `gnutls-cli` with these arguments; sends a line.
fn call(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(b"open\n");
    child.wait_with_output().unwrap()
}

#[test]
fn clients_that_are_not_ours() {
    for (version, flag) in VERSIONS {
        let directory = Directory::new(&format!("tofu-client-{version}"));
        let clients = directory.at("known_clients");
        let [door, phone, thief] = ["door", "phone", "thief"].map(|name| Device::new(&directory, name));
        directory.file("known_clients", format!("phone {} - -\n", phone.pin).as_bytes());
        let tofu = format!("--tofu={clients}");
        let arguments = ["--identity", &door.folder, "--tls", version, &tofu, "--new-peer", "refuse"];
        let server = Running::serve(&[&arguments[..], &["--reply", "opened"]].concat());
        let openssl = |who: &Credential| {
            let address = server.address();
            let peer = ["s_client", "-quiet", flag, "-connect", &address];
            let output = call("openssl", &[&peer[..], &["-cert", &who.cert, "-key", &who.key]].concat());
            out(&output) + &err(&output)
        };
        let gnutls = |who: &Credential| {
            let (port, priority) = (server.port.to_string(), format!("NORMAL:-VERS-ALL:+VERS-TLS{version}"));
            let peer = ["--insecure", "--port", &port, "--priority", &priority, "127.0.0.1"];
            let own = ["--x509certfile", &who.cert, "--x509keyfile", &who.key];
            let output = call("gnutls-cli", &[&own[..], &peer].concat());
            out(&output) + &err(&output)
        };
        for (who, openssl_sees, gnutls_sees) in
            [(&phone, "opened", "opened"), (&thief, "SSL alert number 49", "Received alert [49]")]
        {
            let who = Credential::of(who);
            let seen = openssl(&who);
            assert!(seen.contains(openssl_sees), "openssl {version}: {seen}{}", server.told());
            let seen = gnutls(&who);
            assert!(seen.contains(gnutls_sees), "gnutls {version}: {seen}{}", server.told());
        }
        server.told_in_time(&thief.pin);

        // The certificate of the phone, with another key that claims to be of it.
        let stolen = Credential { cert: phone.certificate(), key: thieves_key(&directory, &phone) };
        let seen = openssl(&stolen);
        assert!(seen.contains("SSL alert number 51"), "{version}: {seen}");
        server.told_in_time("decrypt_error");
    }
}

/// A server with the certificate of another device and without its key. A file that knows the device does not help it, and
/// one that does not is left as it was.
#[test]
fn a_stolen_certificate_is_useless_without_its_key() {
    for (version, _) in VERSIONS {
        let directory = Directory::new(&format!("tofu-stolen-{version}"));
        let known = directory.at("known_peers");
        let device = Device::new(&directory, "device");
        let stolen = Credential { cert: device.certificate(), key: thieves_key(&directory, &device) };
        let thief = openssl(&stolen, version);
        let first = connect(&thief.address(), &known, &["--new-peer", "accept"], b"secret\n");
        has_ended(&first, 3, &["signature"], version);
        assert!(fs::metadata(&known).is_err(), "the thief is not written down");
        let line = format!("127.0.0.1 {} - -\n", device.pin);
        directory.file("known_peers", line.as_bytes());
        let known_key = connect(&thief.address(), &known, &[], b"secret\n");
        has_ended(&known_key, 3, &["signature"], version);
        let log = thief.told_in_time("SSL alert number 51");
        assert!(!log.contains("secret"), "{log}");
        assert_eq!(fs::read_to_string(&known).unwrap(), line, "last seen is not written");
    }
}
