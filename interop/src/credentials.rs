//! Certificates and keys of one run, made by the `openssl` command in a temporary directory. Also the
//! configuration that OpenSSL runs with: that of the machine must not change the results.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::{peers, workspace};

/// The DNS name in the certificates.
pub const NAME: &str = "server.test";

/// The pre-shared key: 16 ASCII characters.
pub const PSK_ASCII: &str = "0123456789abcdef";
/// The same key as hex.
pub const PSK_HEX: &str = "30313233343536373839616263646566";
/// The same key as base64.
pub const PSK_BASE64: &str = "MDEyMzQ1Njc4OWFiY2RlZg==";
/// The identity of the key.
pub const PSK_ID: &str = "device-7";

/// A key that is valid as hex (3 bytes) and as ASCII (6 bytes).
pub const PSK_READINGS: &str = "abc123";

/// Another key, as hex.
pub const PSK_OTHER_HEX: &str = "30313233343536373839616263646567";
/// Another identity.
pub const PSK_OTHER_ID: &str = "device-8";

/// Names of leaf certificates, and the options of `openssl genpkey` for their keys.
const KEYS: [(&str, &[&str]); 7] = [
    ("P-256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("P-384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    ("P-521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    ("Ed25519", &["-algorithm", "ED25519"]),
    ("Ed448", &["-algorithm", "ED448"]),
    ("RSA", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("RSA-PSS", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"]),
];

/// The configuration of `openssl ca`, the only command that sets both dates in every version of OpenSSL 3.
const AUTHORITY: &str = "\
[ca]
default_ca = authority
[authority]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:server.test,IP:127.0.0.1
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[leaf_that_must_staple]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:server.test,IP:127.0.0.1
tlsfeature = status_request
[leaf_for_another_name]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:other.test
";

/// The configuration of peers. Security level 1 is OpenSSL's default; Debian raises it to 2.
const PEER: &str = "\
openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = tls
[tls]
CipherString = DEFAULT@SECLEVEL=1
";

const WEEK: [&str; 2] = ["-days", "7"];
/// RFC 8446 §4.2.3: the salt is as long as the hash. OpenSSL's default is the longest.
const SALT: [&str; 2] = ["-sigopt", "rsa_pss_saltlen:digest"];
const EXPIRED: [&str; 4] = ["-startdate", "20200101000000Z", "-enddate", "20200201000000Z"];
const IN_FUTURE: [&str; 4] = ["-startdate", "20490101000000Z", "-enddate", "20490201000000Z"];

/// The directory: `root.pem`, `other-root.pem`, `NAME.pem` with `NAME.key` (those for clients
/// begin with `client-`), `intermediate.pem`, `ocsp.der`, `psk384.pem`, `gnutls.psk`, `peer.cnf`,
/// `no-ems.cnf`, `old.cnf`.
pub struct Credentials {
    directory: TempDir,
}

impl Credentials {
    /// Makes everything; about two seconds.
    pub fn generate() -> Result<Self> {
        peers::require("openssl")?;
        let this = Self { directory: tempfile::tempdir()? };
        fs::write(this.path().join("authority.cnf"), AUTHORITY)?;
        fs::write(this.path().join("index.txt"), "")?;
        fs::write(this.path().join("peer.cnf"), PEER)?;
        // Without extended_master_secret (RFC 7627); OpenSSL 3.0 has no flag for it.
        fs::write(this.path().join("no-ems.cnf"), format!("{PEER}Options = -ExtendedMasterSecret\n"))?;
        // SECLEVEL 0 permits suites with SHA-1 and with tags of 8 bytes.
        fs::write(this.path().join("old.cnf"), PEER.replace("SECLEVEL=1", "SECLEVEL=0"))?;
        let p256 = KEYS[0].1;
        for root in ["root", "other-root"] {
            this.key(root, p256)?;
            let subject = format!("/CN=handclasp matrix {root}");
            let files = ["-key", &this.key_file(root), "-out", &this.pem(root)];
            let what = ["-new", "-x509", "-extensions", "root", "-subj", &subject];
            this.authority("req", &[&what[..], &files, &WEEK].concat())?;
        }
        for (name, options) in KEYS {
            this.leaf(name, options, "root", "leaf", &WEEK)?;
            this.leaf(&format!("client-{name}"), options, "root", "client", &WEEK)?;
        }
        // The issuer's key is RSA-PSS as well, so that certificates are signed by it, too.
        this.leaf("pss-intermediate", KEYS[6].1, "root", "root", &WEEK)?;
        this.leaf("RSA-PSS", KEYS[6].1, "pss-intermediate", "leaf", &[&WEEK[..], &SALT].concat())?;
        this.leaf("client-expired", p256, "root", "client", &EXPIRED)?;
        this.leaf("client-foreign", p256, "other-root", "client", &WEEK)?;
        this.leaf("foreign", p256, "other-root", "leaf", &WEEK)?;
        this.leaf("expired", p256, "root", "leaf", &EXPIRED)?;
        this.leaf("not-yet-valid", p256, "root", "leaf", &IN_FUTURE)?;
        this.leaf("other-name", p256, "root", "leaf_for_another_name", &WEEK)?;
        this.leaf("intermediate", p256, "root", "root", &WEEK)?;
        this.leaf("chain", p256, "intermediate", "leaf", &WEEK)?;
        let chain = fs::read_to_string(this.pem("chain"))? + &fs::read_to_string(this.pem("intermediate"))?;
        fs::write(this.path().join("chain-whole.pem"), chain)?;
        fs::copy(this.path().join("chain.key"), this.path().join("chain-whole.key"))?;
        for name in ["P-256", "Ed25519", "RSA", "client-P-256", "client-Ed25519", "client-RSA"] {
            this.public_key(name)?;
        }
        this.leaf("revoked", p256, "root", "leaf", &WEEK)?;
        this.leaf("must-staple", p256, "root", "leaf_that_must_staple", &WEEK)?;
        let (root, key) = (this.pem("root"), this.key_file("root"));
        let by = ["-cert", &root, "-keyfile", &key];
        this.authority("ca", &[&["-revoke", &this.pem("revoked")][..], &by].concat())?;
        this.ocsp_response("P-256", "ocsp", &["-ndays", "7"])?;
        this.ocsp_response("revoked", "ocsp-revoked", &["-ndays", "7"])?;
        this.ocsp_response("must-staple", "ocsp-must", &["-ndays", "7"])?;
        this.psk_session()?;
        fs::write(this.path().join("gnutls.psk"), format!("{PSK_ID}:{PSK_HEX}\n"))?;
        Ok(this)
    }

    /// `NAME.der`: the root's OCSP response about a certificate; `lifetime` are options of `openssl ocsp`.
    fn ocsp_response(&self, certificate: &str, name: &str, lifetime: &[&str]) -> Result<()> {
        let (root, key, leaf) = (self.pem("root"), self.key_file("root"), self.pem(certificate));
        let response = format!("{name}.der");
        let ocsp = |arguments: &[&str]| {
            let mut command = Command::new("openssl");
            command.arg("ocsp").args(arguments);
            workspace::output(self.isolate(&mut command)).map(drop)
        };
        ocsp(&["-issuer", &root, "-cert", &leaf, "-reqout", "ocsp.req"])?;
        let by = ["-index", "index.txt", "-CA", &root, "-rsigner", &root, "-rkey", &key];
        ocsp(&[&by[..], lifetime, &["-reqin", "ocsp.req", "-respout", &response]].concat())
    }

    /// `psk384.pem`: the pre-shared key bound to SHA-384, which OpenSSL reads as a session of TLS 1.3 with
    /// a suite of that hash (SSL_SESSION in d2i_SSL_SESSION(3)).
    fn psk_session(&self) -> Result<()> {
        let fields = format!(
            "asn1 = SEQUENCE:session\n[session]\nversion = INTEGER:1\nssl_version = INTEGER:0x0304\n\
             cipher = FORMAT:HEX,OCTETSTRING:1302\nid = FORMAT:HEX,OCTETSTRING:00\n\
             key = FORMAT:HEX,OCTETSTRING:{PSK_HEX}\n"
        );
        fs::write(self.path().join("session.cnf"), fields)?;
        let script = "openssl asn1parse -genconf session.cnf -noout -out session.der && \
                      (echo '-----BEGIN SSL SESSION PARAMETERS-----' && openssl base64 -in session.der && \
                      echo '-----END SSL SESSION PARAMETERS-----') > psk384.pem";
        workspace::output(self.isolate(Command::new("sh").args(["-c", script]))).map(drop)
    }

    /// The directory of all files.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The path of `NAME.pem`.
    pub fn pem(&self, name: &str) -> String {
        self.path().join(format!("{name}.pem")).display().to_string()
    }

    /// The path of `NAME.key`.
    pub fn key_file(&self, name: &str) -> String {
        self.path().join(format!("{name}.key")).display().to_string()
    }

    /// The pin of a certificate, `sha256/` and base64 of the SHA-256 of its SubjectPublicKeyInfo, computed
    /// by OpenSSL.
    pub fn pin(&self, pem: &str) -> Result<String> {
        let script = "openssl x509 -noout -pubkey -in \"$0\" | openssl pkey -pubin -outform DER \
                      | openssl dgst -sha256 -binary | openssl base64 -A";
        let pin = workspace::output(self.isolate(Command::new("sh").args(["-c", script, pem])))?;
        Ok(format!("sha256/{}", pin.trim()))
    }

    /// A word of a command line with its placeholders replaced: `{port}`, `{dir}` (this directory),
    /// `{peers}` (the sources in `interop/peers`), `{pin:NAME}` (the pin of `NAME.pem`).
    pub fn fill(&self, word: &str, port: u16) -> Result<String> {
        if let Some(name) = word.strip_prefix("{pin:").and_then(|rest| rest.strip_suffix('}')) {
            return self.pin(&self.pem(name));
        }
        let peers = workspace::root().join("interop/peers").display().to_string();
        let word = word.replace("{port}", &port.to_string()).replace("{peers}", &peers);
        Ok(word.replace("{dir}", &self.path().display().to_string()))
    }

    /// Sets the working directory and OpenSSL's configuration of a command.
    pub fn isolate<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(self.path()).env("OPENSSL_CONF", self.path().join("peer.cnf"))
    }

    /// `NAME.pub`: the public key of a certificate, the form in which GnuTLS reads raw public keys.
    fn public_key(&self, name: &str) -> Result<()> {
        let mut command = Command::new("openssl");
        let file = self.path().join(format!("{name}.pub")).display().to_string();
        command.args(["pkey", "-in", &self.key_file(name), "-pubout", "-out", &file]);
        workspace::output(self.isolate(&mut command)).map(drop)
    }

    fn key(&self, name: &str, options: &[&str]) -> Result<()> {
        let mut command = Command::new("openssl");
        command.arg("genpkey").args(options).args(["-out", &self.key_file(name)]);
        workspace::output(self.isolate(&mut command)).map(drop)
    }

    fn leaf(&self, name: &str, key: &[&str], issuer: &str, section: &str, dates: &[&str]) -> Result<()> {
        self.key(name, key)?;
        let request = self.path().join("request.pem").display().to_string();
        let subject = if section == "root" { "/CN=handclasp matrix intermediate" } else { "/CN=server.test" };
        self.authority("req", &["-new", "-subj", subject, "-key", &self.key_file(name), "-out", &request])?;
        let issued_by = ["-cert", &self.pem(issuer), "-keyfile", &self.key_file(issuer)];
        let what = ["-batch", "-notext", "-in", &request, "-extensions", section, "-out", &self.pem(name)];
        self.authority("ca", &[&what[..], &issued_by, dates].concat())
    }

    fn authority(&self, subcommand: &str, arguments: &[&str]) -> Result<()> {
        let mut command = Command::new("openssl");
        command.args([subcommand, "-config", "authority.cnf"]).args(arguments);
        workspace::output(self.isolate(&mut command)).map(drop)
    }
}
