//! WAIT_FINISHED: the server's Finished (RFC 8446 §4.4.4), which authenticates the handshake,
//! and the application's secrets that follow from it (§7.1).

use alloc::boxed::Box;

use handclasp_report::Fault;
use handclasp_schedule::key_log;

use super::{
    State, our_flight::OurFlight, session::Session, wait_certificate_or_request::Request,
    wait_credential::WaitCredential,
};
use crate::{Action, Env, message::check_finished};

/// The server is authenticated but for its Finished.
pub(crate) struct WaitFinished {
    pub(super) session: Box<Session>,
    pub(super) request: Option<Request>,
}

impl WaitFinished {
    pub(super) fn finished(self, env: &mut Env<'_>, message: &[u8]) -> Result<State, Fault> {
        let Self { session, request } = self;
        let mut session = *session;
        check_finished(message, &session.server_handshake_traffic.finished(&session.transcript.hash()))?;
        session.transcript.add(message);
        let flight = our_flight(session, env);
        match request {
            Some(request) => Ok(State::WaitCredential(WaitCredential { flight: Box::new(flight), request })),
            None => flight.finish(env),
        }
    }
}

/// The secrets over ClientHello…server Finished.
fn our_flight(session: Session, env: &mut Env<'_>) -> OurFlight {
    let Session {
        suite,
        transcript,
        client_random,
        secret,
        client_handshake_traffic,
        mut agreed,
        authenticated,
        ..
    } = session;
    let main = secret.main();
    let transcript_hash = transcript.hash();
    let client = main.client_application_traffic(&transcript_hash);
    let server = main.server_application_traffic(&transcript_hash);
    let exporter = main.exporter(&transcript_hash);
    for (label, secret) in [
        (key_log::CLIENT_TRAFFIC_SECRET_0, Some(client.secret())),
        (key_log::SERVER_TRAFFIC_SECRET_0, Some(server.secret())),
        (key_log::EXPORTER_SECRET, exporter.secret()),
    ] {
        if let Some(secret) = secret.map(handclasp_crypto::Secret::duplicate) {
            env.actions.push(Action::KeyLog { label, client_random, secret });
        }
    }
    agreed.exporter = Some(exporter);
    OurFlight { suite, transcript, client_handshake_traffic, client, server, main, agreed, authenticated }
}
