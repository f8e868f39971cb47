//! [`Trust`]: which peers are trusted, and what a verification needs beside it.

use alloc::vec::Vec;
use core::fmt;

use handclasp_crypto::{Hash, Verify};
use rustls_pki_types::UnixTime;

use crate::{Name, Pin, Psk, Role, Roots};

/// Which peers are trusted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trust {
    /// Peers whose certificate is valid now, is for the requested name (RFC 9525) and has a path to
    /// one of these roots (RFC 5280 §6). The name of a client is not checked. Revocation lists are those
    /// of [`Roots::with_crls`].
    WebPki(Roots),
    /// Peers with one of these public keys. Names, dates and issuer of the certificate are not
    /// checked: a pinned certificate that expired is still accepted, since its key is.
    Pins(Vec<Pin>),
    /// As [`Trust::Pins`], and the peer's certificate must be valid now. Raw public keys have no dates.
    PinsWithDates(Vec<Pin>),
    /// Peers with this pre-shared key. Certificates are refused.
    Psk(Psk),
    /// Peers that were seen before, by a file that lists them: trust on first use, and allow-lists of
    /// clients. Names, dates and issuer of the certificate are not checked.
    #[cfg(feature = "std")]
    KnownPeers(crate::KnownPeers),
    /// Peers that one of these accepts, such as clients with a certificate of a CA and clients with a pinned key:
    /// see [`Trust::any_of`].
    AnyOf(Vec<Trust>),
    /// Every peer: the connection is encrypted but not authenticated. An active attacker reads and
    /// changes everything.
    DangerNobody,
}

/// Parameters of the verification of a peer's certificate or key.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct VerifyOptions<'a> {
    /// The role of the peer.
    pub role: Role,
    /// The name that a server's certificate must be for. [`Trust::WebPki`] refuses servers without
    /// it, since any certificate of any site would be accepted.
    pub name: Option<&'a Name>,
    /// The time at which certificates must be valid.
    pub now: UnixTime,
    /// Whether `now` is the time, and not only a lower bound of it: then certificates that are not valid
    /// yet are accepted.
    pub time_is_known: bool,
    /// The signature algorithms accepted in certificates.
    pub algorithms: &'a [&'static dyn Verify],
    /// SHA-256, for pins.
    pub sha256: &'a dyn Hash,
}

impl<'a> VerifyOptions<'a> {
    /// For a peer of that role, without a name.
    pub const fn new(
        role: Role,
        now: UnixTime,
        algorithms: &'a [&'static dyn Verify],
        sha256: &'a dyn Hash,
    ) -> Self {
        Self { role, name: None, now, time_is_known: true, algorithms, sha256 }
    }

    /// For a program that does not know the time: `now` is a lower bound of it.
    #[must_use]
    pub const fn with_unknown_time(mut self) -> Self {
        self.time_is_known = false;
        self
    }

    /// Sets the name that the certificate must be for.
    #[must_use]
    pub const fn with_name(mut self, name: Option<&'a Name>) -> Self {
        self.name = name;
        self
    }
}

impl fmt::Debug for VerifyOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyOptions")
            .field("role", &self.role)
            .field("name", &self.name)
            .field("now", &self.now)
            .field("time_is_known", &self.time_is_known)
            .finish_non_exhaustive()
    }
}
