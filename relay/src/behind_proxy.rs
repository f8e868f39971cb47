//! A client behind a proxy, whose PROXY header names it.

use std::{
    io::{Error, ErrorKind},
    sync::Arc,
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    Incoming, Peer,
    proxy_protocol::{Endpoints, Senders, read_header},
};

/// Time for the header. Proxies send it with the first bytes of the connection; 3 seconds cover a lost packet (section 2
/// of the document).
const LIMIT: Duration = Duration::from_secs(5);

/// Whether this peer may send a header.
pub(crate) fn is_sender(proxies: &Senders, peer: &Peer) -> bool {
    match peer {
        Peer::Tcp(address) => proxies.permit(address.ip()),
        Peer::Unix { .. } => proxies.permit_unix(),
    }
}

/// Reads the header and names the client; `None` where the connection is closed, which the observer knows.
pub(crate) async fn named(mut incoming: Incoming) -> Option<Incoming> {
    let Incoming { socket, place, visit } = &mut incoming;
    let outcome = tokio::select! {
        outcome = timeout(LIMIT, read_header(socket)) => outcome,
        refusal = place.displaced() => {
            visit.observer.refused(&visit.client, &refusal);
            return None;
        }
        () = visit.drain.expired() => return None,
    };
    let late =
        || Error::new(ErrorKind::TimedOut, format!("PROXY header: expected within {} s", LIMIT.as_secs()));
    let header = match outcome.unwrap_or_else(|_| Err(late())) {
        Ok(header) => header,
        Err(error) => {
            visit.observer.proxy_failed(&visit.client, &error);
            return None;
        }
    };
    if let Endpoints::Tcp { source, .. } = &header.endpoints {
        visit.client = Peer::Tcp(*source);
        socket.set_peer(visit.client.clone());
    }
    visit.header = Some(Arc::new(header));
    match place.belongs_to(&visit.client) {
        Ok(()) => Some(incoming),
        Err(refusal) => {
            visit.observer.refused(&visit.client, &refusal);
            None
        }
    }
}
