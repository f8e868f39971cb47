//! A server that outlives failed accepts, failed handshakes and clients that say nothing.

use std::{
    error::Error,
    io::{self, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use handclasp::{Identity, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let identity = Identity::from_pem_files("cert.pem", "key.pem")?;
    serve(&TcpListener::bind("0.0.0.0:8443")?, Server::new(identity))
}

pub(crate) fn serve(listener: &TcpListener, server: Server) -> Result<(), Box<dyn Error>> {
    // A client that says nothing is dropped after this time.
    let server = Arc::new(server.deadline(Some(Duration::from_secs(10))));
    server.check()?; // what can never work is told now, not to the first client
    loop {
        let accepted = listener.accept().and_then(|(transport, peer)| {
            let server = Arc::clone(&server);
            let talk = move || {
                if let Err(error) = hello(&server, transport) {
                    eprintln!("{peer}: {error}");
                }
            };
            thread::Builder::new().spawn(talk)
        });
        if let Err(error) = accepted {
            // No descriptor or no thread is left: what ends frees one.
            eprintln!("accept: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn hello(server: &Server, transport: TcpStream) -> io::Result<()> {
    // After the handshake the clock is the application's.
    transport.set_read_timeout(Some(Duration::from_secs(60)))?;
    transport.set_write_timeout(Some(Duration::from_secs(60)))?;
    let mut stream = server.accept(transport)?;
    stream.write_all(b"hello\n")?;
    stream.close()
}
