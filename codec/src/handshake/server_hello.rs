//! ServerHello: RFC 8446 §4.1.3, RFC 5246 §7.4.1.3. A HelloRetryRequest has the same message type and
//! structure and is recognized by its random.

use crate::{
    CipherSuite, CompressionMethod, Decode, Encode, ExtensionType, Field, HelloRetryRequest, Malformed,
    ProtocolVersion, Reader, ServerHelloExtensions, Trace, Writer,
};

/// Random of a HelloRetryRequest: the SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
pub const HELLO_RETRY_REQUEST_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// Last eight bytes of the random of a server that supports TLS 1.3 and negotiates TLS 1.2.
pub const DOWNGRADE_TLS12: [u8; 8] = *b"DOWNGRD\x01";

/// Last eight bytes of the random of a server that supports TLS 1.2 or later and negotiates TLS 1.1 or
/// earlier.
pub const DOWNGRADE_TLS11: [u8; 8] = *b"DOWNGRD\x00";

/// Body of a ServerHello message.
#[derive(Clone, Debug)]
pub struct ServerHello<'a> {
    /// The negotiated version in TLS 1.2; 0x0303 in TLS 1.3.
    pub legacy_version: ProtocolVersion,
    /// 32 random bytes of the server.
    pub random: &'a [u8; 32],
    /// The client's legacy_session_id in TLS 1.3; the server's own `session_id` in TLS 1.2. At most 32
    /// bytes.
    pub legacy_session_id_echo: &'a [u8],
    /// Negotiated cipher suite.
    pub cipher_suite: CipherSuite,
    /// null (0) is the only secure value.
    pub legacy_compression_method: CompressionMethod,
    /// Extensions; absent in a TLS 1.2 hello that ends before them. Encoding omits an empty block, which
    /// a server must do if the client offered no extensions (RFC 5246 §7.4.1.4).
    pub extensions: ServerHelloExtensions<'a>,
}

impl ServerHello<'_> {
    /// Returns whether the random marks this as a HelloRetryRequest, whose extensions have other
    /// structures. Decode [`ServerHelloOrRetry`] where either message may arrive.
    pub fn is_hello_retry_request(&self) -> bool {
        *self.random == HELLO_RETRY_REQUEST_RANDOM
    }

    /// Returns the last eight bytes of the random, which hold the downgrade sentinel.
    pub fn downgrade_sentinel(&self) -> [u8; 8] {
        self.random.last_chunk().copied().unwrap_or_default()
    }
}

impl<'a> ServerHello<'a> {
    /// Decodes as [`Decode::decode`], with the extensions that are `known`: see
    /// [`ServerHelloExtensions::read`].
    ///
    /// # Errors
    /// As [`Decode::decode`].
    pub fn decode_known<T: Trace>(
        reader: &mut Reader<'a, '_, T>,
        known: impl Fn(ExtensionType) -> bool,
    ) -> Result<Self, Malformed> {
        reader.structure(Field::server_hello, |reader| {
            let mut hello = Self {
                legacy_version: reader.word(Field::legacy_version)?,
                random: reader.array(Field::random)?,
                legacy_session_id_echo: reader.opaque8(Field::legacy_session_id_echo, 0..=32)?,
                cipher_suite: reader.word(Field::cipher_suite)?,
                legacy_compression_method: reader.word(Field::legacy_compression_method)?,
                extensions: ServerHelloExtensions::default(),
            };
            if !reader.is_empty() {
                hello.extensions.read(reader, known)?;
            }
            Ok(hello)
        })
    }
}

impl<'a> Decode<'a> for ServerHello<'a> {
    /// The reader must hold exactly the body: only its end shows whether extensions follow.
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        Self::decode_known(reader, |_| true)
    }
}

impl Encode for ServerHello<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.word(self.legacy_version);
        writer.bytes(self.random);
        writer.opaque8(Field::legacy_session_id_echo, self.legacy_session_id_echo);
        writer.word(self.cipher_suite);
        writer.word(self.legacy_compression_method);
        if !self.extensions.is_empty() {
            self.extensions.encode(writer);
        }
    }
}

/// Body of a message of type server_hello.
#[derive(Clone, Debug)]
pub enum ServerHelloOrRetry<'a> {
    /// A ServerHello of any version.
    ServerHello(ServerHello<'a>),
    /// A HelloRetryRequest.
    HelloRetryRequest(HelloRetryRequest<'a>),
}

impl ServerHelloOrRetry<'_> {
    /// Returns whether this body of a message of type server_hello is a HelloRetryRequest.
    pub fn is_retry(body: &[u8]) -> bool {
        // The random follows the two bytes of legacy_version.
        body.get(2..34).is_some_and(|random| *random == HELLO_RETRY_REQUEST_RANDOM)
    }
}

impl<'a> Decode<'a> for ServerHelloOrRetry<'a> {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        match Self::is_retry(reader.remaining()) {
            true => HelloRetryRequest::decode(reader).map(Self::HelloRetryRequest),
            false => ServerHello::decode(reader).map(Self::ServerHello),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{bytes, encoded, sound};
    use crate::*;

    const RANDOM: [u8; 32] = [0x53; 32];

    fn with(extensions: ServerHelloExtensions<'_>) -> ServerHello<'_> {
        ServerHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &RANDOM,
            legacy_session_id_echo: &[7; 3],
            cipher_suite: CipherSuite::TLS_AES_128_GCM_SHA256,
            legacy_compression_method: CompressionMethod::null,
            extensions,
        }
    }

    #[test]
    fn of_1_3() {
        let server_share = KeyShareEntry { group: NamedGroup::x25519, key_exchange: &[9; 32] };
        let wire = encoded(&with(ServerHelloExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            key_share: Some(KeyShareServerHello { server_share }),
            pre_shared_key: Some(PreSharedKeyServerHello { selected_identity: 0 }),
            ..Default::default()
        }));
        sound::<ServerHello<'_>>(&wire);
        let hello = ServerHello::from_bytes(&wire, Field::server_hello).unwrap();
        assert!(!hello.is_hello_retry_request());
        assert_eq!(hello.downgrade_sentinel(), [0x53; 8]);
        assert_eq!(hello.extensions.key_share.unwrap().server_share, server_share);
    }

    #[test]
    fn of_1_2() {
        let wire = encoded(&with(ServerHelloExtensions {
            renegotiation_info: Some(RenegotiationInfo { renegotiated_connection: &[] }),
            server_name: Some(Empty),
            max_fragment_length: Some(MaxFragmentLength::two_pow_9),
            status_request: Some(Empty),
            ec_point_formats: Some(ECPointFormatList {
                ec_point_format_list: List::of(&[ECPointFormat::uncompressed]),
            }),
            application_layer_protocol_negotiation: Some(ProtocolNameList {
                protocol_name_list: List::of(&[ProtocolName(b"h2")]),
            }),
            client_certificate_type: Some(CertificateType::RawPublicKey),
            server_certificate_type: Some(CertificateType::X509),
            encrypt_then_mac: Some(Empty),
            extended_master_secret: Some(Empty),
            record_size_limit: Some(RecordSizeLimit { record_size_limit: 512 }),
            session_ticket: Some(Empty),
            ..Default::default()
        }));
        sound::<ServerHello<'_>>(&wire);
        let hello = ServerHello::from_bytes(&wire, Field::server_hello).unwrap();
        assert_eq!(hello.extensions.types().count(), 12);
    }

    #[test]
    fn no_extension_no_block() {
        let wire = encoded(&with(ServerHelloExtensions::default()));
        assert_eq!(wire.len(), 2 + 32 + 4 + 3);
        let hello = ServerHello::from_bytes(&wire, Field::server_hello).unwrap();
        assert!(!hello.extensions.present);
    }

    #[test]
    fn the_random_decides() {
        let hello = encoded(&with(ServerHelloExtensions::default()));
        let found = ServerHelloOrRetry::from_bytes(&hello, Field::server_hello).unwrap();
        assert!(matches!(found, ServerHelloOrRetry::ServerHello(_)));
        let mut retry = hello;
        retry[2..34].copy_from_slice(&HELLO_RETRY_REQUEST_RANDOM);
        retry.extend(bytes("0006 0033 0002 0017"));
        let found = ServerHelloOrRetry::from_bytes(&retry, Field::server_hello).unwrap();
        let ServerHelloOrRetry::HelloRetryRequest(found) = found else { panic!("not a retry") };
        assert_eq!(found.extensions.key_share.unwrap().selected_group, NamedGroup::secp256r1);
    }
}
