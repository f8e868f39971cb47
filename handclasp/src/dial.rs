//! TCP connections within a deadline.
//!
//! Called by: `client`.

use std::{
    io::{Error, ErrorKind, Result},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Instant,
};

/// Connects to the first address that answers. Each gets its share of the time that is left, so
/// that one that is silent leaves some to those behind it.
pub(crate) fn dial(address: &str, end: Option<Instant>) -> Result<TcpStream> {
    let Some(end) = end else { return TcpStream::connect(address) };
    let addresses: Vec<SocketAddr> = address.to_socket_addrs()?.collect();
    let mut outcome = Err(Error::new(ErrorKind::InvalidInput, "the name has no address"));
    for (address, shares) in addresses.iter().zip((1..=addresses.len()).rev()) {
        let left = end.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(shares).unwrap_or(u32::MAX);
        if share.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        outcome = TcpStream::connect_timeout(address, share);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
