//! Two servers with one Redis: clients resume at either one, also those of OpenSSL; a ticket is used once among both;
//! pre-shared keys of redis-cli work at once, are refused within a second and are not read twice meanwhile; Redis may
//! stop and come back.
//! Needs redis-server and openssl.

mod program;
mod redis;

use std::{
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use handclasp::{Client, Psk, PskUse, Trust};
use program::{Directory, Running, ends, err, out, run};
use redis::{Redis, noticed};

const KEY: &str = "000102030405060708090a0b0c0d0e0f";

#[test]
fn two_servers_with_one_redis() {
    let directory = Directory::new("fleet");
    let redis = Redis::start(&directory);
    let identity = directory.at("server");
    ends(&["id", "new", &identity, "--name", "localhost"], 0, &[]);
    let store = redis.url();
    let flags = ["--identity", &identity, "--store", &store, "--store-psk", "--reply", "hi"];
    let mut servers = [Running::serve(&flags), Running::serve(&flags)];

    let (ca, session) = (format!("{identity}/certificate.pem"), directory.at("session"));
    let connect = |server: &Running| {
        let address = server.address();
        let flags = ["--name", "localhost", "--ca", &ca, "--session", &session];
        let output = run(&[&["connect", &address][..], &flags].concat());
        assert_eq!((output.status.code(), out(&output).as_str()), (Some(0), "hi"), "{}", err(&output));
        err(&output).contains(" resumed ")
    };
    assert!(!connect(&servers[0]));
    for place in [1, 0, 0, 1] {
        assert!(connect(&servers[place]), "{place}");
    }

    // OpenSSL keeps the ticket, and uses it again: a copy of a ticket at the other server, with its key.
    let file = directory.at("openssl.session");
    // It reads to the end of the reply, so that the ticket in front of it has come.
    let openssl = |server: &Running, flag: &str| {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-tls1_3", "-connect", &server.address(), "-servername", "localhost"]);
        let output: Output =
            command.args([flag, &file, "-ign_eof"]).stdin(Stdio::null()).output().expect("openssl");
        out(&output).contains("Reused, TLSv1.3")
    };
    assert!(!openssl(&servers[0], "-sess_out"));
    assert!(openssl(&servers[1], "-sess_in"));
    assert!(!openssl(&servers[0], "-sess_in") && !openssl(&servers[1], "-sess_in"), "used");

    // A key by redis-cli.
    let key = directory.file("key", KEY.as_bytes());
    let key = format!("@{key}");
    let with_key = |server: &Running| {
        let flags = ["--psk-hex", &key, "--psk-id", "device-7"];
        run(&[&["connect", &server.address()][..], &flags].concat()).status.success()
    };
    assert!(servers.iter().all(|server| !with_key(server)));
    redis.cli(&["HSET", "handclasp:psk:device-7", "hex", KEY]);
    servers.iter().for_each(|server| noticed(|| with_key(server)));
    let listed = ends(&["store", "psk", "list", "--store", &store], 0, &[]);
    assert!(out(&listed).starts_with("device-7  TLS 1.3  check value ") && !out(&listed).contains(KEY));
    ends(&["store", "psk", "revoke", "device-7", "--store", &store], 0, &["revoked device-7"]);
    servers.iter().for_each(|server| noticed(|| !with_key(server)));
    assert_eq!(redis.cli(&["HEXISTS", "handclasp:psk:device-7", "hex"]).trim(), "0", "the key is removed");

    // Slow, and back.
    assert!(connect(&servers[0]));
    redis.signal("STOP");
    assert!(!connect(&servers[0]) && !connect(&servers[1]), "in full");
    servers.iter().for_each(|server| drop(server.told_in_time("the store does not answer")));
    redis.signal("CONT");
    servers.iter_mut().for_each(|server| drop(server.told_in_time("the store answers again")));
    assert!(connect(&servers[0]) && connect(&servers[1]));
    // Down, and back, and empty: the servers still have the keys.
    drop(redis);
    servers.iter().for_each(|server| {
        while server.told().matches("the store does not answer").count() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert!(!connect(&servers[0]) && !connect(&servers[1]), "in full");
    let redis = Redis::start(&directory);
    servers.iter().for_each(|server| {
        while server.told().matches("the store answers again").count() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
    });
    assert!(connect(&servers[1]) && connect(&servers[0]));
    // Each time once.
    for server in &servers {
        let count = |words: &str| server.told().matches(words).count();
        assert_eq!(["the store does not answer", "the store answers again"].map(count), [2, 2]);
    }
    drop(redis);
}

/// Keys of tickets change every two seconds: the servers seal by the same one at each time, and a client resumes at the
/// server that it was not at before.
#[test]
fn ticket_keys_change_on_both_servers() {
    let directory = Directory::new("fleet-rotation");
    let redis = Redis::start(&directory);
    let (identity, store, session) = (directory.at("server"), redis.url(), directory.at("session"));
    ends(&["id", "new", &identity, "--name", "localhost"], 0, &[]);
    let flags = ["--identity", &identity, "--store", &store, "--reply", "hi", "--store-ticket-period", "2"];
    let servers = [Running::serve(&flags), Running::serve(&flags)];
    let ca = format!("{identity}/certificate.pem");
    let connect = |server: &Running| {
        let flags = ["--name", "localhost", "--ca", &ca, "--session", &session];
        let output = run(&[&["connect", &server.address()][..], &flags].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        err(&output).contains(" resumed ")
    };
    let keys = || {
        let names = redis.cli(&["KEYS", "handclasp:ticket-key:*"]);
        names.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let first = keys();
    assert!(!connect(&servers[0]));
    let (mut place, mut resumed, mut met) = (1, 0, Instant::now());
    // Until none of the first keys is left: every ticket by then is sealed by a later one.
    while resumed < 5 || !keys().is_disjoint(&first) {
        let is_resumed = connect(&servers[place]);
        // A machine that stands still for longer than a ticket opens shows nothing.
        assert!(is_resumed || met.elapsed() > Duration::from_secs(2), "after {resumed}");
        resumed += usize::from(is_resumed);
        (place, met) = (1 - place, Instant::now());
    }
}

/// A client that the store revokes is refused by both servers within a second, in full and by its session, also where a CA of
/// the configuration trusts it.
#[test]
fn clients_are_revoked_on_both_servers() {
    let directory = Directory::new("fleet-clients");
    let redis = Redis::start(&directory);
    let (identity, store) = (directory.at("server"), redis.url());
    let [door, window] = ["door", "window"].map(|name| directory.at(name));
    for name in [&identity, &door, &window] {
        ends(&["id", "new", name, "--name", "localhost"], 0, &[]);
    }
    let client_ca = format!("{window}/certificate.pem");
    let flags = ["--identity", &identity, "--store", &store, "--store-clients", "--client-ca", &client_ca];
    let flags = [&flags[..], &["--reply", "hi"]].concat();
    let servers = [Running::serve(&flags), Running::serve(&flags)];
    let ca = format!("{identity}/certificate.pem");
    let connect = |server: &Running, client: &String| {
        let session = format!("{client}/session-{}", server.port);
        let flags = ["--name", "localhost", "--ca", &ca, "--identity", client, "--session", &session];
        run(&[&["connect", &server.address()][..], &flags].concat()).status.success()
    };
    let pin = |client: &str| {
        let shown = out(&run(&["id", "show", client]));
        let pin = shown.split_whitespace().find(|word| word.starts_with("sha256/"));
        pin.unwrap_or_else(|| panic!("{shown}")).to_owned()
    };
    assert!(servers.iter().all(|server| !connect(server, &door) && connect(server, &window)));
    ends(
        &["store", "client", "add", &pin(&door), "--name", "door", "--store", &store],
        0,
        &["added sha256/"],
    );
    servers.iter().for_each(|server| noticed(|| connect(server, &door)));
    ends(&["store", "client", "revoke", &pin(&door), "--store", &store], 0, &["within a second"]);
    servers.iter().for_each(|server| noticed(|| !connect(server, &door)));
    // By hand, and of one whose certificate the CA signed.
    redis.cli(&["HSET", &format!("handclasp:client:{}", pin(&window)), "revoked", "stolen"]);
    servers.iter().for_each(|server| noticed(|| !connect(server, &window)));
}

/// Both servers refuse a key within a second of its revocation, and what tells them is the notification of Redis: a record
/// that was read is not read again by itself. Of several keys the fastest counts, since others may need the machine too.
#[test]
fn a_revocation_counts_within_a_second_on_both_servers() {
    let directory = Directory::new("fleet-second");
    let redis = Redis::start(&directory);
    let store = redis.url();
    let flags = ["--self-signed", "localhost", "--store", &store, "--store-psk", "--reply", "hi"];
    let servers = [Running::serve(&flags), Running::serve(&flags)];
    assert!(redis.cli(&["INFO", "clients"]).contains("tracking_clients:2"), "both servers are notified");

    let key: Vec<u8> = (0..16).collect();
    let reads = || {
        let statistics = redis.cli(&["INFO", "commandstats"]);
        let (_, calls) = statistics.split_once("cmdstat_hgetall:calls=").expect("it was read");
        calls.split_once(',').expect("a list").0.parse::<usize>().expect("a number")
    };
    let mut passed: Vec<Duration> = (0..5)
        .map(|number| {
            let name = format!("device-{number}");
            let record = format!("handclasp:psk:{name}");
            redis.cli(&["HSET", &record, "hex", KEY]);
            let psk = Psk::from_bytes(name.as_str(), PskUse::Tls13Sha256, &key).expect("a key");
            let client = Client::new(Trust::Psk(psk)).without_resumption();
            let connects = |server: &Running| client.connect(&server.address()).is_ok();
            servers.iter().for_each(|server| noticed(|| connects(server)));
            // The notification of the new key may make them read it once more.
            noticed(|| {
                let before = reads();
                servers.iter().chain(&servers).all(connects) && reads() == before
            });
            let begun = Instant::now();
            redis.cli(&["HSET", &record, "revoked", "stolen"]);
            servers.iter().for_each(|server| noticed(|| !connects(server)));
            begun.elapsed()
        })
        .collect();
    passed.sort();
    assert!(passed[0] < Duration::from_secs(1), "refused after {passed:?}");
    println!("refused after {passed:?}, half of them within {:?}", passed[2]);
}
