//! A store that is down, slow, or lies.

use std::time::Duration;

use handclasp::{Client, Error, Fault, Pin, Policy, Psk, PskUse, Trust};
use handclasp_store::{FleetOptions, RecordKind, RedisAddress, RedisStore, Store, StoreEvent};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    redis_server::{PASSWORD, RedisServer},
    tls::{Member, Names, VERSIONS, psk_client, psk_server},
};

const SECRET: [u8; 16] = *b"sixteen letters!";

/// A store that is up answers within this time also on a machine that is busy.
fn patient() -> FleetOptions {
    let mut options = FleetOptions::default();
    options.time_limit = Duration::from_secs(2);
    options
}

/// The server's.
fn fault(met: std::io::Result<bool>) -> Option<Fault> {
    met.err().map(|error| *Error::in_io_error(&error).and_then(Error::fault).expect("a fault of TLS"))
}

fn is_away(event: &StoreEvent) -> bool {
    matches!(event, StoreEvent::Away { .. })
}

fn is_back(event: &StoreEvent) -> bool {
    matches!(event, StoreEvent::Back { .. })
}

/// Stopped, it answers nothing and its sockets stay open; killed, they close. Handshakes go on in full.
#[tokio::test]
async fn while_redis_is_away_handshakes_go_on_in_full() {
    for stopped in [true, false] {
        let mut redis = RedisServer::start().await;
        let names = Names::new();
        let member = Member::start(redis.store(), patient(), names.server()).await;
        let (client, older) = (names.client(VERSIONS[0]), names.client(VERSIONS[1]));
        for client in [&client, &older] {
            assert!(!member.meets(client).await.unwrap() && member.meets(client).await.unwrap());
        }
        match stopped {
            true => redis.signal("STOP"),
            false => redis.kill(),
        }
        assert!(!member.meets(&client).await.unwrap(), "a ticket that cannot be redeemed");
        member.sees(is_away).await;
        assert!(member.meets(&older).await.unwrap(), "TLS 1.2: a ticket that is used again");
        match stopped {
            true => redis.signal("CONT"),
            // It comes back empty: this server gives it the keys that it has.
            false => redis.restart().await,
        }
        member.sees(is_back).await;
        assert!(member.meets(&client).await.unwrap(), "a ticket from before");
        assert!(member.meets(&client).await.unwrap());
        let events = member.events.lock().unwrap();
        assert_eq!(events.len(), 2, "said once: {events:?}");
    }
}

#[tokio::test]
async fn what_was_read_counts_for_a_while() {
    for stale in [Duration::from_secs(60), Duration::ZERO] {
        let mut redis = RedisServer::start().await;
        let mut options = patient();
        (options.psks, options.stale) = (true, stale);
        redis.cli(&["HSET", "handclasp:psk:device-7", "ascii", "sixteen letters!"]);
        let member = Member::start(redis.store(), options, psk_server()).await;
        let client = psk_client("device-7", &SECRET).without_resumption();
        assert!(!member.meets(&client).await.unwrap());
        redis.kill();
        member.sees(is_away).await;
        if stale.is_zero() {
            member.sees(|event| *event == StoreEvent::Stale).await;
        }
        // What cannot be looked up is never said to be unknown.
        let read_before = if stale.is_zero() { Some(Fault::PskUnavailable) } else { None };
        assert_eq!(fault(member.meets(&client).await), read_before);
        let never_read = psk_client("device-8", &SECRET);
        assert_eq!(fault(member.meets(&never_read).await), Some(Fault::PskUnavailable));
        // A key that was removed meanwhile is refused once the store is back.
        redis.restart().await;
        member.sees(is_back).await;
        for client in [&client, &never_read] {
            assert_eq!(fault(member.meets(client).await), Some(Fault::UnknownPskIdentity));
        }
    }
}

/// Before a server has ever reached its store it serves, too.
#[tokio::test]
async fn a_server_starts_without_its_store() {
    let mut redis = RedisServer::start().await;
    redis.kill();
    let names = Names::new();
    let member = Member::start(redis.store(), patient(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && !member.meets(&client).await.unwrap());
    redis.restart().await;
    member.sees(is_back).await;
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
}

/// A store that forgets which tickets were used: a server remembers those that it redeemed itself.
#[tokio::test]
async fn a_store_that_forgets_gives_no_second_use_at_the_same_server() {
    let redis = RedisServer::start().await;
    let names = Names::new();
    let member = Member::start(redis.store(), patient(), names.server()).await;
    let client = names.client(VERSIONS[0]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    let store = redis.store();
    store.ping().await.unwrap();
    let used = store.names(RecordKind::UsedTicket).await.unwrap();
    assert_eq!(used.len(), 1);
    assert!(store.remove(RecordKind::UsedTicket, &used[0]).await.unwrap());
    // The ticket keys are lost, too; this server still has them, and gives them back.
    redis.cli(&["FLUSHALL"]);
    assert!(member.meets(&client).await.unwrap());
    while store.names(RecordKind::TicketKey).await.unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_without_the_password() {
    let redis = RedisServer::start().await;
    let address = RedisAddress::parse(&format!("unix:{}", redis.socket().display())).unwrap();
    let store = RedisStore::new(address.with_password("wrong horse".to_owned().into()));
    let member = Member::start(store, patient(), Names::new().server()).await;
    let StoreEvent::Away { why, .. } = member.sees(is_away).await else { panic!("away") };
    assert!(why.contains("WRONGPASS"), "{why}");
    assert!(!why.contains("horse") && !format!("{:?}", member.fleet).contains("horse"));
    assert!(PASSWORD.contains("horse"));
}

/// A client that the store revoked has a certificate that the configuration trusts. While the store is away longer than
/// what was read counts, nobody knows whether a client was revoked: none gets in.
#[tokio::test]
async fn a_store_that_is_away_for_too_long_lets_no_revoked_client_in() {
    for stale in [Duration::from_secs(60), Duration::ZERO] {
        let mut redis = RedisServer::start().await;
        let (names, theirs, others) = (Names::new(), Names::new(), Names::new());
        let pins = [&theirs, &others].map(|names| Pin::of_spki(&names.identity().spki()));
        redis.cli(&["HSET", &format!("handclasp:client:{}", pins[0]), "revoked", "stolen"]);
        let server = names.server().require_client(Trust::Pins(pins.to_vec()));
        let mut options = patient();
        (options.clients, options.stale) = (true, stale);
        let member = Member::start(redis.store(), options, server).await;
        for version in VERSIONS {
            let client = |identity| names.client(version).identity(identity).without_resumption();
            let (revoked, other) = (client(theirs.identity()), client(others.identity()));
            if version == VERSIONS[0] {
                assert!(member.meets(&other).await.is_ok(), "trusted, and not in the store");
                assert!(member.meets(&revoked).await.is_err());
                redis.kill();
                member.sees(is_away).await;
            }
            assert_eq!(member.meets(&other).await.is_ok(), !stale.is_zero(), "{version:?} {stale:?}");
            assert!(member.meets(&revoked).await.is_err(), "{version:?} {stale:?}");
        }
    }
}

/// Servers before Redis 6, and proxies, answer an unknown command with its arguments, and may show escape sequences.
#[tokio::test]
async fn an_answer_that_repeats_the_password_is_not_shown() {
    for answer in [
        "-ERR unknown command `AUTH`, with args beginning with: `wrong horse`\r\n",
        "-ERR what is AUTH wrong horse?\r\n",
        "-ERR \x1b[2J\u{202e}\r\n",
        &format!("-ERR {}\r\n", "long ".repeat(300)),
    ] {
        let answer = answer.to_owned();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("redis.sock");
        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut bytes = [0; 4096];
                while socket.read(&mut bytes).await.is_ok_and(|count| count > 0) {
                    // HELLO and AUTH, and what is sent behind them.
                    let _ = socket.write_all(answer.repeat(4).as_bytes()).await;
                }
            }
        });
        let address = RedisAddress::parse(&format!("unix:{}", path.display())).unwrap();
        let store = RedisStore::new(address.with_password("wrong horse".to_owned().into()));
        let error = tokio::time::timeout(Duration::from_secs(60), store.ping()).await.unwrap().unwrap_err();
        let error = error.to_string();
        assert!(!error.contains("horse") && !error.contains(['\u{1b}', '\u{202e}']), "{error:?}");
        assert!(error.len() < 500, "{error:?}");
    }
}

/// The ticket keys of a store that has been away for too long are no longer used: TLS 1.2 would go on.
#[tokio::test]
async fn a_store_that_is_away_for_too_long_ends_its_ticket_keys() {
    let mut redis = RedisServer::start().await;
    let names = Names::new();
    let mut options = patient();
    options.stale = Duration::ZERO;
    let member = Member::start(redis.store(), options, names.server()).await;
    let client = names.client(VERSIONS[1]);
    assert!(!member.meets(&client).await.unwrap() && member.meets(&client).await.unwrap());
    redis.kill();
    member.sees(|event| *event == StoreEvent::Stale).await;
    assert!(!member.meets(&client).await.unwrap());
}

/// A session of a key that this server never read, begun at another one: whether the key is revoked is not
/// known while the store is away.
#[tokio::test]
async fn a_session_of_an_unread_key_is_not_resumed_while_the_store_is_away() {
    let mut redis = RedisServer::start().await;
    redis.cli(&["HSET", "handclasp:psk:device-7", "ascii", "sixteen letters!", "use", "1.2"]);
    let mut options = patient();
    options.psks = true;
    let one = Member::start(redis.store(), options.clone(), psk_server()).await;
    let other = Member::start(redis.store(), options, psk_server()).await;
    let psk = Psk::from_bytes("device-7", PskUse::Tls12, &SECRET).unwrap();
    let client = Client::with_policy(Trust::Psk(psk), Policy::modern().only_version(VERSIONS[1]).unwrap());
    assert!(!one.meets(&client).await.unwrap() && one.meets(&client).await.unwrap());
    redis.kill();
    for member in [&one, &other] {
        member.sees(is_away).await;
    }
    assert!(one.meets(&client).await.unwrap(), "this server read the key");
    assert_eq!(fault(other.meets(&client).await), Some(Fault::PskUnavailable));
}

/// A server that starts while the store is away knows of no revocation: nobody gets in whom the store could have revoked,
/// until it answers.
#[tokio::test]
async fn a_store_that_never_answered_lets_no_revoked_client_in() {
    let mut redis = RedisServer::start().await;
    redis.kill();
    let (names, theirs) = (Names::new(), Names::new());
    let server = names.server().require_client(Trust::Pins(vec![Pin::of_spki(&theirs.identity().spki())]));
    let mut options = patient();
    options.clients = true;
    let member = Member::start(redis.store(), options, server).await;
    let away = member.sees(is_away).await;
    assert!(
        matches!(away, StoreEvent::Away { since: None, .. }) && away.to_string().contains("--store-clients")
    );
    let client = names.client(VERSIONS[0]).identity(theirs.identity()).without_resumption();
    assert!(member.meets(&client).await.is_err());
    redis.restart().await;
    member.sees(is_back).await;
    assert!(member.meets(&client).await.is_ok());
    redis.kill();
    member.sees(|event| matches!(event, StoreEvent::Away { since: Some(_), .. })).await;
    assert!(member.meets(&client).await.is_ok(), "it was not revoked when the store last answered");
    assert!(member.events.lock().unwrap().iter().all(|event| *event != StoreEvent::Stale));
}
