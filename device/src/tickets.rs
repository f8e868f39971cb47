//! Resumption by tickets (RFC 8446 §4.6.1, RFC 5077): a client keeps the newest session, a server seals
//! sessions into tickets and keeps nothing. Neither outlives the program: sessions and keys are in memory.

use alloc::{boxed::Box, vec, vec::Vec};
use core::cell::{Cell, RefCell};

use handclasp_connection::Connection as Engine;
use handclasp_crypto::{Aead, AeadKey, Protection, Random, WithIv};
use handclasp_handshake::Session;
use zeroize::Zeroizing;

use crate::{BootError, Profile};

/// Seconds for which a ticket is good, and a key seals.
pub(crate) const LIFETIME: u32 = 24 * 3600;

const NONCE: usize = 12;
const TAG: usize = 16;
/// The longest key of an AEAD.
const KEY_MAX: usize = 32;

/// A client's sessions, or a server's tickets. What a side does not do, it answers with `None`.
pub(crate) trait Resumption {
    /// Client: the session to offer.
    fn offer(&self) -> Option<Session>;

    /// Client: keeps the sessions that came.
    fn keep(&self, engine: &mut Engine);

    /// Server: a ticket with this session.
    fn seal(&self, session: &[u8], now: u64, random: &mut dyn Random) -> Option<Vec<u8>>;

    /// Server: the session in a ticket.
    fn open(&self, ticket: &[u8], now: u64) -> Option<Zeroizing<Vec<u8>>>;
}

/// The newest session of a client.
#[derive(Default)]
pub(crate) struct KeptSession(RefCell<Option<Session>>);

impl Resumption for KeptSession {
    fn offer(&self) -> Option<Session> {
        let mut kept = self.0.try_borrow_mut().ok()?;
        let session = kept.take()?;
        // One of TLS 1.2 stays valid; one of TLS 1.3 is offered once (RFC 8446 §C.4).
        *kept = (!session.is_for_one_use()).then(|| session.duplicate());
        Some(session)
    }

    fn keep(&self, engine: &mut Engine) {
        if let (Some(session), Ok(mut kept)) = (engine.take_sessions().pop(), self.0.try_borrow_mut()) {
            *kept = Some(session);
        }
    }

    fn seal(&self, _: &[u8], _: u64, _: &mut dyn Random) -> Option<Vec<u8>> {
        None
    }

    fn open(&self, _: &[u8], _: u64) -> Option<Zeroizing<Vec<u8>>> {
        None
    }
}

/// The ticket key of a server: `nonce (12) | session, sealed`. A new key comes with time, and tickets of the
/// one before cost a full handshake.
pub(crate) struct TicketKey {
    aead: &'static dyn Aead,
    key: RefCell<Box<WithIv<dyn AeadKey>>>,
    /// When the key was drawn, in seconds.
    made: Cell<u64>,
    /// Tickets sealed with any key, which is the nonce.
    sealed: Cell<u64>,
}

impl TicketKey {
    /// With an AEAD of the profile, so that no other one is linked. `None` if all have short tags.
    pub(crate) fn new(profile: &Profile, random: &mut dyn Random) -> Result<Option<Self>, BootError> {
        let aead = profile.suites.iter().find_map(|suite| match suite.protection {
            Protection::Aead { aead, .. } if aead.tag_len() == TAG => Some(aead),
            _ => None,
        });
        let Some(aead) = aead else { return Ok(None) };
        let key = draw(aead, random).ok_or(BootError::RandomFailed)?;
        Ok(Some(Self { aead, key: RefCell::new(key), made: Cell::new(0), sealed: Cell::new(0) }))
    }
}

fn draw(aead: &dyn Aead, random: &mut dyn Random) -> Option<Box<WithIv<dyn AeadKey>>> {
    let mut bytes = Zeroizing::new([0; KEY_MAX]);
    let bytes = bytes.get_mut(..aead.key_len())?;
    random.fill(bytes).ok()?;
    aead.key(bytes)
}

impl Resumption for TicketKey {
    fn offer(&self) -> Option<Session> {
        None
    }

    fn keep(&self, _: &mut Engine) {}

    fn seal(&self, session: &[u8], now: u64, random: &mut dyn Random) -> Option<Vec<u8>> {
        let mut key = self.key.try_borrow_mut().ok()?;
        if now.saturating_sub(self.made.get()) > u64::from(LIFETIME) {
            *key = draw(self.aead, random)?;
            self.made.set(now);
        }
        let number = self.sealed.get().checked_add(1)?;
        self.sealed.set(number);
        let mut nonce = [0; NONCE];
        nonce.iter_mut().rev().zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
        let mut ticket = vec![0; NONCE.checked_add(session.len())?.checked_add(TAG)?];
        let (place, sealed) = ticket.split_at_mut_checked(NONCE)?;
        place.copy_from_slice(&nonce);
        key.seal(&nonce, &[], session, &[], sealed).ok()?;
        Some(ticket)
    }

    fn open(&self, ticket: &[u8], now: u64) -> Option<Zeroizing<Vec<u8>>> {
        if now.saturating_sub(self.made.get()) > u64::from(LIFETIME).saturating_mul(2) {
            return None;
        }
        let (nonce, sealed) = ticket.split_first_chunk::<NONCE>()?;
        let mut session = Zeroizing::new(Vec::from(sealed));
        let length = self.key.try_borrow().ok()?.open(nonce, &[], &mut session).ok()?;
        session.truncate(length);
        Some(session)
    }
}
