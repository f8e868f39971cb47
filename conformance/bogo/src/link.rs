//! The connection and its socket: sends queued bytes, receives, answers needs.

use std::{
    io::{BufReader, Read, Write},
    net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpStream},
    time::Duration,
};

use handclasp_codec::ProtocolVersion;
use handclasp_connection::{Config, Connection, Context};
use handclasp_handshake::ClientStart;
use handclasp_provider_aws_lc::SystemRandom;
use handclasp_report::Fault;

use crate::{
    answers::Answers,
    end::End,
    exchange::Place,
    imported,
    memory::{Memory, Proof},
    options::Options,
    setup,
};

/// The runner gives up after 15 seconds; this limit ends a shim whose runner has gone.
const PATIENCE: Duration = Duration::from_secs(30);

const WITHOUT_TICKET: &str =
    "TLS 1.2 sessions are resumed only by ticket, not by session ID, and only with extended_master_secret";

/// Offset of the session ID's length in a record that begins with a ServerHello: after the headers of
/// record and message, server_version and random.
const SESSION_ID_LENGTH: usize = 5 + 4 + 2 + 32;

/// Unix time within the validity of the runner's certificates.
const NOW: u64 = 1_700_000_000;

/// One connection to the runner.
pub struct Link<'o> {
    pub options: &'o Options,
    pub connection: Connection,
    pub answers: Answers<'o>,
    pub place: Place,
    /// Whether a server issued tickets before.
    had_tickets: bool,
    config: Config,
    reader: BufReader<TcpStream>,
    /// While set, a write stays unfinished: nothing more is sent.
    pub held: bool,
    /// Length of the session ID in our ServerHello, once it was sent.
    pub session_id_length: Option<u8>,
}

/// Context for every call that may advance the handshake.
fn context<'g>(config: &'g Config, place: Place, random: &'g mut SystemRandom) -> Context<'g> {
    Context { config, now: NOW + place.elapsed, random }
}

impl<'o> Link<'o> {
    /// Connects to the runner and prepares our side of the connection.
    pub fn open(options: &'o Options, memory: &'o mut Memory, place: Place) -> Result<Self, End> {
        // Reports what is not implemented before the runner has to wait.
        let own = setup::credentials(options)?;
        let keys = imported::keys(options)?;
        let config = setup::config(options, &own)?;
        let mut random = SystemRandom;
        let connection = if options.server {
            Connection::server(&mut context(&config, place, &mut random))
        } else {
            let offered: Vec<_> = keys.iter().flat_map(imported::OwnKey::offered).collect();
            let psk = setup::client_psk(options).or(imported::client_psk(&offered));
            let session = memory.session.as_ref();
            if place.is_resume && session.is_none() && memory.version == Some(ProtocolVersion::TLS_1_2) {
                return End::not_implemented(WITHOUT_TICKET);
            }
            End::unless(session.is_some() || !place.is_resume, "a session to offer")?;
            // A client that does not want tickets does not offer one.
            let session = session.filter(|_| !options.no_tickets);
            let start = ClientStart { server_name: options.server_name.as_deref(), psk, session };
            Connection::client(&mut context(&config, place, &mut random), start)
        }?;

        let mut socket = if options.ipv6 {
            TcpStream::connect((Ipv6Addr::LOCALHOST, options.port))
        } else {
            TcpStream::connect((Ipv4Addr::LOCALHOST, options.port))
        }?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.write_all(&options.shim_id.to_le_bytes())?;
        let had_tickets = memory.has_tickets();
        let answers = Answers {
            options,
            memory,
            own,
            keys,
            taken: None,
            shown: None,
            proof: Proof::default(),
            authorities: Vec::new(),
            peer_schemes: Vec::new(),
        };
        Ok(Self {
            options,
            connection,
            answers,
            place,
            had_tickets,
            config,
            reader: BufReader::new(socket),
            held: false,
            session_id_length: None,
        })
    }

    /// In TLS 1.2 we resume only by ticket and issue none without extended_master_secret.
    pub fn unless_without_ticket(&self) -> Result<(), End> {
        let is_to_resume = self.place.is_resume && !self.options.expect.session_miss;
        let is_tls12 = self.answers.memory.version == Some(ProtocolVersion::TLS_1_2);
        if self.options.server && is_to_resume && is_tls12 && !self.had_tickets {
            return End::not_implemented(WITHOUT_TICKET);
        }
        Ok(())
    }

    /// Calls `call` with the connection and its context.
    pub fn with<R>(&mut self, call: impl FnOnce(&mut Connection, &mut Context<'_>) -> R) -> R {
        call(&mut self.connection, &mut context(&self.config, self.place, &mut SystemRandom))
    }

    /// Receives the next bytes or the end of input, answers needs and sends the result.
    pub fn advance(&mut self) -> Result<(), End> {
        let outcome = self.take_in();
        // An alert about a fault is sent even then.
        self.flush()?;
        outcome
    }

    fn take_in(&mut self) -> Result<(), End> {
        let space = self.connection.receive_space();
        let room = if self.options.one_byte { space.len().min(1) } else { space.len() };
        let count = match self.reader.read(&mut space[..room]) {
            Ok(count) => count,
            // The runner closes before it has read all our bytes.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => 0,
            Err(error) => return Err(error.into()),
        };
        if count == 0 {
            return Ok(self.connection.end_of_input()?);
        }
        self.with(|connection, context| connection.received(context, count))?;
        self.answer()?;
        Ok(())
    }

    fn answer(&mut self) -> Result<(), Fault> {
        self.answers.answer(&mut self.connection, &mut context(&self.config, self.place, &mut SystemRandom))
    }

    /// Verifies the peer of a resumed session again, by the certificate of the original handshake; ends
    /// the connection if it is no longer accepted.
    pub fn judge_again(&mut self) -> Result<(), End> {
        let judged = self
            .answers
            .judge(&self.answers.memory.proof, &context(&self.config, self.place, &mut SystemRandom));
        let resumed = self.connection.connected().and_then(|connected| connected.peer);
        match judged {
            Ok(again) => End::unless(resumed.is_some_and(|peer| peer.pin == again.pin.0), "the same peer"),
            Err(why) => {
                let fault = self.connection.refuse_peer(why);
                self.flush()?;
                Err(fault.into())
            }
        }
    }

    /// Processes input that already arrived and waited for the application to read.
    pub fn proceed(&mut self) -> Result<(), End> {
        let outcome = self.with(|connection, context| connection.proceed(context));
        self.flush()?;
        Ok(outcome?)
    }

    /// Sends queued bytes.
    pub fn flush(&mut self) -> Result<(), End> {
        if self.held {
            return Ok(());
        }
        let waiting = self.connection.transmit();
        if self.options.server && self.session_id_length.is_none() {
            self.session_id_length = waiting.get(SESSION_ID_LENGTH).copied();
        }
        let count = waiting.len();
        match self.reader.get_mut().write_all(waiting) {
            Ok(()) => {}
            // A runner that has closed decided already; its own output has the verdict.
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::BrokenPipe | std::io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => return Err(error.into()),
        }
        self.connection.transmitted(count);
        Ok(())
    }

    /// Sends the first queued byte, then nothing until `held` is cleared.
    pub fn hold_after_one_byte(&mut self) -> Result<(), End> {
        if let Some(first) = self.connection.transmit().first().copied() {
            self.reader.get_mut().write_all(&[first])?;
            self.connection.transmitted(1);
        }
        self.held = true;
        Ok(())
    }

    /// Shuts down writing and drains the socket, so that the runner does not see a reset.
    pub fn finish(mut self) {
        let _ = self.reader.get_mut().shutdown(Shutdown::Write);
        let _ = std::io::copy(&mut self.reader, &mut std::io::sink());
    }
}
