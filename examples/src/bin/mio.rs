//! An echo server in one thread without a runtime: mio says which sockets are ready, and a
//! `ServerConnection` for each moves the bytes.
//!
//! `cargo run -p handclasp-examples --bin mio [ADDRESS]`, then connect with `handclasp connect --pin` and
//! the address and pin that it prints.

use std::{
    collections::HashMap,
    error::Error,
    io::{self, ErrorKind, Write},
    time::{Duration, Instant},
};

use handclasp::{Identity, Pin, Server, ServerConnection};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

const LISTENER: Token = Token(0);

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_millis(500);

struct Client {
    tcp: TcpStream,
    tls: ServerConnection,
}

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8443".to_owned());
    let identity = Identity::self_signed(&["localhost"])?;
    let pin = Pin::of_spki(&identity.spki());
    let server = Server::new(identity);

    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address.parse()?)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("{} {pin}", listener.local_addr()?);

    let (mut clients, mut next) = (HashMap::new(), 1);
    let mut events = Events::with_capacity(64);
    loop {
        match poll.poll(&mut events, Some(TICK)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            polled => polled?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Some(mut client) = accept(&listener, &server)? {
                    let both = Interest::READABLE | Interest::WRITABLE;
                    poll.registry().register(&mut client.tcp, Token(next), both)?;
                    clients.insert(Token(next), client);
                    next += 1;
                }
            } else if let Some(client) = clients.get_mut(&event.token())
                && !client.is_open_after(Client::advance)
            {
                clients.remove(&event.token());
            }
        }
        clients.retain(|_, client| client.is_in_time() || client.is_open_after(Client::give_up));
    }
}

/// The next client that waits, if one does.
fn accept(listener: &TcpListener, server: &Server) -> Result<Option<Client>, Box<dyn Error>> {
    match listener.accept() {
        Ok((tcp, _)) => Ok(Some(Client { tcp, tls: ServerConnection::new(server)? })),
        Err(error) => {
            // A client that is gone already, or too many of them, ends no server.
            if error.kind() != ErrorKind::WouldBlock {
                eprintln!("{error}");
            }
            Ok(None)
        }
    }
}

impl Client {
    /// Moves what can be moved without waiting: mio tells of a socket only once, so both directions go
    /// on until they would block. `Ok(false)` when the connection is over.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            self.echo()?;
            let sent = unless_blocked(self.tls.write_tls(&mut self.tcp))?;
            let received = match self.tls.may().receive {
                true => unless_blocked(self.tls.read_tls(&mut self.tcp)),
                false => Ok(None),
            };
            match received {
                // The alert that explains the error to the client.
                Err(error) => {
                    let _ = self.tcp.write_all(self.tls.transmit());
                    return Err(error);
                }
                Ok(Some(1..)) => {}
                Ok(_) if sent.is_some_and(|count| count > 0) => {}
                Ok(_) => return Ok(!self.tls.is_peer_closed() || self.tls.may().transmit),
            }
        }
    }

    /// Writes back what came, as far as the queue takes it; the rest stays in the connection.
    fn echo(&mut self) -> Result<(), handclasp::Error> {
        let text = self.tls.readable().to_vec();
        if !text.is_empty() {
            let count = self.tls.write(&text)?;
            self.tls.consume(count);
        }
        if self.tls.is_peer_closed() {
            self.tls.close();
        }
        Ok(())
    }

    fn is_in_time(&self) -> bool {
        self.tls.deadline().is_none_or(|deadline| Instant::now() < deadline)
    }

    /// The handshake took too long.
    fn give_up(&mut self) -> io::Result<bool> {
        Err(self.tls.time_out().into())
    }

    /// Takes a step; whether the connection goes on.
    fn is_open_after(&mut self, step: impl FnOnce(&mut Self) -> io::Result<bool>) -> bool {
        step(self).unwrap_or_else(|error| {
            eprintln!("{error}");
            false
        })
    }
}

/// A count of bytes; `None` where the socket would block.
fn unless_blocked(moved: io::Result<usize>) -> io::Result<Option<usize>> {
    match moved {
        Ok(count) => Ok(Some(count)),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => Ok(None),
        Err(error) => Err(error),
    }
}
