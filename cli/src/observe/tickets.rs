//! What a handshake did with session tickets.

use handclasp::Connection;
use handclasp_report::Tag;

/// Tickets of one handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tickets {
    issued: u64,
    used: u64,
    refused: u64,
}

impl Tickets {
    pub const OUTCOMES: [&str; 3] = ["issued", "used", "refused"];

    /// Those of a connection whose handshake is complete.
    pub fn of(connection: &Connection) -> Self {
        let resumed = connection.connected().is_some_and(|connected| connected.resumed);
        let refused = connection.report().has(Tag::TicketRefused);
        Self { issued: connection.tickets_issued().into(), used: resumed.into(), refused: refused.into() }
    }

    /// Outcome and count.
    pub fn counts(self) -> [(&'static str, u64); 3] {
        let [issued, used, refused] = Self::OUTCOMES;
        [(issued, self.issued), (used, self.used), (refused, self.refused)]
    }
}
