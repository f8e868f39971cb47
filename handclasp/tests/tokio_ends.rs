//! How handshakes and streams of `handclasp::tokio` end when something is wrong: the error, its report,
//! the alert, the time.
#![cfg(feature = "tokio")]

mod tokio_peers;

use std::{
    future::Future,
    io::{self, ErrorKind},
    time::Duration,
};

use handclasp::{
    Acceptor, AlertDescription, Blame, CertificateFault, Client, Error, Fault, Pin, PskUse, Server, Trust,
    tokio::{LazyConfigAcceptor, TlsAcceptor, TlsConnector},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_peers::{NAME, VERSIONS, connected, handshake, identity, inside, mutual, pins, policy};

/// Both sides say why: this one by its fault, the other one by the alert.
#[tokio::test]
async fn a_refused_handshake_is_explained_on_both_sides() {
    for version in VERSIONS {
        for size in [8, 4096] {
            let client = Client::with_policy(Trust::Pins(vec![Pin([7; 32])]), policy(version));
            let server = Server::with_policy(identity(NAME), policy(version));
            let (client, server) = handshake((client, server), duplex(size)).await;
            let (refused, told) = (client.expect_err("another key"), server.expect_err("refused"));
            assert_eq!(refused.kind(), ErrorKind::InvalidData);
            let error = inside(&refused);
            assert!(matches!(error.fault(), Some(Fault::Certificate(CertificateFault::PinMismatch))));
            assert!(refused.to_string().contains("pin"), "{refused}");
            assert!(error.report().items().count() > 4, "{:?}", error.report());
            assert_eq!(told.kind(), ErrorKind::ConnectionAborted);
            assert_eq!(inside(&told).blame(), Blame::RefusedByPeer, "{told}");
        }
    }
}

/// TLS 1.3: the client is connected when the server refuses its certificate.
#[tokio::test]
async fn a_client_that_is_refused_late_reads_and_writes_why() {
    for reads in [true, false] {
        let (ours, theirs) = (identity("client.test"), identity(NAME));
        let client = Client::with_policy(pins(&theirs), policy(VERSIONS[0]));
        let server = Server::with_policy(theirs, policy(VERSIONS[0])).require_client(pins(&ours));
        let (client, server) = handshake((client, server), duplex(4096)).await;
        server.expect_err("no certificate");
        let mut client = client.expect("connects");
        let error = match reads {
            true => client.read_u8().await.expect_err("refused"),
            // The pipe is broken; the alert says why.
            false => client.write_all(&[0; 200_000]).await.expect_err("refused"),
        };
        assert_eq!(inside(&error).blame(), Blame::RefusedByPeer, "{error}");
        assert!(error.to_string().contains("certificate_required"), "{error}");
    }
}

#[tokio::test]
async fn an_end_without_close_notify_is_an_error() {
    for version in VERSIONS {
        let (mut client, mut server) = connected(version, 4096).await;
        server.write_all(b"half").await.expect("sent");
        server.flush().await.expect("sent");
        drop(server);
        let mut came = Vec::new();
        for _ in 0..2 {
            let error = client.read_to_end(&mut came).await.expect_err("truncated");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            assert!(matches!(inside(&error).fault(), Some(Fault::Truncated { .. })), "{error}");
        }
        assert_eq!(came, b"half");
    }
}

/// What is no record of the peer's ends the stream, and the peer gets the alert and then the end.
#[tokio::test]
async fn a_forged_record_is_refused_with_its_alert() {
    for version in VERSIONS {
        let (mut client, server) = connected(version, 4096).await;
        let (mut raw, _) = server.into_inner();
        raw.write_all(&[&[23, 3, 3, 0, 40][..], &[7; 40]].concat()).await.expect("sent");
        let peer = async {
            let mut wire = Vec::new();
            raw.read_to_end(&mut wire).await.expect("the end");
            wire
        };
        let (read, wire) = tokio::join!(client.read_u8(), peer);
        let error = read.expect_err("forged");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
        assert_eq!(inside(&error).blame(), Blame::RefusedByUs, "{error}");
        assert!(wire.len() > 5 && wire.len() < 60, "an alert under keys: {wire:?}");
        let again = client.write_all(b"more").await.expect_err("over");
        assert_eq!(inside(&again).fault(), inside(&error).fault());
    }
}

#[tokio::test]
async fn a_dropped_handshake_closes() {
    let (client, server) = mutual(VERSIONS[0]);
    let (near, far) = duplex(4096);
    let mut connecting = Box::pin(TlsConnector::from(client).connect(NAME, near));
    tokio::select! {
        biased;
        _ = &mut connecting => panic!("nobody answers"),
        () = tokio::task::yield_now() => {}
    }
    assert!(connecting.get_ref().is_some());
    drop(connecting);
    let error = TlsAcceptor::from(server).accept(far).await.expect_err("the end");
    assert!(matches!(inside(&error).fault(), Some(Fault::Truncated { .. })), "{error}");
}

#[tokio::test]
async fn the_transport_comes_back_with_an_error() {
    let (near, mut far) = duplex(64);
    let connector = TlsConnector::from(Client::new(Trust::DangerNobody));
    let connecting = connector.connect("https://device.test/", near).into_fallible();
    let (error, mut near) = connecting.await.expect_err("a URL");
    assert!(error.to_string().contains("is a URL"), "{error}");
    near.write_all(b"raw").await.expect("open");
    drop(near);
    let mut came = Vec::new();
    far.read_to_end(&mut came).await.expect("read");
    assert_eq!(came, b"raw", "nothing was sent before");
}

// ---- time: the clock of these tests stands still, and jumps when all tasks wait

fn assert_timed_out(error: &io::Error) {
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(matches!(inside(error).fault(), Some(Fault::TimedOut { .. })), "{error}");
}

/// How long a future takes by the clock of the runtime.
async fn timed<R>(future: impl Future<Output = R>) -> (R, Duration) {
    let begun = tokio::time::Instant::now();
    let result = future.await;
    (result, begun.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_gets_as_long_as_configured() {
    const LIMIT: Duration = Duration::from_secs(3000);
    let (client, server) = mutual(VERSIONS[0]);
    let connector = TlsConnector::from(client.deadline(Some(LIMIT)));
    let acceptor = TlsAcceptor::from(server.deadline(Some(LIMIT)));
    let (near, _far) = duplex(4096);
    let (connected, took) = timed(connector.connect(NAME, near)).await;
    assert_timed_out(&connected.expect_err("silence"));
    // The clock of the deadline is real: what a test takes until then is missing.
    assert!(took > LIMIT / 2 && took < LIMIT * 2, "{took:?}");
    let (_near, far) = duplex(4096);
    assert_timed_out(&acceptor.accept(far).await.expect_err("silence"));
    // A pipe that is never emptied holds nothing up either.
    let (near, _far) = duplex(16);
    assert_timed_out(&connector.connect(NAME, near).await.expect_err("silence"));
    let (_near, far) = duplex(16);
    let reading = LazyConfigAcceptor::new(Acceptor::with_time_limit(Some(LIMIT)), far);
    assert_timed_out(&reading.await.expect_err("silence"));
}

/// Sends a ClientHello that never ends, byte by byte.
async fn drip(mut pipe: DuplexStream) {
    let begun = [22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3];
    for byte in begun.into_iter().chain(std::iter::repeat(7)) {
        if pipe.write_all(&[byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_drips_gains_no_time() {
    let (_, server) = mutual(VERSIONS[0]);
    let (near, far) = duplex(4096);
    tokio::spawn(drip(near));
    let acceptor = TlsAcceptor::from(server);
    let accepting = acceptor.accept_with(far, |connection| {
        let deadline = connection.deadline().map(|end| end + Duration::from_secs(3600));
        connection.set_deadline(deadline);
    });
    let (accepted, took) = timed(accepting).await;
    assert_timed_out(&accepted.expect_err("too slow"));
    assert!(took > Duration::from_secs(1800) && took < Duration::from_secs(7200), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn the_alert_is_waited_for_a_moment_only() {
    let (near, mut far) = duplex(600);
    let server = TlsAcceptor::from(mutual(VERSIONS[0]).1);
    // The peer fills the pipe and reads nothing: the alert does not fit.
    far.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("sent");
    let mut blocked = near;
    blocked.write_all(&[0; 600]).await.expect("sent");
    let (accepted, took) = timed(server.accept(blocked)).await;
    let error = accepted.expect_err("refused");
    assert_eq!(inside(&error).blame(), Blame::RefusedByUs);
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop(far);
}

// ---- the server that is chosen by the ClientHello

async fn start(server_name: &str) -> (tokio::task::JoinHandle<io::Result<()>>, DuplexStream) {
    let psk = handclasp::Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[7; 32]).expect("a key");
    let connector = TlsConnector::from(Client::new(Trust::Psk(psk)));
    let (near, far) = duplex(100);
    let connecting = connector.connect(server_name, near);
    (tokio::spawn(async { connecting.await?.shutdown().await }), far)
}

#[tokio::test]
async fn a_server_is_chosen_by_the_client_hello() {
    let psk = |byte| handclasp::Psk::from_bytes("device-7", PskUse::Tls13Sha256, &[byte; 32]).expect("a key");
    let servers = [("a.test", Server::new(psk(7))), ("b.test", Server::new(psk(8)))];
    for (name, succeeds) in [("a.test", true), ("b.test", false)] {
        let (connecting, far) = start(name).await;
        let start = LazyConfigAcceptor::new(Acceptor::default(), far).await.expect("a ClientHello");
        assert_eq!(start.client_hello().server_name(), Some(name));
        let chosen = &servers.iter().find(|(known, _)| *known == name).expect("known").1;
        match start.into_stream(chosen).await {
            Ok(mut stream) => {
                assert_eq!(stream.read(&mut [0; 1]).await.expect("close_notify"), 0);
                connecting.await.expect("ends").expect("connects");
            }
            Err(error) => {
                assert_eq!(inside(&error).blame(), Blame::RefusedByUs, "{error}");
                connecting.await.expect("ends").expect_err("another key");
            }
        }
        assert_eq!(succeeds, name == "a.test");
    }
}

#[tokio::test]
async fn a_client_is_refused_by_its_client_hello() {
    let (connecting, far) = start("c.test").await;
    let start = LazyConfigAcceptor::new(Acceptor::new(), far).await.expect("a ClientHello");
    start.refuse(AlertDescription::unrecognized_name).await;
    let told = connecting.await.expect("ends").expect_err("refused");
    assert!(told.to_string().contains("unrecognized_name"), "{told}");
}

#[tokio::test]
async fn what_is_not_a_client_hello_gets_an_alert() {
    let (mut near, far) = duplex(100);
    near.write_all(b"GET / HTTP/1.0\r\n\r\n").await.expect("sent");
    let (read, alert) = tokio::join!(LazyConfigAcceptor::new(Acceptor::new(), far), async {
        let mut wire = Vec::new();
        near.read_to_end(&mut wire).await.expect("read");
        drop(near);
        wire
    });
    assert_eq!(alert, [21, 3, 3, 0, 2, 2, 10]);
    let error: io::Error = read.expect_err("refused");
    assert_eq!(inside(&error).blame(), Blame::RefusedByUs);
    assert!(Error::in_io_error(&error).is_some());
}
