//! Accepting one client, also when the machine has no descriptor or memory for it.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

use crate::say::Repeated;

/// Pauses between attempts double from the first to the longest.
pub const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Accepts one client, whatever goes wrong before.
pub fn one(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    next(listener, &Repeated::default(), &mut thread::sleep)
}

/// Accepts the next client. After an error of the machine it calls `pause` and tries again.
pub fn next(
    listener: &TcpListener,
    failures: &Repeated,
    pause: &mut dyn FnMut(Duration),
) -> (TcpStream, SocketAddr) {
    let mut length = FIRST_PAUSE;
    loop {
        match listener.accept() {
            Ok(accepted) => return accepted,
            // A client that has gone already, or a signal: the next one is waiting.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => {}
            // No descriptor or memory. The error stays as long as its cause, also while nobody
            // waits to be accepted: without a pause this would be a busy loop.
            Err(error) => {
                failures.tell(|| format!("handclasp: accept: {error}; retrying"));
                pause(length);
                length = (length * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
