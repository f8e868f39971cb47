//! The two requests: which keys there are, and a signature.

use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    string::String,
    time::Duration,
    vec::Vec,
};

use ssh_encoding::{Decode, Encode};

use super::{AgentError, AgentKey, AgentProblem, error::REFUSED};

const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// Limit for an answer, as OpenSSH's own.
const ANSWER_MAX: u32 = 256 * 1024;
/// How long an agent may take. A person may have to confirm a signature, or touch a card.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The keys of the agent.
pub(super) fn identities(socket: &Path) -> Result<Vec<AgentKey>, AgentError> {
    let answer = ask(socket, REQUEST_IDENTITIES, &[], IDENTITIES_ANSWER)?;
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
    read(&mut rest).map_err(|_| garbled(socket))
}

/// A signature of that key over the whole message, in the form of SSH.
pub(super) fn sign(socket: &Path, blob: &[u8], message: &[u8], flags: u32) -> Result<Vec<u8>, AgentError> {
    let mut request = Vec::new();
    let written = blob
        .encode(&mut request)
        .and_then(|()| message.encode(&mut request))
        .and_then(|()| flags.encode(&mut request));
    written.map_err(|_| garbled(socket))?;
    let answer = ask(socket, SIGN_REQUEST, &request, SIGN_RESPONSE)?;
    Vec::<u8>::decode(&mut answer.as_slice()).map_err(|_| garbled(socket))
}

/// Sends one message and returns the content of the answer.
fn ask(socket: &Path, message: u8, content: &[u8], expected: u8) -> Result<Vec<u8>, AgentError> {
    let unreachable = |error: io::Error| {
        let text = std::format!("no ssh-agent answers at {}: {error}", socket.display());
        AgentError::new(AgentProblem::NoAgent, text)
    };
    let failed = |error: io::Error| {
        let text = match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => std::format!(
                "the ssh-agent at {} did not answer within {} s",
                socket.display(),
                TIMEOUT.as_secs()
            ),
            _ => std::format!("the ssh-agent at {} broke off: {error}", socket.display()),
        };
        AgentError::new(AgentProblem::Protocol, text)
    };
    let mut stream = UnixStream::connect(socket).map_err(unreachable)?;
    stream
        .set_read_timeout(Some(TIMEOUT))
        .and_then(|()| stream.set_write_timeout(Some(TIMEOUT)))
        .map_err(failed)?;
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

fn garbled(socket: &Path) -> AgentError {
    let text = std::format!("what answers at {} is not an ssh-agent", socket.display());
    AgentError::new(AgentProblem::Protocol, text)
}
