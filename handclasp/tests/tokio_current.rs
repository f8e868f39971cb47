//! [`Current`] under the tokio acceptor and connector.
#![cfg(feature = "tokio")]

use handclasp::{
    Client, Credentials, Current, Pin, Server,
    tokio::{TlsAcceptor, TlsConnector},
};

#[path = "tokio_peers/mod.rs"]
mod tokio_peers;

use tokio_peers::{NAME, identity, pins};

/// The acceptor takes the server when a handshake begins: `begun` has the old one although it ends after the
/// replacement.
#[tokio::test]
async fn an_acceptor_follows_its_server() {
    let [first, second] = [identity(NAME), identity(NAME)];
    let [first_pin, second_pin] = [&first, &second].map(|identity| Pin::of_spki(&identity.spki()));
    let [trusts_first, trusts_second] = [pins(&first), pins(&second)].map(Client::new);
    let server = Current::new(Server::new(first));
    let client = Current::new(trusts_first);
    let (acceptor, connector) = (TlsAcceptor::from(&server), TlsConnector::from(&client));
    // A copy that was made before the replacement follows, too.
    let copy = acceptor.clone();

    let (near, far) = tokio::io::duplex(4096);
    let begun = acceptor.accept(far);
    server.replace(Server::new(second)).expect("works");
    assert!(server.replace(Server::new(Credentials::default())).is_err());
    let (theirs, ours) = tokio::join!(connector.connect(NAME, near), begun);
    ours.expect("accepts");
    let peer = theirs.expect("connects").connected().peer.as_ref().map(|peer| peer.pin);
    assert_eq!(peer, Some(first_pin.0));

    client.replace(trusts_second).expect("works");
    let (near, far) = tokio::io::duplex(4096);
    let (theirs, ours) = tokio::join!(connector.connect(NAME, near), copy.accept(far));
    ours.expect("accepts");
    let peer = theirs.expect("connects").connected().peer.as_ref().map(|peer| peer.pin);
    assert_eq!(peer, Some(second_pin.0));
}
