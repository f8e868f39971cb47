//! How a connection fails: the fault is written into the report where it is found, and callers get
//! [`Failed`], which has no size. A [`Fault`] has 8 bytes, which a Cortex-M4 returns through memory; a `Result` with
//! [`Failed`] is as large as its value, and comes back in registers where the value does.

use handclasp_codec::{Field, Malformed};

use super::{Report, Tag};
use crate::{CertificateError, Evidence, Fault, FaultCode, Internal, encode};

/// The connection failed. The reason is in the report: only [`Report::fail`] and the other methods that write
/// a fault return this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Failed(());

impl Report {
    /// Writes down why the connection fails. The first fault stays: what follows from it is not the reason.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn fail(&mut self, fault: Fault) -> Failed {
        self.fail_code(fault.code())
    }

    /// As [`Report::fail`], with a packed fault.
    pub fn fail_code(&mut self, code: FaultCode) -> Failed {
        self.note_fault(code, &[])
    }

    /// As [`Report::fail`], with evidence that does not fit into the fault.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn fail_with(&mut self, fault: Fault, evidence: Evidence) -> Failed {
        match evidence {
            Evidence::Numbers(numbers) => self.fail_with_numbers(fault.code(), numbers),
            other => self.fail_code_with(fault.code(), other),
        }
    }

    fn fail_with_numbers(&mut self, code: FaultCode, numbers: [u32; 3]) -> Failed {
        self.note_fault(code, &Evidence::numbers_to_bytes(numbers))
    }

    fn fail_code_with(&mut self, code: FaultCode, evidence: Evidence) -> Failed {
        if let (Evidence::Words(words), None) = (evidence, self.why) {
            self.words = Some(words);
        }
        let (bytes, length) = evidence.to_bytes();
        self.note_fault(code, bytes.get(..length).unwrap_or_default())
    }

    /// As [`Report::fail`], for a certificate that is not accepted.
    pub fn refuse(&mut self, error: CertificateError) -> Failed {
        let code = Fault::Certificate(error.fault).code();
        match error.evidence {
            Some(evidence) => self.fail_code_with(code, evidence),
            None => self.fail_code(code),
        }
    }

    /// As [`Report::fail`], for a structure that a [`handclasp_codec::Reader`] over [`Report::error_slot`]
    /// did not decode.
    pub fn malformed(&mut self, within: Field, malformed: Malformed) -> Failed {
        let error = self.error_slot.error(malformed);
        let code = Fault::decode(within)(error).code();
        match self.error_slot.numbers(error) {
            Some(numbers) if error.problem.numbers() > 0 => self.fail_with_numbers(code, numbers),
            _ => self.fail_code(code),
        }
    }

    /// Whether the connection failed.
    pub fn failure(&self) -> Option<Failed> {
        self.why.map(|_| Failed(()))
    }

    /// Why it failed, as one number.
    pub fn code_of(&self, Failed(()): Failed) -> FaultCode {
        self.why.unwrap_or(Fault::Internal(Internal::Bug).code())
    }

    /// Why it failed.
    pub fn fault_of(&self, failed: Failed) -> Fault {
        self.code_of(failed).fault()
    }

    /// Why it ended, if it ended with a fault. [`Report::evidence`] has what does not fit into one.
    pub fn why(&self) -> Option<Fault> {
        self.why.map(FaultCode::fault)
    }

    fn note_fault(&mut self, code: FaultCode, evidence: &[u8]) -> Failed {
        if self.why.is_none() {
            self.why = Some(code);
            let mut bytes = [0; encode::FAULT_MAX];
            let (fault, rest) = bytes.split_at_mut(FaultCode::SIZE);
            fault.copy_from_slice(&code.bytes());
            rest.iter_mut().zip(evidence).for_each(|(to, from)| *to = *from);
            let length = FaultCode::SIZE.saturating_add(evidence.len());
            self.append(self.own(), Tag::Fault, bytes.get(..length).unwrap_or_default(), false);
        }
        Failed(())
    }

    /// Reads the note of the fault.
    pub(super) fn noted_fault(&self) -> Option<(Fault, Option<Evidence>)> {
        self.notes()
            .find(|item| item.tag == Tag::Fault)
            .and_then(|item| encode::read(self.form(), item.bytes))
    }

    pub(crate) fn noted_evidence(&self) -> Option<Evidence> {
        self.noted_fault().and_then(|(_, evidence)| evidence)
    }
}
