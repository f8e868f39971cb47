//! What a list or an OCSP response says of a revoked certificate.

use alloc::{string::String, vec::Vec};
use core::fmt;

use handclasp_report::Date;
use rustls_pki_types::UnixTime;

/// A revoked certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revocation {
    /// Place in the chain; 0 is the leaf.
    pub index: u8,
    /// The serial number, as the INTEGER of the certificate holds it.
    pub serial: Vec<u8>,
    /// The issuer, which revoked it: text for people, in which unusual characters are escaped.
    pub issuer: String,
    /// When it was revoked.
    pub date: UnixTime,
    /// Why it was revoked.
    pub reason: RevocationReason,
}

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("serial number ")?;
        self.serial.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        let Self { issuer, date, reason, .. } = self;
        write!(f, " of {issuer}, revoked on {}, reason {reason}", Date(date.as_secs()))
    }
}

/// A CRLReason (RFC 5280 §5.3.1), by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevocationReason(pub u8);

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match handclasp_report::revocation_reason(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}
