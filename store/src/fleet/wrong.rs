//! Which records that cannot be used are reported. A client chooses the identity under which the server looks, and may ask
//! again and again: the log of the operator must not fill.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::RecordKind;

/// A name is reported again after this time.
const PAUSE: Duration = Duration::from_secs(60);

/// Names that are reported within [`PAUSE`].
const NAMES: usize = 32;

/// Names that were reported, and when.
#[derive(Debug, Default)]
pub(super) struct Wrong(HashMap<(RecordKind, Vec<u8>), Instant>);

impl Wrong {
    /// Whether a record of this name is reported now.
    pub(super) fn is_due(&mut self, kind: RecordKind, name: &[u8], now: Instant) -> bool {
        self.0.retain(|_, reported| now.saturating_duration_since(*reported) < PAUSE);
        let key = (kind, name.to_vec());
        if self.0.contains_key(&key) || self.0.len() >= NAMES {
            return false;
        }
        self.0.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wrong_records_make_few_reports() {
        let (mut wrong, now) = (Wrong::default(), Instant::now());
        let mut due = |number: u32, now| wrong.is_due(RecordKind::Psk, &number.to_be_bytes(), now);
        assert_eq!((0..1000).filter(|_| due(7, now)).count(), 1);
        assert_eq!((0..1000).filter(|number| due(*number, now)).count(), NAMES - 1);
        assert!(due(7, now + PAUSE));
    }
}
