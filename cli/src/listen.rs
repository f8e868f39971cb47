//! `handclasp listen`: the mirror of `check`. It waits for clients, answers each as a server would,
//! and says what the client offers and why it gives up.

mod offer;

use std::{
    io::{ErrorKind, Read as _},
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use handclasp::{Credentials, Fault, Identity, Policy, PskUse, Server, Stream, Trust};
use handclasp_crypto::KeyExchangeAlgorithm;
use handclasp_explain::{
    Evidence, Explanation, Side,
    render::{self, Options},
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    accept,
    args::{Listen, described},
    exit::Failure,
    keys::{self, OwnFlags},
    memory_log::MemoryLog,
    output::{self, Reader},
    own, psk, rows,
    say::say,
    starttls,
    tape::Tape,
};

/// How long a client that is connected is listened to.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// The name of a server that nobody gave one.
const NAME: &str = "localhost";

/// What a capture of the same is called where one would tell more.
const CAPTURE: &str = "CAPTURE.pcap";

/// Runs it.
pub fn run(arguments: &Listen) -> Result<(), Failure> {
    let mut credentials = Credentials::default();
    let psk = psk::psk(&arguments.psk, arguments.protocol.tls)?;
    let identities = identities(arguments, psk.is_some())?;
    own::warn(&identities, Side::Server);
    for identity in identities {
        credentials = credentials.and_identity(identity);
    }
    let policy = arguments.protocol.policy(&arguments.psk, Policy::compatible())?;
    let policy = match psk.is_some() && arguments.protocol.suite.is_empty() {
        true => recomputable_first(policy)?,
        false => policy,
    };
    let mut known = Known { log: MemoryLog::default(), typed: psk::typed(&arguments.psk)?, psk: None };
    if let Some(psk) = psk {
        psk::fits(&psk, &policy, &arguments.psk)?;
        say(psk::fact(&psk));
        known.psk = Some((psk.identity().to_vec(), psk.usage()));
        credentials = credentials.and_psk(psk);
    }
    let mut server = Server::with_policy(credentials, policy)
        .alpn(&arguments.protocol.alpn())
        .key_log(known.log.key_log());
    if let Some(bytes) = arguments.protocol.max_record {
        server = server.limit_records(bytes);
    }
    if arguments.ask_client {
        server = server.ask_client(Trust::DangerNobody);
    }
    let listener = TcpListener::bind(&arguments.address)
        .map_err(|error| Failure::Transport(format!("{}: {error}", arguments.address)))?;
    say(format_args!("listening on {}", listener.local_addr()?));
    loop {
        let (transport, peer) = accept::one(&listener);
        // A client that has gone already is told of all the same.
        let _ = transport.set_nodelay(true);
        let text = match arguments.starttls.map(|protocol| starttls::answer(&transport, protocol)) {
            None | Some(Ok(())) => said(known.heard(&server, transport), &peer.to_string(), arguments.json),
            Some(Err(error)) => before_tls(&error, &peer.to_string(), arguments.json),
        };
        if output::write(text.as_bytes())? == Reader::Gone || arguments.once {
            return Ok(());
        }
    }
}

/// The certificates of the flags, or one made for this run. With a pre-shared key there is none but
/// by flag: a client that offers both would never show whether its key is the same.
fn identities(arguments: &Listen, has_psk: bool) -> Result<Vec<Identity>, Failure> {
    let flags = OwnFlags::of(&arguments.files, arguments.self_signed.as_deref());
    match flags.are_given() || arguments.self_signed.is_some() {
        true => flags.load(),
        false if has_psk => Ok(Vec::new()),
        false => keys::self_signed(NAME),
    }
}

/// With a pre-shared key, suites without (EC)DHE first: only there it can be recomputed how a client
/// that is refused has read its key.
fn recomputable_first(policy: Policy) -> Result<Policy, Failure> {
    let mut suites: Vec<_> = policy.suites().collect();
    let is_plain = |exchange| matches!(exchange, KeyExchangeAlgorithm::Tls13 | KeyExchangeAlgorithm::Psk);
    suites.sort_by_key(|suite| !described(*suite).is_some_and(|suite| is_plain(suite.exchange)));
    policy.only_suites(&suites).map_err(Failure::usage)
}

/// What the listener knows beside the captured bytes.
struct Known {
    log: MemoryLog,
    /// The pre-shared key as it was typed: if a client is refused, all readings of it are tried.
    typed: Option<Zeroizing<String>>,
    psk: Option<(Vec<u8>, PskUse)>,
}

/// One client, as it was heard.
struct Heard {
    explanation: Explanation,
    /// Why the client was refused, if only the listener's flags show it.
    beside: Option<&'static str>,
}

impl Known {
    /// One client, to its end.
    fn heard(&self, server: &Server, transport: TcpStream) -> Heard {
        let tape = Tape::new(transport, Side::Server);
        let recording = tape.recording();
        let mut beside = None;
        match server.accept_transport(tape) {
            Ok(mut stream) => {
                afterwards(&mut stream);
                let _ = stream.close();
            }
            Err(error) if matches!(error.fault(), Some(Fault::NoCommonVersion { .. })) => {
                beside = self.psk.as_ref().and_then(|(_, usage)| psk::other_version(*usage));
            }
            Err(_) => {}
        }
        let mut evidence = Evidence::default();
        evidence.key_log = self.log.take();
        evidence.psks = self.typed.iter().cloned().map(Into::into).collect();
        evidence.psk_identities = self.psk.iter().map(|(identity, _)| identity.clone()).collect();
        Heard { explanation: recording.explained(&evidence), beside }
    }
}

/// What a client says, or refuses, once it is connected.
fn afterwards(stream: &mut Stream<Tape<TcpStream>>) {
    let until = Instant::now() + AFTERWARDS;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.get_ref().transport().set_read_timeout(Some(left)).is_err() {
            return;
        }
        match stream.read(&mut [0; 4096]) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// A client that did not get as far as TLS.
fn before_tls(error: &starttls::Error, peer: &str, as_json: bool) -> String {
    match as_json {
        true => format!("{:#}\n", json!({ "conversations": [], "starttls": error.to_string() })),
        false => format!("{peer} connects\n{}\n", rows::wrapped(&error.to_string())),
    }
}

/// What was heard, in words or for scripts.
fn said(heard: Heard, peer: &str, as_json: bool) -> String {
    let Heard { explanation, beside } = heard;
    let offers = explanation.conversations.first().map(offer::text).unwrap_or_default();
    if as_json {
        return render::json(&explanation);
    }
    let mut options = Options::default();
    options.width = rows::width();
    options.file = CAPTURE.to_owned();
    let beside = beside.map(|beside| format!("{}\n\n", rows::wrapped(beside))).unwrap_or_default();
    format!("{peer} connects\n{offers}\n{beside}{}\n", render::text(&explanation, &options))
}
