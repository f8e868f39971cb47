//! `serve --advertise`: the server on the local network, until it ends.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use handclasp::Pin;
use handclasp_discovery::{Advertisement, DiscoveryError, PINS_MAX, ServiceName};

use crate::{exit::Failure, say::say};

/// How long an announcement takes on a machine with a network: a name is probed for a second, another one if it is
/// taken, and new interfaces are noticed every five seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a machine may take to get a network.
const LONGER: Duration = Duration::from_secs(24 * 60 * 60);

/// Withdraws the announcement when it is dropped, also if other threads still hold it.
pub struct Advertised(Option<Arc<Advertisement>>);

/// Announces the server, if the flags say so.
pub fn start(
    name: Option<&ServiceName>,
    address: SocketAddr,
    pins: &[Pin],
    is_quiet: bool,
) -> Result<Advertised, Failure> {
    let Some(name) = name else { return Ok(Advertised(None)) };
    let made = Advertisement::start(name, address, pins).map_err(|error| match error {
        DiscoveryError::NotReachable(_) => Failure::usage(format!("--advertise: {error}")),
        error => Failure::Transport(format!("--advertise: {error}")),
    })?;
    let made = Arc::new(made);
    if pins.len() > PINS_MAX {
        say(format_args!(
            "warning: --advertise: only the first {PINS_MAX} of {} pins are announced",
            pins.len()
        ));
    }
    at_signals(&made)?;
    let (announced, name) = (Arc::clone(&made), name.clone());
    thread::Builder::new().spawn(move || tell(&announced, &name, is_quiet))?;
    Ok(Advertised(Some(made)))
}

impl Advertised {
    /// Before the end of the process.
    pub fn withdraw(&self) {
        if let Some(made) = &self.0 {
            made.withdraw();
        }
    }
}

impl Drop for Advertised {
    fn drop(&mut self) {
        self.withdraw();
    }
}

/// Says by which name the server is announced, once it is.
fn tell(made: &Advertisement, asked: &ServiceName, is_quiet: bool) {
    let mut announced = made.announced_within(PATIENCE);
    if let Ok(None) = announced {
        say(format_args!(
            "warning: \"{asked}\" is not advertised yet: this machine has no network with multicast"
        ));
        announced = made.announced_within(LONGER);
    }
    match announced {
        Ok(Some(name)) if name == *asked => {
            if !is_quiet {
                say(format_args!("advertised as \"{name}\""));
            }
        }
        Ok(Some(name)) => say(format_args!(
            "warning: another machine on this network has the name \"{asked}\": advertised as \"{name}\""
        )),
        Ok(None) => {}
        Err(error) => say(format_args!("warning: \"{asked}\" is not advertised: {error}")),
    }
}

/// A program that is stopped withdraws its announcement first, and then ends as it would have without.
#[cfg(unix)]
fn at_signals(made: &Arc<Advertisement>) -> Result<(), Failure> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    // A signal that is ignored, as SIGHUP below nohup, stays ignored.
    let ends = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal));
    let mut signals = Signals::new(ends)?;
    let made = Arc::clone(made);
    thread::Builder::new().spawn(move || {
        for signal in signals.forever() {
            made.withdraw();
            let _ends = emulate_default_handler(signal);
        }
    })?;
    Ok(())
}

/// Whether the process was started with this signal ignored. Where that is not known, only the signals of a terminal
/// and of `kill` count as ends.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).map(str::trim);
    match mask.and_then(|mask| u64::from_str_radix(mask, 16).ok()) {
        Some(mask) => mask >> (signal - 1) & 1 == 1,
        None => signal == signal_hook::consts::SIGHUP,
    }
}

/// Elsewhere the announcement expires.
#[cfg(not(unix))]
fn at_signals(_: &Arc<Advertisement>) -> Result<(), Failure> {
    Ok(())
}
