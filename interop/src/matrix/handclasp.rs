//! The command lines of `handclasp connect` and `handclasp serve`.

use std::process::Command;

use anyhow::Result;

use super::cell::{Action, Auth, Cell};
use super::payload;
use crate::credentials::{
    NAME, PSK_ASCII, PSK_BASE64, PSK_HEX, PSK_ID, PSK_OTHER_HEX, PSK_OTHER_ID, PSK_READINGS,
};
use crate::fixtures::Fixtures;

/// The client, for a server on this port.
pub fn connect(cell: &Cell, fixtures: &Fixtures, port: u16) -> Result<Command> {
    // --half-close: it closes as soon as its input ends, and cells look at what the peer does then.
    let mut command = start(cell, fixtures, &["connect", &format!("127.0.0.1:{port}"), "--half-close"])?;
    let files = fixtures.credentials()?;
    if cell.action.prior_connections() > 0 {
        command.arg("--session").arg(cell.file(files, "ours.sessions"));
    }
    let roots = |roots: &str| vec!["--ca".to_owned(), files.pem(roots), "--name".into(), NAME.into()];
    let pin =
        |certificate: &str| Ok::<_, anyhow::Error>(["--pin".into(), files.pin(&files.pem(certificate))?]);
    command.args(match cell.auth {
        Auth::P256 | Auth::P384 | Auth::P521 | Auth::Ed25519 | Auth::Ed448 => roots("root"),
        Auth::Rsa | Auth::RsaPss | Auth::Chain => roots("root"),
        Auth::Expired | Auth::NotYetValid | Auth::OtherName => roots("root"),
        Auth::UnknownCa => roots("other-root"),
        Auth::SystemRoots => vec!["--name".into(), NAME.into()],
        Auth::Address => vec!["--ca".into(), files.pem("root")],
        Auth::Pin => pin("P-256")?.into(),
        Auth::WrongPin => pin("P-384")?.into(),
        Auth::TwoPins => [pin("P-384")?, pin("P-256")?].concat(),
        Auth::Danger | Auth::SelfSigned => vec!["--danger-accept-any".into()],
        Auth::Psk | Auth::PskAscii | Auth::PskBase64 => Vec::new(),
        Auth::PskWrong | Auth::PskUnknown | Auth::PskReadings => Vec::new(),
    });
    Ok(command)
}

/// The server, on a port of the system's choice; for one connection, unless several clients come.
pub fn serve(cell: &Cell, fixtures: &Fixtures) -> Result<Command> {
    let mut command = start(cell, fixtures, &["serve", "127.0.0.1:0"])?;
    if !cell.action.has_several_clients() {
        command.arg("--once");
    }
    if cell.action == Action::Reply {
        command.args(["--reply", payload::REPLY]);
    } else {
        command.arg("--echo");
    }
    if cell.auth == Auth::SelfSigned {
        command.args(["--self-signed", NAME]);
    } else if !cell.auth.is_psk() {
        let name = match cell.auth {
            Auth::Chain => "chain-whole",
            other => other.certificate(),
        };
        let files = fixtures.credentials()?;
        command.args(["--cert", &files.pem(name), "--key", &files.key_file(name)]);
    }
    Ok(command)
}

/// What both have in common: restrictions, key log, pre-shared keys.
fn start(cell: &Cell, fixtures: &Fixtures, arguments: &[&str]) -> Result<Command> {
    let mut command = Command::new(fixtures.program()?);
    command.args(arguments);
    for (flag, restriction) in [("--tls", &cell.version), ("--suite", &cell.suite), ("--group", &cell.group)]
    {
        for value in &restriction.ours {
            command.args([flag, value]);
        }
    }
    if cell.action == Action::KeyLog {
        command.arg("--keylog").arg(cell.file(fixtures.credentials()?, "ours.keys"));
    }
    let (id, key) = match cell.auth {
        Auth::Psk => (PSK_ID, ["--psk-hex", PSK_HEX]),
        Auth::PskAscii => (PSK_ID, ["--psk-ascii", PSK_ASCII]),
        Auth::PskBase64 => (PSK_ID, ["--psk-base64", PSK_BASE64]),
        Auth::PskWrong => (PSK_ID, ["--psk-hex", PSK_OTHER_HEX]),
        Auth::PskUnknown => (PSK_OTHER_ID, ["--psk-hex", PSK_HEX]),
        Auth::PskReadings => (PSK_ID, ["--psk-ascii", PSK_READINGS]),
        _ => return Ok(command),
    };
    command.args(key).args(["--psk-id", id]);
    if cell.auth == Auth::PskReadings {
        command.arg("--allow-weak-psk");
    }
    Ok(command)
}
