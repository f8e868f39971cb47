//! What a manual page says that the definition of a command does not: exit codes, files, variables of the environment.
//! Files and variables belong to flags, so that a new command has those of the flags that it shares.

use clap::Command;

/// An entry of a list, and what it is.
pub type Entry = (&'static str, &'static str);

/// Exit codes, what they mean, and the commands that end with them; empty: all.
const EXIT_CODES: &[(&str, &str, &[&str])] = &[
    ("0", "Done.", &[]),
    (
        "1",
        "The transport failed: a connection that was refused, reset or truncated, or output that could not be written.",
        &[],
    ),
    ("2", "Usage: arguments, files or keys that cannot be used. Nothing was sent.", &[]),
    ("3", "Refused by us: what the peer sent, or a change that the state of a file does not permit.", &[]),
    ("4", "Refused by the peer.", &["", "connect", "serve", "tunnel", "run", "check"]),
    (
        "5",
        "TLS was not found: nothing to explain, a port that speaks another protocol, or a server that does not begin \
         TLS with --starttls.",
        &["", "connect", "tunnel", "run", "explain", "check"],
    ),
    ("6", "Something is wrong in a file.", &["", "lint", "ca sign", "peers list"]),
];

/// Files, by the flag or command that reads or writes them.
const FILES: &[(&str, Entry)] = &[
    ("connect --tofu", KNOWN_PEERS),
    ("tunnel --tofu", KNOWN_PEERS),
    ("browse --file", KNOWN_PEERS),
    ("peers", KNOWN_PEERS),
    ("serve --tofu", KNOWN_CLIENTS),
    ("peers", KNOWN_CLIENTS),
    ("--identity", IDENTITY),
    ("id", IDENTITY),
    ("id", ("DIR/certificate.pem", "The certificate of an identity with its issuers.")),
    ("id", ("DIR/rotations.pem", "The statements of id rotate.")),
    ("ca", ("DIR/certificate.pem", "The certificate of a CA, which peers need.")),
    ("ca", ("DIR/key.pem", "Its private key; or DIR/key-location, which says where the key is.")),
    ("ca", ("DIR/issued", "The list of what it has issued and revoked, one line each.")),
    ("run", ("/etc/handclasp/handclasp.toml", "The configuration that the unit handclasp.service runs.")),
];

const KNOWN_PEERS: Entry = ("~/.config/handclasp/known_peers", "The servers that connect --tofu knows.");
const KNOWN_CLIENTS: Entry = ("~/.config/handclasp/known_clients", "The clients that serve --tofu knows.");
const IDENTITY: Entry = ("DIR/identity.pem", "The private key of an identity, or the location of the key.");

/// Variables of the environment, by flag or command.
const VARIABLES: &[(&str, Entry)] = &[
    ("--tofu", CONFIG_HOME),
    ("peers", CONFIG_HOME),
    ("browse", CONFIG_HOME),
    ("--agent", ("SSH_AUTH_SOCK", "The socket of the ssh-agent of --agent.")),
    ("--ca", ("SSL_CERT_FILE, SSL_CERT_DIR", "Root certificates in place of the system's.")),
    ("--color", ("NO_COLOR", "Set and not empty: no colours.")),
    (
        "env:NAME",
        (
            "NAME",
            "Any variable that an argument names as env:NAME holds a secret. Programs that handclasp \
                           starts do not inherit it.",
        ),
    ),
    ("run", ("NOTIFY_SOCKET", "Set by systemd: where handclasp says that it is ready, reloads or stops.")),
    ("run", ("LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES", "Set by systemd: sockets that it has opened.")),
];

const CONFIG_HOME: Entry =
    ("XDG_CONFIG_HOME", "The folder in place of ~/.config, below which known peers are kept.");

/// The exit codes of a command.
pub fn exit_codes(words: &str) -> Vec<Entry> {
    let is_of = |commands: &[&str]| commands.is_empty() || commands.contains(&words);
    EXIT_CODES.iter().filter(|(_, _, of)| is_of(of)).map(|&(code, what, _)| (code, what)).collect()
}

/// The files of a command.
pub fn files(words: &str, command: &Command) -> Vec<Entry> {
    of_command(FILES, words, command)
}

/// The variables of the environment that a command reads.
pub fn variables(words: &str, command: &Command) -> Vec<Entry> {
    of_command(VARIABLES, words, command)
}

fn of_command(table: &[(&str, Entry)], words: &str, command: &Command) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for (of, entry) in table {
        if belongs(of, words, command) && !found.contains(entry) {
            found.push(*entry);
        }
    }
    found
}

/// `of` is a command with those below it, a flag, a command and a flag, or a part of a value's name.
fn belongs(of: &str, words: &str, command: &Command) -> bool {
    let is_below =
        |name: &str| words == name || words.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    let has_flag = |flag: &str| command.get_opts().any(|argument| argument.get_long() == Some(flag));
    match of.split_once("--") {
        Some(("", flag)) => has_flag(flag),
        Some((name, flag)) => is_below(name.trim_end()) && has_flag(flag),
        None if of.contains(':') => command.get_opts().any(|argument| {
            argument.get_value_names().is_some_and(|names| names.iter().any(|name| name.contains(of)))
        }),
        None => is_below(of),
    }
}
