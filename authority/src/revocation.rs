//! Revocations: when, and why (RFC 5280 §5.3.1).

use core::{fmt, str::FromStr};

/// Why a certificate was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// Not known, or not said.
    #[default]
    Unspecified,
    /// The private key was stolen, lost or copied. Its public key gets no certificate any more.
    KeyCompromise,
    /// The holder has another name or organization now.
    AffiliationChanged,
    /// Another certificate is in its place.
    Superseded,
    /// The device is out of service.
    CessationOfOperation,
    /// The holder may not use it any more.
    PrivilegeWithdrawn,
}

/// That a certificate was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revocation {
    /// Seconds since 1970.
    pub time: u64,
    /// Why.
    pub reason: RevocationReason,
}

impl RevocationReason {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// As RFC 5280 and OpenSSL write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
        }
    }

    pub(crate) fn to_rcgen(self) -> rcgen::RevocationReason {
        match self {
            Self::Unspecified => rcgen::RevocationReason::Unspecified,
            Self::KeyCompromise => rcgen::RevocationReason::KeyCompromise,
            Self::AffiliationChanged => rcgen::RevocationReason::AffiliationChanged,
            Self::Superseded => rcgen::RevocationReason::Superseded,
            Self::CessationOfOperation => rcgen::RevocationReason::CessationOfOperation,
            Self::PrivilegeWithdrawn => rcgen::RevocationReason::PrivilegeWithdrawn,
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RevocationReason {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|reason| reason.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::name).join(", ");
            format!("expected one of {all}; found {text}")
        })
    }
}
