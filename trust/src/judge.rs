//! The decision whom we believe, in one function.

use alloc::vec::Vec;

use handclasp_crypto::{Hash, Verify};
use handclasp_report::CertificateFault;

use crate::{Name, Pin, Psk, Roots, leaf, web_pki};

/// Certificates that a peer may show: a leaf, eight between (Mbed TLS's limit; webpki's paths
/// have at most six) and the root that many send along.
pub const CHAIN_MAX: usize = 10;

/// Bytes that they may have together: OpenSSL's `max_cert_list`.
pub const CHAIN_MAX_BYTES: usize = 100 * 1024;

/// Whom we believe.
#[derive(Debug)]
pub enum Trust {
    /// Whoever has a certificate for the name we asked for, valid now, with a path to one of
    /// these roots (RFC 5280 §6, RFC 9525). A client's certificate needs no name.
    WebPki(Roots),
    /// Whoever holds one of these keys. Nothing else of the certificate counts, neither names
    /// nor dates nor who signed it: the caller has said which keys it means.
    Pins(Vec<Pin>),
    /// Whoever holds this key; no certificate is accepted.
    Psk(Psk),
    /// Anybody. Encrypted, but with whom nobody knows; somebody in the middle reads and changes
    /// everything.
    DangerNobody,
}

/// What the peer's certificate must be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The peer is a server (id-kp-serverAuth).
    Server,
    /// The peer is a client (id-kp-clientAuth).
    Client,
}

/// What is asked about a chain.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// What the peer is.
    pub role: Role,
    /// Who it should be. Web PKI without a name believes no server: any certificate of any site
    /// would do.
    pub name: Option<&'a Name>,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
    /// Verifications that certificates may be signed with.
    pub verify: &'a [&'static dyn Verify],
    /// SHA-256, for pins.
    pub sha256: &'a dyn Hash,
}

/// A peer that is believed once it proves that it holds the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// SubjectPublicKeyInfo (DER) of the leaf.
    pub spki: Vec<u8>,
    /// Its SHA-256, see [`Pin`].
    pub pin: [u8; 32],
    /// The earliest notAfter on the path, in seconds since 1970; none where dates do not count.
    pub not_after: Option<u64>,
}

impl Trust {
    /// Judges a chain of DER certificates, leaf first.
    ///
    /// # Errors
    /// Why the peer is not believed.
    pub fn judge<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        question: &Question<'_>,
    ) -> Result<Accepted, CertificateFault> {
        let bytes = chain.iter().fold(0usize, |sum, one| sum.saturating_add(one.as_ref().len()));
        if chain.len() > CHAIN_MAX || bytes > CHAIN_MAX_BYTES {
            return Err(CertificateFault::Budget);
        }
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();

        let not_after = match self {
            Self::WebPki(roots) => web_pki::judge(roots, leaf, others, question)?,
            Self::Psk(_) => return Err(CertificateFault::NotConfigured),
            Self::Pins(_) | Self::DangerNobody => None,
        };
        let accepted = self.accept(leaf::key(leaf)?, not_after, question.sha256);
        match (self, accepted) {
            // The usual mistake: what `openssl x509 -fingerprint` and browsers print.
            (Self::Pins(pins), Err(CertificateFault::PinMismatch { found }))
                if pins.contains(&Pin::of_spki(leaf, question.sha256)) =>
            {
                Err(CertificateFault::PinIsFingerprint { found })
            }
            (_, accepted) => accepted,
        }
    }

    /// Judges the OCSP response about a chain that [`Trust::judge`] has accepted, or that none came.
    /// Under web PKI alone: what else is believed is believed without its issuer, who signs it.
    ///
    /// # Errors
    /// A response that is not sound or not good, or none where the certificate promises one.
    #[cfg(feature = "ocsp")]
    pub fn judge_status<C: AsRef<[u8]>>(
        &self,
        chain: &[C],
        response: Option<&[u8]>,
        question: &Question<'_>,
        sha1: &dyn Hash,
    ) -> Result<(), CertificateFault> {
        let Self::WebPki(roots) = self else { return Ok(()) };
        let (leaf, others) = chain.split_first().ok_or(CertificateFault::Malformed { index: 0 })?;
        let leaf = leaf.as_ref();
        web_pki::judge_with(roots, leaf, others, question, |anchor, supported| {
            crate::staple::Issuer { anchor, supported, sha1 }.judge(leaf, response, question)
        })
        .map(drop)
    }

    /// Judges a raw public key (RFC 7250): a SubjectPublicKeyInfo without a certificate. Pins
    /// are what can; nobody has vouched for it.
    ///
    /// # Errors
    /// Why the peer is not believed.
    pub fn judge_raw_key(&self, spki: &[u8], question: &Question<'_>) -> Result<Accepted, CertificateFault> {
        match self {
            Self::WebPki(_) | Self::Psk(_) => Err(CertificateFault::NotConfigured),
            Self::Pins(_) | Self::DangerNobody => {
                leaf::check(spki)?;
                self.accept(Vec::from(spki), None, question.sha256)
            }
        }
    }

    /// Whether raw public keys can be judged at all.
    pub fn judges_raw_keys(&self) -> bool {
        matches!(self, Self::Pins(_) | Self::DangerNobody)
    }

    /// What is left once nothing but pins can speak against it.
    fn accept(
        &self,
        spki: Vec<u8>,
        not_after: Option<u64>,
        sha256: &dyn Hash,
    ) -> Result<Accepted, CertificateFault> {
        let pin = Pin::of_spki(&spki, sha256);
        if let Self::Pins(pins) = self
            && !pins.contains(&pin)
        {
            return Err(CertificateFault::PinMismatch { found: pin.0 });
        }
        Ok(Accepted { spki, pin: pin.0, not_after })
    }
}
