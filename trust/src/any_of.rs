//! Trust of several kinds at once: a peer is trusted if one of them accepts it, and refused if one of them says that
//! it is revoked. Servers need it whose clients have certificates of a CA, pinned keys and known keys.

use alloc::vec::Vec;

use handclasp_report::{CertificateError, CertificateFault};

use crate::{Trust, VerifiedKey, x509::Certificate};

/// Why none of several kinds of trust accepts a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartsRefusal {
    /// The fault that says most.
    pub error: CertificateError,
    /// Whether it says more than that the key is not on a list: the certificate was issued by another one, so that
    /// it is a matter of the CA, or a pin is the fingerprint of a certificate.
    pub is_specific: bool,
}

/// Verifies a peer by each of the parts. `leaf`: its certificate; `None` for a raw public key.
pub(crate) fn verify<'t>(
    parts: impl IntoIterator<Item = &'t Trust>,
    leaf: Option<&[u8]>,
    verify: impl Fn(&Trust) -> Result<VerifiedKey, CertificateError>,
) -> Result<VerifiedKey, PartsRefusal> {
    let is_issued = leaf
        .is_some_and(|leaf| Certificate::read(leaf).is_ok_and(|certificate| !certificate.is_self_issued()));
    let mut accepted = None;
    let mut refused: Option<(u8, CertificateError)> = None;
    for part in parts {
        match verify(part) {
            Ok(key) => accepted = accepted.or(Some(key)),
            Err(error) if error.fault == CertificateFault::Revoked => {
                return Err(PartsRefusal { error, is_specific: true });
            }
            Err(error) => {
                let weight = weight(part, error.fault, is_issued);
                if refused.is_none_or(|(found, _)| weight > found) {
                    refused = Some((weight, error));
                }
            }
        }
    }
    let (weight, error) = refused.unwrap_or((0, CertificateFault::NotConfigured.into()));
    accepted.ok_or(PartsRefusal { error, is_specific: weight >= SPECIFIC })
}

/// From this weight on an error says more than a list that a key is not on.
const SPECIFIC: u8 = 2;

/// How much an error says: a certificate that another one issued is a matter of the CA, a self-signed one and a
/// raw key are matters of the lists.
fn weight(part: &Trust, fault: CertificateFault, is_issued: bool) -> u8 {
    match (part, fault) {
        (_, CertificateFault::PinIsFingerprint) => 3,
        (Trust::WebPki(_), _) if is_issued => SPECIFIC,
        (Trust::WebPki(_), _) | (_, CertificateFault::NotConfigured) => 0,
        _ => 1,
    }
}

impl Trust {
    /// Trust in every peer that one of these accepts; what one of them knows to be revoked is refused.
    ///
    /// ```
    /// use handclasp_trust::{KnownPeers, Pin, Trust};
    ///
    /// let pins = Trust::Pins(vec![Pin([7; 32])]);
    /// let clients = Trust::any_of([pins, Trust::KnownPeers(KnownPeers::new("/var/lib/app/clients"))]);
    /// assert!(clients.accepts_raw_keys());
    /// ```
    pub fn any_of(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::AnyOf(parts.into_iter().collect())
    }

    /// The kinds of trust that this one consists of: those of [`Trust::AnyOf`], or itself.
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::AnyOf(parts) => parts.iter().flat_map(Self::parts).collect(),
            one => Vec::from([one]),
        }
    }

    /// Whether files decide that are read for each handshake: known peers, revocation lists of
    /// [`crate::Crls::follows_files`]. What they say may change while a session lasts.
    pub fn follows_files(&self) -> bool {
        match self {
            #[cfg(feature = "std")]
            Self::KnownPeers(_) => true,
            Self::WebPki(roots) => roots.crls().is_some_and(crate::Crls::follows_files),
            Self::AnyOf(parts) => parts.iter().any(Self::follows_files),
            _ => false,
        }
    }

    /// The file of known peers that decides, alone or among others.
    #[cfg(feature = "std")]
    pub fn known_peers(&self) -> Option<&crate::KnownPeers> {
        match self {
            Self::KnownPeers(peers) => Some(peers),
            Self::AnyOf(parts) => parts.iter().find_map(Self::known_peers),
            _ => None,
        }
    }

    /// The parts but for known peers.
    #[cfg(feature = "std")]
    fn other_parts(&self) -> Vec<&Self> {
        let mut parts = self.parts();
        parts.retain(|part| !matches!(part, Self::KnownPeers(_)));
        parts
    }

    /// As [`Trust::verify_chain`], without known peers, which may have to ask a person. `None` if there is no
    /// other kind of trust.
    #[cfg(feature = "std")]
    pub fn verify_chain_by_others<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        options: &crate::VerifyOptions<'_>,
    ) -> Option<Result<VerifiedKey, PartsRefusal>> {
        let parts = self.other_parts();
        let leaf = chain.first().map(AsRef::as_ref);
        (!parts.is_empty()).then(|| verify(parts, leaf, |part| part.verify_chain(chain, options)))
    }

    /// As [`Trust::verify_raw_key`], without known peers. `None` if there is no other kind of trust.
    #[cfg(feature = "std")]
    pub fn verify_raw_key_by_others(
        &self,
        spki: &[u8],
        options: &crate::VerifyOptions<'_>,
    ) -> Option<Result<VerifiedKey, PartsRefusal>> {
        let parts = self.other_parts();
        (!parts.is_empty()).then(|| verify(parts, None, |part| part.verify_raw_key(spki, options)))
    }

    /// As [`Trust::verify_status`], without known peers, which decided before and know nothing of OCSP: a person
    /// is not asked again. `None` if there is no other kind of trust.
    #[cfg(all(feature = "std", feature = "ocsp"))]
    pub fn verify_status_by_others<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        response: Option<&[u8]>,
        options: &crate::VerifyOptions<'_>,
        sha1: &dyn handclasp_crypto::Hash,
    ) -> Option<Result<(), CertificateError>> {
        let parts = self.other_parts();
        let leaf = chain.first().map(AsRef::as_ref);
        (!parts.is_empty()).then(|| {
            let verified = verify(parts, leaf, |part| {
                let key = part.verify_chain(chain, options)?;
                part.verify_status(chain, response, options, sha1).map(|()| key)
            });
            verified.map(drop).map_err(|refused| refused.error)
        })
    }
}
