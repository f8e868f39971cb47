//! The causes that `explain` can name: one vocabulary for findings, captures and tests. Each entry
//! says which side must act, what the cause means and what fixes it.
//! Long because: it is the list of all causes.

mod family;
mod party;

pub use family::CauseFamily;
pub use party::Party;

macro_rules! causes {
    ($($cause:ident = $id:literal, $family:ident, $at:ident, $meaning:literal, $fix:literal;)+) => {
        /// A cause.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Cause { $(#[doc = $meaning] $cause),+ }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$cause),+];

            /// As scripts read it.
            pub fn id(self) -> &'static str {
                match self { $(Self::$cause => $id),+ }
            }

            /// The family that it belongs to.
            pub fn family(self) -> CauseFamily {
                match self { $(Self::$cause => CauseFamily::$family),+ }
            }

            /// Who must act, as a rule.
            pub fn at(self) -> Party {
                match self { $(Self::$cause => Party::$at),+ }
            }

            /// What it means.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$cause => $meaning),+ }
            }

            /// How to fix it.
            pub fn fix(self) -> &'static str {
                match self { $(Self::$cause => $fix),+ }
            }
        }
    };
}

causes! {
    None = "none", None, Nobody,
        "no failure found: the handshake completed",
        "nothing to do";
    PskValueEncoding = "psk.value.encoding", Psk, Config,
        "both sides were given the same typed string but interpret it differently (hexadecimal, text, text \
         with NUL or newline, base64)",
        "configure the same bytes on both sides, e.g. the hex form of the text on the side that parses hex";
    PskValueDiffers = "psk.value.differs", Psk, Config,
        "the two sides have different PSK bytes",
        "configure the same key on both sides";
    PskIdentityUnknown = "psk.identity.unknown", Psk, Config,
        "the server has no key for the PSK identity the client sent",
        "use an identity that is configured on the server";
    PskHashMismatch = "psk.hash.mismatch", Psk, Client,
        "a TLS 1.3 PSK is bound to one hash but only suites with another hash are offered",
        "offer a suite with the hash of the PSK (SHA-256 by default)";
    PskServerHasNone = "psk.server-has-none", Psk, Server,
        "the client offers only PSK suites and the server has no PSK configured",
        "configure the PSK on the server, or use certificates on the client";
    SuiteNoneInCommon = "suite.none-in-common", Negotiation, Config,
        "no cipher suite is acceptable to both sides",
        "enable a common suite";
    SuiteKeyType = "suite.key-type", Negotiation, Server,
        "every suite offered needs a key type for which the server has no certificate",
        "add a certificate of that type, or offer suites of the other type";
    GroupNoneInCommon = "group.none-in-common", Negotiation, Config,
        "no key exchange group in common",
        "enable a common group, e.g. P-256 or x25519, on both sides";
    SigalgNoneInCommon = "sigalg.none-in-common", Negotiation, Config,
        "the client offers no signature algorithm that matches the server's key",
        "offer algorithms for the server's key type, or change the certificate";
    VersionNoneInCommon = "version.none-in-common", Negotiation, Config,
        "no protocol version in common",
        "enable TLS 1.2 or 1.3 on the older side";
    VersionDowngradeAttack = "version.downgrade-attack", Negotiation, Attacker,
        "the client offered a higher version than the server saw; the server random ends in the \
         downgrade sentinel",
        "look for a middlebox or attacker that modifies the ClientHello";
    AlpnNoneInCommon = "alpn.none-in-common", Negotiation, Config,
        "no application protocol in common",
        "configure a common ALPN name, or offer none";
    SniMissing = "sni.missing", Negotiation, Client,
        "the server requires a server name and the client sent none",
        "send server_name";
    SniUnrecognized = "sni.unrecognized", Negotiation, Config,
        "the server does not serve the name in the client's server_name",
        "correct the name, or configure it on the server";
    CertExpired = "cert.expired", Certificate, Server,
        "a certificate in the server's chain is past notAfter",
        "renew the certificate";
    CertNotYetValid = "cert.not-yet-valid", Certificate, Server,
        "a certificate in the server's chain is before notBefore",
        "correct the certificate or the clock";
    CertNameMismatch = "cert.name-mismatch", Certificate, Config,
        "the server certificate does not match the name or address the client expects",
        "connect by a name in the certificate, or reissue it with that name";
    CertNoSan = "cert.no-san", Certificate, Server,
        "the server certificate has no subjectAltName, only a common name",
        "reissue with subjectAltName";
    CertUnknownIssuer = "cert.unknown-issuer", Certificate, Config,
        "the chain ends at an issuer that the client does not trust",
        "install the right root on the client, or use a certificate of a trusted issuer";
    CertSelfSigned = "cert.self-signed", Certificate, Server,
        "the server certificate is self-signed and not itself trusted",
        "pin or install it, or use a CA";
    CertMissingIntermediate = "cert.missing-intermediate", Certificate, Server,
        "the server does not send an intermediate certificate that the client needs",
        "send the complete chain except the root";
    CertChainOrder = "cert.chain-order", Certificate, Server,
        "the chain is sent in the wrong order",
        "send the leaf certificate first, then each issuer";
    CertPathLength = "cert.path-length", Certificate, Server,
        "a CA in the chain exceeds a pathLenConstraint",
        "use an intermediate CA that may have subordinate CAs";
    CertIssuerNotCa = "cert.issuer-not-ca", Certificate, Server,
        "a certificate in the chain was signed by a certificate that is not a CA",
        "issue it from a CA certificate";
    CertNameConstraint = "cert.name-constraint", Certificate, Server,
        "the name of the leaf is outside the name constraints of a CA above it",
        "issue it from a CA that may certify that name";
    CertEku = "cert.eku", Certificate, Server,
        "the server certificate has an extendedKeyUsage without serverAuth",
        "reissue with serverAuth";
    CertKeyUsage = "cert.key-usage", Certificate, Server,
        "the keyUsage of the server certificate does not permit its use in this key exchange",
        "reissue with digitalSignature";
    CertWeakKey = "cert.weak-key", Certificate, Server,
        "the key of the server certificate is too small for the client",
        "reissue with RSA 2048 or more, or EC";
    CertWeakSignature = "cert.weak-signature", Certificate, Server,
        "the server chain is signed with a hash the client refuses (SHA-1, MD5)",
        "reissue with SHA-256";
    CertRevoked = "cert.revoked", Certificate, Server,
        "the client found the server certificate revoked",
        "replace the certificate";
    CertCurveNotOffered = "cert.curve-not-offered", Certificate, Server,
        "the EC certificate of the server is on a curve the client does not offer",
        "offer the curve, or use a P-256 certificate";
    CertSignatureInvalid = "cert.signature-invalid", Certificate, Server,
        "the signature of a certificate in the chain does not verify under its issuer's key",
        "reissue the certificate; look for damage in transit";
    KeyNotOfCertificate = "key.not-of-certificate", KeyExchange, Server,
        "the server signs with a private key that does not match its certificate",
        "install the matching key";
    KeyExchangePointNotOnCurve = "key-exchange.point-not-on-curve", KeyExchange, Server,
        "the server's key share is not a point on its curve (faulty arithmetic or memory, or damage)",
        "repair the server's crypto library or platform (zeroing of memory, stack size, compiler)";
    KeyExchangeSignatureInvalid = "key-exchange.signature-invalid", KeyExchange, Server,
        "the signature over the key exchange does not verify under the certificate",
        "check the private key, the crypto library and the network path";
    KeyExchangeKeysDiffer = "key-exchange.keys-differ", KeyExchange, Nobody,
        "both sides completed the key exchange but computed different keys or transcripts",
        "look for a fault in one implementation or a modification in transit";
    ClientCertMissing = "client-cert.missing", ClientCertificate, Client,
        "the server requires a client certificate and the client sent none",
        "configure a certificate and key on the client";
    ClientCertUnknownIssuer = "client-cert.unknown-issuer", ClientCertificate, Config,
        "the server does not trust the issuer of the client certificate",
        "add the client's CA to the server, or use another certificate";
    ClientCertExpired = "client-cert.expired", ClientCertificate, Client,
        "the client certificate is past notAfter",
        "renew it";
    ClientCertEku = "client-cert.eku", ClientCertificate, Client,
        "the client certificate has an extendedKeyUsage without clientAuth",
        "reissue with clientAuth";
    ClientCertSchemeKeyMismatch = "client-cert.scheme-key-mismatch", ClientCertificate, Client,
        "CertificateVerify uses a signature scheme of another key type than the client certificate's",
        "correct the key metadata in the client's TLS library";
    ClientCertSchemeNotOffered = "client-cert.scheme-not-offered", ClientCertificate, Client,
        "CertificateVerify uses a signature scheme that CertificateRequest does not list",
        "sign with a scheme the server lists";
    ClientCertSignatureInvalid = "client-cert.signature-invalid", ClientCertificate, Client,
        "the CertificateVerify signature does not verify under the client certificate: wrong private key, \
         another hash than indicated, or faulty signing",
        "install the matching key; check the signing device";
    ClientCertNoUsableScheme = "client-cert.no-usable-scheme", ClientCertificate, Config,
        "the server accepts only schemes or key types that the client's key cannot use, so the client cannot \
         prove its identity",
        "allow the key type on the server, or use another client key";
    ClientCertFiltered = "client-cert.filtered", ClientCertificate, Config,
        "the client has a certificate but does not send it because its issuer is not among the CAs the \
         server lists",
        "list the CA on the server, or use a certificate of a listed CA";
    HelloMalformedRecordHeader = "hello.malformed.record-header", MalformedHello, Client,
        "the first bytes are a handshake message without a TLS record header",
        "prepend the 5-byte record header";
    HelloMalformedRecordLength = "hello.malformed.record-length", MalformedHello, Client,
        "the record or handshake length does not match the bytes sent (e.g. it includes its own header)",
        "recompute the lengths";
    HelloMalformedHandshakeLength = "hello.malformed.handshake-length", MalformedHello, Client,
        "the handshake length of ClientHello contradicts its record or its content",
        "recompute the length";
    HelloMalformedSessionId = "hello.malformed.session-id", MalformedHello, Client,
        "session_id is malformed (length byte missing, above 32 or past the end)",
        "write the length byte (00 if empty)";
    HelloMalformedCipherSuites = "hello.malformed.cipher-suites", MalformedHello, Client,
        "cipher_suites is malformed (length missing, odd, zero or past the end)",
        "write the two-byte length";
    HelloMalformedCompressionMethods = "hello.malformed.compression-methods", MalformedHello, Client,
        "compression_methods is malformed (length missing or zero, no null method)",
        "write 01 00";
    HelloMalformedExtensions = "hello.malformed.extensions", MalformedHello, Client,
        "the extensions block is malformed (length wrong, duplicate, past the end)",
        "recompute the lengths";
    HelloNoSignatureAlgorithms = "hello.no-signature-algorithms", Hello, Client,
        "a ClientHello that needs signature_algorithms has none, so SHA-1 is implied and refused",
        "send signature_algorithms";
    HelloNoSupportedGroups = "hello.no-supported-groups", Hello, Client,
        "a ClientHello with ECDHE suites lacks supported_groups and the server refuses or finds no suite",
        "send supported_groups (and ec_point_formats)";
    HelloFragmentedUnsupported = "hello.fragmented-unsupported", Hello, Server,
        "the server cannot handle a ClientHello that spans several records",
        "send a smaller ClientHello, or update the server";
    RecordTooLarge = "record.too-large", Record, Server,
        "a record is longer than the protocol permits",
        "repair the sender; look for a damaged length";
    RecordLimitExceeded = "record.limit-exceeded", Record, Config,
        "a record or message exceeds the small buffer of the peer",
        "use a shorter chain, EC certificates, max_fragment_length or a larger buffer";
    TransportRefused = "transport.refused", Transport, Network,
        "the TCP connection is refused",
        "start the server, or correct the port or the firewall";
    TransportReset = "transport.reset", Transport, Network,
        "the connection is reset during the handshake",
        "look for a filter, a crash or a service that is not TLS";
    TransportClosedByServer = "transport.closed.by-server", Transport, Server,
        "the server closes the connection during the handshake without an alert",
        "read the server log";
    TransportClosedByClient = "transport.closed.by-client", Transport, Client,
        "the client closes the connection during the handshake without an alert (probe, local abort, \
         silent refusal)",
        "read the client log; may be harmless";
    TransportClosedBeforeHello = "transport.closed-before-hello", Transport, Client,
        "the client opens TCP and closes it without sending a byte",
        "read the client log: its own key, certificate or settings fail to load";
    TransportSilent = "transport.silent", Transport, Server,
        "the peer accepts TCP and never answers",
        "check the service, a filter, or whether it waits for more bytes";
    TransportStalled = "transport.stalled", Transport, Network,
        "the stream stops in the middle of a record while the connection stays open",
        "look for a path MTU black hole or a stuck sender";
    TransportTruncated = "transport.truncated", Transport, Network,
        "the stream ends in the middle of a record",
        "look for a middlebox or a crash";
    TransportNotTlsHttp = "transport.not-tls.http", Transport, Config,
        "one side sends plain HTTP",
        "use https, or the right port";
    TransportNotTlsSmtp = "transport.not-tls.smtp", Transport, Config,
        "the server sends SMTP and expects STARTTLS",
        "use STARTTLS, or the TLS port";
    TransportNotTlsMqtt = "transport.not-tls.mqtt", Transport, Config,
        "one side sends plain MQTT",
        "use the TLS port (8883) or enable TLS";
    TamperInFlight = "tamper.in-flight", Tamper, Network,
        "bytes were changed between the two sides",
        "look for a middlebox, faulty memory or an attacker; capture on both sides";
    TamperDroppedMessage = "tamper.dropped-message", Tamper, Network,
        "a handshake message was lost between the two sides",
        "look for a middlebox; capture on both sides";
    PeerProtocolViolationHrrSameGroup = "peer.protocol-violation.hrr-same-group", ProtocolViolation, Server,
        "HelloRetryRequest asks for a group the client already sent a share for",
        "update or repair the server";
    PeerProtocolViolationHrrTwice = "peer.protocol-violation.hrr-twice", ProtocolViolation, Server,
        "a second HelloRetryRequest in one handshake",
        "update or repair the server";
    PeerProtocolViolationHrrUnofferedGroup = "peer.protocol-violation.hrr-unoffered-group", ProtocolViolation, Server,
        "HelloRetryRequest asks for a group the client did not offer",
        "update or repair the server";
    PeerProtocolViolationUnofferedSuite = "peer.protocol-violation.unoffered-suite", ProtocolViolation, Server,
        "ServerHello selects a suite the client did not offer",
        "update or repair the server";
    PeerProtocolViolationUnsolicitedExtension = "peer.protocol-violation.unsolicited-extension", ProtocolViolation, Server,
        "ServerHello carries an extension the client did not offer",
        "update or repair the server";
    PeerProtocolViolationVersion = "peer.protocol-violation.version", ProtocolViolation, Server,
        "ServerHello selects a version the client did not offer",
        "update or repair the server";
    PeerProtocolViolationSessionIdEcho = "peer.protocol-violation.session-id-echo", ProtocolViolation, Server,
        "a TLS 1.3 ServerHello does not echo the session id",
        "update or repair the server; look for damage";
    PeerProtocolViolationMissingMessage = "peer.protocol-violation.missing-message", ProtocolViolation, Server,
        "a message that the suite requires is not sent",
        "update or repair the server";
    PolicyEmsRequired = "policy.ems-required", Policy, Client,
        "the client requires extended_master_secret and the server does not support it",
        "make it optional on the client, use TLS 1.3, or enable it on the server if its library supports it";
    PolicyRenegotiationInfoRequired = "policy.renegotiation-info-required", Policy, Client,
        "the client requires secure renegotiation and the server does not signal it",
        "update the server, or make it optional on the client";
    PolicyWeakDh = "policy.weak-dh", Policy, Server,
        "the DH group of the server is too small for the client",
        "use 2048 bits or more, or ECDHE";
    PolicyFallbackScsv = "policy.fallback-scsv", Policy, Client,
        "the client retried with a lower version and the server refuses the fallback",
        "find out why the first attempt failed; remove the fallback";
    ClockWrong = "clock.wrong", Clock, Client,
        "the clock of the verifying side is wrong; the certificate is valid",
        "set the clock (RTC, NTP)";
    PinChangedKey = "pin.changed-key", Pin, Server,
        "the pinned server key was replaced",
        "confirm out of band and pin the new key";
    PinRenewedSameKey = "pin.renewed-same-key", Pin, Server,
        "the pinned certificate was renewed with the same key",
        "pin the key (SPKI) instead of the certificate";
    TrustRefusedAfterHandshake = "trust.refused-after-handshake", Trust, Client,
        "the handshake completes and the application then refuses the peer and closes (e.g. its own pin \
         check)",
        "read the client log";
    RefusedUnexplained = "refused.unexplained", Unexplained, Nobody,
        "one side aborts with a generic alert and the offers do not show a reason",
        "read the log of the side that aborted";
    EtmMismatch = "etm.mismatch", Tamper, Network,
        "the two sides disagree on whether encrypt-then-MAC protects the records (extension altered in \
         transit or a faulty implementation)",
        "find out what changes the hello; update the faulty side";
    TransportNotTlsSsh = "transport.not-tls.ssh", Transport, Config,
        "one side sends SSH",
        "use the TLS port";
    TransportStarttls = "transport.starttls", Transport, Config,
        "the protocol starts in plain text and TLS begins only after a command, which one side omits",
        "send STARTTLS first or use the TLS port";
    ClientCertNotYetValid = "client-cert.not-yet-valid", ClientCertificate, Client,
        "the client certificate is before notBefore",
        "reissue it, or correct the clock";
    ClientCertRevoked = "client-cert.revoked", ClientCertificate, Client,
        "the server found the client certificate revoked",
        "issue a new certificate";
    ClientCertKeyUsage = "client-cert.key-usage", ClientCertificate, Client,
        "the keyUsage of the client certificate does not permit signing",
        "reissue it with digitalSignature";
    MessageMalformed = "message.malformed", Malformed, Config,
        "a handshake message other than a ClientHello does not parse",
        "repair the sender, or look for damage in transit; if the bytes were copied by hand, copy them \
         again";
    AlertMalformed = "alert.malformed", Malformed, Config,
        "an alert does not have two bytes",
        "repair the sender";
    TransportNotTlsOther = "transport.not-tls.other", Transport, Config,
        "one side does not speak TLS on this connection",
        "connect to the TLS port, or enable TLS on the side that speaks without it";
    CertProfile = "cert.profile", Certificate, Server,
        "a certificate breaks a rule that the client enforces strictly (a missing authority key identifier, \
         an unknown critical extension, a validity that is too long)",
        "reissue the certificate with the extensions of RFC 5280";
    CertRevocationUnknown = "cert.revocation-unknown", Certificate, Config,
        "the client could not find out whether a certificate is revoked",
        "make the CRL or OCSP server reachable from the client, or staple the OCSP response on the server";
    LocalCredentials = "local.credentials", Local, Nobody,
        "a program cannot load its own certificate, key or CA file",
        "check the path, the permissions, the format (PEM or DER) and the password of the file";
    LocalMemory = "local.memory", Local, Nobody,
        "a program has too little memory for the handshake",
        "free memory before the handshake, use smaller record buffers, shorter chains or EC certificates";
    LocalSettings = "local.settings", Local, Nobody,
        "the settings of a program leave it no version or suite to offer",
        "compare the program's versions and suites with what its library supports";
    LocalToken = "local.token", Local, Nobody,
        "the token, TPM or HSM that holds a key does not sign",
        "check the PIN, the slot and the mechanisms of the token";
    TransportNoAnswer = "transport.no-answer", Transport, Network,
        "the host does not answer the TCP connection",
        "check the address and the port, that the host is up, and the firewall between";
    TransportProxyHeader = "transport.proxy-header", Transport, Config,
        "a proxy puts a PROXY protocol header before the TLS connection and the server does not expect it, \
         or the server expects one and gets none",
        "enable the PROXY protocol on both the proxy and the server, or on neither";
    TransportClosedAfterHandshake = "transport.closed.after-handshake", Transport, Nobody,
        "one side closes the connection right after the handshake, before any application data",
        "read the log of the side that closed";
    TransportPlainAfterTls = "transport.plain-after-tls", Transport, Nobody,
        "one side sends bytes outside TLS after the handshake",
        "find what writes to the socket beside the TLS library";
    RefusedAfterHandshake = "refused.after-handshake", Unexplained, Nobody,
        "one side sends an alert after the handshake has completed",
        "read the log of the side that sent the alert";
    PolicyRenegotiationRefused = "policy.renegotiation-refused", Policy, Config,
        "one side asks to renegotiate and the other declines",
        "do what the renegotiation was for in the first handshake (a client certificate for the whole server), \
         or in TLS 1.3 after it";
    CertRootExpired = "cert.root-expired", Certificate, Client,
        "the chain ends at a root that the client trusts and that has expired",
        "update the client's store of roots, or serve a chain to another root";
    ClientCertWeakKey = "client-cert.weak-key", ClientCertificate, Client,
        "the key of the client certificate is too small for the server",
        "reissue it with RSA 2048 or more, or EC";
    ClientCertWeakSignature = "client-cert.weak-signature", ClientCertificate, Client,
        "the client chain is signed with a hash the server refuses (SHA-1, MD5)",
        "reissue it with SHA-256";
    ClientCertProfile = "client-cert.profile", ClientCertificate, Client,
        "a client certificate breaks a rule that the server enforces strictly",
        "reissue it with the extensions of RFC 5280";
    ClientCertNotAllowed = "client-cert.not-allowed", ClientCertificate, Config,
        "the client's certificate or key is valid but the server does not admit this client",
        "admit its name or key on the server, or use the certificate or key of an admitted client";
    PinUnknownKey = "pin.unknown-key", Pin, Config,
        "the peer's key is not among the known keys, and its first contact was not accepted",
        "compare its fingerprint over another channel, and accept the key if it is the same";
}

#[cfg(test)]
mod tests;
