//! The verification of certificates and keys by [`Trust`].

use alloc::vec::Vec;

use handclasp_report::{CertificateError, CertificateFault};
use rustls_pki_types::SubjectPublicKeyInfoDer;

use crate::{
    CHAIN_MAX, CHAIN_MAX_BYTES, Revocation, Trust, VerifiedKey, VerifyOptions, any_of, dates, leaf, pinned,
    web_pki,
};

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
            Self::Pins(pins) => {
                let verified = pinned::verify_certificate(leaf, pins, options.sha256);
                return verified.map_err(|error| pinned::of_role(error, options.role));
            }
            Self::PinsWithDates(pins) => {
                let verified = pinned::verify_certificate(leaf, pins, options.sha256);
                let key = verified.map_err(|error| pinned::of_role(error, options.role))?;
                let not_after = Some(dates::check(leaf, options)?);
                return Ok(VerifiedKey { not_after, ..key });
            }
            Self::AnyOf(_) => {
                return self.verify_parts(Some(leaf), options, |part| part.verify_chain(chain, options));
            }
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
        sha1: &dyn handclasp_crypto::Hash,
    ) -> Result<(), CertificateError> {
        let roots = match self {
            Self::WebPki(roots) => roots,
            Self::AnyOf(_) => {
                let parts = self.parts();
                return any_of::verify(parts, chain.first().map(AsRef::as_ref), |part| {
                    let key = part.verify_chain(chain, options)?;
                    part.verify_status(chain, response, options, sha1).map(|()| key)
                })
                .map(drop)
                .map_err(|refused| refused.error);
            }
            _ => return Ok(()),
        };
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();
        web_pki::verify_with(roots, leaf, others, options, |anchor, supported| {
            crate::staple::Issuer { anchor, supported, sha1 }.verify(leaf, response, options)
        })
        .map(drop)
    }

    /// The first certificate of a chain that the revocation lists of [`Roots::with_crls`](crate::Roots::with_crls) or this OCSP
    /// response name, for people: for the sentence about a chain that was refused. Signatures are not
    /// verified here.
    pub fn revocation<C: AsRef<[u8]>>(&self, chain: &[C], response: Option<&[u8]>) -> Option<Revocation> {
        let roots = match self {
            Self::WebPki(roots) => roots,
            Self::AnyOf(parts) => return parts.iter().find_map(|part| part.revocation(chain, response)),
            _ => return None,
        };
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
            Self::Pins(pins) | Self::PinsWithDates(pins) => {
                pinned::verify_raw_key(spki, pins, options.sha256)
                    .map_err(|error| pinned::of_role(error, options.role))
            }
            Self::AnyOf(_) => self.verify_parts(None, options, |part| part.verify_raw_key(spki, options)),
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
        self.parts().iter().any(|part| !matches!(part, Self::WebPki(_) | Self::Psk(_)))
    }

    /// Verifies a peer by the parts of [`Trust::AnyOf`]: known peers veto first and are asked last, since they may
    /// ask a person.
    fn verify_parts(
        &self,
        leaf: Option<&[u8]>,
        options: &VerifyOptions<'_>,
        verify: impl Fn(&Self) -> Result<VerifiedKey, CertificateError>,
    ) -> Result<VerifiedKey, CertificateError> {
        let (files, others): (Vec<&Self>, Vec<&Self>) =
            self.parts().into_iter().partition(|part| part.is_file());
        #[cfg(feature = "std")]
        for file in &files {
            let key = match leaf {
                Some(leaf) => leaf::key(leaf)?,
                None => verify(&Self::DangerNobody)?.spki,
            };
            file.check_revoked(&VerifiedKey::new(key, None, options.sha256), options)?;
        }
        #[cfg(not(feature = "std"))]
        let _: &VerifyOptions<'_> = options;
        let refused = match any_of::verify(others, leaf, &verify) {
            Ok(key) => return Ok(key),
            Err(refused) => refused,
        };
        match any_of::verify(files, leaf, &verify) {
            Ok(key) => Ok(key),
            Err(file) if file.error.fault == CertificateFault::NotConfigured || refused.is_specific => {
                Err(refused.error)
            }
            Err(file) => Err(file.error),
        }
    }

    /// Whether a file decides, which may change at any time.
    fn is_file(&self) -> bool {
        #[cfg(feature = "std")]
        return matches!(self, Self::KnownPeers(_));
        #[cfg(not(feature = "std"))]
        false
    }

    /// Refuses keys that the file revokes, and every key where the file cannot say.
    #[cfg(feature = "std")]
    fn check_revoked(&self, key: &VerifiedKey, options: &VerifyOptions<'_>) -> Result<(), CertificateError> {
        let Self::KnownPeers(peers) = self else { return Ok(()) };
        match peers.revocation(key.pin) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(CertificateFault::Revoked.into()),
            // Nobody knows whether the key is revoked.
            Err(error) => {
                let contact = crate::Contact::new(options.role, None, key.pin, options.now);
                let reason = crate::RefusalReason::File(alloc::string::ToString::to_string(&error));
                let mismatch = CertificateFault::PinMismatch.with(handclasp_report::Evidence::Pin(key.pin.0));
                Err(peers.refusal(&contact, reason).fault().unwrap_or(mismatch))
            }
        }
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
        use crate::{Contact, Decision, Role, certificate};

        let Self::KnownPeers(peers) = self else { return Ok(()) };
        let name = match options.role {
            Role::Server => options.name.map(alloc::string::ToString::to_string),
            Role::Client => leaf.and_then(certificate::claimed_name),
        };
        let contact = Contact::new(options.role, name.as_deref(), key.pin, options.now)
            .with_not_before(leaf.and_then(certificate::not_before));
        let mismatch = CertificateFault::PinMismatch.with(handclasp_report::Evidence::Pin(key.pin.0));
        let mismatch = || pinned::of_role(mismatch, options.role);
        match peers.decide(&contact) {
            Decision::Accept(_) => Ok(()),
            Decision::Ask => Err(mismatch()),
            Decision::Refuse(refusal) => Err(refusal.fault().unwrap_or_else(mismatch)),
        }
    }
}
