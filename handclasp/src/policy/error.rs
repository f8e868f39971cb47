//! What a policy cannot be restricted to.

use core::fmt;

use handclasp_codec::{CipherSuite, NamedGroup, ProtocolVersion};

use crate::provider;

/// A name or number that no policy knows, or a restriction that leaves nothing.
#[derive(Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// A suite that we do not do.
    UnknownSuite(CipherSuite),
    /// A suite that we do by another policy.
    SuiteOfPolicy {
        /// The suite.
        suite: CipherSuite,
        /// The first policy that has it.
        policy: &'static str,
    },
    /// A group that we do not do.
    UnknownGroup(NamedGroup),
    /// A version that we do not do.
    UnknownVersion(ProtocolVersion),
    /// No suite is left that the restrictions permit.
    NothingLeft,
}

/// As `Display`: what `?` in `main` prints.
impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSuite(suite) => {
                write!(f, "cipher suite {suite} is not supported; supported are")?;
                provider::suites().try_for_each(|suite| write!(f, " {}", suite.id))
            }
            Self::SuiteOfPolicy { suite, policy } => {
                write!(f, "cipher suite {suite} is not in this policy; the policy {policy} includes it")
            }
            Self::UnknownGroup(group) => {
                write!(f, "group {group} is not in this policy; supported are")?;
                provider::groups().try_for_each(|group| write!(f, " {}", group.group()))
            }
            Self::UnknownVersion(version) => {
                write!(f, "version {version} is not supported; supported are TLS 1.2 and TLS 1.3")
            }
            Self::NothingLeft => {
                f.write_str("the requested version, cipher suites and groups exclude each other")
            }
        }
    }
}

impl std::error::Error for PolicyError {}
