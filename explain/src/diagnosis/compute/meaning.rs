//! What a bad signature would be good for: another key, another hash, other messages, a flipped
//! bit. Each guess is verified, so that the result is a fact.

use handclasp_codec::HandshakeType;

use super::certificate::Certificate;
use super::hash::Hash;
use super::key::{Key, KeyKind};
use super::rsa;
use super::signature::{Algorithm, Verified, verify};
use super::signed::{Content, Signed};

/// What it verifies as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Under another key that is at hand.
    UnderKey {
        /// Whose.
        whose: String,
    },
    /// Under the certificate's key, by another algorithm than named.
    As(Algorithm),
    /// With the two randoms in the other order.
    RandomsSwapped,
    /// Without one of the messages.
    Without(HandshakeType),
    /// If one bit of what shows were the other way.
    BitFlipped {
        /// Where the bit stands.
        within: &'static str,
        /// Which byte of it.
        offset: usize,
        /// Which bit of that byte, the highest being 7.
        bit: u8,
    },
}

/// All that fits; empty if nothing does.
pub fn meanings(signed: &Signed, others: &[(String, Key)]) -> Vec<Meaning> {
    let Some(algorithm) = signed.algorithm else { return Vec::new() };
    let good = |key: &Key, algorithm, content: &Content| {
        verify(key, algorithm, &content.bytes(), &signed.signature) == Verified::Good
    };
    let mut found = Vec::new();
    if matches!(signed.content, Content::Unknown) {
        return found;
    }
    for (whose, key) in others.iter().filter(|(_, key)| key.spki != signed.key.spki) {
        if good(key, fitting(algorithm, key), &signed.content) {
            found.push(Meaning::UnderKey { whose: whose.clone() });
        }
    }
    let named = fitting(algorithm, &signed.key);
    let ways = Hash::NAMED.into_iter().flat_map(|hash| match named {
        Algorithm::RsaPkcs1(_) | Algorithm::RsaPss(_) => {
            vec![Algorithm::RsaPkcs1(hash), Algorithm::RsaPss(hash)]
        }
        Algorithm::Ecdsa(_) => vec![Algorithm::Ecdsa(hash)],
        Algorithm::Ed25519 | Algorithm::Ed448 | Algorithm::Dsa(_) => Vec::new(),
    });
    found.extend(
        ways.filter(|way| *way != algorithm && good(&signed.key, *way, &signed.content)).map(Meaning::As),
    );
    for (meaning, content) in variations(&signed.content) {
        if good(&signed.key, named, &content) {
            found.push(meaning);
        }
    }
    found.extend(flipped(signed));
    found
}

/// The algorithm itself, or with the same hash the one that this key can do.
fn fitting(algorithm: Algorithm, key: &Key) -> Algorithm {
    let hash = algorithm.hash().unwrap_or(Hash::Sha256);
    match &key.kind {
        KeyKind::Rsa { .. } if algorithm.family() != super::key::Family::Rsa => Algorithm::RsaPkcs1(hash),
        KeyKind::Ec { .. } => Algorithm::Ecdsa(hash),
        KeyKind::Ed25519(_) => Algorithm::Ed25519,
        KeyKind::Rsa { .. } | KeyKind::Ed448 | KeyKind::Dsa | KeyKind::Other => algorithm,
    }
}

/// Contents that a faulty implementation might have signed instead.
fn variations(content: &Content) -> Vec<(Meaning, Content)> {
    match content {
        Content::Parameters { client_random, server_random, params } => {
            let swapped = Content::Parameters {
                client_random: *server_random,
                server_random: *client_random,
                params: params.clone(),
            };
            vec![(Meaning::RandomsSwapped, swapped)]
        }
        Content::Transcript { messages, frame } => (0..messages.len())
            .filter_map(|left_out| {
                let mut messages = messages.clone();
                let msg_type = HandshakeType(*messages.remove(left_out).first()?);
                Some((Meaning::Without(msg_type), Content::Transcript { messages, frame: *frame }))
            })
            .collect(),
        Content::Unknown => Vec::new(),
    }
}

/// The one bit that differs from what was signed. Only for RSA and parameters: the block is opened
/// once, and each bit then costs one hash.
fn flipped(signed: &Signed) -> Option<Meaning> {
    const RANDOM: usize = 32;
    // Parameters of the largest groups in use have 3 KB; every bit costs a hash over all of them.
    const LONGEST: usize = 4096;
    let KeyKind::Rsa { modulus, exponent, .. } = &signed.key.kind else { return None };
    let Content::Parameters { .. } = &signed.content else { return None };
    let opened = rsa::open(modulus, exponent, &signed.signature)?;
    let hash = signed.algorithm?.hash()?;
    let mut bytes = signed.content.bytes();
    if bytes.len() > LONGEST {
        return None;
    }
    (0..bytes.len()).find_map(|at| {
        (0..8_u8).find_map(|bit| {
            *bytes.get_mut(at)? ^= 1 << bit;
            let fits = opened.is_of(&bytes, hash);
            *bytes.get_mut(at)? ^= 1 << bit;
            let (within, offset) = match at {
                0..RANDOM => ("ClientHello.random", at),
                RANDOM..64 => ("ServerHello.random", at - RANDOM),
                _ => ("the parameters of ServerKeyExchange", at - 2 * RANDOM),
            };
            fits.then_some(Meaning::BitFlipped { within, offset, bit })
        })
    })
}

/// Keys at hand besides the sender's own: of the rest of its chain, and of what the user gave.
pub fn other_keys(
    chain: &[&[u8]],
    certificates: &[Vec<u8>],
    key: Option<&[u8]>,
    roots: &[Vec<u8>],
) -> Vec<(String, Key)> {
    let of = |der: &[u8], what: &str| {
        Certificate::parse(der).map(|found| (format!("the key of {what} {}", found.subject_text), found.key))
    };
    let given = key.and_then(Key::from_spki).map(|key| ("the given private key".to_owned(), key));
    let sent = chain.iter().skip(1).take(16).filter_map(|der| of(der, "another certificate in the chain,"));
    let more = certificates.iter().take(16).filter_map(|der| of(der, "the given certificate,"));
    let roots = roots.iter().take(16).filter_map(|der| of(der, "the trust anchor"));
    given.into_iter().chain(more).chain(sent).chain(roots).collect()
}

/// As evidence says it.
impl std::fmt::Display for Meaning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnderKey { whose } => write!(f, "the signature verifies under {whose}"),
            Self::As(algorithm) => {
                write!(f, "it verifies under the certificate's key as {}", algorithm.describe())
            }
            Self::RandomsSwapped => write!(f, "it verifies with the two randoms swapped"),
            Self::Without(msg_type) => {
                write!(
                    f,
                    "it verifies over the messages without {}",
                    msg_type.name().unwrap_or("an unknown message")
                )
            }
            Self::BitFlipped { within, offset, bit } => write!(
                f,
                "it verifies with bit {bit} of byte {offset} of {within} inverted: that bit was changed in \
                 transit"
            ),
        }
    }
}
