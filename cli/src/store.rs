//! What several servers share: the store that flags name, and `handclasp store`.
//!
//! | file | what |
//! |---|---|
//! | `records` | pre-shared keys and clients of the store, shown and changed |

mod records;

use std::time::Duration;

use handclasp::{Client, Roots, Trust};
use handclasp_store::{AnyStore, Fleet, Options, RedisAddress, Store as _, StoreKey};

use crate::{
    args::{StoreAccess, StoreArguments, StoreFlags},
    exit::Failure,
    runtime,
    say::say,
    secret,
};

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
        address = address.with_tls(Client::new(trust(access)?));
    } else if access.store_ca.is_some() || access.store_pin.is_some() {
        return Err(Failure::usage("--store-ca and --store-pin are for rediss://, found another address"));
    }
    Ok(Some(AnyStore::in_redis(address)))
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

/// The store of a `handclasp store` command, connected.
async fn connected(access: &StoreAccess) -> Result<(AnyStore, Option<StoreKey>), Failure> {
    let store = open(access)?.ok_or_else(|| {
        Failure::usage("pass --store redis://HOST:PORT, or file:/FOLDER: where the servers' store is")
    })?;
    match tokio::time::timeout(LIMIT, store.ping()).await {
        Ok(Ok(())) => Ok((store, key(access)?)),
        Ok(Err(error)) => Err(Failure::Transport(format!("--store: {error}"))),
        Err(_) => Err(Failure::Transport(format!("--store: no answer within {} s", LIMIT.as_secs()))),
    }
}

/// What a server shares with others, if its flags name a store. It connects where it is begun.
pub fn fleet(flags: &StoreFlags) -> Result<Option<Fleet<AnyStore>>, Failure> {
    let Some(store) = open(&flags.access)? else { return Ok(None) };
    let mut options = Options::default();
    options.psks = flags.store_psk;
    options.clients = flags.store_clients;
    options.key = key(&flags.access)?;
    options.stale = Duration::from_secs(flags.store_stale);
    options.ticket_period = Duration::from_secs(flags.store_ticket_period);
    Ok(Some(Fleet::new(store, options, |event| say(event))))
}
