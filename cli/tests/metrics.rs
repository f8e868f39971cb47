//! `--metrics`: what a scraper reads, and what it costs.

mod daemons;
mod keys;
mod program;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::Path,
    process::{Command, Stdio},
};

use program::{Directory, Running, err, run_with};
use serde_json::Value;

/// A server and the address of its metrics.
fn serve(arguments: &[&str]) -> (Running, String) {
    started(&[&["--self-signed", "localhost", "--echo"], arguments].concat())
}

/// The same with these arguments alone.
fn started(arguments: &[&str]) -> (Running, String) {
    let server = Running::serve(&[&["--metrics", "0"], arguments].concat());
    let told = server.told_in_time("metrics at http://");
    let url = told.split_once("metrics at http://").expect("is there").1;
    let address = url.split_once("/metrics").expect("is there").0.to_owned();
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    (server, address)
}

fn ask(mut stream: impl Read + Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    answer
}

/// The head and the body of an answer.
fn get(address: &str, path: &str) -> (String, String) {
    // Closed without an answer while the places of scrapers that went are still taken.
    for _ in 0..600 {
        let mut stream = TcpStream::connect(address).expect("listens");
        let mut answer = String::new();
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let asked = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
        if let (Ok(_), Some((head, body))) = (asked, answer.split_once("\r\n\r\n")) {
            return (head.to_owned(), body.to_owned());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{address} does not answer");
}

/// The value of a series by its name and labels, which stand in the order of the format.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.parse().expect("a number"))
}

/// Scrapes until a series has this value: a connection is counted when its task ends.
#[track_caller]
fn until(address: &str, series: &str, expected: f64) -> String {
    for _ in 0..600 {
        let (_, text) = get(address, "/metrics");
        if (value(&text, series) - expected).abs() < 1e-9 {
            return text;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("{series} is not {expected}:\n{}", get(address, "/metrics").1);
}

fn promtool(arguments: &[&str], input: &str) {
    let mut command = Command::new("promtool");
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("promtool is installed");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("sent");
    let output = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "promtool {arguments:?}: {said}\n{input}");
}

fn s_client(server: &Running, arguments: &[&str], input: &[u8]) -> String {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &server.address()]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("openssl is installed");
    let _ = child.stdin.take().expect("piped").write_all(input);
    let output = child.wait_with_output().expect("ends");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn handshakes_bytes_and_failures_are_counted() {
    let (server, metrics) = serve(&[]);
    let zero = get(&metrics, "/metrics");
    assert!(
        zero.0.starts_with("HTTP/1.1 200 OK\r\n") && zero.0.contains("text/plain; version=0.0.4"),
        "{}",
        zero.0
    );
    assert!(zero.1.contains("handclasp_connections_open{service=\"serve\"} 0\n"), "{}", zero.1);

    let ended = "handclasp_ended_total{ending=\"closed\",service=\"serve\"}";
    let output =
        run_with(&["connect", &server.address(), "--danger-accept-any", "--half-close"], b"twelve bytes");
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let text = until(&metrics, ended, 1.0);
    for (series, expected) in [
        (
            "handclasp_handshakes_total{group=\"X25519MLKEM768\",resumed=\"false\",service=\"serve\",suite=\"TLS_AES_128_GCM_SHA256\",version=\"TLS 1.3\"}",
            1.0,
        ),
        ("handclasp_connections_total{service=\"serve\"}", 1.0),
        ("handclasp_bytes_total{direction=\"from_client\",service=\"serve\"}", 12.0),
        ("handclasp_bytes_total{direction=\"from_target\",service=\"serve\"}", 12.0),
        ("handclasp_handshake_duration_seconds_count{outcome=\"complete\",service=\"serve\"}", 1.0),
        ("handclasp_tickets_total{outcome=\"issued\",service=\"serve\"}", 2.0),
        ("handclasp_tickets_total{outcome=\"used\",service=\"serve\"}", 0.0),
    ] {
        assert!((value(&text, series) - expected).abs() < 1e-9, "{series} {expected}\n{text}");
    }
    until(&metrics, "handclasp_connections_open{service=\"serve\"}", 0.0);

    // A session of OpenSSL that is resumed.
    let directory = Directory::new("metrics");
    let session = directory.at("session");
    s_client(&server, &["-tls1_2", "-sess_out", &session], b"Q\n");
    s_client(&server, &["-tls1_2", "-sess_in", &session], b"Q\n");
    until(&metrics, "handclasp_tickets_total{outcome=\"used\",service=\"serve\"}", 1.0);

    // Failures by cause, and by the side that must act.
    TcpStream::connect(server.address())
        .expect("listens")
        .write_all(b"GET / HTTP/1.1\r\n\r\n")
        .expect("sent");
    let failures = |cause, side| {
        format!("handclasp_handshake_failures_total{{cause=\"{cause}\",service=\"serve\",side=\"{side}\"}}")
    };
    until(&metrics, &failures("transport.not-tls.http", "config"), 1.0);
    s_client(&server, &["-tls1_2", "-cipher", "AES128-SHA"], b"");
    let text = until(&metrics, &failures("suite.none-in-common", "config"), 1.0);
    promtool(&["check", "metrics"], &text);
}

/// The series of a server that has the label.
fn of(name: &str, label: &str, value: &str) -> String {
    match label < "service" {
        true => format!("handclasp_{name}{{{label}=\"{value}\",service=\"serve\"}}"),
        false => format!("handclasp_{name}{{service=\"serve\",{label}=\"{value}\"}}"),
    }
}

/// What is not explained is counted all the same.
#[test]
fn every_failure_is_counted_whether_it_is_explained_or_not() {
    let (server, metrics) = serve(&[]);
    for _ in 0..60 {
        let mut stream = TcpStream::connect(server.address()).expect("listens");
        let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let text = until(&metrics, &of("handshake_duration_seconds_count", "outcome", "failed"), 60.0);
    let failures = text.lines().filter(|line| line.starts_with("handclasp_handshake_failures_total{"));
    let sum: f64 = failures.map(|line| value(&text, line.rsplit_once(' ').expect("a value").0)).sum();
    assert!((sum - 60.0).abs() < 1e-9, "{text}");
    assert!(text.contains("{cause=\"not-explained\",service=\"serve\",side=\"not-explained\"}"), "{text}");
}

/// Bytes of the two directions, targets that are not reached, clients that are refused.
#[test]
fn directions_targets_and_refusals_are_counted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let service = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _ = stream.read_to_end(&mut Vec::new());
        let _ = stream.write_all(b"an answer");
    });
    let own = ["--self-signed", "localhost", "--forward"];
    let (server, metrics) = started(&[&own[..], &[&service]].concat());
    let ask = |server: &Running| {
        run_with(&["connect", &server.address(), "--danger-accept-any", "--half-close"], b"hello")
    };
    assert_eq!(ask(&server).stdout, b"an answer");
    until(&metrics, &of("bytes_total", "direction", "from_client"), 5.0);
    until(&metrics, &of("bytes_total", "direction", "from_target"), 9.0);
    assert_ne!(ask(&server).status.code(), Some(0), "the service is gone");
    until(&metrics, "handclasp_target_failures_total{service=\"serve\"}", 1.0);

    let (server, metrics) = serve(&["--max-per-address", "1"]);
    let _first = TcpStream::connect(server.address()).expect("listens");
    // One of the two is closed.
    let _second = TcpStream::connect(server.address()).expect("listens");
    until(&metrics, &of("refused_total", "limit", "per_address"), 1.0);
    for (from, bytes) in [("192.0.2.0/24", &b""[..]), ("loopback", b"GET / HTTP/1.1\r\n\r\n")] {
        let (server, metrics) = serve(&["--proxy-protocol-in", from]);
        let mut stream = TcpStream::connect(server.address()).expect("listens");
        let _ = stream.write_all(bytes);
        until(&metrics, &of("refused_total", "limit", "proxy_header"), 1.0);
    }
}

#[test]
fn reloads_are_counted_by_their_outcome() {
    let directory = Directory::new("metrics-reload");
    let keys = directory.file("keys", b"door:000102030405060708090a0b0c0d0e0f\n");
    let (mut server, metrics) = started(&["--echo", "--psk-file", &keys]);
    assert_eq!(daemons::reload(&mut server).lines().last(), Some("reloaded"));
    until(&metrics, "handclasp_reloads_total{outcome=\"done\"}", 1.0);
    directory.file("keys", b"door\n");
    daemons::reload(&mut server);
    let text = until(&metrics, "handclasp_reloads_total{outcome=\"failed\"}", 1.0);
    assert!((value(&text, "handclasp_reloads_total{outcome=\"done\"}") - 1.0).abs() < 1e-9, "{text}");
}

#[test]
fn other_paths_methods_and_bytes_are_refused() {
    let (_server, metrics) = serve(&[]);
    assert_eq!(get(&metrics, "/healthz").1, "ok\n");
    assert!(get(&metrics, "/").0.starts_with("HTTP/1.1 404 "));
    let connect = || TcpStream::connect(&metrics).expect("listens");
    assert!(ask(connect(), "POST /metrics HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 405 "));
    assert!(ask(connect(), "\x16\x03\x01 not HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

/// Scrapers that say nothing take the places of other scrapers, and of no client.
#[test]
fn silent_scrapers_are_bounded_and_cost_clients_nothing() {
    let (server, metrics) = serve(&[]);
    let silent: Vec<_> = (0..40).map(|_| TcpStream::connect(&metrics).expect("listens")).collect();
    // Those above the bound are closed at once.
    let mut last = silent.last().expect("some").try_clone().expect("cloned");
    assert_eq!(last.read(&mut [0]).unwrap_or(0), 0);
    // And not for their silence, which ends the first ones before.
    let mut first = silent.first().expect("some").try_clone().expect("cloned");
    first.set_nonblocking(true).expect("set");
    assert_eq!(first.read(&mut [0]).expect_err("it is open").kind(), ErrorKind::WouldBlock);
    let output = run_with(&["connect", &server.address(), "--danger-accept-any", "--half-close"], b"hello");
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(0), &b"hello"[..]), "{}", err(&output));
    drop((silent, first, last));
    until(&metrics, "handclasp_ended_total{ending=\"closed\",service=\"serve\"}", 1.0);
}

#[test]
fn metrics_at_a_unix_socket() {
    let directory = Directory::new("metrics-unix");
    let path = directory.at("metrics.sock");
    let server =
        Running::serve(&["--metrics", &format!("unix:{path}"), "--self-signed", "localhost", "--echo"]);
    server.told_in_time("metrics at unix:");
    let answer =
        ask(UnixStream::connect(&path).expect("listens"), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(answer.contains("handclasp_build_info{version="), "{answer}");
}

/// Whatever peers send, the series do not grow with it.
#[test]
fn peers_make_no_labels() {
    let (server, metrics) = serve(&["--alpn", "h2"]);
    let names = |text: &str| -> BTreeSet<String> {
        text.lines().filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned())).collect()
    };
    for number in 0..30 {
        let (name, alpn) = (format!("host-{number}.example"), format!("h2,chosen-{number}"));
        s_client(&server, &["-servername", &name, "-alpn", &alpn], b"");
        let mut stream = TcpStream::connect(server.address()).expect("listens");
        let _ = stream.write_all(format!("GET /{number} HTTP/1.1\r\n\r\n").as_bytes());
    }
    let count = "handclasp_connections_total{service=\"serve\"}";
    let text = until(&metrics, count, 60.0);
    assert!(!text.contains("example") && !text.contains("chosen"), "{text}");
    let failures =
        names(&text).into_iter().filter(|name| name.starts_with("handclasp_handshake_failures_total"));
    assert!(failures.count() <= 3, "{text}");
}

/// Every metric that the dashboard or docs/observe.md names is served, and the other way round; Prometheus reads each expression.
#[test]
fn dashboard_documentation_and_program_name_the_same_metrics() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read =
        |name: &str| fs::read_to_string(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (_server, metrics) = serve(&[]);
    let text = get(&metrics, "/metrics").1;
    let mut served: BTreeSet<String> = text
        .lines()
        .filter_map(|line| Some(line.strip_prefix("# TYPE ")?.split(' ').next()?.to_owned()))
        .collect();
    // Series that begin with the first handshake.
    served.extend(["handclasp_handshakes_total", "handclasp_handshake_failures_total"].map(str::to_owned));

    let dashboard: Value = serde_json::from_str(&read("packaging/grafana/handclasp.json")).expect("JSON");
    let mut expressions = Vec::new();
    collect(&dashboard, "expr", &mut expressions);
    assert!(expressions.len() > 15, "{expressions:?}");
    for expression in &expressions {
        for name in named(expression) {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            assert!(served.contains(family.unwrap_or(&name)), "{name} of the dashboard is not served");
        }
    }
    let mut rules = String::from("groups:\n- name: dashboard\n  rules:\n");
    for (number, expression) in expressions.iter().enumerate() {
        let expression = expression.replace("$__rate_interval", "5m").replace("$service", ".*");
        let _infallible = writeln!(rules, "  - record: a:{number}\n    expr: '{expression}'");
    }
    let directory = Directory::new("dashboard");
    promtool(&["check", "rules", &directory.file("rules.yaml", rules.as_bytes())], "");

    let documented: BTreeSet<String> = named(&read("docs/observe.md")).into_iter().collect();
    assert_eq!(documented, served);
}

/// The names of metrics in a text.
fn named(text: &str) -> Vec<String> {
    let pieces = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    pieces.filter(|piece| piece.starts_with("handclasp_")).map(str::to_owned).collect()
}

/// The strings of this key, anywhere in a document.
fn collect(value: &Value, key: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key).and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| collect(value, key, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, key, found)),
        _ => {}
    }
}
