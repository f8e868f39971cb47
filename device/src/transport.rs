//! Byte streams of network stacks.

use crate::{Connection, Next, Random};

/// A byte stream that does not block: a TCP socket of smoltcp, embassy-net or lwIP, a serial line.
pub trait Transport {
    /// Takes bytes to send. Returns how many it took, 0 if its buffer is full, `None` if it is closed
    /// and will never take any.
    fn send(&mut self, bytes: &[u8]) -> Option<usize>;

    /// Writes received bytes into `space`, which is never empty.
    fn receive(&mut self, space: &mut [u8]) -> Received;
}

/// What a transport has received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// So many bytes, at least one, are in the space.
    Bytes(usize),
    /// Nothing yet.
    Nothing,
    /// The peer closed the transport, or it broke: no byte will come.
    End,
}

impl Connection<'_> {
    /// Moves bytes from and to the transport, then does a [`Connection::step`]. [`Next::Transmit`] and
    /// [`Next::Receive`] then mean that the transport has no room, or nothing came: poll the network.
    ///
    /// Output for a transport that is closed is dropped, so that a connection whose peer is gone ends.
    pub fn drive(&mut self, transport: &mut impl Transport, random: &mut dyn Random) -> Next {
        if !self.transmit().is_empty() {
            let waiting = self.transmit().len();
            let taken = transport.send(self.transmit()).unwrap_or(waiting);
            self.transmitted(taken);
        }
        if self.wants_input() {
            match transport.receive(self.receive_space()) {
                Received::Bytes(count) => self.received(count),
                Received::Nothing => {}
                Received::End => self.end_of_input(),
            }
        }
        self.step(random)
    }
}
