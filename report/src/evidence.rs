//! What does not fit into a fault: numbers, dates, a pin, the words of a signer. A fault travels through
//! every `?` and is 8 bytes; its evidence waits in the report, together with the fault that it
//! belongs to, so that a later fault never gets an earlier one's numbers.

use handclasp_codec::{DecodeError, ErrorSlot};

use crate::{CertificateError, CertificateFault, Fault, Report, SignerFault, StapleFault, Tag, encode};

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
                | CertificateFault::Staple(StapleFault::NotYetValid | StapleFault::Outdated),
            ) => Kind::Dates,
            Self::Certificate(CertificateFault::PinMismatch | CertificateFault::PinIsFingerprint) => {
                Kind::Pin
            }
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

impl Report {
    /// The slot for the error of what does not parse: the trace of a [`handclasp_codec::Reader`].
    pub fn error_slot(&mut self) -> &mut ErrorSlot {
        &mut self.error_slot
    }

    /// Keeps the evidence of a fault that is about to end the connection, and returns the fault. Written
    /// where the fault is made; [`Report::fault`] then notes both.
    pub fn keep(&mut self, fault: Fault, evidence: Option<Evidence>) -> Fault {
        if let Some(evidence) = fault.fitting(evidence)
            && !self.has(Tag::Fault)
        {
            self.evidence = Some((fault, evidence));
        }
        fault
    }

    /// As [`Report::keep`], of a certificate that was not accepted.
    pub fn keep_refusal(&mut self, error: CertificateError) -> Fault {
        self.keep(Fault::Certificate(error.fault), error.evidence)
    }

    /// The evidence of this fault; `None` where it needs none, and where the last evidence belongs to
    /// another fault.
    pub fn evidence(&self, fault: &Fault) -> Option<Evidence> {
        match (self.evidence, *fault) {
            (Some((of, evidence)), _) if encode::are_alike(&of, fault) => fault.fitting(Some(evidence)),
            (_, Fault::Decode { field, problem, offset, .. }) => {
                let numbers = self.error_slot.numbers(DecodeError { field, problem, offset });
                fault.fitting(numbers.map(Evidence::Numbers))
            }
            _ => None,
        }
    }
}
