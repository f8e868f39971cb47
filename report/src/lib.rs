//! What happened, as evidence without text or secrets: [`Fault`] is why something ended,
//! [`Report`] the record of one connection in a few hundred bytes.
//!
//! No heap. Made on a device, read on a host: the words stand in `words.rs` and are linked
//! only where somebody prints.
//!
//! Called by: `record`, `handshake`, `connection`, `trust` (they make faults), `explain`.
#![no_std]

#[cfg(test)]
extern crate self as handclasp_report;
#[cfg(test)]
extern crate std;

mod alert;
mod blame;
mod certificate;
mod encode;
mod evidence;
mod fault;
mod fault_code;
mod lines;
mod misuse;
mod none_shown;
mod not_judged;
mod report;
mod revoked;
#[cfg(test)]
mod samples;
mod uint;
mod words;

pub use blame::Blame;
pub use certificate::{CertificateError, CertificateFault, CrlFault, StapleFault};
pub use encode::{changed_key_note, is_changed_key, key_note, read_key_note};
pub use evidence::Evidence;
pub use fault::{
    Choice, Counted, Event, Fault, Flood, Internal, ShareFault, Signed, SignerFault, TransportFault,
};
pub use fault_code::FaultCode;
pub use lines::{ReportLineError, ReportLines};
pub use misuse::{Capability, Input, Misuse};
pub use none_shown::NoneShown;
pub use not_judged::NotJudged;
pub use report::{Failed, Item, Kept, Part, Report, ReportError, Side, Tag};
pub use revoked::{RevokedNote, revocation_reason};
pub use uint::Uint;
pub use words::{Bytes, Date, Named, Pin, Sentence};
