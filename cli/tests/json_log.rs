//! `--log json`: each line on standard error is one JSON object with the fields of docs/observe.md, whatever peers send.

mod program;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use program::{Directory, Running, err, run_with};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// The lines so far, each of which must be an object.
#[track_caller]
fn events(server: &Running) -> Vec<Value> {
    let told = server.told();
    let read = |line: &str| -> Value {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}\n{told}"))
    };
    told.lines().map(read).collect()
}

/// The first event of this name, once it is there.
#[track_caller]
fn event(server: &Running, name: &str) -> Value {
    server.told_in_time(&format!("\"event\":\"{name}\""));
    events(server).into_iter().find(|event| event["event"] == name).expect("is there")
}

fn s_client(server: &Running, arguments: &[&str]) {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address()]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().expect("openssl is installed");
}

fn send(server: &Running, bytes: &[u8]) {
    let mut stream = TcpStream::connect(server.address()).expect("listens");
    let _ = stream.write_all(bytes);
    let _ = stream.read_to_end(&mut Vec::new());
}

#[test]
fn a_connection_is_two_objects_and_a_failure_one() {
    let server = Running::serve_in_json(&["--self-signed", "localhost", "--echo", "--alpn", "h2"]);
    let output = run_with(
        &["connect", &server.address(), "--danger-accept-any", "--half-close", "--alpn", "h2"],
        b"twelve bytes",
    );
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let done = event(&server, "handshake_done");
    for (field, expected) in [
        ("level", "info"),
        ("service", "serve"),
        ("version", "TLS 1.3"),
        ("suite", "TLS_AES_128_GCM_SHA256"),
        ("group", "X25519MLKEM768"),
        ("alpn", "h2"),
    ] {
        assert_eq!(done[field], expected, "{done}");
    }
    assert_eq!(done["resumed"], false);
    assert!(done["duration_ms"].as_f64().is_some_and(|time| time > 0.0), "{done}");
    assert!(done["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{done}");
    let ended = event(&server, "ended");
    assert_eq!((ended["ending"].as_str(), ended["peer"].as_str()), (Some("closed"), done["peer"].as_str()));
    assert_eq!(
        (ended["bytes_from_client"].as_u64(), ended["bytes_from_target"].as_u64()),
        (Some(12), Some(12))
    );

    send(&server, b"GET / HTTP/1.1\r\n\r\n");
    let failed = event(&server, "handshake_failed");
    for (field, expected) in [
        ("level", "warning"),
        ("cause", "transport.not-tls.http"),
        ("confidence", "observed"),
        ("side", "config"),
        ("blame", "refused_by_us"),
        ("fix_side", "client"),
    ] {
        assert_eq!(failed[field], expected, "{failed}");
    }
    assert!(failed["reason"].as_str().is_some_and(|reason| reason.contains("HTTP")), "{failed}");
    assert!(failed["fix"].as_str().is_some_and(|fix| fix.contains("https://")), "{failed}");
    assert_eq!(failed["more"], 0);
}

/// Where a service listens, reloads and the end are events with fields, of a server, of a tunnel and of a file.
#[test]
fn a_daemon_says_as_events_where_it_listens_and_how_it_is_reloaded() {
    let server = Running::serve_in_json(&["--self-signed", "localhost", "--echo"]);
    let listening = event(&server, "listening");
    assert_eq!(listening["service"], "serve", "{listening}");
    assert_eq!(listening["address"], server.address(), "{listening}");

    let directory = Directory::new("json-events");
    let key = directory.file("key", b"6b6579206f66206120646576696365206f757273");
    let table = |kind: &str, rest: &str| {
        format!("[{kind}]\nlisten = \"127.0.0.1:0\"\npsk-hex = \"@{key}\"\npsk-id = \"device\"\n{rest}\n")
    };
    let tunnel = table("tunnel.out", "target = \"localhost:1\"");
    let text = format!("log = \"json\"\n{}{tunnel}", table("serve.echo", "echo = true"));
    let file = directory.file("services.toml", text.as_bytes());
    let mut command = program::daemon();
    let mut running = Running::start(command.args(["run", &file]).stdin(Stdio::null()).stdout(Stdio::null()));
    let services: BTreeSet<String> = running.until(|told| {
        let events = told.lines().map(|line| serde_json::from_str::<Value>(line).expect("an object"));
        let listening = events.filter(|event| event["event"] == "listening");
        let services: BTreeSet<_> =
            listening.filter_map(|event| Some(event["service"].as_str()?.to_owned())).collect();
        (services.len() == 2).then_some(services)
    });
    assert!(services.contains("serve.echo") && services.contains("tunnel.out"), "{services:?}");

    let signal = |signal| {
        let id = i32::try_from(running.child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(id, signal).expect("it runs");
    };
    directory.file("services.toml", b"[serve.echo]\n");
    signal(Signal::HUP);
    let refused = event(&running, "reloaded");
    assert_eq!(
        (refused["outcome"].as_str(), refused["level"].as_str()),
        (Some("failed"), Some("error")),
        "{refused}"
    );
    assert!(refused["error"].as_str().is_some_and(|error| error.contains("listen")), "{refused}");

    directory.file("services.toml", format!("log = \"json\"\n{tunnel}").as_bytes());
    signal(Signal::HUP);
    let removed = event(&running, "removed");
    assert_eq!(
        (removed["service"].as_str(), removed["connections"].as_u64()),
        (Some("serve.echo"), Some(0)),
        "{removed}"
    );
    running.told_in_time("\"outcome\":\"done\"");
    signal(Signal::TERM);
    let draining = event(&running, "draining");
    assert_eq!(
        (draining["connections"].as_u64(), draining["limit_s"].as_u64()),
        (Some(0), Some(30)),
        "{draining}"
    );
}

/// Clients that are closed before their handshake are events with the limit, and proxies with what they sent.
#[test]
fn clients_that_are_refused_are_events_with_the_limit() {
    let refused = |flags: &[&str], name| {
        let server = Running::serve_in_json(&[&["--self-signed", "localhost", "--echo"], flags].concat());
        let _first = TcpStream::connect(server.address()).expect("listens");
        send(&server, b"GET / HTTP/1.1\r\n\r\n");
        event(&server, name)
    };
    let stranger = refused(&["--proxy-protocol-in", "192.0.2.0/24"], "refused");
    assert_eq!(
        (stranger["limit"].as_str(), stranger["level"].as_str()),
        (Some("proxy_header"), Some("warning"))
    );
    assert_eq!(
        (stranger["service"].as_str(), stranger["more"].as_u64()),
        (Some("serve"), Some(0)),
        "{stranger}"
    );
    let neighbour = refused(&["--max-per-address", "1"], "refused");
    assert_eq!(neighbour["limit"], "per_address", "{neighbour}");
    // The first, the tenth …, with the number of those between.
    let flags = ["--self-signed", "localhost", "--echo", "--proxy-protocol-in", "192.0.2.0/24"];
    let server = Running::serve_in_json(&flags);
    for _ in 0..10 {
        send(&server, b"GET / HTTP/1.1\r\n\r\n");
    }
    server.told_in_time("\"more\":8");
    let proxy = refused(&["--proxy-protocol-in", "loopback"], "proxy_failed");
    assert!(proxy["peer"].as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{proxy}");
    assert!(proxy["error"].as_str().is_some_and(|error| error.contains("PROXY header")), "{proxy}");
}

/// By what a client authenticated, which name it asked for, and which service was not reached.
#[test]
fn clients_are_named_by_what_they_authenticated_with() {
    let directory = Directory::new("json-peers");
    let key = format!("@{}", directory.file("key", b"6b6579206f66206120646576696365206f757273"));
    let psk = ["--psk-hex", &key, "--psk-id", "device"];
    let server = Running::serve_in_json(&[&psk[..], &["--forward", "127.0.0.1:1"]].concat());
    run_with(&[&["connect", &server.address()][..], &psk, &["--half-close"]].concat(), b"hello");
    let done = event(&server, "handshake_done");
    assert_eq!(done["psk_identity"], "device", "{done}");
    assert!(done.get("peer_key").is_none(), "{done}");
    let failed = event(&server, "target_failed");
    assert_eq!(
        (failed["target"].as_str(), failed["level"].as_str()),
        (Some("127.0.0.1:1"), Some("error")),
        "{failed}"
    );
    assert_eq!((&failed["peer"], failed["more"].as_u64()), (&done["peer"], Some(0)), "{failed}");
    assert!(failed["error"].as_str().is_some_and(|error| error.contains("refused")), "{failed}");

    let folder = directory.at("door");
    let made = run_with(&["id", "new", &folder, "--name", "door.test"], b"");
    let text = program::out(&made);
    let pin = text.split_whitespace().find(|word| word.starts_with("sha256/")).expect("a pin");
    let server = Running::serve_in_json(&["--self-signed", "hall.test", "--echo", "--client-pin", pin]);
    let address = server.address();
    let client = ["connect", &address, "--danger-accept-any", "--name", "hall.test", "--identity", &folder];
    let output = run_with(&[&client[..], &["--half-close"]].concat(), b"hello");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let done = event(&server, "handshake_done");
    assert_eq!(
        (done["peer_key"].as_str(), done["server_name"].as_str()),
        (Some(pin), Some("hall.test")),
        "{done}"
    );
    assert!(done["certificate"].as_str().is_some_and(|text| text.contains("CN=door.test")), "{done}");
}

/// Names, protocols, identities and bytes that end lines, move cursors, quote and are not text.
#[test]
fn every_line_is_an_object_whatever_peers_send() {
    let directory = Directory::new("json");
    let key = directory.file("key", b"6b6579206f66206120646576696365206f757273");
    let server = Running::serve_in_json(&[
        "--self-signed",
        "localhost",
        "--psk-hex",
        &format!("@{key}"),
        "--psk-id",
        "device",
        "--echo",
    ]);
    let hostile = "x\"}\n{\"event\":\"forged\"}\u{202e}";
    for version in ["-tls1_2", "-tls1_3"] {
        s_client(&server, &["-servername", hostile, "-alpn", hostile, version]);
        s_client(&server, &["-psk", "6b6579206f662061206465766963652e", "-psk_identity", hostile, version]);
    }
    for bytes in [
        &b"\x16\x03\x01\x00\x04\x01\x00\x00\x00"[..],
        b"\xff\xfe\"\n{\"event\":\"forged\"}\n",
        b"\x15\x03\x03\x00\x02\x02\x28",
    ] {
        send(&server, bytes);
    }
    send(&server, b"GET / HTTP/1.1\r\n\r\n");
    server.told_in_time("transport.not-tls.http");
    let events = events(&server);
    assert!(events.len() > 8, "{events:?}");
    assert!(events.iter().all(|event| event.is_object() && event["event"] != "forged"), "{events:?}");
    assert!(!server.told().contains('\u{202e}'), "{}", server.told());
}

/// docs/observe.md has a row for each event with its fields: no field is written that it lacks.
#[test]
fn the_schema_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/observe.md");
    let text = fs::read_to_string(path).expect("docs/observe.md");
    let schema = text.split_once("## The log in JSON").expect("has it").1;
    let schema = schema.split_once("\n## ").map_or(schema, |(schema, _)| schema);
    let ticked =
        |text: &str| -> BTreeSet<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows: BTreeMap<String, BTreeSet<String>> = schema
        .lines()
        .filter_map(|line| {
            let (name, fields) = line.strip_prefix("| `")?.split_once("` |")?;
            Some((name.to_owned(), ticked(fields)))
        })
        .collect();
    let everywhere =
        ticked(schema.lines().find(|line| line.starts_with("Every object has")).expect("is said"));

    let server = Running::serve_in_json(&["--self-signed", "localhost", "--echo", "--metrics", "0"]);
    s_client(&server, &[]);
    run_with(&["connect", &server.address(), "--danger-accept-any", "--half-close"], b"hello");
    s_client(&server, &["-tls1_2", "-cipher", "AES128-SHA"]);
    for name in ["listening", "message", "metrics", "handshake_done", "handshake_failed", "ended"] {
        event(&server, name);
    }
    for event in events(&server) {
        let name = event["event"].as_str().expect("a name");
        let row = rows.get(name).unwrap_or_else(|| panic!("{name} has no row"));
        for field in event.as_object().expect("an object").keys() {
            assert!(everywhere.contains(field) || row.contains(field), "{name} has {field}: {event}");
        }
    }
}
