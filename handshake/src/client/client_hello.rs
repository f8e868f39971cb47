//! Writing the ClientHello of both versions (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), the first
//! one and the one after a HelloRetryRequest. It goes straight to the wire: its lists are in the
//! configuration and the offer, and are not collected before. What TLS 1.3 alone has comes last, and is
//! written by its entry (`client13/client_hello.rs`).

use handclasp_codec::{
    CertificateStatusType, CertificateType, CipherSuite, ECPointFormat, ExtensionType as Type, Field,
    HandshakeType, NameType, NamedGroup, ProtocolVersion, Writer,
};
use handclasp_crypto::{KeyExchangeAlgorithm, Suite};
use handclasp_report::{Failed, Side};

use super::Offer;
use crate::{
    Certificates, Config, Context, capability,
    certificates::is_x509_alone,
    extensions::{Block, OfferedExtensions},
    negotiate::is_group12,
    verify::offered_schemes,
};

/// Sends the ClientHello that `offer` amounts to, and adds it to the transcript.
///
/// # Errors
/// An offer that does not fit its lengths.
pub(crate) fn send(offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Failed> {
    let (config, now) = (context.config, context.now);
    let hello = Hello::new(offer, config, now);
    let mut extensions = OfferedExtensions::default();
    let message = context
        .actions
        .send_unfinished(HandshakeType::client_hello, |writer| extensions = hello.write(writer))
        .map_err(|error| context.report.fail(error.into()))?;
    for version in config.versions.client {
        version.entry().bind(offer, config, now, message, context.report)?;
    }
    context.report.message(Side::Client, message);
    offer.transcript.add(message);
    offer.extensions = extensions;
    Ok(())
}

/// A ClientHello to be written.
pub(crate) struct Hello<'h> {
    pub(crate) offer: &'h Offer,
    pub(crate) config: &'h Config,
    pub(crate) now: u64,
    /// Whether some suite of TLS 1.2 does ECDHE.
    ecdhe12: bool,
    /// Whether some group is offered.
    pub(crate) has_groups: bool,
}

impl<'h> Hello<'h> {
    fn new(offer: &'h Offer, config: &'h Config, now: u64) -> Self {
        let is_ecdhe12 = |suite: &'static Suite| {
            matches!(suite.exchange, KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::EcdhePsk)
        };
        let ecdhe12 = capability::Ecdhe::ON && offer.suites(config).any(is_ecdhe12);
        let mut hello = Self { offer, config, now, ecdhe12, has_groups: false };
        let has_groups = hello.groups().next().is_some();
        hello.has_groups = has_groups;
        hello
    }

    /// Writes the body; returns the types of its extensions.
    fn write(&self, writer: &mut Writer<'_>) -> OfferedExtensions {
        let offer = self.offer;
        writer.word(ProtocolVersion::TLS_1_2);
        writer.bytes(&offer.random);
        writer.opaque8(Field::legacy_session_id, offer.session_id());
        writer.vector16(Field::cipher_suites, |list| {
            offer.suites(self.config).for_each(|suite| list.word(suite.id));
            // RFC 5746 §3.4: shorter than the extension, and known to more servers.
            if offer.tls12 {
                list.word(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
            }
        });
        writer.opaque8(Field::legacy_compression_methods, &[0]);
        Block::write(writer, |block| self.extensions(block))
    }

    /// The extensions in the order of the wire. Each is written by the function of its name, if it
    /// is offered.
    fn extensions(&self, block: &mut Block<'_, '_>) {
        self.server_name(block);
        self.max_fragment_length(block);
        self.status_request(block);
        self.supported_groups(block);
        self.ec_point_formats(block);
        self.signature_algorithms(block);
        self.signature_algorithms_cert(block);
        self.application_layer_protocol_negotiation(block);
        self.certificate_types(block);
        self.encrypt_then_mac(block);
        self.extended_master_secret(block);
        self.record_size_limit(block);
        self.session_ticket(block);
        for version in self.config.versions.client {
            version.entry().extensions(self, block);
        }
    }

    /// What extensions request of the server's certificate. With a pre-shared key there are no
    /// certificates on either side.
    pub(crate) fn certificates(&self) -> Option<&'h Certificates> {
        let asks = capability::HostExtensions::ON && self.offer.psk.is_none();
        asks.then_some(&self.config.certificates)
    }

    /// Groups on offer, in order.
    fn groups(&self) -> impl Iterator<Item = NamedGroup> {
        let groups = self.config.groups.iter().filter(|_| capability::Ecdhe::ON).map(|group| group.group());
        groups.filter(|group| self.offer.tls13 || self.ecdhe12 && is_group12(*group))
    }

    fn server_name(&self, block: &mut Block<'_, '_>) {
        let Some(name) = &self.offer.server_name else { return };
        block.extension(Type::server_name, |content| {
            content.vector16(Field::server_name_list, |list| {
                list.word(NameType::host_name);
                list.opaque16(Field::host_name, name);
            });
        });
    }

    fn max_fragment_length(&self, block: &mut Block<'_, '_>) {
        let Some(length) = self.config.extensions.max_fragment_length else { return };
        block.extension(Type::max_fragment_length, |content| content.word(length));
    }

    /// Any responder is accepted: the caller verifies the response together with the certificate.
    fn status_request(&self, block: &mut Block<'_, '_>) {
        if self.certificates().is_some() && self.config.extensions.status_request {
            block.extension(Type::status_request, |content| {
                content.word(CertificateStatusType::ocsp);
                content.opaque16(Field::responder_id_list, &[]);
                content.opaque16(Field::request_extensions, &[]);
            });
        }
    }

    fn supported_groups(&self, block: &mut Block<'_, '_>) {
        if self.has_groups {
            block.extension(Type::supported_groups, |content| {
                content.vector16(Field::named_group_list, |list| {
                    self.groups().for_each(|group| list.word(group));
                });
            });
        }
    }

    fn ec_point_formats(&self, block: &mut Block<'_, '_>) {
        if self.ecdhe12 {
            block.extension(Type::ec_point_formats, |content| {
                content.opaque8(Field::ec_point_format_list, &[ECPointFormat::uncompressed.0]);
            });
        }
    }

    fn signature_algorithms(&self, block: &mut Block<'_, '_>) {
        if capability::Certificates::ON && !self.config.verify.is_empty() {
            block.extension(Type::signature_algorithms, |content| {
                content.vector16(Field::supported_signature_algorithms, |list| {
                    offered_schemes(self.config).for_each(|scheme| list.word(scheme));
                });
            });
        }
    }

    fn signature_algorithms_cert(&self, block: &mut Block<'_, '_>) {
        let schemes = self.certificates().map_or(&[][..], |certificates| &certificates.schemes);
        if !schemes.is_empty() {
            block.extension(Type::signature_algorithms_cert, |content| {
                content.vector16(Field::supported_signature_algorithms, |list| {
                    schemes.iter().for_each(|scheme| list.word(*scheme));
                });
            });
        }
    }

    fn application_layer_protocol_negotiation(&self, block: &mut Block<'_, '_>) {
        let names = &self.config.alpn;
        if capability::HostExtensions::ON && !names.is_empty() {
            block.extension(Type::application_layer_protocol_negotiation, |content| {
                content.vector16(Field::protocol_name_list, |list| {
                    names.iter().for_each(|name| list.opaque8(Field::protocol_name, name));
                });
            });
        }
    }

    /// client_certificate_type and server_certificate_type; neither where X.509 is all there is
    /// (RFC 7250 §4.1).
    fn certificate_types(&self, block: &mut Block<'_, '_>) {
        let Some(certificates) = self.certificates() else { return };
        let mut offer = |extension_type, types: &[CertificateType]| {
            if !is_x509_alone(types) {
                block.extension(extension_type, |content| {
                    content.vector8(Field::certificate_types, |list| {
                        types.iter().for_each(|certificate_type| list.word(*certificate_type));
                    });
                });
            }
        };
        offer(Type::client_certificate_type, certificates.own_types());
        offer(Type::server_certificate_type, certificates.peer_types());
    }

    fn encrypt_then_mac(&self, block: &mut Block<'_, '_>) {
        if capability::Cbc::ON && self.offer.suites(self.config).any(Suite::needs_encrypt_then_mac) {
            block.extension(Type::encrypt_then_mac, |_| {});
        }
    }

    fn extended_master_secret(&self, block: &mut Block<'_, '_>) {
        if self.offer.tls12 {
            block.extension(Type::extended_master_secret, |_| {});
        }
    }

    fn record_size_limit(&self, block: &mut Block<'_, '_>) {
        let best = match self.offer.tls13 {
            true => ProtocolVersion::TLS_1_3,
            false => ProtocolVersion::TLS_1_2,
        };
        let Some(limit) = self.config.extensions.record_size_limit(best) else { return };
        block.extension(Type::record_size_limit, |content| content.u16(limit.record_size_limit));
    }

    /// The ticket of TLS 1.2, or that we would like one (RFC 5077 §3.2).
    fn session_ticket(&self, block: &mut Block<'_, '_>) {
        let ticket = self.offer.session12().map(|session| session.ticket.as_slice());
        let wish = (self.offer.tls12 && self.wants_tickets()).then_some(&[][..]);
        let Some(ticket) = ticket.or(wish) else { return };
        block.extension(Type::session_ticket, |content| content.bytes(ticket));
    }

    /// Whether sessions shall be resumed later.
    pub(crate) fn wants_tickets(&self) -> bool {
        capability::Tickets::ON && self.config.resumption.tickets > 0
    }
}
