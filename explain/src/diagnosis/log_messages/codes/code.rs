//! A number of a library, and the cause that it names. The tables beside this file are made of these.

use handclasp_codec::AlertDescription;

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::says::Says;
use crate::input::capture_event::Side;

/// A number and its meaning.
pub(super) struct Code {
    pub(super) number: i64,
    pub(super) words: &'static str,
    /// The cause if a client prints it.
    pub(super) client: Option<C>,
    /// The cause if a server does.
    pub(super) server: Option<C>,
    /// Whether the number has several reasons, the cause being one of them.
    pub(super) several: bool,
    /// The alert that came, if the number stands for one.
    pub(super) came: Option<AlertDescription>,
}

impl Code {
    const fn new(number: i64, words: &'static str, client: Option<C>, server: Option<C>) -> Self {
        Self { number, words, client, server, several: false, came: None }
    }

    pub(super) const fn several(mut self) -> Self {
        self.several = true;
        self
    }

    pub(super) fn says(&self, of: Side) -> Says {
        let cause = match of {
            Side::Client => self.client,
            Side::Server => self.server,
        };
        match (self.came, cause) {
            (Some(alert), _) => Says::AlertCame(alert),
            (None, Some(cause)) if self.several => Says::Maybe(cause, self.words),
            (None, Some(cause)) => Says::Why(cause),
            (None, None) => Says::Number(self.words),
        }
    }

    /// The same where it is not sure that the number is of this library.
    pub(super) fn says_at_most_possible(&self, of: Side) -> Says {
        match self.says(of) {
            Says::Why(cause) => Says::Maybe(cause, self.words),
            other => other,
        }
    }
}

pub(super) const fn number(number: i64, words: &'static str) -> Code {
    Code::new(number, words, None, None)
}

pub(super) const fn client(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, Some(cause), None)
}

pub(super) const fn server(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, None, Some(cause))
}

pub(super) const fn both(number: i64, words: &'static str, cause: C) -> Code {
    Code::new(number, words, Some(cause), Some(cause))
}

pub(super) const fn peer(number: i64, words: &'static str, of_server: C, of_client: C) -> Code {
    Code::new(number, words, Some(of_server), Some(of_client))
}

/// The number stands for an alert that the peer sent.
pub(super) const fn came(number: i64, alert: u8) -> Code {
    let mut code = Code::new(number, "", None, None);
    code.came = Some(AlertDescription(alert));
    code
}

/// The entry of a number in a table.
pub(super) fn in_table(table: &'static [Code], number: i64) -> Option<&'static Code> {
    table.iter().find(|code| code.number == number)
}
