//! Whether the store answers. After one failure no operation is begun until the task that watches the store
//! has had an answer, so that one handshake waits and not all of them.

use std::time::{Duration, Instant, SystemTime};

pub(super) struct Health {
    /// Since when it has been away.
    away: Option<Instant>,
    /// When it last answered, if it ever has.
    answered: Option<Instant>,
    is_stale: bool,
}

impl Health {
    pub(super) fn new() -> Self {
        Self { away: None, answered: None, is_stale: false }
    }

    pub(super) fn is_up(&self) -> bool {
        self.away.is_none()
    }

    pub(super) fn answered(&mut self) {
        self.answered = Some(Instant::now());
    }

    /// The store does not answer; whether that is news.
    pub(super) fn fell(&mut self) -> bool {
        let is_news = self.away.is_none();
        self.away.get_or_insert_with(Instant::now);
        is_news
    }

    /// The store answers; for how long it was away, if it was.
    pub(super) fn rose(&mut self) -> Option<Duration> {
        self.answered();
        self.is_stale = false;
        self.away.take().map(|since| since.elapsed())
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

    #[test]
    fn each_change_is_news_once() {
        let mut health = Health::new();
        assert!(health.is_up() && health.is_older(Duration::MAX) && health.last_answer().is_none());
        assert!(health.rose().is_none() && !health.is_older(Duration::MAX) && health.last_answer().is_some());
        assert!(!health.turned_stale(Duration::ZERO), "it is not away");
        for _ in 0..2 {
            assert!(health.fell() && !health.fell() && !health.is_up());
            assert!(!health.turned_stale(Duration::from_secs(3600)));
            while !health.turned_stale(Duration::ZERO) {}
            assert!(!health.turned_stale(Duration::ZERO));
            assert!(health.rose().is_some() && health.is_up());
        }
    }
}
