//! What a tunnel says and writes of a handshake beside its log.

use std::{sync::Arc, time::Duration};

use handclasp::{Connection, Error, Report};
use handclasp_relay::{Observer, Peer};

use crate::{args::Tunnel, files::OutputFile, say::say, tofu};

/// Writes reports, and says what is new about known peers.
pub struct Handshakes {
    arguments: Arc<Tunnel>,
    report: Option<OutputFile>,
}

impl Handshakes {
    pub fn new(arguments: &Arc<Tunnel>, report: Option<OutputFile>) -> Self {
        Self { arguments: Arc::clone(arguments), report }
    }

    fn write(&self, report: &Report) {
        if let Some(Err(failure)) = self.report.as_ref().map(|file| file.write(report.encode())) {
            say(failure.text());
        }
    }
}

impl Observer for Handshakes {
    fn handshake_done(&self, _: &Peer, connection: &Connection, _: Duration) {
        let flags = &self.arguments.client;
        tofu::tell(connection, &flags.tofu, flags.record.quiet);
        self.write(connection.report());
    }

    fn handshake_failed(&self, _: &Peer, error: &Error, _: Duration) {
        self.write(error.report());
    }
}
