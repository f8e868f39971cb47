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
    sync::{Mutex, MutexGuard, PoisonError},
};

use handclasp_connection::Context;
use handclasp_crypto::{AeadKey, Random, SharedSecret, WithIv, equal, expand};
use handclasp_handshake::Sealable;
use zeroize::Zeroizing;

use crate::{
    TicketKey,
    provider::{AES_256_GCM, SHA256},
};

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

/// Where the keys come from.
enum Source {
    /// Random keys, which no other server has.
    Random,
    /// Derived from a secret and the time.
    Shared(SharedSecret),
    /// The application replaces them ([`crate::TicketKeys`]).
    Provided,
}

/// Seals and opens a server's tickets.
pub(crate) struct Tickets {
    source: Source,
    keys: Mutex<Vec<Key>>,
}

/// A key that seals from one time on, until the next one does.
struct Key {
    /// Seconds since 1970.
    seals_from: u64,
    /// Seconds since 1970.
    opens_until: u64,
    name: [u8; NAME],
    aead: Box<WithIv<dyn AeadKey>>,
    sealed: u64,
    /// Nonces of the tickets that may not come again.
    used: HashSet<[u8; NONCE]>,
}

/// A ticket that opened.
pub(crate) struct OpenedState {
    /// The session; wiped when dropped.
    pub(crate) state: Zeroizing<Vec<u8>>,
    /// Whether the client shall have a new ticket.
    pub(crate) renew: bool,
    /// Whether the ticket is good for one use. Opening it does not use it up: an observer of the
    /// ClientHello can have it opened.
    pub(crate) is_single: bool,
    /// Whether the handshake asks before it resumes the session.
    pub(crate) is_confirmed: bool,
}

/// A ticket that is redeemed: which one it is among those of all servers with the same keys.
#[derive(Clone, Copy)]
pub(crate) struct Redemption {
    /// Name of the key that sealed it, and its nonce.
    pub(crate) id: [u8; NAME + NONCE],
    /// When its key opens nothing any more, in seconds since 1970.
    pub(crate) until: u64,
}

impl Tickets {
    /// With random keys, which no other server has.
    pub(crate) fn random() -> Self {
        Self { source: Source::Random, keys: Mutex::default() }
    }

    /// With keys that all servers derive that hold the same secret.
    pub(crate) fn shared(secret: SharedSecret) -> Self {
        Self { source: Source::Shared(secret), keys: Mutex::default() }
    }

    /// With keys that the application replaces; without one as long as it gives none.
    pub(crate) fn provided() -> Self {
        Self { source: Source::Provided, keys: Mutex::default() }
    }

    /// Replaces the keys. Those that stay keep what is known of their tickets.
    pub(crate) fn replace(&self, keys: &[TicketKey]) {
        let mut ours = self.lock();
        let mut before = core::mem::take(&mut *ours);
        for TicketKey { secret, seals_from, opens_until } in keys {
            let Some(new) = Key::new(secret.0.expose(), *seals_from, *opens_until) else { continue };
            let old = before.iter().position(|key| key.name == new.name);
            ours.push(match old.map(|place| before.swap_remove(place)) {
                Some(old) => Key { sealed: old.sealed, used: old.used, ..new },
                None => new,
            });
        }
        ours.sort_by_key(|key| key.seals_from);
    }

    /// Whether the keys of both come from the same shared secret, or from randomness.
    pub(crate) fn have_equal_source(one: &Self, other: &Self) -> bool {
        match (&one.source, &other.source) {
            (Source::Random, Source::Random) => true,
            (Source::Shared(one), Source::Shared(other)) => equal(one.expose(), other.expose()),
            _ => false,
        }
    }

    /// Seals a session; `None` where that fails, which costs a full handshake.
    pub(crate) fn seal(&self, session: Sealable<'_>, context: &mut Context<'_>) -> Option<Vec<u8>> {
        let mut keys = self.lock();
        self.rotate(&mut keys, context.now, context.random)?;
        let current = self.current(&keys, context.now)?;
        let key = keys.get_mut(current).filter(|key| key.sealed < SEALED_MAX)?;
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
    pub(crate) fn open(&self, ticket: &[u8], once: bool, context: &mut Context<'_>) -> Option<OpenedState> {
        let (name, nonce, sealed) = split(ticket)?;
        let mut keys = self.lock();
        self.rotate(&mut keys, context.now, context.random)?;
        let current = self.current(&keys, context.now);
        let place = self.named(&keys, name, context.now)?;
        let key = keys.get(place)?;
        let renew = current.is_some_and(|current| place < current);
        let mut state = Zeroizing::new(sealed.to_vec());
        let length = key.aead.open(nonce, name, &mut state).ok()?;
        state.truncate(length);
        let is_single = once || renew;
        if is_single && key.used.contains(nonce) {
            return None;
        }
        Some(OpenedState { state, renew, is_single, is_confirmed: is_single })
    }

    /// Marks a ticket as used; false where it was used before, or where too many are remembered.
    pub(crate) fn redeem(&self, ticket: &[u8], now: u64) -> bool {
        let Some((name, nonce, _)) = split(ticket) else { return false };
        let mut keys = self.lock();
        let Some(place) = self.named(&keys, name, now) else { return false };
        keys.get_mut(place).is_some_and(|key| key.used.len() < USED_MAX && key.used.insert(*nonce))
    }

    /// What other servers have to know of a ticket for one use. `None` of one that may be used again,
    /// or whose key is gone.
    pub(crate) fn redemption(&self, ticket: &[u8], once: bool, now: u64) -> Option<Redemption> {
        let (name, nonce, _) = split(ticket)?;
        let keys = self.lock();
        let place = self.named(&keys, name, now)?;
        let is_single = once || self.current(&keys, now).is_some_and(|current| place < current);
        let mut id = [0; NAME + NONCE];
        id[..NAME].copy_from_slice(name);
        id[NAME..].copy_from_slice(nonce);
        let until = keys.get(place)?.opens_until;
        is_single.then_some(Redemption { id, until })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Position of the key that seals.
    fn current(&self, keys: &[Key], now: u64) -> Option<usize> {
        match self.source {
            Source::Random | Source::Shared(_) => keys.len().checked_sub(1),
            Source::Provided => keys.iter().rposition(|key| key.seals_from <= now && now < key.opens_until),
        }
    }

    /// Position of the key of that name, as long as it opens.
    fn named(&self, keys: &[Key], name: &[u8; NAME], now: u64) -> Option<usize> {
        let opens = |key: &Key| !matches!(self.source, Source::Provided) || now < key.opens_until;
        keys.iter().position(|key| key.name == *name && opens(key))
    }

    /// Sees to it that the current key is that of this period, or of the next one: a thread that read
    /// the clock before another one, or a clock that is set back a little, must not make the keys anew.
    /// Those would have forgotten which tickets are spent.
    fn rotate(&self, keys: &mut Vec<Key>, now: u64, random: &mut dyn Random) -> Option<()> {
        let period = now / u64::from(PERIOD);
        let is_close = |key: &Key| key.period() == period || key.period().checked_sub(1) == Some(period);
        if matches!(self.source, Source::Provided) || keys.last().is_some_and(is_close) {
            return Some(());
        }
        let last = keys.pop();
        keys.clear();
        match (last, &self.source) {
            (Some(last), _) if last.period() + 1 == period => keys.push(last),
            // The others used it while we were not there.
            (_, Source::Shared(_)) => keys.push(self.key(period.saturating_sub(1), random)?),
            (_, Source::Random | Source::Provided) => {}
        }
        keys.push(self.key(period, random)?);
        Some(())
    }

    fn key(&self, period: u64, random: &mut dyn Random) -> Option<Key> {
        let mut secret = Zeroizing::new([0; KEY]);
        match &self.source {
            Source::Shared(shared) => {
                let info = [b"handclasp ticket key ", &period.to_be_bytes()[..]].concat();
                expand(SHA256, shared.expose(), &info, &mut secret[..]);
            }
            Source::Random | Source::Provided => random.fill(&mut secret[..]).ok()?,
        }
        let begins = period.saturating_mul(PERIOD.into());
        Key::new(&secret[..], begins, begins.saturating_add(2 * u64::from(PERIOD)))
    }
}

impl Key {
    /// A key that is derived from a secret, and named after it.
    fn new(secret: &[u8], seals_from: u64, opens_until: u64) -> Option<Self> {
        let (mut name, mut key) = ([0; NAME], Zeroizing::new([0; KEY]));
        expand(SHA256, secret, b"name", &mut name);
        expand(SHA256, secret, b"key", &mut key[..]);
        let aead = AES_256_GCM.key(&key[..])?;
        Some(Self { seals_from, opens_until, name, aead, sealed: 0, used: HashSet::new() })
    }

    /// Which period since 1970 it seals for.
    fn period(&self) -> u64 {
        self.seals_from / u64::from(PERIOD)
    }
}

/// Name of the key, nonce and the sealed session.
fn split(ticket: &[u8]) -> Option<(&[u8; NAME], &[u8; NONCE], &[u8])> {
    let (name, rest) = ticket.split_first_chunk::<NAME>()?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
    Some((name, nonce, sealed))
}

#[cfg(test)]
mod tests;
