//! `handclasp run`: servers and tunnels of a file, and what is said about files that are wrong.

mod daemons;
mod program;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use daemons::{ONE, connect, echoes, port, run};
use program::{Directory, Running, ends, err, has_ended};
use rustix::process::Signal;

/// A plain client, a tunnel, a server that forwards, and a service: all but the service by one file.
#[test]
fn a_server_and_a_tunnel_of_one_file() {
    let directory = Directory::new("run");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let socket = directory.at("s");
    let text = format!(
        "[defaults]\npsk-file = \"keys\"\n\n[serve.web]\nlisten = \"127.0.0.1:0\"\nreply = \"hello\"\n\n[tunnel.out]\nlisten = \"127.0.0.1:0\"\ntarget = \"unix:{socket}\"\n\n[serve.echo]\nlisten = \"unix:s\"\necho = true\n"
    );
    let mut running = Running::start(&mut run(&directory, &text));
    let (out, web) = (port(&mut running, "tunnel.out"), port(&mut running, "serve.web"));
    // Relative paths are those of the folder of the file.
    running.told_in_time("[serve.echo] listening on unix:");
    let mut plain = TcpStream::connect(("127.0.0.1", out)).unwrap();
    plain.write_all(b"through both ends").unwrap();
    plain.shutdown(std::net::Shutdown::Write).unwrap();
    let mut back = String::new();
    plain.read_to_string(&mut back).unwrap();
    assert_eq!(back, "through both ends");
    let mut reply = String::new();
    connect(&daemons::client("door", ONE), web).read_to_string(&mut reply).unwrap();
    assert_eq!(reply, "hello");
}

#[test]
fn mistakes_are_named_by_line_all_at_once() {
    let directory = Directory::new("run-mistakes");
    let file = directory.file(
        "services.toml",
        b"[serve.web]\nlisten = \"127.0.0.1\"\nmax-records = 512\n[tunnel.out]\nlisten = \"127.0.0.1:0\"\npsk-hex = \"00112233\"\n[tunel.x]\n",
    );
    for check in [&[][..], &["--check"]] {
        let output = ends(
            &[&["run", &file], check].concat(),
            2,
            &[
                &format!("{file}:2:1: [serve.web] listen: expected ADDR:PORT; the port is missing"),
                &format!(
                    "{file}:3:1: [serve.web] max-records: there is no such key of serve; did you mean max-record?"
                ),
                &format!("{file}:6:1: [tunnel.out] psk-hex: expected @FILE or env:NAME"),
                &format!(
                    "{file}:7:2: tunel: expected the tables [serve.NAME], [tunnel.NAME] and [defaults]; did you mean tunnel?"
                ),
            ],
        );
        assert!(!err(&output).contains("00112233"));
    }
}

/// Files that the tables name are read before anything listens; each mistake stands at its key.
#[test]
fn check_reads_what_the_file_names() {
    let directory = Directory::new("run-check");
    daemons::certificate(&directory);
    let good = directory.file(
        "good.toml",
        b"[serve.web]\nlisten = \"127.0.0.1:1\"\ncert = \"cert.pem\"\nkey = \"key.pem\"\necho = true\n",
    );
    // Also from another folder, and although this port could not be listened on.
    let output =
        Command::new(program::program()).args(["run", "--check", &good]).current_dir("/").output().unwrap();
    has_ended(&output, 0, &["[serve.web] 127.0.0.1:1: ok"], "a good file");
    let bad = directory.file(
        "bad.toml",
        b"[serve.a]\nlisten = \"127.0.0.1:1\"\necho = true\ncert = \"absent.pem\"\nkey = \"key.pem\"\n\n[serve.b]\nlisten = \"127.0.0.1:1\"\nself-signed = \"localhost\"\n",
    );
    let output = ends(
        &["run", "--check", &bad],
        2,
        &[
            &format!("{bad}:4:1: [serve.a] cert: the certificate in absent.pem cannot be read"),
            &format!("{bad}:7:8: [serve.b] expected one of the keys forward, reply and echo"),
        ],
    );
    assert!(!err(&output).contains("--cert"), "{}", err(&output));
    let twice = directory.file(
        "twice.toml",
        b"[defaults]\nself-signed = \"localhost\"\necho = true\n[serve.a]\nlisten = \"127.0.0.1:1\"\n[serve.b]\nlisten = \"127.0.0.1:1\"\n",
    );
    ends(&["run", "--check", &twice], 2, &["serve.a and serve.b both listen on 127.0.0.1:1"]);
}

/// The file names commands that are executed, and whom to trust.
#[test]
fn a_file_that_others_can_change_is_refused() {
    let directory = Directory::new("run-owner");
    let file = directory.file("services.toml", b"[serve.a]\nlisten = \"127.0.0.1:0\"\n");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    ends(&["run", &file], 2, &["mode 0666, so other users can change it", "chmod go-w"]);
    ends(&["run", &directory.at("absent.toml")], 2, &["absent.toml", "No such file"]);
}

/// A key in a variable of the environment is the key of this process alone, as on the command line.
#[test]
fn a_table_takes_keys_from_variables() {
    let directory = Directory::new("run-variables");
    let text = "[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-hex = \"env:HANDCLASP_TEST_KEY\"\npsk-id = \"door\"\n";
    let mut running = Running::start(run(&directory, text).env("HANDCLASP_TEST_KEY", ONE));
    let port = port(&mut running, "serve.a");
    echoes(&mut connect(&daemons::client("door", ONE), port));
}

/// A command that signs gets none of the secrets that the file names, also not those of other tables.
#[test]
fn a_command_that_signs_sees_no_secret_of_the_file() {
    let directory = Directory::new("run-signer");
    let seen = directory.at("seen");
    let text = format!(
        "[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-hex = \"env:HANDCLASP_TEST_KEY\"\npsk-id = \"door\"\n\
         [serve.b]\nlisten = \"127.0.0.1:0\"\necho = true\nraw-key = true\nsigner = \"env > {seen}; exit 1\"\n"
    );
    let output = run(&directory, &text).env("HANDCLASP_TEST_KEY", ONE).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let seen = std::fs::read_to_string(&seen).unwrap();
    assert!(seen.contains("PATH=") && !seen.contains(ONE), "{seen}");
}

/// A key of `[defaults]` that a table excludes is named, since it does not stand in the table.
#[test]
fn a_default_that_does_not_fit_is_named() {
    let directory = Directory::new("run-default");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    daemons::certificate(&directory);
    let file = directory.file(
        "services.toml",
        b"[defaults]\npsk-file = \"keys\"\n[tunnel.out]\nlisten = \"127.0.0.1:0\"\ntarget = \"localhost:1\"\nca = \"cert.pem\"\n",
    );
    ends(&["run", "--check", &file], 2, &["exclude each other", "(of [defaults] it has psk-file)"]);
}

/// Two tables of which one address includes the other could not both listen.
#[test]
fn addresses_that_include_each_other_are_refused() {
    let directory = Directory::new("run-wider");
    let table = |name: &str, host: &str| {
        format!("[serve.{name}]\nlisten = \"{host}:1\"\necho = true\nself-signed = \"localhost\"\n")
    };
    let file =
        directory.file("services.toml", [table("a", "127.0.0.1"), table("b", "0.0.0.0")].concat().as_bytes());
    ends(&["run", "--check", &file], 2, &["serve.a and serve.b listen on the same port"]);
}

/// With several tables each line of the log says which one it is about.
#[test]
fn lines_name_the_table() {
    let directory = Directory::new("run-lines");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let text = "[serve.web]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-file = \"keys\"\n";
    let mut running = Running::start(&mut run(&directory, text));
    let web = port(&mut running, "serve.web");
    TcpStream::connect(("127.0.0.1", web)).unwrap().write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let failed = running.until(|told| told.lines().find(|line| line.contains("not TLS")).map(str::to_owned));
    assert!(failed.starts_with("[serve.web] 127.0.0.1:"), "{failed}");
    echoes(&mut connect(&daemons::client("door", ONE), web));
    running.until(|told| told.contains("\n[serve.web] 127.0.0.1:").then_some(()));
    let accepted =
        running.until(|told| told.lines().find(|line| line.contains("accepted")).map(str::to_owned));
    assert!(accepted.starts_with("[serve.web] 127.0.0.1:"), "{accepted}");

    // Also where a client is closed before its handshake.
    let mut running = Running::start(&mut run(&directory, &format!("{text}max-per-address = 1\n")));
    let web = port(&mut running, "serve.web");
    let _first = TcpStream::connect(("127.0.0.1", web)).unwrap();
    let _second = TcpStream::connect(("127.0.0.1", web)).unwrap();
    let wanted = "(--max-per-address)";
    let refused = running.until(|told| told.lines().find(|line| line.contains(wanted)).map(str::to_owned));
    assert!(refused.starts_with("[serve.web] 127.0.0.1:"), "{refused}");
}

/// The file that the Debian package ships, with its paths led into a folder.
#[test]
fn the_shipped_example_is_right() {
    let directory = Directory::new("run-shipped");
    daemons::certificate(&directory);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/examples/handclasp.toml");
    let text = std::fs::read_to_string(shipped).unwrap();
    let key = "/run/credentials/handclasp.service/keys_server.key";
    assert!(text.contains(key), "the unit file passes keys under {key}");
    for name in ["server.pem", "clients-ca.pem"] {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
        std::fs::copy(directory.at("cert.pem"), directory.at(name)).unwrap();
    }
    let file = directory.file("handclasp.toml", text.replace(key, "key.pem").as_bytes());
    ends(
        &["run", "--check", &file],
        0,
        &["[serve.redis] 0.0.0.0:6380: ok", "[tunnel.postgres] 127.0.0.1:5432: ok"],
    );
}

/// The time limit of the end stands in the file, and the flag counts before it.
#[test]
fn the_drain_of_the_file_and_of_the_flag() {
    let directory = Directory::new("run-drain");
    let text = "drain = 7\n[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\nself-signed = \"localhost\"\n";
    for (flags, said) in [(&[][..], "for at most 7 s"), (&["--drain", "9"], "for at most 9 s")] {
        let mut running = Running::start(run(&directory, text).args(flags));
        running.told_in_time("listening on");
        daemons::send(&running, rustix::process::Signal::TERM);
        assert_eq!(running.wait().code(), Some(0));
        running.told_in_time(said);
    }
}

/// Flags of `run` count before the keys in front of all tables, and those hold where there is no flag.
#[test]
fn flags_count_before_the_file() {
    let directory = Directory::new("run-flags");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let table = "[serve.web]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-file = \"keys\"\n";
    let text = format!("drain = 600\nlog = \"text\"\nmetrics = \"unix:/absent/folder/socket\"\n{table}");
    let mut command = run(&directory, &text);
    let mut running = Running::start(command.args(["--drain", "7", "--log", "json", "--metrics", "0"]));
    running.told_in_time("{\"address\":");
    running.told_in_time("metrics at http://127.0.0.1:");
    daemons::send(&running, Signal::TERM);
    assert_eq!(running.wait().code(), Some(0));
    running.told_in_time("\"limit_s\":7,");

    let in_json = format!("drain = 5\nlog = \"json\"\n{table}");
    // Also the form that the log has without flag and key.
    for (flags, said) in
        [(&[][..], "\"limit_s\":5,"), (&["--log", "text"], "\nending without connections: for at most 5 s")]
    {
        let mut running = Running::start(run(&directory, &in_json).args(flags));
        daemons::send(&running, Signal::TERM);
        assert_eq!(running.wait().code(), Some(0));
        running.told_in_time(said);
    }
}
