//! A certificate that is refused, or that is missing: what the error and its report say of it.
#![cfg(unix)]

use std::{io::Read, os::unix::net::UnixStream, thread};

use handclasp::{
    CertificateFault, Client, Error, Fault, Identity, KeyKind, Pin, Policy, ProtocolVersion, Roots, SHA256,
    Server, Stream, Trust,
};
use handclasp_identity::{Authority, CertificateParams, Usage, Validity};
use handclasp_report::{NoneShown, Report, Tag, key_note};
use rustls_pki_types::UnixTime;

type End = Result<Stream<UnixStream>, Error>;

/// One handshake in memory, for the server and for the client.
fn meet(server: &Server, client: &Client, name: &str) -> (End, End) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    thread::scope(|scope| {
        let serving = scope.spawn(|| server.accept(theirs));
        let client = client.connect_over(ours, Some(name));
        (serving.join().expect("no panic"), client)
    })
}

fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock").as_secs()
}

fn root(name: &str) -> Authority {
    Authority::new(name, Validity::starting_now(), KeyKind::P256).expect("a root")
}

const fn time(seconds: u64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}

fn issued(root: &Authority, names: &[&str], key: KeyKind, usage: Usage, validity: Validity) -> Identity {
    let issue = CertificateParams::new(names).with_validity(validity).with_key_kind(key).with_usage(usage);
    root.issue(&issue).expect("a certificate").identity().expect("loads")
}

fn server_for(root: &Authority, names: &[&str]) -> Identity {
    issued(root, names, KeyKind::P256, Usage::Server, Validity::starting_now())
}

fn trusting(root: &Authority) -> Trust {
    Trust::WebPki(Roots::from_der(&[root.certificate().clone()]).expect("a root"))
}

fn both() -> [Policy; 2] {
    [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2]
        .map(|version| Policy::modern().only_version(version).expect("is done"))
}

fn noted(report: &Report, tag: Tag) -> Vec<Vec<u8>> {
    report.items().filter(|item| item.tag == tag).map(|item| item.bytes.to_vec()).collect()
}

/// What a client hears that is refused: in TLS 1.3 only when it reads.
fn refusal(client: End) -> Error {
    let mut stream = match client {
        Err(error) => return error,
        Ok(stream) => stream,
    };
    let error = stream.read(&mut [0; 16]).expect_err("refused");
    let inner = error.into_inner().expect("ours").downcast::<Error>().expect("ours");
    *inner
}

#[test]
fn a_certificate_for_other_names_is_told_with_its_names_and_its_key() {
    let root = root("one");
    let names = ["a.test", "*.b.test", "192.0.2.7", "2001:db8::7", "e.test", "f.test"];
    for policy in both() {
        let identity = server_for(&root, &names);
        let pin = Pin::of_spki(&identity.spki());
        let server = Server::with_policy(identity, policy.clone());
        let client = Client::with_policy(trusting(&root), policy);
        for (asked, kind) in [("other.test", ""), ("127.0.0.1", "the address ")] {
            let error = meet(&server, &client, asked).1.expect_err("refused");
            assert_eq!(error.fault(), Some(&Fault::Certificate(CertificateFault::NameMismatch { names: 6 })));
            let expected = format!(
                "The peer's certificate is not for {kind}{asked}, but for a.test, *.b.test, 192.0.2.7, \
                 2001:db8::7 and 2 more. Its key is {pin}."
            );
            assert_eq!(error.to_string(), expected);
            // What is read back elsewhere says the same.
            let report = Report::decode(error.report().encode()).expect("a report");
            let sentence = report.sentence(&report.why().expect("a fault")).to_string();
            assert!(expected.starts_with(&sentence), "{sentence}");
        }
    }
}

#[test]
fn every_refused_certificate_shows_its_pin() {
    let (ours, theirs) = (root("ours"), root("theirs"));
    let day = 86_400;
    let at = |from, to| Validity::new(time(now() + from), time(now() + to));
    let ended = Validity::new(time(1_000_000), time(now() - day));
    let cases = [
        (server_for(&theirs, &["a.test"]), "does not lead to a root"),
        (Identity::self_signed(&["a.test"]).expect("made"), "self-signed"),
        (issued(&ours, &["a.test"], KeyKind::P256, Usage::Server, ended), "expired"),
        (issued(&ours, &["a.test"], KeyKind::P256, Usage::Server, at(day, 2 * day)), "not yet valid"),
        (issued(&ours, &["a.test"], KeyKind::P256, Usage::Server, at(2 * day, day)), "never valid"),
        (issued(&ours, &["a.test"], KeyKind::P256, Usage::Client, at(0, day)), "extended key usage"),
    ];
    for (identity, words) in cases {
        let pin = Pin::of_spki(&identity.spki());
        let server = Server::new(identity);
        let error = meet(&server, &Client::new(trusting(&ours)), "a.test").1.expect_err("refused");
        let text = error.to_string();
        assert!(text.contains(words) && text.ends_with(&format!("Its key is {pin}.")), "{text}");
        assert_eq!(noted(error.report(), Tag::CertificateKey), [key_note(KeyKind::P256, &pin.0)]);
    }
}

#[test]
fn a_fingerprint_given_as_pin_is_told_with_the_right_pin() {
    let root = root("one");
    let identity = server_for(&root, &["a.test"]);
    let pin = Pin::of_spki(&identity.spki());
    let digest = SHA256.hash(&[&identity.chain()[0]]);
    let fingerprint: String = digest.iter().map(|byte| format!("{byte:02X}:")).collect();
    let context: Pin = fingerprint.trim_end_matches(':').parse().expect("as openssl prints it");
    let server = Server::new(identity);
    let error = meet(&server, &Client::new(Trust::Pins(vec![context])), "a.test").1.expect_err("refused");
    let text = error.to_string();
    assert!(
        text.contains("fingerprint of the peer's certificate") && text.contains(&pin.to_string()),
        "{text}"
    );
    // Another certificate's fingerprint is any other pin.
    let other = Trust::Pins(vec![Pin(digest[..32].try_into().expect("32 bytes")), pin]);
    assert!(meet(&server, &Client::new(other), "a.test").1.is_ok());
}

#[test]
fn a_client_that_shows_no_certificate_knows_why() {
    let root = root("one");
    let valid = Validity::starting_now();
    for version in [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2] {
        let only = |policy: Policy| policy.only_version(version).expect("is done");
        let server = |policy| {
            Server::with_policy(server_for(&root, &["a.test"]), only(policy)).require_client(trusting(&root))
        };
        let client = || Client::with_policy(trusting(&root), only(Policy::modern()));
        let error = refusal(meet(&server(Policy::modern()), &client(), "a.test").1);
        assert_eq!(noted(error.report(), Tag::NoneShown), [[NoneShown::NotConfigured.number()]]);
        assert!(matches!(error.fault(), Some(Fault::PeerAlert(_))), "{error}");

        // A server that verifies no EdDSA, and a client with such a key.
        let edwards = issued(&root, &["c.test"], KeyKind::Ed25519, Usage::Client, valid);
        let error = refusal(meet(&server(Policy::constrained()), &client().identity(edwards), "a.test").1);
        assert_eq!(noted(error.report(), Tag::NoneShown), [[NoneShown::NoCommonScheme.number()]]);

        // One is shown: nothing is missing.
        let shown = issued(&root, &["c.test"], KeyKind::P256, Usage::Client, valid);
        let (accepted, connected) = meet(&server(Policy::modern()), &client().identity(shown), "a.test");
        assert!(accepted.is_ok());
        let report = connected.expect("connects").report().clone();
        assert!(noted(&report, Tag::NoneShown).is_empty() && noted(&report, Tag::IssuerNotListed).is_empty());
    }
}

/// The advice that the program prints, one call away.
#[cfg(feature = "explain")]
mod advice {
    use super::*;

    fn advised(error: &Error) -> String {
        error.advice().to_string()
    }

    #[test]
    fn a_missing_client_certificate_is_named_with_its_reason() {
        let root = root("one");
        for policy in both() {
            let server = Server::with_policy(server_for(&root, &["a.test"]), policy.clone())
                .require_client(trusting(&root));
            let client = Client::with_policy(trusting(&root), policy.clone());
            let text = advised(&refusal(meet(&server, &client, "a.test").1));
            for words in [
                "[client-cert.missing]",
                "we showed none: none is configured.",
                "Fix (client): give the certificate and its key: `--cert FILE --key FILE` or `--identity DIR`",
                "or (server) let clients in without one",
                "client showed no certificate: none is configured",
            ] {
                assert!(text.contains(words), "{words:?} is not in:\n{text}");
            }
            // One of a foreign authority.
            let foreign = self::root("foreign");
            let shown = issued(&foreign, &["c.test"], KeyKind::P256, Usage::Client, Validity::starting_now());
            let client = Client::with_policy(trusting(&root), policy).identity(shown);
            let text = advised(&refusal(meet(&server, &client, "a.test").1));
            for words in ["[client-cert.unknown-issuer] inferred", "leads to none of the authorities"] {
                assert!(text.contains(words), "{words:?} is not in:\n{text}");
            }
        }
    }

    #[test]
    fn a_client_whose_pin_is_not_listed_is_not_allowed() {
        let root = root("one");
        let server =
            Server::new(server_for(&root, &["a.test"])).require_client(Trust::Pins(vec![Pin([1; 32])]));
        let shown = issued(&root, &["c.test"], KeyKind::P256, Usage::Client, Validity::starting_now());
        let pin = Pin::of_spki(&shown.spki());
        let client = Client::new(trusting(&root)).identity(shown);
        let error = meet(&server, &client, "a.test").0.expect_err("refused");
        let advice = error.advice();
        let (cause, _, side) = advice.cause.expect("a cause");
        assert_eq!((cause.id(), side.id()), ("client-cert.not-allowed", "config"));
        let text = advice.to_string();
        for words in [
            "Fix (client): use the key that the server knows",
            &format!("or (server) if the client's owner confirms that pin, accept it: `--client-pin {pin}`"),
        ] {
            assert!(text.contains(words), "{words:?} is not in:\n{text}");
        }
    }

    #[test]
    fn our_own_mistake_is_advised_with_the_value_that_was_given() {
        let error =
            Client::new(Trust::DangerNobody).connect_to("127.0.0.1:1", "my server").expect_err("refused");
        let advice = error.advice();
        assert_eq!(advice.cause, None);
        assert!(advice.verdict.starts_with("We, the client, failed. \"my server\" is not a server name"));
        assert!(!advice.to_string().contains("no failure"));
        let error = Client::new(Trust::DangerNobody).connect("127.0.0.1:1").expect_err("nobody listens");
        let text = advised(&error);
        for words in [
            "Cannot connect to 127.0.0.1:1: Connection refused",
            "[transport.refused] observed",
            "Fix (server): start",
        ] {
            assert!(text.contains(words), "{words:?} is not in:\n{text}");
        }
    }
}
