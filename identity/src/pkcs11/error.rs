//! Errors of tokens: the problem for programs, the sentence for people.

use core::fmt;
use std::string::{String, ToString};

use cryptoki::error::{Error, RvError};

use crate::IdentityError;

/// Why a key in a token cannot be used.
#[derive(Clone, PartialEq, Eq)]
pub struct Pkcs11Error {
    /// What is wrong.
    pub problem: Pkcs11Problem,
    sentence: String,
}

/// What is wrong with a token or a key in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pkcs11Problem {
    /// The module does not load.
    Module,
    /// No token matches the URI.
    NoToken,
    /// Several tokens match the URI.
    SeveralTokens,
    /// The PIN is required and not there.
    NoPin,
    /// The PIN is wrong.
    WrongPin,
    /// The PIN is locked, expired or not set.
    PinUnusable,
    /// No private key matches the URI.
    NoKey,
    /// Several private keys match the URI.
    SeveralKeys,
    /// The key is of an unsupported type, or not one for signatures.
    UnusableKey,
    /// A key of that label or identifier exists already.
    KeyExists,
    /// The token is gone.
    Removed,
    /// The module failed.
    Failed,
    /// The key does not fit its certificate, or fails a test signature.
    Identity,
}

impl Pkcs11Error {
    pub(super) fn new(problem: Pkcs11Problem, sentence: impl ToString) -> Self {
        Self { problem, sentence: sentence.to_string() }
    }

    /// An error of the module while it did `what`.
    pub(super) fn call(what: &str, error: &Error) -> Self {
        let problem = match error {
            Error::LibraryLoading(_) | Error::MissingSymbol(_) => Pkcs11Problem::Module,
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
                Pkcs11Problem::WrongPin
            }
            Error::Pkcs11(RvError::PinLocked | RvError::PinExpired | RvError::UserPinNotInitialized, _) => {
                Pkcs11Problem::PinUnusable
            }
            Error::Pkcs11(rv, _) if is_removal(*rv) => Pkcs11Problem::Removed,
            _ => Pkcs11Problem::Failed,
        };
        Self::new(problem, std::format!("{what}: {}", words(error)))
    }
}

/// Whether a return value says that the token went away. Its sessions and handles are gone with it.
fn is_removal(rv: RvError) -> bool {
    matches!(
        rv,
        RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::DeviceError
    )
}

/// Whether a new session may repair it: the token went away, the key is no longer known by its handle, or the
/// login is gone.
pub(super) fn is_lost(error: &Error) -> bool {
    match error {
        Error::Pkcs11(rv, _) => {
            is_removal(*rv)
                || matches!(
                    rv,
                    RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid | RvError::UserNotLoggedIn
                )
        }
        _ => false,
    }
}

/// An error of the module.
pub(super) fn words(error: &Error) -> String {
    match error {
        Error::Pkcs11(rv, function) => {
            std::format!("{} (C_{function:?}: CKR_{})", reason(error), upper_snake(&std::format!("{rv:?}")))
        }
        other => other.to_string(),
    }
}

/// An error of the module in words that are known beforehand, for errors of a handshake.
pub(super) fn reason(error: &Error) -> &'static str {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            "the PIN is wrong"
        }
        Error::Pkcs11(RvError::PinLocked, _) => "the PIN of the token is locked after too many wrong ones",
        Error::Pkcs11(RvError::PinExpired, _) => "the PIN of the token has expired",
        Error::Pkcs11(RvError::UserPinNotInitialized, _) => "the token has no user PIN yet",
        Error::Pkcs11(RvError::UserNotLoggedIn, _) => "the token has logged this program out",
        Error::Pkcs11(RvError::KeyHandleInvalid | RvError::ObjectHandleInvalid, _) => {
            "the key is no longer in the token"
        }
        Error::Pkcs11(RvError::KeyFunctionNotPermitted, _) => "the token does not permit this key to sign",
        Error::Pkcs11(RvError::MechanismInvalid | RvError::MechanismParamInvalid, _) => {
            "the token does not support the mechanism of this scheme"
        }
        Error::Pkcs11(RvError::TokenWriteProtected | RvError::SessionReadOnly, _) => {
            "the token is write-protected"
        }
        Error::Pkcs11(RvError::DeviceMemory, _) => "the memory of the token is full",
        Error::Pkcs11(rv, _) if is_removal(*rv) => {
            "the token was removed, or lost its session; insert it and try again"
        }
        Error::Pkcs11(..) => "the token failed",
        _ => "the PKCS#11 module failed",
    }
}

/// `PinIncorrect` as the standard writes it.
fn upper_snake(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

impl From<IdentityError> for Pkcs11Error {
    fn from(error: IdentityError) -> Self {
        Self::new(Pkcs11Problem::Identity, error)
    }
}

impl fmt::Display for Pkcs11Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for Pkcs11Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Pkcs11Error {}
