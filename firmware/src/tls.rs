//! A TLS connection over a TCP socket, one step at a time, so that the network is polled in between.

use handclasp_connection::{Config, Connection, Context};
use handclasp_report::Fault;
use smoltcp::socket::tcp;

use crate::{board::clock, meter::Meter, numbers::DemoRandom};

/// What the steps of all connections share.
pub struct Shared<'c> {
    /// The configuration.
    pub config: &'c Config,
    /// The source of random numbers.
    pub random: DemoRandom,
    /// What the steps take.
    pub meter: Meter,
}

impl Shared<'_> {
    /// Runs a call of the TLS stack. This device has no clock: the time is 0.
    pub fn run<R>(&mut self, call: impl FnOnce(&mut Context<'_>) -> R) -> R {
        let mut context = Context { config: self.config, now: 0, random: &mut self.random };
        self.meter.run(|| call(&mut context))
    }
}

/// Milliseconds since a start.
pub fn since(start: u32) -> u32 {
    clock::milliseconds().wrapping_sub(start)
}

/// Moves bytes between socket and connection, at most once in each direction; whether any moved.
///
/// # Errors
/// The fault that ended the connection. Its alert is sent by further steps.
pub fn step(
    connection: &mut Connection,
    socket: &mut tcp::Socket<'_>,
    shared: &mut Shared<'_>,
) -> Result<bool, Fault> {
    let mut moved = false;
    if connection.may().transmit && socket.can_send() {
        let sent = socket.send_slice(connection.transmit()).unwrap_or_default();
        connection.transmitted(sent);
        moved = true;
    }
    if connection.may().receive {
        if socket.can_recv() {
            let count = socket.recv_slice(connection.receive_space()).unwrap_or_default();
            shared.run(|context| connection.received(context, count))?;
            moved = true;
        } else if has_ended(socket) {
            connection.end_of_input()?;
        }
    }
    Ok(moved)
}

/// Whether the peer has ended the TCP connection, or it could not be opened.
pub fn has_ended(socket: &tcp::Socket<'_>) -> bool {
    use tcp::State::{Established, FinWait1, FinWait2, SynReceived, SynSent};
    !socket.can_recv() && !matches!(socket.state(), SynSent | SynReceived | Established | FinWait1 | FinWait2)
}
