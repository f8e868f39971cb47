//! Why a handshake or a connection ended: what was expected, what came, from which offer.
//! The alert follows from it (`alert.rs`), and so does who failed (`blame.rs`).
//! Long because: it is the list of all faults.

use handclasp_codec::{
    AlertDescription, ContentType, DecodeError, EncodeError, ExtensionType, Field, HandshakeType, NamedGroup,
    Problem, ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;

use crate::{CertificateFault, Misuse, Uint};

/// Why it ended. 8 bytes on purpose, so that it fits into one number ([`crate::FaultCode`]). What does not fit
/// is [`crate::Evidence`], which the report keeps: [`crate::Report::sentence`] says a fault with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    // ---- what came does not parse, or comes at the wrong time
    /// A message or record that does not parse.
    Decode {
        /// The structure, as a field name (`client_hello`, `record`, …).
        within: Field,
        /// The field that failed.
        field: Field,
        /// Why it failed.
        problem: Problem,
        /// Its offset in bytes, from the handshake header.
        offset: u32,
    },
    /// A message out of order.
    Unexpected {
        /// What the state waits for.
        expected: Event,
        /// What came.
        found: Event,
    },
    /// The first bytes are not a TLS record.
    NotTls {
        /// What stands where a record header should.
        first: [u8; 5],
    },
    /// A record with a content type that does not exist.
    UnknownContentType(u8),
    /// A record whose version cannot be (RFC 8446 §5.1, RFC 5246 §E.1).
    RecordVersion(ProtocolVersion),
    /// A record longer than the protocol or the negotiated limit permits.
    RecordOverflow {
        /// Bytes permitted.
        limit: u16,
        /// Bytes announced or found.
        found: u16,
    },
    /// A handshake or alert record without content (RFC 8446 §5.1).
    EmptyRecord(ContentType),
    /// A TLS 1.3 record of nothing but padding (RFC 8446 §5.4).
    OnlyPadding,
    /// An alert that does not have two bytes, or a change_cipher_spec that is not `01`.
    MalformedRecord(ContentType),
    /// A handshake message announced longer than our budget.
    MessageTooLarge {
        /// Which message.
        message: HandshakeType,
        /// Bytes permitted.
        limit: Uint<3>,
        /// Bytes announced.
        found: Uint<3>,
    },
    /// More in a ClientHello than we look at. The bound is ours; the protocol has none.
    TooMany {
        /// Of what.
        what: Counted,
        /// How many we look at.
        limit: u16,
        /// How many there are.
        found: u16,
    },
    /// Keys were to change while a message was half read (RFC 8446 §5.1).
    KeyChangeInsideMessage,
    /// More of something than any honest peer sends.
    Flood(Flood),
    /// A protected record that does not authenticate under our keys.
    RecordNotAuthentic {
        /// The record's number under its key; 0 is the first protected one, and the largest stands for
        /// all above it.
        sequence: Uint<6>,
        /// Whether the handshake was still under way.
        handshaking: bool,
    },

    // ---- nothing in common (the offers stand in the report)
    /// No protocol version in common.
    NoCommonVersion {
        /// The peer's highest, or the one it insists on.
        peer: ProtocolVersion,
    },
    /// No cipher suite in common, or none that fits the credentials we have.
    NoCommonSuite,
    /// No key exchange group in common.
    NoCommonGroup,
    /// No signature scheme that both the peer and our key can do.
    NoCommonScheme,
    /// The client of TLS 1.2 sent no signature_algorithms, which stands for SHA-1 (RFC 5246
    /// §7.4.1.4.1).
    NoSignatureAlgorithms,
    /// The EC key of our certificate is on a curve that the client of TLS 1.2 does not list in
    /// supported_groups (RFC 8422 §5.1).
    CurveNotOffered {
        /// The curve of our certificate.
        curve: NamedGroup,
    },
    /// Every common suite needs a certificate or a pre-shared key that this server lacks.
    NoCredential,
    /// No application protocol in common (RFC 7301 §3.2).
    NoCommonAlpn,
    /// The server has nothing for the name asked for (RFC 6066 §3).
    UnrecognizedName,
    /// The peer does not do extended_master_secret and our policy requires it (RFC 7627 §5).
    NoExtendedMasterSecret,
    /// All that is in common is CBC, and the peer does not do encrypt_then_mac (RFC 7366).
    NoEncryptThenMac,
    /// The client fell back to a lower version than we both speak (RFC 7507).
    InappropriateFallback {
        /// Our highest version.
        ours: ProtocolVersion,
    },
    /// The client never offers the null compression method.
    NoNullCompression,

    // ---- a choice that was not on offer, or contradicts an earlier one
    /// An extension that the message must carry is absent.
    MissingExtension(ExtensionType),
    /// An answer to an extension that we did not send.
    UnsolicitedExtension(ExtensionType),
    /// An extension in a message where it may not stand.
    MisplacedExtension(ExtensionType),
    /// A choice that was not among our offers.
    NotOffered {
        /// What was chosen.
        choice: Choice,
        /// The number chosen.
        found: u16,
    },
    /// The server did not echo legacy_session_id (RFC 8446 §4.1.3).
    SessionIdNotEchoed,
    /// The server random says that our offer of a higher version was edited out (§4.1.3).
    Downgrade {
        /// Version the server chose.
        chosen: ProtocolVersion,
    },
    /// A second HelloRetryRequest, or one that changes nothing (§4.1.4).
    UselessRetry,
    /// The second ClientHello or the ServerHello after a retry contradicts the first (§4.1.2).
    RetryMismatch(Field),
    /// renegotiation_info is not what it must be (RFC 5746 §3.4).
    RenegotiationInfo,
    /// A field with a value that the RFC forbids.
    IllegalParameter(Field),

    // ---- cryptography
    /// The peer's key share or public key is no use.
    KeyShare {
        /// Its group.
        group: NamedGroup,
        /// What is wrong with it.
        problem: ShareFault,
    },
    /// A signature that does not verify under the peer's key.
    SignatureInvalid {
        /// What it signs.
        signed: Signed,
        /// The scheme it names.
        scheme: SignatureScheme,
        /// The kind of key.
        key: KeyKind,
    },
    /// A signature whose scheme belongs to another kind of key.
    SchemeKeyMismatch {
        /// What it signs.
        signed: Signed,
        /// The scheme it names.
        scheme: SignatureScheme,
        /// The kind of key in the certificate.
        key: KeyKind,
    },
    /// The peer's Finished is not what we compute.
    FinishedInvalid,
    /// A pre-shared key binder is not what we compute (RFC 8446 §4.2.11.2).
    BinderInvalid {
        /// Which of the offered identities.
        identity: u16,
    },
    /// We hold no key for the identity the client names.
    UnknownPskIdentity,
    /// Whether we hold a key for the identity the client names is not known: the store of keys did not answer.
    PskUnavailable,

    // ---- identity of the peer
    /// The peer's certificate, chain or key was not accepted.
    Certificate(CertificateFault),
    /// A certificate was required and none came. TLS 1.2 has no alert of its own for that.
    NoCertificate {
        /// The version of the handshake.
        version: ProtocolVersion,
    },
    /// No certificate type (RFC 7250) that one side has and the other takes.
    NoCommonCertificateType,

    // ---- how the peer or the transport ended it
    /// The peer sent a fatal alert.
    PeerAlert(AlertDescription),
    /// The peer closed with close_notify before the handshake was complete.
    ClosedInHandshake {
        /// What we waited for.
        expected: Event,
    },
    /// The transport ended without close_notify.
    Truncated {
        /// What we waited for, while the handshake was under way.
        expected: Option<Event>,
        /// Whether any byte of the peer ever came.
        anything_came: bool,
    },
    /// The handshake took longer than its deadline.
    TimedOut {
        /// What we waited for.
        expected: Event,
        /// Whether any byte of the peer ever came.
        anything_came: bool,
    },

    /// The transport reported an error: there was no connection, or it broke.
    Transport(TransportFault),

    // ---- us and our caller
    /// Our caller declined to go on (a person did not approve, a key is not to be used).
    CallerRefused,
    /// The signer failed or made a signature that does not verify.
    SignerFailed(SignerFault),
    /// The caller used the interface wrongly.
    Misuse(Misuse),
    /// Our own side failed.
    Internal(Internal),
    /// We could not write a message from this configuration.
    Encode(EncodeError),
}

/// What a state can wait for or be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A handshake message.
    Message(HandshakeType),
    /// A change_cipher_spec record.
    ChangeCipherSpec,
    /// Application data.
    ApplicationData,
    /// A record of another type.
    Record(ContentType),
    /// An answer of the caller's to a need.
    Answer,
    /// Nothing; the connection is over.
    Nothing,
}

/// What is counted in a ClientHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// Extensions.
    Extensions,
    /// Entries of key_share.
    KeyShares,
}

/// What a peer chooses from an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// Protocol version.
    Version,
    /// Cipher suite.
    Suite,
    /// Group of the key exchange.
    Group,
    /// Signature scheme.
    Scheme,
    /// Index of a pre-shared key.
    Psk,
    /// Application protocol.
    Alpn,
    /// Compression method.
    Compression,
    /// Certificate type.
    CertificateType,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signed {
    /// The key exchange of TLS 1.2 (RFC 8422 §5.4).
    ServerKeyExchange,
    /// The transcript, signed by the server (RFC 8446 §4.4.3).
    ServerCertificateVerify,
    /// The transcript, signed by the client.
    ClientCertificateVerify,
}

/// What can be wrong with a key share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShareFault {
    /// Wrong length in bytes.
    Length {
        /// What the group wants.
        expected: Uint<2>,
        /// What came.
        found: Uint<2>,
    },
    /// Not a point of the curve, or of small order, or not decodable.
    Refused,
    /// The group appears twice, or was not in supported_groups.
    NotAsOffered,
}

/// More of something than any honest peer sends; the budgets stand in `record` and `connection`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flood {
    /// Records without application data.
    EmptyRecords,
    /// Warning alerts.
    Warnings,
    /// KeyUpdate messages.
    KeyUpdates,
    /// change_cipher_spec records.
    ChangeCipherSpecs,
    /// Handshake messages after the handshake.
    PostHandshakeMessages,
    /// Bytes of early data, which we passed over.
    EarlyData,
}

/// Errors of a transport. What the operating system said stands in the program's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportFault {
    /// The connection was refused.
    Refused,
    /// No way to the peer's network or host.
    Unreachable,
    /// Nobody answered while connecting.
    ConnectTimedOut,
    /// The peer's name has no address, or could not be looked up.
    NoAddress,
    /// Reading or writing failed, or connecting for another reason.
    Failed,
}

/// Why there is no signature of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerFault {
    /// It gave no reason.
    Failed,
    /// It cannot sign by a scheme that it named.
    Scheme,
    /// Its signature does not verify under the certificate's key; it was not sent.
    DoesNotVerify,
    /// Its ECDSA signature is r and s side by side, as PKCS#11 has it, and not DER; it was not sent.
    RawEcdsa,
    /// It gave a reason in its own words, which are [`crate::Evidence::Words`]. A report that is written
    /// and read back has [`SignerFault::Failed`] in their place.
    Said,
}

/// Failures of our own side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Internal {
    /// No randomness.
    Random,
    /// The cryptographic library failed.
    Crypto,
    /// A key reached the number of records it may protect and could not be changed.
    KeyExhausted,
    /// An invariant of ours does not hold; please report it.
    Bug,
}

impl Fault {
    /// A message that does not parse.
    #[inline]
    pub fn decode(within: Field) -> impl Fn(DecodeError) -> Self {
        move |DecodeError { field, problem, offset }| Self::Decode { within, field, problem, offset }
    }
}

const _: () = assert!(size_of::<Fault>() == 8 && size_of::<Result<(), Fault>>() == 8);

impl From<EncodeError> for Fault {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}
