//! What a long ClientHello costs a server with one identity and with many. Each of the client's lists
//! is walked once, and identities are found by name: a list of thousands costs little more than the
//! handshake itself, for any number of identities.
//!
//! `cargo test -p handclasp --test long_hellos -- --nocapture` prints the figures.
#![cfg(unix)]

use std::{io::Write, net::Shutdown, os::unix::net::UnixStream, time::Instant};

use handclasp::{Credentials, Identity, Policy, Server};
use handclasp_codec::{
    CertificateAuthorities, CipherSuite, ClientHello, ClientHelloExtensions, DistinguishedName, Empty,
    Encode, HandshakeType, KeyShareClientHello, KeyShareEntry, List, NameType, NamedGroup, NamedGroupList,
    ProtocolName, ProtocolNameList, ProtocolVersion, ServerName, ServerNameList, SignatureScheme,
    SignatureSchemeList, SupportedVersions, encode_handshake,
};

/// How often each is measured; the least counts.
const TIMES: usize = 15;

/// Times of a usual hello to a server of one identity that any hello may cost any server, in a debug
/// build, where our code is slow and the cryptography is not: 3 to 9 as measured. Lists that are walked
/// for each suite or scheme of ours, and for each identity, cost 27 to 2000 times as much where all is
/// optimized, and more here.
const MOST: f64 = 25.0;

/// What a client offers beside one suite, group, share and scheme that we have.
#[derive(Default)]
struct Offer {
    suites: usize,
    schemes: usize,
    groups: usize,
    shares: usize,
    authorities: usize,
    protocols: usize,
    names: usize,
    tls12: bool,
    host: Option<&'static [u8]>,
}

impl Offer {
    /// The hello in one record.
    fn record(&self) -> Vec<u8> {
        let number = |n: usize| 0xd000 + u16::try_from(n % 0x900).unwrap();
        let suites = (0..self.suites).map(|n| CipherSuite(number(n)));
        let suites: Vec<CipherSuite> = suites
            .chain([
                CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
                CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            ])
            .collect();
        let schemes = (0..self.schemes).map(|n| SignatureScheme(number(n)));
        let schemes: Vec<_> = schemes.chain([SignatureScheme::ecdsa_secp256r1_sha256]).collect();
        let groups = (0..self.groups).map(|n| NamedGroup(number(n)));
        let groups: Vec<_> = groups.chain([NamedGroup::secp256r1, NamedGroup::x25519]).collect();
        let share = |group, key_exchange| KeyShareEntry { group, key_exchange };
        let shares = (0..self.shares).map(|n| share(NamedGroup(number(n)), &[1_u8][..]));
        let shares: Vec<_> = shares.chain([share(NamedGroup::x25519, &[9; 32])]).collect();
        let authorities: Vec<_> = (0..self.authorities).map(|_| DistinguishedName(b"x")).collect();
        let protocols: Vec<_> =
            (0..self.protocols).map(|_| ProtocolName(b"x")).chain([ProtocolName(b"h2")]).collect();
        let other = ServerName { name_type: NameType(9), host_name: b"x" };
        let host = self.host.map(|host_name| ServerName { name_type: NameType::host_name, host_name });
        let names: Vec<_> = (0..self.names).map(|_| other).chain(host).collect();
        let versions = [ProtocolVersion::TLS_1_3];
        let extensions = ClientHelloExtensions {
            server_name: (!names.is_empty()).then(|| ServerNameList { server_name_list: List::of(&names) }),
            supported_groups: Some(NamedGroupList { named_group_list: List::of(&groups) }),
            signature_algorithms: Some(SignatureSchemeList {
                supported_signature_algorithms: List::of(&schemes),
            }),
            application_layer_protocol_negotiation: Some(ProtocolNameList {
                protocol_name_list: List::of(&protocols),
            }),
            certificate_authorities: (self.authorities > 0)
                .then(|| CertificateAuthorities { authorities: List::of(&authorities) }),
            extended_master_secret: Some(Empty),
            supported_versions: (!self.tls12).then(|| SupportedVersions { versions: List::of(&versions) }),
            key_share: (!self.tls12).then(|| KeyShareClientHello { client_shares: List::of(&shares) }),
            ..Default::default()
        };
        let hello = ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &[7; 32],
            legacy_session_id: &[3; 32],
            cipher_suites: List::of(&suites),
            legacy_compression_methods: &[0],
            extensions,
        };
        let mut message = Vec::new();
        encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer)).unwrap();
        let length = u16::try_from(message.len()).unwrap();
        assert!(length <= 16_384, "{length}");
        [&[22, 3, 1], &length.to_be_bytes()[..], &message].concat()
    }
}

/// Microseconds of a server for that hello, up to where it waits for the client's answer.
fn cost(server: &Server, offer: &Offer) -> f64 {
    let record = offer.record();
    let once = || {
        let (near, mut far) = UnixStream::pair().unwrap();
        far.write_all(&record).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
        let begin = Instant::now();
        let error = server.accept(near).map(|_| ()).unwrap_err();
        let took = begin.elapsed();
        // It has answered all that the hello asks for.
        assert!(matches!(error.fault(), Some(handclasp::Fault::Truncated { .. })), "{error}");
        took
    };
    (0..TIMES).map(|_| once()).min().unwrap().as_secs_f64() * 1e6
}

fn server(identities: usize) -> Server {
    let identity = |n: usize| Identity::self_signed(&[&format!("x{n}.test")]).unwrap();
    let first: Credentials = identity(0).into();
    let all = (1..identities).fold(first, |all, n| all.and_identity(identity(n)));
    Server::with_policy(all, Policy::modern()).alpn(&["h2", "http/1.1"])
}

#[test]
fn a_long_hello_costs_little_more_than_a_usual_one() {
    let host = Some(&b"x0.test"[..]);
    let cases = [
        ("a usual one", Offer { host, ..Offer::default() }),
        ("7,600 suites", Offer { suites: 7600, host, ..Offer::default() }),
        ("7,600 schemes", Offer { schemes: 7600, host, ..Offer::default() }),
        ("7,600 schemes, no name", Offer { schemes: 7600, ..Offer::default() }),
        (
            "7,600 schemes, a name of nobody",
            Offer { schemes: 7600, host: Some(b"nobody.test"), ..Offer::default() },
        ),
        ("7,600 groups, 63 shares", Offer { groups: 7600, shares: 63, host, ..Offer::default() }),
        ("5,200 authorities", Offer { authorities: 5200, host, ..Offer::default() }),
        ("7,600 protocols", Offer { protocols: 7600, host, ..Offer::default() }),
        ("3,900 names", Offer { names: 3900, host, ..Offer::default() }),
        ("7,600 groups, TLS 1.2", Offer { groups: 7600, tls12: true, host, ..Offer::default() }),
        ("7,600 suites, TLS 1.2", Offer { suites: 7600, tls12: true, host, ..Offer::default() }),
        ("5,200 authorities, TLS 1.2", Offer { authorities: 5200, tls12: true, host, ..Offer::default() }),
    ];
    let alone = server(1);
    let usual = cost(&alone, &Offer { host, ..Offer::default() });
    let usual12 = cost(&alone, &Offer { tls12: true, host, ..Offer::default() });
    println!("a usual hello: {usual:.0} µs, of TLS 1.2 {usual12:.0} µs");
    for identities in [1, 100, 1000] {
        let server = server(identities);
        for (what, offer) in &cases {
            let usual = if offer.tls12 { usual12 } else { usual };
            let cost = cost(&server, offer);
            let times = cost / usual;
            println!("{identities} identities, {what}: {cost:.0} µs, {times:.1} times a usual one");
            assert!(times < MOST, "{what} with {identities} identities: {times:.1} times a usual hello");
        }
    }
}
