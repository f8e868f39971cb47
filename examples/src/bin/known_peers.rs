//! Trust on first use between two machines: `known_peers serve FOLDER ADDRESS` learns its first client,
//! `known_peers connect FOLDER ADDRESS` asks before it trusts a new server.

use std::{
    env,
    error::Error,
    io::{Read, Write, stdin},
    net::{TcpListener, TcpStream},
    path::Path,
};

use handclasp::{Client, Identity, KnownPeers, NewPeers, PeerAnswer, Server, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [action, folder, address] = words.as_slice() else {
        return Err("usage: known_peers serve|connect FOLDER ADDRESS".into());
    };
    let folder = Path::new(folder);
    let name = folder.file_name().unwrap_or_default().to_string_lossy(); // what a client calls itself
    let identity = Identity::get_or_create(folder.join("identity"), &name)?;
    let peers = KnownPeers::new(folder.join("known_peers"));
    if action == "serve" {
        let clients = peers.with_new_peers(NewPeers::Learn);
        let server = Server::new(identity).require_client(Trust::KnownPeers(clients));
        for socket in TcpListener::bind(address)?.incoming() {
            if let Err(error) = greet(&server, socket?) {
                eprintln!("{error}");
            }
        }
        return Ok(());
    }
    let servers = peers.with_new_peers(NewPeers::ask(|server| {
        println!("A new server. Is this its fingerprint? (yes/no)\n{}", server.pin.words());
        let mut answer = String::new();
        match stdin().read_line(&mut answer) {
            Ok(_) if answer.trim() == "yes" => PeerAnswer::Accept,
            _ => PeerAnswer::Refuse,
        }
    }));
    let client = Client::new(Trust::KnownPeers(servers)).identity(identity);
    let mut greeting = String::new();
    client.connect_to(address, "printer.local")?.read_to_string(&mut greeting)?;
    print!("{greeting}");
    Ok(())
}

fn greet(server: &Server, socket: TcpStream) -> Result<(), Box<dyn Error>> {
    let mut stream = server.accept(socket)?;
    stream.write_all(b"hello\n")?;
    Ok(stream.close()?)
}
