//! Families of causes.

/// Causes that concern the same part of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CauseFamily {
    /// Nothing failed.
    None,
    /// Pre-shared keys.
    Psk,
    /// Offers without anything in common: versions, suites, groups, schemes, protocols, names.
    Negotiation,
    /// The server's certificate.
    Certificate,
    /// The client's certificate and its proof of possession.
    ClientCertificate,
    /// The clock of the side that verifies a certificate.
    Clock,
    /// A pinned key or certificate.
    Pin,
    /// Trust decided after the handshake.
    Trust,
    /// The key exchange and its signature.
    KeyExchange,
    /// A ClientHello without a mandatory extension.
    Hello,
    /// A ClientHello that does not parse.
    MalformedHello,
    /// Another message that does not parse.
    Malformed,
    /// Records that are too long.
    Record,
    /// TCP, or a protocol that is not TLS.
    Transport,
    /// Bytes changed or lost between the two sides.
    Tamper,
    /// A message that the protocol does not permit.
    ProtocolViolation,
    /// A requirement that one side has set.
    Policy,
    /// The program itself, before or beside TLS: its files, memory, settings, token.
    Local,
    /// A refusal for which nothing gives a reason.
    Unexplained,
}
