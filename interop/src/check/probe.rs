//! Whether a client is connected: it says something, and what the server answers is seen. A client
//! of TLS 1.3 holds itself connected before the server has looked at its certificate.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::process::Running;

/// A handshake takes milliseconds; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(15);

/// CONNECT of MQTT 3.1.1 with a clean session and no name, and the CONNACK that takes it.
const CONNECT: &[u8] = &[0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 60, 0, 0];
const CONNACK: &[u8] = &[0x20, 2, 0, 0];

/// What is said, and what comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// A line, and the same.
    Echo,
    /// A line, and its letters from the last to the first (`openssl s_server -rev`).
    Reverse,
    /// MQTT.
    Mqtt,
}

impl Probe {
    /// As tables name it.
    pub fn from_word(word: &str) -> Result<Self> {
        match word {
            "echo" => Ok(Self::Echo),
            "rev" => Ok(Self::Reverse),
            "mqtt" => Ok(Self::Mqtt),
            _ => bail!("`{word}` is no probe"),
        }
    }

    fn words(self) -> (&'static [u8], &'static [u8]) {
        match self {
            Self::Echo => (b"a line that comes back\n", b"a line that comes back"),
            Self::Reverse => (b"a line that comes back\n", b"kcab semoc taht enil a"),
            Self::Mqtt => (CONNECT, CONNACK),
        }
    }

    /// Nothing where the client gets its answer; else what it said instead.
    pub fn answers(self, client: &mut Command) -> Result<Option<String>> {
        let (said, answer) = self.words();
        let mut client = Running::start(client)?;
        client.feed(said);
        let came = client.wait(Instant::now() + PATIENCE, |told| {
            told.out.windows(answer.len()).any(|window| window == answer)
        });
        let told = format!("{}{}", client.out_text(), client.err_text());
        client.kill();
        Ok(came.err().map(|unmet| format!("{unmet:?}\n{told}")))
    }

    /// Nothing where the client gets none, and ends; else what it did instead.
    pub fn refuses(self, client: &mut Command) -> Result<Option<String>> {
        let (said, answer) = self.words();
        let mut client = Running::start(client)?;
        client.feed(said);
        // It ends by itself: nothing else tells that no answer comes.
        let code = client.exit(Instant::now() + PATIENCE);
        let answered = client.told().out.windows(answer.len()).any(|window| window == answer);
        client.kill();
        Ok(match (code, answered) {
            (_, true) => Some("it connects".to_owned()),
            (None, false) => Some("it neither connects nor ends".to_owned()),
            (Some(status), false) if status.success() => Some("it ends as if all were well".to_owned()),
            (Some(_), false) => None,
        })
    }
}
