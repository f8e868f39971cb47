//! The command lines of our program: `handclasp connect` and `handclasp serve`.

use std::process::Command;

use anyhow::Result;

use super::Bench;
use super::cell::{Action, Auth, Cell};
use super::credentials::{
    NAME, PSK_ASCII, PSK_BASE64, PSK_HEX, PSK_ID, PSK_OTHER_HEX, PSK_OTHER_ID, PSK_READINGS,
};
use super::payload;

/// Our client, for a server on this port.
pub fn connect(bench: &Bench, cell: &Cell, port: u16) -> Result<Command> {
    // Our side closes as soon as its input ends: cells look at what the peer does then.
    let mut command = start(bench, cell, &["connect", &format!("127.0.0.1:{port}"), "--half-close"]);
    if cell.action.before() > 0 {
        command.arg("--session").arg(cell.file(bench, "ours.sessions"));
    }
    let files = &bench.credentials;
    let named = |roots: &str| vec!["--ca".to_owned(), files.pem(roots), "--name".into(), NAME.into()];
    let pinned =
        |certificate: &str| Ok::<_, anyhow::Error>(["--pin".into(), files.pin(&files.pem(certificate))?]);
    command.args(match cell.auth {
        Auth::P256 | Auth::P384 | Auth::Ed25519 | Auth::Ed448 | Auth::Rsa | Auth::RsaPss | Auth::Chain => {
            named("root")
        }
        Auth::Expired | Auth::NotYetValid | Auth::OtherName => named("root"),
        Auth::UnknownCa => named("other-root"),
        Auth::SystemRoots => vec!["--name".into(), NAME.into()],
        Auth::Address => vec!["--ca".into(), files.pem("root")],
        Auth::Pin => pinned("P-256")?.into(),
        Auth::WrongPin => pinned("P-384")?.into(),
        Auth::TwoPins => [pinned("P-384")?, pinned("P-256")?].concat(),
        Auth::Danger | Auth::SelfSigned => vec!["--danger-accept-any".into()],
        _ => Vec::new(),
    });
    Ok(command)
}

/// Our server, on a port of the system's choice; for one connection, except where many are to come.
pub fn serve(bench: &Bench, cell: &Cell) -> Command {
    let mut command = start(bench, cell, &["serve", "127.0.0.1:0"]);
    if !cell.action.is_of_many() {
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
        command.args(["--cert", &bench.credentials.pem(name), "--key", &bench.credentials.key_file(name)]);
    }
    command
}

/// What both have in common: restrictions, pre-shared keys, the cell's own arguments.
fn start(bench: &Bench, cell: &Cell, arguments: &[&str]) -> Command {
    let mut command = Command::new(&bench.program);
    command.args(arguments);
    for (flag, pair) in [("--tls", &cell.version), ("--suite", &cell.suite), ("--group", &cell.group)] {
        for value in &pair.ours {
            command.args([flag, value]);
        }
    }
    if cell.action == Action::KeyLog {
        command.arg("--keylog").arg(cell.file(bench, "ours.keys"));
    }
    let (id, key) = match cell.auth {
        Auth::Psk => (PSK_ID, ["--psk-hex", PSK_HEX]),
        Auth::PskAscii => (PSK_ID, ["--psk-ascii", PSK_ASCII]),
        Auth::PskBase64 => (PSK_ID, ["--psk-base64", PSK_BASE64]),
        Auth::PskWrong => (PSK_ID, ["--psk-hex", PSK_OTHER_HEX]),
        Auth::PskUnknown => (PSK_OTHER_ID, ["--psk-hex", PSK_HEX]),
        Auth::PskReadings => (PSK_ID, ["--psk-ascii", PSK_READINGS]),
        _ => ("", ["", ""]),
    };
    if cell.auth.is_psk() {
        command.args(key).args(["--psk-id", id]);
    }
    if cell.auth == Auth::PskReadings {
        command.arg("--allow-weak-psk");
    }
    command
}
