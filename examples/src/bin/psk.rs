//! Two sides that share a secret, without certificates.
//!
//! `psk serve ADDR KEYFILE` prints its address and answers one client; `psk connect ADDR KEYFILE` is that client.
//! KEYFILE holds at least 16 random bytes, for example from `openssl rand 32`.

use std::{
    env,
    error::Error,
    fs,
    io::{Read, Write},
    net::TcpListener,
};

use handclasp::{Client, Psk, PskUse, Server, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [role, address, key] = arguments.as_slice() else {
        return Err("usage: psk serve|connect ADDR KEYFILE".into());
    };
    // A key is bound to one version and one hash (RFC 9257 §4.1).
    let psk = Psk::from_bytes("device-7", PskUse::Tls13Sha256, &fs::read(key)?)?;
    match role.as_str() {
        "serve" => serve(address, psk),
        "connect" => connect(address, psk),
        other => Err(format!("{other}: expected serve or connect").into()),
    }
}

fn serve(address: &str, psk: Psk) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(address)?;
    println!("{}", listener.local_addr()?);
    let server = Server::new(psk);
    let (socket, _) = listener.accept()?;
    let mut stream = server.accept(socket)?;
    let mut request = String::new();
    stream.read_to_string(&mut request)?;
    stream.write_all(request.to_uppercase().as_bytes())?;
    Ok(stream.close()?)
}

fn connect(address: &str, psk: Psk) -> Result<(), Box<dyn Error>> {
    let mut stream = Client::new(Trust::Psk(psk)).connect(address)?;
    stream.write_all(b"hello\n")?;
    stream.close()?; // this side has no more to send; reading goes on
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    print!("{answer}");
    Ok(())
}
