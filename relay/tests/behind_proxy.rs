//! Clients behind a proxy, whose PROXY header names them.

mod pair;

use std::{io::ErrorKind, time::Duration};

use handclasp::ProtocolVersion;
use handclasp_relay::{Incoming, Limits, Service, current_client};
use pair::{HeldClock, PATIENCE, Running, pair};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// Sends each client its address as the service knows it.
struct Names;

impl Service for Names {
    async fn serve(&self, incoming: Incoming) {
        let Incoming { mut socket, context, .. } = incoming;
        let current = current_client().expect("the task of a client");
        let text = format!("{} {} {current}", socket.peer(), context.client);
        let _ = socket.write_all(text.as_bytes()).await;
    }
}

async fn running() -> Running {
    let (client, _) = pair(ProtocolVersion::TLS_1_3);
    Running::behind(Some("loopback"), Names, Limits::default(), client).await
}

#[tokio::test]
async fn the_client_is_the_one_that_the_header_names() {
    let running = running().await;
    let mut proxy = TcpStream::connect(running.address).await.unwrap();
    proxy.write_all(b"PROXY TCP4 192.0.2.7 198.51.100.1 40112 443\r\n").await.unwrap();
    let mut told = String::new();
    timeout(PATIENCE, proxy.read_to_string(&mut told)).await.expect("an answer").unwrap();
    assert_eq!(told, "192.0.2.7:40112 192.0.2.7:40112 192.0.2.7:40112");
}

#[tokio::test]
async fn a_header_that_does_not_come_is_not_waited_for() {
    let running = running().await;
    let mut proxy = TcpStream::connect(running.address).await.unwrap();
    let clock = HeldClock::new();
    // It is accepted, and its time begins.
    running.until_connections(1).await;
    tokio::task::yield_now().await;
    clock.advance(Duration::from_secs(6)).await;
    running.events.until("proxy: PROXY header: expected within 5 s", 1).await;
    drop(clock);
    let end = timeout(PATIENCE, proxy.read(&mut [0])).await.expect("it is closed");
    assert!(matches!(end, Ok(0)) || end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_drain_ends_a_client_whose_header_has_not_come() {
    let running = running().await;
    let mut proxy = TcpStream::connect(running.address).await.unwrap();
    running.until_connections(1).await;
    let clock = HeldClock::new();
    running.drain.start(Duration::ZERO);
    // Timers count milliseconds.
    clock.advance(Duration::from_millis(10)).await;
    running.until_connections(0).await;
    drop(clock);
    assert_eq!(timeout(PATIENCE, proxy.read(&mut [0])).await.expect("it is closed").unwrap(), 0);
}
