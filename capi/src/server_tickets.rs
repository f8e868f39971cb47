//! Tickets of a server: whether it issues them, and under which secrets.

use alloc::boxed::Box;

use handclasp_crypto::SharedSecret;
use handclasp_report::Side;

use crate::{
    boundary::bytes,
    codes::{Code, HC_LENGTH, HC_ORDER, HC_SECRET, HC_UNSUPPORTED},
    config::{Config, edit},
    fingerprint::fingerprint,
    refusal::Refusal,
    tickets::Secrets,
};

/// Tickets that a connection of TLS 1.3 gets: one for the next connection, and one for another beside it.
const TICKETS: u8 = 2;

/// Server: issues tickets, by which clients resume their session without a certificate or signature, and resumes
/// sessions. `secret` has at least 32 random bytes, which all servers of a name share; it is copied and wiped with the
/// configuration. A ticket is valid for `lifetime` seconds, 604800 (7 days) at most; a server whose clock
/// stands still (a device without `hc_time`) accepts it as long as the secret. With the secret all resumed sessions
/// can be read: change it daily, by a new configuration with a new secret, and with this one as an earlier one
/// (`hc_config_earlier_tickets`). Call this after the suites are offered: tickets are sealed by their AEAD.
///
/// Returns `HC_SECRET` for fewer bytes or the same byte 32 times, `HC_LENGTH` for another lifetime, `HC_ORDER` for
/// a client or a second call, `HC_UNSUPPORTED` if all suites have short tags.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_tickets(
    config: *mut Config,
    secret: *const u8,
    length: usize,
    lifetime: u32,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let secret = shared(bytes(secret, length)?)?;
            if settings.side == Side::Client || settings.tickets.is_some() {
                return Err(HC_ORDER.into());
            }
            if !(1..=604_800).contains(&lifetime) {
                return Err(HC_LENGTH.into());
            }
            let handshake = &mut settings.engine.handshake;
            let secrets = Secrets::new(secret, &handshake.suites).ok_or(HC_UNSUPPORTED)?;
            handshake.resumption.tickets = TICKETS;
            handshake.resumption.lifetime = lifetime;
            settings.tickets = Some(Box::new(secrets));
            settings.session_binding = Some(fingerprint);
            Ok(())
        })
    }
}

/// Server: accepts the tickets of an earlier secret, too, but issues none under it. A client of TLS 1.2 gets a new
/// ticket with its next connection, one of TLS 1.3 with each. After the lifetime of the tickets the earlier secret is
/// left out.
///
/// Returns `HC_ORDER` before `hc_config_tickets`, `HC_SECRET` as it does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_earlier_tickets(
    config: *mut Config,
    secret: *const u8,
    length: usize,
) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let secret = shared(bytes(secret, length)?)?;
            settings.tickets.as_mut().ok_or(HC_ORDER)?.accept(secret);
            Ok(())
        })
    }
}

fn shared(bytes: &[u8]) -> Result<SharedSecret, Refusal> {
    SharedSecret::from_bytes(bytes).map_err(|error| Refusal::new(HC_SECRET, &error))
}
