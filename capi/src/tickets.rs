//! Tickets of a server (RFC 8446 §4.6.1, RFC 5077 §4): sessions sealed under a secret of the application, so that a
//! server keeps nothing of a client.
//!
//! ```text
//! name of the secret (8) | salt (24) | session, sealed under a key of this salt; name and salt are additional data
//! ```
//!
//! Each ticket has a key of its own, so that servers which share a secret need no nonce in common, and no count.

use alloc::{boxed::Box, vec, vec::Vec};

use handclasp_crypto::{Aead, AeadKey, Protection, Random, SharedSecret, Suite, WithIv, expand};
use zeroize::Zeroizing;

use crate::provider::SHA256;

const NAME: usize = 8;
const SALT: usize = 24;
const TAG: usize = 16;
/// The longest key of an AEAD.
const KEY_MAX: usize = 32;
/// A key seals once.
const NONCE: [u8; 12] = [0; 12];

/// Seals and opens tickets.
pub(crate) trait TicketKeys: Send + Sync {
    /// A ticket with this session; `None` where that fails, which costs a full handshake.
    fn seal(&self, session: &[u8], random: &mut dyn Random) -> Option<Vec<u8>>;
    /// The session in a ticket, and whether the client gets a new one. `None` for a ticket of another server.
    fn open(&self, ticket: &[u8]) -> Option<(Zeroizing<Vec<u8>>, bool)>;
    /// Accepts the tickets of an earlier secret, too.
    fn accept(&mut self, secret: SharedSecret);
}

/// Secrets of the application, the one that seals first.
pub(crate) struct Secrets {
    aead: &'static dyn Aead,
    secrets: Vec<SharedSecret>,
}

impl Secrets {
    /// With the AEAD of these suites that has the longest key, so that a program links no other one. `None` if all
    /// have short tags.
    pub(crate) fn new(secret: SharedSecret, suites: &[&'static Suite]) -> Option<Self> {
        let aead = |suite: &&'static Suite| match suite.protection {
            Protection::Aead { aead, .. } if aead.tag_len() == TAG && aead.key_len() <= KEY_MAX => Some(aead),
            _ => None,
        };
        let aead = suites.iter().filter_map(aead).max_by_key(|aead| aead.key_len())?;
        Some(Self { aead, secrets: Vec::from([secret]) })
    }

    fn key(&self, secret: &SharedSecret, salt: &[u8; SALT]) -> Option<Box<WithIv<dyn AeadKey>>> {
        let mut key = Zeroizing::new([0; KEY_MAX]);
        let key = key.get_mut(..self.aead.key_len())?;
        let mut info = [0; 16 + SALT];
        let (label, rest) = info.split_first_chunk_mut::<16>()?;
        *label = *b"hc ticket key 01";
        rest.copy_from_slice(salt);
        expand(SHA256, secret.expose(), &info, key);
        self.aead.key(key)
    }
}

/// Tells the secrets of a server apart; says nothing about the secret.
fn name(secret: &SharedSecret) -> [u8; NAME] {
    let mut name = [0; NAME];
    expand(SHA256, secret.expose(), b"hc ticket name 01", &mut name);
    name
}

impl TicketKeys for Secrets {
    fn seal(&self, session: &[u8], random: &mut dyn Random) -> Option<Vec<u8>> {
        let secret = self.secrets.first()?;
        let mut salt = [0; SALT];
        random.fill(&mut salt).ok()?;
        let key = self.key(secret, &salt)?;
        let mut ticket = vec![0; NAME.checked_add(SALT)?.checked_add(session.len())?.checked_add(TAG)?];
        let (head, sealed) = ticket.split_at_mut_checked(NAME + SALT)?;
        let (place, rest) = head.split_first_chunk_mut::<NAME>()?;
        *place = name(secret);
        rest.copy_from_slice(&salt);
        key.seal(&NONCE, head, session, &[], sealed).ok()?;
        Some(ticket)
    }

    fn open(&self, ticket: &[u8]) -> Option<(Zeroizing<Vec<u8>>, bool)> {
        let (head, sealed) = ticket.split_at_checked(NAME + SALT)?;
        let (named, salt) = head.split_first_chunk::<NAME>()?;
        let place = self.secrets.iter().position(|secret| name(secret) == *named)?;
        let key = self.key(self.secrets.get(place)?, salt.try_into().ok()?)?;
        let mut session = Zeroizing::new(Vec::from(sealed));
        let length = key.open(&NONCE, head, &mut session).ok()?;
        session.truncate(length);
        Some((session, place > 0))
    }

    fn accept(&mut self, secret: SharedSecret) {
        self.secrets.push(secret);
    }
}

#[cfg(test)]
mod tests;
