//! Runs of `client` against mosquitto, which requires client certificates: chains of four certificates, a
//! wrong name, an expired certificate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Error, Result};
use interop::credentials::{Credentials, NAME};
use interop::fixtures::Fixtures;
use interop::process::{Running, free_port};

use crate::firmware::machine::{Machine, Settings, Tag};
use crate::firmware::programs::{Core, profile};
use crate::firmware::run::{Bench, Run, TIMEOUT, expect, explained};
use crate::firmware::server::der;
use crate::workspace;

/// The profile.
const PROFILE: &str = "MQTT client";

/// The command that waits for the board.
const COMMAND: &str = "blink";
const READING: &str = "21.5";

/// A run.
pub struct MqttRun {
    name: &'static str,
    /// `tlsv1.2`, `tlsv1.3`.
    version: &'static str,
    /// The broker's certificate and key.
    certificate: &'static str,
    /// The board's, without the address of the broker.
    settings: Settings,
    /// The words of mosquitto and of `handclasp explain`, where the handshake fails.
    refused: Option<(&'static str, &'static str)>,
    has_figures: bool,
}

/// The runs, and the chains that they need.
pub fn runs(fixtures: &Fixtures) -> Result<Vec<MqttRun>> {
    let credentials = fixtures.credentials()?;
    make_chains(credentials)?;
    let (certificate, key) = der(credentials, "client-P-256")?;
    let client = Settings::default()
        .with(Tag::PeerName, NAME.as_bytes())
        .with(Tag::Certificate, &certificate)
        .with(Tag::PrivateKey, &key);
    let [four_ec, four_rsa, one] = ["four-ec-root", "four-rsa-root", "root"]
        .map(|root| Ok::<_, Error>(client.clone().with(Tag::Root, &root_der(credentials, root)?)));
    let (four_ec, four_rsa) = (four_ec?.number(Tag::Connections, 2), four_rsa?.number(Tag::Connections, 2));
    let one = one?.number(Tag::Connections, 1);
    let run = |name, version, certificate, settings: &Settings| MqttRun {
        name,
        version,
        certificate,
        settings: settings.clone(),
        refused: None,
        has_figures: false,
    };
    Ok(vec![
        MqttRun { has_figures: true, ..run("EC chain, TLS 1.3", "tlsv1.3", "four-ec", &four_ec) },
        run("RSA chain, TLS 1.3", "tlsv1.3", "four-rsa", &four_rsa),
        run("EC chain, TLS 1.2", "tlsv1.2", "four-ec", &four_ec),
        run("RSA chain, TLS 1.2", "tlsv1.2", "four-rsa", &four_rsa),
        MqttRun {
            refused: Some(("alert bad certificate", "cert.name-mismatch")),
            ..run("wrong name", "tlsv1.3", "other-name", &one)
        },
        MqttRun {
            refused: Some(("alert certificate expired", "cert.expired")),
            ..run("expired certificate", "tlsv1.3", "expired", &one)
        },
    ])
}

impl Run for MqttRun {
    fn name(&self) -> (&'static str, &'static str) {
        (PROFILE, self.name)
    }

    fn on_both_cores(&self) -> bool {
        self.refused.is_none()
    }

    fn run(&self, core: Core, bench: &Bench<'_>) -> Result<()> {
        let deadline = Instant::now() + TIMEOUT;
        let credentials = bench.fixtures.credentials()?;
        let (port, plain) = (free_port()?, free_port()?);
        let broker = self.broker(credentials, port, plain)?;
        broker.wait_ready(deadline, "running")?;
        let plain = plain.to_string();
        let topic = |name: &'static str| ["-p", &plain, "-t", name].map(str::to_owned);
        workspace::output(
            Command::new("mosquitto_pub").args(topic("board/commands")).args(["-r", "-m", COMMAND]),
        )?;
        let readings = Running::start(Command::new("mosquitto_sub").args(topic("board/readings")))?;
        broker.wait_ready(deadline, "Sending SUBACK")?;

        let profile = profile(PROFILE)?;
        let settings = self.settings.clone().peer(port);
        let mut machine = Machine::start(&bench.programs.path(core, profile), core, &settings, None)?;
        machine.end(deadline)?;
        if let Some((broker_says, explain_says)) = self.refused {
            expect(&broker, broker_says, &machine)?;
            return explained(&machine.text(), explain_says, bench.fixtures);
        }
        for line in ["connected", "command blink", "published and received", "resumed"] {
            machine.wait_line(line, deadline)?;
        }
        expect(&readings, &format!("{READING}\n{READING}\n"), &machine)?;
        if self.has_figures {
            bench.add(core, profile, machine.figures("connected")?);
        }
        Ok(())
    }
}

impl MqttRun {
    /// Starts mosquitto: one port with TLS for the board, one without for this test.
    fn broker(&self, credentials: &Credentials, port: u16, plain: u16) -> Result<Running> {
        let config = format!(
            "user root\nlistener {plain} 127.0.0.1\nallow_anonymous true\nlistener {port} 127.0.0.1\n\
             allow_anonymous true\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true\n\
             tls_version {}\n",
            credentials.pem("root"),
            credentials.pem(self.certificate),
            credentials.key_file(self.certificate),
            self.version
        );
        let file = credentials.path().join(format!("firmware-{port}.conf"));
        fs::write(&file, config)?;
        let mut mosquitto = Command::new("/usr/sbin/mosquitto");
        Running::start(credentials.isolate(mosquitto.arg("-v").arg("-c").arg(file)))
    }
}

/// A root that the board trusts.
fn root_der(credentials: &Credentials, name: &str) -> Result<Vec<u8>> {
    let root = credentials.path().join(format!("{name}.der"));
    openssl(credentials, &["x509", "-in", &credentials.pem(name), "-outform", "DER", "-out", &text(&root)])?;
    Ok(fs::read(root)?)
}

/// Makes the chains `four-ec` and `four-rsa`: leaf, two intermediates, root. The RSA chain has 5 KB, as
/// those of brokers in the cloud.
fn make_chains(credentials: &Credentials) -> Result<()> {
    let filling = "x".repeat(300);
    let authority = format!(
        "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nnsComment={filling}\n"
    );
    let leaf = format!(
        "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n\
         subjectAltName=DNS:{NAME}\nnsComment={filling}\n"
    );
    let keys: [(&str, &[&str]); 2] =
        [("four-ec", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("four-rsa", &["rsa:2048"])];
    for (chain, key) in keys {
        let names = [format!("{chain}-root"), format!("{chain}-1"), format!("{chain}-2"), chain.to_owned()];
        let mut issuer: Option<&String> = None;
        for name in &names {
            let extensions = if name == chain { &leaf } else { &authority };
            certificate(credentials, name, key, issuer, extensions)?;
            issuer = Some(name);
        }
        let pems = names.iter().rev().map(|name| fs::read_to_string(credentials.pem(name)));
        fs::write(credentials.pem(chain), pems.collect::<Result<String, _>>()?)?;
    }
    Ok(())
}

/// Makes `NAME.pem` and `NAME.key`, signed by the issuer or by itself.
fn certificate(
    credentials: &Credentials,
    name: &str,
    key: &[&str],
    issuer: Option<&String>,
    extensions: &str,
) -> Result<()> {
    let file = |ending: &str| text(&credentials.path().join(format!("{name}.{ending}")));
    fs::write(file("cnf"), extensions)?;
    let (key_file, request) = (credentials.key_file(name), file("csr"));
    let subject = format!("/CN={name}");
    let named = ["-nodes", "-keyout", &key_file, "-subj", &subject, "-out", &request];
    openssl(credentials, &[&["req", "-config", "authority.cnf", "-newkey"][..], key, &named].concat())?;
    let signer = match issuer {
        Some(issuer) => {
            vec!["-CA".into(), credentials.pem(issuer), "-CAkey".into(), credentials.key_file(issuer)]
        }
        None => vec!["-signkey".into(), key_file],
    };
    let signer: Vec<&str> = signer.iter().map(String::as_str).collect();
    let (pem, extensions) = (credentials.pem(name), file("cnf"));
    let serial = ["-set_serial", "7", "-days", "7"];
    let made = ["x509", "-req", "-in", &request, "-extfile", &extensions, "-out", &pem];
    openssl(credentials, &[&made[..], &signer, &serial].concat())
}

fn openssl(credentials: &Credentials, arguments: &[&str]) -> Result<()> {
    workspace::output(credentials.isolate(Command::new("openssl").args(arguments))).map(drop)
}

fn text(path: &Path) -> String {
    PathBuf::from(path).display().to_string()
}
