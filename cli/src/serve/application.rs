//! What is done with each client.

use std::{sync::Arc, time::Duration};

use handclasp::{Error, Report, tokio::server::TlsStream};
use handclasp_relay::{
    Application, Blocking, ClientContext, CopyOptions, Echo, Ending, Forward, Observer, Peer, Socket,
    Transfer,
};
use tokio::sync::mpsc;

use super::answers::{Answering, End};
use crate::{args::Serve, exit::Failure, files::OutputFile};

/// Serves every client as the flags say, and ends the program where it cannot go on.
pub struct ServeApplication {
    arguments: Arc<Serve>,
    forward: Option<Forward>,
    report: Option<OutputFile>,
    /// One client at a time writes to standard output.
    output: Blocking,
    /// Ends the program.
    stop: mpsc::UnboundedSender<Result<(), Failure>>,
}

impl ServeApplication {
    /// By the flags. The receiver gets the reason to end the program.
    pub fn new(
        arguments: &Arc<Serve>,
        report: Option<OutputFile>,
    ) -> (Self, mpsc::UnboundedReceiver<Result<(), Failure>>) {
        let (stop, stopped) = mpsc::unbounded_channel();
        let copy_options = CopyOptions::default().idle_limit(arguments.limits.idle_timeout());
        let forward = arguments.forward.clone().map(|target| {
            Forward::new(target)
                .dial_limit(arguments.limits.dial_timeout())
                .proxy_header(arguments.proxy_protocol.out())
                .copy_options(copy_options)
        });
        let (arguments, output) = (Arc::clone(arguments), Blocking::new(1));
        (Self { arguments, forward, report, output, stop }, stopped)
    }

    fn write_report(&self, report: &Report) {
        if let Some(Err(failure)) = self.report.as_ref().map(|file| file.write(report.encode())) {
            self.stop(Err(failure));
        }
    }

    fn stop(&self, why: Result<(), Failure>) {
        // The receiver is gone only where the program ends already.
        let _ends = self.stop.send(why);
    }

    async fn talk(&self, stream: &mut TlsStream<Socket>, context: &ClientContext) -> Transfer {
        let idle_limit = self.arguments.limits.idle_timeout();
        if let Some(forward) = &self.forward {
            return forward.relay(stream, context).await;
        }
        if self.arguments.echo {
            return Echo(CopyOptions::default().idle_limit(idle_limit)).echo(stream, context).await;
        }
        let answering = Answering::new(stream, idle_limit);
        let answered = async {
            match &self.arguments.reply {
                Some(text) => End::Of(answering.reply(text).await),
                None => answering.output(&self.output).await,
            }
        };
        let end = tokio::select! {
            end = answered => end,
            () = context.drain.expired() => End::Of(Transfer::new(0, 0, Ending::Drained)),
        };
        match end {
            End::Of(transfer) => transfer,
            // There is nothing left to serve for.
            End::NoOutput(why) => {
                self.stop(why);
                Transfer::new(0, 0, Ending::Closed)
            }
        }
    }
}

impl Application for ServeApplication {
    async fn run(&self, mut stream: TlsStream<Socket>, context: &ClientContext) -> Transfer {
        let transfer = self.talk(&mut stream, context).await;
        self.write_report(stream.get_ref().1.report());
        transfer
    }
}

/// Reports of handshakes that failed.
impl Observer for ServeApplication {
    fn handshake_failed(&self, _: &Peer, error: &Error, _: Duration) {
        self.write_report(error.report());
    }
}
