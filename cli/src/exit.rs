//! How the program ends: 0 done, 1 transport (also truncation, and output that cannot be written), 2 usage, 3 refused by us or
//! failed on our side, 4 refused by the peer, 5 no TLS to explain, 6 `lint` found something wrong.

use std::{fmt::Display, io};

use handclasp::{Blame, Fault};
use handclasp_report::Misuse;

use crate::log::{Event, Level};

/// Why the program did not do what it was asked to.
#[derive(Debug)]
pub enum Failure {
    /// A handshake or stream that ended.
    Tls(Box<handclasp::Error>),
    /// Arguments, files or keys that cannot be used.
    Usage(String),
    /// What was asked for is refused, such as a certificate.
    Refused(String),
    /// The operating system's word on a file or socket.
    Transport(String),
    /// What we had to say could not be written.
    Output(String),
    /// Nothing to explain was found.
    NoTls(String),
    /// `lint` found something wrong.
    Found(String),
}

impl Failure {
    /// Something about the arguments.
    pub fn usage(what: impl Display) -> Self {
        Self::Usage(what.to_string())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Tls(error) if is_usage(error) => 2,
            Self::Tls(error) => match error.blame() {
                Blame::Transport => 1,
                Blame::RefusedByPeer => 4,
                // RefusedByUs, Ours.
                _ => 3,
            },
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::Transport(_) | Self::Output(_) => 1,
            Self::NoTls(_) => 5,
            Self::Found(_) => 6,
        }
    }

    /// What is said about it.
    pub fn text(&self) -> String {
        match self {
            Self::Tls(error) => tls_text(error),
            Self::Usage(what)
            | Self::Refused(what)
            | Self::Transport(what)
            | Self::Output(what)
            | Self::NoTls(what)
            | Self::Found(what) => {
                format!("handclasp: {what}")
            }
        }
    }

    /// Says it on standard error; the exit code.
    pub fn tell(&self) -> u8 {
        let failed = Event::new("failed", Level::Error).with("exit_code", self.code());
        failed.tell(Some(self.text()));
        self.code()
    }
}

fn tls_text(error: &handclasp::Error) -> String {
    match error.peer_refusal() {
        Some(refusal) => crate::known_peers::refusal_text(refusal),
        None => crate::facts::verdict(error),
    }
}

/// Ends the process without the clean-up that libraries have registered: a thread of a connection may be inside a PKCS#11
/// module whose memory that clean-up frees, as SoftHSM's does. Standard output is flushed where it is written: here another
/// thread may hold it, whose reader does not read.
pub fn end(code: u8) -> ! {
    #[cfg(unix)]
    signal_hook::low_level::exit(code.into());
    #[cfg(not(unix))]
    std::process::exit(code.into())
}

/// Whether a flag's value, or all of them together, could never have worked.
fn is_usage(error: &handclasp::Error) -> bool {
    matches!(
        error.fault(),
        Some(Fault::Misuse(
            Misuse::InvalidInput(_) | Misuse::NothingToOffer | Misuse::NobodyTrusted | Misuse::NoExpectedName
        ))
    )
}

impl From<handclasp::Error> for Failure {
    fn from(error: handclasp::Error) -> Self {
        Self::Tls(Box::new(error))
    }
}

/// Streams speak `std::io`: the TLS error, if there is one, travels inside.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.downcast::<handclasp::Error>() {
            Ok(inner) => inner.into(),
            Err(error) => Self::Transport(error.to_string()),
        }
    }
}
