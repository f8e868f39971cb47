//! Complete handshakes, for properties that only they show: whether a client certificate is required,
//! whether sessions are resumed, and whether our own client succeeds.

use std::{
    io::{self, ErrorKind, Read as _},
    path::PathBuf,
    time::{Duration, Instant},
};

use handclasp::{Blame, Client, Fault, Identity, KeyKind, Policy, ProtocolVersion, Stream, Trust};
use handclasp_codec::HandshakeType;
use handclasp_explain::{Diagnosis, Evidence, Side};

use super::observed;
use super::probe::Target;
use crate::{args::Check, exit::Failure, keys::OwnFlags, memory_log::MemoryLog, psk, tape::Tape};

/// How long a server of TLS 1.3 may take to refuse a client that it let finish, or to give it a
/// ticket.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// How long it is read at once meanwhile.
const GLANCE: Duration = Duration::from_millis(50);

/// How long a handshake may take.
const PATIENCE: Duration = Duration::from_secs(8);

/// Result of one handshake.
pub struct ProbedHandshake {
    /// The conversation, decrypted with our own keys.
    pub diagnosis: Option<Diagnosis>,
    pub end: End,
    /// Whether it resumed the previous session.
    pub resumed: bool,
    /// Whether the server sent a ticket.
    pub ticket: bool,
}

/// How the handshake ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Complete on both sides.
    Complete,
    /// Complete on our side; the server has not confirmed it.
    Unclear,
    /// The server refused or closed the connection; the reason.
    Refused(String),
    /// It failed for another reason, such as a refusal of our own.
    Failed(String),
}

/// Credentials and names that the user gave.
pub struct Kit<'a> {
    arguments: &'a Check,
    /// The name that certificates would be for: the host.
    pub host: &'a str,
    /// What server_name carries.
    pub name: Option<&'a str>,
}

impl<'a> Kit<'a> {
    pub fn new(arguments: &'a Check, host: &'a str, name: Option<&'a str>) -> Self {
        Self { arguments, host, name }
    }

    /// The same, with the name that is sent, or none.
    pub fn called<'b>(&self, name: Option<&'b str>) -> Kit<'b>
    where
        'a: 'b,
    {
        Kit { arguments: self.arguments, host: self.host, name }
    }

    /// Whether a pre-shared key was given.
    pub fn has_psk(&self) -> bool {
        self.arguments.psk.are_given()
    }

    /// Its identity.
    pub fn psk_identity(&self) -> Result<Option<String>, Failure> {
        let psk = psk::psk(&self.arguments.psk, None)?;
        Ok(psk.map(|psk| String::from_utf8_lossy(psk.identity()).into_owned()))
    }

    /// Whether a certificate was given.
    pub fn has_certificate(&self) -> bool {
        own(self.arguments, &[], &[]).are_given() || self.arguments.cert.is_some()
    }

    /// The certificate of the flags.
    pub fn identity(&self) -> Result<Option<Identity>, Failure> {
        let list = |file: &Option<PathBuf>| file.iter().cloned().collect::<Vec<_>>();
        let (certs, keys) = (list(&self.arguments.cert), list(&self.arguments.key));
        Ok(own(self.arguments, &certs, &keys).load()?.into_iter().next())
    }

    /// The kind of its key, and the bytes of each certificate.
    pub fn given(&self) -> Result<Option<(KeyKind, Vec<usize>)>, Failure> {
        let sizes = |identity: &Identity| identity.chain().iter().map(|der| der.len()).collect();
        Ok(self.identity()?.map(|identity| (identity.key_kind(), sizes(&identity))))
    }

    /// The pre-shared key of the flags for a version; else no peer is trusted and every certificate is looked
    /// at, for nothing is sent.
    pub fn trust(&self, version: ProtocolVersion, with_psk: bool) -> Result<Trust, Failure> {
        let psk = psk::psk(&self.arguments.psk, Some(version))?.filter(|_| with_psk);
        Ok(psk.map_or(Trust::DangerNobody, Trust::Psk))
    }
}

/// The flags of our certificate and key.
fn own<'a>(arguments: &'a Check, cert: &'a [PathBuf], key: &'a [PathBuf]) -> OwnFlags<'a> {
    OwnFlags { own: &arguments.own, cert, key, raw_key: false, self_signed: None }
}

/// A client that performs probing handshakes.
pub struct HandshakeProbe {
    client: Client,
    log: MemoryLog,
    host: String,
}

impl HandshakeProbe {
    /// Offers what the policy says.
    pub fn new(policy: Policy, trust: Trust, identity: Option<Identity>, kit: &Kit<'_>, names: bool) -> Self {
        let log = MemoryLog::default();
        let mut client = Client::with_policy(trust, policy).key_log(log.key_log()).deadline(Some(PATIENCE));
        if let Some(identity) = identity {
            client = client.identity(identity);
        }
        if !names {
            client = client.without_server_name();
        }
        // A session belongs to a name, also where none is sent.
        Self { client, log, host: kit.name.unwrap_or(kit.host).to_owned() }
    }

    /// One handshake.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn look(&self, target: &mut Target) -> io::Result<ProbedHandshake> {
        let tape = Tape::new(target.connect()?, Side::Client);
        let recording = tape.recording();
        let diagnosis = || {
            let mut evidence = Evidence::default();
            evidence.key_log = self.log.text();
            recording.diagnosis(&evidence)
        };
        let (end, resumed) = match self.client.connect_transport(tape, &self.host) {
            Ok(mut stream) => {
                let resumed = stream.connected().resumed;
                (afterwards(&mut stream, &diagnosis)?, resumed)
            }
            Err(error) => {
                let why = handclasp_explain::advice::advice(error.report()).verdict;
                (ended(error.blame(), error.fault(), why), false)
            }
        };
        let diagnosis = diagnosis();
        let ticket = diagnosis.as_ref().is_some_and(has_ticket);
        Ok(ProbedHandshake { diagnosis, end, resumed, ticket })
    }
}

impl ProbedHandshake {
    /// Whether the server did its part and wants a certificate for the rest.
    pub fn wants_certificate(&self) -> bool {
        self.diagnosis.as_ref().is_some_and(|diagnosis| observed::wanted(diagnosis).is_some())
    }
}

/// What the server does with a client that is done. In TLS 1.2 it was the server that spoke last.
fn afterwards(
    stream: &mut Stream<Tape<std::net::TcpStream>>,
    diagnosis: &dyn Fn() -> Option<Diagnosis>,
) -> io::Result<End> {
    let mut end = End::Unclear;
    if stream.connected().version == ProtocolVersion::TLS_1_2 {
        end = End::Complete;
    }
    let until = Instant::now() + AFTERWARDS;
    while end == End::Unclear && Instant::now() < until {
        stream.get_ref().transport().set_read_timeout(Some(GLANCE))?;
        match stream.read(&mut [0]) {
            // Closed in order, before a word.
            Ok(0) => break,
            Ok(_) => end = End::Complete,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if diagnosis().as_ref().is_some_and(has_ticket) {
                    end = End::Complete;
                }
            }
            Err(error) => match error.downcast::<handclasp::Error>() {
                Ok(error) => {
                    let why = handclasp_explain::advice::advice(error.report()).verdict;
                    end = ended(error.blame(), error.fault(), why);
                }
                Err(error) => end = End::Failed(error.to_string()),
            },
        }
    }
    let _ = stream.close();
    Ok(end)
}

fn ended(blame: Blame, fault: Option<&Fault>, why: String) -> End {
    match (blame, fault) {
        (Blame::Transport, None | Some(Fault::TimedOut { .. })) => End::Failed(why),
        (Blame::Transport | Blame::RefusedByPeer, _) => End::Refused(why),
        // RefusedByUs, Ours.
        (_, _) => End::Failed(why),
    }
}

fn has_ticket(diagnosis: &Diagnosis) -> bool {
    diagnosis.conversation.first(Side::Server, HandshakeType::new_session_ticket).is_some()
}
