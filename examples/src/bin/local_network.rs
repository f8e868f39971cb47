//! Two machines of a local network find each other: `local_network serve FOLDER` announces itself, `local_network connect FOLDER`
//! finds it by its name, and trusts its key from the first contact on.

use std::{
    env,
    error::Error,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    time::Duration,
};

use handclasp::{Client, Identity, KnownPeers, NewPeers, PeerName, Pin, Server, Trust};
use handclasp_discovery::{Advertisement, ServiceName, resolve};

fn main() -> Result<(), Box<dyn Error>> {
    let name = ServiceName::parse("Hall Door._lock._tcp")?;
    let (action, folder) = env::args().nth(1).zip(env::args().nth(2)).ok_or("serve|connect FOLDER")?;
    let folder = Path::new(&folder);
    if action == "serve" {
        let identity = Identity::get_or_create(folder.join("identity"), "Hall Door")?;
        let listener = TcpListener::bind("0.0.0.0:0")?;
        let pin = Pin::of_spki(&identity.spki());
        let _until_dropped = Advertisement::start(&name, listener.local_addr()?, &[pin])?;
        let server = Server::new(identity);
        loop {
            let greet = |mut stream: handclasp::Stream<TcpStream>| {
                stream.write_all(b"open\n").and_then(|()| stream.close())
            };
            let _refused_or_greeted = server.accept(listener.accept()?.0).map(greet);
        }
    }
    let peers = KnownPeers::new(folder.join("known_peers")).with_new_peers(NewPeers::Accept);
    let client = Client::new(Trust::KnownPeers(peers));
    for peer in resolve(&name, &[], Duration::from_secs(5))? {
        let socket = TcpStream::connect(peer.addresses.as_slice())?;
        let mut greeting = String::new(); // the announcement proves nothing, the handshake does
        client
            .connect_over(socket, PeerName::service(name.known_peer_name()))?
            .read_to_string(&mut greeting)?;
        print!("{greeting}");
    }
    Ok(())
}
