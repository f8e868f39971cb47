//! The session of a key: signing, the PIN for each signature, and a new session when the token comes back.

use std::vec::Vec;

use cryptoki::{
    error::{Error, RvError},
    mechanism::Mechanism,
    object::ObjectHandle,
    session::{Session, UserType},
};

use super::super::{
    Pkcs11Error, Pkcs11Problem, Pkcs11Uri, TokenPin,
    error::{is_lost, reason},
    module::{self, Token},
    object,
};
use crate::SignerFailure;

/// An open token and the handle of its key.
pub(super) struct Link {
    uri: Pkcs11Uri,
    pin: TokenPin,
    /// The key asks for the PIN at each signature (CKA_ALWAYS_AUTHENTICATE).
    pub(super) asks: bool,
    /// `None` between two sessions.
    open: Option<(Token, ObjectHandle)>,
    /// The token refused the PIN of a file or of the environment. It is not sent again: the next attempts
    /// would lock the token.
    pin_refused: bool,
}

/// Why an attempt to sign failed.
enum Attempt {
    Module(Error),
    Other(Pkcs11Error),
}

impl From<Error> for Attempt {
    fn from(error: Error) -> Self {
        Self::Module(error)
    }
}

impl Link {
    pub(super) fn new(uri: &Pkcs11Uri, pin: &TokenPin, asks: bool, token: Token, key: ObjectHandle) -> Self {
        Self { uri: uri.clone(), pin: pin.clone(), asks, open: Some((token, key)), pin_refused: false }
    }

    /// Whether a person approves each signature.
    pub(super) fn is_interactive(&self) -> bool {
        let on_reader = self.open.as_ref().is_some_and(|(token, _)| token.pin_on_reader);
        self.asks && (on_reader || self.pin.is_typed(&self.uri))
    }

    /// Calls `read` with the session and the key.
    pub(super) fn with<T>(
        &self,
        read: impl FnOnce(&Session, ObjectHandle) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match &self.open {
            Some((token, key)) => read(&token.session, *key),
            None => Err(Error::InvalidValue),
        }
    }

    /// Signs, in a new session where the old one was lost. `spki` is the key that must be there.
    pub(super) fn sign(
        &mut self,
        mechanism: &Mechanism<'_>,
        input: &[u8],
        spki: &[u8],
    ) -> Result<Vec<u8>, SignerFailure> {
        match self.attempt(mechanism, input) {
            Some(Ok(signature)) => return Ok(signature),
            Some(Err(Attempt::Module(error))) if !is_lost(&error) => return Err(self.failure(&error)),
            Some(Err(Attempt::Other(error))) => return Err(SignerFailure::Said(std::format!("{error}"))),
            Some(Err(Attempt::Module(_))) | None => {}
        }
        self.reopen(spki)?;
        match self.attempt(mechanism, input) {
            Some(Ok(signature)) => Ok(signature),
            Some(Err(Attempt::Module(error))) => Err(self.failure(&error)),
            Some(Err(Attempt::Other(error))) => Err(SignerFailure::Said(std::format!("{error}"))),
            None => Err(SignerFailure::Because("the token has no session")),
        }
    }

    /// One attempt. `None` without a session.
    fn attempt(&self, mechanism: &Mechanism<'_>, input: &[u8]) -> Option<Result<Vec<u8>, Attempt>> {
        let (token, key) = self.open.as_ref()?;
        Some(match self.asks {
            false => token.session.sign(mechanism, *key, input).map_err(Attempt::from),
            true => self.sign_in_parts(token, *key, mechanism, input),
        })
    }

    /// With the PIN between C_SignInit and the input, as a key with CKA_ALWAYS_AUTHENTICATE demands. The
    /// crate `cryptoki` has a call between the two only for signatures in parts.
    fn sign_in_parts(
        &self,
        token: &Token,
        key: ObjectHandle,
        mechanism: &Mechanism<'_>,
        input: &[u8],
    ) -> Result<Vec<u8>, Attempt> {
        if self.pin_refused {
            return Err(Attempt::Other(refused_before()));
        }
        let pin = token.signature_pin(&self.uri, &self.pin).map_err(Attempt::Other)?;
        let session = &token.session;
        session.sign_init(mechanism, key)?;
        session.login(UserType::ContextSpecific, pin.as_ref())?;
        session.sign_update(input)?;
        Ok(session.sign_final()?)
    }

    /// The words of an error that is no reason to try again.
    fn failure(&mut self, error: &Error) -> SignerFailure {
        let is_pin = matches!(error, Error::Pkcs11(RvError::PinIncorrect | RvError::PinLocked, _));
        self.pin_refused |= is_pin && !self.pin.is_typed(&self.uri);
        if self.asks {
            self.end_operation();
        }
        SignerFailure::Because(match self.asks && is_one_part(error) {
            true => {
                "the token does not sign in parts, which a key that requires the PIN for each signature \
                 (CKA_ALWAYS_AUTHENTICATE) needs here"
            }
            false => reason(error),
        })
    }

    /// The operation that began stays active in its session. The login stays with the token while one session
    /// is open.
    fn end_operation(&mut self) {
        if let Some((token, _)) = &mut self.open
            && let Ok(session) = token.module.open_ro_session(token.slot)
        {
            token.session = session;
        }
    }

    /// Whether the token takes input in parts for that mechanism. Found out without a PIN.
    pub(super) fn takes_parts(&mut self, mechanism: &Mechanism<'_>) -> bool {
        let Some((token, key)) = &self.open else { return false };
        let started = token.session.sign_init(mechanism, *key);
        let refused = started.and_then(|()| token.session.sign_update(b"probe")).err();
        self.end_operation();
        !refused.is_some_and(|error| is_one_part(&error))
    }

    /// Opens the token again, logs in, and finds the key.
    fn reopen(&mut self, spki: &[u8]) -> Result<(), SignerFailure> {
        // First: a module may give its number to the new session.
        self.open = None;
        if self.pin_refused {
            return Err(SignerFailure::Said(std::format!("{}", refused_before())));
        }
        let opened = module::open(&self.uri, &self.pin, false)
            .and_then(|token| object::find(&token, &self.uri).map(|found| (token, found)));
        match opened {
            Ok((token, found)) if found.spki == spki => {
                self.open = Some((token, found.handle));
                Ok(())
            }
            Ok(_) => Err(SignerFailure::Because("the token has another key now")),
            Err(error) => {
                let is_pin = matches!(error.problem, Pkcs11Problem::WrongPin | Pkcs11Problem::PinUnusable);
                self.pin_refused |= is_pin && !self.pin.is_typed(&self.uri);
                Err(SignerFailure::Said(std::format!("the token was lost and does not open again: {error}")))
            }
        }
    }
}

/// Whether a token says by that error that a mechanism does not sign in parts.
fn is_one_part(error: &Error) -> bool {
    matches!(error, Error::Pkcs11(RvError::OperationNotInitialized | RvError::FunctionNotSupported, _))
}

fn refused_before() -> Pkcs11Error {
    Pkcs11Error::new(
        Pkcs11Problem::WrongPin,
        "the token refused the PIN before, and it is not sent again, since the token would be locked; correct it and \
         start the program again",
    )
}
