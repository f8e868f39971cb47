//! Units that run, from one reload to the next.

use std::{collections::HashMap, sync::Arc, time::Duration};

use handclasp_relay::{AcceptLoop, Address, Drain, Gate, Listener, Proxies, raise_limit};
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    Before, Unit, bind,
    switch::{Switch, Switched},
};
use crate::{
    advertise::{self, Advertised, Announcement},
    args::ListenOn,
    exit::Failure,
    observe::{self, prefix},
    say::say,
    systemd::Inherited,
};

/// Which socket a unit has: its address, and its title where the system chooses the port.
type Key = (ListenOn, String);

/// All units that run, and those that are drained.
pub struct Running {
    inherited: Inherited,
    units: HashMap<Key, Open>,
    /// Units that a reload removed, while they have connections.
    leaving: Vec<(Gate, Drain)>,
    before: Arc<Before>,
    loops: JoinSet<()>,
    stop: mpsc::UnboundedSender<Result<(), Failure>>,
    stopped: mpsc::UnboundedReceiver<Result<(), Failure>>,
}

/// A unit that accepts clients.
struct Open {
    service: String,
    address: Address,
    switch: Arc<Switch>,
    gate: Gate,
    drain: Drain,
    proxies: Proxies,
    announced: Option<Announced>,
}

/// An announcement that is on the network until this is dropped.
struct Announced {
    what: Announcement,
    _advertised: Advertised,
}

/// What a reload opened. Dropped, it is closed again.
#[derive(Default)]
struct Opened {
    listeners: HashMap<Key, (Listener, Address)>,
    announced: HashMap<Key, Announced>,
}

fn key(unit: &Unit) -> Key {
    let title = if unit.listen.is_any_port() { unit.title.clone() } else { String::new() };
    (unit.listen.clone(), title)
}

impl Running {
    /// Without units, but with the sockets that systemd passed.
    ///
    /// # Errors
    /// One of them is of another kind.
    pub fn new() -> Result<Self, Failure> {
        raise_limit();
        let (stop, stopped) = mpsc::unbounded_channel();
        Ok(Self {
            stop,
            stopped,
            inherited: Inherited::from_environment()?,
            units: HashMap::new(),
            leaving: Vec::new(),
            before: Arc::default(),
            loops: JoinSet::new(),
        })
    }

    /// What the units that run leave to the next ones.
    pub fn before(&self) -> Arc<Before> {
        Arc::clone(&self.before)
    }

    /// Runs these units. Sockets of units that stay are not touched, those of new units are opened, and units that are
    /// gone are drained, within this time limit.
    ///
    /// # Errors
    /// A unit cannot listen or be announced: then everything is as before.
    pub async fn replace(&mut self, units: Vec<Unit>, drain: Duration) -> Result<(), Failure> {
        are_apart(&units)?;
        let mut opened = self.opened(&units).await?;
        // From here on nothing fails.
        self.before = Arc::new(Before::of(&units));
        let mut gone = std::mem::take(&mut self.units);
        for unit in units {
            let key = key(&unit);
            let announced = opened.announced.remove(&key);
            let open = match (gone.remove(&key), opened.listeners.remove(&key)) {
                (Some(open), _) => {
                    let mut unit = unit;
                    self.watch(unit.stopped.take());
                    open.continued(unit, announced)
                }
                (None, Some((listener, address))) => self.open(unit, listener, address, announced),
                (None, None) => continue,
            };
            self.units.insert(key, open);
        }
        self.leaving.retain(|(gate, _)| gate.connections() > 0);
        for open in gone.into_values() {
            observe::removed(&open.service, &open.address, open.gate.connections());
            open.drain.start(drain);
            self.leaving.push((open.gate, open.drain));
        }
        while self.loops.try_join_next().is_some() {}
        Ok(())
    }

    /// Opens the sockets and announcements that these units need and that are not there.
    async fn opened(&mut self, units: &[Unit]) -> Result<Opened, Failure> {
        let mut opened = Opened::default();
        for unit in units {
            let key = key(unit);
            let present = self.units.get(&key);
            let address = match present {
                Some(open) => open.address.clone(),
                None => {
                    let listener = bind(&unit.listen, &mut self.inherited, &unit.title)
                        .await
                        .map_err(|error| of(unit, self.is_in_the_way(unit, error)))?;
                    let address = listener.address()?;
                    opened.listeners.insert(key.clone(), (listener, address.clone()));
                    address
                }
            };
            let is_announced = present.and_then(|open| open.announced.as_ref());
            if let Some(what) = &unit.announcement
                && is_announced.is_none_or(|announced| announced.what != *what)
            {
                let advertised = advertise::start(what, &address).map_err(|error| of(unit, error))?;
                opened.announced.insert(key, Announced { what: what.clone(), _advertised: advertised });
            }
        }
        Ok(opened)
    }

    /// The failure to listen of a unit with the unit of before that has its port, such as `127.0.0.1:P` for `0.0.0.0:P`.
    /// That one is closed only after the reload can no longer be refused.
    fn is_in_the_way(&self, unit: &Unit, failure: Failure) -> Failure {
        let Failure::Transport(text) = failure else { return failure };
        let Some((_, open)) = self.units.iter().find(|((listen, _), _)| listen.overlaps(&unit.listen)) else {
            return Failure::Transport(text);
        };
        Failure::Transport(format!(
            "{text}: {}{} has this port until the reload is done: remove the one, reload, add the other and reload again, \
             or restart",
            prefix(&open.service),
            open.address
        ))
    }

    fn open(
        &mut self,
        unit: Unit,
        listener: Listener,
        address: Address,
        announced: Option<Announced>,
    ) -> Open {
        observe::listening(&unit.service, &address);
        unit.facts.iter().for_each(|fact| say(format_args!("{}{fact}", prefix(&unit.service))));
        let (gate, drain) = (Gate::new(unit.limits), Drain::new());
        let switch = Arc::new(Switch::new(unit.task, unit.observer));
        let proxies = Proxies::from(unit.proxies);
        let accepting = AcceptLoop::new(listener, gate.clone(), Arc::clone(&switch) as _, drain.clone());
        let accepting = accepting.behind(proxies.clone());
        self.watch(unit.stopped);
        self.loops.spawn(accepting.run(Arc::new(Switched(Arc::clone(&switch)))));
        Open { service: unit.service, address, switch, gate, drain, proxies, announced }
    }

    /// Learns when a unit ends the program.
    fn watch(&self, stopped: Option<mpsc::UnboundedReceiver<Result<(), Failure>>>) {
        let Some(mut stopped) = stopped else { return };
        let stop = self.stop.clone();
        tokio::spawn(async move {
            if let Some(why) = stopped.recv().await {
                let _ends = stop.send(why);
            }
        });
    }

    /// Waits until a unit ends the program, such as one whose standard output is gone.
    pub async fn stopped(&mut self) -> Result<(), Failure> {
        match self.stopped.recv().await {
            Some(why) => why,
            None => std::future::pending().await,
        }
    }

    /// Sockets of systemd that no unit listens on would let clients wait for ever.
    pub fn warn_of_leftovers(&self) {
        for socket in self.inherited.left() {
            say(format_args!(
                "warning: systemd passed the socket {socket}, on which nothing listens: its clients would wait for ever"
            ));
        }
    }

    /// Stops accepting, and waits until all connections have ended, or the time limit has.
    pub async fn drain(&mut self, limit: Duration) {
        self.withdraw();
        let open = self.units.values().map(|open| &open.drain);
        open.chain(self.leaving.iter().map(|(_, drain)| drain)).for_each(|drain| drain.start(limit));
        while self.loops.join_next().await.is_some() {}
    }

    /// Withdraws all announcements.
    pub fn withdraw(&mut self) {
        self.units.values_mut().for_each(|open| open.announced = None);
    }

    /// Connections of all units.
    pub fn connections(&self) -> usize {
        let gates =
            self.units.values().map(|open| &open.gate).chain(self.leaving.iter().map(|(gate, _)| gate));
        gates.map(Gate::connections).sum()
    }

    /// For `systemctl status`.
    pub fn status(&self) -> String {
        let addresses: Vec<String> = self.units.values().map(|open| open.address.to_string()).collect();
        match &addresses[..] {
            [] => "listening nowhere".to_owned(),
            few if few.len() <= 4 => format!("listening on {}", few.join(", ")),
            many => format!("listening on {} addresses", many.len()),
        }
    }
}

impl Open {
    /// The same socket with what the new unit does with clients.
    fn continued(mut self, unit: Unit, announced: Option<Announced>) -> Self {
        self.gate.set_limits(unit.limits);
        self.proxies.set(unit.proxies);
        self.switch.set(unit.task, unit.observer);
        if announced.is_some() || unit.announcement.is_none() {
            self.announced = announced;
        }
        Self { service: unit.service, ..self }
    }
}

/// Refuses two units with one socket.
pub fn are_apart(units: &[Unit]) -> Result<(), Failure> {
    let mut seen = HashMap::new();
    for unit in units {
        if let Some(other) = seen.insert(key(unit), &unit.title) {
            return Err(Failure::usage(format!("{other} and {} both listen on {}", unit.title, unit.listen)));
        }
    }
    for (index, unit) in units.iter().enumerate() {
        if let Some(other) = units.iter().skip(index + 1).find(|other| other.listen.overlaps(&unit.listen)) {
            return Err(Failure::usage(format!(
                "{} and {} listen on the same port: one of {} and {} includes the other",
                unit.title, other.title, unit.listen, other.listen
            )));
        }
    }
    Ok(())
}

/// A failure with the unit that it is about.
fn of(unit: &Unit, failure: Failure) -> Failure {
    let prefix = prefix(&unit.service);
    match failure {
        Failure::Usage(text) => Failure::Usage(format!("{prefix}{text}")),
        Failure::Transport(text) => Failure::Transport(format!("{prefix}{text}")),
        other => other,
    }
}
