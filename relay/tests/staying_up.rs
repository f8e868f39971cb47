//! Servers that stay up: signers that block, floods, idle clients, the end.

mod pair;

use std::{
    io::ErrorKind,
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use handclasp::{
    Client, Credentials, ExternalSigner, Identity, Pin, ProtocolVersion, Psk, PskUse, Server,
    SignatureScheme, SignerFailure, SystemRandom, Trust,
    tokio::{TlsConnector, client::TlsStream},
};
use handclasp_relay::{
    AcceptLoop, Address, Application, Blocking, ClientContext, CopyOptions, Drain, Echo, Forward, Gate,
    Limits, Listener, Observer, Peer, Socket, Termination, Transfer,
};
use pair::{PATIENCE, Running, forwarding, pair, through};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;

/// A key that signs only while its gate is open, and counts.
#[derive(Clone)]
struct Gated {
    identity: Arc<Identity>,
    spki: Arc<[u8]>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_closed: Mutex<bool>,
    opened: Condvar,
    signatures: AtomicUsize,
}

impl Gated {
    fn new() -> Self {
        let identity = Identity::self_signed(&["a.example"]).unwrap();
        let spki = identity.spki().to_vec().into();
        Self { identity: Arc::new(identity), spki, state: Arc::default() }
    }

    fn set(&self, is_closed: bool) {
        *self.state.is_closed.lock().unwrap() = is_closed;
        self.state.opened.notify_all();
    }

    fn signatures(&self) -> usize {
        self.state.signatures.load(Ordering::SeqCst)
    }

    /// Waits until so many signatures were asked for.
    async fn until(&self, count: usize) {
        let waiting = async {
            while self.signatures() < count {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(PATIENCE, waiting).await.expect("the server is not blocked");
    }

    fn external(&self) -> Identity {
        Identity::from_external(self.identity.chain().to_vec(), Box::new(self.clone())).unwrap()
    }

    fn client(&self) -> Client {
        // A session that is resumed needs no signature.
        Client::new(Trust::Pins(vec![Pin::of_spki(&self.identity.spki())])).without_resumption()
    }
}

impl ExternalSigner for Gated {
    fn public_key(&self) -> &[u8] {
        &self.spki
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.identity.schemes()
    }

    fn sign(&self, scheme: SignatureScheme, input: &[u8]) -> Result<Vec<u8>, SignerFailure> {
        self.state.signatures.fetch_add(1, Ordering::SeqCst);
        let closed = self.state.is_closed.lock().unwrap();
        drop(self.state.opened.wait_while(closed, |is_closed| *is_closed).unwrap());
        self.identity.sign(scheme, input, &mut SystemRandom).map_err(|_| SignerFailure::Scheme)
    }
}

async fn echoes(client: &mut TlsStream<TcpStream>) {
    client.write_all(b"ping").await.unwrap();
    client.flush().await.unwrap();
    let mut came = [0; 4];
    timeout(PATIENCE, client.read_exact(&mut came)).await.expect("the server is not blocked").unwrap();
    assert_eq!(&came, b"ping");
}

/// The server has one thread. Its signer makes no signature before other clients of the same server have been served.
#[test]
fn a_signer_that_blocks_keeps_no_other_client_waiting() {
    let signer = Gated::new();
    let psk = || Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).unwrap();
    let server = Server::new(Credentials::default().and_identity(signer.external()).and_psk(psk()));
    let of_server =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let of_clients =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let service = Termination::new(server, Echo::default()).blocking(Blocking::default());
    let running = of_server.block_on(Running::start(service, Limits::default(), signer.client()));
    of_clients.block_on(async {
        let mut early = running.connect().await;
        echoes(&mut early).await;
        let before = signer.signatures();
        signer.set(true);
        let connecting: Vec<_> = (0..4)
            .map(|_| {
                let (connector, address) = (running.connector.clone(), running.address);
                tokio::spawn(async move {
                    let tcp = TcpStream::connect(address).await.unwrap();
                    connector.connect("a.example", tcp).await.unwrap()
                })
            })
            .collect();
        signer.until(before + 4).await;
        // One that is connected, and one that needs no signature.
        echoes(&mut early).await;
        let connector = TlsConnector::from(Client::new(Trust::Psk(psk())));
        let tcp = TcpStream::connect(running.address).await.unwrap();
        let connected = timeout(PATIENCE, connector.connect("a.example", tcp)).await;
        echoes(&mut connected.expect("the server is not blocked").unwrap()).await;
        signer.set(false);
        for client in connecting {
            echoes(&mut client.await.unwrap()).await;
        }
    });
    of_server.shutdown_background();
}

/// More handshakes block than threads may: the others wait, and the runtime goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocked_handshakes_take_no_more_threads_than_they_may() {
    let signer = Gated::new();
    let service =
        Termination::new(Server::new(signer.external()), Echo::default()).blocking(Blocking::new(2));
    let running = Running::start(service, Limits::default(), signer.client()).await;
    let mut early = running.connect().await;
    let before = signer.signatures();
    signer.set(true);
    let connecting: Vec<_> = (0..8)
        .map(|_| {
            let (connector, address) = (running.connector.clone(), running.address);
            tokio::spawn(async move {
                let tcp = TcpStream::connect(address).await.unwrap();
                connector.connect("a.example", tcp).await.unwrap()
            })
        })
        .collect();
    running.events.until("accepted", 9).await;
    signer.until(before + 2).await;
    echoes(&mut early).await;
    assert_eq!(signer.signatures(), before + 2);
    signer.set(false);
    for client in connecting {
        echoes(&mut client.await.unwrap()).await;
    }
}

/// Clients that send a whole ClientHello and go no further.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_hellos_costs_few_signatures() {
    const FLOOD: usize = 200;
    const LIMIT: usize = 4;
    let signer = Gated::new();
    let service = Termination::new(Server::new(signer.external()), Echo::default());
    let running = Running::start(service, Limits::new(1000, 100, LIMIT), signer.client()).await;
    let before = signer.signatures();
    let begun = Instant::now();
    let mut hello =
        handclasp::ClientConnection::new(&signer.client(), "a.example").unwrap().transmit().to_vec();
    let mut flood = Vec::new();
    for _ in 0..FLOOD {
        let mut tcp = TcpStream::connect(running.address).await.unwrap();
        // It may be closed already.
        let _sent = tcp.write_all(&hello).await;
        flood.push(tcp);
    }
    hello.clear();
    running.events.until("refused", FLOOD / 2).await;
    // A handshake that has lasted a second makes room for another one; a silent one does at once, so that a connection
    // whose hello is still under way is lost before anything is computed for it.
    let most = LIMIT * (begun.elapsed().as_secs() as usize + 1);
    let made = signer.signatures() - before;
    assert!(made <= most, "{made} signatures, at most {most}: {:?}", running.events.all());
    drop(flood);
    // And then a client is served.
    running.events.until("closed", running.events.count("accepted")).await;
    echoes(&mut running.connect().await).await;
}

#[tokio::test]
async fn an_idle_relay_is_reset_on_both_sides() {
    let service = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = service.local_addr().unwrap().into();
    let copy_options = CopyOptions::default().idle_limit(Some(Duration::from_millis(300)));
    let running =
        Running::serve(Forward::new(target).copy_options(copy_options), Limits::default(), TLS13).await;
    let (mut client, mut served) = through(&running, &service).await;
    client.write_all(b"ping").await.unwrap();
    client.flush().await.unwrap();
    let mut came = [0; 4];
    served.read_exact(&mut came).await.unwrap();
    assert_eq!(served.read(&mut came).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(client.read(&mut came).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    running.events.until("ended: 4 in, 0 out, closed: idle for too long", 1).await;
}

#[tokio::test]
async fn an_idle_client_of_echo_is_reset() {
    let echo = Echo(CopyOptions::default().idle_limit(Some(Duration::from_millis(300))));
    let running = Running::serve(echo, Limits::default(), TLS13).await;
    let mut client = running.connect().await;
    echoes(&mut client).await;
    assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    running.events.until("ended: 4 in, 4 out, closed: idle for too long", 1).await;
}

#[tokio::test]
async fn a_drain_accepts_nobody_and_lets_connections_end() {
    let (running, service) = forwarding(TLS13).await;
    let (mut client, mut served) = through(&running, &service).await;
    running.drain.start(Duration::from_secs(3600));
    // The listener is closed as soon as its task has run.
    let refused = async {
        while TcpStream::connect(running.address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, refused).await.expect("the listener is closed");
    client.write_all(b"late").await.unwrap();
    client.shutdown().await.unwrap();
    let mut late = String::new();
    served.read_to_string(&mut late).await.unwrap();
    assert_eq!(late, "late");
    assert!(!running.task.is_finished());
    drop(served);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    timeout(PATIENCE, running.task).await.expect("the last connection has ended").unwrap();
}

#[tokio::test]
async fn a_drain_ends_connections_at_its_time_limit() {
    let (running, service) = forwarding(TLS13).await;
    let (mut client, mut served) = through(&running, &service).await;
    // A client whose handshake does not end.
    let _silent = TcpStream::connect(running.address).await.unwrap();
    running.events.until("accepted", 2).await;
    running.drain.start(Duration::ZERO);
    // Also the one that is not connected: the server does not only stop waiting for it.
    running.until_connections(0).await;
    timeout(PATIENCE, running.task).await.expect("the server has ended").unwrap();
    assert_eq!(served.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    // Without close_notify.
    assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(running.events.count("the server is ending"), 1);
}

/// Panics with every client.
struct Broken;

impl Application for Broken {
    async fn run(&self, _: handclasp::tokio::server::TlsStream<Socket>, _: &ClientContext) -> Transfer {
        panic!("a mistake of the application")
    }
}

#[tokio::test]
async fn a_panic_ends_one_connection_alone() {
    let running = Running::serve(Broken, Limits::new(1, 1, 1), TLS13).await;
    for count in 1..3 {
        drop(running.connect().await);
        running.events.until("closed", count).await;
    }
    assert_eq!(running.gate.connections(), 0);
}

/// A mistake in the counters of a program ends one client and not the server, and the slot of the client is free.
#[tokio::test]
async fn an_observer_that_panics_ends_one_client() {
    #[derive(Default)]
    struct Panics(AtomicUsize);

    impl Observer for Panics {
        fn accepted(&self, _: &Peer) {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "of the first client");
        }
    }

    let (client, server) = pair(TLS13);
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let Address::Tcp { port, .. } = listener.address().unwrap() else { panic!("a TCP listener") };
    let gate = Gate::new(Limits::default());
    let accepting = AcceptLoop::new(listener, gate.clone(), Arc::new(Panics::default()), Drain::new());
    let serving = tokio::spawn(accepting.run(Arc::new(Termination::new(server, Echo::default()))));
    let connector = TlsConnector::from(client);
    let connect = async || {
        let tcp = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        timeout(PATIENCE, connector.connect("a.example", tcp)).await.expect("the server answers or closes")
    };
    assert!(connect().await.is_err());
    echoes(&mut connect().await.unwrap()).await;
    assert!(!serving.is_finished());
    let freed = async {
        while gate.connections() > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, freed).await.expect("the first slot is free");
    serving.abort();
}
