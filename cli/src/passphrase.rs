//! Passphrases of keys: from a file, the environment, or a person at a terminal.

use std::{io::IsTerminal as _, path::Path, sync::Mutex};

use handclasp_identity::Passphrase;
use zeroize::Zeroizing;

use crate::{exit::Failure, secret, terminal};

/// What was typed last, for a file that is read more than once, as `check` does.
static TYPED: Mutex<Option<Zeroizing<String>>> = Mutex::new(None);

/// The passphrase of one file.
pub struct FilePassphrase {
    file: String,
    given: Option<Zeroizing<String>>,
}

impl FilePassphrase {
    /// By `--passphrase`, else by a prompt that names the file.
    pub fn new(flag: Option<&str>, file: &Path) -> Result<Self, Failure> {
        // Not by the parser of the flags, whose errors show the value.
        if flag.is_some_and(|value| !value.starts_with('@') && !value.starts_with("env:")) {
            return Err(Failure::usage(
                "--passphrase: expected @FILE or env:NAME: other users of this machine can see the command line",
            ));
        }
        let given = flag.map(|value| secret::read("--passphrase", value)).transpose()?;
        Ok(Self { file: file.display().to_string(), given })
    }
}

impl Passphrase for FilePassphrase {
    fn ask(&mut self, attempt: u8) -> Option<Zeroizing<String>> {
        if self.given.is_some() {
            return self.given.clone().filter(|_| attempt == 0);
        }
        let mut last = TYPED.lock().ok()?;
        if attempt > 0 || last.is_none() {
            *last = prompt(&self.file, attempt);
        }
        last.clone()
    }
}

/// Asks on the terminal; `None` if nobody watches, or nothing is typed.
fn prompt(file: &str, attempt: u8) -> Option<Zeroizing<String>> {
    if !std::io::stderr().is_terminal() {
        return None;
    }
    let question = match attempt {
        0 => format!("Passphrase of {file}: "),
        _ => format!("Wrong passphrase of {file}, again: "),
    };
    terminal::secret(&question)
}
