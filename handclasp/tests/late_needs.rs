//! Needs that the application answers itself: later, from outside, never blocking.

use std::{io::Read, os::unix::net::UnixStream, sync::Arc, thread};

use handclasp::{
    AlertDescription, Blame, CertificateFault, Client, ClientConnection, Connection, Credentials, Error,
    Evidence, Fault, Identity, KEYS, KeyEncoding, LateNeed, NeedKind, Pin, Policy, ProtocolVersion, Psk,
    PskUse, Random, Server, ServerConnection, SignError, SignatureScheme, SignerFault, SigningKey, Stream,
    SystemRandom, Trust,
};

const NAME: &str = "device.test";

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

fn policy(version: ProtocolVersion) -> Policy {
    Policy::modern().only_version(version).expect("has it")
}

fn identity(name: &str) -> Identity {
    Identity::self_signed(&[name]).expect("made")
}

fn pins(identity: &Identity) -> Trust {
    Trust::Pins(vec![Pin::of_spki(&identity.spki())])
}

fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    let outcome = to.receive(from.transmit());
    from.transmitted(from.transmit().len());
    outcome
}

/// Moves bytes until both wait or are over; the first error.
fn run(client: &mut Connection, server: &mut Connection) -> Result<(), Error> {
    while !client.transmit().is_empty() || !server.transmit().is_empty() {
        pass(client, server)?;
        pass(server, client)?;
    }
    Ok(())
}

fn start(client: &Client, server: &Server) -> (ClientConnection, ServerConnection) {
    let client = ClientConnection::new(client, NAME).expect("starts");
    (client, ServerConnection::new(server).expect("starts"))
}

fn assert_connected(client: &mut Connection, server: &mut Connection) {
    run(client, server).expect("goes on");
    assert!(client.connected().is_some() && server.connected().is_some());
    assert!(client.need().is_none() && server.need().is_none());
}

/// A key that is elsewhere: its own signer only fails.
struct Remote {
    spki: Vec<u8>,
    schemes: Vec<SignatureScheme>,
}

impl SigningKey for Remote {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }
    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }
    fn sign(&self, _: SignatureScheme, _: &[u8], _: &mut dyn Random) -> Result<Vec<u8>, SignError> {
        Err(SignError::Because("the key is elsewhere"))
    }
}

/// An identity without its key, and the key.
fn remote() -> (Identity, Box<dyn SigningKey>) {
    let issued =
        handclasp_identity::IssuedCertificate::self_signed(&handclasp_identity::CertificateParams::new(&[
            NAME,
        ]))
        .expect("made");
    let key = KEYS.load(KeyEncoding::Pkcs8, &issued.key).expect("loads");
    let signer = Remote { spki: key.public_key().to_vec(), schemes: key.schemes().to_vec() };
    (Identity::from_signer(issued.chain, Box::new(signer)).expect("fits"), key)
}

#[test]
fn a_signature_comes_later() {
    for version in VERSIONS {
        let (identity, key) = remote();
        let client = Client::with_policy(pins(&identity), policy(version));
        let server = Server::with_policy(identity, policy(version)).late_needs(&[NeedKind::Signature]);
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server).expect("goes on");
        assert!(server.may().answer && server.is_handshaking());
        // The need can be looked at as often as one likes, here as it goes to another thread.
        let Some(LateNeed::Signature(need)) = server.need() else { panic!("a signature") };
        let (scheme, message) = (need.scheme(), need.message().to_vec());
        assert_eq!(need.identity().map(|identity| identity.spki()), Some(key.public_key().into()));
        let signing = thread::spawn(move || key.sign(scheme, &message, &mut SystemRandom).expect("signs"));
        let signature = signing.join().expect("ends");
        let Some(LateNeed::Signature(need)) = server.need() else { panic!("it still waits") };
        need.answer(&signature).expect("goes on");
        assert!(!server.may().answer);
        assert_connected(&mut client, &mut server);
    }
}

/// What a signer outside makes of a message.
type Sign<'a> = &'a dyn Fn(SignatureScheme, &[u8]) -> Result<Vec<u8>, SignError>;

#[test]
fn a_late_signature_is_verified_before_it_is_sent() {
    let (identity, key) = remote();
    let server = Server::new(identity).late_needs(&[NeedKind::Signature]);
    let client = Client::new(Trust::DangerNobody);
    let answers: [(Sign<'_>, SignerFault, &str); 2] = [
        (
            &|scheme, _| Ok(key.sign(scheme, b"another message", &mut SystemRandom).expect("signs")),
            SignerFault::DoesNotVerify,
            "does not verify",
        ),
        (
            &|_, _| Err(SignError::Because("no approval")),
            SignerFault::Said,
            "Our signer failed: no approval.",
        ),
    ];
    for (sign, expected, words) in answers {
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server).expect("goes on");
        let Some(LateNeed::Signature(need)) = server.need() else { panic!("a signature") };
        let error = match sign(need.scheme(), need.message()) {
            Ok(signature) => need.answer(&signature),
            Err(why) => need.fail(why),
        };
        let error = error.expect_err("fails");
        assert_eq!(error.fault(), Some(&Fault::SignerFailed(expected)));
        assert!(error.to_string().contains(words), "{error}");
        let told = pass(&mut server, &mut client).expect_err("the alert");
        assert_eq!(told.blame(), Blame::RefusedByPeer);
    }
}

#[test]
fn the_certificate_is_chosen_by_the_application() {
    for version in VERSIONS {
        let chosen = Arc::new(identity(NAME));
        let client = Client::with_policy(pins(&chosen), policy(version));
        // The server itself has none.
        let server =
            Server::with_policy(Credentials::default(), policy(version)).late_needs(&[NeedKind::Credential]);
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server).expect("goes on");
        let Some(LateNeed::Credential(need)) = server.need() else { panic!("a certificate") };
        assert_eq!((need.server_name(), need.version()), (Some(NAME), version));
        assert!(need.schemes().any(|scheme| scheme == SignatureScheme::ecdsa_secp256r1_sha256));
        assert_eq!(need.authorities().count(), 0);
        need.answer(Arc::clone(&chosen)).expect("goes on");
        assert_connected(&mut client, &mut server);
    }
}

#[test]
fn a_client_chooses_late_or_sends_no_certificate() {
    for version in VERSIONS {
        let (ours, theirs) = (identity("client.test"), identity(NAME));
        let client = Client::with_policy(pins(&theirs), policy(version));
        let required = Server::with_policy(theirs, policy(version)).ask_client(pins(&ours));
        let client = client.identity(ours).without_resumption().late_needs(&[NeedKind::Credential]);
        for sends in [true, false] {
            let (mut client, mut server) = start(&client, &required);
            run(&mut client, &mut server).expect("goes on");
            let Some(LateNeed::Credential(need)) = client.need() else { panic!("a certificate") };
            assert_eq!(need.server_name(), None);
            let answered = if sends { need.choose_configured() } else { need.send_none() };
            answered.expect("goes on");
            assert_connected(&mut client, &mut server);
            assert_eq!(server.connected().expect("connected").peer.is_some(), sends);
        }
    }
}

#[test]
fn the_peer_is_judged_by_the_application() {
    for version in VERSIONS {
        let theirs = identity(NAME);
        let pin = Pin::of_spki(&theirs.spki());
        let wrong = Trust::Pins(vec![Pin([7; 32])]);
        let client = Client::with_policy(wrong, policy(version)).without_resumption();
        let client = client.late_needs(&[NeedKind::PeerCertificate]);
        let server = Server::with_policy(theirs, policy(version));

        let (mut ours, mut theirs) = start(&client.clone().keep_peer_certificates(), &server);
        run(&mut ours, &mut theirs).expect("goes on");
        let Some(LateNeed::PeerCertificate(mut need)) = ours.need() else { panic!("a chain") };
        assert_eq!(need.chain().len(), 1);
        let error = need.configured_verdict().expect_err("another pin");
        assert_eq!(error, CertificateFault::PinMismatch.with(Evidence::Pin(pin.0)));
        need.accept().expect("goes on");
        assert_connected(&mut ours, &mut theirs);
        let peer = ours.connected().and_then(|connected| connected.peer).expect("authenticated");
        assert_eq!(peer.pin, pin.0);
        assert_eq!(ours.peer_certificates().len(), 1);

        for by_configuration in [false, true] {
            let (mut ours, mut theirs) = start(&client, &server);
            run(&mut ours, &mut theirs).expect("goes on");
            let Some(LateNeed::PeerCertificate(need)) = ours.need() else { panic!("a chain") };
            let refused = match by_configuration {
                true => need.accept_if_configured(),
                false => need.refuse(CertificateFault::Revoked),
            };
            let fault = refused.expect_err("refused").fault().copied();
            match by_configuration {
                true => {
                    assert_eq!(fault, Some(Fault::Certificate(CertificateFault::PinMismatch)))
                }
                false => assert_eq!(fault, Some(Fault::Certificate(CertificateFault::Revoked))),
            }
            pass(&mut ours, &mut theirs).expect_err("the alert");
        }
    }
}

/// A session stands for the judgement that began it: another one does not take it over.
#[test]
fn sessions_of_another_judgement_are_not_resumed() {
    let theirs = identity(NAME);
    let client = Client::new(pins(&theirs));
    let server = Server::new(theirs);
    let resumed = |client: &Client| {
        let (mut ours, mut theirs) = start(client, &server);
        run(&mut ours, &mut theirs).expect("goes on");
        if let Some(LateNeed::PeerCertificate(need)) = ours.need() {
            need.accept().expect("goes on");
        }
        assert_connected(&mut ours, &mut theirs);
        ours.connected().expect("connected").resumed
    };
    assert!(!resumed(&client) && resumed(&client));
    let judging = client.late_needs(&[NeedKind::PeerCertificate]);
    assert!(!resumed(&judging) && resumed(&judging));
}

fn psk(identity: &str, usage: PskUse) -> Psk {
    Psk::from_bytes(identity, usage, &[7; 32]).expect("a key")
}

#[test]
fn a_pre_shared_key_is_looked_up() {
    for (version, usage) in
        [(VERSIONS[0], PskUse::Tls13Sha256), (VERSIONS[0], PskUse::Imported), (VERSIONS[1], PskUse::Tls12)]
    {
        let client = Client::with_policy(Trust::Psk(psk("device-7", usage)), policy(version));
        let server =
            Server::with_policy(Credentials::default(), policy(version)).late_needs(&[NeedKind::Psk]);
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server).expect("goes on");
        let Some(LateNeed::Psk(need)) = server.need() else { panic!("a key") };
        assert_eq!(need.version(), version);
        assert!(need.identities().all(|name| name.windows(8).any(|part| part == b"device-7")));
        // A key that the client does not name is refused, and the need still waits.
        need.answer(&psk("device-8", usage)).expect_err("another key");
        let Some(LateNeed::Psk(need)) = server.need() else { panic!("it still waits") };
        need.answer(&psk("device-7", usage)).expect("goes on");
        assert_connected(&mut client, &mut server);
    }
}

#[test]
fn an_unknown_key_ends_the_handshake() {
    let client = Client::new(Trust::Psk(psk("device-7", PskUse::Tls13Sha256)));
    let server = Server::new(psk("device-1", PskUse::Tls13Sha256)).late_needs(&[NeedKind::Psk]);
    let (mut client, mut server) = start(&client, &server);
    run(&mut client, &mut server).expect("goes on");
    let Some(LateNeed::Psk(need)) = server.need() else { panic!("a key") };
    let error = need.unknown().expect_err("no certificate either");
    assert_eq!(error.blame(), Blame::RefusedByUs);
    // A configured key is no need.
    let client = Client::new(Trust::Psk(psk("device-1", PskUse::Tls13Sha256)));
    let server = Server::new(psk("device-1", PskUse::Tls13Sha256)).late_needs(&[NeedKind::Psk]);
    let (mut client, mut server) = start(&client, &server);
    assert_connected(&mut client, &mut server);
}

/// A store of keys that does not answer: with a certificate the handshake goes on in full; without one neither side
/// hears that the client's key is unknown.
#[test]
fn a_key_that_cannot_be_looked_up_is_not_an_unknown_one() {
    let store_is_away = |server: &mut ServerConnection| {
        let Some(LateNeed::Psk(need)) = server.need() else { panic!("a key") };
        need.unavailable()
    };
    for (version, usage) in [(VERSIONS[0], PskUse::Tls13Sha256), (VERSIONS[1], PskUse::Tls12)] {
        let client = Client::with_policy(Trust::Psk(psk("device-7", usage)), policy(version));
        let server = Server::with_policy(Credentials::default(), policy(version));
        let (mut client, mut server) = start(&client, &server.late_needs(&[NeedKind::Psk]));
        run(&mut client, &mut server).expect("goes on");
        let error = store_is_away(&mut server).expect_err("no certificate either");
        assert_eq!((error.fault(), error.blame()), (Some(&Fault::PskUnavailable), Blame::Ours));
        assert!(error.to_string().contains("did not answer"), "{error}");
        let error = pass(&mut server, &mut client).expect_err("an alert");
        assert_eq!(error.fault(), Some(&Fault::PeerAlert(AlertDescription::internal_error)));
    }
}

/// A blocking handshake asks a closure; one that nobody asks ends with a sentence that says so.
#[test]
fn blocking_streams_ask_a_closure() {
    let (identity, key) = remote();
    let client = Client::new(pins(&identity)).without_resumption();
    let server = Server::new(identity).late_needs(&[NeedKind::Signature]);
    for answers in [true, false] {
        let (near, far) = UnixStream::pair().expect("a pair");
        let (accepted, connected) = thread::scope(|scope| {
            let serving = scope.spawn(|| {
                let connection = ServerConnection::new(&server)?;
                Stream::handshake(connection, far, |need| match need {
                    LateNeed::Signature(need) if answers => {
                        let signature = key.sign(need.scheme(), need.message(), &mut SystemRandom);
                        need.answer(&signature.expect("signs"))
                    }
                    _ => Ok(()),
                })
            });
            let connected = client.connect_over(near, NAME);
            (serving.join().expect("ends"), connected)
        });
        match answers {
            true => {
                accepted.expect("accepts").close().expect("sent");
                assert_eq!(connected.expect("connects").read(&mut [0; 1]).expect("an end"), 0);
            }
            false => {
                let error = accepted.expect_err("nobody answered");
                assert_eq!(error.blame(), Blame::Ours);
                assert!(error.to_string().contains("late_needs"), "{error}");
                connected.expect_err("told");
            }
        }
    }
}
