//! GnuTLS, alone and within curl, git, wget, exim and MariaDB.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{
    Message, both, client, closed, peer, server, unexplained, untrusted,
};

pub(super) const MESSAGES: &[Message] = &[
    // The verdict on a certificate; one line has several of these sentences.
    client("name in the certificate does not match the expected", C::CertNameMismatch),
    peer("certificate chain uses expired certificate", C::CertExpired, C::ClientCertExpired),
    peer("certificate chain uses not yet valid certificate", C::CertNotYetValid, C::ClientCertNotYetValid),
    peer("certificate chain is revoked", C::CertRevoked, C::ClientCertRevoked),
    peer("certificate chain uses insecure algorithm", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("certificate issuer is not a ca", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("does not match the intended purpose", C::CertEku, C::ClientCertEku),
    peer("violates the signer's constraints", C::CertNameConstraint, C::ClientCertProfile),
    peer("signature in the certificate is invalid", C::CertSignatureInvalid, C::ClientCertProfile),
    peer("certificate contains an unknown critical extension", C::CertProfile, C::ClientCertProfile),
    peer("unsupported critical extension in x.509 certificate", C::CertProfile, C::ClientCertProfile),
    both("ocsp status is missing", C::CertRevocationUnknown),
    both("received ocsp status response is invalid", C::CertRevocationUnknown),
    both("revocation or ocsp data are old", C::CertRevocationUnknown),
    untrusted("certificate issuer is unknown"),
    untrusted("doesn't have a known issuer"),
    client("doesn't match the local copy (tofu)", C::PinChangedKey),
    untrusted("server certificate verification failed. cafile").several(
        "the server's certificate did not verify, and curl does not say why: most often its issuer is not \
         in the file named, else it is out of date or for another name",
    ),
    peer("key usage violation in certificate", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("certificate does not allow digital signatures", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("the session or certificate has expired", C::CertExpired, C::ClientCertExpired)
        .several("GnuTLS has one error for an expired certificate and an expired session; in a handshake it is mostly the certificate"),
    peer("the certificate is not yet activated", C::CertNotYetValid, C::ClientCertNotYetValid),
    // The handshake.
    server("no supported cipher suites have been found", C::SuiteNoneInCommon),
    both("could not negotiate a supported cipher suite", C::SuiteNoneInCommon),
    both("no common key share with peer", C::GroupNoneInCommon),
    both("no supported ecc curves were found", C::GroupNoneInCommon),
    both("no common application protocol could be negotiated", C::AlpnNoneInCommon),
    server("disallowed sni server name has been received", C::SniUnrecognized),
    both("sni host name not recognised", C::SniUnrecognized),
    client("diffie-hellman prime sent by the server is not acceptable", C::PolicyWeakDh),
    both("algorithms involved has insufficient security level", C::PolicyWeakDh),
    client("safe renegotiation failed", C::PolicyRenegotiationInfoRequired),
    both("unsafe renegotiation denied", C::PolicyRenegotiationRefused),
    both("inappropriate fallback was attempted", C::PolicyFallbackScsv),
    server("no certificate was found", C::ClientCertMissing),
    server("~certificate is required", C::ClientCertMissing),
    peer(
        "public key signature verification has failed",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSignatureInvalid,
    ),
    peer(
        "signature is incompatible with the public key",
        C::KeyExchangeSignatureInvalid,
        C::ClientCertSchemeKeyMismatch,
    ),
    untrusted("~error in the certificate").several(
        "GnuTLS refused the certificate, and the program does not say why: most often its issuer is not trusted, else \
         it is revoked, out of date or for another use",
    ).weak(),
    unexplained(
        "an illegal parameter has been received",
        "GnuTLS received a value that it does not accept, such as a signature scheme that is not one of the key; the line \
         does not say which",
    ),
    both("tls finished packet calculation", C::KeyExchangeKeysDiffer),
    both("message authentication code verification failed", C::KeyExchangeKeysDiffer),
    both("decryption has failed", C::KeyExchangeKeysDiffer),
    both("illegal or unsupported version was received", C::TransportNotTlsOther),
    both("unexpected tls packet was received", C::TransportNotTlsOther),
    both("record packet with invalid length was received", C::TransportNotTlsOther),
    both("handshake data size is too large", C::RecordLimitExceeded),
    closed("non-properly terminated"),
    closed("peer has terminated the connection"),
    // Files and settings.
    both("the certificate and the given key do not match", C::KeyNotOfCertificate),
    both("no or insufficient priorities were set", C::LocalSettings),
    both("cert/key setup…error while reading file", C::LocalCredentials),
    both("base64 decoding error", C::LocalCredentials),
    both("base64 unexpected header error", C::LocalCredentials),
    both("pkcs #11 pin", C::LocalToken),
    both("pkcs #11 error in", C::LocalToken),
];
