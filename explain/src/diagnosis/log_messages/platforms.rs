//! Words of the platforms: .NET, Schannel, Android and BoringSSL.

use super::messages::{Message, both, client, peer, server};
use crate::diagnosis::cause::Cause as C;

pub(super) const MESSAGES: &[Message] = &[
    // .NET: the name before the chain, since both are said together; offline revocation last, since it
    // comes with every chain that does not end at a trusted root.
    client("remotecertificatenamemismatch", C::CertNameMismatch),
    server("remotecertificatenotavailable", C::ClientCertMissing),
    peer("untrustedroot", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("partialchain", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("explicitdistrust", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("notvalidforusage", C::CertEku, C::ClientCertEku),
    peer("notsignaturevalid", C::CertSignatureInvalid, C::ClientCertUnknownIssuer),
    peer("hasweaksignature", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("invalidbasicconstraints", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("hasnotpermittednameconstraint", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("hasexcludednameconstraint", C::CertNameConstraint, C::ClientCertUnknownIssuer),
    peer("hasnotsupportedcriticalextension", C::CertProfile, C::ClientCertProfile),
    peer("certificate chain: revoked", C::CertRevoked, C::ClientCertRevoked),
    both("revocationstatusunknown", C::CertRevocationUnknown),
    both("offlinerevocation", C::CertRevocationUnknown),
    both("cannot determine the frame size or a corrupted frame was received", C::TransportNotTlsOther),
    both("handshake failed due to an unexpected packet format", C::TransportNotTlsOther),
    client("received an unexpected eof or 0 bytes from the transport stream", C::TransportClosedByServer),
    server("received an unexpected eof or 0 bytes from the transport stream", C::TransportClosedByClient),
    server("must use a certificate with the associated private key", C::LocalCredentials),
    both("credentials supplied to the package were not recognized", C::LocalCredentials),
    // Schannel and the chain engine of Windows.
    client("sec_e_wrong_principal", C::CertNameMismatch),
    client("target principal name is incorrect", C::CertNameMismatch),
    client("cn name does not match the passed value", C::CertNameMismatch),
    peer("sec_e_untrusted_root", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("issued by an authority that is not trusted", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer(
        "root certificate which is not trusted by the trust provider",
        C::CertUnknownIssuer,
        C::ClientCertUnknownIssuer,
    ),
    peer("could not be built to a trusted root authority", C::CertUnknownIssuer, C::ClientCertUnknownIssuer),
    peer("sec_e_cert_expired", C::CertExpired, C::ClientCertExpired),
    peer("received certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer("sec_e_cert_wrong_usage", C::CertEku, C::ClientCertEku),
    peer("certificate is not valid for the requested usage", C::CertEku, C::ClientCertEku),
    peer("crypt_e_revoked", C::CertRevoked, C::ClientCertRevoked),
    both("crypt_e_revocation_offline", C::CertRevocationUnknown),
    both("crypt_e_no_revocation_check", C::CertRevocationUnknown),
    both("unable to check revocation", C::CertRevocationUnknown),
    both("sec_e_decrypt_failure", C::KeyExchangeKeysDiffer),
    both("sec_e_unknown_credentials", C::LocalCredentials),
    server(
        "none of the cipher suites supported by the client application are supported by the server",
        C::SuiteNoneInCommon,
    ),
    // Android.
    client("trust anchor for certification path not found", C::CertUnknownIssuer),
    client("certificate pinning failure", C::PinChangedKey),
    client("pin verification failed", C::PinChangedKey),
    // BoringSSL.
    peer("key_usage_bit_incorrect", C::CertKeyUsage, C::ClientCertKeyUsage),
    both("openssl_internal:http_request", C::TransportNotTlsHttp),
    both("openssl_internal:https_proxy_request", C::TransportNotTlsHttp),
    both("openssl_internal:wrong_version_number", C::TransportNotTlsOther),
    server("openssl_internal:no_shared_cipher", C::SuiteNoneInCommon),
    both("openssl_internal:no_common_signature_algorithms", C::SigalgNoneInCommon),
    both("openssl_internal:no_shared_group", C::GroupNoneInCommon),
    server("openssl_internal:peer_did_not_return_a_certificate", C::ClientCertMissing),
    both("openssl_internal:key_values_mismatch", C::KeyNotOfCertificate),
    client("openssl_internal:bad_ecpoint", C::KeyExchangePointNotOnCurve),
    both("openssl_internal:decryption_failed_or_bad_record_mac", C::KeyExchangeKeysDiffer),
    both("openssl_internal:no_application_protocol", C::AlpnNoneInCommon),
];
