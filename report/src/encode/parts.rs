//! The parts of faults, with their numbers and sizes.

use handclasp_codec::{EncodeError, Problem};
use handclasp_crypto::KeyKind;

use super::{Input, Packed, Parts};
use crate::{
    Capability, Choice, Counted, CrlFault, Event, Flood, Input as CallersInput, Internal, ShareFault, Signed,
    SignerFault, StapleFault, TransportFault,
};

packed! { StapleFault, 1 {
    1 = Malformed;
    2 = NotSuccessful;
    3 = NotAuthentic;
    4 = OtherCertificate;
    5 = Unknown;
    6 = NotYetValid;
    7 = Outdated;
    8 = Missing;
} }

packed! { CrlFault, 1 {
    1 = Missing;
    2 = NotAuthentic;
    3 = WeakSignature;
    4 = IssuerMayNotSign;
    5 = NotYetValid;
    6 = Outdated;
} }

packed! { Problem, 1 {
    1 = Truncated;
    2 = Trailing;
    3 = OutOfRange;
    4 = NotWhole;
    5 = Duplicate;
    6 = Unexpected;
    7 = NotLast;
} }

packed! { EncodeError, 2 {
    1 = TooLong { field };
    2 = Full;
} }

packed! { Event, 2 {
    1 = Message(which);
    2 = ChangeCipherSpec;
    3 = ApplicationData;
    4 = Record(which);
    5 = Answer;
    6 = Nothing;
} }

packed! { Choice, 1 {
    1 = Version;
    2 = Suite;
    3 = Group;
    4 = Scheme;
    5 = Psk;
    6 = Alpn;
    7 = Compression;
    8 = CertificateType;
} }

packed! { Signed, 1 {
    1 = ServerKeyExchange;
    2 = ServerCertificateVerify;
    3 = ClientCertificateVerify;
} }

packed! { ShareFault, 5 {
    1 = Length { expected, found };
    2 = Refused;
    3 = NotAsOffered;
} }

packed! { Flood, 1 {
    1 = EmptyRecords;
    2 = Warnings;
    3 = KeyUpdates;
    4 = ChangeCipherSpecs;
    5 = PostHandshakeMessages;
    6 = EarlyData;
} }

packed! { Counted, 1 {
    1 = Extensions;
    2 = KeyShares;
} }

packed! { Capability, 1 {
    1 = Certificates; 2 = ClientAuth; 3 = Tickets; 4 = Retry; 5 = HostExtensions;
    6 = Psk; 7 = KeyLog; 8 = Exporter; 9 = Cbc; 10 = Ecdhe;
} }

packed! { CallersInput, 1 {
    1 = Address;
    2 = ServerName;
    3 = Alpn;
    4 = PskIdentity;
    5 = PskKey;
    6 = ExportLength;
    7 = RecordSize;
    8 = ExportLabel;
} }

packed! { TransportFault, 1 {
    1 = Refused;
    2 = Unreachable;
    3 = ConnectTimedOut;
    4 = NoAddress;
    5 = Failed;
} }

packed! { SignerFault, 1 {
    1 = Failed;
    2 = Scheme;
    3 = DoesNotVerify;
    4 = RawEcdsa;
    5 = Said;
} }

packed! { Internal, 1 {
    1 = Random;
    2 = Crypto;
    3 = KeyExhausted;
    4 = Bug;
} }

packed! { KeyKind, 1 {
    1 = P256;
    2 = P384;
    3 = P521;
    4 = Ed25519;
    5 = Rsa;
    6 = RsaPss;
} }
