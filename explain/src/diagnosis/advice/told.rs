//! What is said about one fault: why, what to try and on which side, what to show.

use handclasp_report::{Side, Tag};

use super::conversation::Conversation;
use crate::diagnosis::cause::Party;
use crate::diagnosis::finding::Fix;

/// Who does what is advised: a hint is written for one side, and is printed as that side's.
#[derive(Clone, Copy)]
pub(super) enum Who {
    /// The side that keeps the report.
    We,
    /// The other one.
    Peer,
    /// The client.
    Client,
    /// The server.
    Server,
    /// Both sides, or whichever is easier.
    Either,
    /// Whoever runs what lies between.
    Between,
}

impl Who {
    pub fn does(self, text: String, conversation: &Conversation<'_>) -> Fix {
        let of = |side| match side {
            Side::Client => Party::Client,
            Side::Server => Party::Server,
        };
        let side = match self {
            Self::We => of(conversation.own()),
            Self::Peer => of(conversation.peer()),
            Self::Client => Party::Client,
            Self::Server => Party::Server,
            Self::Either => Party::Config,
            Self::Between => Party::Network,
        };
        Fix { side: Some(side), text }
    }
}

/// What is said about one fault.
#[derive(Default)]
pub(super) struct Told {
    pub why: Vec<String>,
    pub next: Vec<(Who, String)>,
    /// Offers to show; choices and alerts are always shown.
    pub shows: Vec<Tag>,
}

impl Told {
    pub fn because(why: impl Into<String>) -> Self {
        Self::default().why(why)
    }

    pub fn why(mut self, sentence: impl Into<String>) -> Self {
        self.why.push(sentence.into());
        self
    }

    fn next(mut self, who: Who, attempt: impl Into<String>) -> Self {
        self.next.push((who, attempt.into()));
        self
    }

    fn next_if(self, fits: bool, who: Who, attempt: impl Into<String>) -> Self {
        if fits { self.next(who, attempt) } else { self }
    }

    /// What our side does.
    pub fn ours(self, attempt: impl Into<String>) -> Self {
        self.next(Who::We, attempt)
    }

    pub fn ours_if(self, fits: bool, attempt: impl Into<String>) -> Self {
        self.next_if(fits, Who::We, attempt)
    }

    /// What the peer does.
    pub fn theirs(self, attempt: impl Into<String>) -> Self {
        self.next(Who::Peer, attempt)
    }

    pub fn theirs_if(self, fits: bool, attempt: impl Into<String>) -> Self {
        self.next_if(fits, Who::Peer, attempt)
    }

    pub fn client(self, attempt: impl Into<String>) -> Self {
        self.next(Who::Client, attempt)
    }

    pub fn server(self, attempt: impl Into<String>) -> Self {
        self.next(Who::Server, attempt)
    }

    pub fn server_if(self, fits: bool, attempt: impl Into<String>) -> Self {
        self.next_if(fits, Who::Server, attempt)
    }

    /// What either side does, or both.
    pub fn either(self, attempt: impl Into<String>) -> Self {
        self.next(Who::Either, attempt)
    }

    pub fn either_if(self, fits: bool, attempt: impl Into<String>) -> Self {
        self.next_if(fits, Who::Either, attempt)
    }

    /// What to look for between the sides.
    pub fn between(self, attempt: impl Into<String>) -> Self {
        self.next(Who::Between, attempt)
    }

    pub fn shows(mut self, tags: &[Tag]) -> Self {
        self.shows.extend(tags);
        self
    }

    pub fn and(mut self, other: Self) -> Self {
        self.why.extend(other.why);
        self.next.extend(other.next);
        self.shows.extend(other.shows);
        self
    }
}
