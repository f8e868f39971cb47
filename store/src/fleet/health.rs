//! Whether the store answers. After one failure no operation is begun until the task that watches the store
//! has had an answer, so that one handshake waits and not all of them.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant, SystemTime},
};

use crate::RecordKind;

/// A store that is back is reported when it has answered for so long: one that answers now and then is one outage.
const SETTLED: Duration = Duration::from_secs(1);

pub(super) struct Health {
    /// Since when it has been away.
    away: Option<Instant>,
    /// The outage that was reported: when it began.
    reported: Option<Instant>,
    /// When the last outage ended.
    risen: Option<Instant>,
    /// When it last answered, if it ever has, and let every kind of record be read.
    answered: Option<Instant>,
    /// Kinds of records that it does not let this server read.
    unreadable: BTreeSet<RecordKind>,
    is_stale: bool,
}

impl Health {
    pub(super) fn new() -> Self {
        let unreadable = BTreeSet::new();
        Self { away: None, reported: None, risen: None, answered: None, unreadable, is_stale: false }
    }

    pub(super) fn is_up(&self) -> bool {
        self.away.is_none()
    }

    pub(super) fn answered(&mut self) {
        if self.unreadable.is_empty() {
            self.answered = Some(Instant::now());
        }
    }

    /// It returned a record of this kind, or refused to: while it does, a revocation is not seen, whatever else it
    /// answers.
    pub(super) fn returns(&mut self, kind: RecordKind, is_permitted: bool) {
        match is_permitted {
            true => self.unreadable.remove(&kind),
            false => self.unreadable.insert(kind),
        };
    }

    /// The store does not answer; whether that is news.
    pub(super) fn fell(&mut self) -> bool {
        let now = *self.away.get_or_insert_with(Instant::now);
        let is_news = self.reported.is_none();
        self.reported.get_or_insert(now);
        is_news
    }

    /// The store answers.
    pub(super) fn rose(&mut self) {
        if self.away.take().is_some() {
            self.risen = Some(Instant::now());
        }
        self.answered();
        self.is_stale = false;
    }

    /// How long an outage lasted that is over since at least [`SETTLED`], once.
    pub(super) fn settled(&mut self) -> Option<Duration> {
        let risen = self.risen.filter(|risen| self.away.is_none() && risen.elapsed() >= SETTLED)?;
        self.reported.take().map(|since| risen.saturating_duration_since(since))
    }

    /// Whether the last answer is older than that, or there was none. What was read may be older by the time between two
    /// questions, a quarter of a second.
    pub(super) fn is_older(&self, limit: Duration) -> bool {
        self.answered.is_none_or(|answered| answered.elapsed() > limit)
    }

    /// The time of the last answer, by the clock of the system.
    pub(super) fn last_answer(&self) -> Option<SystemTime> {
        SystemTime::now().checked_sub(self.answered?.elapsed())
    }

    /// Whether it has been away for longer than that, for the first time.
    pub(super) fn turned_stale(&mut self, limit: Duration) -> bool {
        // Where it never answered, that was said.
        let is_news =
            self.away.is_some() && self.answered.is_some() && !self.is_stale && self.is_older(limit);
        self.is_stale |= is_news;
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outage that is over, as soon as it is reported.
    fn settled(health: &mut Health) -> Duration {
        loop {
            if let Some(after) = health.settled() {
                return after;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn each_change_is_news_once() {
        let mut health = Health::new();
        assert!(health.is_up() && health.is_older(Duration::MAX) && health.last_answer().is_none());
        health.rose();
        assert!(!health.is_older(Duration::MAX) && health.last_answer().is_some());
        assert!(!health.turned_stale(Duration::ZERO), "it is not away");
        for _ in 0..2 {
            assert!(health.fell() && !health.fell() && !health.is_up());
            assert!(!health.turned_stale(Duration::from_secs(3600)));
            while !health.turned_stale(Duration::ZERO) {}
            assert!(!health.turned_stale(Duration::ZERO) && health.settled().is_none());
            health.rose();
            assert!(health.is_up());
            settled(&mut health);
            assert!(health.settled().is_none());
        }
    }

    #[test]
    fn a_store_that_answers_now_and_then_is_one_outage() {
        let mut health = Health::new();
        let begun = Instant::now();
        let news = (0..100).filter(|_| {
            let is_news = health.fell();
            health.rose();
            is_news
        });
        assert_eq!(news.count(), 1);
        assert!(settled(&mut health) <= begun.elapsed());
    }

    /// Then what was read before counts for as long as while it is away.
    #[test]
    fn a_store_that_lets_nobody_read_does_not_answer_for_records() {
        let mut health = Health::new();
        health.rose();
        health.returns(RecordKind::Client, false);
        let before = health.answered;
        health.answered();
        health.returns(RecordKind::Psk, true);
        health.rose();
        assert_eq!(health.answered, before);
        health.returns(RecordKind::Client, true);
        health.answered();
        assert_ne!(health.answered, before);
    }
}
