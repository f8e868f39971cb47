//! Why a device does not start.

use core::fmt;

use handclasp_codec::{CipherSuite, NamedGroup, SignatureScheme};
use handclasp_crypto::{KeyError, KeyKind, SignError};
use handclasp_report::Capability;

/// Why a device refuses to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootError {
    // ---- the board
    /// Memory does not keep what was written, or is not zero where zeroed memory was allocated.
    Memory,
    /// The hash function with so many bits of output, or HMAC with it, gives a wrong answer.
    Hash {
        /// 256, 384 or 512.
        bits: usize,
    },
    /// The protection of records of this suite gives a wrong answer, or accepts a damaged record.
    Protection(CipherSuite),
    /// The key agreement in this group gives a wrong answer, or accepts a point that is not of the group.
    Group(NamedGroup),
    /// A known signature does not verify, or verifies for another message.
    Verify {
        /// The signature scheme.
        scheme: SignatureScheme,
        /// The kind of key.
        key: KeyKind,
    },
    /// The source of random numbers failed.
    RandomFailed,
    /// The source of random numbers gives the same byte 16 times.
    RandomConstant,
    /// The source of random numbers gives the same 16 bytes twice.
    RandomRepeats,
    /// The known key gives another signature for the known message.
    Signing(SignatureScheme),
    /// The key does not sign, or its signature does not verify with the certificate.
    Sign(SignError),

    // ---- algorithms of another provider, for which there is no known answer
    /// A hash function.
    UntestedHash {
        /// Bits of output.
        bits: usize,
    },
    /// The protection of records of this suite.
    UntestedProtection(CipherSuite),
    /// This group.
    UntestedGroup(NamedGroup),
    /// The verification of this scheme.
    UntestedVerify {
        /// The signature scheme.
        scheme: SignatureScheme,
        /// The kind of key.
        key: KeyKind,
    },

    // ---- the configuration
    /// The certificate at this place of the chain does not parse.
    Certificate {
        /// Place in the chain; 0 is the end-entity certificate.
        index: u8,
    },
    /// The root at this place does not parse, or has name constraints, which are not implemented here.
    Root {
        /// Place in the list.
        index: u8,
    },
    /// The chain has no certificate.
    NoCertificate,
    /// The private key does not load.
    Key(KeyError),
    /// The private key is not the one of the certificate.
    KeyMismatch,
    /// Nothing verifies signatures of this scheme by the key of the certificate: it has to be in the
    /// list of the identity.
    NoVerify(SignatureScheme),
    /// A pre-shared key of a use that devices do not have ([`crate::PskUse::Imported`]).
    Psk,
    /// The configuration asks for what the program is built without: a cargo feature of this crate.
    NotBuilt(Capability),
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str(
                "self-test: memory is not zero where the heap allocated zeroed memory, or does not keep what \
                 was written; look at the allocator and at the limits of heap and stack",
            ),
            Self::Hash { bits } => wrong(f, format_args!("SHA-{bits}, or HMAC with it,")),
            Self::Protection(suite) => wrong(f, format_args!("the protection of records of {suite:?}")),
            Self::Group(group) => wrong(f, format_args!("the key agreement in {group:?}")),
            Self::Verify { scheme, key } => {
                wrong(f, format_args!("the verification of {scheme:?} with a key of {key:?}"))
            }
            Self::RandomFailed => f.write_str("self-test: the source of random numbers failed"),
            Self::RandomConstant => {
                f.write_str("self-test: the source of random numbers gives the same byte again and again")
            }
            Self::RandomRepeats => {
                f.write_str("self-test: the source of random numbers gives the same 16 bytes twice")
            }
            Self::Signing(scheme) => wrong(f, format_args!("a signature of {scheme:?}")),
            Self::Sign(SignError::DoesNotVerify) => {
                f.write_str("self-test: a signature of the private key does not verify with the certificate")
            }
            Self::Sign(SignError::Because(words)) => write!(f, "self-test: the key does not sign: {words}"),
            Self::Sign(_) => f.write_str("self-test: the key does not sign"),
            Self::UntestedHash { bits } => untested(f, format_args!("a hash of {bits} bits")),
            Self::UntestedProtection(suite) => untested(f, format_args!("the records of {suite:?}")),
            Self::UntestedGroup(group) => untested(f, format_args!("{group:?}")),
            Self::UntestedVerify { scheme, key } => {
                untested(f, format_args!("{scheme:?} with a key of {key:?}"))
            }
            Self::Certificate { index } => {
                write!(f, "certificate {index} of the chain is not a certificate in DER")
            }
            Self::Root { index } => {
                write!(f, "root {index} is not a certificate in DER, or has name constraints")
            }
            Self::NoCertificate => f.write_str("the chain of the identity has no certificate"),
            Self::Key(KeyError::Malformed) => {
                f.write_str("the private key is damaged, or not in DER in the named encoding")
            }
            Self::Key(KeyError::Unsupported) => {
                f.write_str("the private key is of a kind that the listed kinds of keys lack")
            }
            Self::Key(KeyError::Failed) => f.write_str("the library failed to load the private key"),
            Self::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
            Self::NoVerify(scheme) => {
                write!(f, "the verification named with the identity is not of {scheme:?} and its key")
            }
            Self::Psk => f.write_str("imported pre-shared keys are not supported on devices"),
            Self::NotBuilt(capability) => write!(
                f,
                "the configuration needs the feature `{}` of handclasp-device, which the program is built without",
                capability.feature()
            ),
        }
    }
}

fn wrong(f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>) -> fmt::Result {
    write!(
        f,
        "self-test: {what} gives a wrong answer; look at the stack's limit, the compiler and its options, and \
         accelerators of the board"
    )
}

fn untested(f: &mut fmt::Formatter<'_>, what: fmt::Arguments<'_>) -> fmt::Result {
    write!(f, "self-test: there is no known answer for {what}")
}

impl core::error::Error for BootError {}
