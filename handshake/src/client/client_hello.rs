//! Writing the ClientHello of both versions (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), the first
//! one and the one after a HelloRetryRequest.
//!
//! Called by: `client`, `client13`.

use alloc::vec::Vec;

use handclasp_codec::{
    CipherSuite, ClientHello, ClientHelloExtensions, Cookie, ECPointFormat, ECPointFormatList, Empty, Encode,
    HandshakeType, KeyShareClientHello, KeyShareEntry, List, NameType, NamedGroup, NamedGroupList,
    OfferedPsks, ProtocolName, ProtocolNameList, ProtocolVersion, PskBinderEntry, PskIdentity,
    PskKeyExchangeMode, PskKeyExchangeModes, ServerName, ServerNameList, SignatureScheme,
    SignatureSchemeList, SupportedVersions, encode_handshake,
};
use handclasp_crypto::{Digest, Exchange};
use handclasp_report::{Fault, Internal};
use handclasp_schedule::BinderKind;

use super::{Offer, notes};
use crate::{Config, Env, negotiate::is_group12, verify::offered_schemes};

/// Sends the ClientHello that `offer` amounts to, and adds it to the transcript.
///
/// # Errors
/// An offer that does not fit its lengths.
pub(crate) fn send(offer: &mut Offer, env: &mut Env<'_>) -> Result<(), Fault> {
    let lists = Lists::new(offer, env.config);
    let hello = lists.hello(offer);
    notes::offered(env.report, &hello);
    let extensions = hello.extensions.types().collect();
    let mut message = Vec::new();
    encode_handshake(&mut message, HandshakeType::client_hello, |writer| hello.encode(writer))?;

    let binders = hello.extensions.pre_shared_key.as_ref().map(OfferedPsks::binders_wire_len);
    if let Some(binders) = binders {
        bind(offer, env.config, &mut message, binders)?;
    }
    env.actions.send_encoded(&message);
    offer.transcript.add(&message);
    offer.extensions = extensions;
    Ok(())
}

/// Fills in the binder, which stands in the last of the `binders` bytes of `message`
/// (RFC 8446 §4.2.11.2).
fn bind(offer: &Offer, config: &Config, message: &mut [u8], binders: usize) -> Result<(), Fault> {
    let bug = Fault::Internal(Internal::Bug);
    let (psk, hash) = offer.psk13(config).ok_or(bug)?;
    let truncated = message.len().checked_sub(binders).ok_or(bug)?;
    let partial = message.get(..truncated).ok_or(bug)?;
    let transcript_hash = offer.transcript.hash_with(hash, partial);
    let binder = psk.early_secret(hash).binder(BinderKind::External, &transcript_hash);
    let at = message.len().checked_sub(binder.len()).ok_or(bug)?;
    message.get_mut(at..).ok_or(bug)?.copy_from_slice(&binder);
    Ok(())
}

/// Stands in the binder's place, which is as long as the key's hash, until the rest is written.
const ZEROS: &[u8] = &[0; Digest::MAX];

/// The lists of a ClientHello, which its structures borrow. An empty one is not sent.
struct Lists<'o> {
    suites: Vec<CipherSuite>,
    versions: Vec<ProtocolVersion>,
    names: Vec<ServerName<'o>>,
    groups: Vec<NamedGroup>,
    schemes: Vec<SignatureScheme>,
    protocols: Vec<ProtocolName<'o>>,
    shares: Vec<KeyShareEntry<'o>>,
    identities: Vec<PskIdentity<'o>>,
    /// Zeros until the rest is written.
    binders: Vec<PskBinderEntry<'static>>,
    /// Whether some suite of TLS 1.2 does ECDHE.
    ecdhe12: bool,
}

impl<'o> Lists<'o> {
    fn new(offer: &'o Offer, config: &'o Config) -> Self {
        let mut suites: Vec<CipherSuite> = offer.suites(config).map(|suite| suite.id).collect();
        if offer.tls12 {
            // RFC 5746 §3.4: shorter than the extension, and known to more servers.
            suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        }
        let ecdhe12 = offer
            .suites(config)
            .any(|suite| matches!(suite.exchange, Exchange::Ecdhe(_) | Exchange::EcdhePsk));
        let versions = [(offer.tls13, ProtocolVersion::TLS_1_3), (offer.tls12, ProtocolVersion::TLS_1_2)];
        let psk = offer.psk13(config);
        Self {
            suites,
            versions: versions.into_iter().filter_map(|(is, version)| is.then_some(version)).collect(),
            names: offer
                .server_name
                .iter()
                .map(|name| ServerName { name_type: NameType::host_name, host_name: name })
                .collect(),
            groups: config
                .groups
                .iter()
                .map(|group| group.group())
                .filter(|group| offer.tls13 || ecdhe12 && is_group12(*group))
                .collect(),
            schemes: offered_schemes(config),
            protocols: config.alpn.iter().map(|name| ProtocolName(name)).collect(),
            shares: offer
                .shares
                .iter()
                .map(|share| KeyShareEntry { group: share.group, key_exchange: share.private.public() })
                .collect(),
            identities: psk
                .iter()
                .map(|(psk, _)| PskIdentity { identity: &psk.identity, obfuscated_ticket_age: 0 })
                .collect(),
            binders: psk
                .iter()
                .map(|(_, hash)| PskBinderEntry(ZEROS.get(..hash.output_len()).unwrap_or_default()))
                .collect(),
            ecdhe12,
        }
    }

    fn hello<'h>(&'h self, offer: &'h Offer) -> ClientHello<'h> {
        ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &offer.random,
            legacy_session_id: offer.session_id(),
            cipher_suites: List::of(&self.suites),
            legacy_compression_methods: &[0],
            extensions: self.extensions(offer),
        }
    }

    fn extensions<'h>(&'h self, offer: &'h Offer) -> ClientHelloExtensions<'h> {
        ClientHelloExtensions {
            server_name: some(&self.names).map(|server_name_list| ServerNameList { server_name_list }),
            supported_groups: some(&self.groups).map(|named_group_list| NamedGroupList { named_group_list }),
            ec_point_formats: self.ecdhe12.then_some(ECPointFormatList {
                ec_point_format_list: List::of(&[ECPointFormat::uncompressed]),
            }),
            signature_algorithms: some(&self.schemes)
                .map(|supported_signature_algorithms| SignatureSchemeList { supported_signature_algorithms }),
            application_layer_protocol_negotiation: some(&self.protocols)
                .map(|protocol_name_list| ProtocolNameList { protocol_name_list }),
            extended_master_secret: offer.tls12.then_some(Empty),
            supported_versions: offer
                .tls13
                .then_some(SupportedVersions { versions: List::of(&self.versions) }),
            cookie: offer.cookie.as_deref().map(|cookie| Cookie { cookie }),
            psk_key_exchange_modes: some(&self.identities)
                .map(|_| PskKeyExchangeModes { ke_modes: List::of(&[PskKeyExchangeMode::psk_dhe_ke]) }),
            // Empty where a HelloRetryRequest shall tell the group (RFC 8446 §4.2.8).
            key_share: offer.tls13.then_some(KeyShareClientHello { client_shares: List::of(&self.shares) }),
            pre_shared_key: some(&self.identities)
                .map(|identities| OfferedPsks { identities, binders: List::of(&self.binders) }),
            ..ClientHelloExtensions::default()
        }
    }
}

fn some<E>(items: &[E]) -> Option<List<'_, E>> {
    (!items.is_empty()).then_some(List::of(items))
}
