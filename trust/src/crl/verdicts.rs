//! Whether the signature of a list verifies, remembered for each key: a list is larger than everything else that a
//! handshake hashes.

#[cfg(feature = "std")]
use alloc::{collections::VecDeque, sync::Arc, vec::Vec};
#[cfg(feature = "std")]
use std::sync::{Mutex, PoisonError};

/// Limit for the keys: that of the CA, and those of others of its name.
#[cfg(feature = "std")]
const KEYS_MAX: usize = 4;

/// The verdicts on one list, by the SubjectPublicKeyInfo (its content) of the key. A list never changes, and a
/// list that is read again starts without verdicts. Without `std`, and so without a lock, nothing is remembered.
#[derive(Clone, Default)]
pub(super) struct Verdicts {
    #[cfg(feature = "std")]
    known: Arc<Mutex<Known>>,
}

/// The oldest first.
#[cfg(feature = "std")]
type Known = VecDeque<(Vec<u8>, bool)>;

impl Verdicts {
    /// The verdict of before, or that of `verify`.
    #[cfg(feature = "std")]
    pub(super) fn of(&self, key: &[u8], verify: impl FnOnce() -> bool) -> bool {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(of, _)| of == key).map(|(_, verdict)| *verdict);
        if let Some(verdict) = known {
            return verdict;
        }
        // Without the lock: other handshakes, of other keys, do not wait.
        let verdict = verify();
        let mut known = lock();
        if !known.iter().any(|(of, _)| of == key) {
            if known.len() >= KEYS_MAX {
                known.pop_front();
            }
            known.push_back((key.to_vec(), verdict));
        }
        verdict
    }

    #[cfg(not(feature = "std"))]
    pub(super) fn of(&self, _key: &[u8], verify: impl FnOnce() -> bool) -> bool {
        verify()
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use core::cell::Cell;

    use super::*;

    #[test]
    fn verdicts_are_of_their_key_and_few_are_kept() {
        let (verdicts, asked) = (Verdicts::default(), Cell::new(0));
        let ask = |key: &[u8], verdict: bool| {
            verdicts.of(key, || {
                asked.set(asked.get() + 1);
                verdict
            })
        };
        assert!(ask(b"good", true) && ask(b"good", false));
        assert!(!ask(b"bad", false) && !ask(b"bad", true));
        assert!(verdicts.clone().of(b"good", || unreachable!()), "a clone is the same list");
        assert_eq!(asked.get(), 2);
        for key in [b"c", b"d", b"e"] {
            assert!(ask(key, true));
        }
        assert_eq!(verdicts.known.lock().unwrap().len(), KEYS_MAX);
        assert!(!ask(b"bad", true), "kept");
        assert!(!ask(b"good", false), "the oldest made place");
        assert_eq!(asked.get(), 6);
    }
}
