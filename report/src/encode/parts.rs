//! The parts of faults, with their numbers.

use handclasp_codec::{EncodeError, Problem};
use handclasp_crypto::KeyKind;

use super::{Input, Output, Packed};
use crate::{
    Capability, CertificateFault, Choice, Counted, Event, Flood, Input as CallersInput, Internal, Misuse,
    ShareFault, Signed, StapleFault, TransportFault,
};

packed! { CertificateFault {
    1 = Malformed { index };
    2 = Expired;
    3 = NotYetValid;
    4 = UnknownIssuer { self_signed };
    5 = NameMismatch { names };
    6 = SignatureInvalid;
    7 = WeakSignature;
    8 = UnsupportedKey;
    9 = WrongUsage;
    10 = ConstraintViolated;
    11 = CaUsedAsLeaf;
    12 = Revoked;
    13 = PinMismatch;
    14 = NotConfigured;
    15 = Budget;
    16 = IssuerMayNotSign { index };
    17 = PathTooLong { limit };
    18 = NoStaple;
    19 = Staple(why);
    20 = PinIsFingerprint;
    21 = NeverValid { index };
    22 = NoExpectedName;
} }

packed! { StapleFault {
    1 = Malformed;
    2 = NotSuccessful;
    3 = NotAuthentic;
    4 = OtherCertificate;
    5 = Unknown;
    6 = NotYetValid;
    7 = Outdated;
} }

packed! { Problem {
    1 = Truncated;
    2 = Trailing;
    3 = OutOfRange;
    4 = NotWhole;
    5 = Duplicate;
    6 = Unexpected;
    7 = NotLast;
} }

packed! { EncodeError {
    1 = TooLong { field };
    2 = Full;
} }

packed! { Event {
    1 = Message(which);
    2 = ChangeCipherSpec;
    3 = ApplicationData;
    4 = Record(which);
    5 = Answer;
    6 = Nothing;
} }

packed! { Choice {
    1 = Version;
    2 = Suite;
    3 = Group;
    4 = Scheme;
    5 = Psk;
    6 = Alpn;
    7 = Compression;
    8 = CertificateType;
} }

packed! { Signed {
    1 = ServerKeyExchange;
    2 = ServerCertificateVerify;
    3 = ClientCertificateVerify;
} }

packed! { ShareFault {
    1 = Length { expected, found };
    2 = Refused;
    3 = NotAsOffered;
} }

packed! { Flood {
    1 = EmptyRecords;
    2 = Warnings;
    3 = KeyUpdates;
    4 = ChangeCipherSpecs;
    5 = PostHandshakeMessages;
    6 = EarlyData;
} }

packed! { Counted {
    1 = Extensions;
    2 = KeyShares;
} }

packed! { Misuse {
    1 = ConfigurationChanged;
    2 = WrongAnswer;
    3 = NotConnected;
    4 = Closed;
    5 = NothingToOffer;
    // 6 was InvalidInput without the field.
    7 = InvalidInput(which);
    8 = NobodyTrusted;
    9 = NoExpectedName;
    10 = NonBlocking;
    11 = NoExporter;
    12 = VersionNotListed;
    13 = NotBuilt(which);
} }

packed! { Capability {
    1 = Certificates; 2 = ClientAuth; 3 = Tickets; 4 = Retry; 5 = HostExtensions;
    6 = Psk; 7 = KeyLog; 8 = Exporter; 9 = Cbc; 10 = Ecdhe;
} }

packed! { CallersInput {
    1 = Address;
    2 = ServerName;
    3 = Alpn;
    4 = PskIdentity;
    5 = PskKey;
    6 = ExportLength;
    7 = RecordSize;
    8 = ExportLabel;
} }

packed! { TransportFault {
    1 = Refused;
    2 = Unreachable;
    3 = ConnectTimedOut;
    4 = NoAddress;
    5 = Failed;
} }

packed! { Internal {
    1 = Random;
    2 = Crypto;
    3 = KeyExhausted;
    4 = Bug;
} }

packed! { KeyKind {
    1 = P256;
    2 = P384;
    3 = P521;
    4 = Ed25519;
    5 = Rsa;
    6 = RsaPss;
} }
