//! WAIT_FINISHED: the server's Finished (RFC 8446 §4.4.4), which authenticates the handshake,
//! and the application's secrets that follow from it (§7.1).

use alloc::boxed::Box;

use handclasp_report::Failed;
use handclasp_schedule::{Epoch, Exporter, Sender, key_log};

use super::{
    State, handshake::Handshake, our_flight::OurFlight, wait_certificate_or_request::Request, wait_credential,
};
use crate::{Context, capability, message::check_finished};

/// The server is authenticated but for its Finished.
pub(crate) struct WaitFinished {
    pub(super) handshake: Box<Handshake>,
    pub(super) request: Option<Request>,
}

impl WaitFinished {
    #[inline(never)]
    pub(super) fn finished(self, context: &mut Context<'_>, message: &[u8]) -> Result<State, Failed> {
        let Self { mut handshake, request } = self;
        let base = handshake.secret.traffic(Sender::Server);
        check_finished(message, &base.finished(&handshake.transcript.hash()), context.report)?;
        handshake.transcript.add(message);
        let flight = our_flight(handshake, context);
        match request {
            Some(request) => wait_credential::asked(flight, context, request),
            None => flight.finish(context),
        }
    }
}

/// The secrets over ClientHello…server Finished.
fn our_flight(handshake: Box<Handshake>, context: &mut Context<'_>) -> OurFlight {
    let Handshake { suite, transcript, client_random, secret, mut agreed, authenticated, .. } = *handshake;
    let transcript_hash = transcript.hash();
    let main = secret.main(&transcript_hash);
    let exporter = capability::Exporter::get().map(|_| main.exporter(&transcript_hash, &mut agreed.exporter));
    for (label, secret) in [
        (key_log::CLIENT_TRAFFIC_SECRET_0, Some(main.traffic(Epoch::Application, Sender::Client).secret())),
        (key_log::SERVER_TRAFFIC_SECRET_0, Some(main.traffic(Epoch::Application, Sender::Server).secret())),
        (key_log::EXPORTER_SECRET, exporter.and_then(Exporter::secret)),
    ] {
        if let Some(secret) = secret {
            context.actions.log(context.config, label, &client_random, secret);
        }
    }
    OurFlight { suite, transcript, main, agreed, authenticated }
}
