//! `handclasp tunnel`: README's commands, other programs at the other end, UNIX sockets, and what a client sees when the
//! server is not reached or not trusted.

mod program;
mod tunnels;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    process::{Command, Stdio},
    thread,
};

use program::{Directory, PATIENCE, Running, ends, program};
use tunnels::{Certificates, Echo, asked, free_port, listening, tunnel};

const README: &str = include_str!("../../README.md");

/// The two commands of each of README's code blocks, as they stand: only ports differ.
#[test]
fn the_readme_replaces_stunnel() {
    let (_, section) = README.split_once("\n## Replace stunnel in two lines\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("its end");
    let blocks: Vec<&str> =
        section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let directory = Directory::new("readme-stunnel");
        let service = Echo::start();
        let (between, local) = (free_port(), free_port());
        let ported = block
            .replace("6379", &service.port.to_string())
            .replace("6380", &between.to_string())
            .replace("6378", &local.to_string());
        let is_end =
            |line: &&str| line.starts_with("handclasp serve") || line.starts_with("handclasp tunnel");
        let (commands, preparation): (Vec<&str>, Vec<&str>) = ported.lines().partition(is_end);
        let folder = Path::new(program()).parent().unwrap().display().to_string();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        let shell = |line: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-ec", line]).current_dir(directory.path()).env("PATH", &path).stdin(Stdio::null());
            shell
        };
        let prepared = shell(&preparation.join("\n")).output().unwrap();
        assert!(prepared.status.success(), "{}", program::err(&prepared));
        assert_eq!(commands.len(), 2);
        let _ends: Vec<Running> = commands
            .iter()
            .map(|line| Running::start(shell(&format!("exec {line}")).stdout(Stdio::null())))
            .collect();
        assert_eq!(asked(&format!("127.0.0.1:{local}"), b"PING"), b"PING", "{block}");
    }
}

#[test]
fn sessions_are_resumed_between_connections() {
    let certificates = Certificates::new("tunnel-resumed");
    let service = Echo::start();
    let server = Running::serve(&[&certificates.server()[..], &["--forward", &service.address()]].concat());
    let target = format!("localhost:{}", server.port);
    let tunnel = tunnel(&target, &["--ca", &certificates.ca, "--name", "server.test"]);
    for _ in 0..2 {
        assert_eq!(asked(&tunnel.address(), b"hello"), b"hello");
    }
    let told = tunnel.told_in_time(" resumed ");
    assert_eq!(told.matches("connected: TLS 1.3").count(), 2, "{told}");
}

#[test]
fn stunnel_at_either_end() {
    let certificates = Certificates::new("tunnel-stunnel");
    let directory = &certificates.directory;
    let service = Echo::start();
    let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let (secret, secrets) = (
        directory.file("app.key", key.as_bytes()),
        directory.file("psk.stunnel", format!("app:{key}\n").as_bytes()),
    );
    let psk = ["--psk-hex", &format!("@{secret}"), "--psk-id", "app"].map(str::to_owned);
    let psk: Vec<&str> = psk.iter().map(String::as_str).collect();
    let psk_of_stunnel = format!("sslVersion = TLSv1.3\nciphers = PSK\nPSKsecrets = {secrets}\n");
    let mutual = certificates.client();
    let mutual: Vec<&str> = mutual.iter().map(String::as_str).collect();
    let (ca, at) = (&certificates.ca, |name: &str| directory.at(name));
    let mutual_of_stunnel = |name: &str, more: &str| {
        let (cert, key) = (at(&format!("{name}.pem")), at(&format!("{name}.key")));
        format!("CAfile = {ca}\nverifyChain = yes\ncert = {cert}\nkey = {key}\n{more}")
    };
    for (ours, server) in
        [(&psk, psk_of_stunnel.clone()), (&mutual, mutual_of_stunnel("server", "requireCert = yes\n"))]
    {
        let port = free_port();
        let stunnel = tunnels::stunnel(
            directory,
            &format!("accept = 127.0.0.1:{port}\nconnect = {}\n{server}", service.port),
        );
        let tunnel = tunnel(&format!("127.0.0.1:{port}"), ours);
        assert_eq!(
            asked(&tunnel.address(), b"to stunnel"),
            b"to stunnel",
            "{}{}",
            tunnel.told(),
            stunnel.told()
        );
    }
    let forward = service.address();
    let server_psk = [&psk[..], &["--forward", &forward]].concat();
    let server_mutual = [&certificates.server()[..], &["--client-ca", ca, "--forward", &forward]].concat();
    for (ours, client) in [
        (server_psk, format!("{psk_of_stunnel}PSKidentity = app\n")),
        (server_mutual, mutual_of_stunnel("client", "checkHost = server.test\n")),
    ] {
        let (port, server) = (free_port(), Running::serve(&ours));
        let stunnel = tunnels::stunnel(
            directory,
            &format!("client = yes\naccept = 127.0.0.1:{port}\nconnect = {}\n{client}", server.port),
        );
        let address = format!("127.0.0.1:{port}");
        assert_eq!(asked(&address, b"from stunnel"), b"from stunnel", "{}{}", server.told(), stunnel.told());
    }
}

#[test]
fn openssl_at_either_end() {
    let certificates = Certificates::new("tunnel-openssl");
    let port = free_port();
    let mut s_server = Command::new("openssl");
    s_server.args([
        "s_server",
        "-accept",
        &format!("127.0.0.1:{port}"),
        "-rev",
        "-Verify",
        "1",
        "-verify_return_error",
    ]);
    s_server.args([
        "-CAfile",
        &certificates.ca,
        "-cert",
        &certificates.at("server.pem"),
        "-key",
        &certificates.at("server.key"),
    ]);
    let s_server = Running::foreign_ready(s_server.stdin(Stdio::null()), "ACCEPT");
    let ours = certificates.client();
    let tunnel = tunnel(&format!("127.0.0.1:{port}"), &ours.iter().map(String::as_str).collect::<Vec<_>>());
    let mut client = TcpStream::connect(tunnel.address()).unwrap();
    client.write_all(b"abc\n").unwrap();
    assert_eq!(program::read_until(&mut client, b"\n"), b"cba\n", "{}", s_server.told());

    let service = Echo::start();
    let server = Running::serve(
        &[&certificates.server()[..], &["--client-ca", &certificates.ca, "--forward", &service.address()]]
            .concat(),
    );
    let mut s_client = Command::new("openssl");
    s_client.args([
        "s_client",
        "-quiet",
        "-connect",
        &server.address(),
        "-CAfile",
        &certificates.ca,
        "-verify_return_error",
    ]);
    s_client.args(["-cert", &certificates.at("client.pem"), "-key", &certificates.at("client.key")]);
    let mut s_client =
        s_client.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    s_client.stdin.as_mut().unwrap().write_all(b"from s_client\n").unwrap();
    let came = program::read_until(s_client.stdout.as_mut().unwrap(), b"\n");
    assert_eq!(came, b"from s_client\n");
    s_client.kill().unwrap();
    s_client.wait().unwrap();
}

#[test]
fn unix_sockets_on_every_leg() {
    let certificates = Certificates::new("tunnel-unix");
    let directory = &certificates.directory;
    let service = Echo::start_unix(&directory.at("service.sock"));
    let (far, near) =
        (format!("unix:{}", directory.at("far.sock")), format!("unix:{}", directory.at("near.sock")));
    let key = directory.file("app.key", &[b'a'; 64]);
    let psk = ["--psk-hex", &format!("@{key}")].map(str::to_owned);
    let mut serve = Command::new(program());
    serve.args(["serve", &far, "--forward", &service.address()]).args(&psk);
    let _far = listening(&mut serve, &far);
    let mut command = Command::new(program());
    command.args(["tunnel", &near, &far]).args(&psk);
    let _near = listening(&mut command, &near);
    let path = directory.at("near.sock");
    // Its file is for owner and group.
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o7777, 0o660);
    let mut client = UnixStream::connect(&path).unwrap();
    client.write_all(b"over files").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut came = String::new();
    client.read_to_string(&mut came).unwrap();
    assert_eq!(came, "over files");
    // A certificate is for a name, which a path is not.
    ends(
        &["tunnel", "127.0.0.1:0", &far, "--ca", &certificates.ca],
        2,
        &["no name that a certificate could be for", "--name"],
    );
    ends(
        &["tunnel", "127.0.0.1:0", &far, "--pin", PIN, "--starttls", "smtp"],
        2,
        &["--starttls smtp needs HOST:PORT"],
    );
}

const PIN: &str = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// How a client of a tunnel ends that sends a request and reads to the end.
fn end_of(tunnel: &Running) -> std::io::Result<Vec<u8>> {
    let mut client = TcpStream::connect(tunnel.address())?;
    client.set_read_timeout(Some(PATIENCE))?;
    let mut came = Vec::new();
    client.write_all(b"request")?;
    client.read_to_end(&mut came)?;
    Ok(came)
}

#[test]
fn a_client_whose_server_is_not_there_or_not_trusted_sees_a_reset() {
    let certificates = Certificates::new("tunnel-reset");
    let nobody = free_port();
    let server = Running::serve(&[&certificates.server()[..], &["--echo"]].concat());
    for (target, flags, said) in [
        (nobody, ["--ca", &certificates.ca], "cannot connect to"),
        (server.port, ["--pin", PIN], "[pin.changed-key] observed. Fix (server)"),
    ] {
        let tunnel = tunnel(&format!("127.0.0.1:{target}"), &flags);
        let error = end_of(&tunnel).expect_err("an end in order is an empty answer");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let told = tunnel.told_in_time(said);
        let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("127.0.0.1:")).collect();
        assert_eq!(lines.len(), 1, "one line: {told}");
    }
}

#[test]
fn a_truncated_answer_is_a_reset_and_a_whole_one_an_end() {
    for is_whole in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let identity = handclasp::Identity::self_signed(&["localhost"]).unwrap();
        let pin = handclasp::Pin::of_spki(&identity.spki()).to_string();
        let serving = thread::spawn(move || {
            let (transport, _) = listener.accept().unwrap();
            let transport_again = transport.try_clone().unwrap();
            let mut stream = handclasp::Server::new(identity).accept(transport).unwrap();
            program::read_until(&mut stream, b"request");
            stream.write_all(b"half an ").unwrap();
            stream.flush().unwrap();
            if is_whole {
                stream.write_all(b"answer").unwrap();
                stream.close().unwrap();
            }
            transport_again.shutdown(Shutdown::Write).unwrap();
            let _ = stream.read(&mut [0]);
        });
        let tunnel = tunnel(&format!("127.0.0.1:{port}"), &["--pin", &pin]);
        match (is_whole, end_of(&tunnel)) {
            (true, came) => assert_eq!(came.unwrap(), b"half an answer"),
            (false, came) => assert_eq!(came.expect_err("cut off").kind(), ErrorKind::ConnectionReset),
        }
        drop(tunnel);
        serving.join().unwrap();
    }
}

#[test]
fn flags_that_cannot_work_are_refused_at_the_start() {
    let tunnel = |flags: &[&str], said: &[&str]| {
        ends(&[&["tunnel", "127.0.0.1:0", "localhost:1"], flags].concat(), 2, said)
    };
    tunnel(&["--pin", PIN, "--psk-ascii", "0123456789abcdef"], &["exclude each other"]);
    tunnel(
        &["--pin", PIN, "--starttls", "ftp"],
        &["[possible values: smtp, imap, pop3, ldap, postgres, nntp, sieve]"],
    );
    tunnel(&["--pin", PIN, "--proxy-protocol-in", "10.0.0.1/8"], &["10.0.0.0/8"]);
    ends(&["tunnel", "127.0.0.1:0", "https://a.example"], 2, &["not a URL: a.example:443"]);
    ends(&["tunnel", "/run/a.sock", "a.example:443"], 2, &["unix:/run/a.sock"]);
    ends(
        &["serve", "127.0.0.1:0", "--psk-ascii", "0123456789abcdef", "--proxy-protocol-out", "v2"],
        2,
        &["pass --forward"],
    );
}
