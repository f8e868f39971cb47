//! Each example is run as a program, and does what its head says.

use std::{
    error::Error,
    fs,
    io::{BufRead, BufReader, Read as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use handclasp::{
    Authority, CertificateParams, Client, Identity, IssuedCertificate, KeyKind, KnownPeers, Pin, Psk, PskUse,
    Trust, Usage, Validity,
};

type Outcome = Result<(), Box<dyn Error>>;

/// A program that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a program to its end; what it wrote to standard output.
fn output(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let output = command.output()?;
    let (out, err) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(out) } else { Err(format!("{}: {out}{err}", output.status).into()) }
}

/// A port on which nothing listened a moment ago.
fn free_port() -> Result<u16, Box<dyn Error>> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until a server listens.
fn wait_for(address: &str) -> Outcome {
    for _ in 0..200 {
        if TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Err(format!("nothing listens at {address}").into())
}

#[test]
fn client_and_server() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = |name| folder.path().join(name);
    for name in ["cert.pem", "key.pem", "stranger.pem"] {
        fs::write(file(name), "")?;
    }
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"]))?;
    fs::write(file("cert.pem"), issued.certificate_pem())?;
    fs::write(file("key.pem"), issued.key_pem().as_bytes())?;
    make_private(&file("key.pem"))?;
    fs::write(
        file("stranger.pem"),
        IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"]))?.certificate_pem(),
    )?;

    let port = free_port()?;
    let address = format!("127.0.0.1:{port}");
    let mut server = Command::new(env!("CARGO_BIN_EXE_server"));
    server.arg(&address).current_dir(folder.path()).stderr(Stdio::null());
    let _server = Running(server.spawn()?);
    wait_for(&address)?;

    // In place of the system's roots: the server's own certificate, then another one.
    let mut client = Command::new(env!("CARGO_BIN_EXE_client"));
    client.arg(format!("localhost:{port}"));
    assert_eq!(output(client.env("SSL_CERT_FILE", file("cert.pem")))?, "hello\n\n");
    let refused = output(client.env("SSL_CERT_FILE", file("stranger.pem")));
    assert!(refused.is_err_and(|error| error.to_string().contains("certificate")));
    Ok(())
}

/// Keys that others can read are refused.
fn make_private(path: &std::path::Path) -> Outcome {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let _ = path;
    Ok(())
}

#[test]
fn psk() -> Outcome {
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("key");
    fs::write(&key, (0..32).collect::<Vec<u8>>())?;
    let mut serve = Command::new(env!("CARGO_BIN_EXE_psk"));
    serve.args(["serve", "127.0.0.1:0"]).arg(&key).stdout(Stdio::piped());
    let mut server = Running(serve.spawn()?);
    let mut address = String::new();
    BufReader::new(server.0.stdout.take().ok_or("no output")?).read_line(&mut address)?;
    let mut connect = Command::new(env!("CARGO_BIN_EXE_psk"));
    assert_eq!(output(connect.args(["connect", address.trim()]).arg(&key))?, "HELLO\n");
    Ok(())
}

#[test]
fn mutual() -> Outcome {
    let said = output(&mut Command::new(env!("CARGO_BIN_EXE_mutual")))?;
    let pin = said.lines().next().and_then(|line| line.strip_prefix("alice is ")).ok_or("no pin")?;
    assert!(said.ends_with(&format!("hello {pin}\n")), "{said}");
    Ok(())
}

/// The log of a handshake that succeeds and of one that fails, on both sides.
#[test]
fn tracing() -> Outcome {
    let said = output(&mut Command::new(env!("CARGO_BIN_EXE_tracing")))?;
    let count =
        |texts: &[&str]| said.lines().filter(|line| texts.iter().all(|text| line.contains(text))).count();
    for side in ["side=\"client\"", "side=\"server\""] {
        assert_eq!(count(&[side, "suite=TLS_", "outcome=\"complete\"", "handshake complete"]), 1, "{said}");
        assert_eq!(count(&["WARN", side, "outcome=\"failed\"", "handshake failed"]), 1, "{said}");
    }
    assert_eq!(count(&["client{peer=", "alert received", "certificate_unknown"]), 1, "{said}");
    Ok(())
}

/// Two machines on a network, each with its folder.
#[test]
fn known_peers() -> Outcome {
    let parent = tempfile::tempdir()?;
    for folder in ["printer", "laptop", "tablet"] {
        fs::create_dir(parent.path().join(folder))?;
    }
    let program = env!("CARGO_BIN_EXE_known_peers");
    let start = || -> Result<(Running, String), Box<dyn Error>> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut serve = Command::new(program);
        let serve = serve.arg("serve").arg(parent.path().join("printer")).arg(&address).stderr(Stdio::null());
        let running = Running(serve.spawn()?);
        wait_for(&address)?;
        Ok((running, address))
    };
    let connect = |folder: &str, address: &str, answer: &str| {
        let typed = parent.path().join("typed");
        fs::write(&typed, answer)?;
        let mut connect = Command::new(program);
        output(
            connect
                .args(["connect"])
                .arg(parent.path().join(folder))
                .arg(address)
                .stdin(fs::File::open(typed)?),
        )
    };
    let refused = |outcome: Result<String, Box<dyn Error>>| outcome.expect_err("refused").to_string();

    let (server, address) = start()?;
    assert!(refused(connect("laptop", &address, "no\n")).contains("is not in"), "not approved");
    let first = connect("laptop", &address, "yes\n")?;
    assert!(first.starts_with("A new server.") && first.ends_with("hello\n"), "{first}");
    assert_eq!(connect("laptop", &address, "")?, "hello\n", "no question the second time");
    let other = refused(connect("tablet", &address, "yes\n"));
    assert!(other.contains("access_denied"), "{other}");
    drop(server);

    // Another key under the same name.
    fs::remove_dir_all(parent.path().join("printer").join("identity"))?;
    let (_server, address) = start()?;
    let alarm = refused(connect("laptop", &address, "yes\n"));
    assert!(alarm.contains("ALARM: the key of \"printer.local\"") && alarm.contains("line 1 of"), "{alarm}");
    Ok(())
}

/// One client of each kind, and one that is not known.
#[test]
fn known_clients() -> Outcome {
    let parent = tempfile::tempdir()?;
    let at = |name: &str| parent.path().join(name);
    let ca = Authority::new("ours", Validity::starting_now(), KeyKind::P256)?;
    fs::write(at("ca.pem"), ca.certificate_pem())?;
    let key: Vec<u8> = (0..32).collect();
    fs::write(at("psk"), &key)?;
    let listed = Identity::self_signed(&["lamp"])?;
    let pin = Pin::of_spki(&listed.spki());
    KnownPeers::new(at("clients")).accept("lamp", pin, "", None)?;

    let address = format!("127.0.0.1:{}", free_port()?);
    let mut serve = Command::new(env!("CARGO_BIN_EXE_known_clients"));
    let _server = Running(serve.arg(parent.path()).arg(&address).stderr(Stdio::null()).spawn()?);
    wait_for(&address)?;
    let greeting = |client: Client| -> std::io::Result<String> {
        let mut text = String::new();
        client.connect_to(&address, "server.local")?.read_to_string(&mut text)?;
        Ok(text)
    };
    let of = |identity| Client::new(Trust::DangerNobody).identity(identity);
    let issued = ca.issue(&CertificateParams::new(&["laptop"]).with_usage(Usage::Client))?;
    assert!(greeting(of(issued.identity()?))?.starts_with("hello certificate sha256/"));
    assert_eq!(greeting(of(listed))?, format!("hello certificate {pin}\n"));
    let psk = Psk::from_bytes("meter", PskUse::Tls13Sha256, &key)?;
    assert_eq!(greeting(Client::new(Trust::Psk(psk)))?, "hello psk \"meter\"\n");
    let stranger = greeting(of(Identity::self_signed(&["lamp"])?)).expect_err("refused").to_string();
    // The name of a line, and another key.
    assert!(stranger.contains("certificate_unknown"), "{stranger}");
    Ok(())
}

#[test]
fn certificate_authority() -> Outcome {
    let parent = tempfile::tempdir()?;
    let (folder, request) = (parent.path().join("ca"), parent.path().join("request.pem"));
    let sign = |name: &str| {
        let device = handclasp::Identity::self_signed(&[name])?;
        fs::write(&request, device.certificate_request(&CertificateParams::new(&[name]))?.pem())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_certificate_authority"));
        output(command.arg(&folder).arg(&request))
    };
    for name in ["lock-7.example.com", "lock-8.example.com"] {
        assert!(sign(name)?.starts_with("-----BEGIN CERTIFICATE-----"));
    }
    let refused = sign("lock-7.example.org").err().ok_or("signed")?.to_string();
    assert!(refused.contains("may not certify DNS:lock-7.example.org"), "{refused}");
    Ok(())
}

#[test]
fn device_identity() -> Outcome {
    let parent = tempfile::tempdir()?;
    let folder = parent.path().join("identity");
    let run = |action: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_device_identity"));
        output(command.arg(&folder).arg("printer.local").args(action))
    };
    let pin = run(&[])?;
    assert!(pin.starts_with("sha256/"), "{pin}");
    assert_eq!([run(&[])?, run(&["renew"])?], [pin.clone(), pin.clone()], "the same key");
    let request = run(&["request"])?;
    assert!(
        request.starts_with("-----BEGIN CERTIFICATE REQUEST-----") && request.ends_with(&pin),
        "{request}"
    );
    let rotated = run(&["rotate"])?;
    assert!(rotated.starts_with("-----BEGIN HANDCLASP KEY ROTATION-----"), "{rotated}");
    assert!(!rotated.ends_with(&pin) && rotated.ends_with(&run(&[])?), "{rotated}");
    Ok(())
}

/// What OpenSSL says of a request.
fn subject_of(request: &str) -> Result<String, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("request.pem"), request)?;
    let mut openssl = Command::new("openssl");
    output(
        openssl.args(["req", "-verify", "-noout", "-subject", "-in"]).arg(folder.path().join("request.pem")),
    )
}

#[test]
fn key_in_token() -> Outcome {
    let folder = tempfile::tempdir()?;
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens)?;
    let configuration = folder.path().join("softhsm2.conf");
    fs::write(&configuration, format!("directories.tokendir = {}\n", tokens.display()))?;
    let mut made = Command::new("softhsm2-util");
    let made = made.args(["--init-token", "--free", "--label", "lab", "--so-pin", "1111", "--pin", "240862"]);
    output(made.env("SOFTHSM2_CONF", &configuration))?;
    let uri = "pkcs11:token=lab;object=device?module-path=/usr/lib/softhsm/libsofthsm2.so";
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_key_in_token"));
        let command = command.args([uri, "device.example"]).env("TOKEN_PIN", "240862");
        output(command.env("SOFTHSM2_CONF", &configuration))
    };
    let said = run()?;
    let (pin, request) = said.split_once('\n').ok_or("no pin")?;
    assert!(run()?.starts_with(pin), "the same key later");
    assert!(subject_of(request)?.contains("CN = device.example"));
    Ok(())
}

#[test]
fn request() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = |name| folder.path().join(name);
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["localhost"]))?;
    fs::write(file("cert.pem"), issued.certificate_pem())?;
    fs::write(file("key.pem"), issued.key_pem().as_bytes())?;
    make_private(&file("key.pem"))?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_request"));
    let made = output(command.arg(file("cert.pem")).arg(file("key.pem")).arg("device.example"))?;
    assert!(subject_of(&made)?.contains("O = Example, CN = device.example"));
    Ok(())
}

#[test]
fn external_signer() -> Outcome {
    let said = output(&mut Command::new(env!("CARGO_BIN_EXE_external_signer")))?;
    assert!(said.contains("asked for a signature: ecdsa_secp256r1_sha256"), "{said}");
    assert!(said.ends_with("signed elsewhere\n"), "{said}");
    Ok(())
}

/// A capture of the project.
fn capture(name: &str) -> String {
    format!("{}/../vectors/handshakes/corpus/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn explain_capture() -> Outcome {
    let mut explain = Command::new(env!("CARGO_BIN_EXE_explain_capture"));
    let said = output(explain.arg(capture("alpn-mismatch-gnutls.pcapng")))?;
    assert!(said.contains("[alpn.none-in-common, "), "{said}");
    assert!(said.contains("  fix ("), "{said}");
    Ok(())
}

#[test]
fn dissect() -> Outcome {
    let mut dissect = Command::new(env!("CARGO_BIN_EXE_dissect"));
    let said = output(dissect.arg(capture("alpn-mismatch-gnutls.pcapng")))?;
    for part in ["the client:\n  handshake\n", "supported_versions", "random: "] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    Ok(())
}
