//! The flags of a verification with Mbed TLS: `flags=0x8`.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::codes::code::{Code, both, client, number, peer, server};
use crate::diagnosis::log_messages::codes::number::{behind, has};
use crate::diagnosis::log_messages::says::Says;
use crate::input::capture_event::Side;

/// `MBEDTLS_X509_BADCERT_…` and `…BADCRL_…`, from the one that decides to the one that says least.
const BITS: &[Code] = &[
    peer(0x02, "the certificate is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer(0x200, "the certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer(0x01, "the certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer(0x10000, "the key of the certificate is too weak", C::CertWeakKey, C::ClientCertWeakKey),
    peer(0x4000, "the hash of a signature is not allowed", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer(
        0x8000,
        "the key type of a signature is not allowed",
        C::CertWeakSignature,
        C::ClientCertWeakSignature,
    ),
    peer(0x1000, "the extended key usage does not fit", C::CertEku, C::ClientCertEku),
    peer(0x800, "the key usage does not fit", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer(0x2000, "the Netscape type of the certificate does not fit", C::CertProfile, C::ClientCertProfile),
    peer(0x08, "the issuer is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    client(0x04, "the name does not match", C::CertNameMismatch),
    server(0x40, "the certificate is missing", C::ClientCertMissing),
    both(0x10, "the issuer of a CRL is not trusted", C::CertRevocationUnknown),
    both(0x20, "a CRL has expired", C::CertRevocationUnknown),
    both(0x400, "a CRL is not yet valid", C::CertRevocationUnknown),
    both(0x20000, "the hash of a CRL is not allowed", C::CertRevocationUnknown),
    both(0x40000, "the key type of a CRL is not allowed", C::CertRevocationUnknown),
    both(0x80000, "the key of a CRL is too weak", C::CertRevocationUnknown),
    number(0x100, "the application rejected the certificate"),
    number(0x80, "the verification was skipped"),
];

/// What the flags of a line in lower case say.
pub(super) fn says(lower: &str, of: Side) -> Option<Says> {
    const CONTEXT: &[&str] = &[
        "verification flags",
        "verify flags",
        "badcert",
        "tls flags",
        "crt_flags",
        "cert flags",
        "certificate flags",
        "mbed",
        "esp-tls",
    ];
    const ABOUT_TLS: &[&str] = &["cert", "peer", "x509", "tls", "ssl"];
    const ALL: i64 = 0xf_ffff;
    let is_verification = lower.contains("verif") && has(lower, ABOUT_TLS);
    if !(has(lower, CONTEXT) || is_verification) {
        return None;
    }
    let flags = behind(lower, &["flags", "get_verify_result() 0x", "get_verify_result returned"])?;
    if flags == -1 {
        return Some(Says::Number("Mbed TLS: the verification of the peer did not run"));
    }
    if !(1..=ALL).contains(&flags) {
        return None;
    }
    let code = BITS.iter().find(|code| flags & code.number != 0)?;
    match code.says(of) {
        Says::Why(cause) if flags != code.number => Some(Says::Maybe(
            cause,
            "Mbed TLS rejected the peer's certificate for several reasons, each a bit of the flags: 0x1 expired, \
             0x2 revoked, 0x4 name, 0x8 issuer not trusted, 0x200 not yet valid, 0x800 and 0x1000 key usage, \
             0x4000 and 0x8000 signature, 0x10000 key",
        )),
        Says::Number(_) => {
            Some(Says::Number("Mbed TLS: the application rejected or skipped the verification"))
        }
        other => Some(other),
    }
}
