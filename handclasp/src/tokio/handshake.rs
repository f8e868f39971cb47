//! The handshake of a stream: it sends, answers needs and receives until the connection is up, within
//! its time limit.

use std::{
    fmt,
    future::Future,
    io, mem,
    ops::DerefMut,
    pin::Pin,
    task::{Context, Poll, ready},
};

use ::tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Sleep, sleep_until},
};
use handclasp_codec::ProtocolVersion;
use handclasp_report::Side;

use super::{
    channel::Channel,
    ending::Ending,
    needs::{Answered, Needs},
    wakers::Half,
};
use crate::{Connection, Error, stream::is_refusal};

/// A handshake and how far it is.
pub(super) struct Handshake<C, IO> {
    state: State<C, IO>,
    needs: Needs,
    /// Ends at the deadline; made by the first poll, since it needs a runtime.
    limit: Option<Pin<Box<Sleep>>>,
}

enum State<C, IO> {
    Running {
        channel: Channel<C, IO>,
        /// Why the transport takes nothing: the alert of a peer that has closed is still read.
        broken: Option<io::Error>,
    },
    Answering {
        answered: Answered<C>,
        io: IO,
    },
    Ending {
        channel: Channel<C, IO>,
        ending: Ending,
        error: Error,
    },
    /// Nothing was sent: the connection could not be made.
    Failed {
        io: IO,
        error: Error,
    },
    Over,
}

/// How far the connection came without waiting.
enum Step {
    Connected,
    /// A need waits for the application.
    Need,
}

impl<C, IO> Handshake<C, IO> {
    /// A connection over a transport, or why there is no connection.
    pub(super) fn new(connection: Result<C, Error>, io: IO, needs: Needs) -> Self {
        let state = match connection {
            Ok(connection) => State::Running { channel: Channel::new(connection, io), broken: None },
            Err(error) => State::Failed { io, error },
        };
        Self { state, needs, limit: None }
    }

    pub(super) fn get_ref(&self) -> Option<&IO> {
        match &self.state {
            State::Running { channel, .. } | State::Ending { channel, .. } => Some(&channel.io),
            State::Answering { io, .. } | State::Failed { io, .. } => Some(io),
            State::Over => None,
        }
    }

    pub(super) fn get_mut(&mut self) -> Option<&mut IO> {
        match &mut self.state {
            State::Running { channel, .. } | State::Ending { channel, .. } => Some(&mut channel.io),
            State::Answering { io, .. } | State::Failed { io, .. } => Some(io),
            State::Over => None,
        }
    }
}

impl<C, IO> Handshake<C, IO>
where
    C: DerefMut<Target = Connection> + Send + 'static,
    IO: AsyncRead + AsyncWrite + Unpin,
{
    /// Goes on; the transport comes back with an error.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<Channel<C, IO>, (io::Error, IO)>> {
        loop {
            match mem::replace(&mut self.state, State::Over) {
                State::Running { mut channel, mut broken } => {
                    let step = match self.is_late(&channel.connection, cx) {
                        true => Poll::Ready(Err(channel.connection.time_out())),
                        false => channel.poll_handshake(cx, &mut broken),
                    };
                    self.state = match step {
                        Poll::Pending => {
                            self.state = State::Running { channel, broken };
                            return Poll::Pending;
                        }
                        Poll::Ready(Ok(Step::Connected)) => {
                            // Many connections are idle from here on.
                            channel.connection.release_buffers();
                            return Poll::Ready(Ok(channel));
                        }
                        Poll::Ready(Ok(Step::Need)) => {
                            let (io, connection) = channel.into_inner();
                            State::Answering { answered: self.needs.answer(connection), io }
                        }
                        Poll::Ready(Err(error)) => {
                            channel.connection.observe_failure(&error);
                            State::Ending { channel, ending: Ending::new(), error }
                        }
                    };
                }
                State::Answering { mut answered, io } => {
                    let Poll::Ready((connection, outcome)) = answered.as_mut().poll(cx) else {
                        self.state = State::Answering { answered, io };
                        return Poll::Pending;
                    };
                    let mut channel = Channel::new(connection, io);
                    self.state = match outcome {
                        Ok(()) => State::Running { channel, broken: None },
                        Err(error) => {
                            channel.connection.observe_failure(&error);
                            State::Ending { channel, ending: Ending::new(), error }
                        }
                    };
                }
                State::Ending { mut channel, mut ending, error } => {
                    let Channel { io, connection, .. } = &mut channel;
                    if ending.poll(io, &mut **connection, is_refusal(&error), cx).is_pending() {
                        self.state = State::Ending { channel, ending, error };
                        return Poll::Pending;
                    }
                    return Poll::Ready(Err((error.into(), channel.into_inner().0)));
                }
                State::Failed { io, error } => return Poll::Ready(Err((error.into(), io))),
                State::Over => panic!("a handshake was polled after it ended"),
            }
        }
    }

    /// Whether the deadline has passed; wakes the task when it does.
    fn is_late(&mut self, connection: &Connection, cx: &mut Context<'_>) -> bool {
        let Some(deadline) = connection.deadline() else { return false };
        let limit = self.limit.get_or_insert_with(|| Box::pin(sleep_until(deadline.into())));
        limit.as_mut().poll(cx).is_ready()
    }
}

impl<C: DerefMut<Target = Connection>, IO: AsyncRead + AsyncWrite + Unpin> Channel<C, IO> {
    /// Sends and receives until the handshake is complete or the application is asked.
    fn poll_handshake(
        &mut self,
        cx: &mut Context<'_>,
        broken: &mut Option<io::Error>,
    ) -> Poll<Result<Step, Error>> {
        loop {
            // A connection out of an `Acceptor` may have refused the client already.
            if let Some(error) = self.connection.error() {
                return Poll::Ready(Err(error));
            }
            if let Some(error) = broken.take_if(|_| !self.connection.may().receive) {
                return Poll::Ready(Err(Error::from_io(error, self.connection.report())));
            }
            if broken.is_none() {
                let sent = match self.poll_send(Half::Write, cx) {
                    // A client that wrote and went: what it wrote is read all the same.
                    Poll::Ready(Err(_)) if self.only_tickets_wait() => {
                        return Poll::Ready(Ok(Step::Connected));
                    }
                    Poll::Ready(Err(error)) => {
                        *broken = Some(error);
                        continue;
                    }
                    sent => sent,
                };
                let is_over = !self.connection.is_handshaking();
                match sent.is_pending() {
                    true if self.only_tickets_wait() => return Poll::Ready(Ok(Step::Connected)),
                    // Otherwise input is taken meanwhile: the peer may be sending as well, and take
                    // nothing before it is done.
                    true if is_over || !self.connection.may().receive => return Poll::Pending,
                    true => {}
                    false if self.connection.need().is_some() => return Poll::Ready(Ok(Step::Need)),
                    false if is_over => return Poll::Ready(Ok(Step::Connected)),
                    false => {}
                }
            }
            if let Err(error) = ready!(self.poll_receive(cx)) {
                return Poll::Ready(Err(error));
            }
        }
    }

    /// Whether the handshake is complete and the client needs nothing of what waits: a TLS 1.3 server
    /// sends only tickets behind it. A client that writes before it reads must not have to take them.
    fn only_tickets_wait(&self) -> bool {
        let connected = self.connection.connected();
        let is_tls13 = connected.is_some_and(|connected| connected.version == ProtocolVersion::TLS_1_3);
        is_tls13 && self.connection.settings.side == Side::Server && !self.connection.is_handshaking()
    }
}

impl<C, IO> fmt::Debug for Handshake<C, IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Running { .. } => "running",
            State::Answering { .. } => "answering a need",
            State::Ending { .. } => "ending with an error",
            State::Failed { .. } => "failed",
            State::Over => "over",
        };
        f.debug_struct("Handshake").field("state", &state).finish_non_exhaustive()
    }
}
