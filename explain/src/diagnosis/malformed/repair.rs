//! A ClientHello that does not parse, repaired in the places where people who write one by
//! hand go wrong: lengths left out, and lengths that count too much. The fewest repairs win;
//! each candidate is decoded, so that what is shown is known to be right.

use handclasp_codec::{CipherSuite, ClientHello, Decode as _, Field};

/// Version and random, in front of everything that varies.
const FIXED: usize = 34;
/// Hellos of real clients have some 500 bytes, with ML-KEM 1800.
const LONGEST: usize = 8192;
/// Suites that a list without its length may have.
const SUITES: usize = 100;

/// What a repair costs; doubts about what it leads to come on top.
pub(super) const ONE_STEP: usize = 2;

/// One repair, at an offset of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub at: usize,
    pub kind: EventKind,
}

/// What was repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// The length of legacy_session_id, 0, was put in.
    SessionId,
    /// The length of so many cipher suites was put in.
    CipherSuites { bytes: u16 },
    /// The length of legacy_compression_methods, 1, was put in.
    CompressionMethods,
    /// The length of extensions was put in.
    Extensions { bytes: u16 },
    /// The length of extensions was corrected.
    ExtensionsLength { found: u16, bytes: u16 },
}

/// A body that decodes, and how it came about.
#[derive(Clone, Debug)]
pub(super) struct Repaired {
    pub body: Vec<u8>,
    pub steps: Vec<Step>,
    /// Lower is more credible.
    pub cost: usize,
}

/// A body under repair.
#[derive(Clone)]
struct Draft<'b> {
    out: Vec<u8>,
    left: &'b [u8],
    steps: Vec<Step>,
    doubts: usize,
}

impl<'b> Draft<'b> {
    /// Takes `count` bytes over.
    fn keep(mut self, count: usize) -> Option<Self> {
        let (kept, left) = self.left.split_at_checked(count)?;
        self.out.extend(kept);
        self.left = left;
        Some(self)
    }

    /// Puts bytes in.
    fn insert(mut self, bytes: &[u8], body: usize, kind: EventKind) -> Self {
        self.steps.push(Step { at: body - self.left.len(), kind });
        self.out.extend(bytes);
        self
    }
}

/// The best repair of a body; without a step where it decodes as it is.
pub(super) fn repair(body: &[u8]) -> Option<Repaired> {
    let (fixed, left) = body.split_at_checked(FIXED)?;
    if body.len() > LONGEST || fixed.first() != Some(&3) {
        return None;
    }
    let draft = Draft { out: fixed.to_vec(), left, steps: Vec::new(), doubts: 0 };
    let drafts = [draft].into_iter();
    let drafts = drafts.flat_map(|draft| session_id(draft, body.len()));
    let drafts = drafts.flat_map(|draft| cipher_suites(draft, body.len()));
    let drafts = drafts.flat_map(|draft| compression_methods(draft, body.len()));
    let drafts = drafts.flat_map(|draft| extensions(draft, body.len()));
    let decodes = |draft: &Draft<'_>| ClientHello::from_bytes(&draft.out, Field::client_hello).is_ok();
    let repaired = drafts.filter(decodes).map(|draft| Repaired {
        cost: draft.steps.len() * ONE_STEP + draft.doubts,
        body: draft.out,
        steps: draft.steps,
    });
    repaired.min_by_key(|repaired| repaired.cost)
}

fn session_id(draft: Draft<'_>, body: usize) -> Vec<Draft<'_>> {
    let length = draft.left.first().map_or(usize::MAX, |length| usize::from(*length));
    let kept = if length <= 32 { draft.clone().keep(1 + length) } else { None };
    let mut inserted = draft.insert(&[0], body, EventKind::SessionId);
    // Real ones are empty or have 32 bytes: such a length is rather meant than missing.
    inserted.doubts += if matches!(length, 0 | 32) { 2 } else { 0 };
    kept.into_iter().chain([inserted]).collect()
}

fn cipher_suites(draft: Draft<'_>, body: usize) -> Vec<Draft<'_>> {
    let mut drafts = Vec::new();
    let number = draft.left.first_chunk().map(|length| u16::from_be_bytes(*length));
    if let Some(length) = number.filter(|length| *length >= 2 && length.is_multiple_of(2)) {
        drafts.extend(draft.clone().keep(2 + usize::from(length)));
    }
    // Without a length: as long as every pair is a suite.
    for (count, pair) in (1..=SUITES).zip(draft.left.chunks_exact(2)) {
        let suite = CipherSuite(pair.iter().fold(0, |number, byte| number << 8 | u16::from(*byte)));
        if suite.name().is_none() && !suite.is_grease() {
            break;
        }
        let Ok(bytes) = u16::try_from(count * 2) else { break };
        let repaired = draft.clone().insert(&bytes.to_be_bytes(), body, EventKind::CipherSuites { bytes });
        drafts.extend(repaired.keep(count * 2));
    }
    drafts
}

fn compression_methods(draft: Draft<'_>, body: usize) -> Vec<Draft<'_>> {
    let mut drafts = Vec::new();
    if let Some((length, methods)) = draft.left.split_first()
        && *length > 0
        && let Some(mut kept) = draft.clone().keep(1 + usize::from(*length))
    {
        // A list without null is legal to decode and never meant.
        let null = methods.iter().take(usize::from(*length)).any(|method| *method == 0);
        kept.doubts += if null { 0 } else { 3 };
        drafts.push(kept);
    }
    if draft.left.first() == Some(&0) {
        drafts.extend(draft.insert(&[1], body, EventKind::CompressionMethods).keep(1));
    }
    drafts
}

fn extensions(draft: Draft<'_>, body: usize) -> Vec<Draft<'_>> {
    let mut drafts = vec![];
    let whole = draft.left.len();
    drafts.extend(draft.clone().keep(whole));
    let Some((found, content)) = draft.left.split_first_chunk() else { return drafts };
    let found = u16::from_be_bytes(*found);
    let right = u16::try_from(content.len()).ok().filter(|right| *right != found);
    // A length that is right is not to be mended, and an extension has four bytes at least.
    let Some(bytes) = right.filter(|_| content.len() >= 4) else { return drafts };

    let mut skipped =
        draft.clone().insert(&bytes.to_be_bytes(), body, EventKind::ExtensionsLength { found, bytes });
    skipped.left = content;
    // People miscount by a few; a 0 is rather the type of server_name.
    skipped.doubts += if bytes.abs_diff(found) <= 16 { 0 } else { 1 };
    drafts.extend(skipped.keep(content.len()));
    if let Ok(bytes) = u16::try_from(whole) {
        drafts.extend(draft.insert(&bytes.to_be_bytes(), body, EventKind::Extensions { bytes }).keep(whole));
    }
    drafts
}
