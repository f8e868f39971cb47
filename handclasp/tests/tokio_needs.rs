//! Needs of a handshake that an async function answers.
#![cfg(feature = "tokio")]

mod tokio_peers;

use std::{future::pending, sync::Arc, time::Duration};

use handclasp::{
    Blame, CertificateFault, Client, Credentials, Error, Fault, Identity, KEYS, KeyEncoding, LateNeed,
    NeedKind, Pin, Psk, PskUse, Random, Server, SignError, SignatureScheme, SigningKey, SystemRandom, Trust,
    tokio::{AnswerNeeds, TlsAcceptor, TlsConnector},
};
use tokio::{
    io::duplex,
    sync::{mpsc, oneshot},
    time::sleep,
};
use tokio_peers::{NAME, VERSIONS, identity, inside, pins, policy};

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
fn remote(name: &str) -> (Identity, Box<dyn SigningKey>) {
    let issued =
        handclasp_identity::IssuedCertificate::self_signed(&handclasp_identity::CertificateParams::new(&[
            name,
        ]))
        .expect("made");
    let key = KEYS.load(KeyEncoding::Pkcs8, &issued.key).expect("loads");
    let signer = Remote { spki: key.public_key().to_vec(), schemes: key.schemes().to_vec() };
    (Identity::from_signer(issued.chain, Box::new(signer)).expect("fits"), key)
}

type Request = (SignatureScheme, Vec<u8>, oneshot::Sender<Vec<u8>>);

/// A signer in another task.
struct Signer(mpsc::Sender<Request>);

impl Signer {
    fn spawn(key: Box<dyn SigningKey>) -> Self {
        let (sender, mut requests) = mpsc::channel::<Request>(1);
        tokio::spawn(async move {
            while let Some((scheme, message, reply)) = requests.recv().await {
                sleep(Duration::from_millis(1)).await;
                reply.send(key.sign(scheme, &message, &mut SystemRandom).expect("signs")).expect("waits");
            }
        });
        Self(sender)
    }
}

impl AnswerNeeds for Signer {
    async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
        let LateNeed::Signature(need) = need else { return Ok(()) };
        let (reply, signature) = oneshot::channel();
        self.0.send((need.scheme(), need.message().to_vec(), reply)).await.expect("runs");
        match signature.await {
            Ok(signature) => need.answer(&signature),
            Err(_) => need.fail(SignError::Because("the signer is gone")),
        }
    }
}

#[tokio::test]
async fn both_sides_sign_elsewhere() {
    for version in VERSIONS {
        let ((ours, our_key), (theirs, their_key)) = (remote("client.test"), remote(NAME));
        let client = Client::with_policy(pins(&theirs), policy(version));
        let server = Server::with_policy(theirs, policy(version)).require_client(pins(&ours));
        let late = [NeedKind::Signature];
        let connector = TlsConnector::from(client.identity(ours).late_needs(&late));
        // A later call adds to an earlier one.
        let acceptor = TlsAcceptor::from(server.late_needs(&late).late_needs(&[]));
        let connector = connector.with_needs(Signer::spawn(our_key));
        let acceptor = acceptor.with_needs(Arc::new(Signer::spawn(their_key)));
        let (near, far) = duplex(100);
        let accepting = tokio::spawn(async move { acceptor.accept(far).await });
        let client = connector.connect(NAME, near).await.expect("connects");
        let server = accepting.await.expect("ends").expect("accepts");
        assert!(client.connected().peer.is_some() && server.connected().peer.is_some());
    }
}

/// A verdict on the peer's certificates that comes later.
struct Approval(Option<CertificateFault>);

impl AnswerNeeds for Approval {
    async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
        let LateNeed::PeerCertificate(need) = need else { return Ok(()) };
        assert_eq!(need.chain().len(), 1);
        sleep(Duration::from_millis(1)).await;
        match self.0 {
            None => need.accept(),
            Some(why) => need.refuse(why),
        }
    }
}

#[tokio::test]
async fn certificates_are_approved_later() {
    for version in VERSIONS {
        for refused in [None, Some(CertificateFault::Revoked)] {
            let client = Client::with_policy(Trust::Pins(vec![Pin([7; 32])]), policy(version));
            let client = client.late_needs(&[NeedKind::PeerCertificate]);
            let connector = TlsConnector::from(client).with_needs(Approval(refused));
            let acceptor = TlsAcceptor::from(Server::with_policy(identity(NAME), policy(version)));
            let (near, far) = duplex(4096);
            let (client, server) = tokio::join!(connector.connect(NAME, near), acceptor.accept(far));
            let Some(why) = refused else {
                assert!(client.expect("connects").connected().peer.is_some());
                server.expect("accepts");
                continue;
            };
            let error = client.expect_err("refused");
            assert_eq!(inside(&error).fault(), Some(&Fault::Certificate(why)));
            let told = server.expect_err("refused");
            assert!(told.to_string().contains("certificate_revoked"), "{told}");
        }
    }
}

/// Keys in a database.
struct Database;

impl AnswerNeeds for Database {
    async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
        let LateNeed::Psk(need) = need else { return Ok(()) };
        sleep(Duration::from_millis(1)).await;
        let identity = need.identities().next().unwrap_or_default().to_vec();
        match &identity[..] {
            // The second is a mistake: the client does not name that key.
            b"device-7" | b"device-8" => need.answer(&psk("device-7")),
            _ => need.unknown(),
        }
    }
}

fn psk(identity: &str) -> Psk {
    Psk::from_bytes(identity, PskUse::Tls13Sha256, &[7; 32]).expect("a key")
}

#[tokio::test]
async fn keys_are_looked_up() {
    let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
    let acceptor = TlsAcceptor::from(server).with_needs(Database);
    for (name, blame) in
        [("device-7", None), ("device-8", Some(Blame::Ours)), ("device-9", Some(Blame::RefusedByUs))]
    {
        let connector = TlsConnector::from(Client::new(Trust::Psk(psk(name))));
        let (near, far) = duplex(4096);
        let (client, server) = tokio::join!(connector.connect(None, near), acceptor.accept(far));
        assert_eq!(server.err().map(|error| inside(&error).blame()), blame, "{name}");
        // The peer gets an alert in every case.
        let told = client.err().map(|error| inside(&error).blame());
        assert_eq!(told, blame.map(|_| Blame::RefusedByPeer), "{name}");
    }
}

/// Never answers.
struct Absent;

impl AnswerNeeds for Absent {
    async fn answer(&self, _: LateNeed<'_>) -> Result<(), Error> {
        pending().await
    }
}

/// Returns without an answer.
struct Forgetful;

impl AnswerNeeds for Forgetful {
    async fn answer(&self, _: LateNeed<'_>) -> Result<(), Error> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_has_as_long_as_the_handshake() {
    let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
    let acceptor = TlsAcceptor::from(server).with_needs(Absent);
    let (near, far) = duplex(4096);
    let connector = TlsConnector::from(Client::new(Trust::Psk(psk("device-7"))).deadline(None));
    let connecting = tokio::spawn(async move { connector.connect(None, near).await });
    let error = acceptor.accept(far).await.expect_err("nobody answers");
    assert!(matches!(inside(&error).fault(), Some(Fault::TimedOut { .. })), "{error}");
    let told = connecting.await.expect("ends").expect_err("the end");
    assert!(Error::in_io_error(&told).is_some(), "{told}");
}

#[tokio::test]
async fn a_need_without_an_answer_is_an_error() {
    let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
    for acceptor in [TlsAcceptor::from(&server), TlsAcceptor::from(&server).with_needs(Forgetful)] {
        let connector = TlsConnector::from(Client::new(Trust::Psk(psk("device-7"))));
        let (near, far) = duplex(4096);
        let (client, server) = tokio::join!(connector.connect(None, near), acceptor.accept(far));
        let error = server.expect_err("nobody answered");
        assert_eq!(inside(&error).blame(), Blame::Ours);
        assert!(error.to_string().contains("with_needs"), "{error}");
        assert_eq!(inside(&client.expect_err("told")).blame(), Blame::RefusedByPeer);
    }
}
