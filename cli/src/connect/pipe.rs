//! Both directions of a connection at once, and what its end means.
//!
//! close_notify says that all has come. Many servers end without it. The rule then: it is no failure
//! if all of our input was sent, and either an HTTP/1 reply has the length that it announces, or the
//! server has answered, the transport ended (without a reset) between two records, and no HTTP/1
//! reply announces more. Anything else is a failure.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{
        Arc,
        mpsc::{self, Receiver, channel},
    },
    thread,
    time::Duration,
};

use handclasp::{Fault, ReadHalf, Report, Stream, Truncation, WriteHalf};

use super::reply::Reply;
use crate::{
    args::Connect,
    exit::Failure,
    log::{Event, Level},
    output::{self, Reader},
    progress::Progress,
    say::say,
};

/// How long the end of the server may come before the end of our input is noticed: the two are read
/// by two threads, and a server that has everything may be faster than the second one.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long the peer may take to read what is still on its way to it.
const FOR_CLOSE_NOTIFY: Duration = Duration::from_secs(1);

/// How standard input ended, sent once what it gave was forwarded.
enum Input {
    /// All of it was sent.
    Whole {
        /// Whether it asked by HEAD: the reply has no body then.
        is_head: bool,
    },
    /// It cannot be read further, and what is missing is not known.
    Lost(io::Error),
}

/// Both directions at once, until the peer has ended.
pub fn pump(
    stream: Stream<TcpStream>,
    arguments: &Connect,
    write_report: &dyn Fn(&Report) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let transport = stream.get_ref().try_clone()?;
    let (mut from_peer, to_peer) = stream.split()?;
    let (tell, sent) = channel();
    let mut sender = Sender { to_peer: to_peer.clone(), transport, half_close: arguments.half_close, tell };
    let progress = Arc::new(Progress::new(arguments.client.record.quiet));
    let of_sender = Arc::clone(&progress);
    // The thread is not joined: standard input may stay open long after the peer is gone. Nor is
    // its error told: where sending fails, reading has the better story.
    thread::Builder::new().spawn(move || sender.send_input(&of_sender))?;
    let mut reply = Reply::new();
    let mut chunk = vec![0; 16 * 1024];
    let outcome = loop {
        match from_peer.read(&mut chunk) {
            Ok(0) => break not_lost(&sent),
            Ok(count) => {
                reply.add(&chunk[..count]);
                progress.add_received(count);
                match output::write(&chunk[..count]) {
                    Ok(Reader::Present) => {}
                    // Nobody reads what the peer sends any more: we are done.
                    Ok(Reader::Gone) => break Ok(()),
                    Err(failure) => break Err(failure),
                }
            }
            Err(error) => break ended(error, &from_peer, &sent, &reply, arguments.client.record.quiet),
        }
    };
    close(to_peer.clone());
    progress.end();
    let (sent, received) = progress.bytes();
    outcome?;
    if !arguments.client.record.quiet {
        Event::new("ended", Level::Info).with("sent", sent).with("received", received).tell(None);
    }
    write_report(&to_peer.report())
}

/// Sends close_notify, behind what is on its way. A peer that reads no more would hold that up for ever:
/// it gets a moment.
fn close(mut to_peer: WriteHalf) {
    let (tell, closed) = channel();
    let closing = thread::Builder::new().spawn(move || {
        let _ = to_peer.close();
        let _ = tell.send(());
    });
    if closing.is_ok() {
        let _ = closed.recv_timeout(FOR_CLOSE_NOTIFY);
    }
}

/// Forwards standard input to the peer.
struct Sender {
    to_peer: WriteHalf,
    transport: TcpStream,
    half_close: bool,
    tell: mpsc::Sender<Input>,
}

impl Sender {
    fn send_input(&mut self, progress: &Progress) -> io::Result<()> {
        let mut input = io::stdin().lock();
        let mut chunk = vec![0; 16 * 1024];
        let mut first = Vec::new();
        loop {
            let count = match input.read(&mut chunk) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.cut_off(error);
                    return Ok(());
                }
            };
            if count == 0 {
                if self.half_close {
                    self.to_peer.close()?;
                }
                // Nobody listens any more where the peer is gone.
                let _ = self.tell.send(Input::Whole { is_head: first.starts_with(b"HEAD ") });
                return Ok(());
            }
            let missing = 5_usize.saturating_sub(first.len()).min(count);
            first.extend_from_slice(&chunk[..missing]);
            self.to_peer.write_all(&chunk[..count])?;
            progress.add_sent(count);
        }
    }

    /// Ends the connection without close_notify: the peer must not take a part of the input for all of it.
    fn cut_off(&self, error: io::Error) {
        let _ = self.tell.send(Input::Lost(error));
        let _ = self.transport.shutdown(Shutdown::Both);
    }
}

/// A failure if standard input was lost before the peer ended.
fn not_lost(sent: &Receiver<Input>) -> Result<(), Failure> {
    match sent.try_recv() {
        Ok(Input::Lost(error)) => Err(lost(&error)),
        _ => Ok(()),
    }
}

fn lost(error: &io::Error) -> Failure {
    Failure::Transport(format!(
        "standard input: {error}; the connection was cut off, what was sent is not whole"
    ))
}

/// What reading ended with: a failure, or an end without close_notify that is none.
fn ended(
    error: io::Error,
    from_peer: &ReadHalf,
    sent: &Receiver<Input>,
    reply: &Reply,
    is_quiet: bool,
) -> Result<(), Failure> {
    let failure = Failure::from(error);
    let is_truncation =
        matches!(&failure, Failure::Tls(error) if matches!(error.fault(), Some(Fault::Truncated { .. })));
    let (true, Some(truncation)) = (is_truncation, from_peer.truncation()) else { return Err(failure) };
    let why = match sent.recv_timeout(PATIENCE) {
        Err(_) => Some("the connection ended before all of our input was sent".to_owned()),
        Ok(Input::Lost(error)) => return Err(lost(&error)),
        // It says itself that it is whole.
        Ok(Input::Whole { is_head }) if reply.is_whole(is_head) => None,
        Ok(Input::Whole { is_head }) => match truncation {
            Truncation::Reset => Some("the server reset the connection".to_owned()),
            Truncation::InsideRecord => Some("the connection ended inside a record".to_owned()),
            Truncation::BetweenRecords if !reply.has_begun() => {
                Some("the server sent no response".to_owned())
            }
            // At the end of a record.
            _ => reply.missing(is_head),
        },
    };
    if let Some(why) = why {
        say(format_args!("handclasp: {why}"));
        return Err(failure);
    }
    if !is_quiet {
        let told = match reply.has_length() {
            true => "the HTTP response has its announced length",
            false => "whether the response is complete cannot be determined here",
        };
        say(format_args!(
            "handclasp: the server ended the connection without close_notify, after all of our input was \
             sent and answered; {told}"
        ));
    }
    Ok(())
}
