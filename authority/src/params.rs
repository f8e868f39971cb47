//! Parameters of a new CA, and of a certificate that it signs.

use handclasp_crypto::KeyKind;

use crate::{AltName, CrlUrl, NameConstraints, Profile};

/// Parameters of a new CA.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AuthorityParams {
    /// The common name of the CA, at most 64 characters.
    pub name: String,
    /// How long the CA is valid, in days.
    pub days: u32,
    /// The names that it may certify.
    pub constraints: NameConstraints,
    /// The kind of its key, where a new one is made.
    pub key_kind: KeyKind,
    /// Where its certificates say that peers find its CRL: several ways to the same one. Empty: nowhere.
    pub crl_urls: Vec<CrlUrl>,
}

impl AuthorityParams {
    /// With a P-256 key, valid for 7305 days (20 years), for every name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            days: 7305,
            constraints: NameConstraints::default(),
            key_kind: KeyKind::P256,
            crl_urls: Vec::new(),
        }
    }

    /// Sets the validity in days.
    #[must_use]
    pub fn with_days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Sets the names that the CA may certify.
    #[must_use]
    pub fn with_constraints(mut self, constraints: NameConstraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets the kind of the new key.
    #[must_use]
    pub fn with_key_kind(mut self, key_kind: KeyKind) -> Self {
        self.key_kind = key_kind;
        self
    }

    /// Adds a URL at which peers find the CRL: certificates name it.
    #[must_use]
    pub fn with_crl_url(mut self, url: CrlUrl) -> Self {
        self.crl_urls.push(url);
        self
    }
}

/// Parameters of a certificate that a CA signs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignParams {
    /// What the certificate is for.
    pub profile: Profile,
    /// How long it is valid, in days; `None`: as the profile says, and not beyond the CA.
    pub days: Option<u32>,
    /// The common name that replaces the subject of the request.
    pub name: Option<String>,
    /// The names that replace those of the request, unless the list is empty.
    pub names: Vec<AltName>,
    /// Whether the key may have a certificate already.
    pub renewal: bool,
}

impl SignParams {
    /// Subject and names of the request, validity of the profile.
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Sets the validity in days.
    #[must_use]
    pub fn with_days(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }

    /// Replaces the subject of the request by this common name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Replaces the names of the request.
    #[must_use]
    pub fn with_names(mut self, names: Vec<AltName>) -> Self {
        self.names = names;
        self
    }

    /// Permits a key that has a valid certificate of this CA: a renewal. Without this such a request is
    /// refused, since two devices with one key are one device to their peers. A key whose certificate was
    /// revoked with [`crate::RevocationReason::KeyCompromise`] is refused nevertheless.
    #[must_use]
    pub fn as_renewal(mut self) -> Self {
        self.renewal = true;
        self
    }
}
