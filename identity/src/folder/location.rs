//! Where the private key of a folder is, and how a key elsewhere is opened.

use core::{fmt, str::FromStr};
use std::{
    boxed::Box,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use rustls_pki_types::CertificateDer;

use crate::{Identity, command::SignerCommand};

/// Where the private key of an identity folder is. In text it is what `identity.pem` says behind `Key: `: a PKCS#11 URI,
/// `ssh-agent:FINGERPRINT` or `command:LINE`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyLocation {
    /// In `identity.pem`.
    File,
    /// In a PKCS#11 token: its URI (RFC 7512).
    Pkcs11(String),
    /// In an ssh-agent: the fingerprint of the key, `SHA256:…`.
    SshAgent(String),
    /// Behind a signing command, see [`crate::command`]: a line for `sh`.
    Command(String),
}

/// Why a key elsewhere does not open.
pub type OpenError = Box<dyn core::error::Error + Send + Sync>;

/// Opens a key elsewhere: its location and the certificate chain of the folder.
pub type KeyOpener =
    Arc<dyn Fn(&KeyLocation, Vec<CertificateDer<'static>>) -> Result<Identity, OpenError> + Send + Sync>;

const PKCS11: &str = "pkcs11:";
const SSH_AGENT: &str = "ssh-agent:";
const COMMAND: &str = "command:";

impl KeyLocation {
    /// Opens the key with what the environment gives: the agent of `SSH_AUTH_SOCK`, and the PIN of the URI's
    /// `pin-source`. `chain` may be empty, see [`Identity::from_external`].
    ///
    /// # Errors
    /// A key that is not there or does not sign, or that this program is built without.
    pub fn open(&self, chain: Vec<CertificateDer<'static>>) -> Result<Identity, OpenError> {
        match self {
            Self::File => Err("the key is in identity.pem, which IdentityFolder reads".into()),
            #[cfg(feature = "pkcs11")]
            Self::Pkcs11(uri) => {
                let pin = crate::pkcs11::TokenPin::FromUri;
                Ok(Identity::from_pkcs11(&uri.parse()?, &pin, chain)?)
            }
            #[cfg(not(feature = "pkcs11"))]
            Self::Pkcs11(_) => Err("this program is built without the feature pkcs11".into()),
            #[cfg(all(unix, feature = "ssh-agent"))]
            Self::SshAgent(key) => {
                let agent = crate::ssh_agent::SshAgent::from_environment()?;
                Ok(Identity::from_ssh_agent(&agent, key, chain)?)
            }
            #[cfg(not(all(unix, feature = "ssh-agent")))]
            Self::SshAgent(_) => Err("this program is built without the feature ssh-agent".into()),
            Self::Command(line) => Ok(Identity::from_command(&SignerCommand::shell(line), chain)?),
        }
    }
}

impl FromStr for KeyLocation {
    /// What was expected.
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text.chars().any(char::is_control) {
            return Err("expected one line without control characters");
        }
        if text.starts_with(PKCS11) {
            return Ok(Self::Pkcs11(text.to_string()));
        }
        let of = |prefix| text.strip_prefix(prefix).map(str::trim).filter(|rest| !rest.is_empty());
        let agent = of(SSH_AGENT).map(|key| Self::SshAgent(key.to_string()));
        agent
            .or_else(|| of(COMMAND).map(|line| Self::Command(line.to_string())))
            .ok_or("expected pkcs11:…, ssh-agent:FINGERPRINT or command:LINE")
    }
}

impl fmt::Display for KeyLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("identity.pem"),
            Self::Pkcs11(uri) => f.write_str(uri),
            Self::SshAgent(key) => write!(f, "{SSH_AGENT}{key}"),
            Self::Command(line) => write!(f, "{COMMAND}{line}"),
        }
    }
}
