//! The public API over loopback: what goes beyond the plain handshake, and how each part of it fails.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use handclasp::{
    CertificateFault, CipherSuite, Client, CookieSecret, Credentials, Error, Fault, Identity, NamedGroup,
    Pin, Policy, ProtocolVersion, Psk, PskUse, Roots, Server, StapleFault, Stream, Trust,
};
use handclasp_codec::AlertDescription;

type End = Result<Stream<TcpStream>, Error>;

/// One handshake; the client's end, then the server's.
fn meet(client: &Client, server: &Server) -> (End, End) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it has one");
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(listener.accept().expect("a client").0));
        let transport = TcpStream::connect(address).expect("connects");
        let client = client.connect_over(transport, Some("device.test"));
        (client, serving.join().expect("ends"))
    })
}

/// A handshake that works and carries something both ways.
fn works(client: &Client, server: &Server) -> (Stream<TcpStream>, Stream<TcpStream>) {
    let (client, server) = meet(client, server);
    let (mut client, mut server) = (client.expect("connects"), server.expect("accepts"));
    let mut heard = vec![0; 20_000];
    thread::scope(|scope| {
        let sending = scope.spawn(|| client.write_all(&[7; 20_000]).expect("writes"));
        server.read_exact(&mut heard).expect("hears");
        sending.join().expect("ends");
    });
    assert_eq!(heard, [7; 20_000]);
    server.write_all(b"heard").expect("writes");
    client.read_exact(&mut heard[..5]).expect("hears");
    (client, server)
}

/// The client's fault and the server's.
fn fails(client: &Client, server: &Server) -> (Fault, Fault) {
    let (client, server) = meet(client, server);
    // In TLS 1.3 a client may be connected before it hears that it was refused.
    let client = match client {
        Ok(mut stream) => {
            let error = stream.read(&mut [0]).expect_err("is told");
            *error.downcast::<Error>().expect("is ours").fault().expect("has one")
        }
        Err(error) => *error.fault().expect("has one"),
    };
    (client, *server.map(|_| ()).expect_err("refuses").fault().expect("has one"))
}

fn identity() -> (Identity, Trust) {
    let identity = Identity::self_signed(&["device.test"]).expect("made");
    let pin = Pin::of_spki(&identity.spki());
    (identity, Trust::Pins(vec![pin]))
}

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn psk(usage: PskUse) -> Psk {
    Psk::from_hex("device 7", usage, KEY).expect("strong")
}

fn imported(context: &str) -> Psk {
    psk(PskUse::Imported).with_context(context)
}

fn only(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("some")
}

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

#[test]
fn a_staple_reaches_the_application() {
    for version in VERSIONS {
        for (asks, has) in [(true, true), (true, false), (false, true)] {
            // A pinned key has no issuer to judge a response by.
            let (identity, trust) = identity();
            let identity = if has { identity.with_ocsp_response(*b"an OCSP response") } else { identity };
            let server = Server::with_policy(identity, only(version));
            let client = Client::with_policy(trust, only(version));
            let client = if asks { client.request_ocsp_response() } else { client };
            let (client, server) = works(&client, &server);
            let response = client.connected().ocsp_response.as_deref();
            assert_eq!(response, (asks && has).then_some(&b"an OCSP response"[..]));
            assert!(server.connected().ocsp_response.is_none());
        }
    }
}

/// RFC 6066 §8: what was asked for and is no sound response ends the handshake.
#[test]
fn a_staple_is_judged_under_web_pki() {
    for version in VERSIONS {
        let (identity, _) = identity();
        let trust = Trust::WebPki(Roots::from_der(identity.chain()).expect("a root"));
        let server = Server::with_policy(identity.with_ocsp_response(*b"an OCSP response"), only(version));
        let client = Client::with_policy(trust, only(version)).request_ocsp_response();
        let (client, server) = fails(&client, &server);
        let malformed = CertificateFault::Staple(StapleFault::Malformed);
        assert_eq!(client, Fault::Certificate(malformed));
        assert_eq!(server, Fault::PeerAlert(AlertDescription::bad_certificate_status_response));
    }
}

#[test]
fn limits_of_records_of_either_side() {
    for version in VERSIONS {
        let content = |bytes: u16| if version == ProtocolVersion::TLS_1_3 { bytes - 1 } else { bytes };
        let or_whole = |bytes: Option<u16>| bytes.map_or(16_384, content);
        for (ours, theirs) in [(Some(512), None), (None, Some(600)), (Some(1000), Some(512)), (None, None)] {
            let (identity, trust) = identity();
            let mut server = Server::with_policy(identity, only(version));
            let mut client = Client::with_policy(trust, only(version));
            if let Some(bytes) = ours {
                client = client.limit_records(bytes);
            }
            if let Some(bytes) = theirs {
                server = server.limit_records(bytes);
            }
            let (client, server) = works(&client, &server);
            let limits = client.connected().record_limits.expect("both tell");
            assert_eq!((limits.send, limits.receive), (or_whole(theirs), or_whole(ours)));
            let limits = server.connected().record_limits.expect("both tell");
            assert_eq!((limits.send, limits.receive), (or_whole(ours), or_whole(theirs)));
        }
    }
}

#[test]
fn keys_of_sha384() {
    let server = Server::new(psk(PskUse::Tls13Sha384));
    let (client, _) = works(&Client::new(Trust::Psk(psk(PskUse::Tls13Sha384))), &server);
    assert_eq!(client.connected().suite, CipherSuite::TLS_AES_256_GCM_SHA384);
    assert_eq!(client.connected().psk_identity.as_deref(), Some(&b"device 7"[..]));
    // The same key for the other hash is another key.
    let (client, server) = fails(&Client::new(Trust::Psk(psk(PskUse::Tls13Sha256))), &server);
    assert_eq!(server, Fault::NoCommonSuite);
    assert_eq!(client, Fault::PeerAlert(AlertDescription::handshake_failure));
}

#[test]
fn one_imported_key_for_every_hash() {
    let server = Server::new(imported("roles"));
    for suite in [
        CipherSuite::TLS_AES_128_GCM_SHA256,
        CipherSuite::TLS_AES_256_GCM_SHA384,
        CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
    ] {
        let policy = Policy::modern().only_suites(&[suite]).expect("ours");
        let (client, server) = works(&Client::with_policy(Trust::Psk(imported("roles")), policy), &server);
        assert_eq!(client.connected().suite, suite);
        // What names it on the wire is an ImportedIdentity.
        let identity = server.connected().psk_identity.clone().expect("one");
        assert!(identity.starts_with(b"\x00\x08device 7\x00\x05roles\x03\x04\x00"));
    }
}

#[test]
fn either_side_may_insist_on_a_hash() {
    // The client likes SHA-256 better, and offers its key for both.
    let suite = CipherSuite::TLS_AES_256_GCM_SHA384;
    let policy = Policy::modern().only_suites(&[suite]).expect("ours");
    let server = Server::with_policy(imported("roles"), policy);
    let (client, _) = works(&Client::new(Trust::Psk(imported("roles"))), &server);
    assert_eq!(client.connected().suite, suite);
}

#[test]
fn an_imported_key_is_another_key() {
    let server = Server::new(imported("roles"));
    for psk in [imported("other roles"), imported(""), psk(PskUse::Tls13Sha256)] {
        let (client, server) = fails(&Client::new(Trust::Psk(psk)), &server);
        assert_eq!(server, Fault::UnknownPskIdentity);
        assert_eq!(client, Fault::PeerAlert(AlertDescription::unknown_psk_identity));
    }
    let plain = Server::new(psk(PskUse::Tls13Sha256));
    assert_eq!(fails(&Client::new(Trust::Psk(imported(""))), &plain).1, Fault::UnknownPskIdentity);
    // Another secret under the same name and context.
    let other = Psk::from_hex("device 7", PskUse::Imported, &KEY.replace("1f", "2f")).expect("strong");
    let client = Client::new(Trust::Psk(other.with_context("roles")));
    assert_eq!(fails(&client, &server).1, Fault::BinderInvalid { identity: 0 });
}

/// Of these OpenSSL and GnuTLS lack some (RFC 8442).
#[test]
fn every_suite_with_a_key_and_an_exchange() {
    for suite in [
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256,
        CipherSuite::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA,
        CipherSuite::TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA,
    ] {
        let policy = Policy::compatible().only_suites(&[suite]).expect("ours");
        let server = Server::with_policy(psk(PskUse::Tls12), policy.clone()).psk_identity_hint("a hint");
        let client = Client::with_policy(Trust::Psk(psk(PskUse::Tls12)), policy).limit_records(512);
        let (client, _) = works(&client, &server);
        assert_eq!((client.connected().suite, client.connected().group), (suite, Some(NamedGroup::x25519)));
    }
}

#[test]
fn hints_reach_the_client() {
    for (hint, told) in [("the key of the label", true), ("", false)] {
        let policy = only(ProtocolVersion::TLS_1_2);
        let server = Server::with_policy(psk(PskUse::Tls12), policy.clone()).psk_identity_hint(hint);
        let (client, _) = works(&Client::with_policy(Trust::Psk(psk(PskUse::Tls12)), policy), &server);
        assert_eq!(client.connected().psk_identity_hint.as_deref(), told.then_some(hint.as_bytes()));
    }
}

#[test]
fn keys_without_an_exchange_where_both_permit_it() {
    let policy = || only(ProtocolVersion::TLS_1_3);
    let server = |policy| Server::with_policy(psk(PskUse::Tls13Sha256), policy);
    let client = |policy| Client::with_policy(Trust::Psk(psk(PskUse::Tls13Sha256)), policy);
    // Both can do better, and do.
    let both = works(&client(policy().permit_psk_ke()), &server(policy().permit_psk_ke()));
    assert_eq!(both.0.connected().group, Some(NamedGroup::x25519));
    // No group in common.
    let p256 = policy().only_groups(&[NamedGroup::secp256r1]).expect("ours");
    let x25519 = policy().only_groups(&[NamedGroup::x25519]).expect("ours");
    let both = works(&client(p256.clone().permit_psk_ke()), &server(x25519.clone().permit_psk_ke()));
    assert_eq!((both.0.connected().group, both.1.connected().group), (None, None));
    for (ours, theirs) in [(p256.clone().permit_psk_ke(), x25519.clone()), (p256, x25519.permit_psk_ke())] {
        assert_eq!(fails(&client(ours), &server(theirs)).1, Fault::NoCommonGroup);
    }
}

#[test]
fn a_server_that_remembers_nothing() {
    for with_psk in [false, true] {
        let (identity, trust) = identity();
        let (credentials, trust) = match with_psk {
            true => (Credentials::from(psk(PskUse::Tls13Sha256)), Trust::Psk(psk(PskUse::Tls13Sha256))),
            false => (identity.into(), trust),
        };
        let p256 = only(ProtocolVersion::TLS_1_3).only_groups(&[NamedGroup::secp256r1]).expect("ours");
        let server = Server::with_policy(credentials, p256).stateless_retry(CookieSecret::random().ok());
        let (client, _) = works(&Client::with_policy(trust, only(ProtocolVersion::TLS_1_3)), &server);
        assert_eq!(client.connected().group, Some(NamedGroup::secp256r1));
    }
}

/// A transport that hears nothing, and counts what it is told.
struct Deaf(usize);

impl Read for Deaf {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Ok(0)
    }
}

impl Write for Deaf {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        assert!(self.0 <= 512, "a ClientHello of {} bytes", self.0);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl handclasp::Transport for Deaf {}

#[test]
fn a_small_client_fits_one_small_record() {
    let name = "a-rather-long-name-of-a-device.of-some-department.some-company.example";
    for trust in [Trust::DangerNobody, Trust::Psk(psk(PskUse::Tls13Sha256))] {
        let client = Client::with_policy(trust, Policy::constrained()).limit_records(512);
        assert!(client.connect_over(Deaf(0), Some(name)).is_err());
    }
}
