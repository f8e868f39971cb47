//! The parts that a device links, against `openssl s_server` over a socket: provider-rustcrypto, web
//! PKI, both versions, and chains as common clouds use them: RSA, and ECDSA with a root on P-384.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Config, Connection, Context};
use handclasp_crypto::Verify;
use handclasp_handshake::{
    Answer, Certificates, ClientStart, ExtendedMasterSecret, Need, PeerIdentity, Versions,
};
use handclasp_provider_aws_lc::SystemRandom;
use handclasp_provider_rustcrypto as device;
use handclasp_report::{CertificateFault, Fault, FaultCode};
use handclasp_trust::{Name, Role, Roots, Trust, VerifyOptions};
use rustls_pki_types::UnixTime;

const NAME: &str = "cloud.test";

/// How a key is generated: the argument of `openssl req -newkey`, and further arguments.
type Key = (&'static str, &'static [&'static str]);
const RSA_2048: Key = ("rsa:2048", &[]);
const RSA_4096: Key = ("rsa:4096", &[]);
const P256: Key = ("ec", &["-pkeyopt", "ec_paramgen_curve:P-256"]);
const P384: Key = ("ec", &["-pkeyopt", "ec_paramgen_curve:P-384"]);

/// Options for RSASSA-PSS signatures.
const PSS: &[&str] = &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];

/// A root, an intermediate and a leaf, in a directory that is removed on drop.
struct Chain {
    directory: tempfile::TempDir,
}

impl Chain {
    /// Generates keys and certificates. The root signs itself and the intermediate with `root_hash`; the
    /// intermediate signs the leaf with `leaf_hash` and `leaf_options`.
    fn new(keys: [Key; 3], root_hash: &str, leaf_hash: &str, leaf_options: &[&str]) -> Self {
        let this = Self { directory: tempfile::tempdir().expect("a directory") };
        let authority = "basicConstraints=critical,CA:TRUE";
        let name = format!("subjectAltName=DNS:{NAME}");
        this.certificate("root", keys[0], authority, None, root_hash, &[]);
        this.certificate("between", keys[1], authority, Some("root"), root_hash, &[]);
        this.certificate("leaf", keys[2], &name, Some("between"), leaf_hash, leaf_options);
        this
    }

    fn certificate(
        &self,
        name: &str,
        (kind, more): Key,
        extension: &str,
        issuer: Option<&str>,
        hash: &str,
        options: &[&str],
    ) {
        let (key, pem, subject) =
            (format!("{name}.key"), format!("{name}.pem"), format!("/CN=device {name}"));
        let mut command = Command::new("openssl");
        command.current_dir(self.path()).args(["req", "-x509", "-nodes", "-days", "7", "-newkey", kind]);
        command.args(more).args(["-keyout", &key, "-out", &pem, "-subj", &subject, "-addext", extension]);
        command.arg(hash).args(options);
        if let Some(issuer) = issuer {
            command.args(["-CA", &format!("{issuer}.pem"), "-CAkey", &format!("{issuer}.key")]);
        }
        // The machine's own OpenSSL configuration could add extensions.
        std::fs::write(self.path().join("empty.cnf"), "[req]\ndistinguished_name=name\n[name]\n")
            .expect("a file");
        let output = command.args(["-config", "empty.cnf"]).output().expect("openssl is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn trust(&self) -> Trust {
        let pem = std::fs::read(self.path().join("root.pem")).expect("a root");
        Trust::WebPki(Roots::from_pem(&pem).expect("a root"))
    }
}

/// `openssl s_server -rev`, which ends on drop.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(chain: &Chain, options: &[&str]) -> Self {
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let address = format!("127.0.0.1:{port}");
        let mut child = Command::new("openssl")
            .current_dir(chain.path())
            .args(["s_server", "-rev", "-accept", &address, "-cert", "leaf.pem", "-key", "leaf.key"])
            .args(["-cert_chain", "between.pem"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl is installed");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        assert!(lines.any(|line| line.is_ok_and(|line| line.starts_with("ACCEPT"))), "it listens");
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Both versions, every group and suite of the provider, and these verifiers.
fn config(verify: &'static [&'static dyn Verify]) -> Config {
    Config::new(handclasp_handshake::Config {
        generation: 1,
        versions: Versions::ALL,
        suites: device::ALL_SUITES.into(),
        groups: device::GROUPS.into(),
        shares: 1,
        verify: verify.into(),
        alpn: Vec::new(),
        extended_master_secret: ExtendedMasterSecret::Required,
        has_psk: false,
        has_credential: false,
        certificates: Certificates::default(),
        extensions: Default::default(),
        resumption: Default::default(),
        key_log: false,
    })
}

/// The client's side of one connection.
struct Device<'t> {
    connection: Connection,
    config: Config,
    trust: &'t Trust,
    chain: Vec<Vec<u8>>,
}

impl Device<'_> {
    fn drive(
        &mut self,
        body: impl FnOnce(&mut Connection, &mut Context<'_>) -> Result<(), FaultCode>,
    ) -> Result<(), FaultCode> {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_secs();
        let mut random = SystemRandom;
        let context = &mut Context { config: &self.config, now, random: &mut random };
        body(&mut self.connection, context)?;
        while let Some(need) = self.connection.need() {
            let Need::PeerCertificate { der, last, .. } = need else { panic!("{need:?}") };
            self.chain.push(der.to_vec());
            if !last {
                self.connection.answer(context, Answer::CertificateNoted)?;
                continue;
            }
            let name = NAME.parse::<Name>().expect("a name");
            let verify = &self.config.handshake.verify;
            let now = UnixTime::since_unix_epoch(Duration::from_secs(now));
            let options =
                VerifyOptions::new(Role::Server, now, verify, device::SHA256).with_name(Some(&name));
            match self.trust.verify_chain(&self.chain, &options) {
                Ok(peer) => {
                    let identity = PeerIdentity::new(peer.pin.0, peer.not_after.map(|time| time.as_secs()));
                    self.connection.answer(context, Answer::PeerAccepted { spki: &peer.spki, identity })?;
                }
                Err(fault) => self.connection.answer(context, Answer::PeerRefused(fault))?,
            }
        }
        Ok(())
    }

    fn flush(&mut self, socket: &mut TcpStream) {
        let bytes = self.connection.transmit().to_vec();
        socket.write_all(&bytes).expect("the server reads");
        self.connection.transmitted(bytes.len());
    }

    /// Completes the handshake, sends a line and returns the answer.
    fn talk(&mut self, socket: &mut TcpStream) -> Result<String, FaultCode> {
        let (mut said, mut heard) = (false, String::new());
        while !heard.ends_with('\n') {
            self.flush(socket);
            if self.connection.may().write && !said {
                said = true;
                self.drive(|connection, context| connection.write(context, b"ping\n").map(drop))?;
                continue;
            }
            let count = socket.read(self.connection.receive_space()).expect("the server writes");
            assert!(count > 0, "the server closed");
            let outcome = self.drive(|connection, context| connection.received(context, count));
            self.flush(socket);
            outcome?;
            heard += std::str::from_utf8(self.connection.readable()).expect("text");
            let count = self.connection.readable().len();
            self.connection.consume(count);
            self.drive(Connection::proceed)?;
        }
        Ok(heard)
    }
}

/// Connects and talks; returns the version or the fault.
fn talk(
    server: &Server,
    trust: &Trust,
    verify: &'static [&'static dyn Verify],
) -> Result<ProtocolVersion, Fault> {
    let config = config(verify);
    let start = ClientStart { server_name: Some(NAME), psk: None, session: None };
    let mut random = SystemRandom;
    let connection =
        Connection::client(&mut Context { config: &config, now: 0, random: &mut random }, start)?;
    let mut socket = TcpStream::connect(&server.address).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let mut client = Device { connection, config, trust, chain: Vec::new() };
    assert_eq!(client.talk(&mut socket)?, "gnip\n");
    Ok(client.connection.connected().expect("it is").version)
}

/// Connects in both versions over `chain`; a chain below another root is rejected.
fn reaches(chain: &Chain) {
    for (option, version) in [("-tls1_3", ProtocolVersion::TLS_1_3), ("-tls1_2", ProtocolVersion::TLS_1_2)] {
        let server = Server::start(chain, &[option]);
        assert_eq!(talk(&server, &chain.trust(), device::VERIFY), Ok(version));
    }
}

#[test]
fn rsa_below_a_root_of_4096_bits() {
    let chain = Chain::new([RSA_4096, RSA_2048, RSA_2048], "-sha384", "-sha256", &[]);
    reaches(&chain);

    // Another root with the same name, and a device that does not list RSA.
    let other = Chain::new([P384, P384, P256], "-sha384", "-sha384", &[]);
    let server = Server::start(&chain, &[]);
    let refused = talk(&server, &other.trust(), device::VERIFY);
    assert!(
        matches!(
            refused,
            Err(Fault::Certificate(
                CertificateFault::UnknownIssuer { .. } | CertificateFault::SignatureInvalid
            ))
        ),
        "{refused:?}"
    );
    static ECDSA: [&dyn Verify; 2] = [device::ECDSA_P256_SHA256, device::ECDSA_P384_SHA384];
    assert!(matches!(talk(&server, &chain.trust(), &ECDSA), Err(Fault::PeerAlert(_))));
}

#[test]
fn rsa_certificates_signed_by_pss() {
    reaches(&Chain::new([RSA_2048, RSA_2048, P256], "-sha512", "-sha256", PSS));
}

#[test]
fn a_root_on_p384() {
    reaches(&Chain::new([P384, P384, P256], "-sha384", "-sha384", &[]));
}

#[test]
fn a_leaf_on_p384_signed_with_sha256() {
    reaches(&Chain::new([P384, P256, P384], "-sha384", "-sha256", &[]));
}

#[test]
fn every_rsa_scheme_of_a_handshake() {
    let chain = Chain::new([P384, RSA_2048, RSA_2048], "-sha384", "-sha512", &[]);
    for hash in ["SHA256", "SHA384", "SHA512"] {
        for (option, padding) in [("-tls1_3", "PSS"), ("-tls1_2", "PSS"), ("-tls1_2", "RSA")] {
            let scheme = match padding {
                "PSS" => format!("RSA-PSS+{hash}"),
                other => format!("{other}+{hash}"),
            };
            let server = Server::start(&chain, &[option, "-sigalgs", &scheme]);
            talk(&server, &chain.trust(), device::VERIFY)
                .unwrap_or_else(|fault| panic!("{scheme}: {fault:?}"));
        }
    }
}
