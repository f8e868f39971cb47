//! What goes into the report: our offers as they stand in the ClientHello, the server's choices
//! as they come.

use alloc::vec::Vec;

use handclasp_codec::{ClientHello, CodePoint, Decode, Field, HandshakeHeader};
use handclasp_report::{Report, Side, Tag};

/// Notes the offers of a ClientHello, as they stand in the message.
pub(super) fn offered(report: &mut Report, message: &[u8]) {
    let body = message.get(HandshakeHeader::SIZE..).unwrap_or_default();
    let Ok(hello) = ClientHello::from_bytes(body, Field::client_hello) else { return };
    let offer = &hello.extensions;
    match &offer.supported_versions {
        Some(offer) => report.note_words(Side::Client, Tag::Versions, offer.versions.iter()),
        None => report.note_words(Side::Client, Tag::Versions, core::iter::once(hello.legacy_version)),
    }
    report.note_words(Side::Client, Tag::Suites, hello.cipher_suites.iter());
    report.note_words(Side::Client, Tag::Extensions, offer.types());
    if let Some(groups) = &offer.supported_groups {
        report.note_words(Side::Client, Tag::Groups, groups.named_group_list.iter());
    }
    if let Some(shares) = &offer.key_share {
        let groups = shares.client_shares.iter().map(|share| share.group);
        report.note_words(Side::Client, Tag::KeyShares, groups);
    }
    if let Some(schemes) = &offer.signature_algorithms {
        report.note_words(Side::Client, Tag::Schemes, schemes.supported_signature_algorithms.iter());
    }
    if let Some(names) = &offer.application_layer_protocol_negotiation {
        let mut list = Vec::new();
        for name in names.protocol_name_list.iter() {
            list.push(u8::try_from(name.0.len()).unwrap_or(u8::MAX));
            list.extend_from_slice(name.0);
        }
        report.note(Side::Client, Tag::Alpn, &list);
    }
    if let Some(name) = offer.server_name.as_ref().and_then(|names| names.host_name()) {
        report.note(Side::Client, Tag::ServerName, name);
    }
    if let Some(psks) = &offer.pre_shared_key {
        // A ticket says nothing to a reader, and takes the room of what does.
        for psk in psks.identities.iter().filter(|psk| psk.obfuscated_ticket_age == 0) {
            report.note(Side::Client, Tag::PskIdentity, psk.identity);
        }
    }
}

/// A choice of the server's.
pub(crate) fn chose<W: CodePoint>(report: &mut Report, tag: Tag, word: W) {
    report.note_words(Side::Server, tag, core::iter::once(word));
}
