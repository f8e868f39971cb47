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
    TransportFault, Uint,
};

pub(super) fn record_overflow(f: &mut Formatter<'_>, limit: u16, found: u16) -> fmt::Result {
    let found = Bytes(u32::from(found));
    write!(f, "The peer sent a record of {found}; at most {limit} are permitted.")
}

pub(super) fn too_large(
    f: &mut Formatter<'_>,
    message: HandshakeType,
    limit: Uint<3>,
    found: Uint<3>,
) -> fmt::Result {
    let found = Bytes(u32::try_from(found.get()).unwrap_or(u32::MAX));
    write!(f, "The peer announced a {message} of {found}; our limit is {limit}.")
}

pub(super) fn too_many(f: &mut Formatter<'_>, what: Counted, limit: u16, found: u16) -> fmt::Result {
    write!(f, "The peer's client_hello has {found} {what}; our limit is {limit}.")
}

pub(super) fn no_common_version(f: &mut Formatter<'_>, peer: ProtocolVersion) -> fmt::Result {
    let named = Named(peer);
    if peer <= ProtocolVersion::SSL_3_0 {
        write!(f, "No protocol version in common: the peer's hello has version {named}, ")?;
        return f.write_str("from which no newer version may be negotiated (RFC 8446 §D.5).");
    }
    write!(f, "No protocol version in common: the peer supports at most {named}.")
}

pub(super) fn curve_not_offered(f: &mut Formatter<'_>, curve: NamedGroup) -> fmt::Result {
    write!(f, "Our certificate has a key on the curve {curve}, which the client does not list in ")?;
    f.write_str("supported_groups: TLS 1.2 then cannot use the certificate.")
}

pub(super) fn fallback(f: &mut Formatter<'_>, ours: ProtocolVersion) -> fmt::Result {
    write!(f, "The client signals that it fell back to a lower version, but we support {}.", Named(ours))
}

pub(super) fn downgrade(f: &mut Formatter<'_>, chosen: ProtocolVersion) -> fmt::Result {
    let chosen = Named(chosen);
    write!(
        f,
        "The server's random indicates that it supports a higher version than {chosen}, which it selected: "
    )?;
    f.write_str("our offer may have been modified in transit.")
}

pub(super) fn retry_mismatch(f: &mut Formatter<'_>, field: Field) -> fmt::Result {
    write!(f, "After HelloRetryRequest the peer's {} contradicts what it sent before.", field.name())
}

pub(super) fn illegal_parameter(f: &mut Formatter<'_>, field: Field) -> fmt::Result {
    write!(f, "The peer's {} has a value that the RFC forbids.", field.name())
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
    write!(f, "The peer signed {signed} with {scheme}, but its certificate has a {key} key.")
}

pub(super) fn binder(f: &mut Formatter<'_>, identity: u16) -> fmt::Result {
    write!(f, "The binder of the client's pre-shared key (identity {identity}) does not match ours: ")?;
    f.write_str("the two sides have different keys, or bind the key to different hashes.")
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
            Self::Answer => f.write_str("our program's response"),
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
                let found = Bytes(u32::try_from(found.get()).unwrap_or(u32::MAX));
                write!(f, "has {found}, but the group requires {expected}")
            }
            Self::Refused => f.write_str("is not a valid point or key of the group"),
            Self::NotAsOffered => {
                f.write_str("was sent twice, or for a group that is not in supported_groups")
            }
        }
    }
}

impl Display for Flood {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EmptyRecords => "empty records",
            Self::Warnings => "warning alerts",
            Self::KeyUpdates => "key_update messages",
            Self::ChangeCipherSpecs => "change_cipher_spec records",
            Self::PostHandshakeMessages => "post-handshake messages",
            Self::EarlyData => "bytes of early data",
        })
    }
}

impl Display for Misuse {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ConfigurationChanged => {
                "Our program passed a different configuration during the handshake."
            }
            Self::WrongAnswer => "Our program gave a response that does not match the pending request, or \
                                  none was pending.",
            Self::NotConnected => "Our program used the connection before the handshake was complete.",
            Self::Closed => "Our program wrote after closing the connection.",
            Self::NothingToOffer => {
                "Our configuration leaves no usable version, cipher suite, group or credential."
            }
            Self::VersionNotListed => {
                "Our configuration has a cipher suite of a TLS version that it does not list."
            }
            Self::NotBuilt(capability) => {
                let feature = capability.feature();
                return write!(
                    f,
                    "Our program is built without the cargo feature `{feature}`, which this configuration or peer needs."
                );
            }
            Self::InvalidInput(input) => return write!(f, "{input}"),
            Self::NobodyTrusted => {
                "Our configuration trusts no peer: it has no pins, or a kind of trust that does not verify \
                 certificates."
            }
            Self::NoExpectedName => {
                "Our program gave no server name to verify the certificate against, which web PKI requires."
            }
            Self::NoExporter => {
                "This connection exports no keying material: it is TLS 1.2 without extended_master_secret (RFC 7627)."
            }
            Self::NonBlocking => {
                "Our program's transport is non-blocking (it returned WouldBlock), but these streams need a \
                 blocking transport."
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
                "An application protocol (ALPN) that our program gave is empty or longer than 255 bytes \
                 (RFC 7301 §3.1)."
            }
            Self::PskIdentity => {
                "A PSK identity or hint that our program gave is empty, or longer than 65535 bytes."
            }
            Self::PskKey => "A pre-shared key that our program gave is empty, or longer than 65535 bytes.",
            Self::ExportLength => {
                "Our program requested more exported keying material than 255 times the hash length (RFC \
                 8446 §7.5)."
            }
            Self::ExportLabel => {
                "The exporter's label is longer than 249 bytes or reserved by TLS, or its context is longer \
                 than 65535 bytes."
            }
            Self::RecordSize => "The record size that our program gave is not between 512 and 16384 bytes.",
        })
    }
}

impl Display for TransportFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "The peer's host refused the connection: no program listens on that port.",
            Self::Unreachable => "The peer's host or network is unreachable.",
            Self::ConnectTimedOut => "The connection attempt timed out.",
            Self::NoAddress => "The peer's name could not be looked up, or has no address.",
            Self::Failed => "The underlying transport reported an error.",
        })
    }
}

impl Display for SignerFault {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "Our signer failed without giving a reason.",
            Self::Scheme => "Our signer cannot sign with a scheme that it lists itself.",
            Self::DoesNotVerify => {
                "Our signer's signature does not verify under the key of our certificate, so it was not \
                 sent: the signer has another key, or signed something other than the message."
            }
            Self::RawEcdsa => {
                "Our signer's ECDSA signature is r and s concatenated, as PKCS#11 returns it, so it was not \
                 sent: TLS requires DER (ECDSA-Sig-Value)."
            }
            // The reason is evidence; see `sentence.rs`.
            Self::Said => "Our signer failed.",
        })
    }
}

impl Display for Internal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Random => "Our random number generator failed.",
            Self::Crypto => "Our cryptographic library failed.",
            Self::KeyExhausted => {
                "A traffic key protected the maximum number of records, and this protocol version cannot \
                 replace it: reconnect."
            }
            Self::Bug => "An internal error of handclasp; please report it.",
        })
    }
}
