//! Both directions at once: a reading and a writing half of one TCP stream, for two threads.
//!
//! Neither half holds the connection while it blocks on the socket, so that a peer that
//! answers while we still write cannot bring both to a standstill.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use handclasp_connection::{Config, Connection};

use crate::{Error, Stream, stream::given};

/// What both halves share.
struct Shared {
    connection: Mutex<Connection>,
    /// Held while sealed bytes go to the socket, so that records keep their order.
    wire: Mutex<TcpStream>,
    config: Arc<Config>,
}

/// Reads. See [`Stream::split`].
pub struct ReadHalf {
    shared: Arc<Shared>,
    transport: TcpStream,
    chunk: Vec<u8>,
}

/// Writes. See [`Stream::split`].
#[derive(Clone)]
pub struct WriteHalf {
    shared: Arc<Shared>,
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
            wire: Mutex::new(self.transport),
            config: self.config,
        });
        let read = ReadHalf { shared: Arc::clone(&shared), transport, chunk: vec![0; 16 * 1024] };
        Ok((read, WriteHalf { shared }))
    }
}

impl Shared {
    /// Takes what waits out of the connection and sends it, in order, without holding the
    /// connection meanwhile.
    fn flush(&self) -> io::Result<()> {
        let mut wire = lock(&self.wire);
        loop {
            let waiting = {
                let mut connection = lock(&self.connection);
                let waiting = connection.transmit().to_vec();
                connection.transmitted(waiting.len());
                waiting
            };
            if waiting.is_empty() {
                return Ok(());
            }
            wire.write_all(&waiting)?;
        }
    }
}

impl Read for ReadHalf {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let (count, answers) = {
                let mut connection = lock(&self.shared.connection);
                given(&self.shared.config, |given| connection.proceed(given))
                    .map_err(|fault| Error::from_fault(fault, connection.report()))?;
                let available = connection.readable();
                let count = available.len().min(out.len());
                out[..count].copy_from_slice(&available[..count]);
                connection.consume(count);
                if count == 0 && connection.is_peer_closed() {
                    return Ok(0);
                }
                (count, !connection.transmit().is_empty())
            };
            // An answer to a KeyUpdate goes out with the writer's next record at the latest.
            if answers && self.shared.wire.try_lock().is_ok() {
                self.shared.flush()?;
            }
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            let count = self.transport.read(&mut self.chunk)?;
            let outcome = {
                let mut connection = lock(&self.shared.connection);
                let outcome = if count == 0 {
                    connection.end_of_input()
                } else {
                    given(&self.shared.config, |given| connection.receive(given, &self.chunk[..count]))
                };
                outcome.map_err(|fault| Error::from_fault(fault, connection.report()))
            };
            if let Err(error) = outcome {
                let _ = self.shared.flush();
                return Err(error.into());
            }
        }
    }
}

impl Write for WriteHalf {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let taken = {
            let mut connection = lock(&self.shared.connection);
            given(&self.shared.config, |given| connection.write(given, data))
                .map_err(|fault| Error::from_fault(fault, connection.report()))?
        };
        self.shared.flush()?;
        Ok(taken)
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
