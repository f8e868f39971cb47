//! The end of a refused connection: the alert within a time limit, then what the peer still sends.

use std::{
    io::{self, Read, Write},
    time::Instant,
};

use crate::transport::{Timeouts, Timers};

/// Reads what the refused peer still sends, until it closes or `end` has passed: a socket that is closed
/// with input unread resets the connection, and then the peer may never see the alert.
pub(crate) fn drain<S: Read>(transport: &mut S, timers: Timers<S>, end: Instant) {
    let mut dropped = [0; 4096];
    loop {
        let left = Timeouts::from(end.saturating_duration_since(Instant::now()));
        let is_over = left.read.is_none_or(|left| left.is_zero());
        if is_over || timers.set_timeouts(transport, left).is_err() {
            return;
        }
        // Without a timeout a silent peer would hold this thread for ever.
        if !timers.timeouts(transport).is_ok_and(|set| set.read.is_some()) {
            return;
        }
        match transport.read(&mut dropped) {
            Ok(1..) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// Writes all of `bytes` before `end` has passed.
pub(crate) fn send_within<S: Write>(
    transport: &mut S,
    timers: Timers<S>,
    mut bytes: &[u8],
    end: Instant,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        timers.set_timeouts(transport, left.into())?;
        match transport.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => bytes = bytes.get(sent..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    transport.flush()
}
