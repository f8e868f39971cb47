//! The numbers of Schannel and of the Windows certificate functions.

use super::{Code, both, client, number, peer};
use crate::diagnosis::cause::Cause as C;

/// `SEC_E_…`, `CRYPT_E_…`, `CERT_E_…`.
pub(super) const CODES: &[Code] = &[
    number(0x8009_0326, "Schannel: the peer aborted, or an unexpected message arrived"),
    both(0x8009_0331, "Schannel: no algorithm in common", C::SuiteNoneInCommon),
    peer(
        0x8009_0325,
        "Schannel: the certificate chain is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer(0x8009_0328, "Schannel: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    client(0x8009_0322, "Schannel: the name of the certificate is wrong", C::CertNameMismatch),
    number(0x8009_0327, "Schannel: an unknown error while a certificate was processed"),
    number(0x8009_0308, "Schannel: the token is invalid: the input is not TLS, or damaged"),
    both(
        0x8009_030e,
        "Schannel: no credentials: the private key is missing or not accessible",
        C::LocalCredentials,
    ),
    both(
        0x8009_030d,
        "Schannel: the credentials are not recognised: the private key is not accessible",
        C::LocalCredentials,
    ),
    number(0x8009_0318, "Schannel: an incomplete message"),
    both(0x8009_0330, "Schannel: data could not be decrypted", C::KeyExchangeKeysDiffer),
    peer(0x8009_0349, "Schannel: the certificate is not valid for this use", C::CertEku, C::ClientCertEku),
    number(0x8009_0304, "Schannel: the local security authority cannot be contacted, or an internal error"),
    both(0x8009_2012, "Schannel: the revocation could not be checked", C::CertRevocationUnknown),
    both(0x8009_2013, "Schannel: the revocation server is offline", C::CertRevocationUnknown),
    peer(0x8009_2010, "Schannel: the certificate is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer(
        0x800b_0109,
        "Schannel: the chain ends at a root that is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer(
        0x800b_0101,
        "Schannel: a certificate is outside of its dates",
        C::CertExpired,
        C::ClientCertExpired,
    ),
    client(0x800b_010f, "Schannel: the name of the certificate does not match", C::CertNameMismatch),
];
