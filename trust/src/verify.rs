//! [`Trust`]: which peers are trusted, and the verification of their certificates and keys.

use alloc::vec::Vec;
use core::fmt;

use handclasp_crypto::{Hash, Verify};
use handclasp_report::CertificateFault;
use rustls_pki_types::{SubjectPublicKeyInfoDer, UnixTime};

use crate::{Name, Pin, Psk, Roots, leaf, web_pki};

/// Limit for the number of certificates in a peer's chain: the leaf, eight intermediates (the limit of
/// Mbed TLS; paths of webpki have at most six) and the root, which many peers send.
pub const CHAIN_MAX: usize = 10;

/// Limit for the size of a peer's chain, in bytes: OpenSSL's `max_cert_list`.
pub const CHAIN_MAX_BYTES: usize = 100 * 1024;

/// Which peers are trusted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trust {
    /// Peers whose certificate is valid now, is for the requested name (RFC 9525) and has a path to
    /// one of these roots (RFC 5280 §6). The name of a client is not checked.
    WebPki(Roots),
    /// Peers with one of these public keys. Names, dates and issuer of the certificate are not
    /// checked.
    Pins(Vec<Pin>),
    /// Peers with this pre-shared key. Certificates are refused.
    Psk(Psk),
    /// Every peer: the connection is encrypted but not authenticated. An active attacker reads and
    /// changes everything.
    DangerNobody,
}

/// The role of the peer, which its certificate must permit (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The peer is a server (id-kp-serverAuth).
    Server,
    /// The peer is a client (id-kp-clientAuth).
    Client,
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
        Self { role, name: None, now, algorithms, sha256 }
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
            .finish_non_exhaustive()
    }
}

/// The public key of a trusted peer. The handshake still has to verify that the peer has the private
/// key (CertificateVerify, Finished).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedKey {
    /// The public key of the leaf certificate, or the raw public key.
    pub spki: SubjectPublicKeyInfoDer<'static>,
    /// SHA-256 of `spki`.
    pub pin: Pin,
    /// The earliest notAfter on the path. `None` where dates are not checked.
    pub not_after: Option<UnixTime>,
}

impl Trust {
    /// Verifies a chain of DER certificates, leaf first.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    pub fn verify_chain<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        options: &VerifyOptions<'_>,
    ) -> Result<VerifiedKey, CertificateFault> {
        let bytes = chain.iter().fold(0usize, |sum, one| sum.saturating_add(one.as_ref().len()));
        if chain.len() > CHAIN_MAX || bytes > CHAIN_MAX_BYTES {
            return Err(CertificateFault::Budget);
        }
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();

        let not_after = match self {
            Self::WebPki(roots) => web_pki::verify(roots, leaf, others, options)?,
            Self::Psk(_) => return Err(CertificateFault::NotConfigured),
            Self::Pins(_) | Self::DangerNobody => None,
        };
        let accepted = self.accept(leaf::key(leaf)?, not_after, options.sha256);
        match (self, accepted) {
            // A common mistake: the pin is the fingerprint of the certificate, as printed by
            // `openssl x509 -fingerprint` and browsers.
            (Self::Pins(pins), Err(CertificateFault::PinMismatch { found }))
                if pins.contains(&Pin::of(leaf, options.sha256)) =>
            {
                Err(CertificateFault::PinIsFingerprint { found })
            }
            (_, accepted) => accepted,
        }
    }

    /// Verifies the stapled OCSP response (RFC 6960, DER) of a chain that [`Trust::verify_chain`]
    /// accepted, or that `None` is permitted. Only [`Trust::WebPki`] checks it: it knows the issuer,
    /// who signs the response.
    ///
    /// # Errors
    /// A response that does not verify or whose status is not "good"; no response although the
    /// certificate requires one (RFC 7633).
    #[cfg(feature = "ocsp")]
    pub fn verify_status<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        response: Option<&[u8]>,
        options: &VerifyOptions<'_>,
        sha1: &dyn Hash,
    ) -> Result<(), CertificateFault> {
        let Self::WebPki(roots) = self else { return Ok(()) };
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();
        web_pki::verify_with(roots, leaf, others, options, |anchor, supported| {
            crate::staple::Issuer { anchor, supported, sha1 }.verify(leaf, response, options)
        })
        .map(drop)
    }

    /// Verifies a raw public key (RFC 7250): a SubjectPublicKeyInfo (DER) without a certificate. Only
    /// pins can vouch for it.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    pub fn verify_raw_key(
        &self,
        spki: &[u8],
        options: &VerifyOptions<'_>,
    ) -> Result<VerifiedKey, CertificateFault> {
        match self {
            Self::WebPki(_) | Self::Psk(_) => Err(CertificateFault::NotConfigured),
            Self::Pins(_) | Self::DangerNobody => {
                leaf::check(spki)?;
                self.accept(SubjectPublicKeyInfoDer::from(Vec::from(spki)), None, options.sha256)
            }
        }
    }

    /// Whether this kind of trust can accept raw public keys.
    pub fn accepts_raw_keys(&self) -> bool {
        matches!(self, Self::Pins(_) | Self::DangerNobody)
    }

    /// The result for a key that only the list of pins can still refuse.
    fn accept(
        &self,
        spki: SubjectPublicKeyInfoDer<'static>,
        not_after: Option<UnixTime>,
        sha256: &dyn Hash,
    ) -> Result<VerifiedKey, CertificateFault> {
        let pin = Pin::of(&spki, sha256);
        if let Self::Pins(pins) = self
            && !pins.contains(&pin)
        {
            return Err(CertificateFault::PinMismatch { found: pin.0 });
        }
        Ok(VerifiedKey { spki, pin, not_after })
    }
}
