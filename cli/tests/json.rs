//! `--json` is JSON whatever names peers and files have.

mod program;

use std::process::{Command, Stdio};

use program::{Directory, Running, err, out, program, run, run_with};
use serde_json::Value;

/// What ends strings, lines, objects and pages in other formats.
const HOSTILE: &str = "a\"}],\\ \r\n{\"event\":\"forged\"}\u{2028}\u{1b}[2J</script>";

/// Each line is one object.
#[track_caller]
fn lines(text: &str) -> Vec<Value> {
    let read = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(value) if value.is_object() => value,
        other => panic!("{other:?}: {line:?}"),
    };
    text.lines().map(read).collect()
}

#[track_caller]
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn event<'v>(events: &'v [Value], name: &str) -> &'v Value {
    events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("no {name}: {events:?}"))
}

/// A certificate with such a subject, which only another program makes.
fn hostile_certificate(directory: &Directory) -> (String, String) {
    let (certificate, key) = (directory.at("hostile.pem"), directory.at("hostile.key"));
    let subject = format!("/CN={}", HOSTILE.replace('\\', "\\\\").replace('/', "\\/"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8"]);
    openssl.args(["-days", "30", "-subj", &subject, "-keyout", &key, "-out", &certificate]);
    let made = openssl.output().unwrap();
    assert!(made.status.success(), "{}", err(&made));
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    (certificate, key)
}

#[test]
fn connect() {
    let directory = Directory::new("json-connect");
    let (certificate, key) = hostile_certificate(&directory);
    // A comma stands between protocols.
    let alpn = HOSTILE.replace(',', ";");
    let server =
        Running::serve(&["--cert", &certificate, "--key", &key, "--reply", "seven b", "--alpn", &alpn]);
    let arguments = ["connect", &server.address(), "--danger-accept-any", "--json", "--alpn", &alpn];
    let output = run_with(&arguments, b"four");
    assert_eq!((out(&output).as_str(), output.status.code()), ("seven b", Some(0)), "{}", err(&output));
    let events = lines(&err(&output));
    let connected = event(&events, "connected");
    assert_eq!(connected["version"], "TLS 1.3");
    assert_eq!(connected["suite"], "TLS_AES_128_GCM_SHA256");
    assert!(connected["peer_key"].as_str().unwrap().starts_with("sha256/"), "{connected}");
    assert!(connected["certificate"].as_str().unwrap().contains("forged"), "{connected}");
    assert!(connected["alpn"].as_str().unwrap().contains("forged") && connected["duration_ms"].is_f64());
    let ended = event(&events, "ended");
    assert_eq!(ended["received"], 7);
    // The server may close before all is sent.
    assert!(ended["sent"].as_u64().is_some_and(|sent| sent <= 4), "{ended}");

    // A failure is a line, too.
    let output = run(&["connect", &server.address(), "--json"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    let events = lines(&err(&output));
    let failed = event(&events, "failed");
    assert_eq!(failed["exit_code"], 3);
    assert!(failed["message"].as_str().unwrap().contains("certificate"), "{failed}");
    let nobody = run(&["connect", "127.0.0.1:1", "--json"]);
    assert_eq!(event(&lines(&err(&nobody)), "failed")["exit_code"], 1);
}

#[test]
fn check_and_listen_and_explain() {
    let directory = Directory::new("json-check");
    let (certificate, key) = hostile_certificate(&directory);
    let server = Running::serve(&["--cert", &certificate, "--key", &key, "--echo"]);
    let checked = run(&["check", &server.address(), "--json"]);
    assert!(out(&checked).contains("forged"), "{}", err(&checked));
    document(&out(&checked));

    let mut listen = Command::new(program());
    let listening = ["listen", "127.0.0.1:0", "--cert", &certificate, "--key", &key, "--json", "--once"];
    let mut listener = Running::start(listen.args(listening).stdout(Stdio::piped()));
    let report = directory.at("report");
    run(&["connect", &listener.address(), "--alpn", HOSTILE, "--report", &report]);
    let mut heard = String::new();
    let stdout = listener.child.stdout.take().unwrap();
    std::io::Read::read_to_string(&mut { stdout }, &mut heard).unwrap();
    document(&heard);

    let explained = run(&["explain", &report, "--json"]);
    assert!(document(&out(&explained))["findings"].is_array(), "{}", err(&explained));
}

#[test]
fn files() {
    let directory = Directory::new("json-files");
    let (certificate, key) = hostile_certificate(&directory);
    let linted = run(&["lint", &certificate, &key, "--json"]);
    assert!(out(&linted).contains("forged"), "{}", err(&linted));
    assert!(document(&out(&linted))["items"].is_array());

    let folder = directory.at("id");
    assert!(run(&["id", "new", &folder, "--name", "a\"b}"]).status.success());
    let shown = document(&out(&run(&["id", "show", &folder, "--json"])));
    assert_eq!(shown["name"], "a\"b}");
    assert!(shown["pin"].as_str().unwrap().starts_with("sha256/"));

    let peers = directory.at("peers");
    let comment = "a\"}]\u{2028}\\";
    let accepted = run(&["peers", "accept", "lamp", &certificate, "--file", &peers, "--comment", comment]);
    assert!(accepted.status.success(), "{}", err(&accepted));
    let mut text = std::fs::read(&peers).unwrap();
    text.extend(b"a \"bad\\ line\x1b\n");
    std::fs::write(&peers, text).unwrap();
    let listed = document(&out(&run(&["peers", "list", "--json", "--file", &peers])));
    assert_eq!(listed["peers"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["bad_lines"].as_array().unwrap().len(), 1, "{listed}");

    let ca = directory.at("ca");
    assert!(run(&["ca", "init", &ca, "--name", "a\"}]\\"]).status.success());
    let request = directory.file("request", &run(&["id", "csr", &folder]).stdout);
    let signed = run(&["ca", "sign", &ca, &request, "--san", "a.example", "--name", "b\"}\\"]);
    assert!(signed.status.success(), "{}", err(&signed));
    let listed = document(&out(&run(&["ca", "list", &ca, "--json"])));
    assert_eq!(listed["issued"].as_array().unwrap().len(), 1, "{listed}");
    assert!(listed.to_string().contains(r#"b\"}\\"#), "{listed}");
}
