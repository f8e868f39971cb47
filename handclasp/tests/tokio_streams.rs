//! Streams of `handclasp::tokio`: data in both directions, whatever the transport and the tasks do.
#![cfg(feature = "tokio")]

mod tokio_peers;

use std::{io::IoSlice, pin::pin, sync::Arc};

use handclasp::{
    ProtocolVersion,
    tokio::{TlsAcceptor, TlsConnector, TlsStream},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex, split},
    net::{TcpListener, TcpStream},
    task::yield_now,
};
use tokio_peers::{NAME, VERSIONS, connected, handshake, mutual, pattern};

async fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    (near.expect("connects"), far.expect("accepts").0)
}

#[tokio::test]
async fn both_versions_over_tcp() {
    for version in VERSIONS {
        let (client, server) = mutual(version);
        let (near, far) = tcp().await;
        let connector = TlsConnector::from(Arc::new(client));
        let acceptor = TlsAcceptor::from(Arc::new(server));
        // Both futures can be spawned.
        let accepting = tokio::spawn(async move { acceptor.accept(far).await });
        let connecting = tokio::spawn(async move { connector.connect(NAME, near).await });
        let mut client: TlsStream<_> = connecting.await.expect("ends").expect("connects").into();
        let mut server: TlsStream<_> = accepting.await.expect("ends").expect("accepts").into();
        assert_eq!((client.connected().version, server.connected().version), (version, version));
        assert!(server.connected().peer.is_some() && client.connected().peer.is_some());

        client.write_all(b"question\n").await.expect("sent");
        let mut line = String::new();
        server.read_line(&mut line).await.expect("read");
        assert_eq!(line, "question\n");
        server.write_all(b"answer").await.expect("sent");
        server.shutdown().await.expect("sent");
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.expect("close_notify");
        assert_eq!(answer, b"answer");
        assert_eq!(client.read(&mut [0; 8]).await.expect("still the end"), 0);
    }
}

/// In the handshake both sides send at the same time, and then the client writes all before it reads: it
/// must not have to take the server's tickets first.
#[tokio::test]
async fn pipes_of_a_few_bytes() {
    for version in VERSIONS {
        for size in [1, 16, 5000] {
            let (client, server) = mutual(version);
            let (near, far) = duplex(size);
            let data = pattern(if size == 1 { 3000 } else { 100_000 });
            let sent = data.clone();
            let echoing = async {
                let mut stream = TlsAcceptor::from(server).accept(far).await.expect("accepts");
                let mut came = vec![0; data.len()];
                stream.read_exact(&mut came).await.expect("read");
                stream.write_all(&came).await.expect("sent");
                stream.shutdown().await.expect("sent");
            };
            let asking = async {
                let mut stream = TlsConnector::from(client).connect(NAME, near).await.expect("connects");
                stream.write_all(&sent).await.expect("sent");
                stream.flush().await.expect("sent");
                let mut back = Vec::new();
                stream.read_to_end(&mut back).await.expect("close_notify");
                back
            };
            let ((), back) = tokio::join!(echoing, asking);
            assert!(back == data, "{version:?} in a pipe of {size}");
        }
    }
}

/// Writes and reads at the same time, in two tasks; returns the halves, which keep the pipe open.
async fn exchange<R, W>(mut read: R, mut write: W, data: Arc<Vec<u8>>) -> (R, W)
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let sent = Arc::clone(&data);
    let writing = tokio::spawn(async move {
        write.write_all(&sent).await.expect("sent");
        write.flush().await.expect("sent");
        write
    });
    let mut came = vec![0; data.len()];
    read.read_exact(&mut came).await.expect("read");
    let mut write = writing.await.expect("ends");
    write.shutdown().await.expect("sent");
    assert!(came == *data);
    (read, write)
}

/// Both sides write 10 MB at the same time and read, through halves of both kinds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_write_at_the_same_time() {
    let data = Arc::new(pattern(10_000_000));
    for (version, size) in [(VERSIONS[0], 700), (VERSIONS[1], 100_000)] {
        let (client, server) = connected(version, size).await;
        let (near_read, near_write) = client.into_split();
        let (far_read, far_write) = split(server);
        let near = tokio::spawn(exchange(near_read, near_write, Arc::clone(&data)));
        let far = tokio::spawn(exchange(far_read, far_write, Arc::clone(&data)));
        let _open = (near.await.expect("ends"), far.await.expect("ends"));
    }
}

#[tokio::test]
async fn both_sides_write_at_the_same_time_over_tcp() {
    let data = Arc::new(pattern(10_000_000));
    let (client, server) = handshake(mutual(VERSIONS[0]), tcp().await).await;
    let (near_read, near_write) = client.expect("connects").into_split();
    let (far_read, far_write) = TlsStream::from(server.expect("accepts")).into_split();
    tokio::join!(
        exchange(near_read, near_write, Arc::clone(&data)),
        exchange(far_read, far_write, Arc::clone(&data))
    );
}

#[tokio::test]
async fn a_dropped_read_or_write_loses_nothing() {
    for version in VERSIONS {
        let (mut client, mut server) = connected(version, 50).await;
        let data = pattern(200_000);
        let (mut dropped_writes, mut dropped_reads) = (0, 0);
        let writing = async {
            let mut left = &data[..];
            while !left.is_empty() {
                tokio::select! {
                    biased;
                    count = client.write(left) => left = &left[count.expect("sent")..],
                    () = yield_now() => dropped_writes += 1,
                }
            }
            client.shutdown().await.expect("sent");
        };
        let reading = async {
            let (mut came, mut part) = (Vec::new(), [0; 1000]);
            loop {
                tokio::select! {
                    biased;
                    count = server.read(&mut part) => match count.expect("read") {
                        0 => break came,
                        count => came.extend_from_slice(&part[..count]),
                    },
                    () = yield_now() => dropped_reads += 1,
                }
            }
        };
        let ((), came) = tokio::join!(writing, reading);
        assert!(came == data, "{version:?}");
        assert!(dropped_writes > 100 && dropped_reads > 100, "{dropped_writes} and {dropped_reads}");
    }
}

/// A relay then needs one call for many records.
#[tokio::test]
async fn records_that_came_are_lent_together() {
    for version in VERSIONS {
        let (mut client, mut server) = connected(version, 4 << 20).await;
        let data = pattern(1 << 20);
        client.write_all(&data).await.expect("sent");
        client.shutdown().await.expect("sent");
        let (mut came, mut most) = (Vec::new(), 0);
        loop {
            let lent = server.fill_buf().await.expect("read");
            if lent.is_empty() {
                break;
            }
            came.extend_from_slice(lent);
            let count = lent.len();
            most = most.max(count);
            server.consume(count);
        }
        assert!(came == data, "{version:?}");
        assert!((64 * 1024..128 * 1024).contains(&most), "{most} bytes at once");
    }
}

/// Sizes of the records in a stream of them.
fn records(mut wire: &[u8]) -> Vec<usize> {
    let mut sizes = Vec::new();
    while let Some((header, rest)) = wire.split_at_checked(5) {
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        sizes.push(length);
        wire = &rest[length..];
    }
    sizes
}

/// Bytes that the TLS 1.3 suites add: the content type and the tag.
const ADDED: usize = 1 + 16;

#[tokio::test]
async fn slices_fill_records_together() {
    let (mut client, server) = connected(VERSIONS[0], 1 << 20).await;
    let parts: Vec<Vec<u8>> = [10, 0, 16_384, 3, 16_384, 7_000].map(pattern).into();
    let slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    assert!(client.is_write_vectored());
    let count = client.write_vectored(&slices).await.expect("sent");
    assert_eq!(count, parts.concat().len());
    let (mut raw, _) = server.into_inner();
    let mut wire = vec![0; 1 << 20];
    let count = raw.read(&mut wire).await.expect("read");
    assert_eq!(records(&wire[..count]), [16_384 + ADDED, 16_384 + ADDED, 7_013 + ADDED]);
}

/// A transport that takes little at once makes no small records.
#[tokio::test]
async fn records_stay_full_when_the_transport_is_slow() {
    let (mut client, server) = connected(VERSIONS[0], 100).await;
    let data = pattern(20 * 16_384);
    let (mut raw, _) = server.into_inner();
    let writing = async {
        client.write_all(&data).await.expect("sent");
        client.flush().await.expect("sent");
        drop(client);
    };
    let mut wire = Vec::new();
    let (_, read) = tokio::join!(writing, raw.read_to_end(&mut wire));
    read.expect("read");
    let sizes = records(&wire);
    assert!(sizes.len() <= 27, "{} records for 20 of the largest", sizes.len());
}

#[tokio::test]
async fn each_direction_ends_by_itself() {
    let (mut client, mut server) = connected(VERSIONS[0], 4096).await;
    client.write_all(b"all").await.expect("sent");
    client.shutdown().await.expect("sent");
    let mut came = Vec::new();
    server.read_to_end(&mut came).await.expect("close_notify");
    assert_eq!(came, b"all");
    // The other direction goes on.
    server.write_all(b"more").await.expect("sent");
    server.shutdown().await.expect("sent");
    came.clear();
    client.read_to_end(&mut came).await.expect("close_notify");
    assert_eq!(came, b"more");
    client.write_all(b"?").await.expect_err("this side has closed");
}

/// A write of one task is sent on by the reads of another one, where the transport was full.
#[tokio::test]
async fn what_was_taken_is_sent_by_reading() {
    let (mut client, mut server) = connected(ProtocolVersion::TLS_1_3, 64).await;
    client.write_all(&pattern(1000)).await.expect("taken");
    // Not flushed: 64 bytes are in the pipe.
    let mut answer = [0; 6];
    let answering = async {
        let mut came = vec![0; 1000];
        server.read_exact(&mut came).await.expect("read");
        server.write_all(b"answer").await.expect("sent");
        server.flush().await.expect("sent");
        assert_eq!(came, pattern(1000));
    };
    tokio::join!(answering, async { client.read_exact(&mut answer).await.expect("read") });
    assert_eq!(&answer, b"answer");
}

#[tokio::test]
async fn halves_come_together_again() {
    let (client, server) = connected(VERSIONS[0], 4096).await;
    let (read, write) = client.into_split();
    let (other_read, other_write) = server.into_split();
    let other: Box<dyn std::any::Any> = Box::new(other_read);
    drop(other);
    assert!(read.with_stream(|stream| stream.get_ref().1.report().items().count()) > 0);
    let mut stream = read.reunite(write).expect("of one stream");
    stream.write_all(b"on").await.expect("sent");
    let (server_read, server_write) = connected(VERSIONS[0], 4096).await.1.into_split();
    let error = server_read.reunite(other_write).expect_err("of two streams");
    assert!(error.0.reunite(server_write).is_ok());
}

/// The connection behind a stream can be used, and what it queues is sent.
#[tokio::test]
async fn what_the_connection_queues_is_sent() {
    let (mut client, mut server) = connected(VERSIONS[0], 4096).await;
    client.get_mut().1.update_keys().expect("TLS 1.3");
    client.get_mut().1.close();
    client.flush().await.expect("sent");
    let mut reading = pin!(server.read_u8());
    let error = reading.as_mut().await.expect_err("the end");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert!(handclasp::Error::in_io_error(&error).is_none(), "close_notify: {error}");
}
