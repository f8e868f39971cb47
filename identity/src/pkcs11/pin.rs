//! Where the PIN of a token comes from: a person, a file, the environment; never a command line.

use std::{
    env,
    path::{Path, PathBuf},
    string::String,
    sync::Arc,
};

use zeroize::Zeroizing;

use super::{Pkcs11Error, Pkcs11Problem, Pkcs11Uri};
use crate::private_file::read_secret;

/// Asks a person for the PIN of the token with this label. `None` if there is no answer.
pub type PinPrompt = Arc<dyn Fn(&str) -> Option<Zeroizing<String>> + Send + Sync>;

/// The longest PIN in a file, in bytes.
const PIN_MAX: usize = 1024;

/// Where the PIN of a token comes from. It is asked for only if the token requires a login and has no
/// keys of its own to type it on. An open key keeps the source, never the PIN, and asks it again where the token
/// requires the PIN for each signature, or was removed and inserted again.
#[derive(Clone)]
#[non_exhaustive]
pub enum TokenPin {
    /// The `pin-source` of the URI. Without one there is no login, which some tokens do not need.
    FromUri,
    /// A file that only its owner can read, see [`crate::private_file`]. One line end is dropped.
    File(PathBuf),
    /// The environment variable of this name.
    Environment(String),
    /// The `pin-source` of the URI, and without one a person is asked.
    Prompt(PinPrompt),
}

impl TokenPin {
    /// A function that asks a person, for [`TokenPin::Prompt`].
    pub fn prompt(ask: impl Fn(&str) -> Option<Zeroizing<String>> + Send + Sync + 'static) -> Self {
        Self::Prompt(Arc::new(ask))
    }

    /// Whether a person types it.
    pub(super) fn is_typed(&self, uri: &Pkcs11Uri) -> bool {
        matches!(self, Self::Prompt(_)) && uri.pin_source.is_none()
    }

    /// The PIN of the token with this label, if there is one.
    pub(super) fn read(
        &self,
        uri: &Pkcs11Uri,
        label: &str,
    ) -> Result<Option<Zeroizing<String>>, Pkcs11Error> {
        match (self, &uri.pin_source) {
            (Self::File(path), _) => from_file(path).map(Some),
            (Self::Environment(name), _) => from_environment(name).map(Some),
            (Self::FromUri | Self::Prompt(_), Some(source)) => from_source(source).map(Some),
            (Self::FromUri, None) => Ok(None),
            (Self::Prompt(ask), None) => match ask(label) {
                Some(pin) => Ok(Some(pin)),
                None => Err(unavailable(std::format!("no PIN was typed for the token {label:?}"))),
            },
        }
    }
}

/// `pin-source` (RFC 7512 §2.4): a file, as a URI or as a path. Commands are not run.
fn from_source(source: &str) -> Result<Zeroizing<String>, Pkcs11Error> {
    let path = source.strip_prefix("file:").unwrap_or(source);
    let path = path.strip_prefix("//").filter(|path| path.starts_with('/')).unwrap_or(path);
    match path.starts_with('/') {
        true => from_file(Path::new(path)),
        false => Err(unavailable(std::format!(
            "pin-source={source:?} is not a file: expected file:/PATH; commands are not run"
        ))),
    }
}

fn from_file(path: &Path) -> Result<Zeroizing<String>, Pkcs11Error> {
    let bytes = read_secret(path, PIN_MAX).map_err(|error| unavailable(std::format!("{error}")))?;
    let text = core::str::from_utf8(&bytes)
        .map_err(|_| unavailable(std::format!("{}: the PIN is not UTF-8", path.display())))?;
    let line = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Zeroizing::new(String::from(line)))
}

fn from_environment(name: &str) -> Result<Zeroizing<String>, Pkcs11Error> {
    let value = env::var(name).map_err(|error| match error {
        env::VarError::NotPresent => unavailable(std::format!("the environment variable {name} is not set")),
        env::VarError::NotUnicode(_) => {
            unavailable(std::format!("the environment variable {name} is not UTF-8"))
        }
    })?;
    Ok(Zeroizing::new(value))
}

fn unavailable(reason: String) -> Pkcs11Error {
    Pkcs11Error::new(Pkcs11Problem::NoPin, reason)
}

/// Shows the source of the PIN, never a PIN.
impl core::fmt::Debug for TokenPin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::FromUri => "FromUri",
            Self::File(_) => "File",
            Self::Environment(_) => "Environment",
            Self::Prompt(_) => "Prompt",
        })
    }
}
