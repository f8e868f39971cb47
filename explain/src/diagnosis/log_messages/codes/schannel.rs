//! The numbers of Schannel, of the Windows certificate functions and of WinHTTP: as hex, as a negative
//! decimal number of 32 bits, or as a name.

mod names;

use super::code::{Code, both, client, in_table, number, peer};
use super::number::{has, numbers};
use crate::diagnosis::cause::Cause as C;

/// The number of a line in lower case.
pub(super) fn code(lower: &str) -> Option<&'static Code> {
    const WINHTTP: &[&str] = &["winhttp", "wininet", "error_internet"];
    const LDAP: &[&str] = &["error 81", "(81)", "= 81", "0x51", "error: 81", "error <81>", "error code 81"];
    let unsigned = |value: i64| if value < -1_000_000 { value.saturating_add(1 << 32) } else { value };
    let of_windows = numbers(lower).find_map(|found| in_table(CODES, unsigned(found.value)));
    let of_winhttp = || numbers(lower).find_map(|found| in_table(WINHTTP_CODES, found.value));
    of_windows
        .or_else(|| if has(lower, WINHTTP) { of_winhttp() } else { None })
        .or_else(|| in_table(CODES, names::number(lower)?))
        .or_else(|| (lower.contains("ldap") && has(lower, LDAP)).then_some(&LDAP_DOWN))
}

static LDAP_DOWN: Code = number(81, "LDAP: the server cannot be reached, or TLS to it failed");

/// Also the second half of an HRESULT of 0x8007xxxx.
const WINHTTP_CODES: &[Code] = &[
    number(12_029, "WinHTTP: the server could not be reached"),
    number(12_030, "WinHTTP: the connection broke"),
    client(12_037, "WinHTTP: the certificate is outside of its dates", C::CertExpired).several(),
    client(12_038, "WinHTTP: the name of the certificate does not match", C::CertNameMismatch),
    client(12_044, "WinHTTP: the server requires a client certificate", C::ClientCertMissing),
    client(12_045, "WinHTTP: the issuer of the certificate is not trusted", C::CertUnknownIssuer),
    client(12_057, "WinHTTP: the revocation could not be checked", C::CertRevocationUnknown),
    VERSION,
    client(12_169, "WinHTTP: the certificate is invalid", C::CertUnknownIssuer).several(),
    client(12_170, "WinHTTP: the certificate is revoked", C::CertRevoked),
    SECURITY,
    client(12_179, "WinHTTP: the certificate is not for this use", C::CertEku),
    client(12_185, "WinHTTP: the client's certificate has no private key", C::LocalCredentials),
    client(
        12_186,
        "WinHTTP: the private key of the client's certificate is not accessible",
        C::LocalCredentials,
    ),
];

const VERSION: Code = client(
    12_157,
    "WinHTTP: the secure channel failed: the protocol versions or cipher suites have nothing in common, or the \
     server broke off",
    C::VersionNoneInCommon,
)
.several();

const SECURITY: Code = client(
    12_175,
    "WinHTTP: a security error: the server's certificate is not trusted (issuer, name, dates or revocation), or no \
     version or cipher suite is in common",
    C::CertUnknownIssuer,
)
.several();

/// `SEC_E_…`, `CRYPT_E_…`, `CERT_E_…`, and WinHTTP as HRESULT.
const CODES: &[Code] = &[
    number(0x8009_0304, "Schannel: the local security authority cannot be contacted, or an internal error"),
    number(0x8009_0308, "Schannel: the token is invalid: the input is not TLS, or damaged"),
    both(
        0x8009_030d,
        "Schannel: the credentials are not recognised: the private key is not accessible",
        C::LocalCredentials,
    ),
    both(
        0x8009_030e,
        "Schannel: no credentials: the private key is missing or not accessible",
        C::LocalCredentials,
    ),
    number(0x8009_0318, "Schannel: an incomplete message"),
    client(0x8009_0322, "Schannel: the name of the certificate is wrong", C::CertNameMismatch),
    peer(
        0x8009_0325,
        "Schannel: the certificate chain is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    number(0x8009_0326, "Schannel: the peer aborted, or an unexpected message arrived"),
    number(0x8009_0327, "Schannel: an unknown error while a certificate was processed"),
    peer(0x8009_0328, "Schannel: a certificate has expired", C::CertExpired, C::ClientCertExpired),
    number(0x8009_0329, "Schannel: data could not be encrypted"),
    both(0x8009_0330, "Schannel: data could not be decrypted", C::KeyExchangeKeysDiffer),
    both(
        0x8009_0331,
        "Schannel: no algorithm in common: neither a version nor a cipher suite that both sides allow",
        C::VersionNoneInCommon,
    )
    .several(),
    number(0x8009_0333, "Schannel: the security context is not finished"),
    number(0x8009_033a, "Schannel: the strength of the cryptography is not supported"),
    peer(0x8009_0349, "Schannel: the certificate is not valid for this use", C::CertEku, C::ClientCertEku),
    number(0x8009_0350, "Schannel: an attempt to lower the security was found"),
    number(0x8009_035d, "Schannel: a parameter is invalid"),
    both(0x8009_2004, "Windows: a certificate, key or object was not found", C::LocalCredentials).several(),
    peer(0x8009_2007, "Windows: a certificate is self-signed", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    both(0x8009_200b, "Windows: the certificate has no private key", C::LocalCredentials),
    both(
        0x8009_200c,
        "Windows: the private key cannot be decrypted with this certificate",
        C::LocalCredentials,
    ),
    peer(0x8009_2010, "Windows: the certificate is revoked", C::CertRevoked, C::ClientCertRevoked),
    both(0x8009_2011, "Windows: a library for revocation is missing", C::CertRevocationUnknown),
    both(0x8009_2012, "Windows: the revocation could not be checked", C::CertRevocationUnknown),
    both(0x8009_2013, "Windows: the revocation server is offline", C::CertRevocationUnknown),
    both(0x8009_2014, "Windows: the certificate is not in the revocation database", C::CertRevocationUnknown),
    peer(
        0x8009_6004,
        "Windows: the signature of a certificate does not verify",
        C::CertSignatureInvalid,
        C::ClientCertUnknownIssuer,
    ),
    peer(
        0x8009_6019,
        "Windows: the basic constraints of a certificate are not kept",
        C::CertIssuerNotCa,
        C::ClientCertUnknownIssuer,
    ),
    peer(
        0x800b_0101,
        "Windows: a certificate has expired or is not yet valid, or the clock is wrong",
        C::CertExpired,
        C::ClientCertExpired,
    )
    .several(),
    number(0x800b_0102, "Windows: the dates of the chain do not nest"),
    peer(
        0x800b_0103,
        "Windows: a certificate of an end entity is used as CA, or the reverse",
        C::CertIssuerNotCa,
        C::ClientCertUnknownIssuer,
    ),
    peer(0x800b_0104, "Windows: the path length is exceeded", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer(0x800b_0105, "Windows: a critical extension is unknown", C::CertProfile, C::ClientCertProfile),
    peer(0x800b_0106, "Windows: a certificate is used for another purpose", C::CertEku, C::ClientCertEku),
    peer(
        0x800b_0107,
        "Windows: a certificate was not issued by its parent",
        C::CertChainOrder,
        C::ClientCertUnknownIssuer,
    )
    .several(),
    peer(0x800b_0108, "Windows: a certificate is malformed", C::CertProfile, C::ClientCertProfile),
    peer(
        0x800b_0109,
        "Windows: the chain ends at a root that is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer(
        0x800b_010a,
        "Windows: no chain to a trusted root could be built",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    number(0x800b_010b, "Windows: the trust in a certificate failed"),
    peer(0x800b_010c, "Windows: a certificate is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer(
        0x800b_010d,
        "Windows: the root is a test certificate that is not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    both(0x800b_010e, "Windows: the revocation could not be checked", C::CertRevocationUnknown),
    client(0x800b_010f, "Windows: the name of the certificate does not match", C::CertNameMismatch),
    peer(0x800b_0110, "Windows: the certificate is not valid for this use", C::CertEku, C::ClientCertEku),
    peer(
        0x800b_0111,
        "Windows: the certificate is explicitly not trusted",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    )
    .several(),
    peer(
        0x800b_0112,
        "Windows: the CA of the chain is not trusted by the policy",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    number(0x800b_0113, "Windows: the policy of a certificate is invalid"),
    peer(
        0x800b_0114,
        "Windows: a name in the chain is not permitted",
        C::CertNameConstraint,
        C::ClientCertUnknownIssuer,
    ),
    number(0x8007_2efd, "WinHTTP: the server could not be reached"),
    number(0x8007_2efe, "WinHTTP: the connection broke"),
    client(0x8007_2f05, "WinHTTP: the certificate is outside of its dates", C::CertExpired).several(),
    client(0x8007_2f06, "WinHTTP: the name of the certificate does not match", C::CertNameMismatch),
    client(0x8007_2f0c, "WinHTTP: the server requires a client certificate", C::ClientCertMissing),
    client(0x8007_2f0d, "WinHTTP: the issuer of the certificate is not trusted", C::CertUnknownIssuer),
    Code { number: 0x8007_2f7d, ..VERSION },
    Code { number: 0x8007_2f8f, ..SECURITY },
];
