//! Both directions at once: the reading and the writing half of one TCP stream, for two threads.
//!
//! Neither half holds the connection while it blocks on the socket, so that a peer that
//! answers while we still write cannot bring both to a standstill.

use std::{
    fmt,
    io::{self, IoSlice, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    Connection, Error, Report, Stream,
    stream::{ALERT_DEADLINE, LINGER, is_reset},
};

/// Time limit for what the reader sends; the shortest timeout that sockets know.
const MOMENT: Duration = Duration::from_millis(1);

/// The state that both halves share.
struct Shared {
    connection: Mutex<Connection>,
    /// Held while sealed bytes go to the socket, so that records keep their order.
    wire: Mutex<Wire>,
}

/// The socket, and the output that was taken out of the connection and not yet written.
struct Wire {
    transport: TcpStream,
    left: Vec<u8>,
}

/// The reading half of a stream: see [`Stream::split`].
pub struct ReadHalf {
    shared: Arc<Shared>,
    transport: TcpStream,
    chunk: Vec<u8>,
    truncation: Option<Truncation>,
}

/// How the transport ended without close_notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Truncation {
    /// At the end of a record. Whether more was to come, only the application can know.
    BetweenRecords,
    /// Inside a record or a handshake message: something is missing.
    InsideRecord,
    /// By a reset. Data that the peer had sent may be missing.
    Reset,
}

/// The writing half of a stream: see [`Stream::split`]. Clones write to the same connection.
#[derive(Clone)]
pub struct WriteHalf {
    shared: Arc<Shared>,
}

/// Nothing of the keys.
impl fmt::Debug for ReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadHalf")
    }
}

/// Nothing of the keys.
impl fmt::Debug for WriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteHalf")
    }
}

/// No panic can leave the state behind either lock half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream<TcpStream> {
    /// Splits into halves for two threads. Neither waits for the other.
    ///
    /// ```
    /// use std::{io::{Read, Write}, net::{TcpListener, TcpStream}, thread};
    /// # use handclasp::{Client, Psk, PskUse, Server, Trust};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]);
    /// # let (client, server) = (Client::new(Trust::Psk(psk()?)), Server::new(psk()?));
    /// # let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let near = TcpStream::connect(listener.local_addr()?)?;
    /// # let (far, _) = listener.accept()?;
    /// # let echo = thread::spawn(move || {
    /// #     let mut stream = server.accept(far)?;
    /// #     let mut data = [0; 5];
    /// #     stream.read_exact(&mut data)?;
    /// #     stream.write_all(&data)?;
    /// #     stream.close()
    /// # });
    /// let (mut reader, mut writer) = client.connect_over(near, None)?.split()?;
    /// let writing = thread::spawn(move || writer.write_all(b"hello").and_then(|()| writer.close()));
    /// let mut answer = String::new();
    /// reader.read_to_string(&mut answer)?;
    /// assert_eq!(answer, "hello");
    /// # writing.join().expect("ends")?;
    /// # echo.join().expect("ends")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The operating system cannot duplicate the socket.
    pub fn split(self) -> io::Result<(ReadHalf, WriteHalf)> {
        let transport = self.transport.try_clone()?;
        let shared = Arc::new(Shared {
            connection: Mutex::new(self.connection),
            wire: Mutex::new(Wire { transport: self.transport, left: Vec::new() }),
        });
        let chunk = vec![0; 16 * 1024];
        let read = ReadHalf { shared: Arc::clone(&shared), transport, chunk, truncation: None };
        Ok((read, WriteHalf { shared }))
    }
}

impl Shared {
    /// Takes the output out of the connection and sends it, in order, without holding the
    /// connection while it writes.
    fn flush(&self) -> io::Result<()> {
        loop {
            self.send(&mut lock(&self.wire), None)?;
            // What the reader queued while this thread held the socket.
            if lock(&self.connection).transmit().is_empty() {
                return Ok(());
            }
        }
    }

    /// Sends alerts and answers of the reader's. A writer that holds the wire sends them itself, and
    /// what the socket does not take at once waits for one: reading never waits for the peer to read.
    fn flush_in_passing(&self) {
        if lock(&self.connection).transmit().is_empty() {
            return;
        }
        if let Ok(mut wire) = self.wire.try_lock() {
            self.send_within(&mut wire, MOMENT);
        }
    }

    /// Sends what waits, within a time limit for all of it, then restores the socket's timeout.
    fn send_within(&self, wire: &mut Wire, limit: Duration) {
        let Ok(before) = wire.transport.write_timeout() else { return };
        let _ = self.send(wire, Some(Instant::now() + limit));
        let _ = wire.transport.set_write_timeout(before);
    }

    /// Takes plaintext that came; `None` where more input is needed.
    fn take(&self, out: &mut [u8]) -> Result<Option<usize>, Error> {
        let mut connection = lock(&self.connection);
        connection.proceed()?;
        let available = connection.readable();
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        connection.engine.consume(count);
        let is_over = count > 0 || out.is_empty() || connection.is_peer_closed();
        Ok(is_over.then_some(count))
    }

    /// Moves what waits in the connection to the socket, until nothing waits or `end` has passed. With
    /// an end the socket's timeout is set before each write, so that a peer that reads slowly gains no
    /// time.
    fn send(&self, wire: &mut Wire, end: Option<Instant>) -> io::Result<()> {
        loop {
            while !wire.left.is_empty() {
                if let Some(end) = end {
                    let left = end.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    wire.transport.set_write_timeout(Some(left))?;
                }
                match wire.transport.write(&wire.left) {
                    Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                    Ok(sent) => drop(wire.left.drain(..sent)),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            let mut connection = lock(&self.connection);
            wire.left.extend_from_slice(connection.transmit());
            connection.transmitted(wire.left.len());
            if wire.left.is_empty() {
                // Behind a fatal alert nothing follows, and the peer sees that at once.
                if connection.fault().is_some() {
                    let _ = wire.transport.shutdown(Shutdown::Write);
                }
                return Ok(());
            }
        }
    }

    /// Whether an alert waits that the peer has not got.
    fn has_alert(&self) -> bool {
        let connection = lock(&self.connection);
        connection.fault().is_some_and(|fault| fault.alert().is_some()) && !connection.transmit().is_empty()
    }

    /// Sends a fatal alert, unless a writer holds the wire, which then sends it; and reads what the
    /// peer still says for a moment: a socket that is closed with input unread resets the
    /// connection, and then the peer may never see the alert.
    fn end_with_alert(&self, reader: &mut TcpStream) {
        if let Ok(mut wire) = self.wire.try_lock() {
            self.send_within(&mut wire, ALERT_DEADLINE);
        }
        let Ok(before) = reader.read_timeout() else { return };
        let end = Instant::now() + LINGER;
        let mut dropped = [0; 4096];
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || reader.set_read_timeout(Some(left)).is_err() {
                break;
            }
            match reader.read(&mut dropped) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => break,
            }
        }
        let _ = reader.set_read_timeout(before);
    }
}

impl ReadHalf {
    /// How the transport ended, after [`Read::read`] has failed because it ended without
    /// close_notify.
    pub fn truncation(&self) -> Option<Truncation> {
        self.truncation
    }
}

impl Read for ReadHalf {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let taken = self.shared.take(out);
            if taken.is_err() && self.shared.has_alert() {
                self.shared.end_with_alert(&mut self.transport);
            }
            self.shared.flush_in_passing();
            if let Some(count) = taken? {
                return Ok(count);
            }
            let (count, was_reset) = match self.transport.read(&mut self.chunk) {
                // A reset is an end without close_notify, and the fault says so.
                Err(error) if is_reset(&error) => (0, true),
                other => (other?, false),
            };
            let mut connection = lock(&self.shared.connection);
            let _returned_when_taking = match self.chunk.get(..count) {
                None | Some([]) => {
                    self.truncation = Some(match (was_reset, connection.is_inside_record()) {
                        (true, _) => Truncation::Reset,
                        (false, true) => Truncation::InsideRecord,
                        (false, false) => Truncation::BetweenRecords,
                    });
                    connection.end_of_input()
                }
                Some(came) => connection.receive(came),
            };
        }
    }
}

impl WriteHalf {
    fn write_with(
        &self,
        is_empty: bool,
        write: impl Fn(&mut Connection) -> Result<usize, Error>,
    ) -> io::Result<usize> {
        loop {
            self.shared.flush()?;
            let taken = write(&mut lock(&self.shared.connection))?;
            // Where other writers have filled the queue meanwhile, this one tries again.
            match self.shared.flush() {
                Err(error) if taken == 0 => return Err(error),
                _ if taken > 0 || is_empty => return Ok(taken),
                _ => {}
            }
        }
    }
}

impl Write for WriteHalf {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.write_with(data.is_empty(), |connection| connection.write(data))
    }

    /// The slices fill records together.
    fn write_vectored(&mut self, data: &[IoSlice<'_>]) -> io::Result<usize> {
        let is_empty = data.iter().all(|slice| slice.is_empty());
        self.write_with(is_empty, |connection| connection.write_vectored(data))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shared.flush()
    }
}

impl WriteHalf {
    /// Sends close_notify: this side sends no more data. Reading may go on.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn close(&mut self) -> io::Result<()> {
        lock(&self.shared.connection).close();
        self.shared.flush()
    }

    /// The report so far.
    pub fn report(&self) -> Report {
        lock(&self.shared.connection).report().clone()
    }
}

#[cfg(test)]
mod tests;
