//! The flags of trust on first use, the same for `connect` and `serve`.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, ValueEnum};

use super::values;

#[derive(Debug, Args)]
pub struct Tofu {
    /// Trust on first use: ask about a new peer on the terminal, remember its key in FILE, and refuse
    /// another key later. Without FILE: ~/.config/handclasp/known_peers for `connect`, known_clients beside it
    /// for `serve` (or below $XDG_CONFIG_HOME). See `handclasp peers`
    #[arg(long, value_name = "FILE", require_equals = true)]
    pub tofu: Option<Option<PathBuf>>,
    /// What to do about a peer that the file of --tofu does not have: ask on the terminal (the default),
    /// accept, refuse, or learn (accept the first peer of an empty file, refuse all others)
    #[arg(long, value_name = "WHAT", value_enum, requires = "tofu", hide_possible_values = true)]
    pub new_peer: Option<NewPeer>,
    /// Accept a new key that follows a known one by a statement in this file, as `handclasp id rotate` makes
    /// (repeatable)
    #[arg(long, value_name = "FILE", requires = "tofu")]
    pub rotation: Vec<PathBuf>,
    /// Refuse certificates of pinned and known keys that have expired or are not valid yet, too. Without this
    /// flag only the key counts
    #[arg(long)]
    pub check_dates: bool,
    /// Print six words of this connection. The people at both ends compare them: they differ if somebody is
    /// between the two
    #[arg(long)]
    pub authentication_string: bool,
}

/// What happens to peers that the file does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NewPeer {
    /// Ask on the terminal
    Ask,
    /// Accept and remember
    Accept,
    /// Refuse
    Refuse,
    /// Accept the first peer of an empty file
    Learn,
}

/// The arguments with `--tofu FILE` written as `--tofu=FILE`. A word behind `--tofu` that can be HOST:PORT is the address
/// of the command, so that both `--tofu HOST:PORT` and `--tofu FILE HOST:PORT` work.
pub fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined = Vec::new();
    let mut arguments = arguments.into_iter().peekable();
    while let Some(mut argument) = arguments.next() {
        if argument == "--" {
            joined.push(argument);
            joined.extend(arguments);
            break;
        }
        let is_file = |word: &OsString| !word.to_str().is_some_and(is_flag_or_address);
        if argument == "--tofu"
            && let Some(file) = arguments.next_if(is_file)
        {
            argument.push("=");
            argument.push(file);
        }
        joined.push(argument);
    }
    joined
}

fn is_flag_or_address(word: &str) -> bool {
    word.starts_with('-') || values::host_port(word).is_ok() || values::listen_address(word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_from_an_address() {
        for (given, expected) in [
            ("connect --tofu printer.local:4433", "connect --tofu printer.local:4433"),
            ("connect printer.local:4433 --tofu", "connect printer.local:4433 --tofu"),
            ("connect --tofu peers [::1]:4433", "connect --tofu=peers [::1]:4433"),
            ("connect h:1 --tofu ./a/b --quiet", "connect h:1 --tofu=./a/b --quiet"),
            ("serve --tofu --echo 127.0.0.1:0", "serve --tofu --echo 127.0.0.1:0"),
            ("serve --tofu 127.0.0.1:0", "serve --tofu 127.0.0.1:0"),
            ("connect --tofu=peers h:1", "connect --tofu=peers h:1"),
            ("connect -- --tofu peers", "connect -- --tofu peers"),
        ] {
            let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
            assert_eq!(joined(words(given)), words(expected), "{given}");
        }
    }
}
