//! What does not fit into the 8 bytes of a fault: numbers, dates, a pin, the words of a signer. It stands
//! behind its fault in the report, so that no other fault ever gets its numbers.

use handclasp_codec::ErrorSlot;

use crate::{CertificateFault, CrlFault, Fault, Report, SignerFault, StapleFault};

/// What a fault's sentence says beyond the fault itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// Of [`Fault::Decode`]: the numbers that [`handclasp_codec::Problem`] lists; others are 0.
    Numbers([u32; 3]),
    /// Of a certificate or an OCSP response outside its dates. Seconds since 1970-01-01 UTC.
    Dates {
        /// The date that is past, or not yet come.
        limit: u64,
        /// Our clock.
        now: u64,
    },
    /// Of a pin that does not match: SHA-256 of the SubjectPublicKeyInfo that came.
    Pin([u8; 32]),
    /// Of [`SignerFault::Said`]: the signer's own words. Not kept in an encoded report.
    Words(&'static str),
}

/// The kind of evidence that belongs to a fault.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    /// So many numbers.
    Numbers(usize),
    Dates,
    Pin,
    Words,
}

impl Fault {
    pub(crate) fn evidence_kind(&self) -> Kind {
        match self {
            Self::Decode { problem, .. } => match problem.numbers() {
                0 => Kind::Nothing,
                count => Kind::Numbers(count),
            },
            Self::Certificate(
                CertificateFault::Expired
                | CertificateFault::NotYetValid
                | CertificateFault::Revoked
                | CertificateFault::Crl(CrlFault::NotYetValid | CrlFault::Outdated)
                | CertificateFault::Staple(StapleFault::NotYetValid | StapleFault::Outdated),
            ) => Kind::Dates,
            Self::Certificate(
                CertificateFault::PinMismatch
                | CertificateFault::NotListed
                | CertificateFault::NotKnown
                | CertificateFault::PinIsFingerprint,
            ) => Kind::Pin,
            Self::SignerFailed(SignerFault::Said) => Kind::Words,
            _ => Kind::Nothing,
        }
    }

    /// The evidence, if it is of the kind that belongs to this fault.
    pub(crate) fn fitting(&self, evidence: Option<Evidence>) -> Option<Evidence> {
        evidence.filter(|evidence| match evidence {
            Evidence::Numbers(_) => matches!(self.evidence_kind(), Kind::Numbers(_)),
            Evidence::Dates { .. } => self.evidence_kind() == Kind::Dates,
            Evidence::Pin(_) => self.evidence_kind() == Kind::Pin,
            Evidence::Words(_) => self.evidence_kind() == Kind::Words,
        })
    }
}

impl Evidence {
    /// Bytes of the longest evidence in a report: a pin, and the number of its kind before it.
    pub(crate) const MAX: usize = 33;

    /// The form in a report: the number of the kind, and the evidence. [`Evidence::Words`] is not encoded.
    pub(crate) fn to_bytes(self) -> ([u8; Self::MAX], usize) {
        let mut bytes = [0; Self::MAX];
        let mut put = |place: usize, part: &[u8]| {
            let end = place.saturating_add(part.len());
            if let Some(room) = bytes.get_mut(place..end) {
                room.copy_from_slice(part);
            }
            end
        };
        let length = match self {
            Self::Numbers(numbers) => put(0, &Self::numbers_to_bytes(numbers)),
            Self::Dates { limit, now } => {
                put(0, &[DATES]);
                put(1, &limit.to_le_bytes());
                put(9, &now.to_le_bytes())
            }
            Self::Pin(pin) => {
                put(0, &[PIN]);
                put(1, &pin)
            }
            Self::Words(_) => 0,
        };
        (bytes, length)
    }

    /// The form of [`Evidence::Numbers`].
    pub(crate) fn numbers_to_bytes(numbers: [u32; 3]) -> [u8; 13] {
        let mut bytes = [NUMBERS; 13];
        let [_, places @ ..] = &mut bytes;
        for (place, number) in places.chunks_exact_mut(4).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Reads the form of a report.
    pub(crate) fn from_bytes(kind: u8, bytes: &[u8]) -> Option<Self> {
        Some(match kind {
            NUMBERS => Self::Numbers(words(bytes)?.map(u32::from_le_bytes)),
            DATES => {
                let [limit, now] = words(bytes)?.map(u64::from_le_bytes);
                Self::Dates { limit, now }
            }
            PIN => Self::Pin(bytes.try_into().ok()?),
            _ => return None,
        })
    }
}

// The kinds of evidence in a report.
const NUMBERS: u8 = 1;
const DATES: u8 = 2;
const PIN: u8 = 3;

/// `M` words of `N` bytes, which fill `bytes`.
fn words<const N: usize, const M: usize>(bytes: &[u8]) -> Option<[[u8; N]; M]> {
    let (words, []) = bytes.as_chunks::<N>() else { return None };
    words.try_into().ok()
}

impl Report {
    /// The slot for what does not parse: the trace of a [`handclasp_codec::Reader`].
    pub fn error_slot(&mut self) -> &mut ErrorSlot {
        &mut self.error_slot
    }

    /// The evidence of this fault; `None` where it needs none, and where the connection failed with another
    /// one.
    pub fn evidence(&self, fault: &Fault) -> Option<Evidence> {
        if self.why()? != *fault {
            return None;
        }
        let words = self.words.map(Evidence::Words);
        fault.fitting(words.or_else(|| self.noted_evidence()))
    }
}
