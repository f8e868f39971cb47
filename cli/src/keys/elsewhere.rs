//! Our keys that are elsewhere: in a token, in an ssh-agent, behind a command.

use std::{path::Path, sync::Arc, time::Duration};

use handclasp::{Identity, pki_types::CertificateDer};
use handclasp_identity::{
    FolderError, FolderProblem, IdentityFolder, KeyLocation, OpenError,
    command::SignerCommand,
    pkcs11::{Pkcs11Error, Pkcs11Key, Pkcs11Problem, Pkcs11Uri, TokenPin},
    private_file::PrivateFileError,
};
use zeroize::Zeroizing;

use crate::{
    args::{Elsewhere, KeyAccess},
    exit::Failure,
    secret, terminal,
};

/// The key that the flags name, with the name of its flag.
pub fn named(flags: &Elsewhere) -> Option<(&'static str, KeyLocation)> {
    let of = |value: &Option<String>, flag, make: fn(String) -> KeyLocation| {
        value.clone().map(|value| (flag, make(value)))
    };
    of(&flags.pkcs11, "--pkcs11", KeyLocation::Pkcs11)
        .or_else(|| of(&flags.agent, "--agent", KeyLocation::SshAgent))
        .or_else(|| of(&flags.signer, "--signer", KeyLocation::Command))
}

/// Opens a key, with its chain if there is one.
pub fn open(
    location: &KeyLocation,
    access: &KeyAccess,
    chain: Vec<CertificateDer<'static>>,
) -> Result<Identity, OpenError> {
    match location {
        KeyLocation::Pkcs11(uri) => {
            let uri = uri.parse()?;
            with_pin(access, |pin| Identity::from_pkcs11(&uri, pin, chain))
        }
        KeyLocation::Command(line) => {
            let mut command = secret::named_variables()
                .into_iter()
                .fold(SignerCommand::shell(line), SignerCommand::without_variable);
            if let Some(seconds) = access.signer_timeout {
                command = command.timeout(Duration::from_secs(u64::try_from(seconds)?));
            }
            Ok(Identity::from_command(&command, chain)?)
        }
        other => other.open(chain),
    }
}

/// An identity folder, whose key may be elsewhere.
pub fn folder(path: &Path, access: &KeyAccess) -> IdentityFolder {
    let access = access.clone();
    IdentityFolder::new(path).with_opener(Arc::new(move |location, chain| open(location, &access, chain)))
}

/// The key of a token itself, for its attributes; a new one with `make`.
pub fn token_key(
    uri: &str,
    access: &KeyAccess,
    make: impl FnOnce(&Pkcs11Uri, &TokenPin) -> Result<Pkcs11Key, Pkcs11Error>,
) -> Result<Pkcs11Key, OpenError> {
    let uri = uri.parse()?;
    with_pin(access, |pin| make(&uri, pin))
}

/// Gives the PIN of the flags to what opens a token.
fn with_pin<T>(
    access: &KeyAccess,
    open: impl FnOnce(&TokenPin) -> Result<T, Pkcs11Error>,
) -> Result<T, OpenError> {
    let pin = match &access.token_pin {
        None => TokenPin::Prompt(Arc::new(prompt)),
        Some(value) => {
            match (value.strip_prefix('@'), value.strip_prefix("env:")) {
                (Some(path), _) => TokenPin::File(path.into()),
                (None, Some(name)) => TokenPin::Environment(name.to_owned()),
                // The value may be a PIN, so it is not repeated.
                (None, None) => {
                    return Err("--token-pin: expected @FILE or env:NAME, found something else: a PIN on the command \
                            line can be seen by other users of this machine"
                    .into());
                }
            }
        }
    };
    open(&pin).map_err(|error| {
        let help = match error.problem {
            Pkcs11Problem::NoPin if access.token_pin.is_none() => {
                "; run the command on a terminal, or pass --token-pin @FILE or --token-pin env:NAME"
            }
            // The value is a file or a variable, never a PIN.
            Pkcs11Problem::NoPin => return format!("--token-pin: {error}").into(),
            Pkcs11Problem::WrongPin => "; it is not tried again, since tokens lock after a few wrong PINs",
            _ => return error.into(),
        };
        format!("{error}{help}").into()
    })
}

/// Asks on the terminal; `None` without one. An empty answer is not tried: it would count as a wrong PIN.
fn prompt(token: &str) -> Option<Zeroizing<String>> {
    terminal::secret(&format!("PIN of the token {token:?}: "))
}

/// A failure of the flag that names the key.
pub fn refused(flag: &str, error: &OpenError) -> Failure {
    let error = error.to_string();
    // Errors of --token-pin name it.
    match error.starts_with("--") {
        true => Failure::usage(error),
        false => Failure::usage(format!("{flag}: {error}")),
    }
}

/// An error of a folder, with the command that helps. `flag` stands in front.
pub fn folder_refused(flag: &str, error: FolderError) -> Failure {
    let shown = error.path.display();
    if error.path.is_file() {
        // Commands that take --identity take files as well; those of `id` do not.
        let files = match flag.is_empty() {
            true => "",
            false => "; certificates and keys in files: --cert FILE --key FILE",
        };
        return Failure::usage(format!(
            "{flag}{shown}: expected the folder of an identity (handclasp id new), found a file{files}"
        ));
    }
    let help = match &error.problem {
        FolderProblem::Missing if error.path.join("issued").exists() => {
            "; it is the folder of a CA: make an identity in another one (handclasp id new DIR --name NAME), and have \
             it certified"
                .to_owned()
        }
        FolderProblem::Missing => format!("; make one: handclasp id new {shown} --name NAME"),
        FolderProblem::Exists => format!("; look at it: handclasp id show {shown}"),
        FolderProblem::File(file) if is_denied(file) => {
            "; run the command as the user that owns it".to_owned()
        }
        _ => String::new(),
    };
    Failure::usage(format!("{flag}{error}{help}"))
}

fn is_denied(error: &PrivateFileError) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}
