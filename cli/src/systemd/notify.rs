//! sd_notify: a datagram of `KEY=VALUE` lines to the socket of NOTIFY_SOCKET.

use std::{
    env,
    ffi::OsStr,
    os::unix::net::{SocketAddr, UnixDatagram},
    time::Duration,
};

use crate::say::say;

/// Tells systemd about the state of this service.
#[derive(Debug, Default)]
pub struct Notifier {
    socket: Option<UnixDatagram>,
    watchdog: Option<Duration>,
}

impl Notifier {
    /// To the socket that the environment names, if it names one.
    pub fn from_environment() -> Self {
        let Some(address) = env::var_os("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else {
            return Self::default();
        };
        let connected = UnixDatagram::unbound().and_then(|socket| {
            socket.connect_addr(&self::address(&address)?)?;
            // A service manager that does not read stops no server.
            socket.set_nonblocking(true)?;
            Ok(socket)
        });
        match connected {
            Ok(socket) => {
                let number = |name| env::var(name).ok()?.parse::<u64>().ok();
                let watchdog = watchdog(number("WATCHDOG_USEC"), number("WATCHDOG_PID"));
                Self { socket: Some(socket), watchdog }
            }
            Err(error) => {
                say(format_args!("warning: NOTIFY_SOCKET {}: {error}", address.display()));
                Self::default()
            }
        }
    }

    /// The service serves, for the first time or after a reload.
    pub fn ready(&self, status: &str) {
        self.send(&format!("READY=1\nSTATUS={}", one_line(status)));
    }

    /// A reload begins. `Type=notify-reload` waits for the next [`Notifier::ready`].
    pub fn reloading(&self) {
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading", monotonic_microseconds()));
    }

    /// The service accepts nothing any more.
    pub fn stopping(&self, status: &str) {
        self.send(&format!("STOPPING=1\nSTATUS={}", one_line(status)));
    }

    /// The service is alive.
    pub fn alive(&self) {
        self.send("WATCHDOG=1");
    }

    /// How often systemd expects [`Notifier::alive`]: half of its time limit.
    pub fn watchdog(&self) -> Option<Duration> {
        self.watchdog
    }

    fn send(&self, state: &str) {
        // Nobody can be told that it failed.
        let _sent = self.socket.as_ref().map(|socket| socket.send(state.as_bytes()));
    }
}

/// A path, or with `@` in front a name in the abstract namespace.
fn address(text: &OsStr) -> std::io::Result<SocketAddr> {
    #[cfg(target_os = "linux")]
    {
        use std::os::{linux::net::SocketAddrExt as _, unix::ffi::OsStrExt as _};
        if let Some(name) = text.as_bytes().strip_prefix(b"@") {
            return SocketAddr::from_abstract_name(name);
        }
    }
    SocketAddr::from_pathname(text)
}

/// Half of the time limit of WATCHDOG_USEC, in microseconds, if it is for this process.
fn watchdog(limit: Option<u64>, process: Option<u64>) -> Option<Duration> {
    let is_ours = process.is_none_or(|process| process == u64::from(std::process::id()));
    let limit = limit.filter(|limit| *limit > 0 && is_ours)?;
    Some(Duration::from_micros(limit / 2).max(Duration::from_millis(1)))
}

/// The clock by which systemd orders reloads.
fn monotonic_microseconds() -> i64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.saturating_mul(1_000_000).saturating_add(now.tv_nsec / 1000)
}

/// Each line of a datagram is a variable of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_in_half_of_its_time_by_the_process_that_it_is_for() {
        let own = u64::from(std::process::id());
        let half = Some(Duration::from_secs(15));
        assert_eq!(watchdog(Some(30_000_000), None), half);
        assert_eq!(watchdog(Some(30_000_000), Some(own)), half);
        assert_eq!(watchdog(Some(30_000_000), Some(own + 1)), None);
        assert_eq!(watchdog(Some(0), None), None);
        assert_eq!(watchdog(None, Some(own)), None);
        // An interval of zero would not be one.
        assert_eq!(watchdog(Some(1), None), Some(Duration::from_millis(1)));
    }

    #[test]
    fn a_status_is_one_line() {
        assert_eq!(one_line("listening\nREADY=0\u{1b}"), "listening READY=0 ");
    }
}
