//! Mutual authentication without a CA: each side has a self-signed certificate and pins the key of the other.

use std::{
    error::Error,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use handclasp::{Client, Identity, Pin, Server, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let (alice, bob) = (Identity::self_signed(&["alice.local"])?, Identity::self_signed(&["bob.local"])?);
    // A pin is the SHA-256 of the public key. People compare it once, over another channel.
    let (pin_of_alice, pin_of_bob) = (Pin::of_spki(&alice.spki()), Pin::of_spki(&bob.spki()));
    println!("alice is {pin_of_alice}\nbob is   {pin_of_bob}");

    let server = Server::new(bob).require_client(Trust::Pins(vec![pin_of_alice]));
    let client = Client::new(Trust::Pins(vec![pin_of_bob])).identity(alice);

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let serving = thread::spawn(move || greet(&server, &listener).map_err(|error| error.to_string()));
    let mut stream = client.connect_over(TcpStream::connect(address)?, "bob.local")?;
    let mut greeting = String::new();
    stream.read_to_string(&mut greeting)?;
    print!("{greeting}");
    serving.join().map_err(|_| "the server panicked")??;
    Ok(())
}

fn greet(server: &Server, listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let mut stream = server.accept(listener.accept()?.0)?;
    let client = stream.connected().peer.ok_or("require_client lets nobody in without a certificate")?;
    let pin = Pin(client.pin);
    writeln!(stream, "hello {pin}")?;
    Ok(stream.close()?)
}
