//! A client and a server of this crate, in memory.

mod pair;

use handclasp_device::{Client, Config, Next, Psk, PskUse, Server, profile};
use pair::{Seeded, run};

fn psk(usage: PskUse) -> Psk {
    Psk::from_bytes("board", usage, &[7; 32]).expect("a key")
}

#[test]
fn a_pre_shared_key_in_both_versions() {
    for (client, server, usage) in [
        (profile::client::PSK_TLS12, profile::server::PSK_TLS12, PskUse::Tls12),
        (profile::client::PSK_CCM_8_TLS12, profile::server::PSK_CCM_8_TLS12, PskUse::Tls12),
        (profile::client::PSK_TLS13, profile::server::PSK_TLS13, PskUse::Tls13Sha256),
    ] {
        let random = &mut Seeded(1);
        let client = Client::boot(Config::new(client).with_psk(psk(usage)), random).expect("a client");
        let server = Server::boot(Config::new(server).with_psk(psk(usage)), random).expect("a server");
        let mut client = client.connect_unnamed(random).expect("a connection");
        let mut server = server.accept(random).expect("a connection");
        let (client, server) = run(&mut client, &mut server, random);
        assert_eq!((client.read, server.read), (b"hello board".to_vec(), b"hello board".to_vec()));
        assert_eq!((client.end, server.end), (Next::Closed, Next::Closed));
    }
}
