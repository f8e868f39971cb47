//! How a connection fails: the fault is written into the report where it is found, and what travels up says
//! only that it failed. A [`Fault`] has 8 bytes, which a Cortex-M4 returns through memory; a `Result` with
//! [`Failed`] is as large as its value, and comes back in registers where the value does.

use super::Report;
use crate::{CertificateError, Evidence, Fault, Internal};

/// It failed. Why is in the report: [`Report::fail`] and its kin alone make this value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Failed(());

impl Report {
    /// Writes down why the connection fails. The first fault stays: what follows from it is not the reason.
    pub fn fail(&mut self, fault: Fault) -> Failed {
        self.fault(&fault);
        Failed(())
    }

    /// As [`Report::fail`], with evidence that does not fit into the fault.
    pub fn fail_with(&mut self, fault: Fault, evidence: Evidence) -> Failed {
        self.keep(fault, Some(evidence));
        self.fail(fault)
    }

    /// As [`Report::fail`], of a certificate that is not accepted.
    pub fn refuse(&mut self, error: CertificateError) -> Failed {
        let fault = self.keep_refusal(error);
        self.fail(fault)
    }

    /// Why it failed.
    pub fn fault_of(&self, Failed(()): Failed) -> Fault {
        self.why.unwrap_or(Fault::Internal(Internal::Bug))
    }
}

/// While some functions of a handshake still return the fault itself: the report holds the first one, and
/// keeps it.
impl From<Failed> for Fault {
    fn from(Failed(()): Failed) -> Self {
        Self::Internal(Internal::Bug)
    }
}
