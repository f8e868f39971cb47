//! Policies: which algorithms are offered and accepted, in one table, each with its reason.
//!
//! | policy | versions | suites | groups (shares sent first) | schemes |
//! |---|---|---|---|---|
//! | [`Policy::modern`] | 1.3, 1.2 | GCM, ChaCha20, CCM | hybrid, X25519, P-256, P-384, P-521 (the first two) | all |
//! | [`Policy::tls13_only`] | 1.3 | as modern | as modern | all |
//! | [`Policy::compatible`] | 1.3, 1.2 | and CCM_8, and CBC with encrypt_then_mac | X25519, P-256, then as modern (X25519 and P-256) | all |
//! | [`Policy::constrained`] | 1.3, 1.2 | AES-128 in GCM, CCM, CCM_8 | P-256, X25519 (P-256) | SHA-256, no EdDSA |
//!
//! Reasons.
//! - Suites: AES-128 stands first: it is the fastest and as strong as the groups beside it.
//!   ChaCha20 serves peers without AES instructions, CCM those that have nothing else in
//!   hardware. CCM_8 has tags of 8 bytes, which half the Internet of things insists on and
//!   nobody else needs (RFC 6655 §6.1). CBC is never spoken without encrypt_then_mac (Lucky 13).
//!   Of the suites with a pre-shared key, those with ECDHE stand first: they keep what was said
//!   secret when the key gets out.
//! - Groups: X25519MLKEM768 protects what is recorded today from the computers of tomorrow; its
//!   share makes a ClientHello of more than 1.2 KB, on which some old and small peers close the
//!   connection without a word, hence not in `compatible` before the others and not in
//!   `constrained` at all; nor where a pre-shared key is all that is offered, for such peers are
//!   small. X25519 is one short share that nearly every peer knows. P-384 and P-521 stand last, for
//!   key exchange as much as to say that TLS 1.2 certificates may be on them (RFC 8422 §5.1).
//! - Shares: one for each kind of peer, so that few need a second round trip.
//! - `constrained` keeps to one hash and one curve, that of the certificates, and to a
//!   ClientHello under 512 bytes: one record of the smallest peers.
//! - RFC 7627: extended_master_secret is offered and taken wherever the peer does it. A peer of TLS 1.2
//!   without it gets neither exporter nor resumption (§5), with which the attack that it prevents (the
//!   triple handshake) has nothing to work with; LibreSSL, Erlang/OTP, BearSSL and Go before 1.20 lack it, so
//!   that requiring it is a switch, [`Policy::require_extended_master_secret`].
//! - CBC is taken by a server of `compatible` whose client does encrypt_then_mac. A client offers it only
//!   where suites are named, or by [`Policy::offer_cbc`]: a server that prefers CBC and lacks
//!   encrypt_then_mac would choose it, the connection would fail, and `compatible` would not reach what
//!   `modern` reaches.

use handclasp_codec::{CipherSuite, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::ExtendedMasterSecret;

pub use error::PolicyError;

mod error;
mod table;

use table::{Row, Schemes};

use crate::provider;

/// The suites, groups and schemes that are offered and accepted, in order of preference.
///
/// ```
/// use handclasp::{CipherSuite, NamedGroup, Policy};
///
/// # fn main() -> Result<(), handclasp::PolicyError> {
/// let policy = Policy::modern()
///     .only_suites(&[CipherSuite::TLS_AES_128_GCM_SHA256])?
///     .only_groups(&[NamedGroup::x25519])?;
/// assert_eq!(policy.suites().count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Policy {
    /// That of its row.
    pub(crate) name: &'static str,
    pub(crate) suites: Vec<&'static Suite>,
    pub(crate) groups: Vec<&'static dyn KeyExchange>,
    pub(crate) shares: usize,
    pub(crate) verify: Vec<&'static dyn Verify>,
    pub(crate) extended_master_secret: ExtendedMasterSecret,
    pub(crate) psk_ke: bool,
    /// Whether a client offers suites that need encrypt_then_mac.
    offers_cbc: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self::modern()
    }
}

impl From<&Row> for Policy {
    /// What of a row the provider has.
    fn from(row: &Row) -> Self {
        let suite = |id: &CipherSuite| provider::suites().find(|suite| suite.id == *id);
        let group = |id: &NamedGroup| provider::groups().find(|group| group.group() == *id);
        let groups: Vec<_> = row.groups.iter().filter_map(group).collect();
        let shared = groups.iter().filter(|group| row.shares.contains(&group.group()));
        Self {
            name: row.name,
            suites: row.suites.iter().flat_map(|list| list.iter()).filter_map(suite).collect(),
            shares: shared.count(),
            groups,
            verify: provider::VERIFY
                .iter()
                .copied()
                .filter(|verify| row.schemes.has(verify.scheme()))
                .collect(),
            extended_master_secret: ExtendedMasterSecret::Offered,
            psk_ke: false,
            offers_cbc: false,
        }
    }
}

impl Policy {
    /// The names that [`Policy::by_name`] knows.
    pub const NAMES: &[&str] = &["modern", "tls13_only", "compatible", "constrained"];

    /// The policy of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        table::ROWS.iter().find(|row| row.name == name).map(Self::from)
    }

    /// The default.
    pub fn modern() -> Self {
        Self::from(&table::MODERN)
    }

    /// TLS 1.3 and nothing else.
    pub fn tls13_only() -> Self {
        Self::from(&table::TLS13_ONLY)
    }

    /// For older peers.
    pub fn compatible() -> Self {
        Self::from(&table::COMPATIBLE)
    }

    /// For small peers, and for being one.
    pub fn constrained() -> Self {
        Self::from(&table::CONSTRAINED)
    }

    /// The cipher suites, in order of preference.
    pub fn suites(&self) -> impl Iterator<Item = CipherSuite> + '_ {
        self.suites.iter().map(|suite| suite.id)
    }

    /// Permits pre-shared keys of TLS 1.3 without (EC)DHE, where the peer wants that: cheap, and
    /// anybody who learns the key later can read what was recorded before (RFC 8446 §2.2).
    #[must_use]
    pub fn permit_psk_ke(mut self) -> Self {
        self.psk_ke = true;
        self
    }

    /// Refuses peers of TLS 1.2 that do not do extended_master_secret (RFC 7627). Without it such
    /// connections have no exporter and are not resumed.
    #[must_use]
    pub fn require_extended_master_secret(mut self) -> Self {
        self.extended_master_secret = ExtendedMasterSecret::Required;
        self
    }

    /// Lets a client offer the policy's suites with CBC, behind the others. Servers that choose one
    /// without encrypt_then_mac are refused, also where they could do better. Servers take such suites
    /// without this.
    #[must_use]
    pub fn offer_cbc(mut self) -> Self {
        self.offers_cbc = true;
        self
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

    /// Only these suites, in this order; a client offers those with CBC too.
    ///
    /// # Errors
    /// A suite that we do not do, or not by this policy, or none is left.
    pub fn only_suites(mut self, suites: &[CipherSuite]) -> Result<Self, PolicyError> {
        let find = |id: &CipherSuite| {
            let found = self.suites.iter().copied().find(|suite| suite.id == *id);
            found.ok_or_else(|| {
                let mut rows = table::ROWS.iter().filter(|row| row.has_suite(*id));
                match rows.clone().find(|row| row.name == self.name).or_else(|| rows.next()) {
                    // Of this policy, and gone by another restriction.
                    Some(row) if row.name == self.name => PolicyError::NothingLeft,
                    Some(row) => PolicyError::SuiteOfPolicy { suite: *id, policy: row.name },
                    None => PolicyError::UnknownSuite(*id),
                }
            })
        };
        self.suites = suites.iter().map(find).collect::<Result<_, _>>()?;
        self.offers_cbc = true;
        self.unless_empty()
    }

    /// Only these groups, in this order. A share is sent for the first, and where that is a hybrid,
    /// which few peers know, for the second too.
    ///
    /// # Errors
    /// A group that we do not do.
    pub fn only_groups(mut self, groups: &[NamedGroup]) -> Result<Self, PolicyError> {
        let find = |id: &NamedGroup| {
            let found = self.groups.iter().copied().find(|group| group.group() == *id);
            found.ok_or(PolicyError::UnknownGroup(*id))
        };
        self.groups = groups.iter().map(find).collect::<Result<_, _>>()?;
        let first_is_hybrid = self.groups.first().is_some_and(is_hybrid);
        self.shares = if first_is_hybrid { self.groups.len().min(2) } else { 1 };
        self.unless_empty()
    }

    /// As a client offers it: without what servers may choose and cannot do.
    pub(crate) fn for_client(mut self) -> Self {
        if !self.offers_cbc {
            self.suites.retain(|suite| !suite.needs_encrypt_then_mac());
        }
        self
    }

    /// As a client offers it that has a pre-shared key and nothing else: see the head of this
    /// file.
    pub(crate) fn for_psk(mut self) -> Self {
        if self.groups.iter().any(|group| !is_hybrid(group)) {
            let dropped = self.groups.iter().take(self.shares).filter(|group| is_hybrid(group)).count();
            self.shares = self.shares.saturating_sub(dropped).max(1);
            self.groups.retain(|group| !is_hybrid(group));
        }
        self
    }

    fn unless_empty(self) -> Result<Self, PolicyError> {
        if self.suites.is_empty() || self.groups.is_empty() {
            Err(PolicyError::NothingLeft)
        } else {
            Ok(self)
        }
    }
}

fn is_hybrid(group: &&dyn KeyExchange) -> bool {
    group.group() == NamedGroup::X25519MLKEM768
}

impl Schemes {
    fn has(&self, scheme: SignatureScheme) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&scheme),
        }
    }
}

impl core::fmt::Debug for Policy {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let groups: Vec<_> = self.groups.iter().map(|group| group.group()).collect();
        f.debug_struct("Policy")
            .field("suites", &self.suites)
            .field("groups", &groups)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
