//! HelloRetryRequest: RFC 8446 §4.1.4. On the wire it is a ServerHello with a fixed random.

use crate::{
    CipherSuite, CompressionMethod, Decode, Encode, Field, HELLO_RETRY_REQUEST_RANDOM,
    HelloRetryRequestExtensions, Malformed, Problem, ProtocolVersion, Reader, Trace, Writer,
};

/// Body of a HelloRetryRequest. Its random is always [`HELLO_RETRY_REQUEST_RANDOM`], so it has no field.
#[derive(Clone, Debug)]
pub struct HelloRetryRequest<'a> {
    /// Always 0x0303.
    pub legacy_version: ProtocolVersion,
    /// legacy_session_id of the ClientHello, echoed.
    pub legacy_session_id_echo: &'a [u8],
    /// Cipher suite; the ServerHello must choose the same.
    pub cipher_suite: CipherSuite,
    /// Always null (0).
    pub legacy_compression_method: CompressionMethod,
    /// What the second ClientHello must change: key_share, cookie.
    pub extensions: HelloRetryRequestExtensions<'a>,
}

impl<'a> Decode<'a> for HelloRetryRequest<'a> {
    fn decode<T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<Self, Malformed> {
        reader.structure(Field::hello_retry_request, |reader| {
            let legacy_version = reader.word(Field::legacy_version)?;
            let start = reader.offset();
            let random: &[u8; 32] = reader.array(Field::random)?;
            if *random != HELLO_RETRY_REQUEST_RANDOM {
                let begin = |bytes: &[u8; 32]| u32::from_be_bytes(*bytes.first_chunk().unwrap_or(&[0; 4]));
                let numbers = [begin(&HELLO_RETRY_REQUEST_RANDOM), begin(random), 0];
                return Err(reader.error_at(start, Field::random, Problem::Unexpected, numbers));
            }
            Ok(Self {
                legacy_version,
                legacy_session_id_echo: reader.opaque8(Field::legacy_session_id_echo, 0..=32)?,
                cipher_suite: reader.word(Field::cipher_suite)?,
                legacy_compression_method: reader.word(Field::legacy_compression_method)?,
                extensions: HelloRetryRequestExtensions::decode(reader)?,
            })
        })
    }
}

impl Encode for HelloRetryRequest<'_> {
    fn encode(&self, writer: &mut Writer<'_>) {
        writer.word(self.legacy_version);
        writer.bytes(&HELLO_RETRY_REQUEST_RANDOM);
        writer.opaque8(Field::legacy_session_id_echo, self.legacy_session_id_echo);
        writer.word(self.cipher_suite);
        writer.word(self.legacy_compression_method);
        self.extensions.encode(writer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{encoded, outcome, sound};
    use crate::*;

    #[test]
    fn round_trip() {
        let retry = HelloRetryRequest {
            legacy_version: ProtocolVersion::TLS_1_2,
            legacy_session_id_echo: &[1; 32],
            cipher_suite: CipherSuite::TLS_AES_256_GCM_SHA384,
            legacy_compression_method: CompressionMethod::null,
            extensions: HelloRetryRequestExtensions {
                supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
                cookie: Some(Cookie { cookie: b"cookie" }),
                key_share: Some(KeyShareHelloRetryRequest { selected_group: NamedGroup::secp384r1 }),
                ..Default::default()
            },
        };
        let wire = encoded(&retry);
        sound::<HelloRetryRequest<'_>>(&wire);
        let mut other = wire;
        other[2] ^= 1;
        let (error, numbers) = outcome::<HelloRetryRequest<'_>>(&other).unwrap_err();
        assert_eq!((error.field, error.offset), (Field::random, 2));
        assert_eq!((error.problem, numbers), (Problem::Unexpected, [0xcf21_ad74, 0xce21_ad74, 0]));
    }
}
