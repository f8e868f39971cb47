//! Cells of the configuration that `check` prints for Mbed TLS: it is compiled with the source of a
//! current Mbed TLS, and a client built with it connects. The rows of `interop/check/mbed.tsv`:
//!
//! - `name`, `server`, `ready`, `probe`, `check`, `facts`: as in `servers.tsv`
//! - `client`: arguments of `interop/peers/mbed-client.c` behind port and name
//!
//! The source is that of the crate `mbedtls-rs-sys`, see `interop/peers/mbedtls-source`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;
use serde_json::Value;

use super::server::{self, Stage};
use super::{Bench, rows};
use crate::matrix::credentials::{Credentials, NAME};
use crate::workspace;

const TABLE: &str = include_str!("../../check/mbed.tsv");
const COLUMNS: &str = "name server ready probe check facts client";

/// Chains of other kinds than the matrix has: what makes the key, and the hash of the root's
/// signatures. Each is `NAME-root` and, signed by it, `NAME`.
const CHAINS: [(&str, &[&str], &[&str], &str); 2] = [
    ("p384-chain", P384, P256, "-sha384"),
    ("rsa-chain", &["-newkey", "rsa:3072"], &["-newkey", "rsa:2048"], "-sha512"),
];
const P256: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

/// What Mbed TLS reads without PEM: certificates with their keys, and roots.
const IN_DER: [&str; 3] = ["client-P-256", "client-P-384", "client-RSA"];

/// One row.
pub struct Cell {
    server: server::Cell,
    client: String,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    rows(TABLE, COLUMNS)?.iter().map(|row| cell(row).with_context(|| format!("{row:?}"))).collect()
}

fn cell(row: &[&str]) -> Result<Cell> {
    let [name, server, ready, probe, check, facts, client] = *row else { bail!("{} columns", row.len()) };
    let server = server::Cell::new(&format!("mbed {name}"), [server, ready, probe, check, facts])?;
    Ok(Cell { server, client: if client == "-" { String::new() } else { client.to_owned() } })
}

/// The library's source, and the chains of the table.
pub struct Source {
    mbedtls: PathBuf,
}

impl Source {
    /// Asks cargo for the source, and makes what the table names.
    pub fn prepare(credentials: &Credentials) -> Result<Self> {
        let directory = credentials.path();
        for (name, root_key, key, hash) in CHAINS {
            let root = format!("{name}-root");
            let authority = "basicConstraints=critical,CA:TRUE";
            let alternative = format!("subjectAltName=DNS:{NAME},IP:127.0.0.1");
            certificate(credentials, &root, root_key, authority, hash, &[])?;
            let issuer = ["-CA", &credentials.pem(&root), "-CAkey", &credentials.key_file(&root)];
            certificate(credentials, name, key, &alternative, hash, &issuer)?;
        }
        for name in ["root", "p384-chain-root", "rsa-chain-root"].iter().chain(&IN_DER) {
            let der = directory.join(format!("{name}.der")).display().to_string();
            openssl(credentials, &["x509", "-in", &credentials.pem(name), "-outform", "DER", "-out", &der])?;
        }
        for name in IN_DER {
            let der = directory.join(format!("{name}.key.der")).display().to_string();
            let key = credentials.key_file(name);
            openssl(
                credentials,
                &["pkcs8", "-topk8", "-nocrypt", "-in", &key, "-outform", "DER", "-out", &der],
            )?;
        }
        let manifest = workspace::root().join("interop/peers/mbedtls-source/Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(manifest).exec().context("mbedtls-source")?;
        let package = metadata.packages.iter().find(|package| package.name.as_str() == "mbedtls-rs-sys");
        let package = package.context("mbedtls-source has no mbedtls-rs-sys")?;
        let mbedtls = package.manifest_path.parent().context("a manifest in no directory")?.join("mbedtls");
        Ok(Self { mbedtls: mbedtls.into_std_path_buf() })
    }

    /// A client of Mbed TLS with this configuration.
    fn client(&self, directory: &Path, name: &str, config: &str) -> Result<PathBuf> {
        let header = directory.join(format!("{name}.h"));
        fs::write(&header, config)?;
        let program = directory.join(name);
        let mut cc = Command::new("cc");
        cc.args(["-std=c99", "-D_DEFAULT_SOURCE", "-O0", "-w"]);
        cc.arg(format!("-DMBEDTLS_CONFIG_FILE=\"{}\"", header.display()));
        cc.arg("-I").arg(self.mbedtls.join("include")).arg("-I").arg(self.mbedtls.join("library"));
        cc.arg("-o").arg(&program).arg(workspace::root().join("interop/peers/mbed-client.c"));
        for entry in fs::read_dir(self.mbedtls.join("library"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "c") {
                cc.arg(path);
            }
        }
        workspace::output(&mut cc).context("the configuration does not compile")?;
        Ok(program)
    }
}

fn certificate(
    credentials: &Credentials,
    name: &str,
    key: &[&str],
    extension: &str,
    hash: &str,
    issuer: &[&str],
) -> Result<()> {
    let subject = format!("/CN=handclasp check {name}");
    let (key_file, pem) = (credentials.key_file(name), credentials.pem(name));
    let what = ["req", "-config", "authority.cnf", "-x509", "-nodes", "-days", "7", hash, "-subj", &subject];
    let files = ["-keyout", &key_file, "-out", &pem, "-addext", extension];
    openssl(credentials, &[&what[..], key, &files, issuer].concat())
}

fn openssl(credentials: &Credentials, arguments: &[&str]) -> Result<()> {
    workspace::output(credentials.clean(Command::new("openssl").args(arguments))).map(drop)
}

impl Cell {
    /// The table's name.
    pub fn name(&self) -> &str {
        &self.server.name
    }

    /// Plays it: what is wrong, and what was said.
    pub fn play(&self, bench: &Bench) -> Result<(Vec<String>, String)> {
        self.server.checked(bench, |stage, found| self.connects(stage, found))
    }

    /// A client with the printed configuration connects.
    fn connects(&self, stage: &Stage<'_>, found: &Value) -> Result<Vec<String>> {
        let lines = found["least"]["mbedtls"].as_array().context("no configuration")?;
        let config: String = lines.iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect();
        let name = format!("mbed-client-{}", stage.port);
        let program = stage.bench.mbed.client(stage.bench.credentials.path(), &name, &config)?;
        let limit = config.split("mbedtls_ssl_conf_max_frag_len() at ").nth(1);
        let limit = limit.and_then(|rest| rest.split(' ').next());
        let limit = limit.map_or_else(String::new, |limit| format!("mfl={limit}"));
        let line = format!("{} {} {NAME} {limit} {}", program.display(), stage.port, self.client);
        let answers = stage.probe.answers(&mut stage.command(&line)?)?;
        Ok(answers
            .map(|complaint| format!("`{line}` does not connect: {complaint}\n{config}"))
            .into_iter()
            .collect())
    }
}
