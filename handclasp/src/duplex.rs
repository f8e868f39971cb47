//! Both directions at once: a reading and a writing half of one TCP stream, for two threads.
//!
//! Neither half holds the connection while it blocks on the socket, so that a peer that
//! answers while we still write cannot bring both to a standstill.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use handclasp_connection::{Config, Connection};

use crate::{
    Error, Stream,
    sessions::Keeper,
    stream::{ALERT_DEADLINE, LINGER, is_reset, with_context},
};

/// How long the reader tries to send; the shortest time that sockets know.
const MOMENT: Duration = Duration::from_millis(1);

/// What both halves share.
struct Shared {
    connection: Mutex<Connection>,
    /// Held while sealed bytes go to the socket, so that records keep their order.
    wire: Mutex<Wire>,
    config: Arc<Config>,
}

/// The socket, and what it has not taken yet of what was taken out of the connection.
struct Wire {
    transport: TcpStream,
    left: Vec<u8>,
}

/// Reads. See [`Stream::split`].
pub struct ReadHalf {
    shared: Arc<Shared>,
    transport: TcpStream,
    chunk: Vec<u8>,
    keeper: Option<Keeper>,
    truncation: Option<Truncation>,
}

/// How the transport ended without close_notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// At the end of a record. Whether more was to come, only the application can know.
    BetweenRecords,
    /// Inside a record or a handshake message: something is missing.
    InsideRecord,
    /// By a reset. Data that the peer had sent may be missing.
    Reset,
}

/// Writes. See [`Stream::split`].
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

/// Neither lock guards a state that a panic elsewhere could leave half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream<TcpStream> {
    /// Splits into halves for two threads.
    ///
    /// # Errors
    /// The operating system cannot duplicate the socket.
    pub fn split(self) -> io::Result<(ReadHalf, WriteHalf)> {
        let transport = self.transport.try_clone()?;
        let shared = Arc::new(Shared {
            connection: Mutex::new(self.connection),
            wire: Mutex::new(Wire { transport: self.transport, left: Vec::new() }),
            config: self.config,
        });
        let (chunk, keeper) = (vec![0; 16 * 1024], self.keeper);
        let read = ReadHalf { shared: Arc::clone(&shared), transport, chunk, keeper, truncation: None };
        Ok((read, WriteHalf { shared }))
    }
}

impl Shared {
    /// Takes what waits out of the connection and sends it, in order, without holding the
    /// connection meanwhile.
    fn flush(&self) -> io::Result<()> {
        loop {
            self.flush_by(&mut lock(&self.wire))?;
            // What the reader left to us while we held the wire.
            if lock(&self.connection).transmit().is_empty() {
                return Ok(());
            }
        }
    }

    /// Sends what the reader's side has to say: alerts, answers. A writer that holds the wire
    /// does it itself, and what the socket does not take at once waits for one: reading never
    /// waits for the peer to read.
    fn flush_in_passing(&self) {
        if lock(&self.connection).transmit().is_empty() {
            return;
        }
        let Ok(mut wire) = self.wire.try_lock() else { return };
        let Ok(before) = wire.transport.write_timeout() else { return };
        if wire.transport.set_write_timeout(Some(MOMENT)).is_ok() {
            let _ = self.flush_by(&mut wire);
            let _ = wire.transport.set_write_timeout(before);
        }
    }

    /// Takes plaintext that came; nothing where more of the wire is needed.
    fn take(&self, out: &mut [u8], keeper: Option<&mut Keeper>) -> Result<Option<usize>, Error> {
        let mut connection = lock(&self.connection);
        with_context(&self.config, |context| connection.proceed(context))
            .map_err(|fault| Error::from_fault(fault, connection.report()))?;
        if let Some(keeper) = keeper {
            keeper.keep(&mut connection);
        }
        let available = connection.readable();
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        connection.consume(count);
        let is_over = count > 0 || out.is_empty() || connection.is_peer_closed();
        Ok(is_over.then_some(count))
    }

    fn flush_by(&self, wire: &mut Wire) -> io::Result<()> {
        loop {
            while !wire.left.is_empty() {
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
        if let Ok(mut wire) = self.wire.try_lock()
            && let Ok(before) = wire.transport.write_timeout()
            && wire.transport.set_write_timeout(Some(ALERT_DEADLINE)).is_ok()
        {
            let _ = self.flush_by(&mut wire);
            let _ = wire.transport.set_write_timeout(before);
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
            let taken = self.shared.take(out, self.keeper.as_mut());
            if taken.is_err() && self.shared.has_alert() {
                self.shared.end_with_alert(&mut self.transport);
            }
            self.shared.flush_in_passing();
            if let Some(count) = taken? {
                return Ok(count);
            }
            let (count, was_reset) = match self.transport.read(&mut self.chunk) {
                // A reset is an end without close_notify: told with its story.
                Err(error) if is_reset(&error) => (0, true),
                other => (other?, false),
            };
            let mut connection = lock(&self.shared.connection);
            let _told_when_taking = match self.chunk.get(..count) {
                None | Some([]) => {
                    self.truncation = Some(match (was_reset, connection.is_inside_record()) {
                        (true, _) => Truncation::Reset,
                        (false, true) => Truncation::InsideRecord,
                        (false, false) => Truncation::BetweenRecords,
                    });
                    connection.end_of_input()
                }
                Some(came) => with_context(&self.shared.config, |context| connection.receive(context, came)),
            };
        }
    }
}

impl Write for WriteHalf {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        loop {
            self.shared.flush()?;
            let taken = {
                let mut connection = lock(&self.shared.connection);
                with_context(&self.shared.config, |context| connection.write(context, data))
                    .map_err(|fault| Error::from_fault(fault, connection.report()))?
            };
            // Other writers may have filled the queue meanwhile: that is no end.
            match self.shared.flush() {
                Err(error) if taken == 0 => return Err(error),
                _ if taken > 0 || data.is_empty() => return Ok(taken),
                _ => {}
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shared.flush()
    }
}

impl WriteHalf {
    /// Tells the peer that we send nothing more; reading may go on.
    ///
    /// # Errors
    /// Those of the transport.
    pub fn close(&mut self) -> io::Result<()> {
        lock(&self.shared.connection).close();
        self.shared.flush()
    }

    /// The story so far.
    pub fn report(&self) -> handclasp_report::Report {
        lock(&self.shared.connection).report().clone()
    }
}
