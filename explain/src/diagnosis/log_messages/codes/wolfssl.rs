//! The numbers of wolfSSL and wolfCrypt, and the texts that wolfSSL prints for them.

use super::code::{Code, both, client, in_table, number, peer, server};
use super::number::{behind, has, numbers};
use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::says::Says;
use crate::input::capture_event::Side;

/// What a line in lower case says: three digits mean something only where wolfSSL stands near, and are possible
/// at most where it does not.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    const NAMED: &[&str] =
        &["wolfssl", "wolfmqtt", "wolfcrypt", "preverify", "ssl_connect failed with error -"];
    const ERROR: &[&str] = &["err = -", "error = -", "err -", "error -"];
    const ABOUT_TLS: &[&str] = &["tls", "ssl", "cert", "handshake", "asn", "signer"];
    // Numbers of the operating system end below.
    const ABOVE_ERRNO: std::ops::RangeInclusive<i64> = -505..=-140;
    if has(lower, NAMED) {
        return named(lower).map(|code| code.says(of));
    }
    let text = TEXTS.iter().find(|(part, _)| lower.contains(part)).map(|(_, number)| *number);
    if let Some(code) = text.and_then(|number| in_table(CODES, number)) {
        return Some(code.says(of));
    }
    if !has(lower, ERROR) || !has(lower, ABOUT_TLS) {
        return None;
    }
    let number = behind(lower, &["err = ", "error = ", "err ", "error "])
        .filter(|found| ABOVE_ERRNO.contains(found))?;
    in_table(CODES, number).map(|code| code.says_at_most_possible(of))
}

/// The number, or the text, of a line that names wolfSSL.
fn named(lower: &str) -> Option<&'static Code> {
    // More input is needed, or the output is full.
    const NO_ERRORS: [i64; 2] = [-323, -327];
    let negative = numbers(lower).filter(|found| !found.is_hex).map(|found| found.value);
    // Applications print OpenSSL's queue, whose numbers have no minus.
    let positive = behind(lower, &["error = ", "err = "]).and_then(i64::checked_neg);
    let all: Vec<i64> = negative.chain(positive).filter(|number| (-505..=-97).contains(number)).collect();
    let text = TEXTS.iter().find(|(part, _)| lower.contains(part)).map(|(_, number)| *number);
    let known = all.iter().copied().chain(text).find_map(|number| in_table(CODES, number));
    let failed = has(lower, &["err", "fail"]) && all.iter().any(|number| !NO_ERRORS.contains(number));
    known.or_else(|| failed.then_some(&OTHER))
}

static OTHER: Code = number(0, "wolfSSL: an error; its header error-ssl.h or error-crypt.h has the number");

const fn unreadable(code: i64) -> Code {
    number(code, "wolfSSL: a certificate or key cannot be parsed (ASN.1)")
}

/// Distinctive parts of `wolfSSL_ERR_reason_error_string`, in lower case.
const TEXTS: &[(&str, i64)] = &[
    ("asn parsing error, invalid input", -140),
    ("asn no signer error", -188),
    ("asn sig error, confirm failure", -155),
    ("asn sig error, no ca signer", -188),
    ("asn date error, current date before", -150),
    ("asn date error, current date after", -151),
    ("asn self-signed certificate error", -275),
    ("received alert fatal error", -313),
    ("revcd alert fatal error", -313),
    ("peer subject name mismatch", -322),
    ("can't match cipher suite", -501),
    ("record layer version error", -326),
    ("verify problem on finished", -304),
    ("verify mac problem", -305),
    ("error state on socket", -308),
];

/// `error-ssl.h` and `error-crypt.h`.
const CODES: &[Code] = &[
    both(-97, "wolfSSL: out of memory (multi-precision integer)", C::LocalMemory),
    both(-166, "wolfSSL: the private key does not belong to the certificate", C::KeyNotOfCertificate),
    both(-181, "wolfSSL: a record failed authentication (AES-CCM)", C::KeyExchangeKeysDiffer),
    number(-199, "wolfSSL: the random number generator failed"),
    number(-201, "wolfSSL: the padding of an RSA signature or ciphertext is wrong"),
    client(-214, "wolfSSL: a point is not on its curve", C::KeyExchangePointNotOnCurve).several(),
    number(-234, "wolfSSL: a key is too small or too large"),
    both(-318, "wolfSSL: the operation with the own private key failed", C::LocalCredentials).several(),
    server(-381, "wolfSSL: no certificate for the name that the client asked for", C::SniUnrecognized),
    server(-402, "wolfSSL: the client sent no server name, and one is required", C::SniMissing),
    both(-125, "wolfSSL: out of memory", C::LocalMemory),
    number(-132, "wolfSSL: a buffer is too small"),
    unreadable(-140),
    unreadable(-141),
    unreadable(-142),
    unreadable(-143),
    unreadable(-144),
    unreadable(-145),
    unreadable(-146),
    unreadable(-147),
    unreadable(-154),
    unreadable(-158),
    unreadable(-171),
    number(-148, "wolfSSL: an algorithm or object identifier in a certificate is not known"),
    number(-149, "wolfSSL: a date of a certificate has a wrong size"),
    peer(
        -150,
        "wolfSSL: the clock stands before the first date of a certificate",
        C::CertNotYetValid,
        C::ClientCertNotYetValid,
    ),
    peer(-151, "wolfSSL: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    number(-152, "wolfSSL: the signature algorithms in a certificate differ"),
    number(-153, "wolfSSL: a date of a certificate has an unknown type"),
    peer(
        -155,
        "wolfSSL: the signature of a certificate does not verify: a CA of the same name and another key is loaded, or \
         the certificate was changed",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    )
    .several(),
    number(-156, "wolfSSL: the hash of a signature is not supported"),
    number(-157, "wolfSSL: the key type of a signature is not supported"),
    number(-160, "wolfSSL: a critical extension of a certificate is not supported"),
    number(-161, "wolfSSL: an alternative name of a certificate cannot be read"),
    both(-162, "wolfSSL: no PEM header was found", C::LocalCredentials),
    number(-172, "wolfSSL: the curve of a key is not supported"),
    number(-173, "wolfSSL: a function got a bad argument"),
    number(-174, "wolfSSL: a feature is not compiled in"),
    both(-176, "wolfSSL: no password was given for an encrypted key", C::LocalCredentials),
    both(-180, "wolfSSL: a record failed authentication (AES-GCM)", C::KeyExchangeKeysDiffer),
    peer(
        -188,
        "wolfSSL: no signer: the CA of a certificate is not loaded",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    number(-189, "wolfSSL: the signature of a CRL does not verify"),
    number(-190, "wolfSSL: the signer of a CRL is not loaded"),
    peer(-198, "wolfSSL: a name constraint is violated", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer(
        -229,
        "wolfSSL: a signature does not verify",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSignatureInvalid,
    ),
    peer(-237, "wolfSSL: the path length of a CA is exceeded", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer(
        -238,
        "wolfSSL: the path lengths of the chain contradict",
        C::CertPathLength,
        C::ClientCertUnknownIssuer,
    ),
    both(-248, "wolfSSL: the hardware failed", C::LocalToken),
    peer(
        -275,
        "wolfSSL: a self-signed certificate that is not trusted",
        C::CertSelfSigned,
        C::ClientCertUnknownIssuer,
    ),
    both(-303, "wolfSSL: out of memory", C::LocalMemory),
    both(-304, "wolfSSL: the Finished message does not verify", C::KeyExchangeKeysDiffer),
    both(-305, "wolfSSL: a record failed authentication", C::KeyExchangeKeysDiffer),
    number(-306, "wolfSSL: a header cannot be parsed"),
    number(-307, "wolfSSL: an unknown handshake message"),
    number(-308, "wolfSSL: the socket failed: the peer closed or reset the connection, or it was never open"),
    number(-311, "wolfSSL: an unknown record type: the input may not be TLS"),
    number(-312, "wolfSSL: a record could not be decrypted"),
    number(-313, "wolfSSL: the peer sent a fatal alert"),
    both(-315, "wolfSSL: a file could not be read", C::LocalCredentials),
    number(-316, "wolfSSL: the key of the peer is missing"),
    both(-317, "wolfSSL: the private key is not loaded", C::LocalCredentials),
    server(-319, "wolfSSL: the server has no Diffie-Hellman parameters", C::LocalSettings),
    number(-321, "wolfSSL: the ClientHello is malformed"),
    client(-322, "wolfSSL: the name of the certificate does not match", C::CertNameMismatch),
    client(-325, "wolfSSL: the address of the certificate does not match", C::CertNameMismatch),
    both(-326, "wolfSSL: the protocol versions do not match", C::VersionNoneInCommon),
    number(-328, "wolfSSL: a message is malformed"),
    number(-329, "wolfSSL: a certificate could not be verified"),
    peer(
        -330,
        "wolfSSL: a signature does not verify",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSignatureInvalid,
    ),
    server(-331, "wolfSSL: the identity of a pre-shared key is not known", C::PskIdentityUnknown),
    both(-333, "wolfSSL: no pre-shared key was given", C::LocalSettings),
    number(-341, "wolfSSL: a record has a wrong length"),
    number(-342, "wolfSSL: the key of the peer cannot be decoded"),
    number(-343, "wolfSSL: the peer sent close_notify"),
    server(-345, "wolfSSL: the peer sent no certificate", C::ClientCertMissing),
    number(-351, "wolfSSL: the curve of the peer is not supported"),
    number(-352, "wolfSSL: the elliptic curve key of the peer is bad"),
    peer(
        -357,
        "wolfSSL: a certificate that signs is not that of a CA",
        C::CertIssuerNotCa,
        C::ClientCertUnknownIssuer,
    ),
    peer(-360, "wolfSSL: a certificate is revoked (OCSP)", C::CertRevoked, C::ClientCertRevoked),
    peer(-361, "wolfSSL: a certificate is revoked (CRL)", C::CertRevoked, C::ClientCertRevoked),
    both(-362, "wolfSSL: no CRL is loaded", C::CertRevocationUnknown),
    both(-366, "wolfSSL: the OCSP responder does not know the certificate", C::CertRevocationUnknown),
    both(-367, "wolfSSL: the OCSP lookup failed", C::CertRevocationUnknown),
    number(-368, "wolfSSL: the chain is longer than the limit"),
    both(-371, "wolfSSL: the list of cipher suites is not set", C::LocalSettings),
    number(-373, "wolfSSL: a message out of order"),
    number(-376, "wolfSSL: the receive callback returned too much"),
    number(-378, "wolfSSL: no CA is loaded to verify the peer"),
    peer(-383, "wolfSSL: the key usage does not permit signatures", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer(-385, "wolfSSL: the key usage does not permit encryption", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer(-386, "wolfSSL: the extended key usage does not permit this use", C::CertEku, C::ClientCertEku),
    number(-394, "wolfSSL: a message out of order"),
    peer(
        -397,
        "wolfSSL: the peer closed the connection",
        C::TransportClosedByServer,
        C::TransportClosedByClient,
    ),
    client(-401, "wolfSSL: the Diffie-Hellman key is too small", C::PolicyWeakDh),
    both(-404, "wolfSSL: a handshake message is too large", C::RecordLimitExceeded),
    both(-405, "wolfSSL: no application protocol in common", C::AlpnNoneInCommon),
    number(-407, "wolfSSL: the OCSP status is invalid"),
    peer(-409, "wolfSSL: an RSA key is too small", C::CertWeakKey, C::ClientCertWeakKey),
    peer(-410, "wolfSSL: an elliptic curve key is too small", C::CertWeakKey, C::ClientCertWeakKey),
    number(-412, "wolfSSL: the input is too large"),
    server(-423, "wolfSSL: a binder does not verify", C::PskValueDiffers),
    number(-425, "wolfSSL: a parameter is invalid"),
    number(-428, "wolfSSL: a required extension is missing"),
    client(
        -429,
        "wolfSSL: an extension that was not asked for",
        C::PeerProtocolViolationUnsolicitedExtension,
    ),
    server(-440, "wolfSSL: no certificate is set", C::LocalCredentials),
    both(-450, "wolfSSL: the protocol version is not supported", C::VersionNoneInCommon),
    number(-500, "wolfSSL: a cipher suite is not supported"),
    both(-501, "wolfSSL: no cipher suite in common", C::SuiteNoneInCommon),
    both(-503, "wolfSSL: no group in common", C::GroupNoneInCommon),
];
