//! A store that answers and refuses: a replica that takes no writes, a user without permission, a proxy without a server.

use std::{os::unix::fs::symlink, time::Duration};

use handclasp::{Pin, Trust};
use handclasp_store::{FleetOptions, RecordKind, RedisAddress, RedisStore, StoreEvent};

use super::{
    redis_server::{PASSWORD, RedisServer},
    tls::{Member, Names, VERSIONS},
};

/// A store that is up answers within this time also on a machine that is busy.
fn patient() -> FleetOptions {
    let mut options = FleetOptions::default();
    options.time_limit = Duration::from_secs(5);
    options
}

/// What makes a master a replica that waits for its own master.
const DEMOTED: [&str; 3] = ["REPLICAOF", "127.0.0.1", "1"];

/// Otherwise each client that resumes would make it an outage, for pre-shared keys too, and two lines of the log.
#[tokio::test]
async fn a_redis_that_takes_no_writes_is_not_away() {
    let redis = RedisServer::start().await;
    let names = Names::new();
    let member = Member::start(redis.store(), patient(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    redis.cli(&DEMOTED);
    for _ in 0..10 {
        assert!(!member.meets(&client).await.unwrap(), "a ticket that cannot be redeemed");
        assert!(member.fleet.is_up());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let events = member.events.lock().unwrap().clone();
    let [StoreEvent::Refused { kind: RecordKind::UsedTicket, is_write: true, why }] = &events[..] else {
        panic!("{events:?}")
    };
    assert!(why.contains("READONLY"), "{why}");
    redis.cli(&["REPLICAOF", "NO", "ONE"]);
    assert!(member.meets(&client).await.unwrap());
}

/// A failover where the old master lives on: the address leads to the new one, the connection to the old one.
#[tokio::test]
async fn the_redis_that_takes_writes_is_found() {
    let (old, new) = (RedisServer::start().await, RedisServer::start().await);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("master");
    symlink(old.socket(), &path).unwrap();
    let address = RedisAddress::parse(&format!("unix:{}", path.display())).unwrap();
    let store = RedisStore::new(address.with_password(PASSWORD.to_owned().into()));
    let names = Names::new();
    let member = Member::start(store, patient(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    old.cli(&DEMOTED);
    std::fs::remove_file(&path).unwrap();
    symlink(new.socket(), &path).unwrap();
    let resumed = async {
        while !member.meets(&client).await.unwrap() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), resumed).await.expect("the new master is used");
}

/// As long as its last answer counts the configuration decides, and then nobody is let in whom the store may have revoked.
#[tokio::test]
async fn a_redis_that_permits_no_reading_lets_nobody_in_for_long() {
    let redis = RedisServer::start().await;
    let (names, theirs) = (Names::new(), Names::new());
    let server = names.server().require_client(Trust::Pins(vec![Pin::of_spki(&theirs.identity().spki())]));
    let mut options = patient();
    (options.clients, options.stale) = (true, Duration::from_secs(3));
    let member = Member::start(redis.store(), options, server).await;
    redis.cli(&["ACL", "SETUSER", "default", "-hgetall"]);
    let client = names.client(VERSIONS[0]).identity(theirs.identity()).without_resumption();
    let refused = async {
        while member.meets(&client).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("it is refused");
    assert!(member.fleet.is_up());
    let event = member.sees(|event| matches!(event, StoreEvent::Refused { .. })).await.to_string();
    assert!(event.contains("NOPERM") && event.contains("handclasp:client"), "{event}");
    redis.cli(&["ACL", "SETUSER", "default", "+hgetall"]);
    assert!(member.meets(&client).await.is_ok());
}
