//! What stays from one connection of a test to the next: a client's session, and the tickets
//! that a server gave.

use handclasp_codec::{CertificateType, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_handshake::{PeerIdentity, Session};

/// What a handshake showed of the peer. A session of ours carries who the peer is and not by
/// what it proved that; an application that wants to know keeps it, as here.
#[derive(Clone, Default)]
pub struct Proof {
    pub peer: Option<PeerIdentity>,
    pub chain: Vec<Vec<u8>>,
    pub chain_type: Option<CertificateType>,
    /// The peer's scheme.
    pub scheme: Option<SignatureScheme>,
    pub group: Option<NamedGroup>,
    pub ocsp_response: Option<Vec<u8>>,
}

/// Kept for as long as the process runs.
#[derive(Default)]
pub struct Memory {
    /// The newest session of a client.
    pub session: Option<Session>,
    /// Of the connection before.
    pub version: Option<ProtocolVersion>,
    /// Of the last connection that resumed no session.
    pub proof: Proof,
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
