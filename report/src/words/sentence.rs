//! A fault as a sentence, with what its report knows about it: the names of a certificate that is
//! for other names. Fixed text and notes alone: no heap.

use core::fmt::{self, Display, Formatter, Write as _};

use handclasp_codec::DecodeError;

use super::{Date, not_parsed};
use crate::{
    CertificateError, CertificateFault, Evidence, Fault, Item, Pin, Report, RevokedNote, Tag, is_changed_key,
    revocation_reason,
};

/// A fault as a sentence, with the evidence of the report in it. Made by [`Report::sentence`].
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'r> {
    fault: Fault,
    report: &'r Report,
}

impl Report {
    /// The sentence of a fault of this connection, with what the report knows about it.
    pub fn sentence(&self, fault: &Fault) -> Sentence<'_> {
        Sentence { fault: *fault, report: self }
    }

    fn all(&self, tag: Tag) -> impl Iterator<Item = Item<'_>> {
        self.items().filter(move |item| item.tag == tag)
    }
}

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.fault {
            Fault::Certificate(CertificateFault::NameMismatch { names })
                if self.report.all(Tag::CertificateName).next().is_some() =>
            {
                other_names(f, self.report, names)
            }
            Fault::Certificate(CertificateFault::Revoked)
                if self.report.all(Tag::Revoked).next().is_some() =>
            {
                revoked(f, self.report)
            }
            fault @ Fault::Certificate(CertificateFault::PinMismatch)
                if self.report.all(Tag::CertificateKey).any(|item| is_changed_key(item.bytes)) =>
            {
                f.write_str("The file of known peers has another key for this peer")?;
                match self.report.evidence(&fault) {
                    Some(Evidence::Pin(pin)) => write!(f, ": the pin of the one it showed is {}.", Pin(&pin)),
                    _ => f.write_char('.'),
                }
            }
            fault => with_evidence(f, fault, self.report.evidence(&fault)),
        }
    }
}

fn with_evidence(f: &mut Formatter<'_>, fault: Fault, evidence: Option<Evidence>) -> fmt::Result {
    match (fault, evidence) {
        (Fault::Decode { within, field, problem, offset }, Some(Evidence::Numbers(numbers))) => {
            not_parsed(f, within, DecodeError { field, problem, offset }, Some(numbers))
        }
        (Fault::Certificate(fault), evidence) => write!(f, "{}", CertificateError { fault, evidence }),
        (Fault::SignerFailed(_), Some(Evidence::Words(words))) => write!(f, "Our signer failed: {words}."),
        (other, _) => Display::fmt(&other, f),
    }
}

fn other_names(f: &mut Formatter<'_>, report: &Report, count: u8) -> fmt::Result {
    f.write_str("The peer's certificate is ")?;
    if let Some(expected) = report.all(Tag::ExpectedName).next() {
        let kind = if is_address(expected.bytes) { "the address " } else { "" };
        write!(f, "not for {kind}")?;
        text(f, expected.bytes)?;
        f.write_str(", but ")?;
    }
    f.write_str("for ")?;
    let shown = report.all(Tag::CertificateName).count();
    let more = usize::from(count).saturating_sub(shown);
    for (index, name) in report.all(Tag::CertificateName).enumerate() {
        let last = more == 0 && index.saturating_add(1) == shown;
        f.write_str(match index {
            0 => "",
            _ if last => " and ",
            _ => ", ",
        })?;
        text(f, name.bytes)?;
        if name.cut {
            f.write_str("…")?;
        }
    }
    match more {
        0 => f.write_char('.'),
        // The count is one byte, and full means: or more.
        _ => write!(f, " and {more}{} more.", if count == u8::MAX { " or" } else { "" }),
    }
}

fn revoked(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let note = report.all(Tag::Revoked).find_map(|item| RevokedNote::from_note(item.bytes));
    let Some(note) = note else { return f.write_str("The peer's certificate was revoked.") };
    f.write_str("The peer's certificate was revoked: serial number ")?;
    note.serial.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
    f.write_str(" of ")?;
    text(f, note.issuer)?;
    write!(f, ", on {}, reason ", Date(note.date))?;
    match revocation_reason(note.reason) {
        Some(name) => write!(f, "{name}."),
        None => write!(f, "{}.", note.reason),
    }
}

/// Whether it is written as an address is.
fn is_address(name: &[u8]) -> bool {
    core::str::from_utf8(name).is_ok_and(|name| name.parse::<core::net::IpAddr>().is_ok())
}

/// A peer's bytes, without what could move a terminal's cursor.
fn text(f: &mut Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| match byte {
        b' '..=b'~' => f.write_char(char::from(*byte)),
        other => write!(f, "\\x{other:02x}"),
    })
}
