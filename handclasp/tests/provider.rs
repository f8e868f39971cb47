//! Handshakes with the default provider of this build, whichever feature chose it. `cargo xtask test`
//! runs this file also with RustCrypto alone.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    thread,
};

use handclasp::{
    Client, Identity, NamedGroup, Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server, Trust,
};

/// One connection; both sides send and receive. Its key exchange group.
fn connects(client: &Client, server: Server) -> Option<NamedGroup> {
    let (near, far) = UnixStream::pair().expect("a pair");
    let serving = thread::spawn(move || {
        let mut stream = server.accept(far).expect("a client");
        let mut bytes = [0; 4];
        stream.read_exact(&mut bytes).expect("a request");
        stream.write_all(&bytes).expect("an answer");
    });
    let mut stream = client.connect_over(near, Some("device.test")).expect("a server");
    stream.write_all(b"ping").expect("sent");
    let mut bytes = [0; 4];
    stream.read_exact(&mut bytes).expect("an answer");
    assert_eq!(&bytes, b"ping");
    serving.join().expect("no panic");
    stream.connected().group
}

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("the provider has suites of both versions")
}

#[test]
fn certificates_and_pins_need_no_provider_as_an_argument() {
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        for is_pinned in [true, false] {
            let identity = Identity::self_signed(&["device.test"]).expect("a certificate");
            let trust = match is_pinned {
                true => Trust::Pins(vec![Pin::of_spki(&identity.spki())]),
                false => Trust::WebPki(Roots::from_der(identity.chain()).expect("a root")),
            };
            let client = Client::with_policy(trust, policy(version));
            let group = connects(&client, Server::with_policy(identity, policy(version)));
            let expected = match cfg!(feature = "aws-lc") && version == ProtocolVersion::TLS_1_3 {
                true => NamedGroup::X25519MLKEM768,
                false => NamedGroup::x25519,
            };
            assert_eq!(group, Some(expected), "{version}");
        }
    }
}

#[test]
fn pre_shared_keys() {
    let psk = |usage| Psk::from_bytes("device", usage, &[7; 32]).expect("a key");
    for (version, usage) in
        [(ProtocolVersion::TLS_1_3, PskUse::Tls13Sha256), (ProtocolVersion::TLS_1_2, PskUse::Tls12)]
    {
        let client = Client::with_policy(Trust::Psk(psk(usage)), policy(version));
        connects(&client, Server::with_policy(psk(usage), policy(version)));
    }
    assert_eq!(psk(PskUse::Tls12).check_value(), psk(PskUse::Imported).check_value());
}
