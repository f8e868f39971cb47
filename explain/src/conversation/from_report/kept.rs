//! The messages that a report keeps, complete again: what was cut is filler of the same length where the
//! length says something, and lists end where they were cut.

use handclasp_codec::{ExtensionType, HELLO_RETRY_REQUEST_RANDOM, HandshakeType, Writer};
use handclasp_report::{Kept, Part, Side, Tag};

use super::hello::{BINDER, FILLER, RANDOM, message};
use crate::conversation::{Event, EventKind};

/// The message as an event. `None` where the report keeps too little of it for a message.
pub(super) fn event(kept: &Kept<'_>) -> Option<Event> {
    let msg_type = match kept.tag {
        Tag::ClientHello => HandshakeType::client_hello,
        Tag::ServerHello => HandshakeType::server_hello,
        Tag::EncryptedExtensions => HandshakeType::encrypted_extensions,
        _ => return None,
    };
    let body = match msg_type {
        HandshakeType::encrypted_extensions => extensions(kept),
        _ if kept.cipher_suites.bytes.is_empty() => return None,
        _ => hello(kept),
    };
    let mut event = message(kept.from, msg_type, |writer: &mut Writer<'_>| writer.bytes(&body))?;
    if let EventKind::Handshake(message) = &mut event.kind {
        message.protected = msg_type == HandshakeType::encrypted_extensions;
    }
    Some(event)
}

fn hello(kept: &Kept<'_>) -> Vec<u8> {
    let (suites, methods) = (kept.cipher_suites.bytes, kept.compression_methods.bytes);
    let session_id = vector(1, &padded(kept.session_id));
    let parts = match kept.from {
        Side::Client => [
            kept.legacy_version,
            RANDOM,
            &session_id,
            &vector(2, suites.get(..suites.len() & !1).unwrap_or_default()),
            &vector(1, methods),
        ]
        .concat(),
        Side::Server => [kept.legacy_version, &random(kept), &session_id, suites, methods].concat(),
    };
    let block = if kept.has_extensions { extensions(kept) } else { Vec::new() };
    [parts, block].concat()
}

/// A server's random with the end that is kept.
fn random(kept: &Kept<'_>) -> [u8; 32] {
    if kept.is_retry() {
        return HELLO_RETRY_REQUEST_RANDOM;
    }
    let mut random = *RANDOM;
    if let (Some(end), Ok(kept)) = (random.last_chunk_mut::<8>(), kept.random_end.try_into()) {
        *end = kept;
    }
    random
}

fn extensions(kept: &Kept<'_>) -> Vec<u8> {
    let each = |(extension, part): (ExtensionType, Part<'_>)| {
        let content = content(kept, extension, part);
        content
            .map(|content| [&extension.0.to_be_bytes()[..], &vector(2, &content)].concat())
            .unwrap_or_default()
    };
    vector(2, &kept.extensions().flat_map(each).collect::<Vec<u8>>())
}

/// The content of an extension, with lengths that are right. `None` for a list of which no element is kept:
/// on the wire it was not empty.
fn content(kept: &Kept<'_>, extension: ExtensionType, part: Part<'_>) -> Option<Vec<u8>> {
    let is_offer = kept.tag == Tag::ClientHello;
    let behind = |count: usize| part.bytes.get(count..).unwrap_or_default();
    Some(match extension {
        ExtensionType::key_share if is_offer && part.length <= 2 => vector(2, &[]),
        ExtensionType::key_share if is_offer => {
            let share = |group: &[u8]| [group, &vector(2, FILLER)].concat();
            list(2, &part.bytes.chunks_exact(2).flat_map(share).collect::<Vec<u8>>())?
        }
        ExtensionType::key_share if part.is_cut() => {
            [part.bytes.get(..2).unwrap_or_default(), &vector(2, FILLER)].concat()
        }
        ExtensionType::pre_shared_key if is_offer => offered_psks(kept)?,
        _ if !part.is_cut() => part.bytes.to_vec(),
        ExtensionType::cookie => vector(2, &vec![0; part.length.saturating_sub(2)]),
        ExtensionType::server_name => list(2, &vector_in(behind(2), 1))?,
        ExtensionType::application_layer_protocol_negotiation => list(2, &whole_names(behind(2)))?,
        ExtensionType::certificate_authorities => list(2, &vector_in(behind(2), 0))?,
        ExtensionType::supported_versions => list(1, words(behind(1)))?,
        ExtensionType::supported_groups
        | ExtensionType::signature_algorithms
        | ExtensionType::signature_algorithms_cert => list(2, words(behind(2)))?,
        _ => padded(part),
    })
}

/// A list that is not empty.
fn list(width: usize, elements: &[u8]) -> Option<Vec<u8>> {
    (!elements.is_empty()).then(|| vector(width, elements))
}

/// Identities with the ages and binders that they need.
fn offered_psks(kept: &Kept<'_>) -> Option<Vec<u8>> {
    let mut identities = Vec::new();
    let mut binders = Vec::new();
    for identity in kept.identities() {
        let is_ticket = identity.bytes.is_empty();
        let name = if is_ticket { padded(identity) } else { identity.bytes.to_vec() };
        identities.extend(vector(2, &name));
        identities.extend([0, 0, 0, u8::from(is_ticket)]);
        binders.extend(vector(1, BINDER));
    }
    Some([list(2, &identities)?, vector(2, &binders)].concat())
}

/// What is kept of the first element: `head` bytes, and a vector that was cut. Empty if nothing of that is.
fn vector_in(list: &[u8], head: usize) -> Vec<u8> {
    match list.split_at_checked(head) {
        Some((head, [_, _, kept @ ..])) if !kept.is_empty() => [head, &vector(2, kept)].concat(),
        _ => Vec::new(),
    }
}

/// The protocol names that are whole.
fn whole_names(mut list: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let [length, rest @ ..] = list
        && let Some((name, rest)) = rest.split_at_checked(usize::from(*length))
    {
        whole.extend(vector(1, name));
        list = rest;
    }
    whole
}

fn words(list: &[u8]) -> &[u8] {
    list.get(..list.len() & !1).unwrap_or_default()
}

/// The beginning that is kept, and zeros up to the length on the wire.
fn padded(part: Part<'_>) -> Vec<u8> {
    let mut bytes = part.bytes.to_vec();
    bytes.resize(part.length.max(bytes.len()), 0);
    bytes
}

/// A vector behind that many bytes of length.
fn vector(width: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = length.get(length.len().saturating_sub(width)..).unwrap_or_default();
    [length, content].concat()
}
