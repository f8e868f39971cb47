//! What the store in Redis does by itself, without a fleet: notifications, many records, old and changed servers.

use std::time::{Duration, Instant};

use handclasp_store::{Change, Fields, FleetOptions, RecordKind, Store, StoreEvent};

use super::{
    old_redis,
    redis_server::RedisServer,
    tls::{Member, psk_client, psk_server},
};

const HEX: &str = "7369787465656e206c65747465727321";

/// The next change, for which a busy machine may need long.
async fn next(store: &impl Store) -> Change {
    tokio::time::timeout(Duration::from_secs(60), store.changed()).await.expect("a change is notified")
}

fn key() -> Fields {
    Fields::default().with("hex", HEX)
}

/// A new connection may have missed anything; then each record that another server changes comes by its name.
#[tokio::test]
async fn every_change_is_notified_by_kind_and_name() {
    let redis = RedisServer::start().await;
    let (store, other) = (redis.store(), redis.store());
    store.ping().await.unwrap();
    other.ping().await.unwrap();
    assert!(store.notifies());
    assert_eq!(next(&store).await, Change::Everything);
    for kind in [RecordKind::TicketKey, RecordKind::Psk, RecordKind::Client] {
        match kind {
            RecordKind::TicketKey => {
                let fields = Fields::default().with("plain", "00");
                assert_eq!(other.insert_new(kind, b"7", &fields, 4_000_000_000).await, Ok(true));
            }
            _ => other.set(kind, b"7", &key()).await.unwrap(),
        }
        // A record that is set is removed before, which may be a notification of its own, here of the kind before.
        while next(&store).await != Change::Record(kind, b"7".to_vec()) {}
    }
    redis.cli(&["FLUSHALL"]);
    while next(&store).await != Change::Everything {}
}

/// Redis lists names page by page.
#[tokio::test]
async fn all_of_many_names_are_listed() {
    let redis = RedisServer::start().await;
    let script =
        "for i = 1, 3000 do redis.call('HSET', 'handclasp:client:' .. i, 'name', 'x') end return 'made'";
    assert_eq!(redis.cli(&["EVAL", script, "0"]).trim(), "made");
    let store = redis.store();
    store.ping().await.unwrap();
    assert_eq!(store.names(RecordKind::Client).await.unwrap().len(), 3000);
    assert!(store.names(RecordKind::Psk).await.unwrap().is_empty());
}

/// Without HELLO, as before Redis 6, there are no notifications: records are read again.
#[tokio::test]
async fn a_server_without_hello_is_read_again() {
    let redis = RedisServer::start_with(&["--rename-command", "HELLO", ""]).await;
    let mut options = FleetOptions::default();
    (options.psks, options.time_limit) = (true, Duration::from_secs(20));
    let member = Member::start(redis.store(), options, psk_server()).await;
    assert!(member.fleet.is_up() && !member.fleet.notifies());
    let client = psk_client("device-7", b"sixteen letters!").without_resumption();
    redis.cli(&["HSET", "handclasp:psk:device-7", "hex", HEX]);
    assert!(!member.meets(&client).await.unwrap());
    redis.cli(&["DEL", "handclasp:psk:device-7"]);
    let begun = Instant::now();
    while member.meets(&client).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the removal is not seen");
    }
}

/// HSET of several fields came with Redis 4.0.
#[tokio::test]
async fn records_of_several_fields_are_kept_in_redis_before_4() {
    let redis = RedisServer::start().await;
    let store = RedisServer::store_at(&old_redis::in_front_of(&redis.socket()));
    store.ping().await.unwrap();
    let fields = key().with("use", "1.3").with("since", "7");
    store.set(RecordKind::Psk, b"device-7", &key().with("context", "gone")).await.unwrap();
    store.set(RecordKind::Psk, b"device-7", &fields).await.unwrap();
    assert_eq!(store.get(RecordKind::Psk, b"device-7").await.unwrap(), Some(fields));
}

/// A record is written by several commands at once, and Redis says of all of them only that one was refused.
#[tokio::test]
async fn the_command_that_redis_refuses_is_named() {
    let redis = RedisServer::start().await;
    let store = redis.store();
    store.ping().await.unwrap();
    store.set(RecordKind::Psk, b"device-7", &key()).await.unwrap();
    redis.cli(&["ACL", "SETUSER", "default", "-hset"]);
    let error =
        store.set(RecordKind::Psk, b"device-7", &key().with("use", "1.3")).await.unwrap_err().to_string();
    assert!(error.starts_with("NOPERM") && error.contains("'hset'"), "{error}");
    // And what was there is there.
    store.ping().await.unwrap();
    assert_eq!(store.get(RecordKind::Psk, b"device-7").await.unwrap(), Some(key()));
}

/// An administrator renamed a command: Redis answers with the arguments, a key among them.
#[tokio::test]
async fn a_key_is_not_in_the_error_of_a_command_that_redis_does_not_know() {
    let redis =
        RedisServer::start_with(&["--rename-command", "HSET", "", "--rename-command", "SET", ""]).await;
    let store = redis.store();
    store.ping().await.unwrap();
    let error = store.set(RecordKind::Psk, b"device-7", &key()).await.unwrap_err().to_string();
    assert!(error.contains("unknown command") && !error.contains(HEX), "{error}");
    store.ping().await.unwrap();
    let ticket_key = Fields::default().with("plain", HEX);
    let made = store.insert_new(RecordKind::TicketKey, b"7", &ticket_key, 4_000_000_000).await;
    let error = made.unwrap_err().to_string();
    assert!(error.contains("unknown command") && !error.contains(HEX), "{error}");
}

/// It is neither kept nor used.
#[tokio::test]
async fn a_record_that_is_too_long_is_no_outage() {
    let redis = RedisServer::start().await;
    let mut options = FleetOptions::default();
    (options.psks, options.time_limit) = (true, Duration::from_secs(20));
    redis.cli(&["HSET", "handclasp:psk:device-7", "hex", HEX, "note", &"x".repeat(70_000)]);
    let member = Member::start(redis.store(), options, psk_server()).await;
    let client = psk_client("device-7", b"sixteen letters!");
    assert!(member.meets(&client).await.is_err() && member.fleet.is_up());
    let event = member.sees(|event| matches!(event, StoreEvent::Record { .. })).await.to_string();
    assert!(event.contains("expected at most 65536"), "{event}");
}

/// A person wrote a string where a hash is expected: that key is not used, and all others are.
#[tokio::test]
async fn a_record_of_another_type_is_no_outage() {
    let redis = RedisServer::start().await;
    let mut options = FleetOptions::default();
    (options.psks, options.time_limit) = (true, Duration::from_secs(20));
    redis.cli(&["SET", "handclasp:psk:device-7", HEX]);
    let member = Member::start(redis.store(), options, psk_server()).await;
    let client = psk_client("device-7", b"sixteen letters!");
    assert!(member.meets(&client).await.is_err() && member.fleet.is_up());
    let event = member.sees(|event| matches!(event, StoreEvent::Record { .. })).await;
    assert!(event.to_string().contains("handclasp:psk:device-7"), "{event}");
}
