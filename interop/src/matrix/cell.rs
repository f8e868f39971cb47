//! Cells: the rows of `interop/matrix/*.tsv`. Tabs divide columns, spaces around a value do not
//! count, `-` is nothing, `#` begins a comment line. The first row names the columns:
//!
//! - `name`: unique together with `we` and `version`
//! - `we`: `client` (OpenSSL is `s_server`) or `server` (OpenSSL is `s_client`)
//! - `version`, `suite`, `group`: what OpenSSL is restricted to; `A vs B`: we to A, OpenSSL to
//!   B, `*` unrestricted. Lists with `:`. IANA's names.
//! - `auth`: how the server proves itself, see [`Auth`]
//! - `do`: what is done once connected, see [`Action`]
//! - `ours`, `openssl`: more arguments; `{dir}` is where the certificates are; `NAME=value`
//!   is a variable of the environment
//! - `end`: `ok` (connected, all done, exit 0), or `<N` OpenSSL receives alert N, `>N` it sends
//!   it, `exit N` our exit code; `ok exit N`: connected, but then
//! - `words`: phrases, divided by `;`, that our standard error must contain in any case of letters
//! - `sees`: phrases that OpenSSL's output must contain; `x2` behind one: so often; `x0`: never

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::Bench;

/// All tables.
const TABLES: &[(&str, &str)] = &[
    ("curves.tsv", include_str!("../../matrix/curves.tsv")),
    ("extensions.tsv", include_str!("../../matrix/extensions.tsv")),
    ("handshakes.tsv", include_str!("../../matrix/handshakes.tsv")),
    ("mutual.tsv", include_str!("../../matrix/mutual.tsv")),
    ("offers.tsv", include_str!("../../matrix/offers.tsv")),
    ("refusals.tsv", include_str!("../../matrix/refusals.tsv")),
    ("suites.tsv", include_str!("../../matrix/suites.tsv")),
    ("streams.tsv", include_str!("../../matrix/streams.tsv")),
    ("resumption.tsv", include_str!("../../matrix/resumption.tsv")),
];

const COLUMNS: &str = "name we version suite group auth do ours openssl end words sees";

/// One row.
#[derive(Clone, Debug)]
pub struct Cell {
    /// `we version name`.
    pub name: String,
    /// Our side.
    pub we: Side,
    /// `1.2` or `1.3`.
    pub version: Pair,
    /// As IANA names them.
    pub suite: Pair,
    /// As IANA names them.
    pub group: Pair,
    /// How the server proves itself.
    pub auth: Auth,
    /// Once connected.
    pub action: Action,
    /// More arguments for us.
    pub ours: Vec<String>,
    /// More arguments for OpenSSL.
    pub openssl: Vec<String>,
    /// How it must end.
    pub end: End,
    /// In our standard error.
    pub words: Vec<String>,
    /// In OpenSSL's output, at least so often.
    pub sees: Vec<(String, usize)>,
}

/// A side of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It connects.
    Client,
    /// It accepts.
    Server,
}

/// Restrictions of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    /// What we are restricted to.
    pub ours: Vec<String>,
    /// What OpenSSL is restricted to.
    pub theirs: Vec<String>,
}

/// Declares an enum whose members are words of a table.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $member:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $member,)* }

        impl $name {
            fn from_word(word: &str) -> Result<Self> {
                match word {
                    $($word => Ok(Self::$member),)*
                    _ => bail!("`{word}` is none of {}", [$($word),*].join(", ")),
                }
            }
        }
    };
}

words! {
    /// How the server proves itself, and what is wrong with that.
    Auth {
        /// A certificate of our root, with this key.
        P256 = "P-256", P384 = "P-384", P521 = "P-521", Ed25519 = "Ed25519", Rsa = "RSA",
        RsaPss = "RSA-PSS",
        /// The same, with a key that we do not know.
        Ed448 = "Ed448",
        /// P-256, through an intermediate.
        Chain = "chain",
        /// P-256; the client asks for the address, not a name.
        Address = "address",
        /// P-256; the client knows another root, or the system's.
        UnknownCa = "unknown CA", SystemRoots = "system roots",
        /// P-256, but past its time, before it, or for another name.
        Expired = "expired", NotYetValid = "not yet valid", OtherName = "other name",
        /// P-256; our client knows the right pin alone, the wrong one, or the wrong and the right.
        Pin = "pin", WrongPin = "wrong pin", TwoPins = "two pins",
        /// Our client does not verify.
        Danger = "danger",
        /// Our server makes its own certificate.
        SelfSigned = "self-signed",
        /// The same pre-shared key, given as hex, ASCII or base64.
        Psk = "PSK", PskAscii = "PSK ascii", PskBase64 = "PSK base64",
        /// We have another key, or another identity.
        PskWrong = "PSK wrong", PskUnknown = "PSK unknown",
        /// `abc123`: OpenSSL reads it as hex, we are told it is ASCII (RFC 4279 §5.4 wants both).
        PskReadings = "PSK readings",
    }
}

words! {
    /// What is done once connected.
    Action {
        /// A line each way; the client closes.
        Hello = "hello",
        /// The same, after OpenSSL updated its keys twice and asked for ours once.
        Update = "update",
        /// The same, and both key logs are the same.
        KeyLog = "key log",
        /// Our client asks for a page; OpenSSL's server sends it and closes.
        PeerCloses = "peer closes",
        /// A line each way; OpenSSL dies without close_notify.
        Truncate = "truncate",
        /// 10 MB each way, hashes compared.
        Bulk = "bulk",
        /// Our server sends its reply unasked.
        Reply = "reply",
        /// OpenSSL wants to renegotiate: its server by a HelloRequest, its client by a ClientHello.
        /// We decline with a warning (RFC 5246 §7.2.2), and that OpenSSL does not bear.
        Renegotiate = "renegotiate",
        /// Our server and three clients at once.
        Many = "many",
        /// A connection first, and then, by the session it left in a file, another.
        Resume = "resume",
        /// The same, and that session once more.
        ResumeTwice = "resume twice",
        /// A line each way, and the pin that our server printed is that of its certificate.
        Pin = "pin",
    }
}

impl Action {
    /// How many sessions' connections come before the one that is played.
    pub fn before(self) -> usize {
        match self {
            Self::Resume => 1,
            Self::ResumeTwice => 2,
            _ => 0,
        }
    }

    /// Whether a server has more than one client.
    pub fn is_of_many(self) -> bool {
        self == Self::Many || self.before() > 0
    }
}

impl Auth {
    /// The certificate of the server, as `credentials` names its files.
    pub fn certificate(self) -> &'static str {
        match self {
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::Ed448 => "Ed448",
            Self::Chain => "chain",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::OtherName => "other-name",
            _ => "P-256",
        }
    }

    /// Whether a pre-shared key authenticates both.
    pub fn is_psk(self) -> bool {
        matches!(
            self,
            Self::Psk
                | Self::PskAscii
                | Self::PskBase64
                | Self::PskWrong
                | Self::PskUnknown
                | Self::PskReadings
        )
    }
}

impl Cell {
    /// A directory for the files of this cell.
    pub fn directory(&self, bench: &Bench) -> PathBuf {
        bench.credentials.path().join("cells").join(self.name.replace('/', "-"))
    }

    /// A file of this cell.
    pub fn file(&self, bench: &Bench, name: &str) -> PathBuf {
        self.directory(bench).join(name)
    }

    /// Adds arguments and variables of a row to a command.
    pub fn arguments(&self, bench: &Bench, arguments: &[String], command: &mut Command) {
        let directory = bench.credentials.path().display().to_string();
        for argument in arguments {
            let argument = argument.replace("{dir}", &directory);
            match argument.split_once('=') {
                Some((name, value)) if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') => {
                    command.env(name, value)
                }
                _ => command.arg(argument),
            };
        }
    }
}

/// How a cell must end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// The handshake succeeds and what was to be done is done.
    pub connected: bool,
    /// The fatal alert that OpenSSL receives.
    pub received: Option<u8>,
    /// The fatal alert that OpenSSL sends.
    pub sent: Option<u8>,
    /// Our exit code, where we are the client.
    pub exit: Option<i32>,
}

/// Reads all tables.
pub fn all() -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for (file, text) in TABLES {
        cells.extend(parse(text).with_context(|| format!("interop/matrix/{file}"))?);
    }
    let names: BTreeSet<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    ensure!(names.len() == cells.len(), "two cells of one name");
    Ok(cells)
}

/// Reads one table.
fn parse(text: &str) -> Result<Vec<Cell>> {
    let mut rows = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|(number, line)| (number + 1, line.split('\t').map(str::trim).collect::<Vec<_>>()));
    let (_, head) = rows.next().context("empty")?;
    ensure!(head.join(" ") == COLUMNS, "the columns are `{COLUMNS}`");
    rows.map(|(number, row)| cell(&row).with_context(|| format!("line {number}"))).collect()
}

/// Reads one row.
fn cell(row: &[&str]) -> Result<Cell> {
    let [name, we, version, suite, group, auth, action, ours, openssl, end, words, sees] = row else {
        bail!("{} columns; there are {}", row.len(), COLUMNS.split(' ').count());
    };
    let side = match *we {
        "client" => Side::Client,
        "server" => Side::Server,
        _ => bail!("`{we}` is neither client nor server"),
    };
    let auth = Auth::from_word(auth)?;
    let mut version = pair(version);
    if auth.is_psk() && version.ours.is_empty() {
        // A pre-shared key has one use (RFC 9257 §4.3), so our side names its version, too.
        version.ours.clone_from(&version.theirs);
    }
    let action = if *action == "-" { Action::Hello } else { Action::from_word(action)? };
    let mut end = parse_end(end)?;
    if action.is_of_many() && side == Side::Server {
        // A server of many serves on until it is killed.
        end.exit = None;
    }
    Ok(Cell {
        name: format!("{we} {} {name}", version.theirs.first().map_or("any", String::as_str)),
        we: side,
        version,
        suite: pair(suite),
        group: pair(group),
        auth,
        action,
        ours: list(ours, ' '),
        openssl: list(openssl, ' '),
        end,
        words: list(words, ';'),
        sees: list(sees, ';').iter().map(|phrase| seen(phrase)).collect(),
    })
}

/// `-` is nothing; else parts, trimmed.
fn list(value: &str, divider: char) -> Vec<String> {
    let parts = value.split(divider).map(str::trim).filter(|part| !part.is_empty());
    parts.filter(|_| value != "-").map(str::to_owned).collect()
}

/// `B`, `A vs B`, with `*` and `-` for no restriction.
fn pair(value: &str) -> Pair {
    let side = |value: &str| if value == "*" { Vec::new() } else { list(value, ':') };
    let (ours, theirs) = value.split_once(" vs ").unwrap_or(("*", value));
    Pair { ours: side(ours), theirs: side(theirs) }
}

/// `phrase` or `phrase x2`.
fn seen(phrase: &str) -> (String, usize) {
    let counted = phrase.rsplit_once(" x").and_then(|(phrase, times)| Some((phrase, times.parse().ok()?)));
    let (phrase, times) = counted.unwrap_or((phrase, 1));
    (phrase.to_owned(), times)
}

/// The `end` column.
fn parse_end(value: &str) -> Result<End> {
    if value == "ok" {
        return Ok(End { connected: true, exit: Some(0), ..End::default() });
    }
    let mut end = End::default();
    let mut words = value.split(' ');
    while let Some(word) = words.next() {
        match word.split_at_checked(1) {
            Some(("<", alert)) => end.received = Some(alert.parse()?),
            Some((">", alert)) => end.sent = Some(alert.parse()?),
            _ if word == "exit" => end.exit = Some(words.next().context("exit what?")?.parse()?),
            _ if word == "ok" => end.connected = true,
            _ => bail!("`{word}` is no end"),
        }
    }
    Ok(end)
}

#[cfg(test)]
mod tests;
