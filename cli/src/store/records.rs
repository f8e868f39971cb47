//! Pre-shared keys and clients of a store, shown and changed. Keys are not shown: their check value is.

use std::time::{SystemTime, UNIX_EPOCH};

use handclasp::{Pin, Psk, Random as _, SHA256, SystemRandom};
use handclasp_codec::Printable;
use handclasp_store::{AnyStore, Fields, RecordKind, Store as _, StoreError, StoreKey, psk};
use zeroize::Zeroizing;

use super::connected;
use crate::{
    args::{
        PskUsage, StoreClient, StoreClientAdd, StoreCommand, StoreList, StoreName, StorePsk, StorePskAdd,
    },
    exit::Failure,
    output,
    say::say,
    secret,
};

/// Bytes of a key that is made here.
const RANDOM: usize = 32;

pub async fn run(command: &StoreCommand) -> Result<(), Failure> {
    match command {
        StoreCommand::Psk(StorePsk::Add(arguments)) => add_psk(arguments).await,
        StoreCommand::Psk(StorePsk::List(arguments)) => list(arguments, RecordKind::Psk).await,
        StoreCommand::Psk(StorePsk::Revoke(arguments)) => revoke(arguments, RecordKind::Psk).await,
        StoreCommand::Client(StoreClient::Add(arguments)) => add_client(arguments).await,
        StoreCommand::Client(StoreClient::List(arguments)) => list(arguments, RecordKind::Client).await,
        StoreCommand::Client(StoreClient::Revoke(arguments)) => revoke(arguments, RecordKind::Client).await,
    }
}

fn failed(error: StoreError) -> Failure {
    Failure::Transport(format!("--store: {error}"))
}

fn seconds() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).to_string()
}

const fn usage(usage: PskUsage) -> &'static str {
    match usage {
        PskUsage::Tls13 => "1.3",
        PskUsage::Tls13Sha384 => "1.3-sha384",
        PskUsage::Tls12 => "1.2",
        PskUsage::Imported => "imported",
        PskUsage::Both => "both",
    }
}

async fn add_psk(arguments: &StorePskAdd) -> Result<(), Failure> {
    let (store, key) = connected(&arguments.access).await?;
    let name = arguments.identity.as_bytes();
    let given = [("hex", &arguments.hex), ("ascii", &arguments.ascii), ("base64", &arguments.base64)];
    let given = given.into_iter().find_map(|(encoding, value)| Some((encoding, value.as_ref()?)));
    let (encoding, value, is_new) = match given {
        Some((encoding, value)) => (encoding, secret::read(&format!("--{encoding}"), value)?, false),
        None => ("hex", random()?, true),
    };
    let plain = Fields::default().with("use", usage(arguments.usage)).with(encoding, value.as_str());
    let psk = psk(name, &plain, None).map_err(|error| Failure::usage(format!("--{error}")))?;
    let sealed = match &key {
        Some(key) => key.seal(RecordKind::Psk, name, psk.secret()),
        None => None,
    };
    let fields = match sealed {
        Some(sealed) => Fields::default().with("use", usage(arguments.usage)).with("sealed", sealed),
        None => plain,
    };
    let was_there = store.get(RecordKind::Psk, name).await.map_err(failed)?.is_some();
    // Sessions that began with the key before are over.
    let fields = if was_there { fields.with("since", seconds()) } else { fields };
    store.set(RecordKind::Psk, name, &fields).await.map_err(failed)?;
    let done = if was_there { "replaced" } else { "added" };
    say(format_args!(
        "{done} {}, check value {}",
        Printable(&arguments.identity),
        psk.check_value_with(SHA256)
    ));
    match is_new {
        true => output::write(format!("{}\n", value.as_str()).as_bytes()).map(drop),
        false => Ok(()),
    }
}

fn random() -> Result<Zeroizing<String>, Failure> {
    let mut bytes = Zeroizing::new([0; RANDOM]);
    SystemRandom
        .fill(&mut bytes[..])
        .map_err(|_| Failure::Transport("the system gives no randomness".into()))?;
    Ok(Zeroizing::new(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
}

async fn add_client(arguments: &StoreClientAdd) -> Result<(), Failure> {
    let (store, _) = connected(&arguments.access).await?;
    let pin = arguments.pin.to_string();
    let fields = Fields::default().with("name", arguments.name.as_deref().unwrap_or_default());
    store.set(RecordKind::Client, pin.as_bytes(), &fields).await.map_err(failed)?;
    say(format_args!("added {pin}"));
    Ok(())
}

async fn list(arguments: &StoreList, kind: RecordKind) -> Result<(), Failure> {
    let (store, key) = connected(&arguments.access).await?;
    let mut names = store.names(kind).await.map_err(failed)?;
    names.sort();
    let mut text = String::new();
    for name in names {
        let line = line(&store, kind, &name, key.as_ref()).await?;
        text.push_str(&line);
        text.push('\n');
    }
    output::write(text.as_bytes()).map(drop)
}

async fn line(
    store: &AnyStore,
    kind: RecordKind,
    name: &[u8],
    key: Option<&StoreKey>,
) -> Result<String, Failure> {
    let shown = String::from_utf8_lossy(name);
    let shown = Printable(&shown);
    let fields = match store.get(kind, name).await {
        Ok(Some(fields)) => fields,
        Ok(None) => return Ok(format!("{shown}  removed meanwhile")),
        Err(StoreError::Record(why)) => return Ok(format!("{shown}  unusable: {why}")),
        Err(error) => return Err(failed(error)),
    };
    if let Some(when) = fields.get("revoked") {
        return Ok(format!("{shown}  revoked {}", Printable(when)));
    }
    if kind == RecordKind::Client {
        return Ok(format!("{shown}  {}", Printable(fields.get("name").unwrap_or_default())));
    }
    let usage = fields.get("use").unwrap_or("1.3");
    Ok(match psk(name, &fields, key) {
        Ok(psk) => {
            format!("{shown}  TLS {}  check value {}", Printable(usage), Psk::check_value_with(&psk, SHA256))
        }
        Err(why) => format!("{shown}  TLS {}  {why}", Printable(usage)),
    })
}

/// The key itself is removed; that it was revoked stays.
async fn revoke(arguments: &StoreName, kind: RecordKind) -> Result<(), Failure> {
    if kind == RecordKind::Client {
        let pin: Result<Pin, _> = arguments.name.parse();
        pin.map_err(|error| Failure::usage(format!("{}: {error}", arguments.name)))?;
    }
    let (store, _) = connected(&arguments.access).await?;
    let name = arguments.name.as_bytes();
    let shown = Printable(&arguments.name);
    match store.get(kind, name).await {
        Ok(None) => return Err(Failure::usage(format!("{shown} is not in the store"))),
        Ok(Some(_)) | Err(StoreError::Record(_)) => {}
        Err(error) => return Err(failed(error)),
    }
    store.set(kind, name, &Fields::default().with("revoked", seconds())).await.map_err(failed)?;
    say(format_args!("revoked {shown}; servers see it within a second"));
    Ok(())
}
