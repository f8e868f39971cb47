//! Who trusts a pre-shared key trusts nothing else: no certificate in its place, and the key in no
//! other version than its own.
#![cfg(unix)]

use std::{os::unix::net::UnixStream, thread};

use handclasp::{CertificateFault, Client, Credentials, Error, Fault, Identity, Psk, PskUse, Server, Trust};

/// How a handshake went for the server and for the client.
fn meet(server: &Server, client: &Client) -> (Option<Error>, Option<Error>) {
    let (near, far) = UnixStream::pair().unwrap();
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(far).err());
        let client = client.connect_over(near, Some("device.test")).err();
        (serving.join().unwrap(), client)
    })
}

fn psk(name: &str, usage: PskUse, byte: u8) -> Psk {
    Psk::from_bytes(name, usage, &[byte; 32]).unwrap()
}

/// A server that does not accept the key and sends a certificate instead is not trusted, no matter
/// which CA signed it: the certificate is refused, or was never acceptable.
#[test]
fn a_certificate_does_not_stand_in_for_the_key() {
    let identity = || Identity::self_signed(&["device.test"]).unwrap();
    for usage in [PskUse::Tls13Sha256, PskUse::Tls13Sha384, PskUse::Tls12, PskUse::Imported] {
        let client = Client::new(Trust::Psk(psk("device", usage, 7)));
        assert!(meet(&Server::new(psk("device", usage, 7)), &client).1.is_none(), "{usage:?}");
        // It knows no key at all, or one of another name beside its certificate.
        let with_key = Credentials::from(identity()).and_psk(psk("other", usage, 7));
        for server in [Server::new(identity()), Server::new(with_key)] {
            let (_, refused) = meet(&server, &client);
            let fault = refused.and_then(|error| error.fault().copied()).expect("a fault");
            let is_about_the_certificate =
                matches!(fault, Fault::Certificate(CertificateFault::NotConfigured));
            assert!(is_about_the_certificate || matches!(fault, Fault::PeerAlert(_)), "{usage:?}: {fault:?}");
            assert_eq!(is_about_the_certificate, usage != PskUse::Tls12, "{usage:?}: {fault:?}");
        }
    }
}

/// RFC 9257 §4.1: the same bytes under the same name, meant for the other version.
#[test]
fn a_key_is_not_taken_in_another_version() {
    for (servers, clients) in [(PskUse::Tls12, PskUse::Tls13Sha256), (PskUse::Tls13Sha256, PskUse::Tls12)] {
        let (server, client) = meet(
            &Server::new(psk("device", servers, 7)),
            &Client::new(Trust::Psk(psk("device", clients, 7))),
        );
        assert!(server.is_some() && client.is_some(), "{servers:?} {clients:?}");
        // Beside a certificate, so that both versions can be spoken.
        let identity = Identity::self_signed(&["device.test"]).unwrap();
        let credentials = Credentials::from(identity).and_psk(psk("device", servers, 7));
        let (_, client) =
            meet(&Server::new(credentials), &Client::new(Trust::Psk(psk("device", clients, 7))));
        assert!(client.is_some(), "{servers:?} {clients:?}");
    }
}
