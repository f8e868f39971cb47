//! The servers, each configured for two processors, without logs, with tickets as by default.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result};
use interop::process::free_port;

use crate::{certificate::Certificate, server::Server as Running};

/// A program that terminates TLS.
#[derive(Debug)]
pub struct Server {
    /// In the table and behind `--servers`.
    pub name: &'static str,
    /// Its file (empty: the program under test), and the argument that prints its version.
    program: &'static str,
    version: &'static str,
    /// The text of its configuration and the name of the file; arguments of the program otherwise.
    configuration: Option<(&'static str, &'static str)>,
    /// Arguments; `@…@` is replaced as in the configuration.
    arguments: &'static [&'static str],
}

/// What a server needs to know.
pub struct Place<'p> {
    pub program: &'p Path,
    pub before: Option<&'p Path>,
    pub folder: &'p Path,
    pub certificate: Certificate,
    /// The port of the service.
    pub service: u16,
}

/// Another build of the program under test, to measure a change.
pub const BEFORE: &str = "before";

const OURS: Server = Server {
    name: "handclasp",
    program: "",
    version: "--version",
    configuration: None,
    arguments: &[
        "serve",
        "127.0.0.1:@PORT@",
        "--forward",
        "127.0.0.1:@BACKEND@",
        "--cert",
        "@CHAIN@",
        "--key",
        "@KEY@",
        "--quiet",
        "--max-connections",
        "8192",
        "--max-handshakes",
        "8192",
        "--max-per-address",
        "8000",
    ],
};

pub const SERVERS: &[Server] = &[
    OURS,
    Server { name: BEFORE, ..OURS },
    Server {
        name: "stunnel",
        program: "stunnel",
        version: "-version",
        configuration: Some((include_str!("../../peers/stunnel.conf"), "stunnel.conf")),
        arguments: &["@FILE@"],
    },
    Server {
        name: "haproxy",
        program: "/usr/sbin/haproxy",
        version: "-v",
        configuration: Some((include_str!("../../peers/haproxy.cfg"), "haproxy.cfg")),
        arguments: &["-db", "-f", "@FILE@"],
    },
    Server {
        name: "nginx",
        program: "/usr/sbin/nginx",
        version: "-v",
        configuration: Some((include_str!("../../peers/nginx.conf"), "nginx.conf")),
        arguments: &["-c", "@FILE@"],
    },
];

impl Server {
    /// Starts it, and waits until it listens.
    pub fn start(&self, place: &Place<'_>) -> Result<Running> {
        let port = free_port()?;
        let file = |name: &str| place.folder.join(format!("{port}-{name}"));
        let path = |path: &Path| path.display().to_string();
        let mut replaced = vec![
            ("@PORT@", port.to_string()),
            ("@BACKEND@", place.service.to_string()),
            ("@CHAIN@", path(&place.certificate.chain)),
            ("@KEY@", path(&place.certificate.key)),
            ("@BOTH@", path(&place.certificate.both)),
            ("@FOLDER@", path(place.folder)),
        ];
        if let Some((text, name)) = self.configuration {
            std::fs::write(file(name), fill(text, &replaced))?;
            replaced.push(("@FILE@", path(&file(name))));
        }
        let program = if self.name == BEFORE { place.before } else { Some(place.program) };
        let program = if self.program.is_empty() { program } else { Some(Path::new(self.program)) };
        let mut command = Command::new(program.context("--before names the other build")?);
        command.args(self.arguments.iter().map(|argument| fill(argument, &replaced)));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Running::start_at(&mut command, address).with_context(|| self.name)
    }

    /// The first line that it prints about itself.
    fn version(&self, program: &Path) -> Result<String> {
        let program = if self.program.is_empty() { program } else { Path::new(self.program) };
        let output = Command::new(program).arg(self.version).output();
        let output = output.with_context(|| format!("{} is not installed", self.name))?;
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let line = text.lines().find(|line| line.chars().any(|letter| letter.is_ascii_digit()));
        Ok(line.unwrap_or_default().trim().to_owned())
    }
}

fn fill(text: &str, replaced: &[(&str, String)]) -> String {
    replaced.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// Prints versions and configurations: they belong to the result.
pub fn print(servers: &[&Server], program: &Path) -> Result<()> {
    for server in servers {
        println!("## {}: {}\n", server.name, server.version(program)?);
        match server.configuration {
            Some((text, _)) => println!("{}\n", text.trim_end()),
            None => println!("{}\n", server.arguments.join(" ")),
        }
    }
    Ok(())
}
