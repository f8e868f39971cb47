//! What can be recomputed: points, signatures, chains. Each answers what it found, without a
//! verdict.
//!
//! | file | what |
//! |---|---|
//! | `point`, `curve` | whether an exchanged key is a point of its group |
//! | `signed` | the signatures of a handshake and what they cover |
//! | `signature`, `rsa`, `hash`, `key` | one signature under one key: good, or how it is bad |
//! | `meaning` | what a bad signature would be good for |
//! | `certificate`, `names` | a certificate, read; its names |
//! | `chain` | a chain against anchors, time and name |

pub(crate) mod certificate;
pub(crate) mod chain;
pub(crate) mod curve;
pub(crate) mod hash;
pub(crate) mod key;
pub(crate) mod meaning;
mod names;
pub(crate) mod point;
mod rsa;
pub(crate) mod signature;
pub(crate) mod signed;

use std::cell::OnceCell;

use chain::{Chain, Purpose, Question};
use handclasp_codec::KeyExchangeAlgorithm;
use point::PublicShare;
use signed::Signed;

use crate::conversation::Conversation;
use crate::input::capture_event::Side;
use crate::input::evidence::Evidence;

/// Facts of one conversation, each computed when somebody asks first.
#[derive(Default)]
pub(crate) struct Facts {
    server_chain: OnceCell<Option<Chain>>,
    client_chain: OnceCell<Option<Chain>>,
    signatures: OnceCell<Vec<Signed>>,
    shares: OnceCell<Vec<PublicShare>>,
}

/// The name that the client wants, and who says so.
pub(crate) struct Expected {
    /// The name.
    pub name: handclasp_trust::Name,
    /// The user gave it; else it is the server_name of the ClientHello.
    pub given: bool,
}

impl Facts {
    /// The chain of a side, judged as its peer would; `None` where none shows.
    pub fn chain(&self, of: Side, conversation: &Conversation, evidence: &Evidence) -> Option<&Chain> {
        let cell = match of {
            Side::Client => &self.client_chain,
            Side::Server => &self.server_chain,
        };
        let compute = || judge(of, &conversation.chain(of)?, conversation, evidence);
        cell.get_or_init(compute).as_ref()
    }

    /// The signatures of both sides.
    pub fn signatures(&self, conversation: &Conversation) -> &[Signed] {
        self.signatures.get_or_init(|| signed::signatures(conversation))
    }

    /// The exchanged public keys of both sides.
    pub fn shares(&self, conversation: &Conversation) -> &[PublicShare] {
        self.shares.get_or_init(|| point::shares(conversation))
    }
}

/// Judges a chain (DER, leaf first) as the peer of the conversation would.
pub(crate) fn judge(
    of: Side,
    sent: &[&[u8]],
    conversation: &Conversation,
    evidence: &Evidence,
) -> Option<Chain> {
    let question = Question {
        roots: evidence.roots.as_deref(),
        others: &evidence.certificates,
        now: now(conversation, evidence),
        name: expected(conversation, evidence).map(|expected| expected.name),
        purpose: purpose(conversation, of),
    };
    Chain::new(of, sent, &question)
}

/// When validity is judged: as given, else the time of the capture.
pub(crate) fn now(conversation: &Conversation, evidence: &Evidence) -> Option<i64> {
    let captured = || conversation.events.iter().find_map(|item| item.position.time);
    i64::try_from(evidence.at.or_else(captured)?.as_secs()).ok()
}

/// The name that the server ought to have.
pub(crate) fn expected(conversation: &Conversation, evidence: &Evidence) -> Option<Expected> {
    if let Some(name) = &evidence.name {
        return handclasp_trust::Name::parse(name).ok().map(|name| Expected { name, given: true });
    }
    let hello = conversation.last_client_hello()?;
    let names = hello.extensions.server_name.as_ref()?;
    let name = names.host_name()?;
    let name = handclasp_trust::Name::parse(std::str::from_utf8(name).ok()?).ok()?;
    Some(Expected { name, given: false })
}

/// What the key of a certificate does in this handshake.
fn purpose(conversation: &Conversation, of: Side) -> Option<Purpose> {
    if of == Side::Client || conversation.is_tls13() {
        return Some(Purpose::Sign);
    }
    match conversation.suite()?.key_exchange_algorithm()? {
        KeyExchangeAlgorithm::Rsa | KeyExchangeAlgorithm::RsaPsk => Some(Purpose::Decrypt),
        KeyExchangeAlgorithm::Ecdh | KeyExchangeAlgorithm::Dh => Some(Purpose::Agree),
        KeyExchangeAlgorithm::Dhe | KeyExchangeAlgorithm::Ecdhe => Some(Purpose::Sign),
        KeyExchangeAlgorithm::DhAnon
        | KeyExchangeAlgorithm::EcdhAnon
        | KeyExchangeAlgorithm::Psk
        | KeyExchangeAlgorithm::DhePsk
        | KeyExchangeAlgorithm::EcdhePsk => None,
    }
}
