//! How many clients there may be at once: by the flags, and by the file descriptors of the process.

use std::sync::{Mutex, PoisonError};

use handclasp_relay::Limits;

use crate::{args, say::say_of_process};

/// Descriptors that are not sockets of clients and services: standard streams, the runtime's, files that are read.
const OTHERS: usize = 32;

/// Warnings that were said: services of one file have the same, and so has each reload.
static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The limits of the flags, lowered to what the process may open.
pub fn limits(flags: &args::Limits, sockets_per_client: usize) -> Limits {
    let mut limits = Limits::new(flags.max_connections, flags.max_handshakes, flags.max_per_address);
    let Some(descriptors) = handclasp_relay::raise_limit() else { return limits };
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(OTHERS) / sockets_per_client;
    let most = most.max(1);
    if most < limits.connections {
        say_once(format!(
            "warning: this process may open {descriptors} files (ulimit -n, LimitNOFILE= of systemd): at most {most} \
             connections, not the {} of --max-connections",
            limits.connections
        ));
        limits.connections = most;
    }
    limits
}

fn say_once(warning: String) {
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.contains(&warning) {
        say_of_process(&warning);
        said.push(warning);
    }
}
