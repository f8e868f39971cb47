//! Making, changing and freeing a configuration.

#[cfg(feature = "words")]
use alloc::string::String;
use alloc::{boxed::Box, vec::Vec};
use core::ffi::{c_char, c_void};

use handclasp_report::Side;

use crate::{
    boundary::{bytes, caught, guard, put, put_text},
    codes::{Code, HC_IN_USE, HC_LENGTH, HC_NULL, HC_PANIC, HC_UNSUPPORTED},
    random::{RandomFunction, Source},
    refusal::Refusal,
    settings::Settings,
    shared::Shared,
};

/// A configuration: how this side authenticates, which peers it trusts, what it offers. Many connections
/// may share one; each keeps it alive, so it can be freed while connections use it. It can be changed
/// until the first connection is made. Keys in it are wiped with the last of them.
pub struct Config {
    pub(crate) settings: Shared<Settings>,
    /// The sentence of the last error.
    #[cfg(feature = "words")]
    error: String,
    is_broken: bool,
}

/// The side of a connection: client. For `hc_config_new`.
pub const HC_CLIENT: u32 = 1;
/// The side of a connection: server. For `hc_config_new`.
pub const HC_SERVER: u32 = 2;

/// Makes a configuration for `side` (`HC_CLIENT` or `HC_SERVER`). On hosts it offers TLS 1.3 and 1.2 with
/// the algorithms of `hc_offer_modern` until one of the `hc_offer_…` functions is called; on devices it
/// offers nothing until then.
///
/// Returns `HC_UNSUPPORTED` for another side, `HC_MEMORY` without memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_new(side: u32, out: *mut *mut Config) -> Code {
    guard(|| {
        if out.is_null() {
            return Err(HC_NULL);
        }
        let side = match side {
            HC_CLIENT => Side::Client,
            HC_SERVER => Side::Server,
            _ => return Err(HC_UNSUPPORTED),
        };
        crate::memory::require()?;
        #[cfg_attr(not(feature = "std"), expect(unused_mut, reason = "devices list what they offer"))]
        let mut settings = Settings::new(side);
        #[cfg(feature = "std")]
        settings.offer_modern();
        let config = Config {
            settings: Shared::new(settings),
            #[cfg(feature = "words")]
            error: String::new(),
            is_broken: false,
        };
        // SAFETY: an `out` pointer, see the head of lib.rs.
        unsafe { put(out, Box::into_raw(Box::new(config))) }
    })
}

/// Frees a configuration. NULL is ignored. Connections that use it go on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_free(config: *mut Config) {
    if config.is_null() {
        return;
    }
    // SAFETY: from `hc_config_new` and not freed, see the head of lib.rs.
    let config = unsafe { Box::from_raw(config) };
    let _ = guard(|| {
        drop(config);
        Ok(())
    });
}

/// Changes the settings of a configuration.
///
/// # Safety
/// `config` is a handle, see the head of lib.rs.
pub(crate) unsafe fn edit(
    config: *mut Config,
    body: impl FnOnce(&mut Settings) -> Result<(), Refusal>,
) -> Code {
    // SAFETY: a handle, used by one thread, see the head of lib.rs.
    let Some(config) = (unsafe { config.as_mut() }) else { return HC_NULL };
    if config.is_broken {
        return HC_PANIC;
    }
    let Config { settings, .. } = config;
    let outcome = caught(|| {
        crate::memory::require()?;
        let settings = Shared::get_mut(settings).ok_or(HC_IN_USE)?;
        let done = body(settings);
        settings.bind_sessions();
        Ok(done)
    });
    match outcome {
        Ok(Ok(())) => crate::codes::HC_OK,
        Ok(Err(refusal)) => {
            #[cfg(feature = "words")]
            {
                config.error = refusal.words.unwrap_or_default();
            }
            refusal.code
        }
        Err(code) => {
            config.is_broken = code == HC_PANIC;
            code
        }
    }
}

/// Writes a sentence about the last change that was refused, as far as there is one, as `snprintf` does:
/// cut to `capacity`, with a NUL at the end; `length` (may be NULL) is that of the whole text. Devices
/// build the library without these sentences; the text is then empty.
///
/// Returns `HC_SPACE` if the text was cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_words(
    config: *const Config,
    out: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Code {
    guard(|| {
        // SAFETY: a handle, see the head of lib.rs.
        let config = unsafe { config.as_ref() }.ok_or(HC_NULL)?;
        #[cfg(feature = "words")]
        let error = config.error.as_str();
        #[cfg(not(feature = "words"))]
        let error = {
            let _ = config;
            ""
        };
        // SAFETY: a buffer and an optional `out` pointer, see the head of lib.rs.
        unsafe { put_text(&error, out, capacity, length) }
    })
}

/// Sets the source of random numbers. `user` is passed to each call and must stay valid while connections
/// of this configuration exist; with several threads `function` is called by several at once. Required on
/// devices; on hosts, without this call or with NULL, the operating system's source is used.
///
/// The numbers must be unpredictable: keys are made of them. A counter or the C library's `rand` makes
/// every connection readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_random(
    config: *mut Config,
    function: RandomFunction,
    user: *mut c_void,
) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            settings.random = Source { function, user };
            Ok(())
        })
    }
}

/// Adds an application protocol (ALPN, RFC 7301), such as "h2" or "mqtt", behind those before it. A peer
/// that has ALPN and none of them in common is refused. The name is copied: 1 to 255 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_alpn(config: *mut Config, name: *const u8, length: usize) -> Code {
    // SAFETY: a handle, and bytes of the caller.
    unsafe {
        edit(config, |settings| {
            let name = bytes(name, length)?;
            if !(1..=255).contains(&name.len()) {
                return Err(HC_LENGTH.into());
            }
            settings.engine.handshake.alpn.push(Vec::from(name));
            Ok(())
        })
    }
}

/// Limits records to `bytes` of content, 512 to 16384, for devices with little memory: those that are
/// sent, and those that the peer is asked to send (record_size_limit, max_fragment_length). A peer that
/// knows neither extension may send up to 16384. Handshake messages are limited by `hc_config_messages`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_records(config: *mut Config, bytes: u16) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if !(512..=16_384).contains(&bytes) {
                return Err(HC_LENGTH.into());
            }
            settings.engine.limit_records(bytes);
            settings.engine.transmit_limit = usize::from(bytes).saturating_mul(2);
            Ok(())
        })
    }
}

/// The greatest length in the header of a handshake message, which has three bytes for it.
const MESSAGE_MAX: u32 = 0x00ff_ffff;

/// Limits the handshake messages that a peer may send, in bytes: `certificates` for Certificate and
/// CertificateRequest (otherwise 65535), `others` for all others (otherwise 16384). Memory is allocated
/// as the bytes arrive. A message has at most 16777215 bytes (RFC 8446 section 4).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_messages(config: *mut Config, certificates: u32, others: u32) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            if certificates.max(others) > MESSAGE_MAX {
                return Err(HC_LENGTH.into());
            }
            let limits = &mut settings.engine.message_limits;
            limits.certificates = certificates;
            limits.tickets = others;
            limits.others = others;
            Ok(())
        })
    }
}

/// Sets the time before which no clock is trusted, in seconds since 1970-01-01 UTC. On devices it is the time at
/// which this library was built, until this call. A connection whose time (`hc_time`) is not set, or is earlier,
/// has no clock: certificates that ended before this time are refused, and those that begin later are accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_config_earliest_time(config: *mut Config, seconds: u64) -> Code {
    // SAFETY: a handle.
    unsafe {
        edit(config, |settings| {
            settings.earliest = seconds;
            Ok(())
        })
    }
}
