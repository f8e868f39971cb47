//! What is said about clients beside [`ServiceObserver`]: of their keys, and why a connection failed that was the only one.

use std::{sync::Arc, time::Duration};

use handclasp::Connection;
use handclasp_relay::{Ending, Observer, Peer, RelaySide};

use crate::{
    args::Serve,
    exit::Failure,
    observe::{Detail, ServiceObserver},
    tofu,
};

/// What observes the connections of a server, by its flags.
pub fn service_observer(arguments: &Serve, service: &str) -> ServiceObserver {
    let detail = if arguments.record.quiet { Detail::Failures } else { Detail::Connections };
    let service_observer = ServiceObserver::server(service, detail);
    if arguments.reply.is_some() { service_observer.with_replies() } else { service_observer }
}

/// Says what the file of known peers and the authentication string say of a client.
pub struct KnownClients(pub Arc<Serve>);

impl Observer for KnownClients {
    fn handshake_done(&self, _: &Peer, connection: &Connection, _: Duration) {
        tofu::tell(connection, &self.0.tofu, self.0.record.quiet);
    }
}

/// Why a connection was not served to its end, for the exit code of `--once`.
pub fn failure(arguments: &Serve, ending: Ending) -> Option<Failure> {
    match ending {
        Ending::Closed | Ending::Left => None,
        Ending::Aborted { by: RelaySide::Client, error, .. } => Some(error.into()),
        Ending::NoTarget(error) => {
            let target = arguments.forward.as_ref()?;
            Some(Failure::Transport(format!(
                "cannot connect to {target} (--forward): {error}; the client sees a reset"
            )))
        }
        ending => Some(Failure::Transport(ending.to_string())),
    }
}
