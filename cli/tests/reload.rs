//! SIGHUP: files are read anew, connections stay, and a mistake changes nothing.

mod daemons;
mod program;

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Output, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use daemons::{ONE, TWO, certificate, client, connect, echoes, pinned, port, reload, run, send};
use handclasp::{Client, Pin, Trust};
use program::{Directory, PATIENCE, Running, ends, out};

#[test]
fn serve_reads_certificates_and_keys_anew() {
    let directory = Directory::new("reload-serve");
    let old = certificate(&directory);
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut running = Running::serve(&[
        "--echo",
        "--cert",
        &directory.at("cert.pem"),
        "--key",
        &directory.at("key.pem"),
        "--psk-file",
        &keys,
    ]);
    let port = running.port;
    let mut by_certificate = connect(&pinned(old), port);
    let mut by_key = connect(&client("door", ONE), port);
    echoes(&mut by_certificate);

    let new = certificate(&directory);
    directory.file("keys", format!("window:{TWO}\n").as_bytes());
    let told = reload(&mut running);
    assert!(told.lines().any(|line| line == "reloaded"), "{told}");
    // Connections of before go on, and new ones find what the files have now.
    echoes(&mut by_certificate);
    echoes(&mut by_key);
    echoes(&mut connect(&pinned(new), port));
    echoes(&mut connect(&client("window", TWO), port));
    let address = running.address();
    assert!(pinned(old).connect_to(&address, None).is_err(), "the old certificate is still sent");
    assert!(client("door", ONE).connect_to(&address, None).is_err(), "a key that was removed is accepted");

    directory.file("keys", b"window 00\n");
    let told = reload(&mut running);
    assert!(told.contains("not reloaded, the configuration from before stays: --psk-file: "), "{told}");
    assert!(told.contains("line 1: expected IDENTITY:KEY"), "{told}");
    echoes(&mut connect(&client("window", TWO), port));
    echoes(&mut by_certificate);
}

/// As `id rotate`, `renew` and `install` say when they are done.
#[test]
fn an_identity_folder_is_read_anew() {
    let directory = Directory::new("reload-identity");
    let folder = directory.at("door");
    let pin = |output: &Output| -> Pin {
        let text = out(output);
        let pin = text
            .split_whitespace()
            .find(|word| word.starts_with("sha256/"))
            .unwrap_or_else(|| panic!("{text}"));
        pin.parse().unwrap()
    };
    let old = pin(&ends(&["id", "new", &folder, "--name", "localhost"], 0, &[]));
    let mut running = Running::serve(&["--echo", "--identity", &folder]);
    let port = running.port;
    let mut before = connect(&pinned(old), port);
    let new = pin(&ends(&["id", "rotate", &folder], 0, &["take the new one at SIGHUP"]));
    echoes(&mut connect(&pinned(old), port));
    let told = reload(&mut running);
    assert!(told.lines().any(|line| line == "reloaded"), "{told}");
    echoes(&mut before);
    echoes(&mut connect(&pinned(new), port));
}

/// A certificate of the same key and names does not end sessions.
#[test]
fn sessions_outlive_a_reload() {
    let directory = Directory::new("reload-sessions");
    let pin = certificate(&directory);
    let mut running =
        Running::serve(&["--echo", "--cert", &directory.at("cert.pem"), "--key", &directory.at("key.pem")]);
    let client = Client::new(Trust::Pins(vec![pin]));
    let resumes = || {
        let mut stream = connect(&client, running.port);
        // The tickets come with what is read.
        echoes(&mut stream);
        stream.connected().resumed
    };
    assert_eq!([resumes(), resumes()], [false, true]);
    let port = running.port;
    reload(&mut running);
    let mut stream = connect(&client, port);
    echoes(&mut stream);
    assert!(stream.connected().resumed);
}

/// One server is removed, one is added, one gets another key and one stays, in one step.
#[test]
fn the_file_is_read_anew() {
    let directory = Directory::new("reload-file");
    directory.file("one", ONE.as_bytes());
    directory.file("two", TWO.as_bytes());
    let server = |name: &str, port: u16, key: &str| {
        format!(
            "[serve.{name}]\nlisten = \"127.0.0.1:{port}\"\necho = true\npsk-hex = \"@{key}\"\npsk-id = \"door\"\n"
        )
    };
    let [one, two] = [ONE, TWO].map(|key| client("door", key));
    let text = [server("stays", 0, "one"), server("changes", 0, "one"), server("goes", 0, "one")].concat();
    let mut running = Running::start(&mut run(&directory, &text));
    let [stays, changes, goes] =
        ["serve.stays", "serve.changes", "serve.goes"].map(|title| port(&mut running, title));
    let mut streams = [stays, changes, goes].map(|port| connect(&one, port));

    let text = [server("stays", 0, "one"), server("changes", 0, "two"), server("comes", 0, "two")].concat();
    directory.file("services.toml", text.as_bytes());
    let told = reload(&mut running);
    assert!(told.contains(&format!("[serve.goes] 127.0.0.1:{goes} is closed, with 1 connection")), "{told}");
    let comes = port(&mut running, "serve.comes");
    streams.iter_mut().for_each(echoes);
    echoes(&mut connect(&one, stays));
    echoes(&mut connect(&two, changes));
    echoes(&mut connect(&two, comes));
    assert!(TcpStream::connect(("127.0.0.1", goes)).is_err(), "a removed server still listens");
    assert!(one.connect_to(&format!("127.0.0.1:{changes}"), None).is_err());

    // A file with a mistake is refused as a whole: also the table that is right.
    let text = [server("stays", 0, "two"), server("changes", 0, "absent")].concat();
    directory.file("services.toml", text.as_bytes());
    let told = reload(&mut running);
    assert!(told.contains("services.toml:9:1: [serve.changes] psk-hex: "), "{told}");
    echoes(&mut connect(&one, stays));
    echoes(&mut connect(&two, comes));
    streams.iter_mut().for_each(echoes);

    // So is one with an address that is in use.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text =
        [server("stays", 0, "two"), server("taken", taken.local_addr().unwrap().port(), "two")].concat();
    directory.file("services.toml", text.as_bytes());
    let told = reload(&mut running);
    assert!(
        told.contains("not reloaded, the configuration from before stays: [serve.taken] 127.0.0.1:"),
        "{told}"
    );
    echoes(&mut connect(&one, stays));
    echoes(&mut connect(&two, comes));
}

/// An address that includes that of a server which the same reload would close: refused, with the way to do it.
#[test]
fn a_wider_address_of_the_same_port_is_refused_with_the_reason() {
    let directory = Directory::new("reload-wider");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server =
        |host: &str| format!("[serve.a]\nlisten = \"{host}:{free}\"\necho = true\npsk-file = \"keys\"\n");
    let mut running = Running::start(&mut run(&directory, &server("127.0.0.1")));
    assert_eq!(port(&mut running, "serve.a"), free);
    directory.file("services.toml", server("0.0.0.0").as_bytes());
    let told = reload(&mut running);
    let expected =
        format!("[serve.a] 127.0.0.1:{free} has this port until the reload is done: remove the one");
    assert!(told.contains("not reloaded") && told.contains(&expected), "{told}");
    echoes(&mut connect(&client("door", ONE), free));
}

/// Clients come all the time while the file is read again and again: none is refused, none gets half of something.
#[test]
fn no_client_is_lost_while_it_reloads() {
    let directory = Directory::new("reload-load");
    directory.file("keys", format!("door:{ONE}\nwindow:{TWO}\n").as_bytes());
    let mut running = Running::serve(&["--echo", "--quiet", "--psk-file", &directory.at("keys")]);
    let (port, is_over, served) = (running.port, AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for (identity, key) in [("door", ONE), ("window", TWO)] {
            let (is_over, served) = (&is_over, &served);
            scope.spawn(move || {
                let client = client(identity, key);
                while !is_over.load(Ordering::Relaxed) {
                    let mut stream = connect(&client, port);
                    echoes(&mut stream);
                    stream.close().unwrap();
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // Also where this thread panics: the others would go on for ever.
        let _over = Over(&is_over);
        for _ in 0..10 {
            let before = served.load(Ordering::Relaxed);
            reload(&mut running);
            while served.load(Ordering::Relaxed) < before + 2 {
                thread::yield_now();
            }
        }
    });
}

/// Ends the clients when it is dropped.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A tunnel reads its trust anew; the service at its end is another one.
#[test]
fn a_tunnel_reads_its_keys_anew() {
    let directory = Directory::new("reload-tunnel");
    directory.file("keys", format!("door:{ONE}\nwindow:{TWO}\n").as_bytes());
    let server = Running::serve(&["--echo", "--psk-file", &directory.at("keys")]);
    let tunnel = |identity: &str| {
        format!(
            "[tunnel.out]\nlisten = \"127.0.0.1:0\"\ntarget = \"{}\"\npsk-file = \"keys\"\npsk-id = \"{identity}\"\n",
            server.address()
        )
    };
    let mut running = Running::start(&mut run(&directory, &tunnel("door")));
    let port = port(&mut running, "tunnel.out");
    let talk = |plain: &mut TcpStream| {
        plain.write_all(b"hello").unwrap();
        let mut back = [0; 5];
        plain.read_exact(&mut back).unwrap();
    };
    let mut first = TcpStream::connect(("127.0.0.1", port)).unwrap();
    talk(&mut first);
    // Not the facts at its start, which name both keys.
    let accepted = |identity: &str| {
        let end = std::time::Instant::now() + program::PATIENCE;
        let is_it = |line: &str| line.contains("accepted") && line.contains(identity);
        while !server.told().lines().any(is_it) {
            assert!(std::time::Instant::now() < end, "{}", server.told());
            thread::yield_now();
        }
    };
    accepted("door");
    directory.file("services.toml", tunnel("window").as_bytes());
    reload(&mut running);
    talk(&mut TcpStream::connect(("127.0.0.1", port)).unwrap());
    accepted("window");
    talk(&mut first);
}

/// Connections of a server that a reload removed have the time of that reload; a signal ends them with all others.
#[test]
fn a_signal_ends_the_connections_of_a_server_that_was_removed() {
    let directory = Directory::new("reload-removed");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let server =
        |name: &str| format!("[serve.{name}]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-file = \"keys\"\n");
    let text = |drain: u32, servers: &[&str]| {
        let servers: String = servers.iter().map(|name| server(name)).collect();
        format!("drain = {drain}\n{servers}")
    };
    let mut running = Running::start(&mut run(&directory, &text(3600, &["stays", "goes"])));
    let goes = port(&mut running, "serve.goes");
    let mut stream = connect(&client("door", ONE), goes);
    directory.file("services.toml", text(3600, &["stays"]).as_bytes());
    assert!(reload(&mut running).contains("is closed, with 1 connection"));
    echoes(&mut stream);
    directory.file("services.toml", text(0, &["stays"]).as_bytes());
    reload(&mut running);
    echoes(&mut stream);
    send(&running, rustix::process::Signal::TERM);
    stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "an end without close_notify");
    assert_eq!(running.wait().code(), Some(0));
}

/// Limits and proxies of a server whose socket stays.
#[test]
fn limits_and_proxies_are_read_anew() {
    let directory = Directory::new("reload-limits");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let text = |more: &str| {
        format!("[serve.a]\nlisten = \"127.0.0.1:0\"\necho = true\npsk-file = \"keys\"\n{more}\n")
    };
    let mut running = Running::start(&mut run(&directory, &text("max-per-address = 1")));
    let (port, client) = (port(&mut running, "serve.a"), client("door", ONE));
    let mut first = connect(&client, port);
    echoes(&mut first);
    assert!(client.connect_to(&format!("127.0.0.1:{port}"), None).is_err(), "a second connection");
    directory.file("services.toml", text("max-per-address = 2").as_bytes());
    reload(&mut running);
    echoes(&mut connect(&client, port));
    echoes(&mut first);
    directory.file("services.toml", text("proxy-protocol-in = \"loopback\"").as_bytes());
    reload(&mut running);
    let mut proxied = TcpStream::connect(("127.0.0.1", port)).unwrap();
    proxied.write_all(b"PROXY TCP4 192.0.2.7 192.0.2.1 40112 443\r\n").unwrap();
    echoes(&mut client.connect_over(proxied, None).unwrap());
    running.told_in_time("192.0.2.7:40112 accepted");
}

/// As at the start: one of the two would silently have no clients.
#[test]
fn two_tables_with_one_address_are_refused() {
    let directory = Directory::new("reload-same");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let server = |name: &str, port: u16| {
        format!("[serve.{name}]\nlisten = \"127.0.0.1:{port}\"\necho = true\npsk-file = \"keys\"\n")
    };
    let mut running = Running::start(&mut run(&directory, &server("one", 0)));
    let first = port(&mut running, "serve.one");
    directory.file("services.toml", [server("one", first), server("two", first)].concat().as_bytes());
    let told = reload(&mut running);
    assert!(
        told.contains("not reloaded") && told.contains("serve.one and serve.two both listen on"),
        "{told}"
    );
    echoes(&mut connect(&client("door", ONE), first));
}

/// A tunnel whose trust stays resumes the sessions of before.
#[test]
fn sessions_of_a_tunnel_outlive_a_reload() {
    let directory = Directory::new("reload-tunnel-sessions");
    directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let server = Running::serve(&["--echo", "--psk-file", &directory.at("keys")]);
    let text = format!(
        "[tunnel.out]\nlisten = \"127.0.0.1:0\"\ntarget = \"{}\"\npsk-file = \"keys\"\n",
        server.address()
    );
    let mut running = Running::start(&mut run(&directory, &text));
    let port = port(&mut running, "tunnel.out");
    let talk = || {
        let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
        plain.write_all(b"hello").unwrap();
        plain.read_exact(&mut [0; 5]).unwrap();
    };
    talk();
    reload(&mut running);
    talk();
    let accepted = server.told_in_time(" resumed ");
    assert_eq!(accepted.matches(" accepted: ").count(), 2, "{accepted}");
}

/// A server that prints what clients send ends where standard output is gone, also after a reload.
#[test]
fn a_closed_standard_output_ends_the_program_after_a_reload_too() {
    let directory = Directory::new("reload-stdout");
    let keys = directory.file("keys", format!("door:{ONE}\n").as_bytes());
    let mut command = program::daemon();
    command.args(["serve", "127.0.0.1:0", "--psk-file", &keys]).stdout(Stdio::piped());
    let mut running = Running::start(&mut command);
    reload(&mut running);
    drop(running.child.stdout.take());
    let mut stream = connect(&client("door", ONE), running.port);
    stream.write_all(b"hello\n").unwrap();
    // As of any program whose reader went.
    assert_eq!(running.wait().code(), Some(0), "{}", running.told());
}

/// A file on a disk that does not answer, here a FIFO in place of the certificate: clients are served meanwhile, and a signal
/// ends the program in order.
#[test]
fn a_reload_that_hangs_holds_up_neither_clients_nor_the_end() {
    let directory = Directory::new("reload-hangs");
    let pin = certificate(&directory);
    let (chain, key) = (directory.at("cert.pem"), directory.at("key.pem"));
    let mut running = Running::serve(&["--echo", "--drain", "0", "--cert", &chain, "--key", &key]);
    let mut stream = connect(&pinned(pin), running.port);
    std::fs::remove_file(&chain).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&chain).status().unwrap().success());
    send(&running, rustix::process::Signal::HUP);
    // Opens when the server opens it, too, which then waits for a byte.
    let _silent = std::fs::OpenOptions::new().write(true).open(&chain).unwrap();
    send(&running, rustix::process::Signal::HUP);
    echoes(&mut stream);
    echoes(&mut connect(&pinned(pin), running.port));
    send(&running, rustix::process::Signal::TERM);
    stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "an end without close_notify");
    assert_eq!(running.wait().code(), Some(0));
}
