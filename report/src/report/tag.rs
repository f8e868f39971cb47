//! What a note can tell, its number, and how it may be cut.

macro_rules! tags {
    ($($(#[$doc:meta])* $tag:ident = $number:literal, $shape:ident;)+) => {
        /// What a note tells. "Words" are two-byte numbers, big-endian, as on the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Tag { $($(#[$doc])* $tag = $number),+ }

        impl Tag {
            /// Every tag.
            pub const ALL: &[Self] = &[$(Self::$tag),+];

            pub(super) fn number(self) -> u8 {
                match self { $(Self::$tag => $number),+ }
            }

            pub(super) fn from_number(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$tag),)+ _ => None }
            }

            pub(super) fn shape(self) -> Shape {
                match self { $(Self::$tag => Shape::$shape),+ }
            }
        }
    };
}

/// Where a note's bytes may be cut, and how much room they may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An offer: words.
    Words,
    /// An offer: names, each behind its length byte.
    Names,
    /// An offer: one text, cut anywhere.
    Text,
    /// A choice or an alert: all of it or nothing.
    Choice,
    /// The fault.
    Fault,
    /// A message, see `keep.rs`. The one shape with two bytes of length.
    Message,
}

// A number stays what it is for ever; 0x3f is the greatest.
tags! {
    /// Offer: ProtocolVersion words.
    Versions = 1, Words;
    /// Offer: CipherSuite words.
    Suites = 2, Words;
    /// Offer: NamedGroup words.
    Groups = 3, Words;
    /// Offer: NamedGroup words of the shares sent along.
    KeyShares = 4, Words;
    /// Offer: SignatureScheme words.
    Schemes = 5, Words;
    /// Offer: ExtensionType words.
    Extensions = 6, Words;
    /// Offer: protocol names, each behind a byte of length (RFC 7301 §3.1).
    Alpn = 7, Names;
    /// Offer: the name asked for.
    ServerName = 8, Text;
    /// Offer: one identity; several are several notes.
    PskIdentity = 9, Text;
    /// What a server of TLS 1.2 says about the key it wants (RFC 4279 §5.2).
    PskIdentityHint = 10, Text;
    /// The name or address that the certificate had to be for, where it was refused because it is
    /// not. As text; from the side that expected it.
    ExpectedName = 11, Text;
    /// Offer: the server has pre-shared keys and no certificate, and its versions are those that the
    /// keys are for. Empty.
    PskAlone = 12, Choice;
    /// One name or address in the subjectAltName of a certificate that was refused because of its
    /// names, as text; several are several notes.
    CertificateName = 13, Text;
    /// Choice: one ProtocolVersion word.
    ChosenVersion = 16, Choice;
    /// Choice: one CipherSuite word.
    ChosenSuite = 17, Choice;
    /// Choice: one NamedGroup word.
    ChosenGroup = 18, Choice;
    /// Choice: one SignatureScheme word.
    ChosenScheme = 19, Choice;
    /// Choice: the protocol's name, bare.
    ChosenAlpn = 20, Choice;
    /// Choice: index of the pre-shared key, one word; empty in TLS 1.2.
    ChosenPsk = 21, Choice;
    /// Choice: ExtensionType words of the answer.
    ChosenExtensions = 22, Choice;
    /// The key in the leaf certificate: kind (see [`crate::key_note`]), then SHA-256 of its
    /// SubjectPublicKeyInfo; then what [`crate::changed_key_note`] adds.
    CertificateKey = 23, Choice;
    /// A HelloRetryRequest: the NamedGroup word it asks for, or nothing.
    HelloRetry = 24, Choice;
    /// The server asks the client for a certificate. Empty.
    CertificateRequest = 25, Choice;
    /// The certificate shown leads to none of the authorities that the peer names. Empty.
    IssuerNotListed = 26, Choice;
    /// What stands in Certificate: one CertificateType byte; noted where it was negotiated.
    CertificateType = 27, Choice;
    /// A session was resumed. Empty.
    Resumed = 28, Choice;
    /// A ticket of the server's own was refused: one byte, its reason.
    TicketRefused = 29, Choice;
    /// TLS 1.2 without extended_master_secret, which that side does not do (RFC 7627): the session is
    /// not resumed, and nothing can be exported. Empty.
    NoExtendedMasterSecret = 30, Choice;
    /// The client was asked for a certificate and shows none: one byte, see
    /// [`crate::NoneShown`]; empty where the reason is not known.
    NoneShown = 31, Choice;
    /// We sent this alert: one AlertDescription byte.
    AlertSent = 32, Choice;
    /// The peer sent this alert: one AlertDescription byte.
    AlertReceived = 33, Choice;
    /// How it ended; written by [`crate::Report::fail`], read by [`crate::Report::why`].
    Fault = 34, Fault;
    /// The handshake was completed.
    Connected = 35, Choice;
    /// close_notify was sent.
    CloseNotify = 36, Choice;
    /// What of the peer's certificate was not judged: see [`crate::NotJudged`].
    NotJudged = 37, Choice;
    /// The revoked certificate in the peer's chain: see [`crate::RevokedNote`].
    Revoked = 38, Choice;
    /// The server's HelloRetryRequest carries a cookie, which no ClientHello asks for. Empty.
    RetryCookie = 40, Choice;
    /// A ClientHello, kept by [`crate::Report::message`], read by [`crate::Report::messages`].
    ClientHello = 48, Message;
    /// A ServerHello or HelloRetryRequest, kept and read in the same way.
    ServerHello = 49, Message;
    /// EncryptedExtensions, kept and read in the same way.
    EncryptedExtensions = 50, Message;
}

impl Tag {
    /// Whether the note tells what only the caller of a connection knows of its answers. All others are what the
    /// connection itself saw.
    pub const fn is_of_answers(self) -> bool {
        matches!(
            self,
            Self::CertificateKey
                | Self::CertificateName
                | Self::ExpectedName
                | Self::NoneShown
                | Self::NotJudged
                | Self::Revoked
        )
    }
}
