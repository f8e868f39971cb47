//! The time limit of a drain ends every phase of a client: dialling, the words before TLS, the handshake, and those behind it.

mod pair;

use std::{
    future::pending,
    io::{ErrorKind, Result},
    time::Duration,
};

use handclasp::{ProtocolVersion, tokio::TlsAcceptor};
use handclasp_relay::{Address, Forward, Incoming, Limits, Prelude, Service, Socket, Tunnel};
use pair::{PATIENCE, Running, pair, unanswered};
use tokio::{
    io::AsyncReadExt as _,
    net::{TcpListener, TcpStream},
    time::timeout,
};

const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;

/// Longer than this test waits.
const LONG: Duration = Duration::from_secs(3600);

/// The server has ended, and with it this client, by a reset.
async fn is_reset(mut client: TcpStream, running: Running) {
    running.until_connections(0).await;
    let end = timeout(PATIENCE, client.read(&mut [0])).await.expect("the client is told");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    timeout(PATIENCE, running.task).await.expect("the server has ended").unwrap();
}

#[tokio::test]
async fn a_service_is_being_dialled() {
    let (target, _full) = unanswered().await;
    let running = Running::serve(Forward::new(target).dial_limit(LONG), Limits::default(), TLS13).await;
    let mut client = running.connect().await;
    running.events.until("connected", 1).await;
    running.drain.start(Duration::ZERO);
    running.events.until("ended: 0 in, 0 out, closed: the server is ending", 1).await;
    // Without close_notify.
    let end = timeout(PATIENCE, client.read(&mut [0])).await.expect("the client is told");
    assert_eq!(end.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    timeout(PATIENCE, running.task).await.expect("the server has ended").unwrap();
}

#[tokio::test]
async fn the_server_of_a_tunnel_is_being_dialled() {
    let (target, _full) = unanswered().await;
    let (client, _) = pair(TLS13);
    let tunnel = Tunnel::new(client.clone(), target).dial_limit(LONG);
    let running = Running::start(tunnel, Limits::default(), client).await;
    let plain = running.connect_plain().await;
    running.drain.start(Duration::ZERO);
    is_reset(plain, running).await;
}

#[tokio::test]
async fn the_server_of_a_tunnel_does_not_answer_the_hello() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, _) = pair(TLS13);
    let client = client.deadline(Some(LONG));
    let tunnel = Tunnel::new(client.clone(), Address::from(server.local_addr().unwrap()));
    let running = Running::start(tunnel, Limits::default(), client).await;
    let plain = running.connect_plain().await;
    let (mut transport, _) = server.accept().await.unwrap();
    assert_eq!(transport.read(&mut [0]).await.unwrap(), 1);
    running.drain.start(Duration::ZERO);
    is_reset(plain, running).await;
}

/// Waits for the server before TLS, or for the client when TLS has begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    ForServer,
    ForClient,
}

impl Prelude for Waits {
    async fn before_tls(&self, _: &Socket) -> Result<Vec<u8>> {
        if *self == Self::ForServer { pending().await } else { Ok(Vec::new()) }
    }

    async fn with_client(&self, client: &mut Socket) -> Result<Vec<u8>> {
        client.read_u8().await.map(|byte| vec![byte])
    }
}

/// A tunnel to a server of this test, with a time limit of idle connections.
async fn tunnel(waits: Waits, idle_limit: Option<Duration>) -> Running {
    let (client, server) = pair(TLS13);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Address::from(listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (transport, _) = listener.accept().await.unwrap();
        if let Ok(mut stream) = TlsAcceptor::from(server).accept(transport).await {
            let _ = stream.read(&mut [0]).await;
        }
    });
    let copy_options = handclasp_relay::CopyOptions::default().idle_limit(idle_limit);
    let tunnel = Tunnel::new(client.clone(), target)
        .name(Some("a.example".to_owned().into()))
        .copy_options(copy_options)
        .prelude(waits);
    Running::start(tunnel, Limits::default(), client).await
}

#[tokio::test]
async fn the_server_of_a_tunnel_says_nothing_before_tls() {
    let running = tunnel(Waits::ForServer, None).await;
    let plain = running.connect_plain().await;
    running.drain.start(Duration::ZERO);
    is_reset(plain, running).await;
}

#[tokio::test]
async fn a_client_of_a_tunnel_says_nothing_behind_the_handshake() {
    let running = tunnel(Waits::ForClient, None).await;
    let plain = running.connect_plain().await;
    running.events.until("connected", 1).await;
    running.drain.start(Duration::ZERO);
    running.events.until("ended: 0 in, 0 out, closed: the server is ending", 1).await;
    is_reset(plain, running).await;
}

#[tokio::test]
async fn the_idle_limit_holds_for_a_client_that_says_nothing_behind_the_handshake() {
    let running = tunnel(Waits::ForClient, Some(Duration::from_millis(200))).await;
    let mut plain = running.connect_plain().await;
    running.events.until("ended: 0 in, 0 out, closed: idle for too long", 1).await;
    assert_eq!(plain.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_client_that_leaves_without_a_word_behind_the_handshake_is_no_failure() {
    let running = tunnel(Waits::ForClient, None).await;
    let plain = running.connect_plain().await;
    running.events.until("connected", 1).await;
    drop(plain);
    running.events.until("ended: 0 in, 0 out, closed", 1).await;
}

/// Serves a client for ever.
struct Deaf;

impl Service for Deaf {
    async fn serve(&self, incoming: Incoming) {
        let _kept = incoming;
        pending().await
    }
}

#[tokio::test]
async fn a_service_that_does_not_heed_the_drain_is_not_waited_for() {
    let (client, _) = pair(TLS13);
    let running = Running::start(Deaf, Limits::default(), client).await;
    let _plain = running.connect_plain().await;
    running.drain.start(Duration::ZERO);
    timeout(PATIENCE, running.task).await.expect("the server has ended").unwrap();
}
