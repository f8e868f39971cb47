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
    let Incoming { socket, slot, context } = &mut incoming;
    let outcome = tokio::select! {
        outcome = timeout(LIMIT, read_header(socket)) => outcome,
        refusal = slot.displaced() => {
            context.observer.refused(&context.client, &refusal);
            return None;
        }
        () = context.drain.expired() => return None,
    };
    let late =
        || Error::new(ErrorKind::TimedOut, format!("PROXY header: expected within {} s", LIMIT.as_secs()));
    let header = match outcome.unwrap_or_else(|_| Err(late())) {
        Ok(header) => header,
        Err(error) => {
            context.observer.proxy_failed(&context.client, &error);
            return None;
        }
    };
    if let Endpoints::Tcp { source, .. } = &header.endpoints {
        context.client = Peer::Tcp(*source);
        socket.set_peer(context.client.clone());
    }
    context.header = Some(Arc::new(header));
    match slot.belongs_to(&context.client) {
        Ok(()) => Some(incoming),
        Err(refusal) => {
            context.observer.refused(&context.client, &refusal);
            None
        }
    }
}
