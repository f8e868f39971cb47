//! Cells of the configuration that `check` prints for Mbed TLS: it compiles with the source of a current
//! Mbed TLS, and a client built with it connects. The rows of `interop/check/mbedtls.tsv`. Columns:
//!
//! - `name`, `server`, `ready`, `probe`, `check_args`, `facts`: as in `servers.tsv`
//! - `client_args`: arguments of `interop/peers/mbedtls-client.c` after port and name

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::server::{self, Target};
use crate::credentials::{Credentials, NAME};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::table::{Table, optional};
use crate::{table, workspace};

const TABLE: Table = table!("check/mbedtls.tsv");
const COLUMNS: [&str; 7] = ["name", "server", "ready", "probe", "check_args", "facts", "client_args"];

/// Chains that the matrix lacks: name, key of the root, key of the leaf, hash of the root's signatures.
/// Each is the files `NAME-root` and, signed by it, `NAME`.
const CHAINS: [(&str, &[&str], &[&str], &str); 2] = [
    ("p384-chain", P384, P256, "-sha384"),
    ("rsa-chain", &["-newkey", "rsa:3072"], &["-newkey", "rsa:2048"], "-sha512"),
];
const P256: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
const P384: &[&str] = &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"];

/// Certificates that are also written as DER, with their keys: Mbed TLS may be built without PEM.
const IN_DER: [&str; 3] = ["client-P-256", "client-P-384", "client-RSA"];

/// One row.
pub struct Cell {
    check: server::Cell,
    client_args: String,
}

/// Reads the table.
pub fn all() -> Result<Vec<Cell>> {
    TABLE.read(COLUMNS, |[name, server, ready, probe, check, facts, client_args]| {
        let check = server::Cell::new([name, server, ready, probe, check, facts])?;
        Ok(Cell { check, client_args: optional(client_args) })
    })
}

/// Makes the chains and DER files that the table names.
pub fn prepare(credentials: &Credentials) -> Result<()> {
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
        openssl(credentials, &["pkcs8", "-topk8", "-nocrypt", "-in", &key, "-outform", "DER", "-out", &der])?;
    }
    Ok(())
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
    workspace::output(credentials.isolate(Command::new("openssl").args(arguments))).map(drop)
}

impl Test for Cell {
    fn name(&self) -> String {
        format!("check::mbedtls::{}", self.check.name)
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        fixtures.mbedtls_chains()?;
        self.check.run_check(fixtures, |target, found| self.connect(target, found))
    }
}

impl Cell {
    /// A client with the printed configuration connects.
    fn connect(&self, target: &Target<'_>, found: &Value) -> Result<Vec<String>> {
        let lines = found["least"]["mbedtls"].as_array().context("no configuration")?;
        let config: String = lines.iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect();
        let name = format!("mbedtls-client-{}", target.port);
        let directory = target.fixtures.credentials()?.path();
        let (header, program) = (directory.join(format!("{name}.h")), directory.join(&name));
        fs::write(&header, &config)?;
        let option = format!("-DMBEDTLS_CONFIG_FILE=\"{}\"", header.display());
        let built = target.fixtures.mbedtls_source()?.build(&program, "mbedtls-client.c", &[&option]);
        built.context("the configuration does not compile")?;
        let limit = config.split("mbedtls_ssl_conf_max_frag_len() at ").nth(1);
        let limit = limit.and_then(|rest| rest.split(' ').next());
        let limit = limit.map_or_else(String::new, |limit| format!("mfl={limit}"));
        let line = format!("{} {} {NAME} {limit} {}", program.display(), target.port, self.client_args);
        let failure = target.probe.must_connect(&mut target.command(&line)?)?;
        let failure = failure.map(|failure| format!("`{line}` does not connect: {failure}\n{config}"));
        Ok(failure.into_iter().collect())
    }
}
