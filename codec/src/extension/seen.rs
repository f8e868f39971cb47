//! Types that a block must not have: repeated ones (RFC 8446 §4.2), and those behind the one that ends it.
//! Without heap memory, and without a limit on the number of extensions, which would reject bytes that the RFC
//! permits.

use super::WireTypes;
use crate::{ExtensionType, Problem};

/// The types of a block so far.
#[derive(Default)]
pub(super) struct Seen {
    count: usize,
    /// The types of range 0, which make up nearly all of a hello.
    low: Bits,
    previous: Option<ExtensionType>,
    /// Result of the search for the first repeated type; `None` until it has run.
    repeated: Option<Option<usize>>,
}

impl Seen {
    /// Up to this many extensions each type of another range is compared with all before it. No stack sends
    /// 40.
    const NEAR: usize = 64;

    /// Adds the next type of the block `wire`; returns what is wrong with it. `last` ends the block.
    pub(super) fn add(
        &mut self,
        wire: &[u8],
        extension_type: ExtensionType,
        last: Option<ExtensionType>,
    ) -> Option<Problem> {
        if last.is_some() && self.previous == last {
            return Some(Problem::NotLast);
        }
        let repeated = match Bits::range(extension_type) {
            0 => self.low.insert(extension_type),
            _ if self.count < Self::NEAR => {
                WireTypes { left: wire }.take(self.count).any(|earlier| earlier == extension_type)
            }
            _ => *self.repeated.get_or_insert_with(|| first_repetition(wire)) == Some(self.count),
        };
        self.previous = Some(extension_type);
        self.count = self.count.saturating_add(1);
        repeated.then_some(Problem::Duplicate)
    }
}

/// Returns the index of the first extension whose type occurred before. The types are walked once for each
/// range of numbers, so that the cost grows with the length of the block and not with its square.
fn first_repetition(wire: &[u8]) -> Option<usize> {
    let in_range = |range: u16| {
        let mut seen = Bits::default();
        let of_range = move |(_, found): &(usize, ExtensionType)| Bits::range(*found) == range;
        let mut types = WireTypes { left: wire }.enumerate().filter(of_range);
        types.find(|(_, found)| seen.insert(*found)).map(|(place, _)| place)
    };
    (0..Bits::RANGES).filter_map(in_range).min()
}

/// A set of numbers of one range: a bit for each.
struct Bits([u32; 64]);

impl Default for Bits {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Bits {
    /// Ranges of 2048 numbers.
    const RANGES: u16 = 32;

    fn range(ExtensionType(number): ExtensionType) -> u16 {
        number >> 11
    }

    /// Adds a number of the set's range; returns whether it was there.
    fn insert(&mut self, ExtensionType(number): ExtensionType) -> bool {
        let Some(word) = self.0.get_mut(usize::from(number >> 5 & 63)) else { return false };
        let bit = 1_u32 << (number & 31);
        let was_there = *word & bit != 0;
        *word |= bit;
        was_there
    }
}
