//! Every fault: its number, its parts, and the alert to send (RFC 8446 §6.2, RFC 5246 §7.2.2), always fatal
//! except close_notify and user_canceled. `nothing`: the connection is closed already, or the fault
//! is a local one that concerns no message of the peer. What the number alone does not decide is in `alert.rs`.

use handclasp_codec::AlertDescription as Alert;

use super::{Input, Packed, Parts};
use crate::{CertificateFault, Fault, Misuse};

/// Stands for "send no alert"; the registry assigns this number to no alert.
const NOTHING: u8 = u8::MAX;

packed! { Fault, 8 {
    1 = Decode { within, field, offset, problem } => decode_error;
    2 = Unexpected { expected, found } => unexpected_message;
    3 = NotTls { first } => unexpected_message;
    4 = UnknownContentType(found) => unexpected_message;
    5 = RecordVersion(found) => protocol_version;
    6 = RecordOverflow { limit, found } => record_overflow;
    7 = EmptyRecord(found) => unexpected_message;
    8 = OnlyPadding => unexpected_message;
    9 = MalformedRecord(found) => unexpected_message;
    10 = MessageTooLarge { message, limit, found } => internal_error;
    11 = KeyChangeInsideMessage => unexpected_message;
    12 = Flood(of) => unexpected_message;
    13 = RecordNotAuthentic { sequence, handshaking } => bad_record_mac;
    14 = NoCommonVersion { peer } => protocol_version;
    15 = NoCommonSuite => handshake_failure;
    16 = NoCommonGroup => handshake_failure;
    17 = NoCommonScheme => handshake_failure;
    18 = NoCredential => handshake_failure;
    19 = NoCommonAlpn => no_application_protocol;
    20 = UnrecognizedName => unrecognized_name;
    21 = NoExtendedMasterSecret => handshake_failure;
    22 = InappropriateFallback { ours } => inappropriate_fallback;
    23 = NoNullCompression => illegal_parameter;
    24 = MissingExtension(which) => missing_extension;
    25 = UnsolicitedExtension(which) => unsupported_extension;
    26 = MisplacedExtension(which) => illegal_parameter;
    27 = NotOffered { choice, found } => illegal_parameter;
    28 = SessionIdNotEchoed => illegal_parameter;
    29 = Downgrade { chosen } => illegal_parameter;
    30 = UselessRetry => unexpected_message;
    31 = RetryMismatch(field) => illegal_parameter;
    32 = RenegotiationInfo => handshake_failure;
    33 = IllegalParameter(field) => illegal_parameter;
    34 = KeyShare { group, problem } => illegal_parameter;
    35 = SignatureInvalid { signed, scheme, key } => decrypt_error;
    36 = SchemeKeyMismatch { signed, scheme, key } => illegal_parameter;
    37 = FinishedInvalid => decrypt_error;
    38 = BinderInvalid { identity } => decrypt_error;
    39 = UnknownPskIdentity => unknown_psk_identity;
    40 = Certificate(why) => certificate_unknown;
    // 41 was NoCertificate without the version.
    42 = PeerAlert(alert) => nothing;
    43 = ClosedInHandshake { expected } => nothing;
    44 = Truncated { expected, anything_came } => nothing;
    45 = TimedOut { expected, anything_came } => user_canceled;
    46 = CallerRefused => access_denied;
    // 47 was SignerFailed without the reason.
    48 = Misuse(how) => internal_error;
    49 = Internal(what) => internal_error;
    50 = Encode(error) => internal_error;
    51 = NoCertificate { version } => handshake_failure;
    52 = NoCommonCertificateType => unsupported_certificate;
    53 = NoEncryptThenMac => handshake_failure;
    54 = NoSignatureAlgorithms => handshake_failure;
    55 = CurveNotOffered { curve } => handshake_failure;
    56 = TooMany { what, limit, found } => internal_error;
    57 = Transport(how) => nothing;
    58 = SignerFailed(why) => internal_error;
    59 = PskUnavailable => internal_error;
} }

packed! { CertificateFault, 2 {
    1 = Malformed { index } => bad_certificate;
    2 = Expired => certificate_expired;
    3 = NotYetValid => certificate_expired;
    4 = UnknownIssuer { self_signed } => unknown_ca;
    5 = NameMismatch { names } => bad_certificate;
    6 = SignatureInvalid => bad_certificate;
    7 = WeakSignature => unsupported_certificate;
    8 = UnsupportedKey => unsupported_certificate;
    9 = WrongUsage => unsupported_certificate;
    10 = ConstraintViolated => bad_certificate;
    11 = CaUsedAsLeaf => bad_certificate;
    12 = Revoked => certificate_revoked;
    13 = PinMismatch => certificate_unknown;
    14 = NotConfigured => certificate_unknown;
    15 = Budget => certificate_unknown;
    16 = IssuerMayNotSign { index } => bad_certificate;
    17 = PathTooLong { limit } => certificate_unknown;
    18 = NoStaple => bad_certificate_status_response;
    19 = Staple(why) => bad_certificate_status_response;
    20 = PinIsFingerprint => certificate_unknown;
    21 = NeverValid { index } => certificate_expired;
    22 = NoExpectedName => internal_error;
    23 = Crl(why) => certificate_unknown;
    24 = NotListed => access_denied;
    25 = NotKnown => certificate_unknown;
} }

packed! { Misuse, 2 {
    1 = ConfigurationChanged => internal_error;
    2 = WrongAnswer => internal_error;
    3 = NotConnected => nothing;
    4 = Closed => nothing;
    5 = NothingToOffer => internal_error;
    // 6 was InvalidInput without the field.
    7 = InvalidInput(which) => nothing;
    8 = NobodyTrusted => internal_error;
    9 = NoExpectedName => internal_error;
    10 = NonBlocking => user_canceled;
    11 = NoExporter => nothing;
    12 = VersionNotListed => internal_error;
    13 = NotBuilt(which) => handshake_failure;
} }
