//! What a writer learns of a peer that refused and went, over a transport that breaks before it can be read.
#![cfg(feature = "tokio")]

mod tokio_peers;

use std::{
    io::{self, ErrorKind},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use handclasp::{Blame, Client, Server};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex},
    time::{Instant, timeout},
};
use tokio_peers::{NAME, VERSIONS, handshake, identity, inside, pins, policy};

/// A socket that learns of its peer's end by writing, before it is told that there is something to read.
struct LateToRead {
    inner: DuplexStream,
    is_broken: bool,
    /// How often a reader has still to wait, once the pipe is broken; for ever if `None`.
    waits: Option<usize>,
}

impl AsyncRead for LateToRead {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.waits.filter(|_| self.is_broken) {
            Some(1..) => {
                self.waits = self.waits.map(|waits| waits - 1);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            None if self.is_broken => return Poll::Pending,
            _ => {}
        }
        Pin::new(&mut self.inner).poll_read(cx, space)
    }
}

impl AsyncWrite for LateToRead {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, data));
        self.is_broken |= written.is_err();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// TLS 1.3: the client is connected when the server refuses it; then the server is gone.
async fn refused(waits: Option<usize>) -> handclasp::tokio::client::TlsStream<LateToRead> {
    let (ours, theirs) = (identity("client.test"), identity(NAME));
    let client = Client::with_policy(pins(&theirs), policy(VERSIONS[0]));
    let server = Server::with_policy(theirs, policy(VERSIONS[0])).require_client(pins(&ours));
    let (near, far) = duplex(4096);
    let near = LateToRead { inner: near, is_broken: false, waits };
    let (client, server) = handshake((client, server), (near, far)).await;
    drop(server.expect_err("no certificate"));
    client.expect("connects")
}

#[tokio::test]
async fn the_alert_is_waited_for_when_the_pipe_breaks_first() {
    for waits in [1, 2, 5] {
        for flushes in [false, true] {
            let mut client = refused(Some(waits)).await;
            let error = match flushes {
                false => client.write_all(&[0; 200_000]).await.expect_err("refused"),
                true => {
                    client.write_all(b"ping").await.expect("taken");
                    client.flush().await.expect_err("refused")
                }
            };
            assert_eq!(inside(&error).blame(), Blame::RefusedByPeer, "{error}");
            assert!(error.to_string().contains("certificate_required"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_last_word_that_never_comes_is_waited_for_once_and_a_moment_only() {
    let mut client = refused(None).await;
    let start = Instant::now();
    let error = client.write_all(&[0; 200_000]).await.expect_err("broken");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    // From there on no time is lost.
    let again = timeout(Duration::from_millis(1), client.write_all(b"again")).await.expect("at once");
    assert_eq!(again.expect_err("broken").kind(), ErrorKind::BrokenPipe);
}
