//! Which certificates are trusted. A chain is judged certificate by certificate, as it comes.

use alloc::{boxed::Box, vec::Vec};

use handclasp_crypto::Verify;
use handclasp_handshake::PeerIdentity;
use handclasp_report::CertificateError;
use handclasp_trust::{Name, Pin, Role, pinned};

use crate::algorithms;

/// Which peers are trusted. [`Pins`] is one; what a program does not use is not linked.
pub trait PeerTrust {
    /// Starts judging a chain.
    fn start(&self, subject: &Subject<'_>) -> Box<dyn ChainJudge>;
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
    /// the verdict.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    fn certificate(
        &mut self,
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
    fn start(&self, _: &Subject<'_>) -> Box<dyn ChainJudge> {
        Box::new(PinJudge { pins: self.0.clone(), judged: None })
    }
}

/// Only the end-entity certificate counts.
struct PinJudge {
    pins: Vec<Pin>,
    judged: Option<Judged>,
}

impl ChainJudge for PinJudge {
    fn certificate(
        &mut self,
        index: usize,
        der: &[u8],
        last: bool,
    ) -> Result<Option<Judged>, CertificateError> {
        if index == 0 {
            let key = pinned::verify_certificate(der, &self.pins, algorithms::SHA256)?;
            let identity = PeerIdentity::new(key.pin.0, None);
            self.judged = Some(Judged { spki: key.spki.as_ref().to_vec(), identity });
        }
        Ok(self.judged.take_if(|_| last))
    }
}
