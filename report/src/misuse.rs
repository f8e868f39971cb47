//! What our own caller did wrong: nothing that a peer sends makes one of these.

/// Wrong uses of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// Another configuration was passed while a handshake was under way.
    ConfigurationChanged,
    /// An answer that does not fit the need, or without a need.
    WrongAnswer,
    /// Application data or an exporter before the handshake is complete.
    NotConnected,
    /// Writing after close.
    Closed,
    /// A configuration with no version, suite, group or credential that could work.
    NothingToOffer,
    /// A cipher suite of a TLS version that the configuration does not list.
    VersionNotListed,
    /// A setting that needs what this program was built without.
    NotBuilt(Capability),
    /// A value that cannot stand in its field.
    InvalidInput(Input),
    /// A configuration that trusts no peer: no pin, or a kind of trust that cannot judge what is
    /// asked for.
    NobodyTrusted,
    /// Web PKI without a name that the server's certificate must be for (RFC 9525).
    NoExpectedName,
    /// Keying material of a TLS 1.2 connection without extended_master_secret (RFC 7627 §5.4).
    NoExporter,
    /// A transport that returns at once with nothing, where a blocking one is needed.
    NonBlocking,
}

/// A value that our caller gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// `host:port`.
    Address,
    /// The server's name.
    ServerName,
    /// The name of an application protocol: 1 to 255 bytes (RFC 7301 §3.1).
    Alpn,
    /// A pre-shared key's identity or hint: at most 65535 bytes, at least one in TLS 1.3.
    PskIdentity,
    /// A pre-shared key: 1 to 65535 bytes.
    PskKey,
    /// The length of exported keying material (RFC 8446 §7.5).
    ExportLength,
    /// The label or context of exported keying material.
    ExportLabel,
    /// The size of records: 512 to 16384 bytes.
    RecordSize,
}

/// What a program may be built without: the cargo features of `handclasp-handshake`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// `certificates`: a server's certificate, on either side.
    Certificates,
    /// `client-auth`: a client's certificate, on either side.
    ClientAuth,
    /// `ecdhe`: (EC)DHE.
    Ecdhe,
    /// `tickets`: resumption.
    Tickets,
    /// `retry`: HelloRetryRequest (RFC 8446 §4.1.4).
    Retry,
    /// `host-extensions`: ALPN, OCSP responses, raw public keys, names of authorities, cookies
    /// of a stateless HelloRetryRequest.
    HostExtensions,
    /// `psk`: pre-shared keys.
    Psk,
    /// `key-log`: the key log.
    KeyLog,
    /// `exporter`: exported keying material.
    Exporter,
    /// `cbc`: suites of CBC with encrypt_then_mac.
    Cbc,
}

impl Capability {
    /// The cargo feature.
    pub const fn feature(self) -> &'static str {
        match self {
            Self::Certificates => "certificates",
            Self::ClientAuth => "client-auth",
            Self::Ecdhe => "ecdhe",
            Self::Tickets => "tickets",
            Self::Retry => "retry",
            Self::HostExtensions => "host-extensions",
            Self::Psk => "psk",
            Self::KeyLog => "key-log",
            Self::Exporter => "exporter",
            Self::Cbc => "cbc",
        }
    }
}
