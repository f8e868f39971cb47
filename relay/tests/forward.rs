//! What passes through a forwarding server: bytes, ends, truncations and resets, each told from the others.

mod pair;

use std::io::ErrorKind;

use handclasp::{Error, ProtocolVersion};
use handclasp_relay::Socket;
use pair::{forwarding, through};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

/// Bytes that differ from their neighbours.
fn noise(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_byte_passes_in_both_directions_at_once() {
    for version in VERSIONS {
        let (running, service) = forwarding(version).await;
        let (client, served) = through(&running, &service).await;
        let up = noise(3_000_001);
        let down = noise(2_000_003);
        let (mut client_in, mut client_out) = client.into_split();
        let (mut service_in, mut service_out) = served.into_split();
        let sending = async {
            client_out.write_all(&up).await.unwrap();
            client_out.flush().await.unwrap();
        };
        let answering = async {
            service_out.write_all(&down).await.unwrap();
        };
        let receiving = async {
            let mut came = vec![0; up.len()];
            service_in.read_exact(&mut came).await.unwrap();
            assert!(came == up);
        };
        let reading = async {
            let mut came = vec![0; down.len()];
            client_in.read_exact(&mut came).await.unwrap();
            assert!(came == down);
        };
        tokio::join!(sending, answering, receiving, reading);
        drop(service_out);
        client_out.shutdown().await.unwrap();
        assert_eq!(client_in.read(&mut [0]).await.unwrap(), 0);
        assert_eq!(service_in.read(&mut [0]).await.unwrap(), 0);
        running.events.until("ended: 3000001 in, 2000003 out, closed", 1).await;
        running.events.until("closed", 2).await;
        assert_eq!(running.gate.connections(), 0);
    }
}

/// One side asks and ends; the other one reads that, answers and ends.
async fn one_after_the_other(mut asks: impl Side, mut answers: impl Side) {
    asks.write_all(b"question").await.unwrap();
    asks.shutdown().await.unwrap();
    let mut question = String::new();
    answers.read_to_string(&mut question).await.unwrap();
    assert_eq!(question, "question");
    answers.write_all(b"answer").await.unwrap();
    answers.shutdown().await.unwrap();
    let mut answer = String::new();
    asks.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "answer");
}

trait Side: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Side for S {}

#[tokio::test]
async fn an_end_of_the_client_leaves_the_answer_open() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_3).await;
    let (client, served) = through(&running, &service).await;
    one_after_the_other(client, served).await;
    running.events.until("ended: 8 in, 6 out, closed", 1).await;
}

#[tokio::test]
async fn an_end_of_the_service_leaves_the_question_open() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_3).await;
    let (client, served) = through(&running, &service).await;
    one_after_the_other(served, client).await;
    running.events.until("ended: 6 in, 8 out, closed", 1).await;
}

#[tokio::test]
async fn tls12_ends_both_directions_at_the_clients_close_notify() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_2).await;
    let (mut client, mut served) = through(&running, &service).await;
    client.write_all(b"question").await.unwrap();
    client.shutdown().await.unwrap();
    let mut question = String::new();
    served.read_to_string(&mut question).await.unwrap();
    assert_eq!(question, "question");
    // RFC 5246 §7.2.1: pending writes are discarded.
    served.write_all(b"answer").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "");
    drop(served);
    running.events.until("closed", 2).await;
    assert_eq!(running.events.count("ended: 8 in, 0 out, closed"), 1, "{:?}", running.events.all());
    // Behind close_notify a reset says that there was something to discard.
    let error = client.into_inner().0.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_truncation_of_the_client_is_a_reset_for_the_service() {
    for version in VERSIONS {
        let (running, service) = forwarding(version).await;
        let (mut client, mut served) = through(&running, &service).await;
        client.write_all(b"half a quest").await.unwrap();
        let mut came = [0; 12];
        served.read_exact(&mut came).await.unwrap();
        // The transport ends in order, without close_notify.
        let mut transport = client.into_inner().0;
        transport.shutdown().await.unwrap();
        let error = served.read(&mut came).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        running.events.until("the client ended without close_notify", 1).await;
    }
}

#[tokio::test]
async fn a_reset_of_the_client_is_a_reset_for_the_service() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_3).await;
    let (client, mut served) = through(&running, &service).await;
    client.get_ref().0.set_zero_linger().unwrap();
    drop(client);
    let error = served.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    running.events.until("the client reset the connection", 1).await;
}

#[tokio::test]
async fn a_reset_of_the_service_is_a_reset_for_the_client() {
    for version in VERSIONS {
        let (running, service) = forwarding(version).await;
        let socket = Socket::connect(&running.address.into()).await.unwrap();
        let (client, served) = tokio::join!(running.connector.connect("a.example", socket), service.accept());
        let (mut client, mut served) = (client.unwrap(), served.unwrap().0);
        served.write_all(b"half an ans").await.unwrap();
        let mut came = [0; 11];
        client.read_exact(&mut came).await.unwrap();
        served.set_zero_linger().unwrap();
        drop(served);
        let error = client.read(&mut came).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        assert!(Error::in_io_error(&error).is_some(), "{error}");
        assert_eq!(client.get_ref().0.broken(), Some(ErrorKind::ConnectionReset));
        running.events.until("the target reset the connection", 1).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_after_the_whole_answer_is_no_failure() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_3).await;
    let (mut client, mut served) = through(&running, &service).await;
    served.write_all(b"answer").await.unwrap();
    drop(served);
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    drop(client);
    running.events.until("ended: 0 in, 6 out, closed; the client left", 1).await;
}

#[tokio::test]
async fn a_client_without_a_service_sees_a_reset() {
    let (running, service) = forwarding(ProtocolVersion::TLS_1_3).await;
    drop(service);
    let mut client = running.connect().await;
    let error = client.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    running.events.until("no target 127.0.0.1:", 1).await;
    running.events.until("the target was not reached", 1).await;
}
