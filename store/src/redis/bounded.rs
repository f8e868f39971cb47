//! A transport whose peer may not send without end: replies are read whole into memory.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that the server may send between two of our writes, of which there are four a second. Replies are shorter by far, a
/// page of a search among them; a flood of notifications that is longer begins a new connection.
const UNASKED: usize = 16 * 1024 * 1024;

/// Counts what comes between two writes.
pub(super) struct Bounded<IO> {
    io: IO,
    unasked: usize,
}

impl<IO> Bounded<IO> {
    pub(super) fn new(io: IO) -> Self {
        Self { io, unasked: 0 }
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Bounded<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.unasked > UNASKED {
            let text = format!("it sent more than {UNASKED} bytes without being asked");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, text)));
        }
        let before = out.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, out))?;
        self.unasked = self.unasked.saturating_add(out.filled().len().saturating_sub(before));
        Poll::Ready(Ok(()))
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Bounded<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.unasked = 0;
        Pin::new(&mut self.io).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn what_is_not_asked_for_ends_the_connection() {
        let (near, mut far) = tokio::io::duplex(1 << 20);
        tokio::spawn(async move { while far.write_all(&[0; 1 << 16]).await.is_ok() {} });
        let mut near = Bounded::new(near);
        let mut page = vec![0; UNASKED];
        for _ in 0..3 {
            near.read_exact(&mut page).await.unwrap();
            near.write_all(b"PING").await.unwrap();
        }
        let error = near.read_to_end(&mut page).await.unwrap_err();
        assert!(error.to_string().contains("without being asked"), "{error}");
        assert!(page.len() < 3 * UNASKED);
    }
}
