//! The application behind nginx: `/live/pieces/NAME` is a response in pieces, each sent when `/live/next/NAME` is
//! requested, and `/live/socket` echoes the messages of a WebSocket (RFC 6455).

use std::collections::HashMap;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context as _, Result, bail, ensure};
use base64ct::{Base64, Encoding as _};
use sha1::{Digest as _, Sha1};

use super::address::TIMEOUT;

/// The first piece of a response.
pub const FIRST: &str = "the first piece";
/// The second piece.
pub const SECOND: &str = "the second piece";

/// Opcode of a text message.
pub const TEXT: u8 = 1;
/// Opcode of a close.
pub const CLOSE: u8 = 8;

/// RFC 6455 §1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The longest message that is read.
const LONGEST: usize = 1 << 20;

/// How many times the next piece of each response was requested.
type Requested = Arc<(Mutex<HashMap<String, usize>>, Condvar)>;

/// The application, which ends when it is dropped.
pub struct Upstream {
    listening: Option<JoinHandle<()>>,
    ended: Arc<AtomicBool>,
    socket: std::path::PathBuf,
}

/// A frame of a WebSocket.
pub struct Frame {
    /// The kind of the message.
    pub opcode: u8,
    /// Its content, unmasked.
    pub payload: Vec<u8>,
}

impl Upstream {
    /// Listens on a UNIX socket; a thread for each connection.
    pub fn start(socket: &Path) -> Result<Self> {
        let listener = UnixListener::bind(socket)?;
        let ended = Arc::new(AtomicBool::new(false));
        let (requested, has_ended) = (Requested::default(), Arc::clone(&ended));
        let listening = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if has_ended.load(Ordering::Relaxed) {
                    return;
                }
                let requested = Arc::clone(&requested);
                // A client that ends early is seen by the test, not here.
                thread::spawn(move || serve(stream, &requested).ok());
            }
        });
        Ok(Self { listening: Some(listening), ended, socket: socket.to_owned() })
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // A last connection, which wakes the thread.
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(listening) = self.listening.take()
        {
            let _ = listening.join();
        }
    }
}

fn serve(mut stream: UnixStream, requested: &Requested) -> Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        if let Some(name) = path.strip_prefix("/live/pieces/") {
            pieces(&mut stream, name, requested)?;
        } else if let Some(name) = path.strip_prefix("/live/next/") {
            let (numbers, changed) = &**requested;
            *numbers.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default() += 1;
            changed.notify_all();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        } else {
            return web_socket(&mut stream, &head);
        }
    }
}

fn pieces(stream: &mut UnixStream, name: &str, requested: &Requested) -> Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
    for (number, piece) in [FIRST, SECOND].into_iter().enumerate() {
        write!(stream, "{:x}\r\n{piece}\r\n", piece.len())?;
        let (numbers, changed) = &**requested;
        let numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let (numbers, waited) = changed
            .wait_timeout_while(numbers, TIMEOUT, |numbers| {
                numbers.get(name).copied().unwrap_or_default() <= number
            })
            .unwrap_or_else(PoisonError::into_inner);
        drop(numbers);
        ensure!(!waited.timed_out(), "the next piece was not requested");
    }
    Ok(stream.write_all(b"0\r\n\r\n")?)
}

fn web_socket(stream: &mut UnixStream, head: &str) -> Result<()> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut keys = lines.filter(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Key"));
    let (_, key) = keys.next().context("a request without Sec-WebSocket-Key")?;
    let accept = Base64::encode_string(&Sha1::digest(format!("{}{GUID}", key.trim())));
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )?;
    loop {
        let message = read_frame(stream)?;
        stream.write_all(&frame(message.opcode, &message.payload, false)?)?;
        if message.opcode == CLOSE {
            return Ok(());
        }
    }
}

/// A message in one frame (RFC 6455 §5.2); clients mask theirs.
pub fn frame(opcode: u8, payload: &[u8], masked: bool) -> Result<Vec<u8>> {
    let mask = if masked { 0x80 } else { 0 };
    let mut out = vec![0x80 | opcode];
    match payload.len() {
        length @ 0..126 => out.push(mask | u8::try_from(length)?),
        length => {
            out.push(mask | 126);
            out.extend(u16::try_from(length).context("a message of more than 65535 bytes")?.to_be_bytes());
        }
    }
    if masked {
        out.extend(KEY);
        out.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    } else {
        out.extend(payload);
    }
    Ok(out)
}

/// The key that our client masks with.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Reads one frame, which must be a whole message.
pub fn read_frame(stream: &mut impl Read) -> Result<Frame> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    ensure!(head[0] & 0x80 != 0, "a message in fragments");
    let length = match head[1] & 0x7f {
        127 => bail!("a message of more than 65535 bytes"),
        126 => {
            let mut long = [0; 2];
            stream.read_exact(&mut long)?;
            usize::from(u16::from_be_bytes(long))
        }
        length => usize::from(length),
    };
    ensure!(length <= LONGEST, "a message of {length} bytes");
    let mut key = [0; 4];
    if head[1] & 0x80 != 0 {
        stream.read_exact(&mut key)?;
    }
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload)?;
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Ok(Frame { opcode: head[0] & 0x0f, payload })
}
