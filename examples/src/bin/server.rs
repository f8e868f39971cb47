//! A server with a thread for each connection. It survives failed accepts, failed handshakes and silent clients.

use std::{
    env,
    error::Error,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

use handclasp::{Identity, Server};

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "0.0.0.0:8443".to_owned());
    let identity = Identity::from_pem_files("cert.pem", "key.pem")?;
    serve(&TcpListener::bind(address)?, Server::new(identity))
}

pub(crate) fn serve(listener: &TcpListener, server: Server) -> Result<(), Box<dyn Error>> {
    let server = server.deadline(Some(Duration::from_secs(10))); // for the handshake
    server.check()?; // a configuration that can never work is an error now, not for the first client
    loop {
        let accepted = listener.accept().and_then(|(socket, peer)| {
            let server = server.clone(); // a pointer
            thread::Builder::new().spawn(move || {
                if let Err(error) = hello(&server, socket) {
                    eprintln!("{peer}: {error}");
                }
            })
        });
        if let Err(error) = accepted {
            // Out of descriptors or threads: a connection that ends frees one.
            eprintln!("accept: {error}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

fn hello(server: &Server, socket: TcpStream) -> io::Result<()> {
    // After the handshake time limits are up to the application.
    socket.set_read_timeout(Some(Duration::from_secs(60)))?;
    socket.set_write_timeout(Some(Duration::from_secs(60)))?;
    let mut stream = server.accept(socket)?;
    // A socket that is closed with bytes unread is reset, and the peer may lose the answer.
    let _ = stream.read(&mut [0; 4096])?;
    stream.write_all(b"hello\n")?;
    stream.close()
}
