//! A proxy between a board and a peer that fails: it ends a connection, or falls silent, after some bytes.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;

use anyhow::Result;

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Whole,
    /// Both sides see its end after that many bytes from the server.
    EndsAfter(usize),
    /// Neither side hears of the other after that many bytes from the server.
    SilentAfter(usize),
}

/// A proxy that runs until the program ends.
pub struct Proxy {
    port: u16,
}

impl Proxy {
    /// Starts a proxy to a port of this host. `fate` is asked with the number of the connection, from 0. A new
    /// connection ends the one before: the servers here take one at a time.
    pub fn start(server: u16, fate: impl Fn(usize) -> Fate + Send + 'static) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            let mut before: Vec<TcpStream> = Vec::new();
            for (number, client) in listener.incoming().flatten().enumerate() {
                for stream in before.drain(..) {
                    // It may have ended by itself.
                    let _ = stream.shutdown(Shutdown::Both);
                }
                if let Ok(streams) = join(client, server, fate(number), |_| ()) {
                    before.extend(streams);
                }
            }
        });
        Ok(Self { port })
    }

    /// Starts a proxy whose clients hear of the server together: the first bytes of the server wait until
    /// there are some for each of `count` connections.
    pub fn start_together(server: u16, count: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        thread::spawn(move || {
            let together = Arc::new(Barrier::new(count));
            for client in listener.incoming().flatten().take(count) {
                let together = Arc::clone(&together);
                // A failure shows: its client does not connect.
                let _ = join(client, server, Fate::Whole, move |server| {
                    // A connection that the server refused does not release the other one.
                    if matches!(server.peek(&mut [0]), Ok(1..)) {
                        together.wait();
                    }
                });
            }
        });
        Ok(Self { port })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Copies in both directions, from the server once `ready` has returned; the two streams.
fn join(
    client: TcpStream,
    server: u16,
    fate: Fate,
    ready: impl FnOnce(&TcpStream) + Send + 'static,
) -> Result<[TcpStream; 2]> {
    let server = TcpStream::connect(("127.0.0.1", server))?;
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let silent = Arc::new(Mutex::new(false));
    let (from, to, is_silent) = (client.try_clone()?, server.try_clone()?, Arc::clone(&silent));
    thread::spawn(move || copy(from, to, Fate::Whole, &is_silent));
    let (from, to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        ready(&from);
        copy(from, to, fate, &silent);
    });
    Ok([client, server])
}

fn copy(mut from: TcpStream, mut to: TcpStream, fate: Fate, silent: &Mutex<bool>) {
    let mut left = match fate {
        Fate::Whole => usize::MAX,
        Fate::EndsAfter(bytes) | Fate::SilentAfter(bytes) => bytes,
    };
    let mut buffer = [0; 4096];
    while left > 0 {
        let Ok(count @ 1..) = from.read(&mut buffer) else { break };
        let passed = count.min(left);
        left -= passed;
        let is_silent = *silent.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_silent && to.write_all(&buffer[..passed]).is_err() {
            break;
        }
    }
    if left == 0 && matches!(fate, Fate::SilentAfter(_)) {
        *silent.lock().unwrap_or_else(PoisonError::into_inner) = true;
        return;
    }
    let how = if left == 0 { Shutdown::Both } else { Shutdown::Write };
    // The other direction may have ended it.
    let _ = to.shutdown(how);
    if left == 0 {
        let _ = from.shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_ends_after_its_bytes() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut client in server.incoming().flatten() {
                let _ = client.write_all(b"0123456789");
            }
        });
        let fates = [Fate::EndsAfter(0), Fate::EndsAfter(4), Fate::Whole];
        let proxy = Proxy::start(port, move |number| fates[number]).unwrap();
        for expected in [&b""[..], b"0123", b"0123456789"] {
            let mut received = Vec::new();
            TcpStream::connect(("127.0.0.1", proxy.port())).unwrap().read_to_end(&mut received).unwrap();
            assert_eq!(received, expected);
        }
    }
}
