//! Where the files of known peers are, and the commands that change them.

use std::{
    env,
    path::{Path, PathBuf},
};

use handclasp_codec::Printable;

/// Whose keys a file has: servers are looked up by name, clients by key, so that each has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    Servers,
    Clients,
}

impl Peers {
    const fn file_name(self) -> &'static str {
        match self {
            Self::Servers => "known_peers",
            Self::Clients => "known_clients",
        }
    }
}

/// The file that was given, or the default one.
pub fn file(given: Option<&Path>, of: Peers) -> Result<PathBuf, String> {
    if let Some(given) = given {
        return match given.as_os_str().is_empty() {
            true => Err("the path of the file is empty".to_owned()),
            false => Ok(given.to_owned()),
        };
    }
    let folder = folder().ok_or("neither XDG_CONFIG_HOME nor HOME is an absolute path: name a file")?;
    Ok(folder.join(of.file_name()))
}

/// The same, to be written: the folder of the default file is made.
pub fn file_to_write(given: Option<&Path>, of: Peers) -> Result<PathBuf, String> {
    let path = file(given, of)?;
    let folder = match (given, path.parent()) {
        (None, Some(folder)) => folder,
        _ => return Ok(path),
    };
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(path)
}

/// By the XDG Base Directory Specification, where a path that is not absolute does not count.
fn folder() -> Option<PathBuf> {
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    let config = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).and_then(absolute);
    let config = config.or_else(|| Some(absolute(env::home_dir()?)?.join(".config")))?;
    Some(config.join("handclasp"))
}

/// A command line of `handclasp peers` for this file, to be pasted into a shell.
pub fn command(action: &str, path: &Path, words: &[&str]) -> String {
    let default = |of: Peers| folder().is_some_and(|folder| folder.join(of.file_name()) == path);
    let mut line = format!("handclasp peers {action}");
    if default(Peers::Clients) {
        line += " --clients";
    } else if !default(Peers::Servers) {
        line += &format!(" --file {}", quoted(&path.display().to_string()));
    }
    for word in words {
        line += " ";
        line += &quoted(word);
    }
    line
}

/// One word of a shell command.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@,%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", Printable(word).to_string().replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_command_stay_words() {
        for (word, expected) in [
            ("printer.local", "printer.local"),
            ("sha256/47DE+/=", "sha256/47DE+/="),
            ("Hall Door", "'Hall Door'"),
            ("'; rm -rf ~; '", r"''\''; rm -rf ~; '\'''"),
            ("$(id)`id`", "'$(id)`id`'"),
            ("a\nb\u{1b}[2J\u{202e}", r"'a\u{a}b\u{1b}[2J\u{202e}'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expected);
        }
    }
}
