//! A chain of certificates as it was sent, against what a verifier knows: trust anchors, the time,
//! the expected name (RFC 5280 §6, RFC 9525). Every deviation is data; whether it mattered is for
//! `causes` to say.

mod constraint;
mod deviation;
mod path;
#[cfg(test)]
mod tests;
mod usage;

pub(crate) use deviation::{Deviation, NotCa, Purpose};
pub(crate) use path::{End, Step};

use super::certificate::Certificate;
use crate::input::capture_event::Side;

/// Certificates of one chain and anchors that are looked at: longer lists are cut.
const SENT: usize = 32;
const ANCHORS: usize = 1024;

/// What the verifier knows and wants.
#[derive(Clone, Debug, Default)]
pub struct Question<'a> {
    /// Its trust anchors, where they are known.
    pub roots: Option<&'a [Vec<u8>]>,
    /// Certificates at hand that were not sent.
    pub others: &'a [Vec<u8>],
    /// When, in seconds since 1970.
    pub now: Option<i64>,
    /// The name that the server must have.
    pub name: Option<handclasp_trust::Name>,
    /// What the leaf's key is used for; `None` where it is not known.
    pub purpose: Option<Purpose>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Chain {
    /// Whose it is.
    pub of: Side,
    /// The certificates in the order in which they came; `None` for what does not parse.
    pub sent: Vec<Option<Certificate>>,
    /// The anchors, where they are known.
    pub roots: Option<Vec<Certificate>>,
    /// The way from the leaf upwards, as far as it goes.
    pub path: Vec<Step>,
    /// Where it ends.
    pub end: End,
    /// All that is not as it should be.
    pub deviations: Vec<Deviation>,
    /// Whether the verifier's time was known.
    pub timed: bool,
}

impl Chain {
    /// Reads and follows a chain; `None` if it is empty.
    pub fn new(of: Side, sent: &[&[u8]], question: &Question<'_>) -> Option<Self> {
        let sent: Vec<_> = sent.iter().take(SENT).map(|der| Certificate::parse(der)).collect();
        let parse = |der: &Vec<u8>| Certificate::parse(der);
        let roots =
            question.roots.map(|roots| roots.iter().take(ANCHORS).filter_map(parse).collect::<Vec<_>>());
        sent.first()?;
        let (path, end) = path::find(&sent, roots.as_deref().unwrap_or_default());
        let timed = question.now.is_some();
        let mut chain = Self { of, sent, roots, path, end, deviations: Vec::new(), timed };
        chain.deviations = deviation::all(&chain, question);
        Some(chain)
    }

    /// The end's own certificate.
    pub fn leaf(&self) -> Option<&Certificate> {
        self.sent.first()?.as_ref()
    }

    /// A certificate of the path.
    pub fn at(&self, step: Step) -> Option<&Certificate> {
        match step {
            Step::Sent(index) => self.sent.get(index)?.as_ref(),
            Step::Anchor(index) => self.roots.as_ref()?.get(index),
        }
    }

    /// The certificates of the path, the leaf first.
    pub fn on_path(&self) -> impl Iterator<Item = (Step, &Certificate)> {
        self.path.iter().filter_map(|step| Some((*step, self.at(*step)?)))
    }

    /// Whether the path ends at an anchor.
    pub fn is_anchored(&self) -> bool {
        self.end == End::Anchored
    }

    /// A certificate, as evidence names it.
    pub fn describe(&self, step: Step) -> String {
        let whose = match self.of {
            Side::Client => "client",
            Side::Server => "server",
        };
        let name = self.at(step).map_or("unparsable", |found| found.subject_text.as_str());
        match step {
            Step::Sent(0) => format!("the {whose}'s certificate ({name})"),
            Step::Sent(index) => format!("certificate {} of the {whose}'s chain ({name})", index + 1),
            Step::Anchor(_) => format!("the trust anchor ({name})"),
        }
    }
}
