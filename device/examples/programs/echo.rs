//! An echo server of a device: it sends back what it receives. The same source runs on a board (`firmware`)
//! and on a host (`host.rs`): it knows no socket, only a [`Transport`].

use handclasp_device::{Connection, FaultCode, Next, Random, Server, Transport};

/// One connection. A server that has memory for several polls one after another.
pub struct Echo<'s> {
    tls: Connection<'s>,
}

/// What the program around it does next.
#[derive(Debug)]
pub enum State {
    /// Poll the network, then this again.
    Busy,
    /// Wait for the network, then poll this again.
    Waiting,
    /// Both sides closed: close the socket.
    Closed,
    /// The alert was sent: close the socket, and write the report to a log.
    Failed(FaultCode),
}

impl<'s> Echo<'s> {
    /// For a client that has just connected.
    pub fn accept(server: &'s Server, random: &mut dyn Random) -> Result<Self, FaultCode> {
        server.accept(random).map(|tls| Self { tls })
    }

    /// Moves bytes, and does one step.
    pub fn poll(&mut self, transport: &mut impl Transport, random: &mut dyn Random) -> State {
        match self.tls.drive(transport, random) {
            Next::Work => State::Busy,
            Next::Transmit | Next::Receive => State::Waiting,
            Next::Read => self.echo(random),
            Next::PeerClosed => {
                self.tls.close();
                State::Busy
            }
            Next::Closed => State::Closed,
            Next::Failed(fault) => State::Failed(fault),
        }
    }

    /// Not part of [`Echo::poll`], so that handshakes run without the frame of its buffer.
    #[inline(never)]
    fn echo(&mut self, random: &mut dyn Random) -> State {
        let mut line = [0; 256];
        let count = self.tls.peek(&mut line);
        match self.tls.write(&line[..count], random) {
            // What the queue does not take stays readable.
            Ok(0) => State::Waiting,
            Ok(taken) => {
                self.tls.consume(taken);
                State::Busy
            }
            // The next polls send the alert, and then say why.
            Err(_) => State::Busy,
        }
    }

    /// Ends a handshake whose time is over; the next polls send the alert.
    #[allow(dead_code, reason = "not every program has a deadline")]
    pub fn time_out(&mut self) {
        self.tls.time_out();
    }

    /// The connection: its report, what was negotiated.
    pub fn tls(&self) -> &Connection<'s> {
        &self.tls
    }
}
