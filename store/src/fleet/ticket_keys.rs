//! The keys of tickets. Time is cut into periods; the record of a period's key is named by the period's
//! number. The server that needs a key first makes it, for this period and the next one; of two that do so
//! at once the store keeps the first. All servers read it a period before it seals.
//!
//! The record is `plain HEX`, or `sealed HEX` under the store key. With a store key a plain one is refused:
//! somebody who can write the store must not choose the key.

use std::collections::BTreeMap;

use handclasp::{TicketKey, TicketSecret};
use handclasp_crypto::Random as _;
use handclasp_provider_aws_lc::SystemRandom;
use zeroize::Zeroizing;

use super::{Inner, StoreEvent, operation::Operation};
use crate::{Fields, RecordKind, Store, StoreError, StoreKey, hex, time::now};

const SECRET: usize = 32;

type Secret = Zeroizing<[u8; SECRET]>;

/// The keys by the number of their period.
#[derive(Default)]
pub(super) struct Ring(BTreeMap<u64, Secret>);

impl<S: Store> Inner<S> {
    /// As [`Inner::read_keys`], unless the store is away.
    pub(super) async fn refresh_keys(&self) -> Result<(), StoreError> {
        let is_up = self.health().is_up();
        if is_up { self.read_keys().await } else { Ok(()) }
    }

    /// Reads the keys of the period before, of this and of the next one, and makes those that are missing.
    pub(super) async fn read_keys(&self) -> Result<(), StoreError> {
        let mut ring = self.ring.lock().await;
        let period = self.options.ticket_period.as_secs().max(1);
        let current = now().checked_div(period).unwrap_or(0);
        let mut keys = Ring::default();
        for number in current.saturating_sub(1)..=current.saturating_add(1) {
            if let Some(secret) = self.key(number, number >= current, ring.0.get(&number)).await? {
                keys.0.insert(number, secret);
            }
        }
        *ring = keys;
        let key = |(number, secret): (&u64, &Secret)| {
            let begins = number.saturating_mul(period);
            let secret = TicketSecret::from_bytes(&secret[..]).ok()?;
            Some(TicketKey::new(secret, begins, begins.saturating_add(period.saturating_mul(2))))
        };
        self.keys.replace(&ring.0.iter().filter_map(key).collect::<Vec<_>>());
        Ok(())
    }

    /// The key of a period. `ours`: as it was read before, in case that the store has lost it.
    async fn key(
        &self,
        number: u64,
        is_made: bool,
        ours: Option<&Secret>,
    ) -> Result<Option<Secret>, StoreError> {
        let name = number.to_string();
        for _ in 0..2 {
            let reading = self.store.get(RecordKind::TicketKey, name.as_bytes());
            if let Some(fields) = self.ask(Operation::Read(RecordKind::TicketKey), reading).await? {
                let read = read(&name, &fields, self.options.key.as_ref());
                return Ok(read.map_err(|why| self.unusable(&name, why)).ok());
            }
            let Some(secret) = ours.cloned().or_else(|| is_made.then(random).flatten()) else { break };
            let Some(fields) = write(&name, &secret, self.options.key.as_ref()) else { break };
            let period = self.options.ticket_period.as_secs().max(1);
            let until = number.saturating_add(2).saturating_mul(period);
            let making = self.store.insert_new(RecordKind::TicketKey, name.as_bytes(), &fields, until);
            match self.ask(Operation::Write(RecordKind::TicketKey), making).await {
                // A key of this server alone opens no tickets elsewhere, unless the others have it as well.
                Err(StoreError::Refused(_)) => return Ok(ours.cloned()),
                made => made?,
            };
            // Read again: another server may have been first.
        }
        Ok(None)
    }

    fn unusable(&self, name: &str, why: String) {
        (self.observer)(&StoreEvent::Record { kind: RecordKind::TicketKey, name: name.into(), why });
    }

    /// Seals and opens nothing more.
    pub(super) async fn forget_keys(&self) {
        *self.ring.lock().await = Ring::default();
        self.keys.replace(&[]);
    }
}

fn random() -> Option<Secret> {
    let mut secret = Zeroizing::new([0; SECRET]);
    SystemRandom.fill(&mut secret[..]).ok()?;
    Some(secret)
}

fn write(name: &str, secret: &Secret, key: Option<&StoreKey>) -> Option<Fields> {
    Some(match key {
        Some(key) => {
            Fields::default().with("sealed", key.seal(RecordKind::TicketKey, name.as_bytes(), &secret[..])?)
        }
        None => Fields::default().with("plain", hex::encode(&secret[..])),
    })
}

fn read(name: &str, fields: &Fields, key: Option<&StoreKey>) -> Result<Secret, String> {
    let bytes = match (key, fields.get("sealed"), fields.get("plain")) {
        (Some(key), Some(sealed), _) => {
            let opened = key.open(RecordKind::TicketKey, name.as_bytes(), sealed);
            opened.ok_or("it was sealed under another store key, or is damaged")?
        }
        (None, None, Some(plain)) => hex::decode(plain).ok_or("plain: not hex")?,
        (None, Some(_), _) => {
            return Err("it is sealed, and this server has no store key (--store-key)".into());
        }
        (Some(_), None, _) => {
            return Err(
                "it is not sealed, and this server has a store key (--store-key): a server without one \
                        made it; remove the record"
                    .into(),
            );
        }
        (None, None, None) => return Err("it has neither of the fields plain and sealed".into()),
    };
    let secret = <[u8; SECRET]>::try_from(&bytes[..]);
    secret.map(Zeroizing::new).map_err(|_| format!("expected {SECRET} bytes, found {}", bytes.len()))
}
