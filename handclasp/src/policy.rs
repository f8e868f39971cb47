//! Policies: which algorithms are offered and accepted, in one table, each with its reason.
//!
//! | policy | versions | suites | groups (shares sent first) | RFC 7627 |
//! |---|---|---|---|---|
//! | [`Policy::modern`] | 1.3, 1.2 | AEAD with ECDHE or PSK | X25519, P-256, P-384, P-521 (X25519) | required |
//! | [`Policy::tls13_only`] | 1.3 | AEAD | X25519, P-256, P-384, P-521 (X25519) | – |
//! | [`Policy::compatible`] | 1.3, 1.2 | as modern | the same (X25519 and P-256) | offered |
//!
//! Reasons. AES-128 stands first: it is the fastest and as strong as the groups beside it.
//! ChaCha20 serves peers without AES instructions. X25519 stands first: one short share that
//! nearly every peer knows; P-256 is there for those that do not; P-384 and P-521 stand last, for key exchange
//! as much as to say that TLS 1.2 certificates may be on them (RFC 8422 §5.1). `compatible` sends both
//! shares so that such peers need no second round trip, and bears a TLS 1.2 peer without
//! extended_master_secret, which then gets neither exporter nor resumption (RFC 7627 §5).

use handclasp_codec::{CipherSuite, NamedGroup, ProtocolVersion};
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::ExtendedMasterSecret;
use handclasp_provider_aws_lc as aws_lc;

/// What is offered and accepted, in order of preference.
#[derive(Clone)]
pub struct Policy {
    pub(crate) suites: Vec<&'static Suite>,
    pub(crate) groups: Vec<&'static dyn KeyExchange>,
    pub(crate) shares: usize,
    pub(crate) verify: Vec<&'static dyn Verify>,
    pub(crate) extended_master_secret: ExtendedMasterSecret,
}

/// A name or number that no policy knows, or a restriction that leaves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyError {
    /// A suite that we do not do.
    UnknownSuite(CipherSuite),
    /// A group that we do not do.
    UnknownGroup(NamedGroup),
    /// A version that we do not do.
    UnknownVersion(ProtocolVersion),
    /// No suite is left that the restrictions permit.
    NothingLeft,
}

impl core::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnknownSuite(suite) => {
                write!(f, "cipher suite {suite} is not one of ours; ours are")?;
                Policy::modern().suites.iter().try_for_each(|suite| write!(f, " {}", suite.id))
            }
            Self::UnknownGroup(group) => {
                write!(f, "group {group} is not one of ours; ours are")?;
                Policy::modern().groups.iter().try_for_each(|group| write!(f, " {}", group.group()))
            }
            Self::UnknownVersion(version) => {
                write!(f, "version {version} is not one of ours; ours are TLS 1.2 and TLS 1.3")
            }
            Self::NothingLeft => f.write_str("the version, suites and groups asked for exclude each other"),
        }
    }
}

impl std::error::Error for PolicyError {}

impl Default for Policy {
    fn default() -> Self {
        Self::modern()
    }
}

impl Policy {
    /// The default.
    pub fn modern() -> Self {
        Self {
            suites: aws_lc::ALL_SUITES.to_vec(),
            groups: vec![aws_lc::X25519, aws_lc::SECP256R1, aws_lc::SECP384R1, aws_lc::SECP521R1],
            shares: 1,
            verify: aws_lc::VERIFY.to_vec(),
            extended_master_secret: ExtendedMasterSecret::Required,
        }
    }

    /// TLS 1.3 and nothing else.
    pub fn tls13_only() -> Self {
        let mut policy = Self::modern();
        policy.suites.retain(|suite| suite.version() == ProtocolVersion::TLS_1_3);
        policy
    }

    /// For older peers.
    pub fn compatible() -> Self {
        Self { shares: 2, extended_master_secret: ExtendedMasterSecret::Offered, ..Self::modern() }
    }

    /// Only this version.
    ///
    /// # Errors
    /// A version that we do not do, or no suite is left.
    pub fn only_version(mut self, version: ProtocolVersion) -> Result<Self, PolicyError> {
        if ![ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3].contains(&version) {
            return Err(PolicyError::UnknownVersion(version));
        }
        self.suites.retain(|suite| suite.version() == version);
        self.unless_empty()
    }

    /// Only these suites, in this order.
    ///
    /// # Errors
    /// A suite that we do not do, or none is left.
    pub fn only_suites(mut self, suites: &[CipherSuite]) -> Result<Self, PolicyError> {
        let find = |id: &CipherSuite| {
            let found = self.suites.iter().copied().find(|suite| suite.id == *id);
            let known = aws_lc::ALL_SUITES.iter().any(|suite| suite.id == *id);
            found.ok_or(if known { PolicyError::NothingLeft } else { PolicyError::UnknownSuite(*id) })
        };
        self.suites = suites.iter().map(find).collect::<Result<_, _>>()?;
        self.unless_empty()
    }

    /// Only these groups, in this order; a share is sent for as many as before.
    ///
    /// # Errors
    /// A group that we do not do.
    pub fn only_groups(mut self, groups: &[NamedGroup]) -> Result<Self, PolicyError> {
        let find = |id: &NamedGroup| {
            let found = self.groups.iter().copied().find(|group| group.group() == *id);
            found.ok_or(PolicyError::UnknownGroup(*id))
        };
        self.groups = groups.iter().map(find).collect::<Result<_, _>>()?;
        self.unless_empty()
    }

    fn unless_empty(self) -> Result<Self, PolicyError> {
        if self.suites.is_empty() || self.groups.is_empty() { Err(PolicyError::NothingLeft) } else { Ok(self) }
    }
}

impl core::fmt::Debug for Policy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let groups: Vec<_> = self.groups.iter().map(|group| group.group()).collect();
        f.debug_struct("Policy").field("suites", &self.suites).field("groups", &groups).finish_non_exhaustive()
    }
}
