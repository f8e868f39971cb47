//! Tickets (RFC 8446 §4.6.1, RFC 5077 §4): sessions sealed under a key that changes with time,
//! so that a server keeps no state of a client, except which tickets of one use were used.
//!
//! ```text
//! key name (8) | nonce (12) | AES-256-GCM of Session::encode, the name being additional data
//! ```
//!
//! A key seals for one period and opens for two. In its second period it opens each ticket once,
//! and in TLS 1.2 the client gets a new one.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use handclasp_connection::Context;
use handclasp_crypto::{AeadKey, Random, SharedSecret, WithIv, equal, expand};
use handclasp_handshake::Sealable;
use zeroize::Zeroizing;

use crate::provider::{AES_256_GCM, SHA256};

const NAME: usize = 8;
const NONCE: usize = 12;
const TAG: usize = 16;
const KEY: usize = 32;

/// Seconds that a key seals, and tickets are good for at most.
pub(crate) const PERIOD: u32 = 12 * 3600;

/// Tickets that one key seals: random nonces repeat with a probability below 2^-32 up to 2^32
/// (NIST SP 800-38D §8.3), and servers may share a key.
const SEALED_MAX: u64 = 1 << 28;

/// Used tickets that are remembered for each key. Beyond that none is accepted, and clients
/// need a full handshake. 12 bytes each, so some 30 MB.
const USED_MAX: usize = 1 << 20;

/// Seals and opens a server's tickets.
pub(crate) struct Tickets {
    /// The application's secret; without one every key is random.
    shared: Option<SharedSecret>,
    keys: Mutex<Keys>,
}

#[derive(Default)]
struct Keys {
    current: Option<Key>,
    previous: Option<Key>,
}

/// A key of one period.
struct Key {
    /// Which period since 1970.
    period: u64,
    name: [u8; NAME],
    aead: Box<WithIv<dyn AeadKey>>,
    sealed: u64,
    /// Nonces of the tickets that may not come again.
    used: HashSet<[u8; NONCE]>,
}

/// A ticket that opened.
pub(crate) struct OpenedState<'a> {
    /// The session; wiped when dropped.
    pub(crate) state: Zeroizing<Vec<u8>>,
    /// Whether the client shall have a new ticket.
    pub(crate) renew: bool,
    /// Where the ticket is good for one use.
    pub(crate) single: Option<TicketRedemption<'a>>,
}

/// The redemption of a ticket of one use. Opening the ticket does not use it up: an observer of the
/// ClientHello can have it opened.
pub(crate) struct TicketRedemption<'a> {
    tickets: &'a Tickets,
    /// Name of the key that sealed it.
    name: [u8; NAME],
    nonce: [u8; NONCE],
}

impl TicketRedemption<'_> {
    /// Marks the ticket as used; false where it was used before, or where too many are remembered.
    pub(crate) fn redeem(&self) -> bool {
        let mut keys = self.tickets.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let Keys { current, previous } = &mut *keys;
        let mut both = current.iter_mut().chain(previous);
        let key = both.find(|key| key.name == self.name);
        key.is_some_and(|key| key.used.len() < USED_MAX && key.used.insert(self.nonce))
    }
}

impl Tickets {
    /// With random keys, which no other server has.
    pub(crate) fn random() -> Self {
        Self { shared: None, keys: Mutex::default() }
    }

    /// With keys that all servers derive that hold the same secret.
    pub(crate) fn shared(secret: SharedSecret) -> Self {
        Self { shared: Some(secret), keys: Mutex::default() }
    }

    /// Whether the keys of both come from the same shared secret, or from randomness.
    pub(crate) fn have_equal_source(one: &Self, other: &Self) -> bool {
        match (&one.shared, &other.shared) {
            (None, None) => true,
            (Some(one), Some(other)) => equal(one.expose(), other.expose()),
            _ => false,
        }
    }

    /// Seals a session; `None` where that fails, which costs a full handshake.
    pub(crate) fn seal(&self, session: Sealable<'_>, context: &mut Context<'_>) -> Option<Vec<u8>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        self.rotate(&mut keys, context.now, context.random)?;
        let key = keys.current.as_mut().filter(|key| key.sealed < SEALED_MAX)?;
        key.sealed += 1;
        let mut nonce = [0; NONCE];
        context.random.fill(&mut nonce).ok()?;
        let mut ticket = vec![0; NAME + NONCE + session.0.len() + TAG];
        ticket[..NAME].copy_from_slice(&key.name);
        ticket[NAME..NAME + NONCE].copy_from_slice(&nonce);
        key.aead.seal(&nonce, &key.name, session.0, &[], &mut ticket[NAME + NONCE..]).ok()?;
        Some(ticket)
    }

    /// Opens a ticket of this server. `once`: it may be used once, and is refused where it was.
    pub(crate) fn open(
        &self,
        ticket: &[u8],
        once: bool,
        context: &mut Context<'_>,
    ) -> Option<OpenedState<'_>> {
        let (name, rest) = ticket.split_first_chunk::<NAME>()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        self.rotate(&mut keys, context.now, context.random)?;
        let is_it = |key: &&Key| key.name == *name;
        let (key, renew) = match keys.current.as_ref().filter(is_it) {
            Some(key) => (key, false),
            None => (keys.previous.as_ref().filter(is_it)?, true),
        };
        let mut state = Zeroizing::new(sealed.to_vec());
        let length = key.aead.open(nonce, name, &mut state).ok()?;
        state.truncate(length);
        let is_single = once || renew;
        if is_single && key.used.contains(nonce) {
            return None;
        }
        let single = is_single.then_some(TicketRedemption { tickets: self, name: *name, nonce: *nonce });
        Some(OpenedState { state, renew, single })
    }

    /// Sees to it that the current key is that of this period, or of the next one: a thread that read
    /// the clock before another one, or a clock that is set back a little, must not make the keys anew.
    /// Those would have forgotten which tickets are spent.
    fn rotate(&self, keys: &mut Keys, now: u64, random: &mut dyn Random) -> Option<()> {
        let period = now / u64::from(PERIOD);
        let is_close = |key: &Key| key.period == period || key.period.checked_sub(1) == Some(period);
        if keys.current.as_ref().is_some_and(is_close) {
            return Some(());
        }
        let last = keys.current.take();
        keys.current = Some(self.key(period, random)?);
        keys.previous = match (last, &self.shared) {
            (Some(last), _) if last.period + 1 == period => Some(last),
            // The others used it while we were not there.
            (_, Some(_)) => Some(self.key(period.saturating_sub(1), random)?),
            (_, None) => None,
        };
        Some(())
    }

    fn key(&self, period: u64, random: &mut dyn Random) -> Option<Key> {
        let mut secret = Zeroizing::new([0; KEY]);
        match &self.shared {
            Some(shared) => {
                let info = [b"handclasp ticket key ", &period.to_be_bytes()[..]].concat();
                expand(SHA256, shared.expose(), &info, &mut secret[..]);
            }
            None => random.fill(&mut secret[..]).ok()?,
        }
        let (mut name, mut key) = ([0; NAME], Zeroizing::new([0; KEY]));
        expand(SHA256, &secret[..], b"name", &mut name);
        expand(SHA256, &secret[..], b"key", &mut key[..]);
        let aead = AES_256_GCM.key(&key[..])?;
        Some(Key { period, name, aead, sealed: 0, used: HashSet::new() })
    }
}

#[cfg(test)]
mod tests;
