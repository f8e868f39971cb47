//! A server or tunnel whose files were read, and what it leaves to the next one of its title.

use std::{collections::HashMap, sync::Arc};

use handclasp::{Client, Current, Replaceable, Server};
use handclasp_relay::{Limits, Observer, proxy_protocol::Senders};
use tokio::sync::mpsc;

use super::Task;
use crate::{advertise::Announcement, args::ListenOn, exit::Failure, store::SharedStore};

/// A server or tunnel that is ready to run.
pub struct Unit {
    /// Such as `serve.web`; empty where flags alone describe it. Before and after a reload a unit has the same title.
    pub title: String,
    /// Its name in the log and in metrics: its title, or the command that the flags are of.
    pub service: String,
    pub listen: ListenOn,
    pub limits: Limits,
    pub observer: Arc<dyn Observer>,
    /// What is done with a client.
    pub task: Arc<dyn Task>,
    /// The proxies in front of all clients.
    pub proxies: Option<Senders>,
    /// Printed when the unit starts.
    pub facts: Vec<String>,
    pub announcement: Option<Announcement>,
    /// Why the program has to end, if it has to.
    pub stopped: Option<mpsc::UnboundedReceiver<Result<(), Failure>>>,
    /// What the next unit of this title takes over.
    pub server: Option<Server>,
    pub client: Option<Client>,
    pub store: Option<SharedStore>,
}

/// What units left that run now, by title.
#[derive(Default)]
pub struct Before(HashMap<String, Left>);

struct Left {
    server: Option<Server>,
    client: Option<Client>,
    store: Option<SharedStore>,
}

impl Before {
    /// What these units leave.
    pub fn of<'u>(units: impl IntoIterator<Item = &'u Unit>) -> Self {
        let left = |unit: &Unit| {
            let Unit { server, client, store, .. } = unit;
            let left = Left { server: server.clone(), client: client.clone(), store: store.clone() };
            (unit.title.clone(), left)
        };
        Self(units.into_iter().map(left).collect())
    }

    /// The new server of a unit, with the tickets of the one before ([`Current`]).
    ///
    /// # Errors
    /// No handshake could succeed with it.
    pub fn server(&self, title: &str, new: Server) -> Result<Server, Failure> {
        let old = self.0.get(title).and_then(|left| left.server.clone());
        replaced(old, new)
    }

    /// The new client of a unit, with the sessions of the one before ([`Current`]).
    ///
    /// # Errors
    /// No handshake could succeed with it.
    pub fn client(&self, title: &str, new: Client) -> Result<Client, Failure> {
        let old = self.0.get(title).and_then(|left| left.client.clone());
        replaced(old, new)
    }

    /// The store of the unit before: connected, and with what it has read.
    pub fn store(&self, title: &str) -> Option<SharedStore> {
        self.0.get(title)?.store.clone()
    }
}

/// The old one stays as it is: the reload may still be refused.
fn replaced<T: Replaceable>(old: Option<T>, new: T) -> Result<T, Failure> {
    let current = Current::new(old.unwrap_or_else(|| new.clone()));
    current.replace(new)?;
    Ok(current.get())
}
