//! OpenSSL and what stands on it: reasons of its errors in words and numbers (`0A0000C1` is reason 193 of
//! library 20; before 3.0, `1417A0C1` was), and the verdicts of its certificate verification. BoringSSL has
//! the same names and other numbers.

use crate::diagnosis::cause::Cause as C;
use crate::diagnosis::log_messages::message::{Message, both, client, closed, peer, server, untrusted};

/// The message in a line in lower case, with spaces for underscores.
pub(super) fn find(spaced: &str) -> Option<&'static Message> {
    VERIFY.iter().chain(REASONS.iter().map(|(_, message)| message)).find(|message| message.is_in(spaced))
}

/// The message of a line that has only a number.
pub(super) fn by_number(lower: &str) -> Option<&'static Message> {
    let reason = reason(lower)?;
    REASONS.iter().find(|(number, _)| *number == reason).map(|(_, message)| message)
}

/// The reason in the code of an error of libssl.
fn reason(lower: &str) -> Option<u32> {
    const LIBRARY: u32 = 20;
    let (_, behind) = lower.split_once("error:")?;
    let code = u32::from_str_radix(behind.get(..8)?, 16).ok()?;
    if code >> 23 == LIBRARY {
        return Some(code & 0x7f_ffff);
    }
    (code >> 24 == LIBRARY).then_some(code & 0xfff)
}

/// The alert in the code of an error: reason 1000 and its number. BoringSSL's libssl is library 16.
pub(in crate::diagnosis::log_messages) fn alert(lower: &str) -> Option<u8> {
    let of_boring = || {
        let (_, behind) = lower.split_once("error:")?;
        let code = u32::from_str_radix(behind.get(..8)?, 16).ok()?;
        (code >> 24 == 16).then_some(code & 0xfff)
    };
    let reason = reason(lower).or_else(of_boring)?;
    u8::try_from(reason.checked_sub(1000)?).ok()
}

const NO_ISSUER: &str = "the issuer of a certificate is neither sent nor trusted: the other side does not send an \
                         intermediate certificate, or the one that checks does not have the root";

/// What certificate verification says.
const VERIFY: &[Message] = &[
    peer("certificate has expired", C::CertExpired, C::ClientCertExpired),
    peer("certificate is not yet valid", C::CertNotYetValid, C::ClientCertNotYetValid),
    client("hostname mismatch", C::CertNameMismatch),
    client("ip address mismatch", C::CertNameMismatch),
    client("email address mismatch", C::CertNameMismatch),
    untrusted("self-signed certificate in certificate chain"),
    untrusted("self signed certificate in certificate chain"),
    peer("self-signed certificate", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    peer("self signed certificate", C::CertSelfSigned, C::ClientCertUnknownIssuer),
    untrusted("unable to get local issuer certificate"),
    peer("unable to get issuer certificate", C::CertMissingIntermediate, C::ClientCertUnknownIssuer)
        .several(NO_ISSUER),
    peer("unable to verify the first certificate", C::CertMissingIntermediate, C::ClientCertUnknownIssuer)
        .several(NO_ISSUER),
    untrusted("~certificate not trusted"),
    untrusted("~certificate rejected"),
    untrusted("~subject issuer mismatch"),
    untrusted("authority and subject key identifier mismatch"),
    untrusted("authority and issuer serial number mismatch"),
    untrusted("certificate chain too long"),
    client("no matching dane tlsa records", C::PinChangedKey),
    peer("~certificate revoked", C::CertRevoked, C::ClientCertRevoked),
    both("unable to get certificate crl", C::CertRevocationUnknown),
    both("unable to get crl issuer certificate", C::CertRevocationUnknown),
    both("crl has expired", C::CertRevocationUnknown),
    both("crl is not yet valid", C::CertRevocationUnknown),
    both("crl signature failure", C::CertRevocationUnknown),
    both("ocsp verification needed", C::CertRevocationUnknown),
    both("ocsp verification failed", C::CertRevocationUnknown),
    both("ocsp unknown cert", C::CertRevocationUnknown),
    peer("path length constraint exceeded", C::CertPathLength, C::ClientCertUnknownIssuer),
    peer("invalid ca certificate", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("invalid non-ca certificate", C::CertIssuerNotCa, C::ClientCertProfile),
    peer("key usage does not include certificate signing", C::CertIssuerNotCa, C::ClientCertUnknownIssuer),
    peer("unsuitable certificate purpose", C::CertEku, C::ClientCertEku),
    peer("unsupported certificate purpose", C::CertEku, C::ClientCertEku),
    peer("key usage does not include digital signature", C::CertKeyUsage, C::ClientCertKeyUsage),
    peer("permitted subtree violation", C::CertNameConstraint, C::ClientCertProfile),
    peer("excluded subtree violation", C::CertNameConstraint, C::ClientCertProfile),
    peer("ee certificate key too weak", C::CertWeakKey, C::ClientCertWeakKey),
    peer("ca certificate key too weak", C::CertWeakKey, C::ClientCertWeakKey),
    peer("ca signature digest algorithm too weak", C::CertWeakSignature, C::ClientCertWeakSignature),
    peer("certificate signature failure", C::CertSignatureInvalid, C::ClientCertProfile),
    peer("unable to decrypt certificate's signature", C::CertSignatureInvalid, C::ClientCertProfile),
    peer("~unhandled critical extension", C::CertProfile, C::ClientCertProfile),
    peer("invalid or inconsistent certificate", C::CertProfile, C::ClientCertProfile),
    peer("missing authority key identifier", C::CertProfile, C::ClientCertProfile),
    peer("missing subject key identifier", C::CertProfile, C::ClientCertProfile),
    peer("basic constraints of ca cert not marked critical", C::CertProfile, C::ClientCertProfile),
    peer("ca cert does not include key usage extension", C::CertProfile, C::ClientCertProfile),
    peer("empty subject alternative name extension", C::CertProfile, C::ClientCertProfile),
    peer("path length invalid for non-ca cert", C::CertProfile, C::ClientCertProfile),
    peer("key usage keycertsign invalid for non-ca cert", C::CertProfile, C::ClientCertProfile),
    peer("using cert extension requires at least x509v3", C::CertProfile, C::ClientCertProfile),
    peer("certificate transparency required", C::CertProfile, C::ClientCertProfile),
];

/// What libssl says, by its reason number; 0 where the words belong to another library.
const REASONS: &[(u32, Message)] = &[
    // Signatures and keys.
    (0, client("tls process key exchange:bad signature", C::KeyExchangeSignatureInvalid)),
    (0, client("tls process ske dhe:bad signature", C::KeyExchangeSignatureInvalid)),
    (0, server("tls process cert verify:bad signature", C::ClientCertSignatureInvalid)),
    (0, client("tls process key exchange:internal error", C::SigalgNoneInCommon).several(
        "the client could not verify the signature of the key exchange; OpenSSL 3 says so where the server \
         signs with SHA-1 and the security level or the crypto policy of the client forbids it",
    )),
    (123, peer("~bad signature", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid)),
    (370, peer("~wrong signature type", C::KeyExchangeSignatureInvalid, C::ClientCertSchemeKeyMismatch)),
    (264, peer("~wrong signature length", C::KeyExchangeSignatureInvalid, C::ClientCertSignatureInvalid)),
    (306, client("~bad ecpoint", C::KeyExchangePointNotOnCurve)),
    (0, client("point is not on curve", C::KeyExchangePointNotOnCurve)),
    (0, both("key values mismatch", C::KeyNotOfCertificate)),
    (288, both("~private key mismatch", C::KeyNotOfCertificate)),
    (0, both("certificate and private key mismatch", C::KeyNotOfCertificate)),
    (0, both("private key does not match", C::KeyNotOfCertificate)),
    (190, both("~no private key assigned", C::LocalCredentials)),
    (177, both("~no certificate assigned", C::LocalCredentials)),
    (179, server("~no certificate set", C::LocalCredentials)),
    (399, peer("~ee key too small", C::CertWeakKey, C::ClientCertWeakKey)),
    (397, peer("~ca key too small", C::CertWeakKey, C::ClientCertWeakKey)),
    (398, peer("~ca md too weak", C::CertWeakSignature, C::ClientCertWeakSignature)),
    (0, peer("~bad ecc cert", C::CertCurveNotOffered, C::ClientCertNoUsableScheme)),
    (318, peer("~ecc cert not for signing", C::CertKeyUsage, C::ClientCertKeyUsage)),
    (0, peer("~key usage bit incorrect", C::CertKeyUsage, C::ClientCertKeyUsage)),
    (383, peer("~wrong certificate type", C::CertCurveNotOffered, C::ClientCertNoUsableScheme)),
    (378, peer("~wrong curve", C::CertCurveNotOffered, C::ClientCertSchemeKeyMismatch)),
    (199, server("peer did not return a certificate", C::ClientCertMissing)),
    (176, server("~no certificates returned", C::ClientCertMissing)),
    // Pre-shared keys.
    (223, server("psk identity not found", C::PskIdentityUnknown)),
    (253, server("binder does not verify", C::PskValueDiffers)),
    // Offers.
    (193, server("no shared cipher", C::SuiteNoneInCommon)),
    (410, both("~no shared groups", C::GroupNoneInCommon)),
    (0, both("~no shared group", C::GroupNoneInCommon)),
    (101, server("no suitable key share", C::GroupNoneInCommon)),
    (295, both("~no suitable groups", C::GroupNoneInCommon)),
    (315, both("~unsupported elliptic curve", C::GroupNoneInCommon)),
    (376, both("no shared signature algorithms", C::SigalgNoneInCommon)),
    (0, both("no common signature algorithms", C::SigalgNoneInCommon)),
    (118, peer("no suitable signature algorithm", C::ClientCertNoUsableScheme, C::SigalgNoneInCommon)),
    (333, both("legacy sigalg disallowed or unsupported", C::SigalgNoneInCommon)),
    (112, server("missing sigalgs extension", C::HelloNoSignatureAlgorithms)),
    (209, server("missing supported groups extension", C::HelloNoSupportedGroups)),
    (258, both("~unsupported protocol", C::VersionNoneInCommon)),
    (396, both("~version too low", C::VersionNoneInCommon)),
    (166, both("~version too high", C::VersionNoneInCommon)),
    (259, both("~unsupported ssl version", C::VersionNoneInCommon)),
    (266, both("~wrong ssl version", C::VersionNoneInCommon)),
    (254, both("~unknown ssl version", C::VersionNoneInCommon)),
    (0, client("~tls13 downgrade", C::VersionDowngradeAttack)),
    (373, both("~inappropriate fallback", C::PolicyFallbackScsv)),
    (235, both("no application protocol", C::AlpnNoneInCommon)),
    (338, client("unsafe legacy renegotiation disabled", C::PolicyRenegotiationInfoRequired)),
    (339, both("~no renegotiation", C::PolicyRenegotiationRefused)),
    (394, client("dh key too small", C::PolicyWeakDh)),
    (0, client("~bad dh p length", C::PolicyWeakDh)),
    (0, both("extended master secret extension missing", C::PolicyEmsRequired)),
    (
        108,
        peer("~bad key share", C::PeerProtocolViolationHrrUnofferedGroup, C::GroupNoneInCommon).several(
            "a key share is of a group that the other side did not name, or of one that it was not asked for",
        ),
    ),
    (248, client("~unknown cipher returned", C::PeerProtocolViolationUnofferedSuite)),
    (261, client("~wrong cipher returned", C::PeerProtocolViolationUnofferedSuite)),
    (217, client("~unsolicited extension", C::PeerProtocolViolationUnsolicitedExtension)),
    (0, client("~unexpected extension", C::PeerProtocolViolationUnsolicitedExtension)),
    (214, client("~no change following hrr", C::PeerProtocolViolationHrrSameGroup)),
    // Not TLS, or only in part.
    (155, both("~https proxy request", C::TransportNotTlsHttp)),
    (156, both("~http request", C::TransportNotTlsHttp)),
    (267, both("wrong version number", C::TransportNotTlsOther)),
    (252, both("~unknown protocol", C::TransportNotTlsOther)),
    (198, both("packet length too long", C::TransportNotTlsOther)),
    (150, both("~encrypted length too long", C::TransportNotTlsOther)),
    (443, both("~bad record type", C::TransportNotTlsOther)),
    (182, both("~not on record boundary", C::TransportNotTlsOther)),
    (159, server("~length mismatch", C::HelloMalformedHandshakeLength)),
    (401, server("~fragmented client hello", C::HelloFragmentedUnsupported)),
    (152, both("~excessive message size", C::RecordLimitExceeded)),
    (
        281,
        both("decryption failed or bad record mac", C::KeyExchangeKeysDiffer).several(
            "a record of the peer does not decrypt: the two sides have different keys (with a pre-shared key: \
             different keys, or different readings of one), or bytes were changed on the way",
        ),
    ),
    (149, both("~digest check failed", C::KeyExchangeKeysDiffer)),
    (294, closed("unexpected eof while reading")),
    // Files and settings.
    (181, both("~no ciphers available", C::LocalSettings)),
    (185, both("~no cipher match", C::LocalSettings)),
    (191, both("~no protocols available", C::LocalSettings)),
    (161, both("~library has no ciphers", C::LocalSettings)),
    (0, both("pem routines…no start line", C::LocalCredentials)),
    (0, both("pem routines…bad password read", C::LocalCredentials)),
    (0, both("routines…bad decrypt", C::LocalCredentials)),
    (0, both("digital envelope routines:inner evp generic fetch:unsupported", C::LocalCredentials)),
    (0, both("digital envelope routines::unsupported", C::LocalCredentials)),
    (0, both("pkcs12 routines…mac verify failure", C::LocalCredentials)),
    (134, untrusted("~certificate verify failed").several(
        "the certificate did not verify, and the program does not say why: most often its issuer is not \
         trusted, else it is out of date, for another name or for another use",
    ).weak()),
];
