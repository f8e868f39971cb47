//! Writing the ClientHello of both versions (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), the first
//! one and the one after a HelloRetryRequest. It goes straight to the wire: its lists are in the
//! configuration and the offer, and are not collected before.

use handclasp_codec::{
    CertificateStatusType, CertificateType, CipherSuite, ECPointFormat, ExtensionType as Type, Field,
    HandshakeType, NameType, NamedGroup, ProtocolVersion, Writer,
};
use handclasp_crypto::{Digest, KeyExchangeAlgorithm, Suite};
use handclasp_report::{Fault, Internal, Side};

use super::Offer;
use crate::{
    Certificates, Config, Context,
    certificates::is_x509_alone,
    extensions::{Block, OfferedExtensions},
    negotiate::is_group12,
    verify::offered_schemes,
};

/// Sends the ClientHello that `offer` amounts to, and adds it to the transcript.
///
/// # Errors
/// An offer that does not fit its lengths.
pub(crate) fn send(offer: &mut Offer, context: &mut Context<'_>) -> Result<(), Fault> {
    let (config, now) = (context.config, context.now);
    let hello = Hello::new(offer, config, now);
    let mut extensions = OfferedExtensions::default();
    let message = context
        .actions
        .send_unfinished(HandshakeType::client_hello, |writer| extensions = hello.write(writer))?;
    bind(offer, config, now, message)?;
    context.report.message(Side::Client, message);
    offer.transcript.add(message);
    offer.extensions = extensions;
    Ok(())
}

/// Fills in the binders, which are the end of `message` (RFC 8446 §4.2.11.2): two bytes of
/// length, and each behind one of its own.
fn bind(offer: &Offer, config: &Config, now: u64, message: &mut [u8]) -> Result<(), Fault> {
    let bug = Fault::Internal(Internal::Bug);
    let lengths = offer.keys13(config, now).map(|key| key.hash.output_len().saturating_add(1));
    let binders = lengths.fold(0, usize::saturating_add);
    if binders == 0 {
        return Ok(());
    }
    let truncated = message.len().checked_sub(binders.saturating_add(2)).ok_or(bug)?;
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

/// A ClientHello to be written.
struct Hello<'h> {
    offer: &'h Offer,
    config: &'h Config,
    now: u64,
    /// What is requested of the server's certificate. With a pre-shared key there are no
    /// certificates on either side.
    certificates: Option<&'h Certificates>,
    /// Whether some suite of TLS 1.2 does ECDHE.
    ecdhe12: bool,
    /// Whether some group is offered.
    has_groups: bool,
}

impl<'h> Hello<'h> {
    fn new(offer: &'h Offer, config: &'h Config, now: u64) -> Self {
        let is_ecdhe12 = |suite: &'static Suite| {
            matches!(suite.exchange, KeyExchangeAlgorithm::Ecdhe(_) | KeyExchangeAlgorithm::EcdhePsk)
        };
        let certificates = offer.psk.is_none().then_some(&config.certificates);
        let ecdhe12 = offer.suites(config).any(is_ecdhe12);
        let mut hello = Self { offer, config, now, certificates, ecdhe12, has_groups: false };
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
        self.supported_versions(block);
        self.cookie(block);
        self.psk_key_exchange_modes(block);
        self.certificate_authorities(block);
        self.key_share(block);
        // The last one (RFC 8446 §4.2.11).
        self.pre_shared_key(block);
    }

    /// Groups on offer, in order.
    fn groups(&self) -> impl Iterator<Item = NamedGroup> {
        let groups = self.config.groups.iter().map(|group| group.group());
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
        if self.certificates.is_some() && self.config.extensions.status_request {
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
        if !self.config.verify.is_empty() {
            block.extension(Type::signature_algorithms, |content| {
                content.vector16(Field::supported_signature_algorithms, |list| {
                    offered_schemes(self.config).for_each(|scheme| list.word(scheme));
                });
            });
        }
    }

    fn signature_algorithms_cert(&self, block: &mut Block<'_, '_>) {
        let schemes = self.certificates.map_or(&[][..], |certificates| &certificates.schemes);
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
        if !names.is_empty() {
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
        let Some(certificates) = self.certificates else { return };
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
        if self.offer.suites(self.config).any(Suite::needs_encrypt_then_mac) {
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

    fn supported_versions(&self, block: &mut Block<'_, '_>) {
        if self.offer.tls13 {
            block.extension(Type::supported_versions, |content| {
                content.vector8(Field::versions, |list| {
                    list.word(ProtocolVersion::TLS_1_3);
                    if self.offer.tls12 {
                        list.word(ProtocolVersion::TLS_1_2);
                    }
                });
            });
        }
    }

    fn cookie(&self, block: &mut Block<'_, '_>) {
        let Some(cookie) = &self.offer.cookie else { return };
        block.extension(Type::cookie, |content| content.opaque16(Field::cookie, cookie));
    }

    /// Without it a server need not give tickets (RFC 8446 §4.2.9).
    fn psk_key_exchange_modes(&self, block: &mut Block<'_, '_>) {
        if self.offer.tls13 && self.wants_tickets() || self.has_keys13() {
            block.extension(Type::psk_key_exchange_modes, |content| {
                content.vector8(Field::ke_modes, |list| {
                    let modes = self.config.extensions.psk_modes(self.has_groups);
                    modes.iter().for_each(|mode| list.word(*mode));
                });
            });
        }
    }

    fn certificate_authorities(&self, block: &mut Block<'_, '_>) {
        let authorities = self.certificates.map_or(&[][..], |certificates| &certificates.authorities);
        if self.offer.tls13 && !authorities.is_empty() {
            block.extension(Type::certificate_authorities, |content| {
                content.vector16(Field::authorities, |list| {
                    authorities.iter().for_each(|name| list.opaque16(Field::distinguished_name, name));
                });
            });
        }
    }

    /// Empty where a HelloRetryRequest shall tell the group (RFC 8446 §4.2.8).
    fn key_share(&self, block: &mut Block<'_, '_>) {
        if self.offer.tls13 && self.has_groups {
            block.extension(Type::key_share, |content| {
                content.vector16(Field::client_shares, |list| {
                    for share in &self.offer.shares {
                        list.word(share.group);
                        list.opaque16(Field::key_exchange, share.private.public());
                    }
                });
            });
        }
    }

    fn pre_shared_key(&self, block: &mut Block<'_, '_>) {
        if !self.has_keys13() {
            return;
        }
        block.extension(Type::pre_shared_key, |content| {
            content.vector16(Field::identities, |list| {
                for key in self.offer.keys13(self.config, self.now) {
                    list.opaque16(Field::identity, key.identity);
                    list.u32(key.age);
                }
            });
            content.vector16(Field::binders, |list| {
                for key in self.offer.keys13(self.config, self.now) {
                    let zeros = ZEROS.get(..key.hash.output_len()).unwrap_or_default();
                    list.opaque8(Field::psk_binder_entry, zeros);
                }
            });
        });
    }

    /// Whether sessions shall be resumed later.
    fn wants_tickets(&self) -> bool {
        self.config.resumption.tickets > 0
    }

    /// Whether pre_shared_key is offered.
    fn has_keys13(&self) -> bool {
        self.offer.keys13(self.config, self.now).next().is_some()
    }
}
