//! The peer of a connection in the file of known peers.

use handclasp_trust::{KnownPeersError, PeerVerdict, RefusalReason};

use super::Connection;
use crate::Error;

impl Connection {
    /// What the file of known peers said of the peer, once the handshake is complete; `None` with another kind
    /// of trust.
    pub fn peer_verdict(&self) -> Option<PeerVerdict> {
        self.connected().and(self.state.known.as_ref()).map(|known| known.verdict())
    }

    /// Once connected, the peer has proved that it has its key: the file of known peers learns of it.
    pub(super) fn record_peer(&mut self) -> Result<(), Error> {
        if self.state.is_over || self.engine.connected().is_none() {
            return Ok(());
        }
        let (Some(peers), Some(known)) = (self.settings.known_peers(), &self.state.known) else {
            return Ok(());
        };
        if !known.is_recorded {
            return Ok(());
        }
        let refusal = match peers.record_accepted(&known.contact(), &known.verdict()) {
            Ok(_) => return Ok(()),
            Err(KnownPeersError::Refused(refusal)) => refusal,
            Err(error) => Box::new(peers.refusal(&known.contact(), RefusalReason::File(error.to_string()))),
        };
        let fault = match refusal.fault() {
            Some(fault) => self.engine.refuse_peer(fault),
            None => self.engine.refuse(),
        };
        self.state.refusal = Some(refusal);
        self.finish_if_ended();
        Err(self.with_report(fault))
    }
}
