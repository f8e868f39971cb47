//! The numbers of faults in a code, and their names. They are those of the compact report and never change.
//! Long because: it is the list of all faults.

use core::ffi::{CStr, c_char};

use crate::codes::*;

/// A message or record of the peer does not parse.
pub const HC_FAULT_DECODE: u32 = 1;
/// A message out of order.
pub const HC_FAULT_UNEXPECTED: u32 = 2;
/// The peer's first bytes are not a TLS record.
pub const HC_FAULT_NOT_TLS: u32 = 3;
/// A record with a content type that does not exist.
pub const HC_FAULT_UNKNOWN_CONTENT_TYPE: u32 = 4;
/// A record with a version that is not permitted.
pub const HC_FAULT_RECORD_VERSION: u32 = 5;
/// A record longer than the protocol or the negotiated limit permits.
pub const HC_FAULT_RECORD_OVERFLOW: u32 = 6;
/// A handshake or alert record without content.
pub const HC_FAULT_EMPTY_RECORD: u32 = 7;
/// A TLS 1.3 record with nothing but padding.
pub const HC_FAULT_ONLY_PADDING: u32 = 8;
/// An alert or change_cipher_spec record with invalid content.
pub const HC_FAULT_MALFORMED_RECORD: u32 = 9;
/// A handshake message longer than the limit (hc_config_messages).
pub const HC_FAULT_MESSAGE_TOO_LARGE: u32 = 10;
/// The keys changed inside a message.
pub const HC_FAULT_KEY_CHANGE_INSIDE_MESSAGE: u32 = 11;
/// More messages without progress than a legitimate peer sends.
pub const HC_FAULT_FLOOD: u32 = 12;
/// A protected record that does not decrypt under our keys.
pub const HC_FAULT_RECORD_NOT_AUTHENTIC: u32 = 13;
/// No protocol version in common.
pub const HC_FAULT_NO_COMMON_VERSION: u32 = 14;
/// No cipher suite in common.
pub const HC_FAULT_NO_COMMON_SUITE: u32 = 15;
/// No key exchange group in common.
pub const HC_FAULT_NO_COMMON_GROUP: u32 = 16;
/// No signature scheme that the peer accepts and our key supports.
pub const HC_FAULT_NO_COMMON_SCHEME: u32 = 17;
/// All suites in common need a certificate or pre-shared key that this server does not have.
pub const HC_FAULT_NO_CREDENTIAL: u32 = 18;
/// No application protocol in common.
pub const HC_FAULT_NO_COMMON_ALPN: u32 = 19;
/// The server has nothing for the requested name.
pub const HC_FAULT_UNRECOGNIZED_NAME: u32 = 20;
/// The peer does not support extended_master_secret, which is required.
pub const HC_FAULT_NO_EXTENDED_MASTER_SECRET: u32 = 21;
/// The client fell back to a lower version than both sides support.
pub const HC_FAULT_INAPPROPRIATE_FALLBACK: u32 = 22;
/// The client does not offer the null compression method.
pub const HC_FAULT_NO_NULL_COMPRESSION: u32 = 23;
/// A required extension is missing.
pub const HC_FAULT_MISSING_EXTENSION: u32 = 24;
/// An answer to an extension that was not sent.
pub const HC_FAULT_UNSOLICITED_EXTENSION: u32 = 25;
/// An extension in a message that must not contain it.
pub const HC_FAULT_MISPLACED_EXTENSION: u32 = 26;
/// The peer chose a value that was not offered.
pub const HC_FAULT_NOT_OFFERED: u32 = 27;
/// The server did not echo legacy_session_id.
pub const HC_FAULT_SESSION_ID_NOT_ECHOED: u32 = 28;
/// The server's random says that a higher version was removed from our offer.
pub const HC_FAULT_DOWNGRADE: u32 = 29;
/// A second HelloRetryRequest, or one that changes nothing.
pub const HC_FAULT_USELESS_RETRY: u32 = 30;
/// The hello after a retry contradicts the first.
pub const HC_FAULT_RETRY_MISMATCH: u32 = 31;
/// renegotiation_info has the wrong value.
pub const HC_FAULT_RENEGOTIATION_INFO: u32 = 32;
/// A field with a value that the RFC forbids.
pub const HC_FAULT_ILLEGAL_PARAMETER: u32 = 33;
/// The peer's key share is not usable.
pub const HC_FAULT_KEY_SHARE: u32 = 34;
/// A signature that does not verify under the peer's key.
pub const HC_FAULT_SIGNATURE_INVALID: u32 = 35;
/// A signature scheme that belongs to another kind of key.
pub const HC_FAULT_SCHEME_KEY_MISMATCH: u32 = 36;
/// The peer's Finished is not the expected one. With a pre-shared key: the keys differ.
pub const HC_FAULT_FINISHED_INVALID: u32 = 37;
/// The binder of a pre-shared key is not the expected one: the keys differ.
pub const HC_FAULT_BINDER_INVALID: u32 = 38;
/// The client names a pre-shared key that this server does not have.
pub const HC_FAULT_UNKNOWN_PSK_IDENTITY: u32 = 39;
/// The peer's certificate, chain or key is not trusted. The detail is one of HC_CERTIFICATE_….
pub const HC_FAULT_CERTIFICATE: u32 = 40;
/// The peer sent a fatal alert. The detail is its number (RFC 8446 §6.2).
pub const HC_FAULT_PEER_ALERT: u32 = 42;
/// The peer sent close_notify during the handshake.
pub const HC_FAULT_CLOSED_IN_HANDSHAKE: u32 = 43;
/// The transport ended without close_notify.
pub const HC_FAULT_TRUNCATED: u32 = 44;
/// The handshake took longer than its deadline (hc_time_out).
pub const HC_FAULT_TIMED_OUT: u32 = 45;
/// The application refused (hc_refuse).
pub const HC_FAULT_CALLER_REFUSED: u32 = 46;
/// The application used the interface wrongly. The detail is one of HC_MISUSE_….
pub const HC_FAULT_MISUSE: u32 = 48;
/// Random numbers or the crypto library failed, or this library has a bug.
pub const HC_FAULT_INTERNAL: u32 = 49;
/// A message could not be written from this configuration.
pub const HC_FAULT_ENCODE: u32 = 50;
/// The client sent no certificate, and one is required.
pub const HC_FAULT_NO_CERTIFICATE: u32 = 51;
/// No certificate type in common.
pub const HC_FAULT_NO_COMMON_CERTIFICATE_TYPE: u32 = 52;
/// Only CBC suites are in common, and the peer does not support encrypt_then_mac.
pub const HC_FAULT_NO_ENCRYPT_THEN_MAC: u32 = 53;
/// The client sent no signature_algorithms, which stands for SHA-1.
pub const HC_FAULT_NO_SIGNATURE_ALGORITHMS: u32 = 54;
/// The curve of our certificate's key is not one that the client lists.
pub const HC_FAULT_CURVE_NOT_OFFERED: u32 = 55;
/// More entries in a ClientHello than are examined.
pub const HC_FAULT_TOO_MANY: u32 = 56;
/// The transport reported an error.
pub const HC_FAULT_TRANSPORT: u32 = 57;
/// The signer failed, or made a signature that does not verify.
pub const HC_FAULT_SIGNER_FAILED: u32 = 58;
/// The store of pre-shared keys did not answer. Servers of this library have no such store.
pub const HC_FAULT_PSK_UNAVAILABLE: u32 = 59;
/// A certificate does not parse.
pub const HC_CERTIFICATE_MALFORMED: u32 = 1;
/// A certificate has expired.
pub const HC_CERTIFICATE_EXPIRED: u32 = 2;
/// A certificate is not valid yet.
pub const HC_CERTIFICATE_NOT_YET_VALID: u32 = 3;
/// No path to one of the roots.
pub const HC_CERTIFICATE_UNKNOWN_ISSUER: u32 = 4;
/// The certificate is for other names.
pub const HC_CERTIFICATE_NAME_MISMATCH: u32 = 5;
/// A signature of the chain does not verify.
pub const HC_CERTIFICATE_SIGNATURE_INVALID: u32 = 6;
/// A signature of the chain uses an algorithm that is not accepted.
pub const HC_CERTIFICATE_WEAK_SIGNATURE: u32 = 7;
/// A kind of key that is not supported.
pub const HC_CERTIFICATE_UNSUPPORTED_KEY: u32 = 8;
/// The certificate is not for this role.
pub const HC_CERTIFICATE_WRONG_USAGE: u32 = 9;
/// A name constraint of an issuer is violated.
pub const HC_CERTIFICATE_CONSTRAINT_VIOLATED: u32 = 10;
/// The certificate is that of a certificate authority.
pub const HC_CERTIFICATE_CA_USED_AS_LEAF: u32 = 11;
/// The certificate is revoked.
pub const HC_CERTIFICATE_REVOKED: u32 = 12;
/// The public key is not one of the pins.
pub const HC_CERTIFICATE_PIN_MISMATCH: u32 = 13;
/// No trust was configured for certificates.
pub const HC_CERTIFICATE_NOT_CONFIGURED: u32 = 14;
/// The chain is too long or too large to verify.
pub const HC_CERTIFICATE_BUDGET: u32 = 15;
/// An issuer is not a certificate authority.
pub const HC_CERTIFICATE_ISSUER_MAY_NOT_SIGN: u32 = 16;
/// The path is longer than an issuer permits.
pub const HC_CERTIFICATE_PATH_TOO_LONG: u32 = 17;
/// The certificate requires an OCSP response, and none was sent.
pub const HC_CERTIFICATE_NO_STAPLE: u32 = 18;
/// The OCSP response is not acceptable.
pub const HC_CERTIFICATE_STAPLE: u32 = 19;
/// The pin is the fingerprint of the certificate, not of its public key.
pub const HC_CERTIFICATE_PIN_IS_FINGERPRINT: u32 = 20;
/// A certificate whose dates contradict each other.
pub const HC_CERTIFICATE_NEVER_VALID: u32 = 21;
/// No name was given that the certificate must be for.
pub const HC_CERTIFICATE_NO_EXPECTED_NAME: u32 = 22;
/// Another configuration was passed during a handshake.
pub const HC_MISUSE_CONFIGURATION_CHANGED: u32 = 1;
/// The answer does not fit the need.
pub const HC_MISUSE_WRONG_ANSWER: u32 = 2;
/// Data or keying material before the handshake is complete.
pub const HC_MISUSE_NOT_CONNECTED: u32 = 3;
/// Writing after hc_close.
pub const HC_MISUSE_CLOSED: u32 = 4;
/// No version, suite, group or credential that could work.
pub const HC_MISUSE_NOTHING_TO_OFFER: u32 = 5;
/// A value that its field cannot hold.
pub const HC_MISUSE_INVALID_INPUT: u32 = 7;
/// No peer is trusted.
pub const HC_MISUSE_NOBODY_TRUSTED: u32 = 8;
/// Roots without a server name.
pub const HC_MISUSE_NO_EXPECTED_NAME: u32 = 9;
/// A transport that does not block. Not from this interface.
pub const HC_MISUSE_NON_BLOCKING: u32 = 10;
/// Keying material in TLS 1.2 without extended_master_secret.
pub const HC_MISUSE_NO_EXPORTER: u32 = 11;
/// A suite of a version that the configuration does not list.
pub const HC_MISUSE_VERSION_NOT_LISTED: u32 = 12;
/// A setting that needs a capability which the library was built without.
pub const HC_MISUSE_NOT_BUILT: u32 = 13;

/// The name of a code, such as "HC_PSK" or "HC_FAULT_PEER_ALERT", for logs. Never NULL; static.
#[unsafe(no_mangle)]
pub extern "C" fn hc_code_name(code: Code) -> *const c_char {
    name(code).as_ptr()
}

fn name(code: Code) -> &'static CStr {
    let table = if code < 256 { CODES } else { FAULTS };
    let number = if code < 256 { code } else { code >> 8 };
    table.iter().find(|(of, _)| *of == number).map_or(c"unknown", |(_, name)| name)
}

const CODES: &[(u32, &CStr)] = &[
    (HC_OK, c"HC_OK"),
    (HC_NULL, c"HC_NULL"),
    (HC_LENGTH, c"HC_LENGTH"),
    (HC_TEXT, c"HC_TEXT"),
    (HC_ORDER, c"HC_ORDER"),
    (HC_IN_USE, c"HC_IN_USE"),
    (HC_MEMORY, c"HC_MEMORY"),
    (HC_PANIC, c"HC_PANIC"),
    (HC_PSK, c"HC_PSK"),
    (HC_IDENTITY, c"HC_IDENTITY"),
    (HC_ROOTS, c"HC_ROOTS"),
    (HC_PIN, c"HC_PIN"),
    (HC_NAME, c"HC_NAME"),
    (HC_SPACE, c"HC_SPACE"),
    (HC_UNSUPPORTED, c"HC_UNSUPPORTED"),
    (HC_NO_TRUST, c"HC_NO_TRUST"),
    (HC_SESSION, c"HC_SESSION"),
];

const FAULTS: &[(u32, &CStr)] = &[
    (HC_FAULT_DECODE, c"HC_FAULT_DECODE"),
    (HC_FAULT_UNEXPECTED, c"HC_FAULT_UNEXPECTED"),
    (HC_FAULT_NOT_TLS, c"HC_FAULT_NOT_TLS"),
    (HC_FAULT_UNKNOWN_CONTENT_TYPE, c"HC_FAULT_UNKNOWN_CONTENT_TYPE"),
    (HC_FAULT_RECORD_VERSION, c"HC_FAULT_RECORD_VERSION"),
    (HC_FAULT_RECORD_OVERFLOW, c"HC_FAULT_RECORD_OVERFLOW"),
    (HC_FAULT_EMPTY_RECORD, c"HC_FAULT_EMPTY_RECORD"),
    (HC_FAULT_ONLY_PADDING, c"HC_FAULT_ONLY_PADDING"),
    (HC_FAULT_MALFORMED_RECORD, c"HC_FAULT_MALFORMED_RECORD"),
    (HC_FAULT_MESSAGE_TOO_LARGE, c"HC_FAULT_MESSAGE_TOO_LARGE"),
    (HC_FAULT_KEY_CHANGE_INSIDE_MESSAGE, c"HC_FAULT_KEY_CHANGE_INSIDE_MESSAGE"),
    (HC_FAULT_FLOOD, c"HC_FAULT_FLOOD"),
    (HC_FAULT_RECORD_NOT_AUTHENTIC, c"HC_FAULT_RECORD_NOT_AUTHENTIC"),
    (HC_FAULT_NO_COMMON_VERSION, c"HC_FAULT_NO_COMMON_VERSION"),
    (HC_FAULT_NO_COMMON_SUITE, c"HC_FAULT_NO_COMMON_SUITE"),
    (HC_FAULT_NO_COMMON_GROUP, c"HC_FAULT_NO_COMMON_GROUP"),
    (HC_FAULT_NO_COMMON_SCHEME, c"HC_FAULT_NO_COMMON_SCHEME"),
    (HC_FAULT_NO_CREDENTIAL, c"HC_FAULT_NO_CREDENTIAL"),
    (HC_FAULT_NO_COMMON_ALPN, c"HC_FAULT_NO_COMMON_ALPN"),
    (HC_FAULT_UNRECOGNIZED_NAME, c"HC_FAULT_UNRECOGNIZED_NAME"),
    (HC_FAULT_NO_EXTENDED_MASTER_SECRET, c"HC_FAULT_NO_EXTENDED_MASTER_SECRET"),
    (HC_FAULT_INAPPROPRIATE_FALLBACK, c"HC_FAULT_INAPPROPRIATE_FALLBACK"),
    (HC_FAULT_NO_NULL_COMPRESSION, c"HC_FAULT_NO_NULL_COMPRESSION"),
    (HC_FAULT_MISSING_EXTENSION, c"HC_FAULT_MISSING_EXTENSION"),
    (HC_FAULT_UNSOLICITED_EXTENSION, c"HC_FAULT_UNSOLICITED_EXTENSION"),
    (HC_FAULT_MISPLACED_EXTENSION, c"HC_FAULT_MISPLACED_EXTENSION"),
    (HC_FAULT_NOT_OFFERED, c"HC_FAULT_NOT_OFFERED"),
    (HC_FAULT_SESSION_ID_NOT_ECHOED, c"HC_FAULT_SESSION_ID_NOT_ECHOED"),
    (HC_FAULT_DOWNGRADE, c"HC_FAULT_DOWNGRADE"),
    (HC_FAULT_USELESS_RETRY, c"HC_FAULT_USELESS_RETRY"),
    (HC_FAULT_RETRY_MISMATCH, c"HC_FAULT_RETRY_MISMATCH"),
    (HC_FAULT_RENEGOTIATION_INFO, c"HC_FAULT_RENEGOTIATION_INFO"),
    (HC_FAULT_ILLEGAL_PARAMETER, c"HC_FAULT_ILLEGAL_PARAMETER"),
    (HC_FAULT_KEY_SHARE, c"HC_FAULT_KEY_SHARE"),
    (HC_FAULT_SIGNATURE_INVALID, c"HC_FAULT_SIGNATURE_INVALID"),
    (HC_FAULT_SCHEME_KEY_MISMATCH, c"HC_FAULT_SCHEME_KEY_MISMATCH"),
    (HC_FAULT_FINISHED_INVALID, c"HC_FAULT_FINISHED_INVALID"),
    (HC_FAULT_BINDER_INVALID, c"HC_FAULT_BINDER_INVALID"),
    (HC_FAULT_UNKNOWN_PSK_IDENTITY, c"HC_FAULT_UNKNOWN_PSK_IDENTITY"),
    (HC_FAULT_CERTIFICATE, c"HC_FAULT_CERTIFICATE"),
    (HC_FAULT_PEER_ALERT, c"HC_FAULT_PEER_ALERT"),
    (HC_FAULT_CLOSED_IN_HANDSHAKE, c"HC_FAULT_CLOSED_IN_HANDSHAKE"),
    (HC_FAULT_TRUNCATED, c"HC_FAULT_TRUNCATED"),
    (HC_FAULT_TIMED_OUT, c"HC_FAULT_TIMED_OUT"),
    (HC_FAULT_CALLER_REFUSED, c"HC_FAULT_CALLER_REFUSED"),
    (HC_FAULT_MISUSE, c"HC_FAULT_MISUSE"),
    (HC_FAULT_INTERNAL, c"HC_FAULT_INTERNAL"),
    (HC_FAULT_ENCODE, c"HC_FAULT_ENCODE"),
    (HC_FAULT_NO_CERTIFICATE, c"HC_FAULT_NO_CERTIFICATE"),
    (HC_FAULT_NO_COMMON_CERTIFICATE_TYPE, c"HC_FAULT_NO_COMMON_CERTIFICATE_TYPE"),
    (HC_FAULT_NO_ENCRYPT_THEN_MAC, c"HC_FAULT_NO_ENCRYPT_THEN_MAC"),
    (HC_FAULT_NO_SIGNATURE_ALGORITHMS, c"HC_FAULT_NO_SIGNATURE_ALGORITHMS"),
    (HC_FAULT_CURVE_NOT_OFFERED, c"HC_FAULT_CURVE_NOT_OFFERED"),
    (HC_FAULT_TOO_MANY, c"HC_FAULT_TOO_MANY"),
    (HC_FAULT_TRANSPORT, c"HC_FAULT_TRANSPORT"),
    (HC_FAULT_SIGNER_FAILED, c"HC_FAULT_SIGNER_FAILED"),
    (HC_FAULT_PSK_UNAVAILABLE, c"HC_FAULT_PSK_UNAVAILABLE"),
];
