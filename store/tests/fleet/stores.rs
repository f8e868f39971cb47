//! What two servers share through a store of each kind.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use handclasp::{Client, Pin, Trust};
use handclasp_store::{
    Fields, FileStore, FleetOptions, MemoryStore, RecordKind, Store, StoreEvent, StoreKey,
};

use super::{
    redis_server::RedisServer,
    tls::{Member, Names, VERSIONS, psk_client, psk_server},
};

const SECRET: [u8; 16] = *b"sixteen letters!";

fn seconds() -> String {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string()
}

/// Calls a test with two handles of one store, of each kind.
macro_rules! with_every_store {
    ($test:ident) => {
        let memory = MemoryStore::default();
        $test(memory.clone(), memory).await;
        let folder = tempfile::tempdir().unwrap();
        let open = || FileStore::open(folder.path().join("store")).unwrap();
        $test(open(), open()).await;
        let server = RedisServer::start().await;
        $test(server.store(), server.store()).await;
    };
}

/// A store that is up answers in time also on a machine that is busy.
fn patient() -> FleetOptions {
    let mut options = FleetOptions::default();
    options.time_limit = Duration::from_secs(20);
    options
}

fn psks() -> FleetOptions {
    let mut options = patient();
    options.psks = true;
    options
}

/// Less than a record counts without a notification where changes are notified (10 s and more), and enough
/// for a machine that is busy.
const NOTICED: Duration = Duration::from_secs(8);

/// Meets again until the outcome is that one.
async fn until<S: Store>(member: &Member<S>, client: &Client, is_accepted: bool) {
    let begun = Instant::now();
    while member.meets(client).await.is_ok() != is_accepted {
        assert!(begun.elapsed() < NOTICED, "the change is not seen");
    }
}

#[tokio::test]
async fn a_record_is_made_once() {
    async fn test<S: Store>(one: S, other: S) {
        for store in [&one, &other] {
            store.ping().await.unwrap();
        }
        let fields = |value: &str| Fields::default().with("plain", value);
        let far = 4_000_000_000;
        let made = [
            one.insert_new(RecordKind::UsedTicket, b"a", &fields("1"), far).await,
            other.insert_new(RecordKind::UsedTicket, b"a", &fields("2"), far).await,
            other.insert_new(RecordKind::UsedTicket, b"b", &fields("3"), far).await,
        ];
        assert_eq!(made, [Ok(true), Ok(false), Ok(true)]);
        assert_eq!(other.get(RecordKind::UsedTicket, b"a").await, Ok(Some(fields("1"))));
        let mut names = one.names(RecordKind::UsedTicket).await.unwrap();
        names.sort();
        assert_eq!(names, [b"a", b"b"]);
        let name = "gerät/7: *".as_bytes();
        let psk = Fields::default().with("hex", "00112233").with("note", "with spaces, and so on");
        one.set(RecordKind::Psk, name, &psk).await.unwrap();
        assert_eq!(other.get(RecordKind::Psk, name).await, Ok(Some(psk)));
        one.set(RecordKind::Psk, name, &fields("alone")).await.unwrap();
        assert_eq!(other.get(RecordKind::Psk, name).await, Ok(Some(fields("alone"))));
        assert_eq!(other.names(RecordKind::Psk).await, Ok(vec![name.to_vec()]));
        assert_eq!(
            (other.remove(RecordKind::Psk, name).await, one.remove(RecordKind::Psk, name).await),
            (Ok(true), Ok(false))
        );
        assert_eq!(one.get(RecordKind::Psk, name).await, Ok(None));
    }
    with_every_store!(test);
}

/// Of many that try at once one succeeds.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_servers_one_redeems_a_ticket() {
    async fn test<S: Store>(one: S, other: S) {
        let stores = [std::sync::Arc::new(one), std::sync::Arc::new(other)];
        for store in &stores {
            store.ping().await.unwrap();
        }
        for round in 0..100_u8 {
            let tries = (0..16).map(|number| {
                let store = std::sync::Arc::clone(&stores[number % 2]);
                tokio::spawn(async move {
                    store
                        .insert_new(
                            RecordKind::UsedTicket,
                            &[round + b'a'],
                            &Fields::default().with("at", "1"),
                            4_000_000_000,
                        )
                        .await
                })
            });
            let mut made = 0;
            for one in tries.collect::<Vec<_>>() {
                made += usize::from(one.await.unwrap().unwrap());
            }
            assert_eq!(made, 1);
        }
    }
    with_every_store!(test);
}

#[tokio::test]
async fn a_client_resumes_at_either_server_and_a_ticket_counts_once() {
    async fn test<S: Store>(one: S, other: S) {
        let names = Names::new();
        let members = [
            Member::start(one, patient(), names.server()).await,
            Member::start(other, patient(), names.server()).await,
        ];
        for version in VERSIONS {
            let client = names.client(version);
            assert!(!members[0].meets(&client).await.unwrap());
            for place in [1, 0, 0, 1] {
                assert!(members[place].meets(&client).await.unwrap(), "{version} at {place}");
            }
        }
        assert!(members.iter().all(|member| member.events.lock().unwrap().is_empty()));
    }
    with_every_store!(test);
}

#[tokio::test]
async fn keys_change_with_time_on_all_servers() {
    async fn test<S: Store>(one: S, other: S) {
        let names = Names::new();
        let mut options = patient();
        options.ticket_period = Duration::from_secs(2);
        let members = [
            Member::start(one, options.clone(), names.server()).await,
            Member::start(other, options, names.server()).await,
        ];
        let client = names.client(VERSIONS[0]);
        assert!(!members[0].meets(&client).await.unwrap());
        // Several periods; each connection uses the ticket of the one before at the other server.
        let begun = Instant::now();
        let (mut place, mut full, mut met) = (1, 0, Instant::now());
        while begun.elapsed() < Duration::from_secs(5) {
            let is_full = !members[place].meets(&client).await.unwrap();
            // A machine that stands still for longer than a key opens shows nothing.
            full += usize::from(is_full && met.elapsed() < Duration::from_secs(1));
            (place, met) = (1 - place, Instant::now());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(full, 0);
    }
    // One store: this takes seconds.
    let memory = MemoryStore::default();
    test(memory.clone(), memory).await;
}

/// A pre-shared key that is added works at once, one that is removed no longer within a second: on both servers, in
/// full handshakes and in resumed ones.
#[tokio::test]
async fn pre_shared_keys_come_and_go() {
    async fn test<S: Store>(one: S, other: S) {
        let members = [
            Member::start(one, psks(), psk_server()).await,
            Member::start(other, psks(), psk_server()).await,
        ];
        let client = psk_client("device-7", &SECRET);
        let (store, device) = (members[0].fleet.store(), b"device-7");
        for revoked in [false, true] {
            for member in &members {
                assert!(member.meets(&client).await.is_err(), "not there yet");
            }
            store
                .set(RecordKind::Psk, device, &Fields::default().with("ascii", "sixteen letters!"))
                .await
                .unwrap();
            for member in &members {
                until(member, &client, true).await;
            }
            assert!(members[1].meets(&client).await.unwrap(), "resumed");
            match revoked {
                true => {
                    let fields =
                        Fields::default().with("ascii", "sixteen letters!").with("revoked", "stolen");
                    store.set(RecordKind::Psk, device, &fields).await.unwrap();
                }
                false => assert!(store.remove(RecordKind::Psk, device).await.unwrap()),
            }
            for member in &members {
                until(member, &client, false).await;
            }
        }
        // Another key under the same identity, since now: sessions that began with the key before are over, too.
        let client = psk_client("device-7", &SECRET);
        store
            .set(RecordKind::Psk, device, &Fields::default().with("ascii", "sixteen letters!"))
            .await
            .unwrap();
        until(&members[0], &client, true).await;
        assert!(members[0].meets(&client).await.unwrap());
        let another = Fields::default().with("ascii", "another sixteen!").with("since", seconds());
        store.set(RecordKind::Psk, device, &another).await.unwrap();
        until(&members[0], &client, false).await;
        // A wrong record.
        store.set(RecordKind::Psk, b"device-8", &Fields::default().with("hex", "xyz")).await.unwrap();
        assert!(members[0].meets(&psk_client("device-8", &SECRET)).await.is_err());
        members[0]
            .sees(|event| matches!(event, StoreEvent::Record { name, .. } if name == b"device-8"))
            .await;
    }
    with_every_store!(test);
}

#[tokio::test]
async fn clients_are_found_by_their_key() {
    async fn test<S: Store>(one: S, other: S) {
        let (names, theirs, strangers) = (Names::new(), Names::new(), Names::new());
        let mut options = patient();
        options.clients = true;
        let server = || names.server().require_client(Trust::Pins(Vec::new()));
        let members = [
            Member::start(one, options.clone(), server()).await,
            Member::start(other, options, server()).await,
        ];
        for version in VERSIONS {
            let client = names.client(version).identity(theirs.identity());
            let stranger = names.client(version).identity(strangers.identity());
            let pin = Pin::of_spki(&theirs.identity().spki()).to_string();
            let store = members[0].fleet.store();
            store
                .set(RecordKind::Client, pin.as_bytes(), &Fields::default().with("name", "device-7"))
                .await
                .unwrap();
            until(&members[1], &client, true).await;
            assert!(members[0].meets(&client).await.unwrap(), "resumed");
            assert!(members[0].meets(&stranger).await.is_err());
            assert!(store.remove(RecordKind::Client, pin.as_bytes()).await.unwrap());
            for member in &members {
                until(member, &client, false).await;
            }
        }
    }
    with_every_store!(test);
}

/// With a store key the store holds no key in the clear, and a server takes none that it did not seal.
#[tokio::test]
async fn secrets_are_sealed_under_a_key_that_is_not_in_the_store() {
    let names = Names::new();
    let key = |number: u8| {
        StoreKey::from_bytes(&std::array::from_fn::<u8, 32, _>(|place| place as u8 ^ number)).unwrap()
    };
    let with = |key: Option<StoreKey>| {
        let mut options = psks();
        options.key = key;
        options
    };
    let store = MemoryStore::default();
    let sealed = key(1).seal(RecordKind::Psk, b"device-7", &SECRET).unwrap();
    store.set(RecordKind::Psk, b"device-7", &Fields::default().with("sealed", sealed)).await.unwrap();
    let one = Member::start(store.clone(), with(Some(key(1))), names.server()).await;
    let other = Member::start(store.clone(), with(Some(key(1))), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!one.meets(&client).await.unwrap() && other.meets(&client).await.unwrap());
    assert!(!one.meets(&psk_client("device-7", &SECRET)).await.unwrap());
    for name in store.names(RecordKind::TicketKey).await.unwrap() {
        let fields = store.get(RecordKind::TicketKey, &name).await.unwrap().unwrap();
        assert!(fields.get("plain").is_none() && fields.get("sealed").is_some());
    }
    for stranger in [None, Some(key(2))] {
        let stranger = Member::start(store.clone(), with(stranger), names.server()).await;
        stranger.sees(|event| matches!(event, StoreEvent::Record { kind: RecordKind::TicketKey, .. })).await;
        assert!(!stranger.meets(&client).await.unwrap());
        assert!(stranger.meets(&psk_client("device-7", &SECRET)).await.is_err());
    }
    // Somebody who can write the store chooses a key: it is not taken.
    let store = MemoryStore::default();
    let attacker = Member::start(store.clone(), with(None), names.server()).await;
    let server = Member::start(store, with(Some(key(1))), names.server()).await;
    server.sees(|event| matches!(event, StoreEvent::Record { kind: RecordKind::TicketKey, .. })).await;
    let client = names.client(VERSIONS[0]);
    assert!(!attacker.meets(&client).await.unwrap() && !server.meets(&client).await.unwrap());
}

/// Of Redis 6 and later changes come as they happen; the record of a person has the documented form.
#[tokio::test]
async fn what_redis_cli_writes_works_at_once() {
    let redis = RedisServer::start().await;
    let member = Member::start(redis.store(), psks(), psk_server()).await;
    assert!(member.fleet.notifies());
    let client = psk_client("device-7", &SECRET);
    assert!(member.meets(&client).await.is_err());
    let written = ["HSET", "handclasp:psk:device-7", "hex", "7369787465656e206c65747465727321"];
    assert_eq!(redis.cli(&written).trim(), "1");
    until(&member, &client, true).await;
    redis.cli(&["FLUSHALL"]);
    until(&member, &client, false).await;
    // A record of another type is reported, and the store counts as up.
    redis.cli(&["SET", "handclasp:psk:device-7", "hex 7369787465656e206c65747465727321"]);
    while member.events.lock().unwrap().is_empty() {
        assert!(member.meets(&client).await.is_err());
    }
    let StoreEvent::Record { why, .. } = member.sees(|_| true).await else { panic!("a record") };
    assert!(why.contains("WRONGTYPE") && member.fleet.is_up(), "{why}");
}

/// Peers choose the identity under which a server looks: whatever they ask for, the operator's log has few lines.
#[tokio::test]
async fn identities_of_peers_fill_no_log() {
    async fn test<S: Store>(one: S, _: S) {
        let member = Member::start(one, psks(), psk_server()).await;
        let store = member.fleet.store();
        store.set(RecordKind::Psk, b"device-8", &Fields::default().with("hex", "xyz")).await.unwrap();
        for number in 0..20 {
            assert!(member.meets(&psk_client("device-8", &SECRET)).await.is_err());
            let long = format!("{number:0>250}");
            assert!(member.meets(&psk_client(&long, &SECRET)).await.is_err());
        }
        let events = member.events.lock().unwrap().clone();
        let of = |event: &StoreEvent| matches!(event, StoreEvent::Record { name, .. } if name == b"device-8");
        assert!(events.len() == 1 && of(&events[0]), "{events:?}");
    }
    with_every_store!(test);
}

/// A time that a person wrote otherwise than as a number is not taken for "never".
#[tokio::test]
async fn a_since_that_cannot_be_read_ends_all_sessions() {
    async fn test<S: Store>(one: S, _: S) {
        let member = Member::start(one, psks(), psk_server()).await;
        let key = || Fields::default().with("ascii", "sixteen letters!");
        let behind = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - 120).to_string();
        // The second is that of a machine whose clock is two minutes behind ours.
        for (name, since) in [("device-7", "2026-11-29"), ("device-8", behind.as_str())] {
            let client = psk_client(name, &SECRET);
            member.fleet.store().set(RecordKind::Psk, name.as_bytes(), &key()).await.unwrap();
            while member.meets(&client).await.is_err() {}
            assert!(member.meets(&client).await.unwrap());
            let replaced = key().with("since", since);
            member.fleet.store().set(RecordKind::Psk, name.as_bytes(), &replaced).await.unwrap();
            let begun = Instant::now();
            while member.meets(&client).await.unwrap() {
                assert!(begun.elapsed() < Duration::from_secs(60), "{since}");
            }
            assert!(!member.meets(&client).await.unwrap(), "{since}");
        }
    }
    with_every_store!(test);
}

/// Two processes of one number, in two containers, share a folder: neither writes into a file of the other, nor where a
/// symbolic link leads.
#[tokio::test]
async fn a_new_file_is_never_another_ones() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let target = folder.path().join("target");
    std::fs::write(&target, "untouched").unwrap();
    for number in 0..64 {
        let name = format!(".new-{}-{number}", std::process::id());
        std::os::unix::fs::symlink(&target, folder.path().join("used").join(name)).unwrap();
    }
    let fields = Fields::default().with("at", "1");
    for name in [b"a", b"b"] {
        assert_eq!(store.insert_new(RecordKind::UsedTicket, name, &fields, 4_000_000_000).await, Ok(true));
    }
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "untouched");
}
