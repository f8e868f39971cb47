//! A server's side of its store, kept over reloads while its settings are the same: with the connection stays what was read,
//! so that a reload while the store is away refuses nobody.

use std::{fmt, path::PathBuf, time::Duration};

use handclasp::SHA256;
use handclasp_crypto::Digest;
use handclasp_store::{AnyStore, Fleet, FleetOptions};
use zeroize::Zeroizing;

use super::{key, open};
use crate::{args::StoreFlags, exit::Failure, observe::StoreObserver, secret};

/// What a server shares with others, and the settings that it was opened with.
#[derive(Clone)]
pub struct SharedStore {
    fleet: Fleet<AnyStore>,
    settings: Digest,
}

impl SharedStore {
    /// The store that the flags name, if they name one: that of before, where its settings are the same. It connects where
    /// it is begun. `service` is the server's name in the log.
    ///
    /// # Errors
    /// What is wrong with the flags, or with a file that they name.
    pub fn open(flags: &StoreFlags, service: &str, before: Option<Self>) -> Result<Option<Self>, Failure> {
        if flags.access.store.is_none() {
            return Ok(None);
        }
        let settings = settings(flags)?;
        if let Some(before) = before.filter(|before| before.settings == settings) {
            return Ok(Some(before));
        }
        let Some(store) = open(&flags.access)? else { return Ok(None) };
        let mut options = FleetOptions::default();
        options.psks = flags.store_psk;
        options.clients = flags.store_clients;
        options.key = key(&flags.access)?;
        options.stale = Duration::from_secs(flags.store_stale);
        options.ticket_period = Duration::from_secs(flags.store_ticket_period);
        let observer = StoreObserver::new(service);
        let fleet = Fleet::new(store, options, move |event| observer.event(event));
        Ok(Some(Self { fleet, settings }))
    }

    pub fn fleet(&self) -> &Fleet<AnyStore> {
        &self.fleet
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fleet.fmt(f)
    }
}

/// All that decides how the store is reached and used, with the content of files, as a hash: secrets are among it.
fn settings(flags: &StoreFlags) -> Result<Digest, Failure> {
    let StoreFlags { access, store_psk, store_clients, store_stale, store_ticket_period } = flags;
    let secret = |flag: &str, value: &Option<String>| match value {
        Some(value) if value.starts_with('@') || value.starts_with("env:") => {
            secret::read(flag, value).map(Some)
        }
        value => Ok(value.clone().map(Zeroizing::new)),
    };
    // A file that cannot be read is an error where it is opened.
    let file = |file: &Option<PathBuf>| {
        let content = file.as_ref().and_then(|file| std::fs::read(file).ok());
        Zeroizing::new(content.unwrap_or_default())
    };
    let numbers =
        format!("{store_psk} {store_clients} {store_stale} {store_ticket_period} {:?}", access.store_pin);
    let texts = [secret("--store", &access.store)?, secret("--store-password", &access.store_password)?];
    let paths = [&access.store_ca, &access.store_cert, &access.store_cert_key, &access.store_key];
    let names = format!("{paths:?}");
    let contents = paths.map(file);
    let mut parts = vec![numbers.as_bytes(), names.as_bytes()];
    parts.extend(texts.iter().map(|text| text.as_ref().map_or(&b""[..], |text| text.as_bytes())));
    parts.extend(contents.iter().map(|content| content.as_slice()));
    let lengths: Vec<u8> = parts.iter().flat_map(|part| part.len().to_be_bytes()).collect();
    parts.insert(0, &lengths);
    Ok(SHA256.hash(&parts))
}
