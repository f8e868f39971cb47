//! A socket during the dialogue. Bytes are looked at before they are taken, and none behind the end of a
//! message is taken: the TLS engine must find its first record in the socket.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use handclasp_explain::Side;

use super::trouble::Trouble;

/// Bytes of a line or an XML tag. RFC 5321 §4.5.3.1.5 gives 512; capabilities of IMAP are longer.
const LONGEST_LINE: usize = 4096;

/// Bytes that a peer may send before TLS.
const MOST: usize = 64 * 1024;

/// How long a server is awaited before a second connection finds out whether it speaks TLS at once.
const FIRST_PATIENCE: Duration = Duration::from_secs(3);

/// Times of that second connection.
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
    deadline: Instant,
    /// Bytes taken.
    taken: usize,
}

impl<'s> Wire<'s> {
    pub fn new(stream: &'s TcpStream, peer: Side, patience: Duration) -> Self {
        Self { stream, peer, address: stream.peer_addr().ok(), deadline: Instant::now() + patience, taken: 0 }
    }

    /// The address of our side.
    pub fn local(&self) -> Option<SocketAddr> {
        self.stream.local_addr().ok()
    }

    /// Sends bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Trouble> {
        self.stream.set_write_timeout(Some(self.left()?)).map_err(Trouble::Io)?;
        self.stream.write_all(bytes.as_ref()).map_err(|error| match is_end(&error) {
            true => Trouble::Closed("to be read".to_owned()),
            false => Trouble::Io(error),
        })
    }

    /// A line without its end.
    pub fn line(&mut self, expected: &str) -> Result<String, Trouble> {
        let bytes = self.until(b'\n', "a line", expected)?;
        // A greeting in Latin-1 is a line; binary is not, and is shown as it came.
        let is_binary = bytes.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
        if is_binary && std::str::from_utf8(&bytes).is_err() {
            return Err(Trouble::unexpected(expected, &bytes));
        }
        let line = String::from_utf8_lossy(&bytes);
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Everything up to the next `>`.
    pub fn tag(&mut self, expected: &str) -> Result<String, Trouble> {
        let bytes = self.until(b'>', "an XML tag", expected)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn until(&mut self, end: u8, what: &'static str, expected: &str) -> Result<Vec<u8>, Trouble> {
        let mut out = Vec::new();
        loop {
            let seen = self.look(expected)?;
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
    pub fn exact(&mut self, count: usize, expected: &str) -> Result<Vec<u8>, Trouble> {
        let mut out = Vec::new();
        while out.len() < count {
            let seen = self.look(expected)?.len();
            out.extend(self.take(seen.min(count.saturating_sub(out.len())))?);
        }
        Ok(out)
    }

    /// Refuses what the peer has sent behind its last message.
    pub fn nothing_more(&mut self) -> Result<(), Trouble> {
        let mut chunk = [0; 512];
        self.stream.set_nonblocking(true).map_err(Trouble::Io)?;
        let seen = self.stream.peek(&mut chunk);
        self.stream.set_nonblocking(false).map_err(Trouble::Io)?;
        match seen {
            Ok(0) | Err(_) => Ok(()),
            Ok(count) => Err(Trouble::Early(chunk.get(..count).unwrap_or_default().to_vec())),
        }
    }

    /// What has arrived and is not taken yet; waits for the first byte of it.
    fn look(&mut self, expected: &str) -> Result<Vec<u8>, Trouble> {
        let is_first = self.taken == 0;
        let asks = is_first && self.peer == Side::Server;
        let left = || self.left().map_err(|_| Trouble::Silent(expected.to_owned()));
        let mut patience = if asks { left()?.min(FIRST_PATIENCE) } else { left()? };
        loop {
            self.stream.set_read_timeout(Some(patience)).map_err(Trouble::Io)?;
            let mut chunk = [0; 1024];
            match self.stream.peek(&mut chunk) {
                Ok(0) => return Err(self.ended(asks, expected)),
                Ok(count) => {
                    let seen = chunk.get(..count).unwrap_or_default();
                    let is_tls = is_first && is_tls(seen);
                    return if is_tls { Err(Trouble::SpeaksTls) } else { Ok(seen.to_vec()) };
                }
                Err(error) if is_silence(&error) => {
                    if asks && self.answers_tls() {
                        return Err(Trouble::SpeaksTls);
                    }
                    patience = left()?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_end(&error) => return Err(self.ended(asks, expected)),
                Err(error) => return Err(Trouble::Io(error)),
            }
        }
    }

    /// The peer has closed. Servers of TLS do so when they read anything else.
    fn ended(&self, asks: bool, expected: &str) -> Trouble {
        match asks && self.answers_tls() {
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
        self.stream.read_exact(&mut out).map_err(Trouble::Io)?;
        Ok(out)
    }

    /// Whether the server answers a ClientHello with TLS, on a connection of its own.
    fn answers_tls(&self) -> bool {
        let ask = || -> io::Result<bool> {
            let mut other =
                TcpStream::connect_timeout(&self.address.ok_or(ErrorKind::NotConnected)?, GLANCE)?;
            other.set_read_timeout(Some(GLANCE))?;
            other.write_all(HELLO)?;
            let mut first = [0; 3];
            other.read_exact(&mut first)?;
            Ok(is_tls(&first))
        };
        ask().unwrap_or(false)
    }

    /// The time that is left.
    fn left(&self) -> Result<Duration, Trouble> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(Trouble::Silent("the end of the dialogue".to_owned())),
            false => Ok(left),
        }
    }
}

/// Whether bytes begin a record with an alert or a handshake message.
fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 3, 0..=4, ..] | [0x15 | 0x16, 3] | [0x15 | 0x16])
}

fn is_silence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe)
}
