//! Messages of the common libraries, and the cause that each names: one if the client says it, one
//! if the server does. A part of the message in lower case; the first that fits decides, so the
//! special ones stand before the general.

mod devices;

use super::{browsers, languages, platforms, servers};
use crate::diagnosis::cause::Cause as C;
use crate::input::capture_event::Side;

/// A message: what it contains (`…` stands for any words), the cause if a client says it, the cause if a server does.
pub(super) type Message = (&'static str, Option<C>, Option<C>);

/// Said by either end about the other, or of use to one end only.
pub(super) const fn both(part: &'static str, cause: C) -> Message {
    (part, Some(cause), Some(cause))
}

/// About the other end's certificate.
pub(super) const fn peer(part: &'static str, of_server: C, of_client: C) -> Message {
    (part, Some(of_server), Some(of_client))
}

pub(super) const fn client(part: &'static str, cause: C) -> Message {
    (part, Some(cause), None)
}

pub(super) const fn server(part: &'static str, cause: C) -> Message {
    (part, None, Some(cause))
}

/// The cause that a line in lower case names.
pub(super) fn cause(lower: &str, of: Side) -> Option<C> {
    let tables = [
        devices::MESSAGES,
        servers::MESSAGES,
        platforms::MESSAGES,
        browsers::MESSAGES,
        languages::MESSAGES,
        MESSAGES,
        LAST,
    ];
    let found = tables.into_iter().flatten().find(|(part, _, _)| fits(lower, part))?;
    match of {
        Side::Client => found.1,
        Side::Server => found.2,
    }
}

/// Whether a line contains a message; `…` in it stands for any words.
fn fits(lower: &str, message: &str) -> bool {
    let mut rest = lower;
    message.split('…').all(|part| match rest.split_once(part) {
        Some((_, behind)) => {
            rest = behind;
            true
        }
        None => false,
    })
}

/// A line that has several reasons: one cause, and all reasons in words.
pub(super) fn ambiguous(lower: &str, of: Side) -> Option<(C, &'static str)> {
    // Java prints it for a scheme of another type of key and for a signature that does not parse.
    let java = of == Side::Server && lower.contains("cannot verify certificateverify signature");
    if java {
        return Some((
            C::ClientCertSchemeKeyMismatch,
            "the client's CertificateVerify did not verify: its scheme belongs to another key type, or the \
             signature is not DER (PKCS#11 tokens return r‖s, 64 or 96 bytes), or it was made with another key",
        ));
    }
    if fits(lower, "tls handshake set result code…bad record mac") {
        return Some((
            C::PskValueDiffers,
            "Zabbix: a record did not decrypt: with a pre-shared key, mostly because its value differs at the two \
             ends (one uses the characters of the key, the other the bytes that its hex stands for)",
        ));
    }
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&["err_ssl_version_or_cipher_mismatch", "ssl_error_no_cypher_overlap", "sec_e_algorithm_mismatch"])
        || has(&["they do not possess a common algorithm"])
    {
        return Some((
            C::VersionNoneInCommon,
            "client and server have no version in common, or no cipher suite",
        ));
    }
    if has(&["nottimevalid", "err_cert_date_invalid", "is not within its validity period"]) {
        return Some((
            match of {
                Side::Client => C::CertExpired,
                Side::Server => C::ClientCertExpired,
            },
            "a certificate has expired, or it is not yet valid by the clock of the side that checks it",
        ));
    }
    // libpq and Envoy often give no reason behind it.
    let generic = ["ssl error: certificate verify failed", "openssl_internal:certificate_verify_failed"];
    (has(&generic) && cause(lower, of).is_none()).then_some((
        match of {
            Side::Client => C::CertUnknownIssuer,
            Side::Server => C::ClientCertUnknownIssuer,
        },
        "the certificate did not verify, and the program does not say why: most often its issuer is not \
         trusted, else it is out of date or for another use",
    ))
}

/// What another message says better, if one is there.
const LAST: &[Message] = &[
    peer("certificate is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("' is not trusted.", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("’ is not trusted.", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    server("could not load server certificate file", C::LocalCredentials),
    server("could not load private key file", C::LocalCredentials),
    server("can't load private ssl_key", C::LocalCredentials),
    // Go's servers end the line so.
    server("tls handshake error from …: eof", C::TransportClosedByClient),
];

const MESSAGES: &[Message] = &[
    // Verdicts about a certificate: OpenSSL's verify errors, then GnuTLS, Java, Go, rustls, Mbed TLS.
    peer("certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer("uses expired certificate", C::CertExpired, C::ClientCertExpired),
    peer("certificate expired", C::CertExpired, C::ClientCertExpired),
    peer("notafter:", C::CertExpired, C::ClientCertExpired),
    peer("certificate validity has expired", C::CertExpired, C::ClientCertExpired),
    peer("certificate has expired or is not yet valid", C::CertExpired, C::ClientCertExpired),
    peer("certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("uses not yet valid certificate", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("notbefore:", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("certificate validity starts in the future", C::CertNotYetValid, C::ClientCertNotYetValid),
    client("hostname mismatch", C::CertNameMismatch),
    client("ip address mismatch", C::CertNameMismatch),
    client("name in the certificate does not match", C::CertNameMismatch),
    client("no subject alternative", C::CertNameMismatch),
    client("subject alternative names present", C::CertNoSan),
    client("certificate is not valid for any names", C::CertNoSan),
    client("relies on legacy common name", C::CertNoSan),
    client("certificate is valid for", C::CertNameMismatch),
    client("notvalidforname", C::CertNameMismatch),
    client("certificate not valid for name", C::CertNameMismatch),
    client("does not match the expected cn", C::CertNameMismatch),
    client("does not match target host name", C::CertNameMismatch),
    client("altnames", C::CertNameMismatch),
    peer("self-signed certificate in certificate chain", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("self signed certificate in certificate chain", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("self-signed certificate", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer("self signed certificate", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer("depth_zero_self_signed", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer("unable to get local issuer certificate", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("unable to get issuer certificate", C::CertMissingIntermediate, C::ClientCertUnknownIssuer),
    peer("unable_to_get_issuer", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("unable to verify the first certificate", C::CertMissingIntermediate, C::ClientCertUnknownIssuer),
    peer("unable_to_verify_leaf_signature", C::CertMissingIntermediate, C::ClientCertUnknownIssuer),
    peer("certificate issuer is unknown", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("unable to find valid certification path", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("pkix path building failed", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("signed by unknown authority", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("unknownissuer", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("not correctly signed by the trusted ca", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("invalid ca certificate", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("causedasendentity", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer("endentityusedasca", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("path length constraint exceeded", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer("pathlen constraint violated", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer("pathlenconstraintviolated", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer("permitted subtree violation", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("excluded subtree violation", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("violates name constraints", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("nameconstraintviolation", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("unsuitable certificate purpose", C::CertEku, C::ClientCertEku),
    peer("unsupported certificate purpose", C::CertEku, C::ClientCertEku),
    peer("does not match the intended purpose", C::CertEku, C::ClientCertEku),
    peer("extended key usage does not permit", C::CertEku, C::ClientCertEku),
    peer("incompatible key usage", C::CertEku, C::ClientCertEku),
    peer("requiredekunotfound", C::CertEku, C::ClientCertEku),
    peer("usage does not match the extendedkeyusage", C::CertEku, C::ClientCertEku),
    peer("keyusage does not allow digital signatures", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("key usage violation", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("keyusage does not allow", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("usage does not match the keyusage", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("ee certificate key too weak", C::CertWeakKey, C::ClientCertWeakKey),
    peer("ee key too small", C::CertWeakKey, C::ClientCertWeakKey),
    peer("ca key too small", C::CertWeakKey, C::ClientCertWeakKey),
    peer("bad key length", C::CertWeakKey, C::ClientCertWeakKey),
    peer("ca md too weak", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("ee certificate md too weak", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("uses insecure algorithm", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("constraints check failed on signature algorithm", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("insecure signature algorithm", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("certificate revoked", C::CertRevoked, C::ClientCertRevoked),
    peer("certificate has been revoked", C::CertRevoked, C::ClientCertRevoked),
    peer("certificate is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer("certificate chain is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer("certificate signature failure", C::CertSignatureInvalid, C::ClientCertUnknownIssuer),
    peer("badsignature", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid),
    // Signatures, points, keys.
    client("tls_process_key_exchange:bad signature", C::KeyExchangeSignatureInvalid),
    server("tls_process_cert_verify:bad signature", C::ClientCertSignatureInvalid),
    server("invalid certificateverify signature", C::ClientCertSignatureInvalid),
    server("no installed provider supports this key", C::ClientCertSchemeKeyMismatch),
    peer("wrong signature type", C::KeyExchangeSignatureInvalid, C::ClientCertSchemeKeyMismatch),
    peer(
        "invalid signature by the server certificate",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSignatureInvalid,
    ),
    peer("bad signature", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid),
    client("point is not on curve", C::KeyExchangePointNotOnCurve),
    client("bad ecpoint", C::KeyExchangePointNotOnCurve),
    client("ssl_routines:bad_ecpoint", C::KeyExchangePointNotOnCurve),
    both("key values mismatch", C::KeyNotOfCertificate),
    both("private key does not match", C::KeyNotOfCertificate),
    both("keys may not be consistent", C::KeyNotOfCertificate),
    // Client certificates.
    server("peer did not return a certificate", C::ClientCertMissing),
    server("empty client certificate chain", C::ClientCertMissing),
    server("client didn't provide a certificate", C::ClientCertMissing),
    server("no certificate was found", C::ClientCertMissing),
    server("no_certificate_set", C::ClientCertMissing),
    server("peer sent no certificates", C::ClientCertMissing),
    // Pre-shared keys.
    server("psk identity not found", C::PskIdentityUnknown),
    server("unknown psk identity", C::PskIdentityUnknown),
    server("ssl - unknown identity received", C::PskIdentityUnknown),
    server("binder does not verify", C::PskValueDiffers),
    server("invalid binder", C::PskValueDiffers),
    // Offers.
    server("no shared cipher", C::SuiteNoneInCommon),
    server("no cipher suites in common", C::SuiteNoneInCommon),
    server("no ciphersuites in common", C::SuiteNoneInCommon),
    server("no cipher suite supported by both", C::SuiteNoneInCommon),
    server("no supported cipher suites have been found", C::SuiteNoneInCommon),
    server("none of the common ciphersuites is usable", C::SuiteKeyType),
    server("nociphersuitesincommon", C::SuiteNoneInCommon),
    both("no common named group", C::GroupNoneInCommon),
    server("no suitable key share", C::GroupNoneInCommon),
    server("no suitable groups", C::GroupNoneInCommon),
    server("no ecdhe curve supported by both", C::GroupNoneInCommon),
    server("nokxgroupsincommon", C::GroupNoneInCommon),
    server("no suitable signature algorithm", C::SigalgNoneInCommon),
    server("no supported signature algorithm", C::SigalgNoneInCommon),
    server("no common signature algorithm", C::SigalgNoneInCommon),
    server("doesn't support any of the certificate's signature algorithms", C::SigalgNoneInCommon),
    both("unsupported protocol", C::VersionNoneInCommon),
    both("protocol version not supported", C::VersionNoneInCommon),
    both("unsupported versions", C::VersionNoneInCommon),
    both("is not enabled or supported in server context", C::VersionNoneInCommon),
    both("unsupported_protocol", C::VersionNoneInCommon),
    both("inappropriate fallback", C::PolicyFallbackScsv),
    both("no application protocol", C::AlpnNoneInCommon),
    both("no common application protocol", C::AlpnNoneInCommon),
    both("unsupported application protocols", C::AlpnNoneInCommon),
    client("unsafe legacy renegotiation disabled", C::PolicyRenegotiationInfoRequired),
    client("unsafe_legacy_renegotiation", C::PolicyRenegotiationInfoRequired),
    client("dh key too small", C::PolicyWeakDh),
    client("dh_key_too_small", C::PolicyWeakDh),
    client("extended master secret extension missing", C::PolicyEmsRequired),
    client("bad key share", C::PeerProtocolViolationHrrUnofferedGroup),
    client("unknown cipher returned", C::PeerProtocolViolationUnofferedSuite),
    client("wrong cipher returned", C::PeerProtocolViolationUnofferedSuite),
    client("unsolicited extension", C::PeerProtocolViolationUnsolicitedExtension),
    client("illegal hello retry request", C::PeerProtocolViolationHrrSameGroup),
    // The input was not TLS, or only in part.
    both("http request", C::TransportNotTlsHttp),
    both("client sent an http request to an https server", C::TransportNotTlsHttp),
    both("wrong version number", C::TransportNotTlsOther),
    both("unsupported or unrecognized ssl message", C::TransportNotTlsOther),
    server("length mismatch", C::HelloMalformedHandshakeLength),
    both("packet length too long", C::RecordTooLarge),
    both("record packet with invalid length", C::RecordTooLarge),
    both("excessive message size", C::RecordLimitExceeded),
    both("buffer too small to receive a message", C::RecordLimitExceeded),
    both("decryption failed or bad record mac", C::KeyExchangeKeysDiffer),
    both("digest check failed", C::KeyExchangeKeysDiffer),
    both("decryption has failed", C::KeyExchangeKeysDiffer),
    both("connection refused", C::TransportRefused),
    both("connection reset by peer", C::TransportReset),
    client("unexpected eof while reading", C::TransportClosedByServer),
    server("unexpected eof while reading", C::TransportClosedByClient),
    client("ssl peer shut down incorrectly", C::TransportClosedByServer),
    server("ssl peer shut down incorrectly", C::TransportClosedByClient),
    client("remote host terminated the handshake", C::TransportClosedByServer),
    server("remote host terminated the handshake", C::TransportClosedByClient),
];
