//! One question to a server: a ClientHello, and what it answers. In TLS 1.3 the hello brings a real
//! key share, so that the answer can be read to its end as in TLS 1.2. The connection is closed as
//! soon as the answer is clear; nobody is left waiting.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use handclasp::{CipherSuite, NamedGroup, ProtocolVersion, SystemRandom};
use handclasp_codec::AlertDescription;
use handclasp_crypto::Random as _;
use handclasp_explain::{
    Diagnosis, Evidence, Side,
    conversation::{Ending, Stage},
};
use handclasp_report::Named;

use super::{client_share::ClientShare, hello::Hello, observed};
use crate::{starttls, tape::Tape};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pause after which a server has read the segment before it.
const BETWEEN_SEGMENTS: Duration = Duration::from_millis(100);

/// Connections that are tried again, where a server is busy; and how long it is given.
const ATTEMPTS: u32 = 4;
const RECOVERY: Duration = Duration::from_millis(250);

/// What a server answers.
#[derive(Debug)]
pub enum Answer {
    /// It goes on, to the end of its flight; or in TLS 1.3 to a HelloRetryRequest for a group of
    /// which we cannot make a share.
    Accepted(Box<Diagnosis>),
    /// It goes on in a version that was not offered.
    OtherVersion(ProtocolVersion),
    /// It refuses with this alert.
    Refused(AlertDescription),
    /// It closes or resets without a word.
    Closed,
    /// It says nothing.
    Silent,
    /// It sends something that is not TLS.
    NotTls(Box<Diagnosis>),
}

impl Answer {
    /// Whether the server goes on.
    pub fn accepted(&self) -> bool {
        self.diagnosis().is_some()
    }

    /// The suite chosen.
    pub fn suite(&self) -> Option<CipherSuite> {
        self.diagnosis()?.conversation.suite()
    }

    /// The group chosen.
    pub fn group(&self) -> Option<NamedGroup> {
        self.diagnosis()?.conversation.group()
    }

    /// The conversation, where the server went on.
    pub fn diagnosis(&self) -> Option<&Diagnosis> {
        match self {
            Self::Accepted(diagnosis) => Some(diagnosis),
            Self::OtherVersion(_) | Self::Refused(_) | Self::Closed | Self::Silent | Self::NotTls(_) => None,
        }
    }
}

/// In a few words: "the server …".
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accepted(diagnosis) => match observed::warning(diagnosis) {
                Some(warning) => write!(f, "continues, with the warning {}", Named(warning)),
                None => f.write_str("continues"),
            },
            Self::OtherVersion(version) => {
                write!(f, "selects {}, which was not offered", Named(*version))
            }
            Self::Refused(alert) => write!(f, "refuses with {}", Named(*alert)),
            Self::Closed => f.write_str("closes the connection without an alert"),
            Self::Silent => write!(f, "does not respond within {} seconds", PATIENCE.as_secs()),
            Self::NotTls(_) => f.write_str("responds with bytes that are not TLS"),
        }
    }
}

/// A server, and how many connections were made to it.
pub struct Target {
    address: String,
    /// Where it was reached first: all questions go there, also where a name has several addresses.
    reached: Option<SocketAddr>,
    /// Connections so far.
    pub asked: u32,
    pause: Duration,
    /// The protocol that begins each connection, and the name for it.
    starttls: Option<(starttls::Protocol, String)>,
}

impl Target {
    /// A server; between two questions there is a pause, so that nobody takes them for an attack.
    pub fn new(address: &str, pause: Duration) -> Self {
        Self { address: address.to_owned(), reached: None, asked: 0, pause, starttls: None }
    }

    /// Begins each connection in plaintext; `host` is the name that XMPP asks for.
    pub fn starttls(self, protocol: Option<starttls::Protocol>, host: &str) -> Self {
        Self { starttls: protocol.map(|protocol| (protocol, host.to_owned())), ..self }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A connection to it.
    pub fn connect(&mut self) -> io::Result<TcpStream> {
        let Some(address) = self.reached else { return self.reach() };
        let mut attempt = 0;
        loop {
            std::thread::sleep(self.pause.saturating_add(RECOVERY.saturating_mul(attempt)));
            attempt += 1;
            match TcpStream::connect_timeout(&address, PATIENCE).and_then(|stream| self.begin(stream)) {
                Ok(stream) => {
                    self.asked += 1;
                    return Ok(stream);
                }
                Err(error) if attempt >= ATTEMPTS => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The first connection.
    fn reach(&mut self) -> io::Result<TcpStream> {
        let mut last = None;
        for address in self.address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, PATIENCE) {
                Ok(stream) => {
                    let stream = self.begin(stream)?;
                    self.reached = Some(address);
                    self.asked += 1;
                    return Ok(stream);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address")))
    }

    /// The protocol that begins each connection.
    pub fn protocol(&self) -> Option<starttls::Protocol> {
        self.starttls.as_ref().map(|(protocol, _)| *protocol)
    }

    /// The plaintext before TLS.
    fn begin(&self, stream: TcpStream) -> io::Result<TcpStream> {
        if let Some((protocol, host)) = &self.starttls {
            // Small messages of both sides must not wait for each other.
            stream.set_nodelay(true)?;
            starttls::negotiate(&stream, *protocol, host).map_err(io::Error::other)?;
        }
        Ok(stream)
    }

    /// Asks. A HelloRetryRequest is answered by asking again with the share that it wants.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn ask(&mut self, hello: &Hello) -> io::Result<Answer> {
        let share = ClientShare::of_first(&hello.groups).filter(|_| hello.tls13());
        let sent = share.as_ref().map(|share| share.group);
        let answer = self.say(hello, share)?;
        let wanted = answer.diagnosis().and_then(|diagnosis| observed::wanted_group(&diagnosis.conversation));
        match wanted.filter(|group| Some(*group) != sent).and_then(ClientShare::of) {
            Some(share) => self.say(hello, Some(share)),
            None => Ok(answer),
        }
    }

    fn say(&mut self, hello: &Hello, share: Option<ClientShare>) -> io::Result<Answer> {
        let mut random = [0; 32];
        SystemRandom.fill(&mut random).map_err(|_| io::Error::other("the random number generator failed"))?;
        let record = hello.record(&random, share.as_ref());
        let answer = self.send(&[record], share, Stage::ServerFlight)?;
        Ok(match &answer {
            Answer::Accepted(diagnosis) => match diagnosis.conversation.version() {
                Some(version) if !hello.versions.contains(&version) => Answer::OtherVersion(version),
                Some(_) | None => answer,
            },
            Answer::OtherVersion(_)
            | Answer::Refused(_)
            | Answer::Closed
            | Answer::Silent
            | Answer::NotTls(_) => answer,
        })
    }

    /// Asks with the bytes of a ClientHello's records, of which these are the key shares. Each piece is a TCP
    /// segment of its own. A server that comes as far as `enough` has accepted it.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn send(
        &mut self,
        pieces: &[Vec<u8>],
        shares: impl IntoIterator<Item = ClientShare>,
        enough: Stage,
    ) -> io::Result<Answer> {
        let mut shares: Vec<ClientShare> = shares.into_iter().collect();
        let mut tape = Tape::new(self.connect()?, Side::Client);
        tape.transport().set_nodelay(true)?;
        let until = Instant::now() + PATIENCE;
        let mut open = true;
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                std::thread::sleep(BETWEEN_SEGMENTS);
            }
            open = open && tape.write_all(piece).is_ok();
        }
        let mut evidence = Evidence::default();
        loop {
            let mut diagnosis = tape.recording().diagnosis(&evidence);
            let line = diagnosis.as_ref().and_then(|diagnosis| {
                shares.iter_mut().find_map(|share| share.key_log(&diagnosis.conversation))
            });
            if let Some(line) = line {
                evidence.key_log = line;
                diagnosis = tape.recording().diagnosis(&evidence);
            }
            if let Some(answer) = clear(diagnosis, open, enough) {
                return Ok(answer);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Answer::Silent);
            }
            tape.transport().set_read_timeout(Some(left))?;
            let mut chunk = [0; 16 * 1024];
            match tape.read(&mut chunk) {
                Ok(0) => open = false,
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                }
                Err(_) => open = false,
            }
        }
    }
}

/// The answer, once it is clear.
fn clear(diagnosis: Option<Diagnosis>, open: bool, enough: Stage) -> Option<Answer> {
    let closed = (!open).then_some(Answer::Closed);
    let Some(diagnosis) = diagnosis else { return closed };
    let story = &diagnosis.conversation;
    if let Ending::Refused { by: Side::Server, alert, .. } = story.ending() {
        return Some(Answer::Refused(alert));
    }
    if story.is_not_tls(Side::Server) {
        return Some(Answer::NotTls(Box::new(diagnosis)));
    }
    let asks_again = story.server_hello().is_none() && observed::wanted_group(story).is_some();
    match asks_again || story.stage() >= enough {
        true => Some(Answer::Accepted(Box::new(diagnosis))),
        false => closed,
    }
}

#[cfg(test)]
mod tests;
