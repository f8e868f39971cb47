//! How many clients there may be at once: by the flags, and by the file descriptors of the process.

use handclasp_relay::Limits;

use crate::{args, say::say};

/// Descriptors that are not sockets of clients and services: standard streams, the runtime's, files that are read.
const OTHERS: usize = 32;

/// The limits of the flags, lowered to what the process may open. `title` names the table of a file.
pub fn limits(title: &str, flags: &args::Limits, sockets_per_client: usize) -> Limits {
    let mut limits = Limits::new(flags.max_connections, flags.max_handshakes, flags.max_per_address);
    let Some(descriptors) = handclasp_relay::raise_limit() else { return limits };
    let most = usize::try_from(descriptors).unwrap_or(usize::MAX).saturating_sub(OTHERS) / sockets_per_client;
    let most = most.max(1);
    if most < limits.connections {
        say(format_args!(
            "warning: {}this process may open {descriptors} files (ulimit -n, LimitNOFILE= of systemd): at most {most} \
             connections, not the {} of --max-connections",
            if title.is_empty() { String::new() } else { format!("[{title}] ") },
            limits.connections
        ));
        limits.connections = most;
    }
    limits
}
