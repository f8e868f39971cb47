//! Decodes a handshake message only for its trace. Type, version and cipher suite select the structure;
//! where they do not determine it, the whole body is traced as one opaque `body`.

use crate::{
    Certificate12, Certificate13, CertificateRawPublicKey12, CertificateRequest10, CertificateRequest12,
    CertificateRequest13, CertificateStatus, CertificateVerify, CertificateVerify10, CipherSuite,
    ClientHello, ClientKeyExchangeDhe, ClientKeyExchangeDhePsk, ClientKeyExchangeEcdhe,
    ClientKeyExchangeEcdhePsk, ClientKeyExchangePsk, ClientKeyExchangeRsa, ClientKeyExchangeRsaPsk,
    CompressedCertificate, Decode, EncryptedExtensions, EndOfEarlyData, Field, Finished, HandshakeType,
    HelloRequest, KeyExchangeAlgorithm, KeyUpdate, Malformed, NewSessionTicket12, NewSessionTicket13,
    ProtocolVersion, Reader, ServerDhParams, ServerEcdhParams, ServerHelloDone, ServerHelloOrRetry,
    ServerKeyExchangeDhe, ServerKeyExchangeDhePsk, ServerKeyExchangeEcdhe, ServerKeyExchangeEcdhePsk,
    ServerKeyExchangePsk, Trace,
};

/// Parameters that a capture has revealed so far; they select among structures of the same message type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Negotiated version; `None` before the ServerHello.
    pub version: Option<ProtocolVersion>,
    /// Negotiated cipher suite; `None` before the ServerHello.
    pub cipher_suite: Option<CipherSuite>,
}

/// Decodes one whole message, header included.
///
/// # Errors
/// As [`dissect`]; also when the message is incomplete.
pub fn dissect_handshake<'a, T: Trace>(
    context: Context,
    reader: &mut Reader<'a, '_, T>,
) -> Result<(), Malformed> {
    reader.structure(Field::handshake, |reader| {
        let msg_type = reader.word(Field::msg_type)?;
        let length = reader.u24(Field::length)?;
        let count = usize::try_from(length).unwrap_or(usize::MAX);
        reader.window(Field::body, count, |body| dissect(msg_type, context, body))
    })
}

/// Decodes the body of a message: all bytes that the reader holds.
///
/// # Errors
/// The field that failed, its offset and the problem. The fields before it are already traced.
pub fn dissect<'a, T: Trace>(
    msg_type: HandshakeType,
    context: Context,
    reader: &mut Reader<'a, '_, T>,
) -> Result<(), Malformed> {
    match msg_type {
        HandshakeType::hello_request => read::<HelloRequest, T>(reader),
        HandshakeType::client_hello => read::<ClientHello<'_>, T>(reader),
        HandshakeType::server_hello => read::<ServerHelloOrRetry<'_>, T>(reader),
        HandshakeType::end_of_early_data => read::<EndOfEarlyData, T>(reader),
        HandshakeType::encrypted_extensions => read::<EncryptedExtensions<'_>, T>(reader),
        HandshakeType::server_hello_done => read::<ServerHelloDone, T>(reader),
        HandshakeType::finished => read::<Finished<'_>, T>(reader),
        HandshakeType::certificate_status => read::<CertificateStatus<'_>, T>(reader),
        HandshakeType::key_update => read::<KeyUpdate, T>(reader),
        HandshakeType::compressed_certificate => read::<CompressedCertificate<'_>, T>(reader),
        HandshakeType::server_key_exchange => server_key_exchange(context, reader),
        HandshakeType::client_key_exchange => client_key_exchange(context, reader),
        _ => by_version(msg_type, context, reader),
    }
}

/// Messages whose structure depends on the version.
fn by_version<'a, T: Trace>(
    msg_type: HandshakeType,
    context: Context,
    reader: &mut Reader<'a, '_, T>,
) -> Result<(), Malformed> {
    let Some(version) = context.version else { return opaque(reader) };
    let tls13 = version == ProtocolVersion::TLS_1_3;
    let tls12 = version == ProtocolVersion::TLS_1_2;
    match msg_type {
        HandshakeType::certificate if tls13 => read::<Certificate13<'_>, T>(reader),
        // A DER SEQUENCE tag in place of the high byte of the first certificate's length, which would
        // mean a certificate of 3 MB: this is a raw public key.
        HandshakeType::certificate if reader.remaining().get(3) == Some(&0x30) => {
            read::<CertificateRawPublicKey12<'_>, T>(reader)
        }
        HandshakeType::certificate => read::<Certificate12<'_>, T>(reader),
        HandshakeType::certificate_request if tls13 => read::<CertificateRequest13<'_>, T>(reader),
        HandshakeType::certificate_request if tls12 => read::<CertificateRequest12<'_>, T>(reader),
        HandshakeType::certificate_request => read::<CertificateRequest10<'_>, T>(reader),
        HandshakeType::certificate_verify if tls13 || tls12 => read::<CertificateVerify<'_>, T>(reader),
        HandshakeType::certificate_verify => read::<CertificateVerify10<'_>, T>(reader),
        HandshakeType::new_session_ticket if tls13 => read::<NewSessionTicket13<'_>, T>(reader),
        HandshakeType::new_session_ticket => read::<NewSessionTicket12<'_>, T>(reader),
        _ => opaque(reader),
    }
}

fn server_key_exchange<'a, T: Trace>(
    context: Context,
    reader: &mut Reader<'a, '_, T>,
) -> Result<(), Malformed> {
    let exchange = context.cipher_suite.and_then(CipherSuite::key_exchange_algorithm);
    let (Some(exchange), Some(version)) = (exchange, context.version) else { return opaque(reader) };
    let pair = version == ProtocolVersion::TLS_1_2;
    match exchange {
        KeyExchangeAlgorithm::Ecdhe if pair => read::<ServerKeyExchangeEcdhe<'_>, T>(reader),
        KeyExchangeAlgorithm::Ecdhe => without_pair::<ServerEcdhParams<'_>, T>(reader, true),
        KeyExchangeAlgorithm::EcdhAnon => without_pair::<ServerEcdhParams<'_>, T>(reader, false),
        KeyExchangeAlgorithm::Dhe if pair => read::<ServerKeyExchangeDhe<'_>, T>(reader),
        KeyExchangeAlgorithm::Dhe => without_pair::<ServerDhParams<'_>, T>(reader, true),
        KeyExchangeAlgorithm::DhAnon => without_pair::<ServerDhParams<'_>, T>(reader, false),
        KeyExchangeAlgorithm::Psk | KeyExchangeAlgorithm::RsaPsk => {
            read::<ServerKeyExchangePsk<'_>, T>(reader)
        }
        KeyExchangeAlgorithm::EcdhePsk => read::<ServerKeyExchangeEcdhePsk<'_>, T>(reader),
        KeyExchangeAlgorithm::DhePsk => read::<ServerKeyExchangeDhePsk<'_>, T>(reader),
        // Only export suites used this message, with RSA parameters that this crate does not decode.
        KeyExchangeAlgorithm::Rsa | KeyExchangeAlgorithm::Dh | KeyExchangeAlgorithm::Ecdh => opaque(reader),
    }
}

/// Parameters that are signed without a SignatureAndHashAlgorithm (before TLS 1.2) or not signed
/// (anonymous suites).
fn without_pair<'a, P: Decode<'a>, T: Trace>(
    reader: &mut Reader<'a, '_, T>,
    signed: bool,
) -> Result<(), Malformed> {
    reader.structure(Field::server_key_exchange, |reader| {
        P::decode(reader)?;
        if signed {
            reader.opaque16(Field::signature, 0..=0xffff)?;
        }
        reader.finish(Field::server_key_exchange)
    })
}

fn client_key_exchange<'a, T: Trace>(
    context: Context,
    reader: &mut Reader<'a, '_, T>,
) -> Result<(), Malformed> {
    let exchange = context.cipher_suite.and_then(CipherSuite::key_exchange_algorithm);
    // SSL 3.0 writes the encrypted premaster secret without a length prefix.
    if context.version == Some(ProtocolVersion::SSL_3_0) {
        return opaque(reader);
    }
    match exchange {
        Some(KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::Ecdh | KeyExchangeAlgorithm::EcdhAnon) => {
            read::<ClientKeyExchangeEcdhe<'_>, T>(reader)
        }
        Some(KeyExchangeAlgorithm::Dhe | KeyExchangeAlgorithm::Dh | KeyExchangeAlgorithm::DhAnon) => {
            read::<ClientKeyExchangeDhe<'_>, T>(reader)
        }
        Some(KeyExchangeAlgorithm::Rsa) => read::<ClientKeyExchangeRsa<'_>, T>(reader),
        Some(KeyExchangeAlgorithm::Psk) => read::<ClientKeyExchangePsk<'_>, T>(reader),
        Some(KeyExchangeAlgorithm::EcdhePsk) => read::<ClientKeyExchangeEcdhePsk<'_>, T>(reader),
        Some(KeyExchangeAlgorithm::DhePsk) => read::<ClientKeyExchangeDhePsk<'_>, T>(reader),
        Some(KeyExchangeAlgorithm::RsaPsk) => read::<ClientKeyExchangeRsaPsk<'_>, T>(reader),
        None => opaque(reader),
    }
}

fn read<'a, M: Decode<'a>, T: Trace>(reader: &mut Reader<'a, '_, T>) -> Result<(), Malformed> {
    M::decode(reader)?;
    reader.finish(Field::body)
}

fn opaque<T: Trace>(reader: &mut Reader<'_, '_, T>) -> Result<(), Malformed> {
    reader.rest(Field::body);
    Ok(())
}

#[cfg(test)]
mod tests;
