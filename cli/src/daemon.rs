//! Servers and tunnels that run until they are told to end: `serve`, `tunnel` and `run`.
//!
//! A command is a [`Source`]: it reads flags and files into [`Unit`]s, at the start and again at each SIGHUP. The daemon
//! keeps their sockets open over a reload, swaps what happens to the clients that come, and drains at SIGTERM and SIGINT.
//!
//! | file | what |
//! |---|---|
//! | `unit` | a server or tunnel whose files were read, and what it leaves to the next one |
//! | `switch` | what happens to clients, replaced while they come |
//! | `sockets` | the socket of a unit: one that systemd passed, or one of our own |
//! | `running` | units that run, from one reload to the next |
//! | `signals` | SIGHUP, SIGTERM, SIGINT |

mod running;
mod signals;
mod sockets;
mod switch;
mod unit;

use std::time::Duration;

use crate::{
    exit::{self, Failure},
    observe, runtime,
    systemd::Notifier,
};
use running::Running;
pub use running::are_apart;
use signals::{Signal, Signals};
pub use sockets::bind;
pub use switch::Task;
pub use unit::{Before, Unit};

/// Where units come from.
pub trait Source: Send {
    /// Reads flags and files, at the start and at each reload. It may block.
    ///
    /// # Errors
    /// Nothing is started or changed then.
    fn load(&mut self, before: &Before) -> Result<Vec<Unit>, Failure>;

    /// Time limit of connections that a signal, or a reload, ends.
    fn drain(&self) -> Duration;
}

/// Runs the units of a source until a signal ends them.
///
/// # Errors
/// They cannot be started.
pub fn run(mut source: impl Source) -> Result<(), Failure> {
    runtime::block_on(async {
        let notifier = Notifier::from_environment();
        let mut signals = Signals::new()?;
        let mut running = Running::new()?;
        running.reload(&mut source).await?;
        running.warn_of_leftovers();
        notifier.ready(&running.status());
        let mut alive = notifier.watchdog().map(tokio::time::interval);
        loop {
            let signal = tokio::select! {
                signal = signals.next() => signal,
                why = running.stopped() => return why,
                () = tick(alive.as_mut()) => {
                    notifier.alive();
                    continue;
                }
            };
            match signal {
                Signal::Reload => reload(&mut running, &mut source, &notifier).await,
                Signal::End => break,
            }
        }
        let (connections, drain) = (running.connections(), source.drain());
        observe::draining(connections, drain);
        notifier.stopping(&format!("ending {}", observe::count(connections)));
        tokio::select! {
            () = running.drain(drain) => {}
            // Announcements are withdrawn, whatever connections do.
            () = signals.second() => exit::end(1),
        }
        Ok(())
    })?
}

async fn tick(interval: Option<&mut tokio::time::Interval>) {
    match interval {
        Some(interval) => drop(interval.tick().await),
        None => std::future::pending().await,
    }
}

async fn reload(running: &mut Running, source: &mut impl Source, notifier: &Notifier) {
    notifier.reloading();
    let status = match running.reload(source).await {
        Ok(()) => {
            observe::reloaded();
            running.status()
        }
        Err(failure) => {
            observe::not_reloaded(&plain(&failure));
            format!("the last reload was refused; {}", running.status())
        }
    };
    notifier.ready(&status);
}

/// What a failure says, without the name of the program in front.
pub fn plain(failure: &Failure) -> String {
    let text = failure.text();
    text.strip_prefix("handclasp: ").map_or_else(|| text.clone(), str::to_owned)
}
