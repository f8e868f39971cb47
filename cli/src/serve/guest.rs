//! The socket of a client, shared between the thread that serves it and the gate, which may end it.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    sync::Arc,
};

use handclasp::{Timeouts, Transport};

/// A socket that the gate can shut down. One descriptor, however many share it.
pub struct Guest(pub Arc<TcpStream>);

impl Read for Guest {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(out)
    }
}

impl Write for Guest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.0).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
    }
}

impl Transport for Guest {
    fn timeouts(&self) -> io::Result<Timeouts> {
        self.0.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
        self.0.set_read_timeout(timeouts.read)?;
        self.0.set_write_timeout(timeouts.write)
    }

    fn shutdown_write(&mut self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)
    }
}
