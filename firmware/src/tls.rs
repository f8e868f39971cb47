//! A TCP socket of smoltcp as the transport of a TLS connection.

use handclasp_device::{Connection, Next, Random, Received, Transport};
use smoltcp::socket::tcp::{self, State};

use crate::meter::Meter;

/// A socket.
pub struct Socket<'s>(pub &'s mut tcp::Socket<'static>);

impl Transport for Socket<'_> {
    fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        #[cfg(feature = "fault-injection")]
        let bytes = crate::faults::piece(bytes, self.0);
        match self.0.send_slice(bytes) {
            Ok(count) => Some(count),
            Err(_) if is_opening(self.0) => Some(0),
            Err(_) => None,
        }
    }

    fn receive(&mut self, space: &mut [u8]) -> Received {
        match self.0.recv_slice(space) {
            Ok(0) => Received::Nothing,
            Ok(count) => Received::Bytes(count),
            Err(_) if is_opening(self.0) => Received::Nothing,
            Err(_) => Received::End,
        }
    }
}

fn is_opening(socket: &tcp::Socket<'_>) -> bool {
    matches!(socket.state(), State::SynSent | State::SynReceived)
}

/// Does a step of a connection, and counts it unless it only waited.
pub fn drive(
    connection: &mut Connection<'_>,
    socket: &mut tcp::Socket<'static>,
    random: &mut dyn Random,
    meter: &mut Meter,
) -> Next {
    meter.run(
        || connection.drive(&mut Socket(socket), random),
        |next| !matches!(next, Next::Receive | Next::Transmit),
    )
}
