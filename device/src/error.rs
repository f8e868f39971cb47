//! Why a device does not start.

use core::fmt;

use handclasp_codec::SignatureScheme;
use handclasp_crypto::KeyError;

/// Why a device refuses to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BootError {
    /// The certificate at this place of the chain does not parse.
    Certificate {
        /// Place in the chain; 0 is the end-entity certificate.
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
}

impl fmt::Display for BootError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { index } => {
                write!(f, "certificate {index} of the chain is not a certificate in DER")
            }
            Self::NoCertificate => f.write_str("the chain of the identity has no certificate"),
            Self::Key(KeyError::Malformed) => f.write_str("the private key is damaged, or not PKCS#8 in DER"),
            Self::Key(KeyError::Unsupported) => {
                f.write_str("the private key is of a kind that the provider lacks")
            }
            Self::Key(KeyError::Failed) => f.write_str("the library failed to load the private key"),
            Self::KeyMismatch => f.write_str("the private key does not belong to the certificate"),
            Self::NoVerify(scheme) => write!(f, "the identity lists nothing that verifies {scheme:?}"),
            Self::Psk => f.write_str("imported pre-shared keys are not supported on devices"),
        }
    }
}

impl core::error::Error for BootError {}
