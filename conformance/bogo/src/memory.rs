//! What stays from one connection of a test to the next: a client's session, and the tickets
//! that a server gave.
//! Called by `exchange` and `answers`.

use handclasp_codec::ProtocolVersion;
use handclasp_handshake::Session;

/// Kept for as long as the process runs.
#[derive(Default)]
pub struct Memory {
    /// The newest session of a client.
    pub session: Option<Session>,
    /// Of the connection before.
    pub version: Option<ProtocolVersion>,
    /// Tickets and what they stand for: a server that remembers need not seal.
    tickets: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Memory {
    /// A ticket for a session.
    pub fn keep(&mut self, session: &[u8], random: [u8; 16]) -> Vec<u8> {
        self.tickets.push((random.to_vec(), session.to_vec()));
        random.to_vec()
    }

    /// Whether any were given.
    pub fn has_tickets(&self) -> bool {
        !self.tickets.is_empty()
    }

    /// What a ticket stands for.
    pub fn find(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        self.tickets.iter().find(|(known, _)| known == ticket).map(|(_, session)| session.clone())
    }
}
