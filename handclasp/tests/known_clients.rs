//! A server that must know each of its clients, by a certificate of its CA, by a pin, by a file of known peers or by
//! a pre-shared key, on one port. Which clients it accepts, as what, and which alert the others get is a table
//! from the RFCs.
//!
//! Long because: the table of clients, trust and alerts is read as a whole, beside the one helper that runs its rows.

mod pair;

use handclasp::{
    AlertDescription as Alert, Authority, CertificateParams, CipherSuite, Client, Credentials, Fault,
    Identity, IssuedCertificate, KeyEncoding, KeyKind, KnownPeers, NamedGroup, NewPeers, PeerCredential, Pin,
    Policy, ProtocolVersion, Psk, PskUse, Roots, Server, TicketSecret, Trust, Usage, Validity,
};
use handclasp_report::Tag;
use tempfile::TempDir;

use pair::Pair;

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

/// What a client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    Nothing,
    CertificateOfOurCa,
    CertificateOfAnotherCa,
    PinnedCertificate,
    PinnedRawKey,
    KnownCertificate,
    KnownRawKey,
    RevokedCertificateOfOurCa,
    StrangeCertificate,
    StrangeRawKey,
    Psk,
    PskWithoutExchange,
    PskOfAnotherName,
    PskOfAnotherKey,
}

/// How its handshake ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ends {
    AsCertificate,
    AsRawKey,
    AsPsk,
    /// The alert of the server.
    By(Alert),
    /// The client refuses the certificate that it gets in place of its key.
    ByClient,
}

/// Clients, and their ends in TLS 1.3 and 1.2.
///
/// RFC 8446 §4.4.2.4, RFC 5246 §7.4.6: a client without a certificate. RFC 8446 §6.2: access_denied for a certificate
/// that is in order and not permitted, unknown_ca for an issuer that is not known. RFC 8446 §4.2.11: a server that
/// knows no key of the client goes on with a certificate; a wrong binder is decrypt_error (§6.2). RFC 4279 §2:
/// unknown_psk_identity. In TLS 1.2 a wrong key shows at the client's Finished, a record that does not
/// decrypt (RFC 5246 §7.2.2).
const TABLE: &[(Has, Ends, Ends)] = &[
    (Has::Nothing, Ends::By(Alert::certificate_required), Ends::By(Alert::handshake_failure)),
    (Has::CertificateOfOurCa, Ends::AsCertificate, Ends::AsCertificate),
    (Has::CertificateOfAnotherCa, Ends::By(Alert::unknown_ca), Ends::By(Alert::unknown_ca)),
    (Has::PinnedCertificate, Ends::AsCertificate, Ends::AsCertificate),
    (Has::PinnedRawKey, Ends::AsRawKey, Ends::AsRawKey),
    (Has::KnownCertificate, Ends::AsCertificate, Ends::AsCertificate),
    (Has::KnownRawKey, Ends::AsRawKey, Ends::AsRawKey),
    (
        Has::RevokedCertificateOfOurCa,
        Ends::By(Alert::certificate_revoked),
        Ends::By(Alert::certificate_revoked),
    ),
    (Has::StrangeCertificate, Ends::By(Alert::access_denied), Ends::By(Alert::access_denied)),
    (Has::StrangeRawKey, Ends::By(Alert::access_denied), Ends::By(Alert::access_denied)),
    (Has::Psk, Ends::AsPsk, Ends::AsPsk),
    (Has::PskWithoutExchange, Ends::AsPsk, Ends::AsPsk),
    (Has::PskOfAnotherName, Ends::ByClient, Ends::By(Alert::unknown_psk_identity)),
    (Has::PskOfAnotherKey, Ends::By(Alert::decrypt_error), Ends::By(Alert::bad_record_mac)),
];

impl Has {
    /// Those with a key.
    const WITH_KEY: [Self; 9] = [
        Self::CertificateOfOurCa,
        Self::CertificateOfAnotherCa,
        Self::RevokedCertificateOfOurCa,
        Self::PinnedCertificate,
        Self::KnownCertificate,
        Self::StrangeCertificate,
        Self::PinnedRawKey,
        Self::KnownRawKey,
        Self::StrangeRawKey,
    ];

    fn is_raw(self) -> bool {
        matches!(self, Self::PinnedRawKey | Self::KnownRawKey | Self::StrangeRawKey)
    }
}

/// A server and all its clients.
struct World {
    folder: TempDir,
    ca: Authority,
    server: IssuedCertificate,
    keys: Vec<(Has, IssuedCertificate)>,
}

impl World {
    fn new() -> Self {
        let root = |name| Authority::new(name, Validity::starting_now(), KeyKind::P256).expect("a root");
        let (ca, another) = (root("ours"), root("another"));
        let request = CertificateParams::new(&["client.test"]).with_usage(Usage::Client);
        let made = |has| match has {
            Has::CertificateOfOurCa | Has::RevokedCertificateOfOurCa => ca.issue(&request),
            Has::CertificateOfAnotherCa => another.issue(&request),
            _ => IssuedCertificate::self_signed(&request),
        };
        let keys = Has::WITH_KEY.map(|has| (has, made(has).expect("issued"))).into();
        let server =
            IssuedCertificate::self_signed(&CertificateParams::new(&["server.test"])).expect("issued");
        let world = Self { folder: tempfile::tempdir().expect("made"), ca, server, keys };
        let file = world.file();
        for has in [Has::KnownCertificate, Has::KnownRawKey, Has::RevokedCertificateOfOurCa] {
            file.accept(&format!("{has:?}"), world.pin(has), "", None).expect("added");
        }
        file.revoke(world.pin(Has::RevokedCertificateOfOurCa), "stolen").expect("revoked");
        world
    }

    fn file(&self) -> KnownPeers {
        KnownPeers::new(self.folder.path().join("clients"))
    }

    fn identity(&self, has: Has) -> Option<Identity> {
        let (_, made) = self.keys.iter().find(|(one, _)| *one == has)?;
        let key = || handclasp::KEYS.load(KeyEncoding::Pkcs8, &made.key).expect("loads");
        Some(if has.is_raw() {
            Identity::raw_key_from_signer(key()).expect("a raw key")
        } else {
            made.identity().expect("loads")
        })
    }

    fn pin(&self, has: Has) -> Pin {
        Pin::of_spki(&self.identity(has).expect("has a key").spki())
    }

    fn trust_without_file(&self) -> Trust {
        let pins = [Has::PinnedCertificate, Has::PinnedRawKey].map(|has| self.pin(has));
        Trust::any_of([roots(&self.ca), Trust::Pins(pins.to_vec())])
    }

    fn trust(&self) -> Trust {
        Trust::any_of([Trust::KnownPeers(self.file()), self.trust_without_file()])
    }

    fn credentials(&self) -> Credentials {
        Credentials::from(self.server.identity().expect("loads")).and_psk(psk("lamp", 7))
    }

    fn client(&self, has: Has, version: ProtocolVersion) -> Client {
        let policy = policy(version);
        match has {
            Has::Psk => Client::with_policy(Trust::Psk(psk("lamp", 7)), policy),
            Has::PskOfAnotherName => Client::with_policy(Trust::Psk(psk("other", 7)), policy),
            Has::PskOfAnotherKey => Client::with_policy(Trust::Psk(psk("lamp", 8)), policy),
            Has::PskWithoutExchange => {
                Client::with_policy(Trust::Psk(psk("lamp", 7)), without_exchange(version))
            }
            _ => {
                let pin = Pin::of_spki(&self.server.identity().expect("loads").spki());
                let mut client = Client::with_policy(Trust::Pins(vec![pin]), policy);
                if has.is_raw() {
                    client = client.raw_public_keys();
                }
                match self.identity(has) {
                    Some(identity) => client.identity(identity),
                    None => client,
                }
            }
        }
    }
}

fn roots(ca: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[ca.certificate().clone()]).expect("a root"))
}

fn psk(name: &str, byte: u8) -> Psk {
    Psk::from_bytes(name, PskUse::BothVersions, &[byte; 32]).expect("made")
}

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().permit_psk_ke().only_version(version).expect("has it")
}

/// psk_ke in TLS 1.3, without a group that the server has; a suite of RFC 4279 in 1.2.
fn without_exchange(version: ProtocolVersion) -> Policy {
    let policy = match version {
        ProtocolVersion::TLS_1_2 => {
            Policy::modern().only_suites(&[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256])
        }
        _ => policy(version).only_groups(&[NamedGroup::secp521r1]),
    };
    policy.expect("has it")
}

fn servers(version: ProtocolVersion) -> Policy {
    policy(version).only_groups(&[NamedGroup::x25519, NamedGroup::secp256r1]).expect("has them")
}

/// How the handshake of a client ends.
fn ends(world: &World, client: &Client, server: &Server, has: Has) -> Ends {
    let mut pair = Pair::new(client, server, "server.test");
    pair.run();
    if let (Has::PskWithoutExchange, Some(connected)) = (has, pair.server.connected()) {
        assert_eq!(connected.group, None);
    }
    let Some(refused) = &pair.failed[1] else {
        let credential = pair.server.peer_credential().expect("each client is known");
        return match credential {
            PeerCredential::Psk { identity } => {
                assert_eq!(identity, b"lamp");
                Ends::AsPsk
            }
            PeerCredential::Certificate { pin } => {
                assert_eq!(pin, world.pin(has));
                Ends::AsCertificate
            }
            PeerCredential::RawPublicKey { pin } => {
                assert_eq!(pin, world.pin(has));
                Ends::AsRawKey
            }
            other => panic!("{other}"),
        };
    };
    assert!(pair.server.connected().is_none() && pair.server.peer_credential().is_none(), "{has:?}");
    match (pair.failed[0].as_ref().and_then(handclasp::Error::fault), refused.fault()) {
        (Some(Fault::PeerAlert(alert)), _) => Ends::By(*alert),
        (Some(_), Some(Fault::PeerAlert(_))) => Ends::ByClient,
        other => panic!("{has:?}: {other:?}"),
    }
}

#[test]
fn each_client_is_known_or_refused() {
    let world = World::new();
    for version in VERSIONS {
        let server = Server::with_policy(world.credentials(), servers(version))
            .require_client(world.trust())
            .raw_public_keys();
        for (has, in_tls13, in_tls12) in TABLE {
            let expected = if version == ProtocolVersion::TLS_1_3 { in_tls13 } else { in_tls12 };
            let found = ends(&world, &world.client(*has, version), &server, *has);
            assert_eq!(found, *expected, "{has:?} in {version:?}");
        }
    }
}

fn connects(client: &Client, server: &Server) -> Pair {
    let mut pair = Pair::new(client, server, "server.test");
    pair.run();
    assert!(pair.failed.iter().all(Option::is_none), "{:?}", pair.failed);
    pair
}

fn is_resumed(pair: &Pair) -> bool {
    pair.server.connected().expect("connected").resumed
}

#[test]
fn a_resumed_session_is_of_the_same_credential() {
    let world = World::new();
    for version in VERSIONS {
        let server = Server::with_policy(world.credentials(), servers(version))
            .require_client(world.trust_without_file())
            .raw_public_keys();
        for has in [Has::CertificateOfOurCa, Has::PinnedCertificate, Has::PinnedRawKey] {
            let client = world.client(has, version);
            let first = connects(&client, &server);
            let second = connects(&client, &server);
            assert!(!is_resumed(&first) && is_resumed(&second), "{has:?} in {version:?}");
            let pin = world.pin(has);
            let expected = match has.is_raw() {
                true => PeerCredential::RawPublicKey { pin },
                false => PeerCredential::Certificate { pin },
            };
            assert_eq!(first.server.peer_credential(), Some(expected));
            assert_eq!(second.server.peer_credential(), Some(expected));
        }
        let client = world.client(Has::Psk, version);
        for _ in 0..2 {
            let pair = connects(&client, &server);
            assert_eq!(pair.server.peer_credential(), Some(PeerCredential::Psk { identity: b"lamp" }));
        }
    }
}

/// A file of known peers may change at any time, so that each handshake is in full.
#[test]
fn nothing_is_resumed_where_a_file_decides_among_others() {
    let world = World::new();
    for version in VERSIONS {
        let server = Server::with_policy(world.credentials(), servers(version)).require_client(world.trust());
        let client = world.client(Has::CertificateOfOurCa, version);
        connects(&client, &server);
        assert!(!is_resumed(&connects(&client, &server)));
        world.file().accept("laptop", world.pin(Has::CertificateOfOurCa), "", None).expect("added");
        world.file().revoke(world.pin(Has::CertificateOfOurCa), "lost").expect("revoked");
        let refused = ends(&world, &client, &server, Has::CertificateOfOurCa);
        assert_eq!(refused, Ends::By(Alert::certificate_revoked));
        world.file().forget("laptop").expect("forgotten");
    }
}

/// Two servers of one ticket key: one asks its clients, the other one requires that they authenticate.
#[test]
fn a_session_without_a_client_is_not_resumed_where_clients_must_be_known() {
    let world = World::new();
    let secret =
        || TicketSecret::from_bytes(&core::array::from_fn::<u8, 32, _>(|n| n as u8)).expect("random");
    for version in VERSIONS {
        let with = || Server::with_policy(world.credentials(), servers(version)).ticket_secret(secret());
        let asks = with().ask_client(world.trust_without_file());
        let requires = with().require_client(world.trust_without_file());
        let stranger = world.client(Has::Nothing, version);
        assert_eq!(connects(&stranger, &asks).server.peer_credential(), None);
        assert!(is_resumed(&connects(&stranger, &asks)), "it has a session");
        let alert = match version {
            ProtocolVersion::TLS_1_3 => Alert::certificate_required,
            _ => Alert::handshake_failure,
        };
        assert_eq!(ends(&world, &stranger, &requires, Has::Nothing), Ends::By(alert));

        // One that showed a certificate goes on with its session.
        let known = world.client(Has::CertificateOfOurCa, version);
        connects(&known, &asks);
        let pair = connects(&known, &requires);
        assert!(is_resumed(&pair) && pair.server.peer_credential().is_some());
    }
}

#[test]
fn a_server_without_raw_keys_says_so() {
    let world = World::new();
    for version in VERSIONS {
        let server = Server::with_policy(world.credentials(), servers(version)).require_client(world.trust());
        let found = ends(&world, &world.client(Has::PinnedRawKey, version), &server, Has::PinnedRawKey);
        // RFC 7250 §4.2.
        assert_eq!(found, Ends::By(Alert::unsupported_certificate));
    }
}

/// The first client of an empty file, while another one is in the middle of its handshake.
#[test]
fn of_two_clients_at_the_same_moment_one_is_learned() {
    for version in VERSIONS {
        for together in [false, true] {
            let world = World::new();
            let file = KnownPeers::new(world.folder.path().join("empty")).with_new_peers(NewPeers::Learn);
            let pins = Trust::Pins(vec![world.pin(Has::PinnedCertificate)]);
            let trust = match together {
                false => Trust::KnownPeers(file.clone()),
                true => Trust::any_of([Trust::KnownPeers(file.clone()), roots(&world.ca), pins]),
            };
            let server = Server::with_policy(world.credentials(), servers(version))
                .require_client(trust)
                .raw_public_keys();
            if together {
                for has in [Has::CertificateOfOurCa, Has::PinnedCertificate, Has::Psk] {
                    connects(&world.client(has, version), &server);
                }
                assert!(
                    file.peers().expect("read").is_empty(),
                    "clients that others vouch for are not learned"
                );
            }
            let of = |has| world.client(has, version);
            let clients = [of(Has::StrangeCertificate), of(Has::StrangeRawKey)];
            let start = std::sync::Barrier::new(2);
            let outcomes: Vec<Pair> = std::thread::scope(|scope| {
                let threads = clients.each_ref().map(|client| {
                    let (server, start) = (&server, &start);
                    scope.spawn(move || {
                        let mut pair = Pair::new(client, server, "server.test");
                        start.wait();
                        pair.run();
                        pair
                    })
                });
                threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
            });
            let (accepted, refused): (Vec<Pair>, Vec<Pair>) =
                outcomes.into_iter().partition(|pair| pair.failed[1].is_none());
            let ([accepted], [refused]) = (&accepted[..], &refused[..]) else {
                panic!("one of two: {} and {}", accepted.len(), refused.len())
            };
            let alert = refused.failed[0].as_ref().and_then(handclasp::Error::fault);
            assert_eq!(alert, Some(&Fault::PeerAlert(Alert::access_denied)));
            let [(1, learned)] = &file.peers().expect("read")[..] else { panic!("one line") };
            let pin = accepted.server.connected().expect("connected").peer.expect("a key").pin;
            assert_eq!(learned.pin, Pin(pin));
        }
    }
}

#[test]
fn trust_that_accepts_nobody_or_everybody_is_refused_at_the_start() {
    let world = World::new();
    let two = || Trust::KnownPeers(world.file());
    for (trust, said) in [
        (Trust::any_of([]), "is empty"),
        (Trust::any_of([Trust::any_of([])]), "is empty"),
        (Trust::any_of([Trust::Pins(Vec::new()), roots(&world.ca)]), "`Trust::Pins` is empty"),
        (Trust::PinsWithDates(Vec::new()), "`Trust::PinsWithDates` is empty"),
        (
            Trust::any_of([roots(&world.ca), Trust::any_of([Trust::PinsWithDates(Vec::new())])]),
            "`Trust::PinsWithDates` is empty",
        ),
        (Trust::any_of([roots(&world.ca), Trust::DangerNobody]), "leave it out"),
        (Trust::any_of([roots(&world.ca), Trust::Psk(psk("lamp", 7))]), "Credentials::and_psk"),
        (Trust::any_of([two(), two()]), "one file"),
    ] {
        let server = Server::new(world.credentials()).require_client(trust);
        let error = server.check().expect_err(said);
        assert!(error.to_string().contains(said), "{error}");
    }
}

/// A certificate may be of the CA, where a raw key can only be pinned.
#[test]
fn a_client_that_offers_both_types_is_asked_for_its_certificate() {
    let world = World::new();
    for version in VERSIONS {
        let server = Server::with_policy(world.credentials(), servers(version))
            .require_client(world.trust())
            .raw_public_keys();
        let client = world.client(Has::CertificateOfOurCa, version).raw_public_keys();
        let pair = connects(&client, &server);
        let pin = world.pin(Has::CertificateOfOurCa);
        assert_eq!(pair.server.peer_credential(), Some(PeerCredential::Certificate { pin }));
    }
}

/// RFC 8446 §4.2.4: a client may send nothing where none of its certificates is of an authority that is listed.
#[test]
fn authorities_are_listed_only_where_they_decide_alone() {
    let world = World::new();
    for version in VERSIONS {
        let says_not_listed = |trust| {
            let server = Server::with_policy(world.credentials(), servers(version)).require_client(trust);
            let mut pair = Pair::new(&world.client(Has::PinnedCertificate, version), &server, "server.test");
            pair.run();
            pair.client.report().items().any(|item| item.tag == Tag::IssuerNotListed)
        };
        assert!(says_not_listed(Trust::any_of([roots(&world.ca)])));
        assert!(!says_not_listed(world.trust_without_file()));
    }
}
