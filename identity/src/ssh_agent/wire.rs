//! The two requests: which keys there are, and a signature.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    string::String,
    time::{Duration, Instant},
    vec::Vec,
};

use ssh_encoding::{Decode, Encode};

use super::{AgentError, AgentKey, AgentProblem, SshAgent, error::REFUSED};

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// Limit for an answer, as OpenSSH's own.
const ANSWER_MAX: u32 = 256 * 1024;

/// The keys of the agent.
pub(super) fn identities(agent: &SshAgent) -> Result<Vec<AgentKey>, AgentError> {
    let answer = ask(agent, REQUEST_IDENTITIES, &[], IDENTITIES_ANSWER)?;
    let mut rest = answer.as_slice();
    let read = |rest: &mut &[u8]| -> Result<Vec<AgentKey>, ssh_encoding::Error> {
        let count = u32::decode(rest)?;
        let mut keys = Vec::new();
        for _ in 0..count {
            let blob = Vec::<u8>::decode(rest)?;
            let comment = Vec::<u8>::decode(rest)?;
            keys.push(AgentKey::new(blob, String::from_utf8_lossy(&comment).into_owned()));
        }
        Ok(keys)
    };
    read(&mut rest).map_err(|_| garbled(&agent.socket))
}

/// A signature of that key over the whole message, in the form of SSH.
pub(super) fn sign(agent: &SshAgent, blob: &[u8], message: &[u8], flags: u32) -> Result<Vec<u8>, AgentError> {
    let mut request = Vec::new();
    let written = blob
        .encode(&mut request)
        .and_then(|()| message.encode(&mut request))
        .and_then(|()| flags.encode(&mut request));
    written.map_err(|_| garbled(&agent.socket))?;
    let answer = ask(agent, SIGN_REQUEST, &request, SIGN_RESPONSE)?;
    Vec::<u8>::decode(&mut answer.as_slice()).map_err(|_| garbled(&agent.socket))
}

/// Sends one message and returns the content of the answer.
fn ask(agent: &SshAgent, message: u8, content: &[u8], expected: u8) -> Result<Vec<u8>, AgentError> {
    let (socket, timeout) = (agent.socket.as_path(), agent.timeout);
    let now = Instant::now();
    // A time that no clock reaches is a day.
    let deadline = now.checked_add(timeout).unwrap_or(now + Duration::from_secs(86_400));
    let unreachable = |error: io::Error| {
        let text = std::format!("no ssh-agent answers at {}: {error}", socket.display());
        AgentError::new(AgentProblem::NoAgent, text)
    };
    let failed = |error: io::Error| {
        let text = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                std::format!("the ssh-agent at {} did not answer within {timeout:?}", socket.display())
            }
            _ => std::format!("the ssh-agent at {} broke off: {error}", socket.display()),
        };
        AgentError::new(AgentProblem::Protocol, text)
    };
    let stream = UnixStream::connect(socket).map_err(unreachable)?;
    let mut stream = Limited { stream, deadline };
    let length = u32::try_from(content.len().saturating_add(1)).map_err(|_| garbled(socket))?;
    let request = [&length.to_be_bytes()[..], &[message], content].concat();
    stream.write_all(&request).map_err(failed)?;
    let mut head = [0; 5];
    stream.read_exact(&mut head).map_err(failed)?;
    let [a, b, c, d, kind] = head;
    let length = u32::from_be_bytes([a, b, c, d]);
    if length == 0 || length > ANSWER_MAX {
        return Err(garbled(socket));
    }
    // The bytes that come, not those that were announced, make the buffer grow.
    let left = u64::from(length.saturating_sub(1));
    let mut answer = Vec::new();
    stream.take(left).read_to_end(&mut answer).map_err(failed)?;
    match kind {
        _ if u64::try_from(answer.len()) != Ok(left) => Err(garbled(socket)),
        kind if kind == expected => Ok(answer),
        FAILURE => Err(AgentError::new(AgentProblem::Refused, REFUSED)),
        _ => Err(garbled(socket)),
    }
}

/// A socket with one limit for all reads and writes: a limit for each would let an agent that sends single bytes
/// hold a handshake for days.
struct Limited {
    stream: UnixStream,
    deadline: Instant,
}

impl Limited {
    /// The time that is left.
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn garbled(socket: &Path) -> AgentError {
    let text = std::format!("what answers at {} is not an ssh-agent", socket.display());
    AgentError::new(AgentProblem::Protocol, text)
}
