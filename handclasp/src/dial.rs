//! TCP connections within a deadline.

use std::{
    io::{Error as IoError, ErrorKind},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Instant,
};

use crate::Error;

/// Connects to the first address that answers. Each gets its share of the time that is left, so
/// that one that is silent leaves some to those behind it.
pub(crate) fn dial(address: &str, end: Option<Instant>) -> Result<TcpStream, Error> {
    let lookup = |error| Error::no_connection(address, error, false);
    let addresses: Vec<SocketAddr> = address.to_socket_addrs().map_err(lookup)?.collect();
    let mut failed = None;
    for (one, shares) in addresses.iter().zip((1..=addresses.len()).rev()) {
        match connect(*one, end, shares) {
            Ok(transport) => return Ok(transport),
            Err(error) => failed = Some((one, error)),
        }
    }
    Err(match failed {
        None => lookup(IoError::new(ErrorKind::NotFound, "the name has no address")),
        Some((one, error)) => {
            // Which of its addresses, where a name was given.
            let tried = one.to_string();
            let shown = if tried == address { tried } else { format!("{address} ({tried})") };
            Error::no_connection(&shown, error, true)
        }
    })
}

fn connect(address: SocketAddr, end: Option<Instant>, shares: usize) -> Result<TcpStream, IoError> {
    let Some(end) = end else { return TcpStream::connect(address) };
    let left = end.saturating_duration_since(Instant::now());
    let share = left / u32::try_from(shares).unwrap_or(u32::MAX);
    if share.is_zero() {
        return Err(ErrorKind::TimedOut.into());
    }
    TcpStream::connect_timeout(&address, share)
}
