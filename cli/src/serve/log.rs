//! What is said about clients on standard error. What strangers can cause at will is said once, then counted.

use std::{io, sync::Arc, time::Duration};

use handclasp::{Connection, Error, Fault};
use handclasp_relay::{Address, Cut, Ending, Full, Observer, Party, Peer, Refusal, Transfer};

use crate::{
    args::Serve,
    exit::{self, Failure},
    facts,
    say::{Repeated, say},
    tofu,
};

pub struct Log {
    arguments: Arc<Serve>,
    /// Clients that sent nothing: anybody can make any number of them.
    silent: Repeated,
    /// Clients that the known peers refuse: the same.
    refused: Repeated,
    displaced: Repeated,
    per_address: Repeated,
    not_accepted: Repeated,
    no_target: Repeated,
}

impl Log {
    pub fn new(arguments: &Arc<Serve>) -> Self {
        Self {
            arguments: Arc::clone(arguments),
            silent: Repeated::default(),
            refused: Repeated::default(),
            displaced: Repeated::default(),
            per_address: Repeated::default(),
            not_accepted: Repeated::default(),
            no_target: Repeated::default(),
        }
    }

    fn is_quiet(&self) -> bool {
        self.arguments.record.quiet
    }

    /// Says that a client misses nothing though it sent no close_notify.
    pub fn left(&self, client: &Peer) {
        if !self.is_quiet() && self.arguments.reply.is_some() {
            say(format_args!("{client} disconnected without close_notify after the whole reply was sent"));
        }
    }

    /// Says why a client was not served.
    fn tell(&self, client: &Peer, error: &Error) {
        let text = || format!("{client}: {}", exit::reason(error));
        match error.fault() {
            Some(fault) if is_silent(fault) => self.silent.tell(text),
            _ if error.peer_refusal().is_some() => self.refused.tell(text),
            _ => say(text()),
        }
    }
}

impl Observer for Log {
    fn handshake_done(&self, client: &Peer, connection: &Connection, time: Duration) {
        if let Some(connected) = connection.connected().filter(|_| !self.is_quiet()) {
            say(format_args!("{client} accepted: {}", facts::agreed(connected, Some(time))));
            if let Some(certificate) = connection.peer_certificate() {
                say(format_args!("{client} has the certificate: {certificate}"));
            }
        }
        tofu::tell(connection, &self.arguments.tofu, self.is_quiet());
    }

    fn handshake_failed(&self, client: &Peer, error: &Error, _: Duration) {
        self.tell(client, error);
    }

    fn refused(&self, client: &Peer, refusal: &Refusal) {
        match refusal {
            Refusal::PerAddress { limit } => self.per_address.tell(|| {
                format!("{client} closed: its address has {limit} connections (--max-per-address)")
            }),
            Refusal::Displaced { full, age } => self.displaced.tell(|| {
                format!(
                    "{client} closed: its handshake, unfinished for {:.1} s, was dropped in favour of another client \
                     ({})",
                    age.as_secs_f64(),
                    name(*full)
                )
            }),
            _ => {}
        }
    }

    fn target_failed(&self, client: &Peer, target: &Address, error: &io::Error) {
        self.no_target.tell(|| format!("{client} closed: {}", unreachable(target, error)));
    }

    fn ended(&self, client: &Peer, transfer: &Transfer) {
        match &transfer.ending {
            Ending::Left => self.left(client),
            Ending::Aborted { by: Party::Client, error, .. } => match Error::in_io_error(error) {
                Some(error) => self.tell(client, error),
                None => say(format_args!("{client}: {error}")),
            },
            Ending::Aborted { by, how: Cut::Reset, .. } => {
                say(format_args!("{client}: {by} reset the connection, and the client sees a reset"));
            }
            Ending::Aborted { by, error, .. } => say(format_args!("{client}: {by} failed: {error}")),
            Ending::Idle if !self.is_quiet() => {
                say(format_args!("{client} closed: no data for as long as --idle-timeout permits"));
            }
            _ => {}
        }
    }

    fn accept_failed(&self, error: &io::Error) {
        self.not_accepted.tell(|| format!("handclasp: accept: {error}; retrying"));
    }
}

/// The limit by its flag, or what the machine lacks.
fn name(full: Full) -> &'static str {
    match full {
        Full::Connections => "--max-connections",
        Full::Handshakes => "--max-handshakes",
        Full::PerAddress => "--max-per-address",
        _ => "no file descriptor",
    }
}

/// Why the service was not reached, and what the client sees.
fn unreachable(target: &Address, error: &io::Error) -> String {
    format!("cannot connect to {target} (--forward): {error}; the client sees a reset")
}

/// Why a connection was not served to its end, for the exit code of `--once`.
pub fn failure(arguments: &Serve, ending: Ending) -> Option<Failure> {
    match ending {
        Ending::Closed | Ending::Left => None,
        Ending::Aborted { by: Party::Client, error, .. } => Some(error.into()),
        Ending::NoTarget(error) => {
            let target = arguments.forward.as_ref()?;
            Some(Failure::Transport(unreachable(target, &error)))
        }
        ending => Some(Failure::Transport(ending.to_string())),
    }
}

fn is_silent(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Truncated { anything_came: false, .. } | Fault::TimedOut { anything_came: false, .. }
    )
}
