//! Servers with one identity, and clients of either version, over streams in memory.

use std::sync::{Arc, Mutex};

use handclasp::{
    Client, Credentials, Identity, KEYS, KeyEncoding, Pin, Policy, ProtocolVersion, Psk, PskUse, Server,
    Trust,
    identity::{CertificateParams, IssuedCertificate},
    tokio::{TlsAcceptor, TlsConnector},
};
use handclasp_store::{Fleet, FleetOptions, Store, StoreEvent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

pub const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

/// What servers and clients of a test have in common.
pub struct Names {
    issued: IssuedCertificate,
}

impl Names {
    pub fn new() -> Self {
        let issued = IssuedCertificate::self_signed(&CertificateParams::new(&["a.test"])).expect("made");
        Self { issued }
    }

    pub fn identity(&self) -> Identity {
        let key = KEYS.load(KeyEncoding::Pkcs8, &self.issued.key).expect("loads");
        Identity::from_signer(self.issued.chain.clone(), key).expect("fits")
    }

    pub fn server(&self) -> Server {
        Server::new(self.identity())
    }

    pub fn client(&self, version: ProtocolVersion) -> Client {
        let policy = Policy::modern().only_version(version).expect("has it");
        Client::with_policy(Trust::Pins(vec![Pin::of_spki(&self.identity().spki())]), policy)
    }
}

pub fn psk_server() -> Server {
    Server::new(Credentials::default())
}

pub fn psk_client(identity: &str, secret: &[u8; 16]) -> Client {
    Client::new(Trust::Psk(Psk::from_bytes(identity, PskUse::Tls13Sha256, secret).expect("sound")))
}

/// A server and what it reported.
pub struct Member<S> {
    pub fleet: Fleet<S>,
    pub events: Arc<Mutex<Vec<StoreEvent>>>,
    server: Server,
}

impl<S: Store> Member<S> {
    pub async fn start(store: S, options: FleetOptions, server: Server) -> Self {
        let events = Arc::<Mutex<Vec<StoreEvent>>>::default();
        let log = Arc::clone(&events);
        let fleet = Fleet::start(store, options, move |event| log.lock().unwrap().push(event.clone())).await;
        let server = fleet.configure(server);
        server.check().expect("in order");
        Self { fleet, events, server }
    }

    /// A connection that carries a line each way: whether a session was resumed.
    pub async fn meets(&self, client: &Client) -> std::io::Result<bool> {
        let (near, far) = tokio::io::duplex(1 << 14);
        let acceptor = TlsAcceptor::from(self.server.clone()).with_needs(self.fleet.clone());
        let serving = async {
            let mut stream = acceptor.accept(far).await?;
            stream.write_all(b"hello").await?;
            stream.read_exact(&mut [0; 5]).await?;
            // The other end may be gone already.
            let _ = stream.shutdown().await;
            Ok::<_, std::io::Error>(stream.connected().resumed)
        };
        let connecting = async {
            let mut stream = TlsConnector::from(client.clone()).connect("a.test", near).await?;
            stream.read_exact(&mut [0; 5]).await?;
            stream.write_all(b"hello").await?;
            stream.read_to_end(&mut Vec::new()).await?;
            let _ = stream.shutdown().await;
            Ok::<_, std::io::Error>(stream.connected().resumed)
        };
        let (ours, theirs) = tokio::join!(serving, connecting);
        let (ours, theirs) = (ours?, theirs?);
        assert_eq!(ours, theirs);
        Ok(ours)
    }

    /// Waits until an event has come.
    pub async fn sees(&self, is_it: impl Fn(&StoreEvent) -> bool) -> StoreEvent {
        let begun = std::time::Instant::now();
        loop {
            assert!(
                begun.elapsed().as_secs() < 60,
                "the event is missing in {:?}",
                self.events.lock().unwrap()
            );
            let found = self.events.lock().unwrap().iter().find(|event| is_it(event)).cloned();
            match found {
                Some(event) => return event,
                None => tokio::time::sleep(std::time::Duration::from_millis(5)).await,
            }
        }
    }
}
