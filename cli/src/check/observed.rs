//! What one conversation with a server shows, in TLS 1.2 and 1.3.

use handclasp::{NamedGroup, ProtocolVersion};
use handclasp_codec::{
    AlertDescription, AlertLevel, EncryptedExtensions, HandshakeType, KeyExchangeAlgorithm,
    MaxFragmentLength, ServerKeyExchangeDhe,
};
use handclasp_explain::{
    Diagnosis, Side, certificate,
    conversation::{Conversation, EventKind},
};

/// The extensions in a server's response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// TLS 1.2.
    pub extended_master_secret: bool,
    /// TLS 1.2.
    pub encrypt_then_mac: bool,
    /// TLS 1.2 (RFC 5746).
    pub renegotiation_info: bool,
    /// TLS 1.2: a ticket is promised.
    pub session_ticket: bool,
    pub max_fragment_length: Option<MaxFragmentLength>,
    /// Limit on records sent to the server.
    pub record_size_limit: Option<u16>,
    /// The application protocol chosen.
    pub protocol: Option<String>,
}

/// What a server asks of a client certificate.
#[derive(Clone, Debug, Default)]
pub struct CredentialRequest {
    /// Names of the issuers that it accepts; none: it names none.
    pub issuers: Vec<String>,
    /// Schemes that it verifies.
    pub schemes: Vec<String>,
}

/// The group that a HelloRetryRequest names.
pub fn wanted_group(story: &Conversation) -> Option<NamedGroup> {
    let (_, retry) = story.retries().last()?;
    retry.extensions.key_share.map(|share| share.selected_group)
}

/// A warning of the server's.
pub fn warning(diagnosis: &Diagnosis) -> Option<AlertDescription> {
    diagnosis.conversation.events.iter().filter(|item| item.from == Side::Server).find_map(|item| {
        let EventKind::Alert { level, description, .. } = &item.kind else { return None };
        (*level == AlertLevel::warning).then_some(*description)
    })
}

/// The extensions that the server took up.
pub fn extensions(diagnosis: &Diagnosis) -> Option<Extensions> {
    let name = |list: handclasp_codec::ProtocolNameList<'_>| {
        list.protocol_name_list.iter().next().map(|name| String::from_utf8_lossy(name.0).into_owned())
    };
    let hello = diagnosis.conversation.server_hello()?;
    if diagnosis.conversation.version() != Some(ProtocolVersion::TLS_1_3) {
        let there = hello.extensions;
        return Some(Extensions {
            extended_master_secret: there.extended_master_secret.is_some(),
            encrypt_then_mac: there.encrypt_then_mac.is_some(),
            renegotiation_info: there.renegotiation_info.is_some(),
            session_ticket: there.session_ticket.is_some(),
            max_fragment_length: there.max_fragment_length,
            record_size_limit: there.record_size_limit.map(|limit| limit.record_size_limit),
            protocol: there.application_layer_protocol_negotiation.and_then(name),
        });
    }
    let message = diagnosis.conversation.first(Side::Server, HandshakeType::encrypted_extensions)?.message;
    let there = message.decode::<EncryptedExtensions<'_>>()?.extensions;
    Some(Extensions {
        max_fragment_length: there.max_fragment_length,
        record_size_limit: there.record_size_limit.map(|limit| limit.record_size_limit),
        protocol: there.application_layer_protocol_negotiation.and_then(name),
        ..Extensions::default()
    })
}

/// Bits of the Diffie-Hellman prime in a ServerKeyExchange.
pub fn dh_bits(diagnosis: &Diagnosis) -> Option<usize> {
    let story = &diagnosis.conversation;
    let message = story.first(Side::Server, HandshakeType::server_key_exchange)?.message;
    let is_dhe = story.suite()?.key_exchange_algorithm() == Some(KeyExchangeAlgorithm::Dhe);
    // Before TLS 1.2 the signature has no scheme; the parameters stand at the beginning of both.
    let params = match message.decode::<ServerKeyExchangeDhe<'_>>().filter(|_| is_dhe) {
        Some(signed) => signed.params.dh_p,
        None => {
            let rest = message.bytes.get(4..).filter(|_| is_dhe)?;
            let (length, rest) = rest.split_first_chunk()?;
            rest.get(..usize::from(u16::from_be_bytes(*length)))?
        }
    };
    let begin = params.iter().position(|byte| *byte != 0)?;
    let prime = params.get(begin..)?;
    let leading = usize::try_from(prime.first()?.leading_zeros()).ok()?;
    prime.len().checked_mul(8)?.checked_sub(leading)
}

/// The certificates that the server shows, DER, its own first.
pub fn chain(diagnosis: &Diagnosis) -> Vec<Vec<u8>> {
    diagnosis.conversation.chain(Side::Server).unwrap_or_default().into_iter().map(<[u8]>::to_vec).collect()
}

/// What the server asks of a client certificate, if it asks.
pub fn wanted(diagnosis: &Diagnosis) -> Option<CredentialRequest> {
    let story = &diagnosis.conversation;
    let (issuers, schemes) = match story.is_tls13() {
        true => {
            let request = story.certificate_request13()?.extensions;
            let issuers = request.certificate_authorities.map(|list| list.authorities);
            let schemes = request.signature_algorithms.map(|list| list.supported_signature_algorithms);
            (issuers.unwrap_or_default(), schemes.unwrap_or_default())
        }
        false => {
            let request = story.certificate_request()?;
            (request.certificate_authorities, request.supported_signature_algorithms)
        }
    };
    Some(CredentialRequest {
        issuers: issuers.iter().map(|name| certificate::distinguished_name(name.0)).collect(),
        schemes: schemes.iter().map(|scheme| scheme.to_string()).collect(),
    })
}

/// The largest handshake record of the server (its content) and its largest message (with its
/// header); and all its messages together.
pub fn sizes(diagnosis: &Diagnosis) -> (usize, usize, usize) {
    let of_server = diagnosis.conversation.messages().filter(|found| found.event.from == Side::Server);
    of_server.fold((0, 0, 0), |(record, message, sum), found| {
        let length = found.message.bytes.len();
        (record.max(usize::from(found.message.longest_record)), message.max(length), sum + length)
    })
}
