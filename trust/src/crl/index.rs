//! The entries of a list, found by serial number without reading the others.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::crl::{CrlProblem, Entries, Entry, without_zeros};

/// Where the entries begin, by serial number; of one number, in the order of the list. A place counts from the
/// end of the signed message, which is shorter than 16 MiB. Four bytes an entry: an entry of the list has 20 or
/// more.
#[derive(Clone)]
pub(super) struct Index(Vec<u32>);

impl Index {
    /// Reads every entry. `behind` is the number of bytes of the signed message after them.
    pub(super) fn of(mut entries: Entries<'_>, behind: usize) -> Result<Self, CrlProblem> {
        let mut places = Vec::new();
        loop {
            let place = entries.0.0.len().saturating_add(behind);
            let Some(entry) = entries.take()? else { break };
            entry.reason()?;
            let place = u32::try_from(place).map_err(|_| CrlProblem::Malformed)?;
            places.push((without_zeros(entry.serial), Reverse(place)));
        }
        places.sort_unstable();
        Ok(Self(places.into_iter().map(|(_, Reverse(place))| place).collect()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The first entry of this serial number in the message that was read.
    pub(super) fn find<'a>(&self, signed: &'a [u8], serial: &[u8]) -> Option<Entry<'a>> {
        let wanted = without_zeros(serial);
        let entry = |place: u32| {
            let begin = signed.len().checked_sub(usize::try_from(place).ok()?)?;
            Entries::at(signed.get(begin..)?).take().ok()?
        };
        let is_below = |place: &u32| entry(*place).is_some_and(|one| without_zeros(one.serial) < wanted);
        let found = entry(*self.0.get(self.0.partition_point(is_below))?)?;
        (without_zeros(found.serial) == wanted).then_some(found)
    }
}
