//! `--store` while Redis is away: what the log, the metrics and the client hear, and what a reload keeps.
//! Needs redis-server and openssl.

mod daemons;
mod program;
mod redis;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
};

use daemons::{ONE, TWO, client, connect, echoes, port, reload, run};
use handclasp::{AlertDescription, Fault};
use program::{Directory, Running, out};
use redis::Redis;
use serde_json::Value;

/// Adds a key by redis-cli.
fn add(redis: &Redis<'_>, identity: &str, key: &str) {
    redis.cli(&["HSET", &format!("handclasp:psk:{identity}"), "hex", key]);
}

/// The alert that a client gets.
#[track_caller]
fn refused(client: &handclasp::Client, port: u16) -> Option<Fault> {
    let error = client.connect_to(&format!("127.0.0.1:{port}"), "localhost").expect_err("it is refused");
    error.fault().copied()
}

const INTERNAL: Option<Fault> = Some(Fault::PeerAlert(AlertDescription::internal_error));

/// What was read stays over a reload: with a new connection that has read nothing, each client would be refused while Redis
/// is away. Other settings begin anew.
#[test]
fn a_reload_while_redis_is_away_keeps_what_was_read() {
    let directory = Directory::new("store-reload");
    let redis = Redis::start(&directory);
    add(&redis, "door", ONE);
    directory.file("password", b"secret\n");
    let text = |stale: u64| {
        format!(
            "[serve.web]\nlisten = \"127.0.0.1:0\"\necho = true\nstore = \"{}\"\nstore-psk = true\nstore-stale = {stale}\n",
            redis.url()
        )
    };
    let mut running = Running::start(&mut run(&directory, &text(900)));
    let port = port(&mut running, "serve.web");
    let (door, window) = (client("door", ONE), client("window", TWO));
    echoes(&mut connect(&door, port));
    redis.signal("STOP");
    running.told_in_time("[serve.web] the store does not answer (");

    assert!(reload(&mut running).ends_with("reloaded\n"));
    echoes(&mut connect(&door, port));
    // Whose key was not read hears that the server has a problem, and the log says which.
    assert_eq!(refused(&window, port), INTERNAL);
    let told = running.told_in_time("The store of pre-shared keys did not answer");
    let line = told.lines().find(|line| line.contains("keys did not answer")).unwrap();
    assert!(line.contains("\"window\"") && !line.contains("psk.identity.unknown"), "{line}");
    assert_eq!(told.matches("the store does not answer (").count(), 1, "{told}");

    // The settings are other ones: this store has never answered.
    directory.file("services.toml", text(800).as_bytes());
    reload(&mut running);
    running.told_in_time("nothing was read from it yet");
    assert_eq!(refused(&door, port), INTERNAL);
    redis.signal("CONT");
    running.told_in_time("[serve.web] the store answers again after ");
    echoes(&mut connect(&door, port));
}

fn metrics(address: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("listens");
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("text");
    text
}

/// The gauge, and events in JSON; a client of OpenSSL with a pre-shared key gets a handshake with the certificate.
#[test]
fn a_store_that_is_away_is_seen_from_outside() {
    let directory = Directory::new("store-observed");
    let redis = Redis::start(&directory);
    let url = redis.url();
    let flags = ["--self-signed", "localhost", "--reply", "hi", "--store", &url, "--store-psk"];
    let flags = [&flags[..], &["--store-stale", "1"]].concat();
    let running = Running::serve_in_json(&[&flags[..], &["--metrics", "0"]].concat());
    let told = running.told_in_time("metrics at http://");
    let address = told.split_once("metrics at http://").and_then(|(_, rest)| rest.split_once("/metrics"));
    let address = address.expect("is there").0.to_owned();
    let up = |value: &str| {
        metrics(&address).contains(&format!("handclasp_store_up{{service=\"serve\"}} {value}\n"))
    };
    let event = |state: &str| -> Value {
        let told = running.told_in_time(&format!("\"state\":\"{state}\""));
        let mut events = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        events.find(|event| event["event"] == "store" && event["state"] == state).expect("is there")
    };
    let full = || {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-tls1_3", "-connect", &running.address(), "-ign_eof"]);
        command.args(["-psk", ONE, "-psk_identity", "door"]).stdin(Stdio::null());
        out(&command.output().expect("openssl")).contains("CN = localhost")
    };
    assert!(up("1"));
    add(&redis, "door", ONE);
    redis.signal("STOP");
    let down = event("down");
    assert_eq!((&down["service"], &down["level"]), (&"serve".into(), &"warning".into()));
    assert!(down["error"].as_str().is_some_and(|error| error.contains("no answer within")), "{down}");
    let since = down["since"].as_str().expect("since when");
    assert!(since.ends_with('Z') && since <= down["time"].as_str().unwrap(), "{down}");
    let stale = event("stale");
    assert_eq!((&stale["service"], &stale["level"]), (&"serve".into(), &"warning".into()));
    assert_eq!(stale["since"], since);
    assert!(
        stale["message"].as_str().is_some_and(|line| line.contains("for longer than --store-stale")),
        "{stale}"
    );
    assert!(up("0") && full(), "a full handshake");
    redis.signal("CONT");
    let back = event("up");
    assert!(back["down_ms"].is_u64() && back["service"] == "serve", "{back}");
    assert!(up("1") && !full(), "by its key");
    // A record that cannot be used.
    redis.cli(&["HSET", "handclasp:psk:window", "hex", "00"]);
    let _ = client("window", TWO).connect_to(&running.address(), "localhost");
    let told = running.told_in_time("store_record");
    let line = told.lines().find(|line| line.contains("store_record")).unwrap();
    let event: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(event["record"], "handclasp:psk:window");
}
