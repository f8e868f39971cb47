//! A server that knows each of its clients: by a certificate of its CA, by its key in a list, or by a pre-shared key.

use std::{env, error::Error, fs, io::Write, net::TcpListener};

use handclasp::{Credentials, IdentityFolder, KnownPeers, Psk, PskUse, Roots, Server, Trust};

fn main() -> Result<(), Box<dyn Error>> {
    let [_, folder, address] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("FOLDER ADDR:PORT".into());
    };
    let identity = IdentityFolder::new(format!("{folder}/identity")).get_or_create("server.local")?;
    let psk = Psk::from_bytes("meter", PskUse::Tls13Sha256, &fs::read(format!("{folder}/psk"))?)?;
    let issued = Trust::WebPki(Roots::from_pem_file(format!("{folder}/ca.pem"))?);
    // Lines such as `lamp sha256/…`, which are read for each client.
    let listed = Trust::KnownPeers(KnownPeers::new(format!("{folder}/clients")));
    let credentials = Credentials::from(identity).and_psk(psk);
    let server = Server::new(credentials).require_client(Trust::any_of([issued, listed])).raw_public_keys();
    for socket in TcpListener::bind(address)?.incoming() {
        match server.accept(socket?) {
            Ok(mut stream) => {
                let client = stream.peer_credential().ok_or("each client is known")?.to_string();
                writeln!(stream, "hello {client}")?;
                stream.close()?;
            }
            Err(refused) => eprintln!("{refused}"),
        }
    }
    Ok(())
}
