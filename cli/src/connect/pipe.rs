//! Both directions of a connection at once, and what its end means.
//!
//! close_notify says that all has come. Many servers end without it. The rule then: it is no failure
//! if all of our input was sent, and either an HTTP/1 reply has the length that it announces, or the
//! server has answered, the transport ended (without a reset) between two records, and no HTTP/1
//! reply announces more. Anything else is a failure.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
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

/// The outcome of standard input, sent once all of it was forwarded.
struct Sent {
    /// Whether it asked by HEAD: the reply has no body then.
    is_head: bool,
}

/// Both directions at once, until the peer has ended.
pub fn pump(
    stream: Stream<TcpStream>,
    arguments: &Connect,
    write_report: &dyn Fn(&Report) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (mut from_peer, to_peer) = stream.split()?;
    let (tell, sent) = channel();
    let (sender, half_close) = (to_peer.clone(), arguments.half_close);
    let progress = Arc::new(Progress::new(arguments.client.record.quiet));
    let of_sender = Arc::clone(&progress);
    // The thread is not joined: standard input may stay open long after the peer is gone. Nor is
    // its error told: where sending fails, reading has the better story.
    thread::Builder::new().spawn(move || send_input(sender, half_close, &tell, &of_sender))?;
    let mut reply = Reply::new();
    let mut chunk = vec![0; 16 * 1024];
    let outcome = loop {
        match from_peer.read(&mut chunk) {
            Ok(0) => break Ok(()),
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

fn send_input(
    mut to_peer: WriteHalf,
    half_close: bool,
    tell: &Sender<Sent>,
    progress: &Progress,
) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut chunk = vec![0; 16 * 1024];
    let mut first = Vec::new();
    loop {
        let count = input.read(&mut chunk)?;
        if count == 0 {
            if half_close {
                to_peer.close()?;
            }
            // Nobody listens any more where the peer is gone.
            let _ = tell.send(Sent { is_head: first.starts_with(b"HEAD ") });
            return Ok(());
        }
        let missing = 5_usize.saturating_sub(first.len()).min(count);
        first.extend_from_slice(&chunk[..missing]);
        to_peer.write_all(&chunk[..count])?;
        progress.add_sent(count);
    }
}

/// What reading ended with: a failure, or an end without close_notify that is none.
fn ended(
    error: io::Error,
    from_peer: &ReadHalf,
    sent: &Receiver<Sent>,
    reply: &Reply,
    is_quiet: bool,
) -> Result<(), Failure> {
    let failure = Failure::from(error);
    let is_truncation =
        matches!(&failure, Failure::Tls(error) if matches!(error.fault(), Some(Fault::Truncated { .. })));
    let (true, Some(truncation)) = (is_truncation, from_peer.truncation()) else { return Err(failure) };
    let why = match sent.recv_timeout(PATIENCE) {
        Err(_) => Some("the connection ended before all of our input was sent".to_owned()),
        // It says itself that it is whole.
        Ok(sent) if reply.is_whole(sent.is_head) => None,
        Ok(sent) => match truncation {
            Truncation::Reset => Some("the server reset the connection".to_owned()),
            Truncation::InsideRecord => Some("the connection ended inside a record".to_owned()),
            Truncation::BetweenRecords if !reply.has_begun() => {
                Some("the server sent no response".to_owned())
            }
            // At the end of a record.
            _ => reply.missing(sent.is_head),
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
