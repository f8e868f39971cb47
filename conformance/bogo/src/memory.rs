//! State kept from one connection of a test to the next: a client's session, and the tickets that a
//! server issued.

use handclasp_codec::{CertificateType, NamedGroup, ProtocolVersion, SignatureScheme};
use handclasp_handshake::{PeerIdentity, Session};

/// How the peer authenticated in a handshake. Our sessions record the peer but not its certificate; an
/// application that needs it later keeps it, as here.
#[derive(Clone, Default)]
pub struct Proof {
    pub peer: Option<PeerIdentity>,
    pub chain: Vec<Vec<u8>>,
    pub chain_type: Option<CertificateType>,
    /// Scheme of the peer's signature.
    pub scheme: Option<SignatureScheme>,
    pub group: Option<NamedGroup>,
    pub ocsp_response: Option<Vec<u8>>,
}

/// Kept until the process ends.
#[derive(Default)]
pub struct Memory {
    /// Newest session of a client.
    pub session: Option<Session>,
    /// Version of the previous connection.
    pub version: Option<ProtocolVersion>,
    /// From the last connection that did not resume a session.
    pub proof: Proof,
    /// Tickets with their sessions: a server that keeps state need not encrypt tickets.
    tickets: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Memory {
    /// Stores a session and returns its ticket.
    pub fn keep(&mut self, session: &[u8], random: [u8; 16]) -> Vec<u8> {
        self.tickets.push((random.to_vec(), session.to_vec()));
        random.to_vec()
    }

    /// Whether any tickets were issued.
    pub fn has_tickets(&self) -> bool {
        !self.tickets.is_empty()
    }

    /// Returns the session of a ticket.
    pub fn find(&self, ticket: &[u8]) -> Option<Vec<u8>> {
        self.tickets.iter().find(|(known, _)| known == ticket).map(|(_, session)| session.clone())
    }
}
