//! One client, from its first byte to its end.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    time::Instant,
};

use handclasp::{Fault, Report, Server, Stream, Transport};

use crate::{
    args::Serve,
    exit::Failure,
    facts,
    files::OutputFile,
    known_peers,
    output::{self, Reader},
    say::{Repeated, say},
    tofu,
};

/// What every client is served with.
pub struct Desk<'d> {
    pub server: &'d Server,
    pub arguments: &'d Serve,
    pub report: Option<&'d OutputFile>,
    /// Clients that never said a word: anybody can make any number of them.
    pub silent: Repeated,
    /// Clients that the known peers refuse: the same.
    pub refused: Repeated,
}

/// How a connection ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Both sides are done.
    Closed,
    /// Standard output, where the client's data would go, is closed.
    ReaderGone,
}

impl Desk<'_> {
    /// Serves one client. `finished` is called when its handshake is complete; it says whether the
    /// connection may go on.
    pub fn serve<T: Transport>(
        &self,
        transport: T,
        peer: SocketAddr,
        finished: &mut dyn FnMut() -> bool,
    ) -> Result<End, Failure> {
        let begun = Instant::now();
        known_peers::serving(peer);
        let mut stream = match self.server.accept_transport(transport) {
            Ok(stream) => stream,
            Err(error) => {
                self.write_report(error.report())?;
                return Err(error.into());
            }
        };
        if !finished() {
            return Err(Failure::Transport("closed in favour of another client".to_owned()));
        }
        if !self.arguments.record.quiet {
            say(format_args!(
                "{peer} accepted: {}",
                facts::agreed(stream.connected(), Some(begun.elapsed()))
            ));
            if let Some(certificate) = stream.peer_certificate() {
                say(format_args!("{peer} has the certificate: {certificate}"));
            }
        }
        tofu::tell(stream.connection(), &self.arguments.tofu, self.arguments.record.quiet);
        let outcome = self.talk(&mut stream, peer);
        self.write_report(stream.report())?;
        outcome
    }

    fn write_report(&self, report: &Report) -> Result<(), Failure> {
        self.report.map_or(Ok(()), |file| file.write(report.encode()))
    }

    fn talk<T: Transport>(&self, stream: &mut Stream<T>, peer: SocketAddr) -> Result<End, Failure> {
        if let Some(text) = &self.arguments.reply {
            stream.write_all(text.as_bytes())?;
            stream.close()?;
        }
        let mut chunk = vec![0; 16 * 1024];
        loop {
            let count = match stream.read(&mut chunk) {
                Ok(0) => return Ok(stream.close().map(|()| End::Closed)?),
                Ok(count) => count,
                // We have said all, and what the client says is not looked at: nothing is lost.
                Err(error) if self.arguments.reply.is_some() && has_left(&error) => {
                    if !self.arguments.record.quiet {
                        say(format_args!(
                            "{peer} disconnected without close_notify after the whole reply was sent"
                        ));
                    }
                    return Ok(End::Closed);
                }
                Err(error) => return Err(error.into()),
            };
            if self.arguments.echo {
                stream.write_all(&chunk[..count])?;
            } else if self.arguments.reply.is_none() && output::write(&chunk[..count])? == Reader::Gone {
                let _ = stream.close();
                return Ok(End::ReaderGone);
            }
        }
    }

    /// Says why a client was not served.
    pub fn tell(&self, failure: &Failure, peer: SocketAddr) {
        let text = || format!("{peer}: {}", failure.reason());
        match failure {
            Failure::Tls(error) if error.fault().is_some_and(is_silent) => self.silent.tell(text),
            Failure::Tls(error) if error.peer_refusal().is_some() => self.refused.tell(text),
            _ => say(text()),
        }
    }
}

/// Whether the client ended the transport without an alert.
fn has_left(error: &std::io::Error) -> bool {
    let error = error.get_ref().and_then(|inner| inner.downcast_ref::<handclasp::Error>());
    matches!(error.and_then(handclasp::Error::fault), Some(Fault::Truncated { .. }))
}

fn is_silent(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Truncated { anything_came: false, .. } | Fault::TimedOut { anything_came: false, .. }
    )
}
