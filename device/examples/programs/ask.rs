//! A client of a device: it sends a line, waits for the line that comes back, and closes. Like the server in
//! `echo.rs` it knows no socket, only a [`Transport`].

use handclasp_device::{Client, Connection, FaultCode, Next, Random, Transport};

/// One connection.
pub struct Ask<'c> {
    tls: Connection<'c>,
    line: &'static [u8],
    sent: usize,
    answer: [u8; 64],
    answered: usize,
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

impl<'c> Ask<'c> {
    /// For a socket that has just connected to the server of that name.
    pub fn connect(
        client: &'c Client,
        name: &str,
        line: &'static [u8],
        random: &mut dyn Random,
    ) -> Result<Self, FaultCode> {
        let tls = client.connect(name, random)?;
        Ok(Self { tls, line, sent: 0, answer: [0; 64], answered: 0 })
    }

    /// Moves bytes, and does one step.
    pub fn poll(&mut self, transport: &mut impl Transport, random: &mut dyn Random) -> State {
        if self.tls.may_write() && self.sent < self.line.len() {
            // An error is not the end: the next polls send the alert, and then say why.
            self.sent += self.tls.write(&self.line[self.sent..], random).unwrap_or(0);
        }
        match self.tls.drive(transport, random) {
            Next::Work => State::Busy,
            Next::Transmit | Next::Receive => State::Waiting,
            Next::Read => {
                self.answered += self.tls.peek(&mut self.answer[self.answered..]);
                self.tls.consume(self.tls.readable().len());
                if self.answered >= self.line.len() {
                    self.tls.close();
                }
                State::Busy
            }
            Next::PeerClosed => {
                self.tls.close();
                State::Busy
            }
            Next::Closed => State::Closed,
            Next::Failed(fault) => State::Failed(fault),
        }
    }

    /// What came back so far.
    pub fn answer(&self) -> &[u8] {
        &self.answer[..self.answered]
    }
}
