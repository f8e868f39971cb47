//! Whether a client is connected: it sends a request and receives the answer. Its own report is not
//! enough: a client of TLS 1.3 is connected before the server has verified its certificate.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::Running;

/// A handshake takes milliseconds; a busy machine takes longer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// CONNECT of MQTT 3.1.1 with a clean session and an empty client identifier, and the CONNACK that
/// accepts it.
const CONNECT: &[u8] = &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 0];
const CONNACK: &[u8] = &[0x20, 2, 0, 0];

/// A request and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A line, and the same.
    Echo,
    /// A line, and the same reversed (`openssl s_server -rev`).
    Reverse,
    /// MQTT's CONNECT and CONNACK.
    Mqtt,
}

impl Probe {
    /// As the tables name it.
    pub fn from_word(word: &str) -> Result<Self> {
        match word {
            "echo" => Ok(Self::Echo),
            "rev" => Ok(Self::Reverse),
            "mqtt" => Ok(Self::Mqtt),
            _ => bail!("`{word}` is not a probe"),
        }
    }

    /// The request, and the answer to look for.
    fn messages(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Echo => (b"a line that comes back\n", b"a line that comes back"),
            Self::Reverse => (b"a line that comes back\n", b"kcab semoc taht enil a"),
            Self::Mqtt => (CONNECT, CONNACK),
        }
    }

    /// Runs a client that must connect; what it did instead, if it did not.
    pub fn must_connect(self, client: &mut Command) -> Result<Option<String>> {
        let (request, answer) = self.messages();
        let mut client = Running::start(client)?;
        client.feed(request);
        let answered = client.wait(Instant::now() + TIMEOUT, |output| holds(&output.out, answer));
        let text = client.text();
        client.kill();
        Ok(answered.err().map(|error| format!("{error:?}\n{text}")))
    }

    /// Runs a client that must fail and end by itself; what it did instead, if it did not.
    pub fn must_fail(self, client: &mut Command) -> Result<Option<String>> {
        let (request, answer) = self.messages();
        let mut client = Running::start(client)?;
        client.feed(request);
        // Only its end shows that an answer will not come.
        let status = client.exit(Instant::now() + TIMEOUT);
        let answered = holds(&client.output().out, answer);
        client.kill();
        Ok(match (status, answered) {
            (_, true) => Some("it connects".to_owned()),
            (None, false) => Some("it neither connects nor ends".to_owned()),
            (Some(status), false) if status.success() => Some("it ends with exit code 0".to_owned()),
            (Some(_), false) => None,
        })
    }
}

fn holds(output: &[u8], answer: &[u8]) -> bool {
    output.windows(answer.len()).any(|window| window == answer)
}
