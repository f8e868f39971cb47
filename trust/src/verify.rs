//! [`Trust`]: which peers are trusted, and the verification of their certificates and keys.

use alloc::vec::Vec;
use core::fmt;

use handclasp_crypto::{Hash, Verify};
use handclasp_report::{CertificateError, CertificateFault};
use rustls_pki_types::{SubjectPublicKeyInfoDer, UnixTime};

use crate::{
    CHAIN_MAX, CHAIN_MAX_BYTES, Name, Pin, Psk, Revocation, Role, Roots, VerifiedKey, leaf, pinned, web_pki,
};

/// Which peers are trusted.
#[derive(Debug)]
#[non_exhaustive]
pub enum Trust {
    /// Peers whose certificate is valid now, is for the requested name (RFC 9525) and has a path to
    /// one of these roots (RFC 5280 §6). The name of a client is not checked. Revocation lists are those
    /// of [`Roots::with_crls`].
    WebPki(Roots),
    /// Peers with one of these public keys. Names, dates and issuer of the certificate are not
    /// checked.
    Pins(Vec<Pin>),
    /// Peers with this pre-shared key. Certificates are refused.
    Psk(Psk),
    /// Peers that were seen before, by a file that lists them: trust on first use, and allow-lists of
    /// clients. Names, dates and issuer of the certificate are not checked.
    #[cfg(feature = "std")]
    KnownPeers(crate::KnownPeers),
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

impl Trust {
    /// Verifies a chain of DER certificates, leaf first.
    ///
    /// # Errors
    /// Why the peer is not trusted.
    pub fn verify_chain<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        options: &VerifyOptions<'_>,
    ) -> Result<VerifiedKey, CertificateError> {
        let bytes = chain.iter().fold(0usize, |sum, one| sum.saturating_add(one.as_ref().len()));
        if chain.len() > CHAIN_MAX || bytes > CHAIN_MAX_BYTES {
            return Err(CertificateFault::Budget.into());
        }
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();

        let not_after = match self {
            Self::WebPki(roots) => web_pki::verify(roots, leaf, others, options)?,
            Self::Pins(pins) => return pinned::verify_certificate(leaf, pins, options.sha256),
            Self::Psk(_) => return Err(CertificateFault::NotConfigured.into()),
            #[cfg(feature = "std")]
            Self::KnownPeers(_) | Self::DangerNobody => None,
            #[cfg(not(feature = "std"))]
            Self::DangerNobody => None,
        };
        let key = VerifiedKey::new(leaf::key(leaf)?, not_after, options.sha256);
        #[cfg(feature = "std")]
        self.check_known(&key, Some(leaf), options)?;
        Ok(key)
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
    ) -> Result<(), CertificateError> {
        let Self::WebPki(roots) = self else { return Ok(()) };
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();
        web_pki::verify_with(roots, leaf, others, options, |anchor, supported| {
            crate::staple::Issuer { anchor, supported, sha1 }.verify(leaf, response, options)
        })
        .map(drop)
    }

    /// The first certificate of a chain that the revocation lists of [`Roots::with_crls`] or this OCSP
    /// response name, for people: for the sentence about a chain that was refused. Signatures are not
    /// verified here.
    pub fn revocation<C: AsRef<[u8]>>(&self, chain: &[C], response: Option<&[u8]>) -> Option<Revocation> {
        let Self::WebPki(roots) = self else { return None };
        let listed = roots.crls.as_ref().and_then(|crls| crls.find(chain));
        #[cfg(feature = "ocsp")]
        return listed.or_else(|| crate::staple::revocation(chain.first()?.as_ref(), response?));
        #[cfg(not(feature = "ocsp"))]
        {
            let _ = response;
            listed
        }
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
    ) -> Result<VerifiedKey, CertificateError> {
        match self {
            Self::WebPki(_) | Self::Psk(_) => Err(CertificateFault::NotConfigured.into()),
            Self::Pins(pins) => pinned::verify_raw_key(spki, pins, options.sha256),
            _ => {
                leaf::check(spki)?;
                let spki = SubjectPublicKeyInfoDer::from(Vec::from(spki));
                let key = VerifiedKey::new(spki, None, options.sha256);
                #[cfg(feature = "std")]
                self.check_known(&key, None, options)?;
                Ok(key)
            }
        }
    }

    /// Whether this kind of trust can accept raw public keys.
    pub fn accepts_raw_keys(&self) -> bool {
        !matches!(self, Self::WebPki(_) | Self::Psk(_))
    }

    /// Refuses peers that the file does not have. A peer that an application is to be asked about is refused
    /// here; [`crate::KnownPeers::decide`] says more than a fault can.
    #[cfg(feature = "std")]
    fn check_known(
        &self,
        key: &VerifiedKey,
        leaf: Option<&[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Result<(), CertificateError> {
        use crate::{Contact, Decision, certificate};

        let Self::KnownPeers(peers) = self else { return Ok(()) };
        let name = match options.role {
            Role::Server => options.name.map(alloc::string::ToString::to_string),
            Role::Client => leaf.and_then(certificate::claimed_name),
        };
        let contact = Contact::new(options.role, name.as_deref(), key.pin, options.now)
            .with_not_before(leaf.and_then(certificate::not_before));
        let mismatch = || CertificateFault::PinMismatch.with(handclasp_report::Evidence::Pin(key.pin.0));
        match peers.decide(&contact) {
            Decision::Accept(_) => Ok(()),
            Decision::Ask => Err(mismatch()),
            Decision::Refuse(refusal) => Err(refusal.fault().unwrap_or_else(mismatch)),
        }
    }
}
