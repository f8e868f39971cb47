//! Sessions of a client, which the application keeps.

use handclasp_report::Side;

use crate::{
    boundary::{put, put_bytes},
    codes::{Code, HC_ORDER, bug},
    config::{Config, edit},
    connection::{Connection, with},
    fingerprint::fingerprint,
};

/// Client: keeps the sessions that servers offer, for `hc_session` and `hc_client_resume`. A session is resumed
/// under the same trust only.
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
            settings.session_binding = Some(fingerprint);
            settings.engine.handshake.resumption.tickets = 1;
            Ok(())
        })
    }
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
