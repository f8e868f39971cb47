//! What was negotiated, keying material, and the version of this library.

use core::ffi::c_char;

use handclasp_report::{Fault, Misuse};

use crate::{
    boundary::{bytes, put, space},
    codes::{Code, of_fault},
    connection::{Connection, look},
};

/// Major version of this interface: functions and structures of the same one fit together.
pub const HC_VERSION_MAJOR: u32 = 0;
/// Minor version: with major version 0, it too changes when the interface does.
pub const HC_VERSION_MINOR: u32 = 1;
/// Patch version.
pub const HC_VERSION_PATCH: u32 = 0;

/// The version of the library that is linked: `major << 16 | minor << 8 | patch`. A program compares it
/// with `HC_VERSION_MAJOR` and `HC_VERSION_MINOR` of the header that it was compiled with.
#[unsafe(no_mangle)]
pub extern "C" fn hc_version() -> u32 {
    (HC_VERSION_MAJOR << 16) | (HC_VERSION_MINOR << 8) | HC_VERSION_PATCH
}

/// The version of the library that is linked, as text. Static.
#[unsafe(no_mangle)]
pub extern "C" fn hc_version_text() -> *const c_char {
    const TEXT: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    TEXT.as_ptr().cast()
}

/// What was negotiated.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Negotiated {
    /// The protocol version: 0x0303 is TLS 1.2, 0x0304 TLS 1.3.
    pub version: u16,
    /// The cipher suite, such as 0x1301 for TLS_AES_128_GCM_SHA256.
    pub suite: u16,
    /// The group of the key exchange, such as 0x001d for x25519. 0: none.
    pub group: u16,
    /// The scheme that the server signed with. 0: a pre-shared key or session authenticates it.
    pub scheme: u16,
    /// 1 if an earlier session was resumed.
    pub resumed: u8,
    /// 1 if `peer_pin` is set: the peer showed a certificate, now or when the session began.
    pub has_peer_pin: u8,
    /// SHA-256 of the SubjectPublicKeyInfo of the peer.
    pub peer_pin: [u8; 32],
}

/// Writes what was negotiated.
///
/// Returns the fault `HC_FAULT_MISUSE` before the handshake is complete.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_get_negotiated(connection: *const Connection, out: *mut Negotiated) -> Code {
    // SAFETY: a handle, an `out` pointer.
    unsafe {
        look(connection, |connection| {
            let connected = connection.engine.connected();
            let agreed = connected.ok_or_else(|| of_fault(Fault::Misuse(Misuse::NotConnected).code()))?;
            let pin = agreed.peer.as_ref().map(|peer| peer.pin);
            put(
                out,
                Negotiated {
                    version: agreed.version.0,
                    suite: agreed.suite.0,
                    group: agreed.group.map_or(0, |group| group.0),
                    scheme: agreed.scheme.map_or(0, |scheme| scheme.0),
                    resumed: u8::from(agreed.resumed),
                    has_peer_pin: u8::from(pin.is_some()),
                    peer_pin: pin.unwrap_or_default(),
                },
            )
        })
    }
}

/// The application protocol that was negotiated (ALPN); `length` is its size. NULL: none. Not terminated by
/// NUL. Valid as long as the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_alpn(connection: *const Connection, length: *mut usize) -> *const u8 {
    // SAFETY: a handle, an `out` pointer.
    unsafe { lend(connection, length, |connection| connection.engine.connected()?.alpn.as_deref()) }
}

/// The identity of the pre-shared key that was used; `length` is its size. NULL: none was used. Not
/// terminated by NUL; it may contain any bytes. Valid as long as the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_psk_identity(connection: *const Connection, length: *mut usize) -> *const u8 {
    // SAFETY: a handle, an `out` pointer.
    unsafe { lend(connection, length, |connection| connection.engine.connected()?.psk_identity.as_deref()) }
}

/// Server: the server name that the client sent (SNI); `length` is its size. NULL: none. Not terminated by
/// NUL. Valid as long as the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_server_name(connection: *const Connection, length: *mut usize) -> *const u8 {
    // SAFETY: a handle, an `out` pointer.
    unsafe { lend(connection, length, |connection| connection.engine.connected()?.server_name.as_deref()) }
}

/// Lends what was negotiated.
///
/// # Safety
/// A handle, an `out` pointer, see the head of lib.rs.
unsafe fn lend(
    connection: *const Connection,
    length: *mut usize,
    find: impl FnOnce(&Connection) -> Option<&[u8]>,
) -> *const u8 {
    let mut lent = core::ptr::null();
    // SAFETY: as the caller promises.
    let _ = unsafe {
        look(connection, |connection| {
            put(length, 0)?;
            if let Some(bytes) = find(connection) {
                put(length, bytes.len())?;
                lent = bytes.as_ptr();
            }
            Ok(())
        })
    };
    lent
}

/// Writes `out_length` bytes of keying material for the application (RFC 8446 §7.5, RFC 5705). `context`
/// may be NULL: none, which differs from an empty one in TLS 1.2.
///
/// Returns the fault `HC_FAULT_MISUSE` before the handshake is complete, in TLS 1.2 without
/// extended_master_secret, and for lengths or labels that the RFCs do not permit.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_export(
    connection: *const Connection,
    label: *const u8,
    label_length: usize,
    context: *const u8,
    context_length: usize,
    out: *mut u8,
    out_length: usize,
) -> Code {
    // SAFETY: a handle, bytes of the caller, a buffer.
    unsafe {
        look(connection, |connection| {
            let label = bytes(label, label_length)?;
            let given = bytes(context, context_length)?;
            let context = (!context.is_null()).then_some(given);
            let out = space(out, out_length)?;
            connection.engine.export(label, context, out).map_err(of_fault)
        })
    }
}
