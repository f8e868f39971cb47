//! Why a CA does not do what it was asked for.

use std::path::PathBuf;

use handclasp_crypto::KeyKind;
use handclasp_identity::{Found, IdentityError, OpenError, private_file::PrivateFileError};

use crate::{AltName, BadCrlUrl, Issued, NameConstraints, Profile, RequestProblem, Revocation};

/// A CA could not be made, opened or used.
pub struct AuthorityError {
    /// The folder of the CA.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: AuthorityProblem,
}

/// What is wrong with a CA, or with what it was asked for. The sentences are in `words`.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthorityProblem {
    /// The folder holds no CA.
    Missing,
    /// The folder holds a CA already.
    Exists,
    /// The folder holds other files, such as this one.
    NotEmpty(String),
    /// The folder cannot be made or read: the operating system's words.
    Folder(String),
    /// A file cannot be read or written, or others can read it.
    File(PrivateFileError),
    /// `certificate.pem` is not the certificate of a CA.
    Certificate(&'static str),
    /// The key of the CA does not load.
    Key(Box<IdentityError>),
    /// `key-location` says nothing that is known.
    KeyLocation,
    /// The key elsewhere does not open.
    NotOpened(OpenError),
    /// The folder has neither `key.pem` nor `key-location`, and no other key was given.
    KeyElsewhere,
    /// The key is not that of the certificate.
    OtherKey,
    /// The line of the list that does not parse, from 1.
    Line(usize),
    /// A line of `crl-url` is not the URL of a CRL.
    CrlUrl(BadCrlUrl),
    /// This cannot be a common name.
    Name(String),
    /// Certificates are not signed by, or issued for, keys of this kind.
    UnsupportedKey(Option<KeyKind>),
    /// The key of the CA lists no scheme by which certificates are signed.
    NoScheme(KeyKind),
    /// The key of the CA made no signature, or one that does not verify; the signer's words, if it has any.
    NotSigned(Option<String>),
    /// The CA has expired.
    Expired {
        /// notAfter of the CA, in seconds since 1970.
        not_after: u64,
    },
    /// By the clock the CA is not valid yet.
    NotYetValid {
        /// notBefore of the CA, in seconds since 1970.
        not_before: u64,
        /// The clock.
        now: u64,
    },
    /// By the clock a certificate of the list is of the future.
    ClockBehind {
        /// The clock, in seconds since 1970.
        now: u64,
        /// notBefore of that certificate.
        issued: u64,
    },
    /// The request cannot be signed.
    Request(RequestProblem),
    /// The subject of the request cannot be copied.
    Subject(String),
    /// The certificate would have no name that its profile needs.
    NoName(Profile),
    /// The profile does not permit this name.
    ProfileRefuses {
        /// The profile.
        profile: Profile,
        /// The name.
        name: AltName,
        /// Why.
        reason: &'static str,
    },
    /// The CA may not certify this name.
    NotPermitted {
        /// The name.
        name: String,
        /// What it may certify.
        constraints: NameConstraints,
    },
    /// More days than the profile permits, or 0.
    Days {
        /// How many were asked for.
        days: u32,
        /// How many are permitted.
        most: u32,
        /// The profile.
        profile: Profile,
    },
    /// The certificate would be valid for longer than the CA.
    BeyondAuthority {
        /// How many days were asked for.
        days: u32,
        /// notAfter of the CA, in seconds since 1970.
        not_after: u64,
    },
    /// More days until nextUpdate of a CRL than are permitted, or 0.
    CrlDays {
        /// How many were asked for.
        days: u32,
        /// How many are permitted.
        most: u32,
    },
    /// The key is that of the CA.
    KeyOfAuthority,
    /// The key has this valid certificate.
    KnownKey(Box<Issued>),
    /// The key was given up with this certificate.
    CompromisedKey(Box<Issued>),
    /// No certificate of the list has this serial number.
    UnknownSerial(String),
    /// The certificate is revoked already.
    Revoked(Revocation),
    /// A certificate was expected to be revoked.
    NotACertificate(Found),
    /// The certificate is of another CA.
    OtherIssuer(String),
}

impl From<PrivateFileError> for AuthorityProblem {
    fn from(error: PrivateFileError) -> Self {
        Self::File(error)
    }
}

impl From<IdentityError> for AuthorityProblem {
    fn from(error: IdentityError) -> Self {
        Self::Key(Box::new(error))
    }
}

/// As `Display`: what `?` in `main` prints.
impl core::fmt::Debug for AuthorityError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for AuthorityError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            AuthorityProblem::File(error) => Some(error),
            AuthorityProblem::Key(error) => Some(&**error),
            _ => None,
        }
    }
}
