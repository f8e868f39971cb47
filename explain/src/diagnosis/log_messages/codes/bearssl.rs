//! The numbers of BearSSL: `br_ssl_engine_last_error`.

use super::{Code, both, client, number, peer, server};
use crate::diagnosis::cause::Cause as C;

/// `BR_ERR_…`, below those of alerts.
pub(super) const CODES: &[Code] = &[
    number(1, "BearSSL: a bad parameter"),
    number(2, "BearSSL: a bad state"),
    both(3, "BearSSL: an unsupported version", C::VersionNoneInCommon),
    number(4, "BearSSL: a bad version"),
    number(5, "BearSSL: a bad length of a record: the input may not be TLS, or the buffer is too small"),
    both(6, "BearSSL: a record is too large for the buffer", C::RecordLimitExceeded),
    both(7, "BearSSL: a record failed authentication", C::KeyExchangeKeysDiffer),
    both(8, "BearSSL: no random seed", C::LocalSettings),
    client(
        16,
        "BearSSL: a cipher suite that was not offered, or none in common",
        C::PeerProtocolViolationUnofferedSuite,
    ),
    client(20, "BearSSL: an extension that was not asked for", C::PeerProtocolViolationUnsolicitedExtension),
    both(24, "BearSSL: the Finished message does not verify", C::KeyExchangeKeysDiffer),
    number(25, "BearSSL: a resumed session with other parameters than before"),
    number(26, "BearSSL: an algorithm or curve that is not supported"),
    peer(27, "BearSSL: a bad signature", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid),
    peer(28, "BearSSL: the key usage does not fit", C::CertKeyUsage, C::ClientCertKeyUsage),
    server(29, "BearSSL: the client sent no certificate", C::ClientCertMissing),
    number(31, "BearSSL: an input or output error: the connection broke"),
    peer(
        52,
        "BearSSL: a signature of a certificate does not verify",
        C::CertSignatureInvalid,
        C::ClientCertUnknownIssuer,
    ),
    both(53, "BearSSL: the time is not known: the clock is not set", C::LocalSettings),
    peer(54, "BearSSL: a certificate has expired or is not yet valid", C::CertExpired, C::ClientCertExpired),
    peer(
        55,
        "BearSSL: the names of issuer and subject in the chain differ",
        C::CertChainOrder,
        C::ClientCertUnknownIssuer,
    ),
    client(56, "BearSSL: the name of the certificate does not match", C::CertNameMismatch),
    number(57, "BearSSL: a critical extension of a certificate is not supported"),
    peer(
        58,
        "BearSSL: a certificate that signs is not that of a CA",
        C::CertIssuerNotCa,
        C::ClientCertUnknownIssuer,
    ),
    peer(59, "BearSSL: the key usage forbids it", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer(60, "BearSSL: a public key is too small", C::CertWeakKey, C::ClientCertUnknownIssuer),
    peer(
        62,
        "BearSSL: the chain ends at no trusted issuer",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
];
