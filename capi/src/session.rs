//! Sessions of a client, which the application keeps.

use handclasp_handshake::{Resumption, Session};
use handclasp_report::Side;

use crate::{
    boundary::{bytes, put, put_bytes},
    codes::{Code, HC_ORDER, HC_SESSION, bug},
    config::{Config, edit},
    connection::{Connection, with},
    provider,
    settings::Settings,
};

/// Client: keeps the sessions that servers offer, for `hc_session` and `hc_client_resume`. Call it after
/// trust is configured: a session is resumed under the same trust only.
///
/// Returns `HC_ORDER` for a server.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_sessions(config: *mut Config) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if settings.side == Side::Server {
                return Err(HC_ORDER.into());
            }
            let trust_generation = trusted(settings);
            settings.engine.handshake.resumption = Resumption { tickets: 1, lifetime: 0, trust_generation };
            Ok(())
        })
    }
}

/// A fingerprint of what is trusted.
fn trusted(settings: &Settings) -> [u8; 32] {
    let trust = settings.trust.iter().flat_map(|trust| trust.fingerprint());
    let keys = settings.psks.iter().flat_map(|psk| psk.fingerprint(provider::SHA256));
    let mut context = provider::SHA256.start();
    for part in trust.chain(keys) {
        // Each behind its length: no two lists may run into the same bytes.
        context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(&part);
    }
    let mut fingerprint = [0; 32];
    fingerprint.iter_mut().zip(context.current().iter()).for_each(|(to, from)| *to = *from);
    fingerprint
}

/// Writes the newest session of a connection that was not taken yet, for a later `hc_client_resume`;
/// `length` is its size, 0 if there is none. In TLS 1.3 it comes after the handshake, with data. The bytes
/// contain a secret: they let anyone pretend to be this client. Store them like a key; no
/// more than a week.
///
/// Returns `HC_SPACE` if `capacity` is smaller; the session then stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_session(
    connection: *mut Connection,
    out: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Code {
    // SAFETY: a handle, a buffer, an `out` pointer.
    unsafe {
        with(connection, |connection| {
            let Some(session) = &connection.session else { return put(length, 0) };
            let encoded = session.encode().map_err(|_| bug())?;
            put_bytes(&encoded, out, capacity, length)?;
            connection.session = None;
            Ok(())
        })
    }
}

/// Reads a session of the caller.
///
/// # Safety
/// As [`bytes`].
pub(crate) unsafe fn decode(pointer: *const u8, length: usize) -> Result<Session, Code> {
    // SAFETY: as the caller promises.
    Session::decode(unsafe { bytes(pointer, length) }?).map_err(|_| HC_SESSION)
}
