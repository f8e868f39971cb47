//! Needs that the configuration leaves to the application, as plain structures, and their answers.

use core::ptr;

use handclasp_crypto::SignError;
use handclasp_handshake::{Answer, Need as EngineNeed, PskAnswer, PskHash};
use handclasp_report::CertificateFault;

use crate::{
    boundary::{bytes, put},
    codes::{Code, HC_LENGTH, HC_ORDER, HC_UNSUPPORTED, outcome},
    connection::{Connection, look, with},
    psk::{HC_PSK_BOTH, HC_PSK_TLS12, HC_PSK_TLS13, HC_PSK_TLS13_SHA384},
};

/// No need: the handshake goes on with bytes of the peer.
pub const HC_NEED_NONE: u32 = 0;
/// A pre-shared key for one of the identities that the client offers (`hc_need_item`). Answered by
/// `hc_answer_psk` or `hc_answer_no_psk`.
pub const HC_NEED_PSK: u32 = 1;
/// A signature of `message` by `scheme`. Answered by `hc_answer_signature` or
/// `hc_answer_signature_failed`.
pub const HC_NEED_SIGNATURE: u32 = 2;
/// A verdict on the peer's certificates (`hc_need_item`, DER, the peer's own first). Answered by
/// `hc_answer_peer_accepted` or `hc_answer_peer_refused`.
pub const HC_NEED_PEER: u32 = 3;

/// What a handshake waits for.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Need {
    /// One of `HC_NEED_…`.
    pub kind: u32,
    /// `HC_NEED_PSK`: the protocol version that the key would be used in, 0x0303 or 0x0304.
    pub version: u16,
    /// `HC_NEED_SIGNATURE`: the signature scheme (RFC 8446 §4.2.3), such as 0x0403 for ECDSA over P-256
    /// with SHA-256.
    pub scheme: u16,
    /// `HC_NEED_SIGNATURE`: the message to sign, not hashed: hashing is part of the scheme. Valid until
    /// the next call that changes the connection.
    pub message: *const u8,
    /// Bytes of `message`.
    pub message_length: usize,
    /// `HC_NEED_PSK`, `HC_NEED_PEER`: number of identities or certificates, see `hc_need_item`.
    pub items: usize,
}

/// Writes what the handshake waits for; `kind` is `HC_NEED_NONE` if it waits for nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_get_need(connection: *const Connection, out: *mut Need) -> Code {
    // SAFETY: a handle, an `out` pointer.
    unsafe { look(connection, |connection| put(out, need(connection))) }
}

fn need(connection: &Connection) -> Need {
    let none =
        Need { kind: HC_NEED_NONE, version: 0, scheme: 0, message: ptr::null(), message_length: 0, items: 0 };
    match connection.engine.need() {
        Some(EngineNeed::Psk { identities, version }) => {
            Need { kind: HC_NEED_PSK, version: version.0, items: identities.iter().count(), ..none }
        }
        Some(EngineNeed::Signature { scheme, message }) => Need {
            kind: HC_NEED_SIGNATURE,
            scheme: scheme.0,
            message: message.as_ptr(),
            message_length: message.len(),
            ..none
        },
        Some(EngineNeed::PeerCertificate { .. }) => {
            Need { kind: HC_NEED_PEER, items: connection.progress.chain.len(), ..none }
        }
        _ => none,
    }
}

/// Lends the item of that index of a need: an identity or a certificate; `length` is its size. NULL if
/// there is none. Valid until the next call that changes the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_need_item(
    connection: *const Connection,
    index: usize,
    length: *mut usize,
) -> *const u8 {
    let mut lent = ptr::null();
    // SAFETY: a handle, an `out` pointer.
    let _ = unsafe {
        look(connection, |connection| {
            put(length, 0)?;
            let item = match connection.engine.need() {
                Some(EngineNeed::Psk { identities, .. }) => {
                    identities.iter().nth(index).map(|(_, identity)| identity)
                }
                Some(EngineNeed::PeerCertificate { .. }) => {
                    connection.progress.chain.get(index).map(|der| der.as_slice())
                }
                _ => None,
            };
            if let Some(item) = item {
                put(length, item.len())?;
                lent = item.as_ptr();
            }
            Ok(())
        })
    };
    lent
}

/// Answers `HC_NEED_PSK` with the key for the identity of that index. `usage` is `HC_PSK_TLS12`,
/// `HC_PSK_TLS13`, `HC_PSK_TLS13_SHA384` or `HC_PSK_BOTH`, as for `hc_config_psk`. The key is copied as far
/// as the handshake needs it, and wiped; the caller wipes its own copy.
///
/// Returns `HC_ORDER` without this need, `HC_LENGTH` for an index that does not exist or an empty key.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_psk(
    connection: *mut Connection,
    index: usize,
    usage: u32,
    key: *const u8,
    key_length: usize,
) -> Code {
    // SAFETY: a handle, bytes of the caller.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::Psk { identities, .. }) = connection.engine.need() else {
                return Err(HC_ORDER);
            };
            let (index, _) = identities.iter().nth(index).ok_or(HC_LENGTH)?;
            let hash = match usage {
                HC_PSK_TLS12 | HC_PSK_TLS13 | HC_PSK_BOTH => PskHash::Sha256,
                HC_PSK_TLS13_SHA384 => PskHash::Sha384,
                _ => return Err(HC_UNSUPPORTED),
            };
            let secret = bytes(key, key_length)?;
            if secret.is_empty() || secret.len() > usize::from(u16::MAX) {
                return Err(HC_LENGTH);
            }
            let answer = PskAnswer { index, secret, hash, imported: false };
            connection.resolve(|engine, context| engine.answer(context, Answer::Psk(Some(answer))))
        })
    }
}

/// Answers `HC_NEED_PSK`: no identity is known. A server with a certificate goes on with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_no_psk(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::Psk { .. }) = connection.engine.need() else { return Err(HC_ORDER) };
            connection.resolve(|engine, context| engine.answer(context, Answer::Psk(None)))
        })
    }
}

/// Answers `HC_NEED_SIGNATURE`. ECDSA signatures are DER, as RFC 8446 §4.2.3 requires. Where the
/// configuration offers the scheme, the signature is verified before it is sent.
///
/// Returns `HC_ORDER` without this need; `HC_FAULT_SIGNER_FAILED` for a signature that does not verify,
/// which ends the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_signature(
    connection: *mut Connection,
    signature: *const u8,
    length: usize,
) -> Code {
    // SAFETY: a handle, bytes of the caller.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::Signature { scheme, message }) = connection.engine.need() else {
                return Err(HC_ORDER);
            };
            let signature = bytes(signature, length)?;
            let identity = connection.settings.identity.as_deref().ok_or(HC_ORDER)?;
            let verify = &connection.settings.engine.handshake.verify;
            let answer = match identity.verify(scheme, message, signature, verify) {
                Ok(()) | Err(SignError::Scheme(_)) => Answer::Signature(signature),
                Err(SignError::RawEcdsa) => Answer::SignerFailed(SignError::RawEcdsa),
                Err(_) => Answer::SignerFailed(SignError::DoesNotVerify),
            };
            connection.resolve(|engine, context| engine.answer(context, answer))
        })
    }
}

/// Answers `HC_NEED_SIGNATURE`: the signer failed. The connection ends with an alert, and this returns
/// its fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_signature_failed(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::Signature { .. }) = connection.engine.need() else { return Err(HC_ORDER) };
            connection
                .resolve(|engine, context| engine.answer(context, Answer::SignerFailed(SignError::Failed)))
        })
    }
}

/// Answers `HC_NEED_PEER`: the chain is trusted. The handshake still verifies that the peer has the key of
/// the first certificate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_peer_accepted(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::PeerCertificate { .. }) = connection.engine.need() else {
                return Err(HC_ORDER);
            };
            connection.accept_peer()
        })
    }
}

/// The chain leads to no trusted root (alert unknown_ca).
pub const HC_REFUSED_UNKNOWN: u32 = 1;
/// The certificate is revoked (alert certificate_revoked).
pub const HC_REFUSED_REVOKED: u32 = 2;
/// The certificate is for another name (alert bad_certificate).
pub const HC_REFUSED_NAME: u32 = 3;

/// Answers `HC_NEED_PEER`: the chain is not trusted, for one of `HC_REFUSED_…`. The connection ends with an
/// alert, and this returns its fault.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_answer_peer_refused(connection: *mut Connection, why: u32) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            let Some(EngineNeed::PeerCertificate { .. }) = connection.engine.need() else {
                return Err(HC_ORDER);
            };
            let why = match why {
                HC_REFUSED_UNKNOWN => CertificateFault::UnknownIssuer { self_signed: false },
                HC_REFUSED_REVOKED => CertificateFault::Revoked,
                HC_REFUSED_NAME => CertificateFault::NameMismatch { names: 0 },
                _ => return Err(HC_UNSUPPORTED),
            };
            connection.resolve(|engine, context| engine.answer(context, Answer::PeerRefused(why.into())))
        })
    }
}

/// Ends the connection with the alert access_denied, at any point, and returns the fault
/// `HC_FAULT_CALLER_REFUSED`, or the earlier fault of a connection that failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_refuse(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe { with(connection, |connection| outcome(Err(connection.engine.refuse()))) }
}
