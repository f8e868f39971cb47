//! Files and what is said about them.

use super::*;

fn mistakes(text: &str) -> Vec<String> {
    match entries(text) {
        Ok((entries, _)) => panic!("taken, with {} tables", entries.len()),
        Err(mistakes) => {
            let Failure::Usage(text) = mistake::refused(Path::new("f"), text, mistakes) else {
                unreachable!()
            };
            text.lines().map(str::to_owned).collect()
        }
    }
}

#[track_caller]
fn is_refused(text: &str, expected: &[&str]) {
    let found = mistakes(text);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
}

fn serve(text: &str) -> Vec<(String, Arc<Serve>)> {
    let entries = entries(text).map_err(|mistakes| mistake::refused(Path::new("f"), text, mistakes).text());
    let serve = |entry: Entry| match entry.arguments {
        Arguments::Serve(arguments) => (entry.title, arguments),
        Arguments::Tunnel(_) => panic!("a tunnel"),
    };
    entries.unwrap().0.into_iter().map(serve).collect()
}

#[test]
fn keys_are_flags() {
    let text = r#"
        [defaults]
        max-record = 2_048
        quiet = true

        [serve.web]
        listen = "127.0.0.1:8443"
        echo = true
        self-signed = "localhost"
        alpn = ["h2", "http/1.1"]
        tls = 1.2
        tofu = true
        max-connections = 0x10

        [serve."a b"]
        listen = "[::1]:0"
        cert = ["a.pem", "b.pem"]
        key = "a.key"
        reply = "-x --echo"
        tofu = "peers"
        quiet = false
        stateless-retry = false
    "#;
    let found = serve(text);
    let [(web, first), (other, second)] = &found[..] else { panic!("{}", found.len()) };
    assert_eq!((&web[..], &other[..]), ("serve.web", "serve.a b"));
    assert_eq!(first.address.to_string(), "127.0.0.1:8443");
    assert!(first.echo && first.record.quiet);
    assert_eq!(first.protocol.alpn, ["h2", "http/1.1"]);
    assert_eq!(first.protocol.max_record, Some(2048));
    assert_eq!(first.protocol.tls, Some(handclasp::ProtocolVersion::TLS_1_2));
    assert_eq!(first.tofu.tofu, Some(None));
    assert_eq!(first.limits.max_connections, 16);
    assert_eq!(second.credentials.files.cert, ["a.pem", "b.pem"].map(std::path::PathBuf::from));
    assert_eq!(second.reply.as_deref(), Some("-x --echo"));
    assert_eq!(second.tofu.tofu, Some(Some("peers".into())));
    assert!(!second.record.quiet && !second.stateless_retry);
}

#[test]
fn every_mistake_has_its_place() {
    is_refused(
        "[serve.web]\nlisten = \"127.0.0.1\"\n  max_record = 5\nself-signed = \"a\"\nmax-record = 5\necho = 1\n\n[serve.x]\necho = true\n",
        &[
            "f:2:1: [serve.web] listen: expected ADDR:PORT; the port is missing",
            "f:3:3: [serve.web] max_record: there is no such key of serve; did you mean max-record?",
            "f:5:1: [serve.web] max-record: ",
            "f:6:1: [serve.web] echo: expected true or false, found a number",
            "f:8:8: [serve.x] expected the key listen, which is missing",
        ],
    );
}

#[test]
fn values_of_another_kind() {
    let table = |line: &str| format!("[serve.a]\nlisten = \"127.0.0.1:0\"\n{line}\n");
    for (line, said) in [
        ("self-signed = [\"a\", \"b\"]", "self-signed: expected one value, found a list of 2"),
        ("self-signed = true", "self-signed: expected NAME, found true"),
        ("cert = [[\"a\"]]", "cert: expected FILE, or a list of them, found a list"),
        ("cert = 2020-01-01", "cert: expected FILE, or a list of them, found a date"),
        (
            "policy = \"modrn\"",
            "policy: expected one of modern, tls13_only, compatible, constrained, found \"modrn\"",
        ),
        ("tls = 1.4", "tls: expected 1.2 or 1.3, found 1.4"),
        ("once = true", "once: there is no such key"),
        ("accept = \"x\"", "accept: there is no such key of serve; did you mean listen?"),
        ("PSKsecrets = \"x\"", "did you mean psk-file?"),
        ("connect = \"x\"", "did you mean forward?"),
        ("CAfile = \"x\"", "did you mean client-ca?"),
        ("client = true", "a table [tunnel.NAME] is a client"),
        ("protocol = \"smtp\"", "STARTTLS is for tunnels"),
        ("reply = \"a\"\necho = true", "it excludes"),
        ("learn = true", "expected the key client-pins, which is missing"),
    ] {
        is_refused(&table(line), &[said]);
    }
}

/// A service of stunnel.conf under a table of ours: each option is answered with the key that takes its place.
#[test]
fn a_client_of_stunnel_is_named_key_by_key() {
    is_refused(
        "[tunnel.mail]\nclient = true\naccept = \"127.0.0.1:25\"\nconnect = \"mail.example:587\"\nprotocol = \"smtp\"\nverifyChain = true\nCAfile = \"ca.pem\"\ncheckHost = \"mail.example\"\n",
        &[
            "f:2:1: [tunnel.mail] client: there is no such key of tunnel; a table [tunnel.NAME] is a client",
            "f:3:1: [tunnel.mail] accept: there is no such key of tunnel; did you mean listen?",
            "f:4:1: [tunnel.mail] connect: there is no such key of tunnel; did you mean target?",
            "f:5:1: [tunnel.mail] protocol: there is no such key of tunnel; did you mean starttls?",
            "f:6:1: [tunnel.mail] verifyChain: there is no such key of tunnel; did you mean ca?",
            "f:7:1: [tunnel.mail] CAfile: there is no such key of tunnel; did you mean ca?",
            "f:8:1: [tunnel.mail] checkHost: there is no such key of tunnel; did you mean name?",
        ],
    );
}

/// As on the command line, and more: not even with a warning.
#[test]
fn secrets_are_elsewhere() {
    for key in ["psk-hex", "psk-ascii", "psk-base64", "passphrase", "token-pin"] {
        let text =
            format!("[serve.a]\nlisten = \"127.0.0.1:0\"\n{key} = \"00112233445566778899aabbccddeeff\"\n");
        let found = mistakes(&text);
        assert_eq!(
            found,
            [format!(
                "f:3:1: [serve.a] {key}: expected @FILE or env:NAME: a secret does not stand in this file"
            )]
        );
    }
    // An error of the syntax quotes no line.
    let found = mistakes("[serve.a]\npsk-hex = \"00112233445566778899aabbccddeeff\n");
    assert!(!found.concat().contains("0011"), "{found:?}");
    assert!(found[0].starts_with("f:2:"), "{found:?}");
}

#[test]
fn files_without_tables_and_with_others() {
    is_refused("", &["f:1:1: expected a table for each server or tunnel"]);
    is_refused(
        "[serve]\nlisten = \"x\"\n",
        &[
            "f:2:1: [serve] expected a table with a name, such as [serve.web], found the key listen with a string",
        ],
    );
    is_refused("serve = 1\n", &["[serve] expected a table for each server or tunnel, such as [serve.web]"]);
    is_refused(
        "[server.a]\nlisten = \"x\"\n",
        &["server: expected the tables [serve.NAME], [tunnel.NAME] and [defaults]; did you mean serve?"],
    );
    is_refused(
        "[defaults]\nnothing = 1\n",
        &["f:2:1: [defaults] nothing: neither serve nor tunnel has such a key"],
    );
    is_refused(
        "[serve.a]\na = 1\na = 2\n[serve.b\n",
        &["f:3:1: duplicate key a: remove one of the two", "f:4:"],
    );
}

/// A default is wrong once, not once for each table; a table's own value counts.
#[test]
fn defaults() {
    let tables = "[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\n[serve.b]\nlisten = \"127.0.0.1:0\"\necho = true\nmax-record = 512\n[serve.c]\nlisten = \"127.0.0.1:0\"\necho = true\n";
    is_refused(&format!("[defaults]\nmax-record = 5\n{tables}"), &["f:2:1: [defaults] max-record: "]);
    let found = serve(&format!("[defaults]\nmax-record = 600\n{tables}"));
    assert_eq!(
        found.iter().map(|(_, serve)| serve.protocol.max_record).collect::<Vec<_>>(),
        [Some(600), Some(512), Some(600)]
    );
}

#[test]
fn keys_of_the_whole_program_stand_in_front() {
    let table = "[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\n";
    let (_, process) = entries(&format!("drain = 5\n{table}")).unwrap();
    assert_eq!(process.drain.drain, Some(5));
    is_refused(
        &format!("drain = \"x\"\n{table}"),
        &["f:1:1: drain: expected a number of seconds, found \"x\""],
    );
    is_refused(&format!("check = true\n{table}"), &["f:1:1: check: expected the tables"]);
    is_refused(&format!("drian = 1\n{table}"), &["did you mean drain?"]);
    is_refused(&format!("{table}drain = 5\n"), &["f:4:1: [serve.a] drain: it is for the whole program"]);
    is_refused(
        &format!("[defaults]\ndrain = 5\n{table}"),
        &["f:2:1: [defaults] drain: it is for the whole program"],
    );
}

/// The same for the password of a store, also inside of its URL.
#[test]
fn a_password_of_the_store_stands_elsewhere() {
    let table = |store: &str| {
        format!("[serve.a]\nlisten = \"127.0.0.1:1\"\necho = true\nself-signed = \"localhost\"\n{store}\n")
    };
    for store in [
        "store = \"redis://:hunter2@db.test\"",
        "store = \"rediss://jo:hunter2@db.test:7000/1\"",
        "store = \"redis://db.test\"\nstore-password = \"hunter2\"",
    ] {
        let found = mistakes(&table(store));
        let [line] = &found[..] else { panic!("{found:#?}") };
        assert!(line.contains("a secret does not stand in this file") && line.contains("@FILE"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    for store in [
        "store = \"redis://jo@db.test\"\nstore-password = \"@password\"",
        "store = \"redis://db.test\"\nstore-password = \"env:PASSWORD\"",
        "store = \"env:STORE\"",
        "store = \"@store.url\"",
        "store = \"file:/var/lib/handclasp\"",
    ] {
        assert_eq!(serve(&table(store)).len(), 1, "{store}");
    }
}

/// What the reader of TOML calls an invalid float is an address without quotes.
#[test]
fn text_without_quotes_is_named() {
    let hint = "; the value of listen is text: put it in double quotes";
    for value in ["127.0.0.1:8443", "systemd:web", "localhost:1", "0.0.0.0:8443 # all"] {
        let found = mistakes(&format!("[serve.a]\nlisten = {value}\n")).remove(0);
        assert!(found.starts_with("f:2:") && found.ends_with(hint), "{found}");
        assert!(!found.contains(value), "it may be a secret: {found}");
    }
    for whole in ["[serve.a]\nlisten = \"a\n", "[serve.a\nlisten = 1\n", "[serve.a]\nlisten: \"a\"\n"] {
        let found = mistakes(whole).join("\n");
        assert!(!found.contains("double quotes"), "{found}");
    }
}
