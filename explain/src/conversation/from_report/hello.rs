//! The messages that notes describe, written by the codec. Hellos only for reports of version 1: later
//! ones keep them (`kept`).

use handclasp_codec::{
    CipherSuite, ClientHello, ClientHelloExtensions, ClientKeyExchangePsk, CompressionMethod, Cookie, Empty,
    Encode as _, ExtensionType, HandshakeType, HelloRetryRequest, HelloRetryRequestExtensions,
    KeyExchangeAlgorithm, KeyShareClientHello, KeyShareEntry, KeyShareHelloRetryRequest, KeyShareServerHello,
    List, NameType, NamedGroup, NamedGroupList, OfferedPsks, Opaque, PreSharedKeyServerHello, ProtocolName,
    ProtocolNameList, ProtocolVersion, PskBinderEntry, PskIdentity, PskKeyExchangeMode, PskKeyExchangeModes,
    RenegotiationInfo, SelectedVersion, ServerHello, ServerHelloExtensions, ServerName, ServerNameList,
    SignatureScheme, SignatureSchemeList, SupportedVersions, Writer, encode_handshake,
};
use handclasp_report::Tag;

use super::{Notes, event};
use crate::conversation::{Event, EventKind, Message, Side};

/// In place of randoms: no time, no downgrade sentinel.
pub(super) const RANDOM: &[u8; 32] = &[0x5a; 32];
/// In place of key shares and cookies.
pub(super) const FILLER: &[u8] = &[0];
/// In place of binders.
pub(super) const BINDER: &[u8] = &[0; 32];

/// The hellos as far as there are notes of them, for a report without messages (version 1).
pub(super) fn hellos(notes: Notes<'_>) -> Vec<Event> {
    let retried = notes.has(Tag::HelloRetry).then(|| retry(notes)).flatten();
    let answered = super::progress::answered(notes).then(|| server_hello(notes)).flatten();
    [client_hello(notes), retried, answered].into_iter().flatten().collect()
}

/// The client's PSK identity of TLS 1.2, and an empty Certificate, as far as there are notes of them.
pub(super) fn after_answer(notes: Notes<'_>) -> Vec<Event> {
    let answered = super::progress::answered(notes);
    let identity = answered.then(|| psk_identity(notes)).flatten();
    let unproved = (answered && notes.has(Tag::NoneShown)).then(|| empty_certificate(notes)).flatten();
    [identity, unproved].into_iter().flatten().collect()
}

/// A message with that body; `None` where the notes hold what no such message can.
pub(super) fn message(
    from: Side,
    msg_type: HandshakeType,
    body: impl FnOnce(&mut Writer<'_>),
) -> Option<Event> {
    let mut bytes = Vec::new();
    encode_handshake(&mut bytes, msg_type, body).ok()?;
    let longest_record = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let message = Message { msg_type, bytes, protected: false, records: 1, longest_record, error: None };
    Some(event(from, EventKind::Handshake(message)))
}

fn client_hello(notes: Notes<'_>) -> Option<Event> {
    let suites: Vec<CipherSuite> = notes.numbers(Side::Client, Tag::Suites);
    let versions: Vec<ProtocolVersion> = notes.numbers(Side::Client, Tag::Versions);
    let groups: Vec<NamedGroup> = notes.numbers(Side::Client, Tag::Groups);
    let shares: Vec<NamedGroup> = notes.numbers(Side::Client, Tag::KeyShares);
    let schemes: Vec<SignatureScheme> = notes.numbers(Side::Client, Tag::Schemes);
    let types: Vec<ExtensionType> = notes.numbers(Side::Client, Tag::Extensions);
    let names: Vec<ServerName<'_>> = server_name(notes).into_iter().collect();
    let protocols: Vec<ProtocolName<'_>> =
        notes.all(Side::Client, Tag::Alpn).flat_map(|item| item.names()).map(ProtocolName).collect();
    let shares: Vec<KeyShareEntry<'_>> =
        shares.iter().map(|group| KeyShareEntry { group: *group, key_exchange: FILLER }).collect();
    let has = |extension| types.contains(&extension);
    let identities = if has(ExtensionType::pre_shared_key) { identities(notes) } else { Vec::new() };
    let binders = vec![PskBinderEntry(BINDER); identities.len()];
    let newest = newest(&versions);
    let listed = |there: bool| there.then_some(());
    let extensions = ClientHelloExtensions {
        server_name: listed(!names.is_empty())
            .map(|()| ServerNameList { server_name_list: List::of(&names) }),
        supported_groups: listed(!groups.is_empty())
            .map(|()| NamedGroupList { named_group_list: List::of(&groups) }),
        signature_algorithms: listed(!schemes.is_empty())
            .map(|()| SignatureSchemeList { supported_signature_algorithms: List::of(&schemes) }),
        application_layer_protocol_negotiation: listed(!protocols.is_empty())
            .map(|()| ProtocolNameList { protocol_name_list: List::of(&protocols) }),
        encrypt_then_mac: listed(has(ExtensionType::encrypt_then_mac)).map(|()| Empty),
        extended_master_secret: listed(has(ExtensionType::extended_master_secret)).map(|()| Empty),
        session_ticket: listed(has(ExtensionType::session_ticket)).map(|()| Opaque { opaque: &[] }),
        supported_versions: listed(newest >= Some(ProtocolVersion::TLS_1_3))
            .map(|()| SupportedVersions { versions: List::of(&versions) }),
        psk_key_exchange_modes: listed(has(ExtensionType::psk_key_exchange_modes))
            .map(|()| PskKeyExchangeModes { ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]) }),
        key_share: listed(has(ExtensionType::key_share) || !shares.is_empty())
            .map(|()| KeyShareClientHello { client_shares: List::of(&shares) }),
        renegotiation_info: listed(has(ExtensionType::renegotiation_info))
            .map(|()| RenegotiationInfo { renegotiated_connection: &[] }),
        pre_shared_key: listed(!identities.is_empty())
            .map(|()| OfferedPsks { identities: List::of(&identities), binders: List::of(&binders) }),
        ..ClientHelloExtensions::default()
    };
    let hello = ClientHello {
        legacy_version: newest.unwrap_or(ProtocolVersion::TLS_1_2).min(ProtocolVersion::TLS_1_2),
        random: RANDOM,
        legacy_session_id: &[],
        cipher_suites: List::of(&suites),
        legacy_compression_methods: &[0],
        extensions,
    };
    let noted = !suites.is_empty() && !versions.is_empty();
    noted.then(|| message(Side::Client, HandshakeType::client_hello, |writer| hello.encode(writer)))?
}

fn server_name(notes: Notes<'_>) -> Option<ServerName<'_>> {
    let host_name = notes.all(Side::Client, Tag::ServerName).next()?.bytes;
    Some(ServerName { name_type: NameType::host_name, host_name })
}

fn identities(notes: Notes<'_>) -> Vec<PskIdentity<'_>> {
    let named = notes.all(Side::Client, Tag::PskIdentity).filter(|item| !item.bytes.is_empty());
    named.map(|item| PskIdentity { identity: item.bytes, obfuscated_ticket_age: 0 }).collect()
}

/// The newest version of a list.
fn newest(versions: &[ProtocolVersion]) -> Option<ProtocolVersion> {
    versions.iter().copied().filter(|version| !version.is_grease()).max()
}

fn retry(notes: Notes<'_>) -> Option<Event> {
    let group = notes.numbers::<NamedGroup>(Side::Server, Tag::HelloRetry).pop();
    let hello = HelloRetryRequest {
        legacy_version: ProtocolVersion::TLS_1_2,
        legacy_session_id_echo: &[],
        cipher_suite: notes.numbers(Side::Server, Tag::ChosenSuite).pop().unwrap_or_default(),
        legacy_compression_method: CompressionMethod::null,
        extensions: HelloRetryRequestExtensions {
            supported_versions: Some(SelectedVersion { selected_version: ProtocolVersion::TLS_1_3 }),
            cookie: notes.has(Tag::RetryCookie).then_some(Cookie { cookie: FILLER }),
            key_share: group.map(|selected_group| KeyShareHelloRetryRequest { selected_group }),
            ..HelloRetryRequestExtensions::default()
        },
    };
    message(Side::Server, HandshakeType::server_hello, |writer| hello.encode(writer))
}

fn server_hello(notes: Notes<'_>) -> Option<Event> {
    let version = notes.version()?;
    let tls13 = version == ProtocolVersion::TLS_1_3;
    let types: Vec<ExtensionType> = notes.numbers(Side::Server, Tag::ChosenExtensions);
    let before = |extension| (!tls13 && types.contains(&extension)).then_some(());
    let group = notes.numbers::<NamedGroup>(Side::Server, Tag::ChosenGroup).pop().filter(|_| tls13);
    let psk = tls13 && notes.has(Tag::ChosenPsk);
    let hello = ServerHello {
        legacy_version: version.min(ProtocolVersion::TLS_1_2),
        random: RANDOM,
        legacy_session_id_echo: &[],
        cipher_suite: notes.numbers(Side::Server, Tag::ChosenSuite).pop()?,
        legacy_compression_method: CompressionMethod::null,
        extensions: ServerHelloExtensions {
            renegotiation_info: before(ExtensionType::renegotiation_info)
                .map(|()| RenegotiationInfo { renegotiated_connection: &[] }),
            encrypt_then_mac: before(ExtensionType::encrypt_then_mac).map(|()| Empty),
            extended_master_secret: before(ExtensionType::extended_master_secret).map(|()| Empty),
            supported_versions: tls13.then_some(SelectedVersion { selected_version: version }),
            key_share: group.map(|group| KeyShareServerHello {
                server_share: KeyShareEntry { group, key_exchange: FILLER },
            }),
            pre_shared_key: psk.then_some(PreSharedKeyServerHello { selected_identity: 0 }),
            ..ServerHelloExtensions::default()
        },
    };
    message(Side::Server, HandshakeType::server_hello, |writer| hello.encode(writer))
}

/// ClientKeyExchange of plain PSK; other key exchanges have parts that no note holds.
fn psk_identity(notes: Notes<'_>) -> Option<Event> {
    let suite: CipherSuite = notes.numbers(Side::Server, Tag::ChosenSuite).pop()?;
    let exchange = ClientKeyExchangePsk { psk_identity: notes.bytes(Tag::PskIdentity)? };
    let plain = suite.key_exchange_algorithm() == Some(KeyExchangeAlgorithm::Psk);
    plain.then(|| {
        message(Side::Client, HandshakeType::client_key_exchange, |writer| exchange.encode(writer))
    })?
}

/// The client's Certificate without a certificate (RFC 5246 §7.4.6, RFC 8446 §4.4.2).
fn empty_certificate(notes: Notes<'_>) -> Option<Event> {
    let body: &[u8] = if notes.is_tls13() { &[0; 4] } else { &[0; 3] };
    message(Side::Client, HandshakeType::certificate, |writer| writer.bytes(body))
}
