//! Every type in a public signature can be named from this crate alone, and printed.

use std::{fmt::Debug, io::Cursor, net::TcpStream};

use handclasp as h;

fn debug<T: Debug + ?Sized>() {}

#[test]
fn every_type_of_a_signature_has_a_name_here() {
    // Configuration, connections and streams.
    debug::<h::Client>();
    debug::<h::Server>();
    debug::<h::Credentials>();
    debug::<h::Policy>();
    debug::<h::PolicyError>();
    debug::<h::KeyLog>();
    debug::<h::TicketSecret>();
    debug::<h::CookieSecret>();
    debug::<h::SecretError>();
    debug::<h::WeakSecret>();
    debug::<h::Connection>();
    debug::<h::ClientConnection>();
    debug::<h::ServerConnection>();
    debug::<h::PeerName<'_>>();
    debug::<h::Reader<'_>>();
    debug::<h::Writer<'_>>();
    debug::<h::May>();
    debug::<h::Stream<TcpStream>>();
    debug::<h::Stream<Cursor<Vec<u8>>>>();
    debug::<h::ReadHalf>();
    debug::<h::WriteHalf>();
    debug::<h::Truncation>();
    debug::<h::Timeouts>();
    debug::<h::Acceptor>();
    debug::<h::ClientHello>();
    debug::<h::Incoming<TcpStream>>();
    debug::<h::LateNeed<'_>>();
    debug::<h::NeedKind>();
    debug::<h::SignatureNeed<'_>>();
    debug::<h::CredentialNeed<'_>>();
    debug::<h::PeerCertificateNeed<'_>>();
    debug::<h::PskNeed<'_>>();
    debug::<h::Error>();
    // What was negotiated.
    debug::<h::Connected>();
    debug::<h::Exporter>();
    debug::<h::PeerIdentity>();
    debug::<h::RecordLimits>();
    debug::<h::CertificateType>();
    debug::<h::AlertDescription>();
    debug::<h::CipherSuite>();
    debug::<h::NamedGroup>();
    debug::<h::SignatureScheme>();
    debug::<h::ProtocolVersion>();
    // Identity.
    debug::<h::Identity>();
    debug::<h::IdentityError>();
    debug::<h::IssueError>();
    debug::<h::CertificateRequest>();
    debug::<h::SubjectField>();
    debug::<h::SignerFailure>();
    debug::<h::SignerInput>();
    debug::<h::SignerPace>();
    debug::<h::IdentityFolder>();
    debug::<h::IdentityDescription>();
    debug::<h::KeyLocation>();
    debug::<h::FolderError>();
    debug::<h::FolderProblem>();
    debug::<h::KeyRotation>();
    debug::<h::RotationError>();
    debug::<h::KeyEncoding>();
    debug::<h::KeyKind>();
    debug::<h::SignError>();
    debug::<h::RandomFailed>();
    debug::<h::pki_types::CertificateDer<'_>>();
    debug::<h::pki_types::PrivateKeyDer<'_>>();
    debug::<h::pki_types::ServerName<'_>>();
    // Trust.
    debug::<h::Trust>();
    debug::<h::Roots>();
    debug::<h::RootsError>();
    debug::<h::Pin>();
    debug::<h::PinError>();
    debug::<h::Psk>();
    debug::<h::PskUse>();
    debug::<h::PskError>();
    debug::<h::Encoding>();
    debug::<h::TextError>();
    debug::<h::Name>();
    debug::<h::NameError>();
    debug::<h::trust::Role>();
    // Faults and reports.
    debug::<h::Fault>();
    debug::<h::Report>();
    debug::<h::report::Event>();
    debug::<h::report::Misuse>();
    debug::<h::report::Tag>();
    debug::<h::codec::DecodeError>();
    debug::<h::codec::Field>();
    debug::<h::Blame>();
    debug::<h::Side>();
    debug::<h::CertificateFault>();
    debug::<h::SignerFault>();
    debug::<h::StapleFault>();
}

/// The interfaces that an application implements or passes on.
#[test]
fn every_interface_of_a_signature_has_a_name_here() {
    fn named(
        _: Option<&dyn h::SigningKey>,
        _: Option<&dyn h::Keys>,
        _: Option<&dyn h::Random>,
        _: Option<&dyn h::Hash>,
        _: Option<&dyn h::Verify>,
        _: Option<&dyn h::Transport>,
    ) {
    }
    named(None, Some(h::KEYS), Some(&h::SystemRandom), Some(h::SHA256), None, None);
}

#[test]
fn names_of_servers_come_in_several_types() {
    let client = h::Client::new(h::Trust::DangerNobody);
    let starts = |connection: Result<h::ClientConnection, h::Error>| connection.expect("starts");
    let owned = String::from("a.test");
    let server_name = h::pki_types::ServerName::try_from("a.test").expect("a name");
    let hellos = [
        starts(h::ClientConnection::new(&client, "a.test")),
        starts(h::ClientConnection::new(&client, &owned)),
        starts(h::ClientConnection::new(&client, owned.clone())),
        starts(h::ClientConnection::new(&client, Some("a.test"))),
        starts(h::ClientConnection::new(&client, server_name)),
    ];
    for hello in &hellos {
        let sent = hello.transmit().windows(6).any(|part| part == b"a.test");
        assert!(sent, "server_name is sent");
    }
    let nameless = starts(h::ClientConnection::new(&client, None));
    assert!(!nameless.transmit().windows(6).any(|part| part == b"a.test"));
    let error = h::ClientConnection::new(&client, "a name").expect_err("a space");
    assert_eq!(error.blame(), h::Blame::Ours);
}
