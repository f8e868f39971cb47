//! How long a relay and a dial wait, by a clock that the tests move.

mod pair;

use std::{future::poll_fn, io::ErrorKind, pin::Pin, task::Poll, time::Duration};

use handclasp::ProtocolVersion;
use handclasp_relay::{CopyOptions, Forward, Limits, Socket, Tunnel};
use pair::{HeldClock, Running, pair, relayed, through, unanswered};
use tokio::{
    io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::{TcpListener, TcpStream},
};

const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;
const TLS12: ProtocolVersion = ProtocolVersion::TLS_1_2;
const IDLE: Duration = Duration::from_secs(10);

/// A forwarding server with the idle limit, and the service.
async fn forwarding_until_idle() -> (Running, TcpListener) {
    let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let copy_options = CopyOptions::default().idle_limit(Some(IDLE));
    let forward = Forward::new(service.local_addr().unwrap().into()).copy_options(copy_options);
    (Running::serve(forward, Limits::default(), TLS13).await, service)
}

/// A byte of the client that the service reads.
async fn passes_a_byte(client: &mut (impl AsyncWrite + Unpin), served: &mut TcpStream) {
    client.write_all(b"x").await.unwrap();
    client.flush().await.unwrap();
    assert_eq!(served.read(&mut [0]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_relay_that_moves_bytes_is_not_idle() {
    let (running, service) = forwarding_until_idle().await;
    let (mut client, mut served) = through(&running, &service).await;
    let clock = HeldClock::new();
    for _ in 0..4 {
        clock.advance(IDLE / 2 + Duration::from_secs(1)).await;
        passes_a_byte(&mut client, &mut served).await;
    }
    assert_eq!(running.events.count("ended"), 0, "{:?}", running.events.all());
    clock.advance(IDLE + Duration::from_secs(1)).await;
    running.events.until("ended: 4 in, 0 out, closed: idle for too long", 1).await;
}

/// Both sides of a relay that this program cuts off see a reset, not only an end without close_notify.
#[tokio::test]
async fn both_sides_of_an_idle_relay_are_reset() {
    let (running, service) = forwarding_until_idle().await;
    let socket = Socket::connect(&running.address.into()).await.unwrap();
    let (client, served) = tokio::join!(running.connector.connect("a.example", socket), service.accept());
    let (mut client, mut served) = (client.unwrap(), served.unwrap().0);
    passes_a_byte(&mut client, &mut served).await;
    let clock = HeldClock::new();
    clock.advance(IDLE + Duration::from_secs(1)).await;
    running.events.until("idle for too long", 1).await;
    assert_eq!(served.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    assert_eq!(client.get_ref().0.broken(), Some(ErrorKind::ConnectionReset));
}

/// TLS 1.2 has no half-close: the end of the service waits for a client that still sends.
#[tokio::test]
async fn tls12_ends_a_client_that_is_silent_and_not_one_that_sends() {
    let (running, mut client, mut served) = relayed(TLS12).await;
    let clock = HeldClock::new();
    served.shutdown().await.unwrap();
    for _ in 0..4 {
        passes_a_byte(&mut client, &mut served).await;
        clock.advance(Duration::from_millis(900)).await;
        tokio::task::yield_now().await;
        let mut bytes = [0];
        let is_open = poll_fn(|cx| {
            Poll::Ready(Pin::new(&mut client).poll_read(cx, &mut ReadBuf::new(&mut bytes)).is_pending())
        });
        assert!(is_open.await, "the client is told of an end while it sends");
    }
    clock.advance(Duration::from_secs(2)).await;
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    client.shutdown().await.unwrap();
    running.events.until("ended: 4 in, 0 out, closed", 1).await;
}

/// Behind its own close_notify a relay of TLS 1.2 looks how the peer ends: a peer that had more to send resets.
#[tokio::test]
async fn tls12_passes_on_a_reset_behind_both_ends() {
    let (_running, mut client, mut served) = relayed(TLS12).await;
    served.shutdown().await.unwrap();
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    client.flush().await.unwrap();
    let transport = client.into_inner().0;
    // Its close_notify arrives before the reset does.
    tokio::time::sleep(Duration::from_millis(100)).await;
    transport.set_zero_linger().unwrap();
    drop(transport);
    assert_eq!(served.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

/// What a service sends behind the end of a client of TLS 1.2 is dropped for some time, and then it is cut off.
#[tokio::test]
async fn a_service_that_never_ends_behind_the_end_of_its_client_is_left() {
    let (running, mut client, mut served) = relayed(TLS12).await;
    client.shutdown().await.unwrap();
    assert_eq!(served.read(&mut [0]).await.unwrap(), 0);
    let clock = HeldClock::new();
    clock.advance(Duration::from_secs(11)).await;
    running.events.until("ended: 0 in, 0 out, closed", 1).await;
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_given_up_at_the_dial_limit() {
    let limit = Duration::from_secs(5);
    let (target, _full) = unanswered().await;
    let (client, _) = pair(TLS13);
    let tunnel = Tunnel::new(client.clone(), target).dial_limit(limit);
    let running = Running::start(tunnel, Limits::default(), client).await;
    let mut plain = running.connect_plain().await;
    let clock = HeldClock::new();
    tokio::task::yield_now().await;
    clock.advance(limit + Duration::from_secs(1)).await;
    running.events.until("no answer within 5 s", 1).await;
    assert_eq!(plain.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

/// A client of a tunnel may wait for the server to speak first: it does not give way as silent ones of a server do, but as
/// those whose handshake takes long.
#[tokio::test]
async fn a_silent_client_of_a_tunnel_gives_way_when_its_handshake_has_had_its_time() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (client, _) = pair(TLS13);
    let tunnel = Tunnel::new(client.clone(), server.local_addr().unwrap().into());
    let running = Running::start(tunnel, Limits::new(10, 10, 1), client).await;
    let clock = HeldClock::new();
    let mut first = running.connect_plain().await;
    let (_transport, _) = server.accept().await.unwrap();
    let _second = TcpStream::connect(running.address).await.unwrap();
    running.events.until("refused: PerAddress", 1).await;
    clock.advance(Duration::from_secs(2)).await;
    let _third = running.connect_plain().await;
    running.events.until("refused: Displaced", 1).await;
    running.until_connections(1).await;
    drop(clock);
    assert_eq!(first.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

/// A service that closes without reading everything has answered all the same.
#[tokio::test]
async fn an_answer_arrives_from_a_service_that_does_not_read_the_question_to_its_end() {
    let (running, mut client, mut served) = relayed(TLS13).await;
    served.write_all(b"answer").await.unwrap();
    drop(served);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "answer");
    // The first byte is answered by a reset, and then the relay learns that the service is gone.
    for _ in 0..20 {
        client.write_all(b"more").await.unwrap();
        client.flush().await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    client.shutdown().await.unwrap();
    running.events.until("ended: ", 1).await;
    let all = running.events.all();
    assert!(all.iter().any(|event| event.ends_with("6 out, closed")), "{all:?}");
}
