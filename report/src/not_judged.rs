//! The note in a report of a side that judged a certificate, and not all of it.

/// What of the peer's certificate was not judged ([`crate::Tag::NotJudged`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotJudged {
    /// Names, dates and issuer: the public key is pinned.
    AllButKey,
    /// Whether it is valid already: the time is not known, and at least this.
    NotBefore {
        /// Seconds since 1970-01-01 UTC; dates of expiry were compared with it.
        earliest: u64,
    },
}

impl NotJudged {
    /// The bytes of the note.
    pub fn note(self) -> [u8; 9] {
        let (kind, seconds) = match self {
            Self::AllButKey => (1, 0),
            Self::NotBefore { earliest } => (2, earliest),
        };
        let [a, b, c, d, e, f, g, h] = u64::to_be_bytes(seconds);
        [kind, a, b, c, d, e, f, g, h]
    }

    /// What the bytes of a note say.
    pub fn from_note(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [1, ..] => Some(Self::AllButKey),
            [2, seconds @ ..] => {
                seconds.try_into().ok().map(|bytes| Self::NotBefore { earliest: u64::from_be_bytes(bytes) })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_back() {
        for what in [NotJudged::AllButKey, NotJudged::NotBefore { earliest: 1_790_000_000 }] {
            assert_eq!(NotJudged::from_note(&what.note()), Some(what));
        }
        for bytes in [&[][..], &[0], &[2, 1], &[3, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(NotJudged::from_note(bytes), None);
        }
    }
}
