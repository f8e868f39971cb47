//! The socket of a client, shared between the thread that serves it and the gate, which may end it.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use handclasp::{Timeouts, Transport};

/// A socket that the gate can shut down. One descriptor, however many share it.
pub struct Guest {
    /// The socket.
    pub socket: Arc<TcpStream>,
    /// Set as soon as the client has sent a byte.
    pub has_spoken: Arc<AtomicBool>,
}

impl Read for Guest {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = (&*self.socket).read(out);
        if read.as_ref().is_ok_and(|count| *count > 0) {
            self.has_spoken.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl Write for Guest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.socket).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.socket).flush()
    }
}

impl Transport for Guest {
    fn timeouts(&self) -> io::Result<Timeouts> {
        self.socket.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
        self.socket.set_read_timeout(timeouts.read)?;
        self.socket.set_write_timeout(timeouts.write)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.socket.shutdown(Shutdown::Write)
    }
}
