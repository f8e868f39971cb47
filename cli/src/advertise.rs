//! `serve --advertise`: the server on the local network, until it ends.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use handclasp::Pin;
use handclasp_discovery::{Advertisement, DiscoveryError, PINS_MAX, ServiceName};
use handclasp_relay::Address;

use crate::{exit::Failure, say::say};

/// How long an announcement takes on a machine with a network: a name is probed for a second, another one if it is
/// taken, and new interfaces are noticed every five seconds.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long a machine may take to get a network.
const LONGER: Duration = Duration::from_secs(24 * 60 * 60);

/// `--advertise`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    pub name: ServiceName,
    pub pins: Vec<Pin>,
    pub is_quiet: bool,
}

/// Withdraws the announcement when it is dropped, also if other threads still hold it.
pub struct Advertised(Arc<Advertisement>);

/// Announces the server that listens on this address.
pub fn start(what: &Announcement, address: &Address) -> Result<Advertised, Failure> {
    let Announcement { name, pins, is_quiet } = what;
    let made = Advertisement::start(name, tcp_address(address)?, pins).map_err(|error| match error {
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
    let (announced, name, is_quiet) = (Arc::clone(&made), name.clone(), *is_quiet);
    thread::Builder::new().spawn(move || tell(&announced, &name, is_quiet))?;
    Ok(Advertised(made))
}

/// As [`start`], in a program that a signal ends: it withdraws the announcement first.
pub fn until_signal(what: &Announcement, address: &Address) -> Result<Advertised, Failure> {
    let advertised = start(what, address)?;
    at_signals(&advertised.0)?;
    Ok(advertised)
}

/// The address for an announcement.
fn tcp_address(address: &Address) -> Result<SocketAddr, Failure> {
    let wrong = |_| Failure::usage(format!("--advertise needs a TCP address to listen on, found {address}"));
    address.to_string().parse().map_err(wrong)
}

impl Drop for Advertised {
    fn drop(&mut self) {
        self.0.withdraw();
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
