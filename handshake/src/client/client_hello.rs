//! Writing the ClientHello of both versions (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), the first
//! one and the one after a HelloRetryRequest.

use alloc::vec::Vec;
use core::ops::Range;

use handclasp_codec::{
    CertificateAuthorities, CertificateType, CertificateTypeList, CipherSuite, ClientHello,
    ClientHelloExtensions, Cookie, DistinguishedName, ECPointFormat, ECPointFormatList, Empty, Encode,
    EncodeError, HandshakeType, KeyShareClientHello, KeyShareEntry, List, NameType, NamedGroupList,
    OfferedPsks, Opaque, ProtocolName, ProtocolNameList, ProtocolVersion, PskBinderEntry, PskIdentity,
    PskKeyExchangeModes, ServerName, ServerNameList, SignatureScheme, SignatureSchemeList, SupportedVersions,
};
use handclasp_crypto::{Digest, KeyExchangeAlgorithm, Suite};
use handclasp_report::{Fault, Internal};

use super::{Offer, notes};
use crate::{
    Certificates, Config, Context, Extensions, certificates, extensions::OfferedExtensions,
    negotiate::is_group12, verify::offered_schemes,
};

/// Room for the lists of a ClientHello without a hybrid share.
const USUAL_LISTS: usize = 160;

/// Sends the ClientHello that `offer` amounts to, and adds it to the transcript.
///
/// # Errors
/// An offer that does not fit its lengths.
pub(crate) fn send(offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Fault> {
    let lists = Lists::new(offer, context.config, context.now)?;
    let hello = lists.hello(offer);
    notes::offered(context.report, &hello);
    let extensions = OfferedExtensions::of(hello.extensions.types());
    let binders = hello.extensions.pre_shared_key.as_ref().map(OfferedPsks::binders_wire_len);
    let message =
        context.actions.send_unfinished(HandshakeType::client_hello, |writer| hello.encode(writer))?;
    if let Some(binders) = binders {
        bind(offer, context.config, context.now, message, binders)?;
    }
    offer.transcript.add(message);
    offer.extensions = extensions;
    Ok(())
}

/// Fills in the binders, which are the last `binders` bytes of `message` (RFC 8446
/// §4.2.11.2): two bytes of length, and each behind one of its own.
fn bind(offer: &Offer, config: &Config, now: u64, message: &mut [u8], binders: usize) -> Result<(), Fault> {
    let bug = Fault::Internal(Internal::Bug);
    let truncated = message.len().checked_sub(binders).ok_or(bug)?;
    let (partial, binders) = message.split_at_mut_checked(truncated).ok_or(bug)?;
    let mut rest = binders.get_mut(2..).ok_or(bug)?;
    for key in offer.keys13(config, now) {
        let transcript_hash = offer.transcript.hash_with(key.hash, partial);
        let binder = key.early_secret().binder(key.kind, &transcript_hash);
        let (place, behind) = rest.split_at_mut_checked(binder.len().saturating_add(1)).ok_or(bug)?;
        place.get_mut(1..).ok_or(bug)?.copy_from_slice(&binder);
        rest = behind;
    }
    Ok(())
}

/// Stands in the binder's place, which is as long as the key's hash, until the rest is written.
const ZEROS: &[u8] = &[0; Digest::MAX];

/// The lists of a ClientHello, which its structures borrow. An empty one is not sent.
struct Lists<'o> {
    /// Suites, groups, schemes and shares one behind the other as they go to the wire, so that
    /// four lists cost one allocation.
    written: Written,
    suites: Range<usize>,
    groups: Range<usize>,
    schemes: Range<usize>,
    shares: Range<usize>,
    versions: &'static [ProtocolVersion],
    name: Option<ServerName<'o>>,
    protocols: Vec<ProtocolName<'o>>,
    authorities: Vec<DistinguishedName<'o>>,
    /// Types of the server's certificate, and of ours, where there is more than X.509.
    server_types: Option<List<'o, CertificateType>>,
    client_types: Option<List<'o, CertificateType>>,
    schemes_cert: Option<List<'o, SignatureScheme>>,
    identities: Vec<PskIdentity<'o>>,
    /// Zeros until the rest is written.
    binders: Vec<PskBinderEntry<'static>>,
    /// Whether sessions shall be resumed later.
    wants_tickets: bool,
    /// Whether some suite of TLS 1.2 does ECDHE.
    ecdhe12: bool,
    /// Whether some suite is one of CBC.
    cbc: bool,
    extensions: &'o Extensions,
}

/// Encoded elements of several lists.
struct Written(Vec<u8>);

impl Written {
    fn add<E: Encode>(&mut self, mut items: impl Iterator<Item = E>) -> Result<Range<usize>, EncodeError> {
        let start = self.0.len();
        items.try_for_each(|item| item.encode_to(&mut self.0))?;
        Ok(start..self.0.len())
    }

    fn list<E>(&self, range: &Range<usize>) -> List<'_, E> {
        List::encoded(self.0.get(range.clone()).unwrap_or_default())
    }

    /// Nothing where there is no element.
    fn some<E>(&self, range: &Range<usize>) -> Option<List<'_, E>> {
        (!range.is_empty()).then(|| self.list(range))
    }
}

impl<'o> Lists<'o> {
    fn new(offer: &'o Offer, config: &'o Config, now: u64) -> Result<Self, EncodeError> {
        // RFC 5746 §3.4: shorter than the extension, and known to more servers.
        let signalling = offer.tls12.then_some(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        let ecdhe12 = offer.suites(config).any(|suite| {
            matches!(suite.exchange, KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::EcdhePsk)
        });
        let versions: &[_] = match (offer.tls13, offer.tls12) {
            (true, true) => &[ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2],
            (true, false) => &[ProtocolVersion::TLS_1_3],
            (false, _) => &[ProtocolVersion::TLS_1_2],
        };
        // With a pre-shared key there are no certificates on either side.
        let asks = offer.psk.is_none().then_some(&config.certificates);
        let groups = config.groups.iter().map(|group| group.group());
        let shares = offer.shares.iter();
        let mut written = Written(Vec::with_capacity(USUAL_LISTS));
        Ok(Self {
            suites: written.add(offer.suites(config).map(|suite| suite.id).chain(signalling))?,
            groups: written.add(groups.filter(|group| offer.tls13 || ecdhe12 && is_group12(*group)))?,
            schemes: written.add(offered_schemes(config))?,
            shares: written.add(
                shares
                    .map(|share| KeyShareEntry { group: share.group, key_exchange: share.private.public() }),
            )?,
            written,
            versions,
            name: offer
                .server_name
                .as_ref()
                .map(|name| ServerName { name_type: NameType::host_name, host_name: name }),
            protocols: config.alpn.iter().map(|name| ProtocolName(name)).collect(),
            authorities: asks.filter(|_| offer.tls13).map(Certificates::names).unwrap_or_default(),
            server_types: asks.and_then(|asks| certificates::offered(asks.peer_types())),
            client_types: asks.and_then(|asks| certificates::offered(asks.own_types())),
            schemes_cert: asks.and_then(|asks| some(&asks.schemes)),
            identities: offer
                .keys13(config, now)
                .map(|key| PskIdentity { identity: key.identity, obfuscated_ticket_age: key.age })
                .collect(),
            binders: offer
                .keys13(config, now)
                .map(|key| PskBinderEntry(ZEROS.get(..key.hash.output_len()).unwrap_or_default()))
                .collect(),
            wants_tickets: config.resumption.tickets > 0,
            ecdhe12,
            cbc: offer.suites(config).any(Suite::needs_encrypt_then_mac),
            extensions: &config.extensions,
        })
    }

    fn hello<'h>(&'h self, offer: &'h Offer) -> ClientHello<'h> {
        ClientHello {
            legacy_version: ProtocolVersion::TLS_1_2,
            random: &offer.random,
            legacy_session_id: offer.session_id(),
            cipher_suites: self.written.list(&self.suites),
            legacy_compression_methods: &[0],
            extensions: self.extensions(offer),
        }
    }

    fn extensions<'h>(&'h self, offer: &'h Offer) -> ClientHelloExtensions<'h> {
        ClientHelloExtensions {
            server_name: some(self.name.as_slice())
                .map(|server_name_list| ServerNameList { server_name_list }),
            max_fragment_length: self.extensions.max_fragment_length,
            // With a pre-shared key there is no certificate.
            status_request: self.extensions.status_request().filter(|_| offer.psk.is_none()),
            supported_groups: self
                .written
                .some(&self.groups)
                .map(|named_group_list| NamedGroupList { named_group_list }),
            ec_point_formats: self.ecdhe12.then_some(ECPointFormatList {
                ec_point_format_list: List::of(&[ECPointFormat::uncompressed]),
            }),
            signature_algorithms: self
                .written
                .some(&self.schemes)
                .map(|supported_signature_algorithms| SignatureSchemeList { supported_signature_algorithms }),
            signature_algorithms_cert: self
                .schemes_cert
                .map(|supported_signature_algorithms| SignatureSchemeList { supported_signature_algorithms }),
            client_certificate_type: self
                .client_types
                .map(|certificate_types| CertificateTypeList { certificate_types }),
            server_certificate_type: self
                .server_types
                .map(|certificate_types| CertificateTypeList { certificate_types }),
            certificate_authorities: some(&self.authorities)
                .map(|authorities| CertificateAuthorities { authorities }),
            application_layer_protocol_negotiation: some(&self.protocols)
                .map(|protocol_name_list| ProtocolNameList { protocol_name_list }),
            encrypt_then_mac: self.cbc.then_some(Empty),
            extended_master_secret: offer.tls12.then_some(Empty),
            record_size_limit: self
                .versions
                .first()
                .and_then(|best| self.extensions.record_size_limit(*best)),
            supported_versions: offer
                .tls13
                .then_some(SupportedVersions { versions: List::of(self.versions) }),
            cookie: offer.cookie.as_deref().map(|cookie| Cookie { cookie }),
            session_ticket: self.session_ticket(offer),
            // Without it a server need not give tickets (RFC 8446 §4.2.9).
            psk_key_exchange_modes: (offer.tls13 && self.wants_tickets || !self.identities.is_empty())
                .then_some(PskKeyExchangeModes {
                    ke_modes: self.extensions.psk_modes(!self.groups.is_empty()),
                }),
            // Empty where a HelloRetryRequest shall tell the group (RFC 8446 §4.2.8).
            key_share: (offer.tls13 && !self.groups.is_empty())
                .then_some(KeyShareClientHello { client_shares: self.written.list(&self.shares) }),
            pre_shared_key: some(&self.identities)
                .map(|identities| OfferedPsks { identities, binders: List::of(&self.binders) }),
            ..ClientHelloExtensions::default()
        }
    }
}

impl Lists<'_> {
    /// The ticket of TLS 1.2, or that we would like one (RFC 5077 §3.2).
    fn session_ticket<'h>(&self, offer: &'h Offer) -> Option<Opaque<'h>> {
        let ticket = offer.session12().map(|session| session.ticket.as_slice());
        let wish = (offer.tls12 && self.wants_tickets).then_some(&[][..]);
        ticket.or(wish).map(|opaque| Opaque { opaque })
    }
}

fn some<E>(items: &[E]) -> Option<List<'_, E>> {
    (!items.is_empty()).then_some(List::of(items))
}
