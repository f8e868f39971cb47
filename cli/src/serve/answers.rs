//! Serving a client without a service behind: a text, or standard output.

use std::{io, time::Duration};

use handclasp::tokio::server::TlsStream;
use handclasp_relay::{AbortKind, Blocking, Ending, RelaySide, Socket, Transfer, tls_abort_kind};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt},
    time::timeout,
};

use crate::{
    exit::Failure,
    output::{self, Reader},
};

/// What a client sends, and how long it may send nothing.
pub struct Answering<'s> {
    stream: &'s mut TlsStream<Socket>,
    idle_limit: Option<Duration>,
    received: u64,
    sent: u64,
}

/// Where data of clients goes that is not sent back.
pub enum Sink<'o> {
    /// Nowhere.
    Nothing,
    /// Standard output, by one client at a time.
    Output(&'o Blocking),
}

/// How an answer ended.
pub enum End {
    Of(Transfer),
    /// Standard output, where the client's data would go, is closed, or cannot be written.
    NoOutput(Result<(), Failure>),
}

impl<'s> Answering<'s> {
    pub fn new(stream: &'s mut TlsStream<Socket>, idle_limit: Option<Duration>) -> Self {
        Self { stream, idle_limit, received: 0, sent: 0 }
    }

    /// Sends a text and closes, then reads what the client sends to its end. A client that leaves without close_notify
    /// misses nothing.
    pub async fn reply(mut self, text: &str) -> Transfer {
        let replied = async {
            self.stream.write_all(text.as_bytes()).await?;
            self.stream.shutdown().await
        };
        if let Err(error) = replied.await {
            return self.aborted(error);
        }
        self.sent = count(text.len());
        match self.read_all(&Sink::Nothing).await {
            End::Of(Transfer {
                ending: Ending::Aborted { how: AbortKind::Truncated | AbortKind::Reset, .. },
                ..
            }) => self.transfer(Ending::Left),
            End::Of(transfer) => transfer,
            End::NoOutput(_) => self.transfer(Ending::Closed),
        }
    }

    /// Writes what the client sends to standard output.
    pub async fn output(mut self, permits: &Blocking) -> End {
        let end = self.read_all(&Sink::Output(permits)).await;
        match end {
            End::Of(Transfer { ending: Ending::Closed, .. }) => match self.stream.shutdown().await {
                Ok(()) => end,
                Err(error) => End::Of(self.aborted(error)),
            },
            End::NoOutput(_) => {
                let _may_be_gone = self.stream.shutdown().await;
                end
            }
            end => end,
        }
    }

    async fn read_all(&mut self, sink: &Sink<'_>) -> End {
        loop {
            self.stream.get_mut().1.release_buffers();
            let filled = match self.idle_limit {
                None => Ok(self.stream.fill_buf().await),
                Some(limit) => timeout(limit, self.stream.fill_buf()).await,
            };
            let data = match filled {
                Ok(Ok(data)) => data,
                Ok(Err(error)) => return End::Of(self.aborted(error)),
                Err(_) => {
                    self.stream.get_ref().0.reset_on_drop();
                    return End::Of(self.transfer(Ending::Idle));
                }
            };
            if data.is_empty() {
                return End::Of(self.transfer(Ending::Closed));
            }
            let length = data.len();
            if let Sink::Output(permits) = sink {
                match permits.call(|| output::write(data)).await {
                    Ok(Reader::Present) => {}
                    Ok(Reader::Gone) => return End::NoOutput(Ok(())),
                    Err(failure) => return End::NoOutput(Err(failure)),
                }
            }
            self.stream.consume(length);
            self.received = self.received.saturating_add(count(length));
        }
    }

    fn aborted(&self, error: io::Error) -> Transfer {
        let how = tls_abort_kind(self.stream.get_ref().0, &error);
        self.transfer(Ending::Aborted { by: RelaySide::Client, how, error })
    }

    fn transfer(&self, ending: Ending) -> Transfer {
        Transfer::new(self.received, self.sent, ending)
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
