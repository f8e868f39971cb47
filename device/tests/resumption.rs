//! Resumption by tickets.

mod pair;

use handclasp_device::{Config, Next, Profile, Psk, PskUse, profile};
use pair::{Credentials, Ends, run};

fn with_certificate(credentials: &Credentials, client: Profile, server: Profile) -> [Config; 2] {
    let client = Config::new(client).with_pins([credentials.server_pin]);
    [client, Config::new(server).with_identity(credentials.server())]
}

#[test]
fn the_second_connection_is_resumed_where_both_sides_have_tickets() {
    let credentials = Credentials::new();
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        for tickets in [[true, true], [true, false], [false, true]] {
            let [mut client, mut server] = with_certificate(&credentials, client, server);
            if tickets[0] {
                client = client.with_tickets();
            }
            if tickets[1] {
                server = server.with_tickets();
            }
            let ends = Ends::boot(client, server);
            for number in 0..3 {
                let (client, server) = run(&ends);
                assert_eq!((client.end, server.end), (Next::Closed, Next::Closed));
                let resumed = number > 0 && tickets == [true, true];
                assert_eq!((client.resumed, server.resumed), (resumed, resumed), "{tickets:?}, {number}");
            }
        }
    }
}

#[test]
fn a_server_that_started_again_makes_a_full_handshake() {
    let credentials = Credentials::new();
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        let boot = || {
            let [client, server] = with_certificate(&credentials, client, server);
            (client.with_tickets(), server.with_tickets())
        };
        let (client, server) = boot();
        let mut ends = Ends::boot(client, server);
        assert_eq!(run(&ends).0.end, Next::Closed);
        // Its key is another one: the source of random numbers has gone on.
        ends.server = handclasp_device::Server::boot(boot().1, &mut pair::Seeded(99)).expect("it starts");
        let (client, _) = run(&ends);
        assert_eq!((client.end, client.resumed), (Next::Closed, false));
    }
}

#[test]
fn a_pre_shared_key_goes_with_tickets() {
    let psk = || Psk::from_bytes("board", PskUse::Tls13Sha256, &[7; 32]).expect("a key");
    let client = Config::new(profile::client::PSK_TLS13).with_psk(psk()).with_tickets();
    let server = Config::new(profile::server::PSK_TLS13).with_psk(psk()).with_tickets();
    let ends = Ends::boot(client, server);
    assert!(!run(&ends).0.resumed);
    let (client, server) = run(&ends);
    assert_eq!((client.end, server.end, client.resumed), (Next::Closed, Next::Closed, true));
}
