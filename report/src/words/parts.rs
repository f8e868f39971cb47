//! The parts of faults, as pieces of a sentence.

use core::fmt::{self, Display, Formatter};

use handclasp_codec::{
    CertificateType, CipherSuite, CodePoint, CompressionMethod, Field, HandshakeType, NamedGroup,
    ProtocolVersion, SignatureScheme,
};
use handclasp_crypto::KeyKind;

use super::{Bytes, Named};
use crate::{
    Choice, Counted, Event, Flood, Input, Internal, Misuse, ShareFault, Side, Signed, SignerFault,
    TransportFault,
};

pub(super) fn record_overflow(f: &mut Formatter<'_>, limit: u16, found: u16) -> fmt::Result {
    let found = Bytes(u32::from(found));
    write!(f, "The peer sent a record of {found}; at most {limit} are permitted.")
}

pub(super) fn too_large(
    f: &mut Formatter<'_>,
    message: HandshakeType,
    limit: u32,
    found: u32,
) -> fmt::Result {
    write!(f, "The peer announced a {message} of {}; our limit is {limit}.", Bytes(found))
}

pub(super) fn too_many(f: &mut Formatter<'_>, what: Counted, limit: u16, found: u16) -> fmt::Result {
    write!(f, "The peer's client_hello has {found} {what}; our limit is {limit}.")
}

pub(super) fn no_common_version(f: &mut Formatter<'_>, peer: ProtocolVersion) -> fmt::Result {
    let named = Named(peer);
    if peer <= ProtocolVersion::SSL_3_0 {
        write!(f, "No protocol version in common: the peer's hello says {named}, ")?;
        return f.write_str("and no newer version may follow from that (RFC 8446 §D.5).");
    }
    write!(f, "No protocol version in common: the peer speaks {named} at most.")
}

pub(super) fn curve_not_offered(f: &mut Formatter<'_>, curve: NamedGroup) -> fmt::Result {
    write!(f, "Our certificate has a key on the curve {curve}, which the client does not list in ")?;
    f.write_str("supported_groups: TLS 1.2 then cannot use the certificate.")
}

pub(super) fn fallback(f: &mut Formatter<'_>, ours: ProtocolVersion) -> fmt::Result {
    write!(f, "The client says it fell back to a lower version, yet we speak {}.", Named(ours))
}

pub(super) fn downgrade(f: &mut Formatter<'_>, chosen: ProtocolVersion) -> fmt::Result {
    let chosen = Named(chosen);
    write!(f, "The server's random says that it speaks more than {chosen}, which it chose: ")?;
    f.write_str("somebody on the way may have edited our offer.")
}

pub(super) fn retry_mismatch(f: &mut Formatter<'_>, field: Field) -> fmt::Result {
    write!(f, "After HelloRetryRequest the peer's {} contradicts what it sent before.", field.name())
}

pub(super) fn signature(
    f: &mut Formatter<'_>,
    signed: Signed,
    scheme: SignatureScheme,
    key: KeyKind,
) -> fmt::Result {
    let (key, scheme) = (Named(key), Named(scheme));
    write!(f, "The signature in {signed} ({scheme}) does not verify under the peer's {key} key.")
}

pub(super) fn mismatch(
    f: &mut Formatter<'_>,
    signed: Signed,
    scheme: SignatureScheme,
    key: KeyKind,
) -> fmt::Result {
    let (key, scheme) = (Named(key), Named(scheme));
    write!(f, "The peer signed {signed} with {scheme}, but its certificate holds a {key} key.")
}

pub(super) fn binder(f: &mut Formatter<'_>, identity: u16) -> fmt::Result {
    write!(f, "The binder of the client's pre-shared key (identity {identity}) is not ours: ")?;
    f.write_str("both sides hold different bytes for it, or bind it to different hashes.")
}

/// A choice that was not on offer, with the name of its number.
pub(super) fn not_offered(f: &mut Formatter<'_>, choice: Choice, found: u16) -> fmt::Result {
    let number = u32::from(found);
    write!(f, "The peer chose {choice} ")?;
    match choice {
        Choice::Version => write!(f, "{}", Named(ProtocolVersion(found)))?,
        Choice::Suite => write!(f, "{}", CipherSuite(found))?,
        Choice::Group => write!(f, "{}", NamedGroup(found))?,
        Choice::Scheme => write!(f, "{}", Named(SignatureScheme(found)))?,
        Choice::Psk => write!(f, "{found}")?,
        // The number says nothing: the name is opaque.
        Choice::Alpn => f.write_str("of its own")?,
        Choice::Compression => write!(f, "{}", CompressionMethod::from_number(number))?,
        Choice::CertificateType => write!(f, "{}", CertificateType::from_number(number))?,
    }
    f.write_str(", which we did not offer.")
}

impl Display for Side {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}

impl Display for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => write!(f, "{message}"),
            Self::ChangeCipherSpec => f.write_str("change_cipher_spec"),
            Self::ApplicationData => f.write_str("application_data"),
            Self::Record(kind) => write!(f, "a record of content_type {kind}"),
            Self::Answer => f.write_str("our caller's answer"),
            Self::Nothing => f.write_str("nothing more"),
        }
    }
}

impl Display for Choice {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "the version",
            Self::Suite => "the cipher suite",
            Self::Group => "the group",
            Self::Scheme => "the signature scheme",
            Self::Psk => "the pre-shared key number",
            Self::Alpn => "an application protocol",
            Self::Compression => "the compression method",
            Self::CertificateType => "the certificate type",
        })
    }
}

impl Display for Signed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ServerKeyExchange => "server_key_exchange",
            Self::ServerCertificateVerify => "the server's certificate_verify",
            Self::ClientCertificateVerify => "the client's certificate_verify",
        })
    }
}

impl Display for Counted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Extensions => "extensions",
            Self::KeyShares => "key shares",
        })
    }
}

impl Display for ShareFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { expected, found } => {
                write!(f, "has {}, and the group wants {expected}", Bytes(u32::from(*found)))
            }
            Self::Refused => f.write_str("is no valid point or key of the group"),
            Self::NotAsOffered => {
                f.write_str("was sent twice, or for a group that is not in supported_groups")
            }
        }
    }
}

impl Display for Flood {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyRecords => "records without content",
            Self::Warnings => "warning alerts",
            Self::KeyUpdates => "key_update messages",
            Self::ChangeCipherSpecs => "change_cipher_spec records",
            Self::PostHandshakeMessages => "messages after the handshake",
            Self::EarlyData => "bytes of early data",
        })
    }
}

impl Display for Misuse {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfigurationChanged => {
                "Our program passed another configuration while the handshake was under way."
            }
            Self::WrongAnswer => "Our program gave an answer that does not fit the question, or without one.",
            Self::NotConnected => "Our program used the connection before the handshake was complete.",
            Self::Closed => "Our program wrote after it had closed.",
            Self::NothingToOffer => {
                "Our configuration leaves no version, cipher suite, group or credential that could work."
            }
            Self::InvalidInput(input) => return write!(f, "{input}"),
            Self::NobodyTrusted => {
                "Our configuration trusts no peer: it holds no pin, or a kind of trust that judges no certificate."
            }
            Self::NoExpectedName => {
                "Our program gave no name that the server's certificate must be for, and web PKI needs one."
            }
            Self::NoExporter => {
                "This connection exports no keying material: it is TLS 1.2 without extended_master_secret (RFC 7627)."
            }
            Self::NonBlocking => {
                "The transport of our program does not block: it returned at once with nothing, and our streams \
                 wait for their peer."
            }
        })
    }
}

impl Display for Input {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "The address that our program gave is not HOST:PORT.",
            Self::ServerName => "The server name that our program gave is neither a DNS name nor an address.",
            Self::Alpn => {
                "An application protocol (ALPN) that our program gave has no byte or more than 255 (RFC 7301 §3.1)."
            }
            Self::PskIdentity => {
                "A PSK identity or hint that our program gave is empty, or longer than 65535 bytes."
            }
            Self::PskKey => "A pre-shared key that our program gave is empty, or longer than 65535 bytes.",
            Self::ExportLength => {
                "Our program asked for more exported keying material than 255 times the hash (RFC 8446 §7.5)."
            }
            Self::ExportLabel => {
                "The exporter's label has more than 249 bytes or is TLS's own, or its context more than 65535."
            }
            Self::RecordSize => "The record size that our program gave is not between 512 and 16384 bytes.",
        })
    }
}

impl Display for TransportFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "The peer's host refused the connection: nothing listens on that port.",
            Self::Unreachable => "The peer's host or network cannot be reached.",
            Self::ConnectTimedOut => "Nobody answered while we connected.",
            Self::NoAddress => "The peer's name could not be looked up, or has no address.",
            Self::Failed => "The transport below reported an error.",
        })
    }
}

impl Display for SignerFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "Our signer gave no signature and no reason.",
            Self::Scheme => "Our signer cannot sign by a scheme that it named itself.",
            Self::DoesNotVerify => {
                "Our signer's signature does not verify under the key of our certificate, so it was not sent: the \
                 signer holds another key, or signs something else than the message."
            }
            Self::RawEcdsa => {
                "Our signer's ECDSA signature is r and s side by side, as PKCS#11 gives it, so it was not sent: TLS \
                 wants them in DER, as ECDSA-Sig-Value."
            }
            Self::Said(words) => return write!(f, "Our signer failed: {words}."),
        })
    }
}

impl Display for Internal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Random => "Our source of randomness failed.",
            Self::Crypto => "Our cryptographic library failed.",
            Self::KeyExhausted => {
                "A key protected as many records as it may, and this version cannot change it: connect anew."
            }
            Self::Bug => "A defect of handclasp's own; please report it.",
        })
    }
}
