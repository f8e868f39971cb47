//! The signatures of a handshake, each verified under the key of its sender's certificate:
//! ServerKeyExchange (RFC 5246 §7.4.3, RFC 8422 §5.4) and CertificateVerify of both sides
//! (RFC 5246 §7.4.8, RFC 8446 §4.4.3).

use handclasp_codec::{
    CertificateVerify, CertificateVerify10, Decode as _, ErrorSlot, Field, HandshakeType, HashAlgorithm,
    KeyExchangeAlgorithm, NamedGroup, ProtocolVersion, Reader, ServerDhParams, ServerEcdhParams,
    ServerKeyExchangeEcdhePsk, SignatureScheme,
};
use handclasp_schedule::{Sender, certificate_verify_content, server_key_exchange_content};

use super::hash::Hash;
use super::key::Key;
use super::signature::{Algorithm, Verified, verify};
use crate::conversation::{Conversation, Event, EventKind, LocatedMessage};
use crate::input::capture_event::{Position, Side};

/// A signature as it was sent, with what it covers.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Who signed.
    pub by: Side,
    /// Where the message stands.
    pub position: Position,
    /// Which message carries it.
    pub carrier: HandshakeType,
    /// The scheme that it names; none before TLS 1.2.
    pub scheme: Option<SignatureScheme>,
    /// What that means for this key.
    pub algorithm: Option<Algorithm>,
    /// The signature.
    pub signature: Vec<u8>,
    /// The key in its sender's certificate.
    pub key: Key,
    /// What is signed.
    pub content: Content,
    /// What verification says.
    pub verified: Verified,
}

/// What a signature covers.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Randoms of both sides, and the server's parameters.
    Parameters { client_random: [u8; 32], server_random: [u8; 32], params: Vec<u8> },
    /// The messages before it: their own bytes (TLS 1.2 and before), or their hash in a frame.
    Transcript {
        /// Each message.
        messages: Vec<Vec<u8>>,
        /// The hash of the suite and whose frame it is, in TLS 1.3.
        frame: Option<(Hash, Sender)>,
    },
    /// Something that does not show.
    Unknown,
}

impl Content {
    /// The bytes that go into the signature algorithm.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Parameters { client_random, server_random, params } => {
                server_key_exchange_content(client_random, server_random, params)
            }
            Self::Transcript { messages, frame: None } => messages.concat(),
            Self::Transcript { messages, frame: Some((hash, sender)) } => {
                let digest = handclasp_crypto::Digest::new(&hash.of(&[&messages.concat()]));
                certificate_verify_content(*sender, &digest).to_vec()
            }
            Self::Unknown => Vec::new(),
        }
    }
}

/// Messages of a handshake that are looked at: real ones have a dozen.
const MESSAGES: usize = 64;

/// Every signature that shows, with its sender's key.
pub fn signatures(conversation: &Conversation) -> Vec<Signed> {
    let mut found = Vec::new();
    found.extend(server_key_exchange(conversation));
    found.extend(certificate_verify(conversation, Side::Server));
    found.extend(certificate_verify(conversation, Side::Client));
    found
}

fn leaf(conversation: &Conversation, of: Side) -> Option<Key> {
    super::certificate::Certificate::parse(conversation.chain(of)?.first()?).map(|leaf| leaf.key)
}

/// Verifies, where everything is there.
fn signed(
    found: LocatedMessage<'_>,
    key: Key,
    (scheme, algorithm): (Option<SignatureScheme>, Option<Algorithm>),
    signature: &[u8],
    content: Content,
) -> Signed {
    let verified = match (algorithm, &content) {
        (None, _) | (_, Content::Unknown) => Verified::CannotTell,
        (Some(algorithm), Content::Parameters { .. } | Content::Transcript { .. }) => {
            verify(&key, algorithm, &content.bytes(), signature)
        }
    };
    // That they do not fit needs no content.
    let unfit = algorithm.zip(key.family()).is_some_and(|(algorithm, family)| algorithm.family() != family);
    Signed {
        by: found.event.from,
        position: found.event.position,
        carrier: found.message.msg_type,
        scheme,
        algorithm,
        signature: signature.to_vec(),
        key,
        content,
        verified: if unfit { Verified::SchemeDoesNotFitKey } else { verified },
    }
}

fn tells_scheme(conversation: &Conversation) -> bool {
    conversation.version().is_some_and(|version| version >= ProtocolVersion::TLS_1_2)
}

fn server_key_exchange(conversation: &Conversation) -> Option<Signed> {
    let found = conversation.first(Side::Server, HandshakeType::server_key_exchange)?;
    if !matches!(exchange(conversation)?, KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::Dhe) {
        return None;
    }
    let key = leaf(conversation, Side::Server)?;
    let body = found.message.body();
    let mut slot = ErrorSlot::default();
    let mut reader = Reader::new(body, &mut slot);
    parameters(&mut reader, exchange(conversation)?)?;
    let params = body.get(..reader.offset())?.to_vec();
    let how = match tells_scheme(conversation) {
        true => {
            let scheme: SignatureScheme = reader.word(Field::algorithm).ok()?;
            (Some(scheme), Algorithm::of_scheme(scheme))
        }
        false => (None, Algorithm::before_tls12(&key)),
    };
    let signature = reader.opaque16(Field::signature, 0..=0xffff).ok()?;
    let ((asked, hello), (answered, answer)) =
        (conversation.answered_client_hello()?, conversation.server_hello_at()?);
    if asked.index > answered.index {
        // That of a renegotiation, where the capture lacks the first one.
        return None;
    }
    let (client, server) = (hello.random, answer.random);
    let content = Content::Parameters { client_random: *client, server_random: *server, params };
    Some(signed(found, key, how, signature, content))
}

fn exchange(conversation: &Conversation) -> Option<KeyExchangeAlgorithm> {
    conversation.suite()?.key_exchange_algorithm()
}

/// Reads past the parameters; their group and public key, if they are of a curve.
fn parameters<'a>(
    reader: &mut Reader<'a, '_, ErrorSlot>,
    exchange: KeyExchangeAlgorithm,
) -> Option<Option<(NamedGroup, &'a [u8])>> {
    match exchange {
        KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::EcdhAnon => {
            let params = ServerEcdhParams::decode(reader).ok()?;
            Some(Some((params.named_curve, params.public)))
        }
        KeyExchangeAlgorithm::EcdhePsk => {
            let params = ServerKeyExchangeEcdhePsk::decode(reader).ok()?.params;
            Some(Some((params.named_curve, params.public)))
        }
        KeyExchangeAlgorithm::Dhe | KeyExchangeAlgorithm::DhAnon => {
            ServerDhParams::decode(reader).ok().map(|_| None)
        }
        KeyExchangeAlgorithm::Rsa
        | KeyExchangeAlgorithm::Dh
        | KeyExchangeAlgorithm::Ecdh
        | KeyExchangeAlgorithm::Psk
        | KeyExchangeAlgorithm::DhePsk
        | KeyExchangeAlgorithm::RsaPsk => None,
    }
}

/// The server's ECDHE public key in TLS 1.2 and before: where it stands, its group, its bytes.
pub fn server_params(conversation: &Conversation) -> Option<(Position, NamedGroup, Vec<u8>)> {
    let found = conversation.first(Side::Server, HandshakeType::server_key_exchange)?;
    let mut slot = ErrorSlot::default();
    let mut reader = Reader::new(found.message.body(), &mut slot);
    let (group, public) = parameters(&mut reader, exchange(conversation)?)??;
    Some((found.event.position, group, public.to_vec()))
}

fn certificate_verify(conversation: &Conversation, by: Side) -> Option<Signed> {
    let found = conversation.first(by, HandshakeType::certificate_verify)?;
    let key = leaf(conversation, by)?;
    let (how, signature) = match tells_scheme(conversation) {
        true => {
            let message: CertificateVerify<'_> = found.message.decode()?;
            ((Some(message.algorithm), Algorithm::of_scheme(message.algorithm)), message.signature)
        }
        false => {
            let message: CertificateVerify10<'_> = found.message.decode()?;
            ((None, Algorithm::before_tls12(&key)), message.signature)
        }
    };
    let content = transcript(conversation, found.index, by).unwrap_or(Content::Unknown);
    Some(signed(found, key, how, signature, content))
}

/// The messages before the item at `end`; `None` if some of them do not show. SSL 3.0 signs the
/// master secret too (RFC 6101 §5.6.8).
fn transcript(conversation: &Conversation, end: usize, by: Side) -> Option<Content> {
    // A hello that the key log knows otherwise is not the one that was signed.
    if conversation.decryption.key_log_near.is_some() {
        return None;
    }
    if conversation.begins_late
        || conversation.dropped > 0
        || conversation.version()? < ProtocolVersion::TLS_1_0
    {
        return None;
    }
    if conversation.events.iter().take(end).any(|item| hides(&item.kind)) {
        return None;
    }
    // That bytes of the peer are missing shows late, when nothing brings them any more.
    let hole = |item: &Event| item.from != by && matches!(item.kind, EventKind::Gap(_));
    if conversation.events.iter().skip(end).any(hole) {
        return None;
    }
    let mut messages = split(&conversation.transcript(end));
    if messages.len() > MESSAGES {
        return None;
    }
    let frame = match conversation.is_tls13() {
        false => None,
        true => Some((
            suite_hash(conversation)?,
            match by {
                Side::Client => Sender::Client,
                Side::Server => Sender::Server,
            },
        )),
    };
    if let Some((hash, _)) = frame
        && conversation.retries().next().is_some()
    {
        let first = messages.first_mut()?;
        let digest = hash.of(&[first]);
        let HandshakeType(msg_type) = HandshakeType::message_hash;
        *first = [&[msg_type, 0, 0, u8::try_from(digest.len()).ok()?], digest.as_slice()].concat();
    }
    Some(Content::Transcript { messages, frame })
}

/// Whether messages may be missing because of it.
fn hides(what: &EventKind) -> bool {
    match what {
        EventKind::Gap(_) | EventKind::Protected(_) | EventKind::NotTls { .. } | EventKind::Error(_) => true,
        EventKind::Syn
        | EventKind::SynAck
        | EventKind::Acknowledged
        | EventKind::Fin
        | EventKind::Reset
        | EventKind::Handshake(_)
        | EventKind::Alert { .. }
        | EventKind::ChangeCipherSpec
        | EventKind::ApplicationData { .. }
        | EventKind::Record { .. } => false,
    }
}

/// Messages that stand in a row.
fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    while let Ok(next) = handclasp_codec::split_handshake(bytes) {
        messages.push(next.message.to_vec());
        bytes = next.rest;
    }
    messages
}

/// The hash of a TLS 1.3 suite (RFC 8446 §B.4).
fn suite_hash(conversation: &Conversation) -> Option<Hash> {
    match conversation.suite()?.named_hash()? {
        HashAlgorithm::sha256 => Some(Hash::Sha256),
        HashAlgorithm::sha384 => Some(Hash::Sha384),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::rules::test_support::{
        client_hello, conversation, item, message, sealed, server_hello,
    };

    #[test]
    fn the_hello_of_a_renegotiation_is_not_signed_by_the_first_answer() {
        use crate::diagnosis::rules::test_support::chain;
        let exchange = [&[3, 0, 0x17, 1, 4][..], &[4, 3, 0, 1, 0x30]].concat();
        let flight = [
            server_hello(false),
            message(Side::Server, HandshakeType::certificate, &chain(&["direct"])),
            message(Side::Server, HandshakeType::server_key_exchange, &exchange),
        ];
        let before = [client_hello(9)].into_iter().chain(flight.clone());
        let behind = flight.into_iter().chain([client_hello(9)]);
        assert_eq!(signatures(&conversation(before.collect())).len(), 1);
        assert!(signatures(&conversation(behind.collect())).is_empty());
    }

    #[test]
    fn a_hole_that_shows_late_is_one_all_the_same() {
        let covers = |more: Vec<Event>| {
            let mut items = vec![client_hello(9), server_hello(true)];
            items.push(message(Side::Server, HandshakeType::encrypted_extensions, &[0, 0]));
            items.extend(more);
            let conversation = conversation(items);
            transcript(&conversation, 5, Side::Server).is_some()
        };
        assert!(covers(vec![sealed(Side::Server, 90)]));
        assert!(covers(vec![item(Side::Server, EventKind::Gap(40))]), "behind what was signed");
        assert!(!covers(vec![sealed(Side::Server, 90), item(Side::Client, EventKind::Gap(40))]));
    }
}
