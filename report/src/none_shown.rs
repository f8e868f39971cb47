//! The note in a report of a client that was asked for a certificate and showed none
//! (RFC 8446 §4.4.2, RFC 5246 §7.4.6).

/// Why a client shows no certificate to a server that asks for one ([`crate::Tag::NoneShown`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoneShown {
    /// None is configured.
    NotConfigured,
    /// Its key can make none of the server's signature schemes.
    NoCommonScheme,
    /// The server takes another type of certificate (RFC 7250).
    NoCommonType,
}

impl NoneShown {
    /// The byte of the note.
    pub fn number(self) -> u8 {
        match self {
            Self::NotConfigured => 1,
            Self::NoCommonScheme => 2,
            Self::NoCommonType => 3,
        }
    }

    /// What the bytes of a note say; nothing where the reason is not known.
    pub fn from_note(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [1] => Some(Self::NotConfigured),
            [2] => Some(Self::NoCommonScheme),
            [3] => Some(Self::NoCommonType),
            _ => None,
        }
    }
}
