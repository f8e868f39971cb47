//! Which certificates are trusted. A chain is judged certificate by certificate, as it comes.

use alloc::{boxed::Box, vec::Vec};
use core::time::Duration;

use handclasp_crypto::Verify;
use handclasp_handshake::PeerIdentity;
use handclasp_report::{CertificateError, NotJudged};
use handclasp_trust::{
    Name, Pin, Role, VerifiedKey,
    chain::{Anchor, ChainOptions, ChainTime, ChainVerifier},
    pinned,
};
use rustls_pki_types::UnixTime;

use crate::{BootError, algorithms};

/// Which peers are trusted: [`Pins`], [`Roots`], or a type of the program. What a program does not use is not linked.
pub trait PeerTrust {
    /// Starts judging a chain.
    fn start<'t>(&'t self) -> Box<dyn ChainJudge + 't>;

    /// What of a certificate is not judged, for the report.
    fn not_judged(&self, subject: &Subject<'_>) -> Option<NotJudged>;
}

/// What a chain is judged for.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Subject<'a> {
    /// The role of the peer.
    pub role: Role,
    /// The name that a server's certificate must be for, if one was asked for.
    pub name: Option<&'a Name>,
    /// Seconds since 1970-01-01 UTC: the time, or a lower bound of it.
    pub now: u64,
    /// Whether `now` is the time, and not only a lower bound.
    pub time_is_known: bool,
    /// The signatures that are verified.
    pub verify: &'static [&'static dyn Verify],
}

impl core::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Subject")
            .field("role", &self.role)
            .field("name", &self.name)
            .field("now", &self.now)
            .field("time_is_known", &self.time_is_known)
            .finish_non_exhaustive()
    }
}

/// A chain being judged.
pub trait ChainJudge {
    /// Takes the certificate (DER) at that place; 0 is the end-entity certificate. The last one yields
    /// the verdict. The subject is the same for all certificates of a chain.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    fn certificate(
        &mut self,
        subject: &Subject<'_>,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> Result<Option<Judged>, CertificateError>;
}

/// The key of a peer that is trusted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Judged {
    /// SubjectPublicKeyInfo (DER) of the end-entity certificate.
    pub spki: Vec<u8>,
    /// Its SHA-256, and the earliest notAfter of the chain where dates were judged.
    pub identity: PeerIdentity,
}

/// Trust in public keys, whatever their certificates say of names and dates.
#[derive(Clone, Debug)]
pub struct Pins(Vec<Pin>);

impl Pins {
    /// These keys.
    pub fn new(pins: impl Into<Vec<Pin>>) -> Self {
        Self(pins.into())
    }
}

impl PeerTrust for Pins {
    fn start<'t>(&'t self) -> Box<dyn ChainJudge + 't> {
        Box::new(PinJudge { pins: &self.0, judged: None })
    }

    fn not_judged(&self, _: &Subject<'_>) -> Option<NotJudged> {
        Some(NotJudged::AllButKey)
    }
}

/// Only the end-entity certificate counts.
struct PinJudge<'t> {
    pins: &'t [Pin],
    judged: Option<Judged>,
}

impl ChainJudge for PinJudge<'_> {
    fn certificate(
        &mut self,
        subject: &Subject<'_>,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> Result<Option<Judged>, CertificateError> {
        if index == 0 {
            let key = pinned::verify_certificate(der, self.pins, algorithms::SHA256);
            self.judged = Some(key.map_err(|error| pinned::of_role(error, subject.role))?.into());
        }
        Ok(self.judged.take_if(|_| last))
    }
}

/// Trust in chains to one of these roots. A chain is verified certificate by certificate as it comes, and not
/// kept. Where the time is not known, a certificate that expired before the earliest time is refused, and one
/// that is not valid yet is accepted.
#[derive(Clone, Debug)]
pub struct Roots(Vec<Anchor<'static>>);

impl Roots {
    /// These roots: certificates in DER.
    ///
    /// # Errors
    /// A certificate that does not parse, or that has name constraints.
    pub fn new(certificates: &[&'static [u8]]) -> Result<Self, BootError> {
        let anchor = |(index, der): (u8, &&'static [u8])| {
            Anchor::from_certificate(der).map_err(|_| BootError::Root { index })
        };
        (0..).zip(certificates).map(anchor).collect::<Result<_, _>>().map(Self)
    }
}

impl PeerTrust for Roots {
    fn start<'t>(&'t self) -> Box<dyn ChainJudge + 't> {
        Box::new(RootJudge { roots: &self.0, verifier: ChainVerifier::new() })
    }

    fn not_judged(&self, subject: &Subject<'_>) -> Option<NotJudged> {
        (!subject.time_is_known).then_some(NotJudged::NotBefore { earliest: subject.now })
    }
}

struct RootJudge<'t> {
    roots: &'t [Anchor<'static>],
    verifier: ChainVerifier,
}

impl ChainJudge for RootJudge<'_> {
    fn certificate(
        &mut self,
        subject: &Subject<'_>,
        _: usize,
        der: &[u8],
        last: bool,
    ) -> Result<Option<Judged>, CertificateError> {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(subject.now));
        let time = if subject.time_is_known { ChainTime::Now(now) } else { ChainTime::AtLeast(now) };
        let options = ChainOptions::new(self.roots, subject.role, time, subject.verify, algorithms::SHA256);
        let options = options.with_name(subject.name);
        self.verifier.certificate(&options, der)?;
        match last {
            true => self.verifier.finish(&options).map(|key| Some(key.into())),
            false => Ok(None),
        }
    }
}

impl From<VerifiedKey> for Judged {
    fn from(key: VerifiedKey) -> Self {
        let identity = PeerIdentity::new(key.pin.0, key.not_after.map(|time| time.as_secs()));
        Self { spki: key.spki.as_ref().to_vec(), identity }
    }
}
