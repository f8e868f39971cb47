//! Errors of restricting a policy.

use core::fmt;

use handclasp_codec::{CipherSuite, NamedGroup, ProtocolVersion};

use crate::provider;

/// A suite, group or version that the policy does not have, or a restriction that leaves nothing.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A cipher suite that this crate does not have.
    UnknownSuite(CipherSuite),
    /// A cipher suite of another policy.
    SuiteOfPolicy {
        /// The suite.
        suite: CipherSuite,
        /// The first policy that has it.
        policy: &'static str,
    },
    /// A group that the policy does not have.
    UnknownGroup(NamedGroup),
    /// A version other than TLS 1.2 and 1.3.
    UnknownVersion(ProtocolVersion),
    /// The restrictions exclude each other.
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
