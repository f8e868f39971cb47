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
//! | `loader` | reads a source, on a thread of its own |
//! | `running` | units that run, from one reload to the next |
//! | `signals` | SIGHUP, SIGTERM, SIGINT |

mod loader;
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
use loader::Loader;
use running::Running;
pub use running::are_apart;
use signals::{Signal, Signals};
pub use sockets::bind;
pub use switch::Task;
pub use unit::{Before, Unit};

/// Where units come from.
pub trait Source: Send + 'static {
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
pub fn run(source: impl Source) -> Result<(), Failure> {
    runtime::keep_memory_flat();
    runtime::block_on(async {
        let notifier = Notifier::from_environment();
        let mut signals = Signals::new()?;
        let mut running = Running::new()?;
        let mut loader = Loader::new(source);
        tokio::select! {
            started = load(&mut running, &mut loader) => started?,
            // Nothing runs yet that could end in order.
            () = signals.end() => exit::end(1),
        }
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
                // A file that cannot be read to its end must not keep the program from ending.
                Signal::Reload => tokio::select! {
                    () = reload(&mut running, &mut loader, &notifier) => {}
                    () = ticks(&mut alive, &notifier) => {}
                    () = signals.end() => break,
                },
                Signal::End => break,
            }
        }
        let (connections, drain) = (running.connections(), loader.drain());
        observe::draining(connections, drain);
        notifier.stopping(&format!("ending {}", observe::count(connections)));
        tokio::select! {
            () = running.drain(drain) => {}
            // Announcements are withdrawn, whatever connections do.
            () = signals.end() => exit::end(1),
        }
        Ok(())
    })?
}

/// Notifies the watchdog for as long as this is polled.
async fn ticks(alive: &mut Option<tokio::time::Interval>, notifier: &Notifier) {
    loop {
        tick(alive.as_mut()).await;
        notifier.alive();
    }
}

async fn tick(interval: Option<&mut tokio::time::Interval>) {
    match interval {
        Some(interval) => drop(interval.tick().await),
        None => std::future::pending().await,
    }
}

/// Reads the source, and runs what it says.
async fn load(running: &mut Running, loader: &mut Loader<impl Source>) -> Result<(), Failure> {
    let units = loader.load(running.before()).await?;
    running.replace(units, loader.drain()).await
}

async fn reload(running: &mut Running, loader: &mut Loader<impl Source>, notifier: &Notifier) {
    notifier.reloading();
    let status = match load(running, loader).await {
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
