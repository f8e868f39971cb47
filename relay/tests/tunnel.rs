//! What a tunnel does about a server that refuses its handshake, or is not reached.

mod pair;

use std::{
    io::ErrorKind,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use handclasp::{Client, ProtocolVersion, Server, tokio::TlsAcceptor};
use handclasp_relay::{AcceptLoop, Address, Drain, Gate, Limits, Listener, Prelude, Socket, Tunnel};
use pair::{Events, Running, pair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Type of pre_shared_key, the last extension of a ClientHello (RFC 8446 §4.2.11).
const PRE_SHARED_KEY: [u8; 2] = [0, 41];

/// Fatal alerts in their records.
const INTERNAL_ERROR: &[u8] = b"\x15\x03\x03\x00\x02\x02\x50";
const HANDSHAKE_FAILURE: &[u8] = b"\x15\x03\x03\x00\x02\x02\x28";

/// A tunnel to this address, and what it observes.
async fn tunnel(target: SocketAddr, client: Client) -> (SocketAddr, Arc<Events>) {
    let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let Address::Tcp { port, .. } = listener.address().unwrap() else { panic!("a TCP listener") };
    let events = Arc::<Events>::default();
    let accepting = AcceptLoop::new(listener, Gate::new(Limits::default()), events.clone(), Drain::new());
    let tunnel = Tunnel::new(client, Address::from(target)).name(Some("a.example".to_owned().into()));
    tokio::spawn(accepting.run(Arc::new(tunnel)));
    (SocketAddr::from(([127, 0, 0, 1], port)), events)
}

/// Sends a question, ends, and reads the answer to its end.
async fn asked(tunnel: SocketAddr) -> std::io::Result<Vec<u8>> {
    let mut client = TcpStream::connect(tunnel).await?;
    client.write_all(b"question").await?;
    // It fails where the reset has arrived, which the read reports.
    let _ = client.shutdown().await;
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// The extensions of the ClientHello in the first record, which stays unread.
async fn has_session(transport: &TcpStream) -> bool {
    let mut record = vec![0; 16 * 1024];
    loop {
        let count = transport.peek(&mut record).await.unwrap();
        let announced =
            record.get(3..5).map_or(0, |length| usize::from(length[0]) << 8 | usize::from(length[1]));
        if count >= 5 + announced {
            record.truncate(5 + announced);
            break;
        }
        tokio::task::yield_now().await;
    }
    // Record and message headers, legacy_version, random; then three vectors, the second with a length of two bytes.
    let mut rest = &record[5 + 4 + 2 + 32..];
    for width in [1, 2, 1, 2] {
        let (length, after) = rest.split_at(width);
        let length = length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        rest = if after.len() == length { after } else { &after[length..] };
    }
    while let [first, second, high, low, after @ ..] = rest {
        if [*first, *second] == PRE_SHARED_KEY {
            return true;
        }
        rest = &after[usize::from(*high) << 8 | usize::from(*low)..];
    }
    false
}

/// A server that refuses handshakes by this alert, as `refuses` says of those with a session and those without; counts of
/// those without and those with one. It answers a question by the question and a byte more.
async fn refusing(
    server: Server,
    alert: &'static [u8],
    refuses: fn(bool) -> bool,
) -> (SocketAddr, Arc<[AtomicUsize; 2]>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (acceptor, counts) = (TlsAcceptor::from(server), Arc::<[AtomicUsize; 2]>::default());
    let seen = counts.clone();
    tokio::spawn(async move {
        while let Ok((mut transport, _)) = listener.accept().await {
            let is_resumed = has_session(&transport).await;
            seen[usize::from(is_resumed)].fetch_add(1, Ordering::SeqCst);
            if refuses(is_resumed) {
                transport.write_all(alert).await.unwrap();
                // What is unread would make the end a reset.
                transport.shutdown().await.unwrap();
                let _ = transport.read_to_end(&mut Vec::new()).await;
                continue;
            }
            let mut stream = acceptor.accept(transport).await.unwrap();
            let mut question = Vec::new();
            stream.read_to_end(&mut question).await.unwrap();
            question.push(b'!');
            stream.write_all(&question).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    (address, counts)
}

#[tokio::test]
async fn a_server_that_refuses_a_session_is_asked_once_again_without_and_not_for_one_any_more() {
    let (client, server) = pair(ProtocolVersion::TLS_1_3);
    let (target, counts) = refusing(server, INTERNAL_ERROR, |is_resumed| is_resumed).await;
    let (tunnel, events) = tunnel(target, client).await;
    for _ in 0..3 {
        assert_eq!(asked(tunnel).await.unwrap(), b"question!");
    }
    events.until("connected", 3).await;
    events.until("ended: 8 in, 9 out, closed", 3).await;
    assert_eq!(events.count("failed: "), 1, "{:?}", events.all());
    assert_eq!(counts.each_ref().map(|count| count.load(Ordering::SeqCst)), [3, 1]);
}

#[tokio::test]
async fn a_server_that_refuses_every_handshake_is_asked_twice_and_the_client_is_reset() {
    let (client, server) = pair(ProtocolVersion::TLS_1_3);
    let (target, counts) = refusing(server, INTERNAL_ERROR, |_| true).await;
    let (tunnel, events) = tunnel(target, client).await;
    assert_eq!(asked(tunnel).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    events.until("failed: ", 2).await;
    assert_eq!(counts.each_ref().map(|count| count.load(Ordering::SeqCst)), [2, 0]);
}

/// The alert of a server that has nothing in common with the client: a second attempt would change nothing.
#[tokio::test]
async fn a_server_that_refuses_by_another_alert_is_asked_once() {
    let (client, server) = pair(ProtocolVersion::TLS_1_3);
    let (target, counts) = refusing(server, HANDSHAKE_FAILURE, |_| true).await;
    let (tunnel, events) = tunnel(target, client).await;
    assert_eq!(asked(tunnel).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    events.until("closed", 1).await;
    assert_eq!(events.count("failed: "), 1, "{:?}", events.all());
    assert_eq!(counts.each_ref().map(|count| count.load(Ordering::SeqCst)), [1, 0]);
}

/// Greets the client, and takes three bytes of it that the server gets in another order.
struct Greets;

impl Prelude for Greets {
    async fn before_tls(&self, _: &Socket) -> std::io::Result<Vec<u8>> {
        Ok(b"hello ".to_vec())
    }

    async fn with_client(&self, client: &mut Socket) -> std::io::Result<Vec<u8>> {
        let mut first = [0; 3];
        client.read_exact(&mut first).await?;
        first.reverse();
        Ok(first.to_vec())
    }
}

#[tokio::test]
async fn both_sides_get_what_the_prelude_says_in_front_of_the_rest() {
    let (client, server) = pair(ProtocolVersion::TLS_1_3);
    let (target, _) = refusing(server, INTERNAL_ERROR, |_| false).await;
    let tunnel = Tunnel::new(client.clone(), Address::from(target));
    let tunnel = tunnel.name(Some("a.example".to_owned().into())).prelude(Greets);
    let running = Running::start(tunnel, Limits::default(), client).await;
    assert_eq!(asked(running.address).await.unwrap(), b"hello euqstion!");
}

/// A server that greets and waits would take an end for that of the client.
#[tokio::test]
async fn a_server_whose_client_goes_before_the_relay_begins_sees_a_reset() {
    // In TLS 1.3 unread tickets would reset the connection, too.
    let (client, server) = pair(ProtocolVersion::TLS_1_2);
    let mut listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let tunnel = Tunnel::new(client.clone(), listener.address().unwrap());
    let tunnel = tunnel.name(Some("a.example".to_owned().into())).prelude(Greets);
    let running = Running::start(tunnel, Limits::default(), client).await;
    let mut plain = running.connect_plain().await;
    let transport = listener.accept().await.unwrap();
    let mut stream = TlsAcceptor::from(server).accept(transport).await.unwrap();
    plain.read_exact(&mut [0; "hello ".len()]).await.unwrap();
    // Two bytes of three.
    plain.write_all(b"qu").await.unwrap();
    plain.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(stream.get_ref().0.broken(), Some(ErrorKind::ConnectionReset));
    running.events.until("ended: 0 in, 0 out, closed", 1).await;
}

#[tokio::test]
async fn a_client_whose_server_is_not_reached_is_reset() {
    let (client, _) = pair(ProtocolVersion::TLS_1_3);
    let target = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (tunnel, events) = tunnel(target, client).await;
    assert_eq!(asked(tunnel).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    events.until(&format!("no target {target}: "), 1).await;
}
