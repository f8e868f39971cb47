//! Words of the platforms: .NET, Schannel, Android and Apple.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{Message, both, client, closed, peer, server, untrusted};

const NO_OFFER: &str = "client and server have no version in common, or no cipher suite";
const NOT_IN_TIME: &str =
    "a certificate has expired, or it is not yet valid by the clock of the side that checks it";
const NOT_VALID: &str = "the server's certificate did not verify, and the program does not say why: most often its issuer is not \
     trusted, else it is for another name or out of date";

pub(super) const MESSAGES: &[Message] = &[
    // .NET: the name before the chain, since both are said together; offline revocation last, since it
    // comes with every chain that does not end at a trusted root.
    client("remotecertificatenamemismatch", C::CertNameMismatch),
    server("remotecertificatenotavailable", C::ClientCertMissing),
    untrusted("untrustedroot"),
    untrusted("partialchain"),
    untrusted("explicitdistrust"),
    peer("nottimevalid", C::CertExpired, C::ClientCertExpired).several(NOT_IN_TIME),
    peer("notvalidforusage", C::CertEku, C::ClientCertEku),
    peer("notsignaturevalid", C::CertSignatureInvalid, C::ClientCertProfile),
    peer("hasweaksignature", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("invalidbasicconstraints", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("hasnotpermittednameconstraint", C::CertNameConstraint, C::ClientCertProfile),
    peer("hasexcludednameconstraint", C::CertNameConstraint, C::ClientCertProfile),
    peer("hasnotsupportedcriticalextension", C::CertProfile, C::ClientCertProfile),
    peer("certificate chain: revoked", C::CertRevoked, C::ClientCertRevoked),
    both("revocationstatusunknown", C::CertRevocationUnknown),
    both("offlinerevocation", C::CertRevocationUnknown),
    untrusted("remote certificate is invalid according to the validation").several(NOT_VALID).weak(),
    untrusted("remote certificate was rejected by the provided").several(NOT_VALID).weak(),
    untrusted("could not establish trust relationship for the ssl/tls").several(NOT_VALID).weak(),
    both("cannot determine the frame size or a corrupted frame was received", C::TransportNotTlsOther),
    both("handshake failed due to an unexpected packet format", C::TransportNotTlsOther),
    closed("received an unexpected eof or 0 bytes from the transport stream"),
    server("must use a certificate with the associated private key", C::LocalCredentials),
    both("credentials supplied to the package were not recognized", C::LocalCredentials),
    // Schannel and the chain engine of Windows.
    client("sec_e_wrong_principal", C::CertNameMismatch),
    client("target principal name is incorrect", C::CertNameMismatch),
    client("cn name does not match the passed value", C::CertNameMismatch),
    untrusted("sec_e_untrusted_root"),
    untrusted("issued by an authority that is not trusted"),
    untrusted("root certificate which is not trusted by the trust provider"),
    untrusted("could not be built to a trusted root authority"),
    peer("sec_e_cert_expired", C::CertExpired, C::ClientCertExpired),
    peer("received certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer("is not within its validity period", C::CertExpired, C::ClientCertExpired).several(NOT_IN_TIME),
    peer("sec_e_cert_wrong_usage", C::CertEku, C::ClientCertEku),
    peer("certificate is not valid for the requested usage", C::CertEku, C::ClientCertEku),
    peer("crypt_e_revoked", C::CertRevoked, C::ClientCertRevoked),
    both("crypt_e_revocation_offline", C::CertRevocationUnknown),
    both("crypt_e_no_revocation_check", C::CertRevocationUnknown),
    both("unable to check revocation", C::CertRevocationUnknown),
    both("sec_e_decrypt_failure", C::KeyExchangeKeysDiffer),
    both("sec_e_unknown_credentials", C::LocalCredentials),
    both("sec_e_no_credentials", C::LocalCredentials),
    both("sec_e_algorithm_mismatch", C::VersionNoneInCommon).several(NO_OFFER),
    both("they do not possess a common algorithm", C::VersionNoneInCommon).several(NO_OFFER),
    both("sec_e_unsupported_function", C::VersionNoneInCommon).several(NO_OFFER),
    server("none of the cipher suites supported by the client", C::SuiteNoneInCommon),
    both("error occurred while creating a tls", C::LocalCredentials),
    both("error occurred while creating an ssl", C::LocalCredentials),
    server("attempting to access the tls server credential private key", C::LocalCredentials),
    server("attempting to access the ssl server credential private key", C::LocalCredentials),
    server("no suitable default server credential exists", C::LocalCredentials),
    // Android.
    client("trust anchor for certification path not found", C::CertUnknownIssuer),
    client("certificate pinning failure", C::PinChangedKey),
    client("pin verification failed", C::PinChangedKey),
    client("cleartext communication to…not permitted", C::LocalSettings),
    // Apple; the numbers stand in `codes`.
    client("certificate for this server is invalid", C::CertUnknownIssuer).several(NOT_VALID),
    client("certificate is not standards compliant", C::CertProfile),
    client("certificate name does not match input", C::CertNameMismatch),
];
