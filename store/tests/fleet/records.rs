//! How long records last, who can read them, and which of them a client may use.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use handclasp::{Client, Error, Fault, Policy, Psk, PskUse, Trust};
use handclasp_store::{Fields, FileStore, FleetOptions, MemoryStore, RecordKind, Store};

use super::{
    redis_server::RedisServer,
    tls::{Member, Names, VERSIONS, psk_server},
};

const SECRET: [u8; 16] = *b"sixteen letters!";

fn at() -> Fields {
    Fields::default().with("at", "1")
}

#[tokio::test]
async fn a_record_that_has_ended_is_none() {
    async fn test<S: Store>(store: S) {
        let until = 1_000_000_000;
        assert_eq!(store.insert_new(RecordKind::UsedTicket, b"a", &at(), until).await, Ok(true));
        assert_eq!(store.get(RecordKind::UsedTicket, b"a").await, Ok(None));
        assert_eq!(store.insert_new(RecordKind::UsedTicket, b"a", &at(), until).await, Ok(true));
    }
    test(MemoryStore::default()).await;
    let folder = tempfile::tempdir().unwrap();
    test(FileStore::open(folder.path()).unwrap()).await;
}

fn files(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_folder_holds_current_records_alone_and_shows_them_to_their_owner() {
    let folder = tempfile::tempdir().unwrap();
    let (path, until) = (folder.path().join("store"), 1_000_000_000);
    let ended = FileStore::open(&path).unwrap();
    assert_eq!(ended.insert_new(RecordKind::UsedTicket, b"a", &at(), until).await, Ok(true));
    let store = FileStore::open(&path).unwrap();
    assert_eq!(store.insert_new(RecordKind::UsedTicket, b"b", &at(), 4_000_000_000).await, Ok(true));
    store.set(RecordKind::Psk, b"device-7", &at()).await.unwrap();
    assert_eq!(files(&path.join("used")), ["b"]);
    assert_eq!(files(&path.join("psk")), ["device-7"]);
    let mode = |name: &str| fs::metadata(path.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(["", "psk", "used", "psk/device-7", "used/b"].map(mode), [0o700, 0o700, 0o700, 0o600, 0o600]);
    // A process that ended while it wrote.
    fs::write(path.join("psk/.new-1-1"), "at 1").unwrap();
    assert_eq!(store.names(RecordKind::Psk).await, Ok(vec![b"device-7".to_vec()]));
}

/// Redis forgets used tickets and ticket keys by itself.
#[tokio::test]
async fn records_of_servers_have_an_expiry_in_redis() {
    let redis = RedisServer::start().await;
    let store = redis.store();
    store.ping().await.unwrap();
    let seconds = |name: &str| redis.cli(&["TTL", name]).trim().parse::<i64>().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(store.insert_new(RecordKind::UsedTicket, b"a", &at(), now + 1000).await, Ok(true));
    assert!((1..=1000).contains(&seconds("handclasp:used:a")));
    let mut options = FleetOptions::default();
    (options.psks, options.time_limit) = (true, Duration::from_secs(20));
    let _member = Member::start(redis.store(), options, psk_server()).await;
    let names = store.names(RecordKind::TicketKey).await.unwrap();
    assert_eq!(names.len(), 2, "of this period and of the next one");
    for name in names {
        let left = seconds(&format!("handclasp:ticket-key:{}", String::from_utf8(name).unwrap()));
        assert!((1..=3 * 12 * 3600).contains(&left), "{left}");
    }
}

/// A key serves the versions that its record says, under the name that a client has for it.
#[tokio::test]
async fn a_key_serves_what_its_record_says() {
    let store = MemoryStore::default();
    let mut options = FleetOptions::default();
    options.psks = true;
    let member = Member::start(store.clone(), options, psk_server()).await;
    let record = |usage: &str| Fields::default().with("ascii", "sixteen letters!").with("use", usage);
    for (name, fields) in [
        ("of-1.2", record("1.2")),
        ("of-1.3", record("1.3")),
        ("of-both", record("both")),
        ("imported", record("imported").with("context", "fleet")),
    ] {
        store.set(RecordKind::Psk, name.as_bytes(), &fields).await.unwrap();
    }
    let client = |name: &str, usage, version: usize| {
        let psk = Psk::from_bytes(name, usage, &SECRET).unwrap();
        let psk = if usage == PskUse::Imported { psk.with_context("fleet") } else { psk };
        Client::with_policy(Trust::Psk(psk), Policy::modern().only_version(VERSIONS[version]).unwrap())
    };
    for (name, usage, version, is_accepted) in [
        ("of-1.3", PskUse::Tls13Sha256, 0, true),
        ("of-1.2", PskUse::Tls13Sha256, 0, false),
        ("of-1.2", PskUse::Tls12, 1, true),
        ("of-1.3", PskUse::Tls12, 1, false),
        ("of-both", PskUse::Tls13Sha256, 0, true),
        ("of-both", PskUse::Tls12, 1, true),
        ("imported", PskUse::Imported, 0, true),
        ("imported", PskUse::Tls13Sha256, 0, false),
    ] {
        let met = member.meets(&client(name, usage, version)).await;
        let shown = format!("{name} {usage:?} {version}: {met:?}");
        match met {
            Ok(_) => assert!(is_accepted, "{shown}"),
            Err(error) => {
                let fault = Error::in_io_error(&error).and_then(Error::fault);
                assert!(!is_accepted && fault == Some(&Fault::UnknownPskIdentity), "{shown}");
            }
        }
    }
}

/// A server that starts anew reads the key before the current one, which still opens.
#[tokio::test]
async fn a_server_that_starts_opens_tickets_of_the_period_before() {
    const PERIOD: u64 = 3;
    let period = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / PERIOD;
    let (store, names) = (MemoryStore::default(), Names::new());
    let mut options = FleetOptions::default();
    options.ticket_period = Duration::from_secs(PERIOD);
    loop {
        let before = Member::start(store.clone(), options.clone(), names.server()).await;
        let client = names.client(VERSIONS[0]);
        let number = period();
        assert!(!before.meets(&client).await.unwrap());
        while period() == number {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let after = Member::start(store.clone(), options.clone(), names.server()).await;
        let is_resumed = after.meets(&client).await.unwrap();
        // A machine that stands still for longer shows nothing.
        if period() == number + 1 {
            assert!(is_resumed);
            return;
        }
    }
}
