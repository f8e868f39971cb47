//! `handclasp listen`: the mirror of `check`. It waits for clients, answers each as a server would,
//! and says what the client offers and why it gives up.
//!
//! Called by: `main`.

mod offer;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use handclasp::{Credentials, Identity, KEYS, Policy, Server, SystemRandom, Trust};
use handclasp_explain::{Conversation, Evidence, Explained, Look, Side, render_json, render_text};

use crate::{args::Listen, exit::Failure, keys, memory_log::MemoryLog, rows, tape::Tape};

/// How long a client that is connected is listened to.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// The name of a server that nobody gave one.
const NAME: &str = "localhost";

/// What a capture of the same is called where one would tell more.
const CAPTURE: &str = "CAPTURE.pcap";

/// Runs it.
pub fn run(arguments: &Listen) -> Result<(), Failure> {
    let mut credentials = Credentials::default();
    for identity in identities(arguments)? {
        credentials = credentials.and_identity(identity);
    }
    if let Some(psk) = keys::psk(&arguments.psk, arguments.protocol.tls)? {
        credentials = credentials.and_psk(psk);
    }
    let log = MemoryLog::default();
    let policy = arguments.protocol.policy(&arguments.psk, Policy::compatible())?;
    let mut server =
        Server::with_policy(credentials, policy).alpn(&arguments.protocol.alpn()).key_log(log.key_log());
    if let Some(bytes) = arguments.protocol.max_record {
        server = server.limit_records(bytes);
    }
    if arguments.ask_client {
        server = server.ask_client(Trust::DangerNobody);
    }
    let listener = TcpListener::bind(&arguments.address)
        .map_err(|error| Failure::Transport(format!("{}: {error}", arguments.address)))?;
    eprintln!("listening on {}", listener.local_addr()?);
    loop {
        let (transport, peer) = listener.accept()?;
        transport.set_nodelay(true)?;
        let (told, evidence) = heard(&server, transport, &log);
        let text = said(told, &evidence, &peer.to_string(), arguments.json);
        // Whoever stops reading has seen enough.
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        if arguments.once {
            return Ok(());
        }
    }
}

/// The certificates of the flags, or one made for this run.
fn identities(arguments: &Listen) -> Result<Vec<Identity>, Failure> {
    if !arguments.cert.is_empty() {
        return keys::identities(&arguments.cert, &arguments.key, false);
    }
    let name = arguments.self_signed.as_deref().unwrap_or(NAME);
    Identity::self_signed(&[name], KEYS, &mut SystemRandom).map(|one| vec![one]).map_err(Failure::usage)
}

/// One client, to its end.
fn heard(server: &Server, transport: TcpStream, log: &MemoryLog) -> (Option<Conversation>, Evidence) {
    let tape = Tape::new(transport, Side::Server);
    let recording = tape.recording();
    if let Ok(mut stream) = server.accept(tape) {
        // What a client says, or refuses, once it is connected.
        let until = Instant::now() + AFTERWARDS;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || stream.transport().transport().set_read_timeout(Some(left)).is_err() {
                break;
            }
            match stream.read(&mut [0; 4096]) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = stream.close();
    }
    let evidence = Evidence { key_log: log.take(), ..Evidence::default() };
    (recording.told(&evidence), evidence)
}

/// What was heard, in words or for scripts.
fn said(told: Option<Conversation>, evidence: &Evidence, peer: &str, as_json: bool) -> String {
    let offers = told.as_ref().map(offer::text).unwrap_or_default();
    let explained = Explained { conversations: told.into_iter().collect(), ..Explained::default() };
    if as_json {
        return render_json(&explained, evidence);
    }
    let look = Look { width: rows::width(), file: CAPTURE.to_owned(), ..Look::default() };
    format!("{peer} connects\n{offers}\n{}\n", render_text(&explained, evidence, &look))
}
