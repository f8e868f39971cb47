//! Revoked certificates on both sides and in both versions: the alert, the words, the sessions. The lists and
//! certificates are made by OpenSSL.
#![cfg(unix)]

use std::{fs, os::unix::net::UnixStream, path::PathBuf, process::Command, thread};

use handclasp::{
    AlertDescription, CertificateFault, Client, ClientConnection, CrlFault, Crls, Error, Fault, Identity,
    KnownPeers, LateNeed, NeedKind, NewPeers, Pin, Policy, ProtocolVersion, Report, Roots, Server,
    ServerConnection, Side, StapleFault, Stream, Trust,
    report::{RevokedNote, Tag},
};

/// A CA of OpenSSL, with the certificates `good` and `revoked` and a list.
struct Ca {
    folder: tempfile::TempDir,
}

impl Ca {
    fn new() -> Self {
        let ca = Self { folder: tempfile::tempdir().expect("a folder") };
        let subject = ["-subj", "/CN=lists of a CA"];
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        ca.run(
            &[
                &["req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30"],
                &subject[..],
                &new_key,
            ]
            .concat(),
        );
        for (name, serial) in [("good", "0x1a"), ("revoked", "0xcafe")] {
            let (key, request, certificate) =
                (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
            ca.run(
                &[&["req", "-keyout", &key, "-out", &request, "-subj", "/CN=peer"], &new_key[..]].concat(),
            );
            fs::write(ca.path("names"), "subjectAltName=DNS:a.example").expect("written");
            let signed =
                ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "20"];
            ca.run(
                &[&signed[..], &["-set_serial", serial, "-extfile", "names", "-out", &certificate]].concat(),
            );
        }
        let config = "[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\ncrlnumber=number\n";
        fs::write(ca.path("config"), config).expect("written");
        fs::write(ca.path("number"), "01\n").expect("written");
        ca.make_list("before.crl", false);
        ca.make_list("ca.crl", true);
        ca
    }

    fn make_list(&self, name: &str, has_entry: bool) {
        let entry = "R\t300101000000Z\t260203040506Z,keyCompromise\tCAFE\tunknown\t/CN=peer\n";
        fs::write(self.path("index"), if has_entry { entry } else { "" }).expect("written");
        self.run(&[
            "ca", "-config", "config", "-gencrl", "-cert", "ca.pem", "-keyfile", "ca.key", "-crldays", "7",
            "-out", name,
        ]);
    }

    fn run(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(&self.folder).output();
        let output = output.expect("openssl is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn identity(&self, name: &str) -> Identity {
        let (certificate, key) = (format!("{name}.pem"), format!("{name}.key"));
        Identity::from_pem_files(self.path(&certificate), self.path(&key)).expect("loads")
    }

    fn roots(&self) -> Roots {
        Roots::from_pem_file(self.path("ca.pem")).expect("a root")
    }

    fn trust(&self, list: &str) -> Trust {
        Trust::WebPki(self.roots().with_crls(Crls::from_pem_file(self.path(list)).expect("a list")))
    }
}

type End = Result<Stream<UnixStream>, Error>;

/// One handshake; a client that is refused in TLS 1.3 learns it when it reads.
fn meet(server: &Server, client: &Client) -> (End, End) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let mut stream = server.accept(theirs)?;
            std::io::Write::write_all(&mut stream, b"x").expect("sent");
            Ok(stream)
        });
        let client = client.connect_over(ours, Some("a.example")).and_then(|mut stream| {
            match std::io::Read::read(&mut stream, &mut [0]) {
                Ok(_) => Ok(stream),
                Err(error) => Err(Error::in_io_error(&error).expect("ours").fault().map(|_| ()).map_or_else(
                    || unreachable!("a fault"),
                    |()| stream.connection().error().expect("it failed"),
                )),
            }
        });
        (serving.join().expect("no panic"), client)
    })
}

fn both() -> [Policy; 2] {
    [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        .map(|version| Policy::modern().only_version(version).expect("is done"))
}

fn fault(end: &End) -> Fault {
    *end.as_ref().expect_err("refused").fault().expect("a fault")
}

/// The refusal: its words, its note in the report, and the alert at the other side.
fn assert_revoked(refusing: &End, other: &End, peer: Side) {
    assert_eq!(fault(refusing), Fault::Certificate(CertificateFault::Revoked));
    assert_eq!(fault(other), Fault::PeerAlert(AlertDescription::certificate_revoked));
    let error = refusing.as_ref().expect_err("refused");
    let words = error.to_string();
    let expected = "The peer's certificate was revoked: serial number 00cafe of CN=lists of a CA, on 2026-02-03 \
                    04:05 UTC, reason keyCompromise.";
    assert!(words.starts_with(expected), "{words}");
    // Also of a report that was stored.
    let report = Report::decode(error.report().encode()).expect("reads");
    let item = report.items().find(|item| item.tag == Tag::Revoked).expect("noted");
    let note = RevokedNote::from_note(item.bytes).expect("reads");
    assert_eq!((item.from, note.reason, note.serial), (peer, 1, &[0, 0xca, 0xfe][..]));
    assert_eq!((note.date, note.issuer), (1_770_091_506, &b"CN=lists of a CA"[..]));
}

#[test]
fn revoked_peers_are_refused_with_certificate_revoked() {
    let ca = Ca::new();
    for policy in both() {
        let server = |name| Server::with_policy(ca.identity(name), policy.clone());
        let client = |list| Client::with_policy(ca.trust(list), policy.clone());
        let (one, other) = meet(&server("good"), &client("ca.crl"));
        assert!(one.is_ok() && other.is_ok());
        let (one, other) = meet(&server("revoked"), &client("before.crl"));
        assert!(one.is_ok() && other.is_ok(), "not on that list");
        let (served, connected) = meet(&server("revoked"), &client("ca.crl"));
        assert_revoked(&connected, &served, Side::Server);

        let server = server("good").require_client(ca.trust("ca.crl"));
        let client = |name| client("ca.crl").identity(ca.identity(name));
        let (one, other) = meet(&server, &client("good"));
        assert!(one.is_ok() && other.is_ok());
        let (served, connected) = meet(&server, &client("revoked"));
        assert_revoked(&served, &connected, Side::Client);
    }
}

#[test]
fn an_unknown_status_is_certificate_unknown() {
    let (ca, other_ca) = (Ca::new(), Ca::new());
    for policy in both() {
        let server = Server::with_policy(ca.identity("good"), policy.clone());
        // A list of a CA of the same name, by another key.
        let crls = Crls::from_pem_file(other_ca.path("ca.crl")).expect("a list");
        let client = Client::with_policy(Trust::WebPki(ca.roots().with_crls(crls)), policy);
        let (served, connected) = meet(&server, &client);
        assert_eq!(fault(&connected), Fault::Certificate(CertificateFault::Crl(CrlFault::NotAuthentic)));
        assert_eq!(fault(&served), Fault::PeerAlert(AlertDescription::certificate_unknown));
    }
}

/// A server that runs for months: the list that its CA writes counts for the next handshake, and a session
/// from before does not lead around it.
#[test]
fn a_followed_list_counts_at_once_and_for_sessions() {
    let ca = Ca::new();
    for (policy, is_union) in both().into_iter().flat_map(|policy| [(policy.clone(), false), (policy, true)])
    {
        fs::copy(ca.path("before.crl"), ca.path("now.crl")).expect("copied");
        let crls = Crls::follow_files(&[ca.path("now.crl")]).expect("reads");
        let certified = Trust::WebPki(ca.roots().with_crls(crls));
        let trust = match is_union {
            true => Trust::any_of([Trust::Pins(vec![Pin([7; 32])]), certified]),
            false => certified,
        };
        let server = Server::with_policy(ca.identity("good"), policy.clone()).require_client(trust);
        let client = Client::with_policy(ca.trust("ca.crl"), policy).identity(ca.identity("revoked"));
        for _ in 0..2 {
            let (served, connected) = meet(&server, &client);
            assert!(connected.is_ok());
            assert!(!served.expect("accepted").connected().resumed);
        }
        fs::rename(ca.path("ca.crl"), ca.path("now.crl")).expect("renamed");
        fs::copy(ca.path("now.crl"), ca.path("ca.crl")).expect("copied");
        let (served, connected) = meet(&server, &client);
        assert_revoked(&served, &connected, Side::Client);
    }
}

/// A list of clients does not accept what the CA has revoked.
#[test]
fn a_revoked_client_does_not_become_a_known_one() {
    let ca = Ca::new();
    for policy in both() {
        let known = KnownPeers::new(ca.path("known")).with_new_peers(NewPeers::Accept);
        let trust = Trust::any_of([ca.trust("ca.crl"), Trust::KnownPeers(known)]);
        let server = Server::with_policy(ca.identity("good"), policy.clone()).require_client(trust);
        let client =
            |name| Client::with_policy(ca.trust("ca.crl"), policy.clone()).identity(ca.identity(name));
        let (served, _) = meet(&server, &client("good"));
        assert!(served.is_ok());
        let (served, connected) = meet(&server, &client("revoked"));
        assert_revoked(&served, &connected, Side::Client);
    }
}

/// Lists that do not change by themselves leave sessions alone; other lists do not.
#[test]
fn sessions_are_bound_to_the_lists() {
    let ca = Ca::new();
    for policy in both() {
        let server = Server::with_policy(ca.identity("revoked"), policy.clone());
        let sessions = ca.path("sessions");
        let client = |list| {
            let client = Client::with_policy(ca.trust(list), policy.clone());
            client.session_file(&sessions).expect("a file")
        };
        for resumed in [false, true] {
            let (_, connected) = meet(&server, &client("before.crl"));
            assert_eq!(connected.expect("accepted").connected().resumed, resumed);
        }
        assert_eq!(fault(&meet(&server, &client("ca.crl")).1), Fault::Certificate(CertificateFault::Revoked));
        fs::remove_file(sessions).expect("removed");
    }
}

#[test]
fn a_required_status_is_required() {
    let ca = Ca::new();
    for policy in both() {
        let server = Server::with_policy(ca.identity("good"), policy.clone());
        let client = Client::with_policy(Trust::WebPki(ca.roots()), policy);
        assert!(meet(&server, &client.clone().request_ocsp_response()).1.is_ok());
        let (served, connected) = meet(&server, &client.require_ocsp_response());
        assert_eq!(fault(&connected), Fault::Certificate(CertificateFault::Staple(StapleFault::Missing)));
        assert_eq!(fault(&served), Fault::PeerAlert(AlertDescription::bad_certificate_status_response));
    }
}

/// A handshake in which the application accepts the server whatever the configured trust says.
fn accepted(client: &Client, server: &Server) -> Result<(), Error> {
    let client = client.clone().late_needs(&[NeedKind::PeerCertificate]);
    let mut client = ClientConnection::new(&client, "a.example")?;
    let mut server = ServerConnection::new(server)?;
    let mut was_asked = false;
    for _ in 0..4 {
        server.receive(client.transmit())?;
        let count = client.transmit().len();
        client.transmitted(count);
        client.receive(server.transmit())?;
        let count = server.transmit().len();
        server.transmitted(count);
        if let Some(LateNeed::PeerCertificate(need)) = client.need() {
            was_asked = true;
            need.accept()?;
        }
    }
    assert!(was_asked && client.connected().is_some() && server.connected().is_some());
    Ok(())
}

/// Without a path to a root the issuer, whose key verifies a status, is not known.
#[test]
fn a_status_does_not_refuse_a_peer_that_the_application_accepted() {
    let (ca, other_ca) = (Ca::new(), Ca::new());
    let garbled = b"\x30\x00";
    let refused = |result: Result<(), Error>| match result.expect_err("refused").fault() {
        Some(Fault::Certificate(fault)) => *fault,
        fault => panic!("{fault:?}"),
    };
    for policy in both() {
        let server = |identity| Server::with_policy(identity, policy.clone());
        let client = |ca: &Ca| Client::with_policy(Trust::WebPki(ca.roots()), policy.clone());
        let with = server(ca.identity("good").with_ocsp_response(*garbled));
        let without = server(ca.identity("good"));
        for server in [&without, &with] {
            accepted(&client(&other_ca), server).expect("no status is asked for");
            accepted(&client(&other_ca).request_ocsp_response(), server).expect("accepted");
        }
        // Where the configured trust finds the issuer, what the issuer says counts.
        let malformed = CertificateFault::Staple(StapleFault::Malformed);
        assert_eq!(refused(accepted(&client(&ca).request_ocsp_response(), &with)), malformed);
        accepted(&client(&ca).request_ocsp_response(), &without).expect("not required");
        // A status that is required must be there, and verify.
        let client = client(&other_ca).require_ocsp_response();
        assert_eq!(refused(accepted(&client, &without)), CertificateFault::Staple(StapleFault::Missing));
        let fault = refused(accepted(&client, &with));
        assert!(!matches!(fault, CertificateFault::Staple(_)), "the path: {fault:?}");
    }
}
