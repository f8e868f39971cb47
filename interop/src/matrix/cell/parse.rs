//! From the rows of the tables to cells.

use anyhow::{Context as _, Result, bail};

use super::{Action, Auth, Cell, Expectation, Restriction, Role};
use crate::table;
use crate::table::{Table, list};

const TABLES: [Table; 9] = [
    table!("matrix/curves.tsv"),
    table!("matrix/extensions.tsv"),
    table!("matrix/handshakes.tsv"),
    table!("matrix/mutual.tsv"),
    table!("matrix/offers.tsv"),
    table!("matrix/refusals.tsv"),
    table!("matrix/resumption.tsv"),
    table!("matrix/streams.tsv"),
    table!("matrix/suites.tsv"),
];

const COLUMNS: [&str; 12] = [
    "name",
    "role",
    "version",
    "suite",
    "group",
    "auth",
    "action",
    "our_args",
    "openssl_args",
    "expect",
    "our_output",
    "openssl_output",
];

/// Reads all tables.
pub fn all() -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for table in &TABLES {
        cells.extend(table.read(COLUMNS, cell)?);
    }
    Ok(cells)
}

/// Reads one row.
fn cell(row: [&str; 12]) -> Result<Cell> {
    let [name, role, version, suite, group, auth, action, our_args, openssl_args, expect, ours, openssl] =
        row;
    let side = Role::from_word(role)?;
    let auth = Auth::from_word(auth)?;
    let mut version = restriction(version);
    if auth.is_psk() && version.ours.is_empty() {
        // A pre-shared key is for one version (RFC 9257 §4.3), so handclasp is restricted, too.
        version.ours.clone_from(&version.openssl);
    }
    let action = if action == "-" { Action::Hello } else { Action::from_word(action)? };
    let mut expect = expectation(expect)?;
    if action.has_several_clients() && side == Role::Server {
        // A server of several clients is killed at the end.
        expect.exit = None;
    }
    Ok(Cell {
        name: format!("{role} {} {name}", version.openssl.first().map_or("any", String::as_str)),
        role: side,
        version,
        suite: restriction(suite),
        group: restriction(group),
        auth,
        action,
        our_args: list(our_args, ' '),
        openssl_args: list(openssl_args, ' '),
        expect,
        our_output: list(ours, ';'),
        openssl_output: list(openssl, ';').iter().map(|phrase| counted(phrase)).collect(),
    })
}

/// `B`, `A vs B`, with `*` and `-` for no restriction.
fn restriction(value: &str) -> Restriction {
    let values = |value: &str| if value == "*" { Vec::new() } else { list(value, ':') };
    let (ours, openssl) = value.split_once(" vs ").unwrap_or(("*", value));
    Restriction { ours: values(ours), openssl: values(openssl) }
}

/// `phrase` or `phrase x2`.
fn counted(phrase: &str) -> (String, usize) {
    let counted = phrase.rsplit_once(" x").and_then(|(phrase, times)| Some((phrase, times.parse().ok()?)));
    let (phrase, times) = counted.unwrap_or((phrase, 1));
    (phrase.to_owned(), times)
}

/// The `expect` column.
fn expectation(value: &str) -> Result<Expectation> {
    if value == "ok" {
        return Ok(Expectation { connected: true, exit: Some(0), ..Expectation::default() });
    }
    let mut expect = Expectation::default();
    let mut words = value.split(' ');
    while let Some(word) = words.next() {
        match word.split_at_checked(1) {
            Some(("<", alert)) => expect.received = Some(alert.parse()?),
            Some((">", alert)) => expect.sent = Some(alert.parse()?),
            _ if word == "exit" => {
                expect.exit = Some(words.next().context("`exit` without a code")?.parse()?)
            }
            _ if word == "ok" => expect.connected = true,
            _ => bail!("`{word}` is not an expectation"),
        }
    }
    Ok(expect)
}

#[cfg(test)]
mod tests;
