//! What several servers share: the store that flags name, and `handclasp store`.
//!
//! | file | what |
//! |---|---|
//! | `records` | pre-shared keys and clients of the store, shown and changed |
//! | `shared` | a server's side of it, kept over reloads |

mod records;
mod shared;

use std::time::Duration;

use handclasp::{Client, Identity, Roots, Trust};
use handclasp_store::{AnyStore, RedisAddress, Store as _, StoreKey};

use crate::{
    args::{StoreAccess, StoreArguments},
    exit::Failure,
    runtime,
    say::say,
    secret,
};
pub use shared::SharedStore;

/// How long a command waits for the store.
const LIMIT: Duration = Duration::from_secs(5);

/// Runs `handclasp store`.
pub fn run(arguments: &StoreArguments) -> Result<(), Failure> {
    runtime::block_on(records::run(&arguments.command))?
}

/// The store that the flags name, if they name one. Nothing is connected yet.
fn open(access: &StoreAccess) -> Result<Option<AnyStore>, Failure> {
    let Some(url) = &access.store else { return Ok(None) };
    let text = match url.starts_with('@') || url.starts_with("env:") {
        true => secret::read("--store", url)?,
        false => url.clone().into(),
    };
    if let Some(folder) = AnyStore::folder(&text) {
        let store = AnyStore::in_folder(folder);
        return store.map(Some).map_err(|error| Failure::usage(format!("--store: {folder}: {error}")));
    }
    let parsed = RedisAddress::parse(&text);
    let mut address = parsed.map_err(|error| {
        Failure::usage(format!("--store: {error}; or file:/FOLDER, for the servers of one machine"))
    })?;
    if address.has_password() && *text == *url {
        say("warning: --store: other users of this machine can see the password in the process list; pass \
             --store-password @FILE or env:NAME instead");
    }
    if let Some(password) = &access.store_password {
        address = address.with_password(secret::read("--store-password", password)?);
    }
    if address.wants_tls() {
        let client = Client::new(trust(access)?);
        address = address.with_tls(match identity(access)? {
            Some(identity) => client.identity(identity),
            None => client,
        });
    } else if let Some(flag) = flag_of_tls(access) {
        return Err(Failure::usage(format!("{flag} is for rediss://, found {address}")));
    }
    Ok(Some(AnyStore::in_redis(address)))
}

/// A flag that has a meaning in TLS alone.
fn flag_of_tls(access: &StoreAccess) -> Option<&'static str> {
    let given = [
        ("--store-ca", access.store_ca.is_some()),
        ("--store-pin", access.store_pin.is_some()),
        ("--store-cert", access.store_cert.is_some()),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(flag, _)| flag)
}

/// Our certificate towards the server of rediss:.
fn identity(access: &StoreAccess) -> Result<Option<Identity>, Failure> {
    let Some(cert) = &access.store_cert else { return Ok(None) };
    let key = access.store_cert_key.as_ref().unwrap_or(cert);
    let loaded = Identity::from_pem_files(cert, key);
    loaded.map(Some).map_err(|error| {
        Failure::usage(format!(
            "--store-cert: {error}\n  expected a certificate in PEM, and its key, not encrypted, in the same file or in \
             that of --store-cert-key"
        ))
    })
}

/// The trust in the server of rediss:.
fn trust(access: &StoreAccess) -> Result<Trust, Failure> {
    if let Some(pin) = access.store_pin {
        return Ok(Trust::Pins(vec![pin]));
    }
    let roots = match &access.store_ca {
        Some(file) => Roots::from_pem_file(file),
        None => Roots::system(),
    };
    roots.map(Trust::WebPki).map_err(|error| Failure::usage(format!("--store-ca: {error}")))
}

fn key(access: &StoreAccess) -> Result<Option<StoreKey>, Failure> {
    let Some(file) = &access.store_key else { return Ok(None) };
    // As the flags of other secrets are written.
    let path = file.to_str().and_then(|text| text.strip_prefix('@')).map_or(file.as_path(), AsRef::as_ref);
    let key = StoreKey::from_file(path);
    key.map(Some).map_err(|error| Failure::usage(format!("--store-key: {error}")))
}

/// The flags that decide whether a TLS connection comes about.
fn hint(access: &StoreAccess) -> &'static str {
    match access.store.as_ref().is_some_and(|url| url.starts_with("rediss:")) {
        true => {
            "\n  rediss:// verifies the server with the system's roots, --store-ca FILE or --store-pin PIN; where the \
             server asks for a certificate, pass --store-cert FILE"
        }
        false => "",
    }
}

/// The store of a `handclasp store` command, connected.
async fn connected(access: &StoreAccess) -> Result<(AnyStore, Option<StoreKey>), Failure> {
    let store = open(access)?.ok_or_else(|| {
        Failure::usage("pass --store redis://HOST:PORT, or file:/FOLDER: where the servers' store is")
    })?;
    match tokio::time::timeout(LIMIT, store.ping()).await {
        Ok(Ok(())) => Ok((store, key(access)?)),
        Ok(Err(error)) => Err(Failure::Transport(format!("--store: {error}{}", hint(access)))),
        Err(_) => Err(Failure::Transport(format!("--store: no answer within {} s", LIMIT.as_secs()))),
    }
}
