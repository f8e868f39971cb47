//! The note in a report of a side that refused a revoked certificate: which one, when and why.

/// Bytes of the issuer that are noted; more are cut.
const ISSUER_MAX: usize = 48;
/// Bytes of a serial number that are noted (RFC 5280 §4.1.2.2 permits 20, and a zero in front).
const SERIAL_MAX: usize = 21;
/// Reason, date and length of the serial number.
const FIXED: usize = 10;

/// The revoked certificate of a chain ([`crate::Tag::Revoked`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevokedNote<'a> {
    /// CRLReason (RFC 5280 §5.3.1).
    pub reason: u8,
    /// When it was revoked, in seconds since 1970-01-01 UTC.
    pub date: u64,
    /// Content of the serial number.
    pub serial: &'a [u8],
    /// Its issuer, as text.
    pub issuer: &'a [u8],
}

impl<'a> RevokedNote<'a> {
    /// A note about this certificate.
    pub const fn new(reason: u8, date: u64, serial: &'a [u8], issuer: &'a [u8]) -> Self {
        Self { reason, date, serial, issuer }
    }

    /// Calls `with` with the bytes of the note.
    pub fn encode<R>(&self, with: impl FnOnce(&[u8]) -> R) -> R {
        let serial = self.serial.get(..SERIAL_MAX).unwrap_or(self.serial);
        let issuer = self.issuer.get(..ISSUER_MAX).unwrap_or(self.issuer);
        let length = u8::try_from(serial.len()).unwrap_or_default();
        let mut bytes = [0; FIXED + SERIAL_MAX + ISSUER_MAX];
        let parts = [&[self.reason][..], &self.date.to_be_bytes(), &[length], serial, issuer];
        let mut end = 0_usize;
        for part in parts {
            let begin = end;
            end = begin.saturating_add(part.len());
            if let Some(room) = bytes.get_mut(begin..end) {
                room.copy_from_slice(part);
            }
        }
        with(bytes.get(..end).unwrap_or_default())
    }

    /// What the bytes of a note say.
    pub fn from_note(bytes: &'a [u8]) -> Option<Self> {
        let (&reason, rest) = bytes.split_first()?;
        let (date, rest) = rest.split_first_chunk()?;
        let (&length, rest) = rest.split_first()?;
        let (serial, issuer) = rest.split_at_checked(length.into())?;
        Some(Self { reason, date: u64::from_be_bytes(*date), serial, issuer })
    }
}

/// The name of a CRLReason (RFC 5280 §5.3.1).
pub fn revocation_reason(number: u8) -> Option<&'static str> {
    Some(match number {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_back_and_long_ones_cut() {
        let note = RevokedNote::new(1, 1_790_000_000, &[0, 0xca], b"CN=root");
        note.encode(|bytes| assert_eq!(RevokedNote::from_note(bytes), Some(note)));
        let long = RevokedNote::new(4, u64::MAX, &[7; 40], &[b'x'; 400]);
        long.encode(|bytes| {
            let cut = RevokedNote::from_note(bytes).unwrap();
            assert_eq!((cut.reason, cut.date), (4, u64::MAX));
            assert_eq!((cut.serial, cut.issuer), (&[7; SERIAL_MAX][..], &[b'x'; ISSUER_MAX][..]));
        });
        for bytes in [&[][..], &[1], &[1, 0, 0, 0, 0, 0, 0, 0, 0], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 1]] {
            assert_eq!(RevokedNote::from_note(bytes), None);
        }
    }
}
