//! A TLS connection as a stream that waits: for programs with one connection, and for crates that read and
//! write by `embedded-io-async`. While it waits, the network is polled.

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use handclasp_device::{Connection, Next};
use smoltcp::iface::SocketHandle;

use crate::{
    board::{clock, serial},
    meter::Meter,
    network::Network,
    numbers::DemoRandom,
    settings::{self, Tag},
    tls,
};

/// A connection, its socket, and what they need.
pub struct TlsStream<'c> {
    network: &'c mut Network,
    socket: SocketHandle,
    connection: Connection<'c>,
    random: &'c mut DemoRandom,
    meter: Meter,
    begun: u32,
}

/// The connection failed, or took too long; the serial line says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamError;

impl core::fmt::Display for StreamError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the TLS connection failed")
    }
}

impl core::error::Error for StreamError {}

impl embedded_io_async::Error for StreamError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl<'c> TlsStream<'c> {
    /// Over a socket that is being opened.
    pub fn new(
        network: &'c mut Network,
        socket: SocketHandle,
        connection: Connection<'c>,
        random: &'c mut DemoRandom,
    ) -> Self {
        let begun = clock::milliseconds();
        Self { network, socket, connection, random, meter: Meter::default(), begun }
    }

    /// Makes the handshake, and prints what it took.
    ///
    /// # Errors
    /// Why it failed is on the serial line.
    pub fn handshake(&mut self) -> Result<(), StreamError> {
        while !self.connection.may_write() {
            self.step()?;
        }
        let resumed = self.connection.connected().is_some_and(|connected| connected.resumed);
        serial::line(if resumed { "resumed" } else { "connected" }, &[]);
        self.meter.print();
        Ok(())
    }

    /// Sends close_notify, and ends the TCP connection.
    pub fn close(mut self) {
        self.connection.close();
        while !self.connection.transmit().is_empty() && self.step().is_ok() {}
        self.network.close(self.socket);
    }

    /// Polls the network and does one step; waits if there is nothing to do. Returns whether the peer has
    /// closed.
    fn step(&mut self) -> Result<bool, StreamError> {
        let polled = self.network.poll();
        let socket = self.network.socket(self.socket);
        match tls::drive(&mut self.connection, socket, self.random, &mut self.meter) {
            Next::Work | Next::Read => {}
            Next::Receive | Next::Transmit if polled => {}
            Next::Receive | Next::Transmit => self.network.wait(),
            Next::PeerClosed | Next::Closed => return Ok(true),
            Next::Failed(_) => {
                serial::line("failed", &[]);
                let _ = self.connection.write_report(&mut serial::Serial);
                self.network.close(self.socket);
                return Err(StreamError);
            }
        }
        if clock::since(self.begun) > settings::number(Tag::Deadline, 10_000) {
            if self.connection.may_write() {
                serial::line("no answer", &[]);
                return Err(StreamError);
            }
            self.connection.time_out();
        }
        Ok(false)
    }
}

impl ErrorType for TlsStream<'_> {
    type Error = StreamError;
}

impl Read for TlsStream<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, StreamError> {
        loop {
            let count = self.connection.peek(buffer);
            if count > 0 || buffer.is_empty() {
                self.connection.consume(count);
                return Ok(count);
            }
            if self.step()? {
                return Ok(0);
            }
        }
    }
}

impl Write for TlsStream<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, StreamError> {
        loop {
            match self.connection.write(bytes, self.random) {
                Ok(0) if !bytes.is_empty() => _ = self.step()?,
                Ok(count) => return Ok(count),
                Err(_) => return Err(StreamError),
            }
        }
    }

    async fn flush(&mut self) -> Result<(), StreamError> {
        while !self.connection.transmit().is_empty() {
            self.step()?;
        }
        Ok(())
    }
}
