//! ClientHello: RFC 8446 §4.1.2, RFC 5246 §7.4.1.2 (extensions are optional).

use crate::{
    CipherSuite, ClientHelloExtensions, Decode, Encode, ExtensionType, Field, List, Malformed,
    ProtocolVersion, Reader, Trace, Writer,
};

/// Body of a ClientHello message.
#[derive(Clone, Debug)]
pub struct ClientHello<'a> {
    /// 0x0303 for TLS 1.2 and 1.3.
    pub legacy_version: ProtocolVersion,
    /// 32 random bytes of the client.
    pub random: &'a [u8; 32],
    /// 0 to 32 bytes.
    pub legacy_session_id: &'a [u8],
    /// In order of preference.
    pub cipher_suites: List<'a, CipherSuite>,
    /// 1 to 255 bytes, one method per byte; `[0]` is the only secure value.
    pub legacy_compression_methods: &'a [u8],
    /// Extensions; `extensions.present` is false if a TLS 1.2 client ended its hello before them.
    pub extensions: ClientHelloExtensions<'a>,
}

impl<'a> Decode<'a> for ClientHello<'a> {
    /// The reader must hold exactly the body: only its end shows whether extensions follow.
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        reader.structure(Field::client_hello, |reader| {
            Ok(Self {
                legacy_version: reader.word(Field::legacy_version)?,
                random: reader.array(Field::random)?,
                legacy_session_id: reader.opaque8(Field::legacy_session_id, 0..=32)?,
                cipher_suites: reader.words16(Field::cipher_suites, 2..=0xfffe)?,
                legacy_compression_methods: reader.opaque8(Field::legacy_compression_methods, 1..=0xff)?,
                extensions: match reader.is_empty() {
                    true => ClientHelloExtensions::default(),
                    false => ClientHelloExtensions::decode(reader)?,
                },
            })
        })
    }
}

impl<'a> ClientHello<'a> {
    /// Decodes, and keeps nothing: for a hello that is read where it stands
    /// ([`ClientHelloView`](crate::ClientHelloView)). The content of extensions that are not `known` stays
    /// opaque.
    ///
    /// # Errors
    /// As [`Decode::decode`].
    pub fn check<T: Trace>(
        reader: &mut Reader<'a, '_, T>,
        known: impl Fn(ExtensionType) -> bool,
    ) -> Result<(), Malformed> {
        reader.structure(Field::client_hello, |reader| {
            reader.word::<ProtocolVersion>(Field::legacy_version)?;
            reader.array::<32>(Field::random)?;
            reader.opaque8(Field::legacy_session_id, 0..=32)?;
            reader.words16::<CipherSuite>(Field::cipher_suites, 2..=0xfffe)?;
            reader.opaque8(Field::legacy_compression_methods, 1..=0xff)?;
            if reader.is_empty() { Ok(()) } else { ClientHelloExtensions::check(reader, known) }
        })
    }
}

impl Encode for ClientHello<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.word(self.legacy_version);
        writer.bytes(self.random);
        writer.opaque8(Field::legacy_session_id, self.legacy_session_id);
        writer.vector16(Field::cipher_suites, |inner| self.cipher_suites.encode_elements(inner));
        writer.opaque8(Field::legacy_compression_methods, self.legacy_compression_methods);
        self.extensions.encode(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Recorder, bears_change, bytes, encoded, fails, recorded, sound};
    use crate::*;

    const RANDOM: [u8; 32] = [0x52; 32];

    /// Every extension that a TLS 1.2 ClientHello may carry, each with content.
    fn offered_before_1_3() -> ClientHelloExtensions<'static> {
        let types = CertificateTypeList { certificate_types: List::of(&[CertificateType::RawPublicKey]) };
        let opaque = Some(Opaque { opaque: b"o" });
        ClientHelloExtensions {
            server_name: Some(ServerNameList {
                server_name_list: List::of(&[ServerName { name_type: NameType::host_name, host_name: b"a" }]),
            }),
            max_fragment_length: Some(MaxFragmentLength::two_pow_10),
            status_request: Some(CertificateStatusRequest::Ocsp(OcspStatusRequest {
                responder_id_list: List::of(&[]),
                request_extensions: b"",
            })),
            ec_point_formats: Some(ECPointFormatList {
                ec_point_format_list: List::of(&[ECPointFormat::uncompressed]),
            }),
            use_srtp: opaque,
            heartbeat: opaque,
            application_layer_protocol_negotiation: Some(ProtocolNameList {
                protocol_name_list: List::of(&[ProtocolName(b"h2")]),
            }),
            signed_certificate_timestamp: Some(Empty),
            client_certificate_type: Some(types),
            server_certificate_type: Some(types),
            encrypt_then_mac: Some(Empty),
            extended_master_secret: Some(Empty),
            record_size_limit: Some(RecordSizeLimit { record_size_limit: 1024 }),
            session_ticket: opaque,
            renegotiation_info: Some(RenegotiationInfo { renegotiated_connection: &[] }),
            padding: Some(Padding::of(2)),
            ..Default::default()
        }
    }

    /// Those of TLS 1.2, and every extension that TLS 1.3 adds.
    fn offered() -> ClientHelloExtensions<'static> {
        let schemes = List::of(&[SignatureScheme::ed25519]);
        let opaque = Some(Opaque { opaque: b"o" });
        ClientHelloExtensions {
            supported_groups: Some(NamedGroupList {
                named_group_list: List::of(&[NamedGroup::x25519, NamedGroup::secp256r1]),
            }),
            signature_algorithms: Some(SignatureSchemeList { supported_signature_algorithms: schemes }),
            signature_algorithms_cert: Some(SignatureSchemeList { supported_signature_algorithms: schemes }),
            compress_certificate: Some(CertificateCompressionAlgorithms {
                algorithms: List::of(&[CertificateCompressionAlgorithm::zstd]),
            }),
            delegated_credential: opaque,
            supported_versions: Some(SupportedVersions { versions: List::of(&[ProtocolVersion::TLS_1_3]) }),
            cookie: Some(Cookie { cookie: b"c" }),
            psk_key_exchange_modes: Some(PskKeyExchangeModes {
                ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]),
            }),
            certificate_authorities: Some(CertificateAuthorities {
                authorities: List::of(&[DistinguishedName(b"ca")]),
            }),
            post_handshake_auth: Some(Empty),
            key_share: Some(KeyShareClientHello {
                client_shares: List::of(&[KeyShareEntry {
                    group: NamedGroup::x25519,
                    key_exchange: &[9; 32],
                }]),
            }),
            quic_transport_parameters: opaque,
            encrypted_client_hello: opaque,
            early_data: Some(Empty),
            pre_shared_key: Some(OfferedPsks {
                identities: List::of(&[PskIdentity { identity: b"id", obfuscated_ticket_age: 5 }]),
                binders: List::of(&[PskBinderEntry(&[0; 32])]),
            }),
            ..offered_before_1_3()
        }
    }

    fn full() -> ClientHello<'static> {
        ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &RANDOM,
            legacy_session_id: &[1; 32],
            cipher_suites: List::of(&[CipherSuite::TLS_AES_128_GCM_SHA256]),
            legacy_compression_methods: &[0],
            extensions: offered(),
        }
    }

    #[test]
    fn with_every_extension() {
        let hello = full();
        let wire = encoded(&hello);
        sound::<ClientHello<'_>>(&wire);
        bears_change(&wire, |changed| recorded::<ClientHello<'_>>(changed).map(|_| ()));
        let decoded = ClientHello::from_bytes(&wire, Field::client_hello).unwrap();
        assert_eq!(decoded.extensions.types().count(), 31);
        assert!(decoded.extensions.types().eq(hello.extensions.types()));
        assert!(decoded.extensions.received_types().eq(decoded.extensions.types()));
        assert_eq!(decoded.extensions.server_name.unwrap().host_name(), Some(&b"a"[..]));
        let groups = decoded.extensions.supported_groups.unwrap();
        assert!(groups.named_group_list.contains(&NamedGroup::secp256r1));
    }

    #[test]
    fn binders_stand_at_the_end() {
        let hello = full();
        let wire = encoded(&hello);
        let truncated = wire.len() - hello.extensions.pre_shared_key.unwrap().binders_wire_len();
        assert_eq!(wire[truncated..truncated + 3], [0, 33, 32]);
    }

    #[test]
    fn without_extensions() {
        let short = bytes(&alloc::format!("0303 {} 00 0002 c02b 01 00", "52".repeat(32)));
        let hello = ClientHello::from_bytes(&short, Field::client_hello).unwrap();
        assert!(!hello.extensions.present);
        assert_eq!(hello.extensions.types().count(), 0);
        assert_eq!(encoded(&hello), [&short[..], &[0, 0]].concat());
    }

    #[test]
    fn grease_and_unknown_values() {
        let suites = [CipherSuite(0x0a0a), CipherSuite(0xfefe), CipherSuite::TLS_FALLBACK_SCSV];
        assert!(suites[0].is_grease() && !suites[1].is_grease());
        let mut wire = bytes("0303 5252525252525252525252525252525252525252525252525252525252525252 00");
        wire.extend(bytes("0006 0a0a fefe 5600 02 00 77"));
        let extensions = bytes(
            "1a1a 0000  000a 0006 0004 2a2a 001d  002b 0005 04 3a3a 0304  000d 0006 0004 4a4a 0403 \
             002d 0003 02 0b 01  0033 0009 0007 5a5a 0003 000000  0001 0001 09  eeee 0003 010203 \
             6a6a 0001 00",
        );
        wire.extend((extensions.len() as u16).to_be_bytes());
        wire.extend(extensions);
        let mut recorder = Recorder::default();
        let hello = ClientHello::decode(&mut Reader::new(&wire, &mut recorder)).unwrap();
        assert_eq!(recorder.next, wire.len());
        assert!(hello.cipher_suites.iter().eq(suites));
        assert_eq!(hello.extensions.max_fragment_length.unwrap().plaintext_limit(), None);
        let types: alloc::vec::Vec<_> = hello.extensions.types().map(|found| found.0).collect();
        assert_eq!(types, [0x1a1a, 10, 43, 13, 45, 51, 1, 0xeeee, 0x6a6a]);
    }

    #[test]
    fn impossible_lengths() {
        let with = |rest: &str| alloc::format!("0303 {} {rest}", "52".repeat(32));
        fails!(ClientHello<'_>, &with("21"), Problem::OutOfRange, [_, 32, 33], 34);
        fails!(ClientHello<'_>, &with("00 0000"), Problem::OutOfRange, [2, _, _], 35);
        fails!(ClientHello<'_>, &with("00 0003 130113 0100"), Problem::NotWhole, [_, _, 0], 37);
        fails!(ClientHello<'_>, &with("00 0002 1301 00"), Problem::OutOfRange, _, 39);
        fails!(ClientHello<'_>, &with("00 0002 1301 0100 0000 00"), Problem::Trailing, [1, 0, 0], 43);
    }
}
