//! A socket during the dialogue. Bytes are looked at before they are taken, and none behind the end of a
//! message is taken: the TLS engine must find its first record in the socket.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    net::SocketAddr,
    task::Poll,
    time::Duration,
};

use handclasp_explain::Side;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, ReadBuf},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::trouble::Trouble;

/// Bytes of a line or an XML tag. RFC 5321 §4.5.3.1.5 gives 512; capabilities of IMAP are longer.
const LONGEST_LINE: usize = 4096;

/// Bytes that a peer may send before TLS.
const MOST: usize = 64 * 1024;

/// How long a server is awaited before a second connection finds out whether it speaks TLS at once.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

/// Time of that second connection.
const GLANCE: Duration = Duration::from_secs(2);

/// A ClientHello of TLS 1.2 in its record: any answer that is TLS will do.
const HELLO: &[u8] = b"\x16\x03\x01\x00\x4c\x01\x00\x00\x48\x03\x03\
    HANDCLASP ASKS: IS THIS TLS? 123\x00\x00\x04\xc0\x2b\xc0\x2f\x01\x00\
    \x00\x1b\x00\x0d\x00\x06\x00\x04\x04\x03\x04\x01\x00\x0a\x00\x04\x00\x02\x00\x17\
    \x00\x17\x00\x00\xff\x01\x00\x01\x00";

/// The socket and its limits.
pub struct Wire<'s> {
    stream: &'s TcpStream,
    peer: Side,
    /// Of the peer; a socket that was reset does not know it any more.
    address: Option<SocketAddr>,
    patience: Duration,
    deadline: Instant,
    /// Bytes taken.
    taken: usize,
}

impl<'s> Wire<'s> {
    pub fn new(stream: &'s TcpStream, peer: Side, patience: Duration) -> Self {
        let (address, deadline) = (stream.peer_addr().ok(), Instant::now() + patience);
        Self { stream, peer, address, patience, deadline, taken: 0 }
    }

    /// The address of our side.
    pub fn local(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    /// Sends bytes.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Trouble> {
        let mut rest = bytes.as_ref();
        let sending = async {
            while !rest.is_empty() {
                self.stream.writable().await?;
                match self.stream.try_write(rest) {
                    Ok(count) => rest = rest.get(count..).unwrap_or_default(),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        };
        match timeout_at(self.deadline, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if is_end(&error) => Err(Trouble::Closed("to be read".to_owned())),
            Ok(Err(error)) => Err(Trouble::Io(error)),
            Err(_) => Err(self.silent("the end of the dialogue")),
        }
    }

    /// A line without its end.
    pub async fn line(&mut self, expected: &str) -> Result<String, Trouble> {
        let bytes = self.until(b'\n', "a line", expected).await?;
        // A greeting in Latin-1 is a line; binary is not, and is shown as it came.
        let is_binary = bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
        if is_binary && std::str::from_utf8(&bytes).is_err() {
            return Err(Trouble::unexpected(expected, &bytes));
        }
        let line = String::from_utf8_lossy(&bytes);
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Everything up to the next `>`.
    pub async fn tag(&mut self, expected: &str) -> Result<String, Trouble> {
        let bytes = self.until(b'>', "an XML tag", expected).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    async fn until(&mut self, end: u8, what: &'static str, expected: &str) -> Result<Vec<u8>, Trouble> {
        let mut out = Vec::new();
        loop {
            let seen = self.look(expected).await?;
            let found = seen.iter().position(|byte| *byte == end);
            let count = found.map_or(seen.len(), |place| place.saturating_add(1));
            if out.len().saturating_add(count) > LONGEST_LINE {
                return Err(Trouble::TooLong(what, LONGEST_LINE));
            }
            out.extend(self.take(count)?);
            if found.is_some() {
                return Ok(out);
            }
        }
    }

    /// So many bytes.
    pub async fn exact(&mut self, count: usize, expected: &str) -> Result<Vec<u8>, Trouble> {
        let mut out = Vec::new();
        while out.len() < count {
            let seen = self.look(expected).await?.len();
            out.extend(self.take(seen.min(count.saturating_sub(out.len())))?);
        }
        Ok(out)
    }

    /// Refuses what the peer has sent behind its last message.
    pub async fn nothing_more(&mut self) -> Result<(), Trouble> {
        let mut chunk = [0; 512];
        let mut space = ReadBuf::new(&mut chunk);
        // What has arrived, without waiting.
        let seen = poll_fn(|cx| Poll::Ready(self.stream.poll_peek(cx, &mut space))).await;
        match seen {
            Poll::Pending | Poll::Ready(Ok(0) | Err(_)) => Ok(()),
            Poll::Ready(Ok(_)) => Err(Trouble::Early(space.filled().to_vec())),
        }
    }

    /// What has arrived and is not taken yet; waits for the first byte of it.
    async fn look(&mut self, expected: &str) -> Result<Vec<u8>, Trouble> {
        let is_first = self.taken == 0;
        let asks = is_first && self.peer == Side::Server;
        let mut until = match asks {
            true => self.deadline.min(Instant::now() + FIRST_PATIENCE),
            false => self.deadline,
        };
        loop {
            let mut chunk = [0; 1024];
            match timeout_at(until, self.stream.peek(&mut chunk)).await {
                Ok(Ok(0)) => return Err(self.ended(asks, expected).await),
                Ok(Ok(count)) => {
                    let seen = chunk.get(..count).unwrap_or_default();
                    let is_tls = is_first && is_tls(seen);
                    return if is_tls { Err(Trouble::SpeaksTls) } else { Ok(seen.to_vec()) };
                }
                Err(_) => {
                    if asks && self.answers_tls().await {
                        return Err(Trouble::SpeaksTls);
                    }
                    if Instant::now() >= self.deadline {
                        return Err(self.silent(expected));
                    }
                    until = self.deadline;
                }
                Ok(Err(error)) if error.kind() == ErrorKind::Interrupted => {}
                Ok(Err(error)) if is_end(&error) => return Err(self.ended(asks, expected).await),
                Ok(Err(error)) => return Err(Trouble::Io(error)),
            }
        }
    }

    fn silent(&self, expected: &str) -> Trouble {
        Trouble::Silent { expected: expected.to_owned(), patience: self.patience }
    }

    /// The peer has closed. Servers of TLS do so when they read anything else.
    async fn ended(&self, asks: bool, expected: &str) -> Trouble {
        match asks && self.answers_tls().await {
            true => Trouble::SpeaksTls,
            false => Trouble::Closed(expected.to_owned()),
        }
    }

    /// Takes bytes that were looked at.
    fn take(&mut self, count: usize) -> Result<Vec<u8>, Trouble> {
        self.taken = self.taken.saturating_add(count);
        if self.taken > MOST {
            return Err(Trouble::TooLong("a dialogue before TLS", MOST));
        }
        let mut out = vec![0; count];
        let mut begun = 0;
        while let Some(rest @ [_, ..]) = out.get_mut(begun..) {
            match self.stream.try_read(rest) {
                Ok(0) => return Err(Trouble::Io(ErrorKind::UnexpectedEof.into())),
                Ok(count) => begun = begun.saturating_add(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Trouble::Io(error)),
            }
        }
        Ok(out)
    }

    /// Whether the server answers a ClientHello with TLS, on a connection of its own.
    async fn answers_tls(&self) -> bool {
        let ask = async {
            let address = self.address.ok_or(ErrorKind::NotConnected)?;
            let mut other = TcpStream::connect(address).await?;
            other.write_all(HELLO).await?;
            let mut first = [0; 3];
            other.read_exact(&mut first).await?;
            Ok::<_, io::Error>(is_tls(&first))
        };
        timeout(GLANCE, ask).await.is_ok_and(|answer| answer.unwrap_or(false))
    }
}

/// Whether bytes begin a record with an alert or a handshake message.
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..] | [0x15 | 0x16, 3] | [0x15 | 0x16])
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
}
