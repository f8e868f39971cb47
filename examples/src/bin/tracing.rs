//! Spans and events of handshakes in the log of a program, by the feature `tracing`: one that succeeds and one that fails.
//!
//! Any subscriber works; `tracing-opentelemetry` gives the same spans to OpenTelemetry (docs/observe.md).

use std::{error::Error, io, net::TcpStream, thread};

use handclasp::{Client, Identity, Pin, Server, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    // `max_level` TRACE shows everything. There are no secrets in it.
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG).with_writer(io::stdout);
    lines.with_ansi(false).init();

    let identity = Identity::self_signed(&["device.local"])?;
    let (known, unknown) = (Pin::of_spki(&identity.spki()), Pin([7; 32]));
    let server = Server::new(identity);
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serving = thread::spawn(move || {
        for socket in listener.incoming().flatten().take(2) {
            // What is recorded below stands in a span of ours.
            let _inside = tracing::info_span!("client", peer = ?socket.peer_addr().ok()).entered();
            if let Ok(mut stream) = server.accept(socket) {
                let _ = stream.close();
            }
        }
    });
    for pin in [known, unknown] {
        let client = Client::new(Trust::Pins(vec![pin]));
        if let Err(error) = client.connect_over(TcpStream::connect(address)?, "device.local") {
            println!("refused, as expected: {error}");
        }
    }
    serving.join().map_err(|_| "the server panicked")?;
    Ok(())
}
