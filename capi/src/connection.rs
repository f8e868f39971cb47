//! Starting and freeing a connection, its time, and how every call on one begins and ends.

use alloc::{boxed::Box, vec::Vec};
use core::ffi::c_char;

use handclasp_connection::{Connection as Engine, Context};
use handclasp_handshake::{Answer, ClientPsk, ClientStart, PskHash, Session};
use handclasp_report::{FaultCode, Side};
use handclasp_trust::{Name, Psk};

use crate::{
    answers::{Progress, accepted, answer_needs, hash},
    boundary::{bytes, caught, guard, put, text},
    codes::{Code, HC_NAME, HC_NO_TRUST, HC_NULL, HC_OK, HC_ORDER, HC_PANIC, HC_SESSION, of_fault, outcome},
    config::Config,
    late::HC_LATE_PEER,
    memory,
    settings::Settings,
    shared::Shared,
    time::Now,
    trust::key_of,
};

/// One side of a TLS connection. Used by one thread at a time.
pub struct Connection {
    pub(crate) engine: Engine,
    pub(crate) settings: Shared<Settings>,
    pub(crate) progress: Progress,
    /// The time that the application set, in seconds since 1970.
    pub(crate) time: Option<u64>,
    /// The first session that the server offered and the application did not take.
    pub(crate) session: Option<Session>,
    /// Whether a panic left this half changed.
    is_broken: bool,
}

/// Starts a client without a server name, which pins and pre-shared keys do without. Its ClientHello waits
/// in `hc_transmit`. The configuration can be freed while the connection lives.
///
/// Returns `HC_NAME` where roots decide, which need a name; `HC_NO_TRUST` if nothing says which server is
/// trusted; `HC_ORDER` for a server's configuration; a fault if there is nothing to offer or random
/// numbers failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_new(config: *const Config, out: *mut *mut Connection) -> Code {
    // SAFETY: a handle, an `out` pointer, see the head of lib.rs.
    guard(|| unsafe { start(config, None, None, out) })
}

/// As `hc_client_new`, to the server of that name, a DNS name or IP address: it is what the server's
/// certificate must be for, and a DNS name is sent to the server (SNI).
///
/// Returns `HC_NAME` for a name that is neither.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_named(
    config: *const Config,
    server_name: *const c_char,
    out: *mut *mut Connection,
) -> Code {
    guard(|| {
        // SAFETY: a text of the caller, see the head of lib.rs.
        let name = Name::parse(unsafe { text(server_name) }?).map_err(|_| HC_NAME)?;
        // SAFETY: a handle, an `out` pointer, see the head of lib.rs.
        unsafe { start(config, Some(name), None, out) }
    })
}

/// As `hc_client_named` (`server_name` may be NULL: no name), and offers a session of an earlier
/// connection, as `hc_session` wrote it. The session is ignored if it is too old, or of another server name. Offer one once only: a TLS 1.3 ticket
/// that is offered twice lets an observer link the connections.
///
/// Returns `HC_SESSION` if the bytes are damaged or were written by another version of this library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_client_resume(
    config: *const Config,
    server_name: *const c_char,
    session: *const u8,
    session_length: usize,
    out: *mut *mut Connection,
) -> Code {
    guard(|| {
        // SAFETY: bytes of the caller, see the head of lib.rs.
        let session = unsafe { bytes(session, session_length) }?;
        let session = Session::decode(session).map_err(|_| HC_SESSION)?;
        let name = match server_name.is_null() {
            true => None,
            // SAFETY: a text of the caller, see the head of lib.rs.
            false => Some(Name::parse(unsafe { text(server_name) }?).map_err(|_| HC_NAME)?),
        };
        // SAFETY: a handle, an `out` pointer, see the head of lib.rs.
        unsafe { start(config, name, Some(&session), out) }
    })
}

/// Starts a server, which waits for a ClientHello.
///
/// Returns `HC_ORDER` for a client's configuration; a fault if there is nothing to choose from: no
/// certificate and no pre-shared key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_server_new(config: *const Config, out: *mut *mut Connection) -> Code {
    guard(|| {
        // SAFETY: a handle, see the head of lib.rs.
        let config = unsafe { config.as_ref() }.ok_or(HC_NULL)?;
        let settings = Shared::clone(&config.settings);
        if out.is_null() {
            return Err(HC_NULL);
        }
        if settings.side != Side::Server {
            return Err(HC_ORDER);
        }
        memory::require()?;
        let engine =
            with_context(&settings, Now::of(None, settings.earliest), Engine::server).map_err(of_fault)?;
        // SAFETY: an `out` pointer, see the head of lib.rs.
        unsafe { put(out, boxed(engine, settings, Progress::new(None))) }
    })
}

fn boxed(engine: Engine, settings: Shared<Settings>, progress: Progress) -> *mut Connection {
    Box::into_raw(Box::new(Connection {
        engine,
        settings,
        progress,
        time: None,
        session: None,
        is_broken: false,
    }))
}

/// Starts a client.
///
/// # Safety
/// `config` is a handle, `out` an `out` pointer, see the head of lib.rs.
unsafe fn start(
    config: *const Config,
    name: Option<Name>,
    session: Option<&Session>,
    out: *mut *mut Connection,
) -> Result<(), Code> {
    // SAFETY: a handle.
    let config = unsafe { config.as_ref() }.ok_or(HC_NULL)?;
    if out.is_null() {
        return Err(HC_NULL);
    }
    let settings = Shared::clone(&config.settings);
    if settings.side != Side::Client {
        return Err(HC_ORDER);
    }
    check_trust(&settings, name.as_ref())?;
    memory::require()?;
    let start = ClientStart {
        server_name: name.as_ref().and_then(Name::dns),
        psk: settings.psks.first().map(offered),
        session,
    };
    let now = Now::of(None, settings.earliest);
    let engine = with_context(&settings, now, |context| Engine::client(context, start)).map_err(of_fault)?;
    let progress = Progress::new(name);
    // SAFETY: an `out` pointer.
    unsafe { put(out, boxed(engine, settings, progress)) }
}

/// Refuses a client that would trust no server, or any server that has a certificate.
fn check_trust(settings: &Settings, name: Option<&Name>) -> Result<(), Code> {
    let is_judged_late = settings.is_late(HC_LATE_PEER);
    match (&settings.trust, name) {
        (Some(trust), None) if trust.needs_name() && !is_judged_late => Err(HC_NAME),
        (None, _) if settings.psks.is_empty() && !is_judged_late => Err(HC_NO_TRUST),
        _ => Ok(()),
    }
}

fn offered(psk: &Psk) -> ClientPsk<'_> {
    use handclasp_codec::ProtocolVersion as Version;
    let tls13: Option<PskHash> = psk.usage().serves(Version::TLS_1_3).then(|| hash(psk.usage()));
    ClientPsk {
        identity: psk.identity(),
        secret: psk.secret(),
        tls13,
        tls12: psk.usage().serves(Version::TLS_1_2),
        imported: false,
        also: None,
    }
}

/// Frees a connection and wipes its keys. NULL is ignored. The peer is not informed: call `hc_close` and
/// send what is in `hc_transmit` before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_connection_free(connection: *mut Connection) {
    if connection.is_null() {
        return;
    }
    // SAFETY: from `hc_client_new` or `hc_server_new` and not freed, see the head of lib.rs.
    let connection = unsafe { Box::from_raw(connection) };
    let _ = guard(|| {
        drop(connection);
        Ok(())
    });
}

/// Sets the time, in seconds since 1970-01-01 UTC, for the following calls: certificates and sessions are
/// checked against it. Without this call hosts use the system's clock; devices have none, see
/// `hc_config_earliest_time`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_time(connection: *mut Connection, seconds: u64) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            connection.time = Some(seconds);
            Ok(())
        })
    }
}

/// Lends a connection to the body of a C function.
///
/// # Safety
/// `connection` is a handle, see the head of lib.rs.
pub(crate) unsafe fn with(
    connection: *mut Connection,
    body: impl FnOnce(&mut Connection) -> Result<(), Code>,
) -> Code {
    // SAFETY: a handle, used by one thread.
    let Some(connection) = (unsafe { connection.as_mut() }) else { return HC_NULL };
    if connection.is_broken {
        return HC_PANIC;
    }
    let outcome = caught(|| body(&mut *connection));
    connection.is_broken = outcome == Err(HC_PANIC);
    outcome.err().unwrap_or(HC_OK)
}

/// Lends a connection to the body of a C function that changes nothing.
///
/// # Safety
/// `connection` is a handle, see the head of lib.rs.
pub(crate) unsafe fn look(
    connection: *const Connection,
    body: impl FnOnce(&Connection) -> Result<(), Code>,
) -> Code {
    // SAFETY: a handle, used by one thread.
    let Some(connection) = (unsafe { connection.as_ref() }) else { return HC_NULL };
    if connection.is_broken {
        return HC_PANIC;
    }
    guard(|| body(connection))
}

impl Connection {
    /// Runs a call of the engine, then answers the needs that follow from it.
    pub(crate) fn drive(
        &mut self,
        call: impl FnOnce(&mut Engine, &mut Context<'_>) -> Result<(), FaultCode>,
    ) -> Result<(), Code> {
        let Self { engine, settings, progress, time, session, .. } = self;
        let now = Now::of(*time, settings.earliest);
        let driven = with_context(settings, now, |context| {
            call(engine, context)?;
            answer_needs(engine, settings, progress, now, context)
        });
        if let Some(newest) = engine.take_sessions().pop() {
            *session = Some(newest);
        }
        outcome(driven)
    }

    /// As [`Connection::drive`], for the answer to the need that waits.
    pub(crate) fn resolve(
        &mut self,
        call: impl FnOnce(&mut Engine, &mut Context<'_>) -> Result<(), FaultCode>,
    ) -> Result<(), Code> {
        self.progress.is_waiting = false;
        self.drive(call)
    }

    /// Accepts the peer's chain without a verdict of ours: the application gave one.
    pub(crate) fn accept_peer(&mut self) -> Result<(), Code> {
        let chain = core::mem::take(&mut self.progress.chain);
        let judged = key_of(chain.first().map(Vec::as_slice).unwrap_or_default());
        self.resolve(|engine, context| match &judged {
            Ok(peer) => engine.answer(context, accepted(peer)),
            Err(fault) => engine.answer(context, Answer::PeerRefused(*fault)),
        })
    }
}

/// Lends the surroundings of a call.
fn with_context<R>(settings: &Settings, now: Now, body: impl FnOnce(&mut Context<'_>) -> R) -> R {
    let mut random = settings.random;
    body(&mut Context { config: &settings.engine, now: now.seconds, random: &mut random })
}
