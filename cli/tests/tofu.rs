//! Two peers on a LAN without names and CA: trust on first use between two processes of the built program, in TLS 1.2 and
//! TLS 1.3.

mod program;

use std::{fs, process::Command};

use program::{
    Directory, Running, err, has_ended, out,
    peer::{Device, command_in, connect},
    program, run,
    terminal::Terminal,
};

const VERSIONS: [&str; 2] = ["1.2", "1.3"];

#[test]
fn first_contact_silence_renewal_alarm_rotation() {
    for version in VERSIONS {
        let directory = Directory::new(&format!("tofu-story-{version}"));
        let known = directory.at("known_peers");
        let input = directory.file("input", b"hello");
        let tls = ["--tls", version];
        let mut printer = Device::new(&directory, "printer.local");
        let at_first = printer.copy(directory.at("at-first"));

        // The first contact is approved by a person at a terminal.
        let mut server = printer.serves(&tls);
        let address = server.address();
        let tofu = format!("--tofu={known}");
        let mut terminal =
            Terminal::start(&["connect", &address, &tofu, "--half-close", "--tls", version], &input);
        let question = terminal.shows("Trust this key from now on?");
        for part in ["The server 127.0.0.1 is new", &printer.pin, &printer.words, &known] {
            assert!(question.contains(part), "{part}: {question}");
        }
        assert!(fs::metadata(&known).is_err(), "nothing is written before the answer");
        terminal.types("yes\n");
        let (status, _, output, said) = terminal.ends();
        assert_eq!((status.code(), output.as_str()), (Some(0), "hello"), "{said}");
        assert!(said.contains("known peers: the peer is new; its key is remembered"), "{said}");

        // The second is silent.
        let second = connect(&address, &known, &tls, b"again");
        has_ended(&second, 0, &[], "the second contact");
        assert_eq!(out(&second), "again");
        assert!(!err(&second).contains("known peers"), "{}", err(&second));

        // A new certificate of the same key is no alarm. Certificates begin a day before they are made.
        drop(server);
        printer.identity().renew(handclasp::Validity::starting_now()).unwrap();
        let line = fs::read_to_string(&known).unwrap();
        let [name, pin] = [0, 1].map(|index| line.split(' ').nth(index).unwrap());
        fs::write(&known, format!("{name} {pin} 2020-01-01T00:00:00Z 2020-01-01T00:00:00Z\n")).unwrap();
        server = printer.serves(&tls);
        let renewed = connect(&server.address(), &known, &tls, b"renewed");
        has_ended(&renewed, 0, &["a new certificate with the same key"], "renewal");
        assert_eq!(out(&renewed), "renewed");
        let quiet = connect(&server.address(), &known, &["--quiet"], b"");
        assert_eq!((quiet.status.code(), err(&quiet)), (Some(0), String::new()));

        // Another key is an alarm, and no byte of data passes.
        let other = Device::new(&directory, "other");
        let received = directory.at("received");
        let mut command = Command::new(program());
        command.args(["serve", "127.0.0.1:0", "--identity", &other.folder, "--tls", version]);
        let impostor = Running::start(command.stdout(fs::File::create(&received).unwrap()));
        let alarm = connect(&impostor.address(), &known, &tls, b"secret");
        let path = format!("line 1 of {known}");
        let words =
            ["ALARM", &printer.pin, &printer.words, &other.pin, &other.words, &path, "No data was sent"];
        has_ended(&alarm, 3, &words, "another key");
        assert_eq!(out(&alarm), "");
        impostor.told_in_time("certificate_unknown");
        assert_eq!(fs::read(&received).unwrap(), b"");

        // A new key that the old one names is accepted, once; then it is the known one.
        let statements = directory.at("rotations.pem");
        printer.rotates(&statements);
        drop(server);
        server = printer.serves(&tls);
        has_ended(
            &connect(&server.address(), &known, &tls, b""),
            3,
            &["ALARM"],
            "rotation without its statement",
        );
        let rotated = connect(&server.address(), &known, &["--rotation", &statements], b"rotated");
        has_ended(&rotated, 0, &["a statement of the old key names"], "rotation");
        assert_eq!(out(&rotated), "rotated");
        has_ended(&connect(&server.address(), &known, &tls, b""), 0, &[], "after the rotation");

        // The old key is revoked by that, in the hands of a thief, too.
        let thief = at_first.serves(&tls);
        let revoked = connect(&thief.address(), &known, &["--rotation", &statements], b"secret");
        has_ended(&revoked, 3, &["is revoked by line 2", &at_first.pin], "the old key");
        assert_eq!(out(&revoked), "");
        thief.told_in_time("certificate_revoked");
    }
}

/// The command that the alarm prints accepts the new key, and only that.
#[test]
fn the_command_of_the_alarm_accepts_the_new_key() {
    let directory = Directory::new("tofu-alarm");
    let known = directory.at("known peers");
    let [old, new] = ["old", "new"].map(|name| Device::new(&directory, name));
    let accepted = connect(&old.serves(&[]).address(), &known, &["--new-peer", "accept"], b"");
    has_ended(&accepted, 0, &[], "first contact");
    let server = new.serves(&[]);
    let alarm = connect(&server.address(), &known, &[], b"");
    has_ended(&alarm, 3, &["ALARM"], "another key");
    let said = err(&alarm);
    let line = said.lines().map(str::trim).find(|line| line.starts_with("handclasp peers")).unwrap();
    let output = program::peer::shell(line);
    has_ended(&output, 0, &[&new.pin, "keys removed: 1"], line);
    has_ended(&connect(&server.address(), &known, &[], b""), 0, &[], "the new key");
    has_ended(&connect(&old.serves(&[]).address(), &known, &[], b""), 3, &["ALARM"], "the old key");
}

/// A server with an allow-list: the alert of the client, and the command that its log prints.
#[test]
fn an_unknown_client_is_refused_and_can_be_accepted() {
    for version in VERSIONS {
        let directory = Directory::new(&format!("tofu-clients-{version}"));
        let (clients, known) = (directory.at("known_clients"), directory.at("known_peers"));
        let [device, phone, thief] = ["door", "phone", "thief"].map(|name| Device::new(&directory, name));
        let server = device.serves(&[&format!("--tofu={clients}"), "--new-peer", "refuse", "--tls", version]);
        let call = |who: &Device, input: &[u8]| {
            let more = ["--identity", who.folder.as_str(), "--new-peer", "accept"];
            connect(&server.address(), &known, &more, input)
        };
        let refused = call(&phone, b"open");
        has_ended(&refused, 4, &["access_denied"], "an unknown client");
        assert_eq!(out(&refused), "");
        let log = server.told_in_time("peers accept");
        assert!(log.contains(&format!("with the key {} is not in {clients}", phone.pin)), "{log}");

        let command = command_in(&log, "handclasp peers accept");
        let accepted = run(&command.iter().map(String::as_str).collect::<Vec<_>>());
        has_ended(&accepted, 0, &[&phone.pin], "the command of the log");
        let served = call(&phone, b"open");
        has_ended(&served, 0, &[], "the client that was accepted");
        assert_eq!(out(&served), "open");

        has_ended(&call(&thief, b"open"), 4, &["access_denied"], "another client");
        let revoked = run(&["peers", "revoke", "phone", "--file", &clients, "--reason", "lost"]);
        has_ended(&revoked, 0, &[&phone.pin], "revocation");
        has_ended(&call(&phone, b"open"), 4, &["certificate_revoked"], "a revoked client");
    }
}

/// `learn` accepts the first client of an empty file, which the next process knows as well.
#[test]
fn a_server_learns_its_first_client() {
    let directory = Directory::new("tofu-learn");
    let (clients, known) = (directory.at("known_clients"), directory.at("known_peers"));
    let [device, first, second] = ["door", "first", "second"].map(|name| Device::new(&directory, name));
    let learns = [&format!("--tofu={clients}"), "--new-peer", "learn"];
    let call = |server: &Running, who: &Device| {
        connect(&server.address(), &known, &["--identity", &who.folder, "--new-peer", "accept"], b"x")
    };
    let server = device.serves(&learns);
    has_ended(&call(&server, &first), 0, &[], "the first");
    has_ended(&call(&server, &second), 4, &["access_denied"], "the second");
    drop(server);
    let server = device.serves(&learns);
    has_ended(&call(&server, &second), 4, &["access_denied"], "the second, after a restart");
    has_ended(&call(&server, &first), 0, &[], "the first, after a restart");
    assert_eq!(fs::read_to_string(&clients).unwrap().lines().count(), 1);
}

/// Both ends print the same six words.
#[test]
fn both_ends_print_the_same_authentication_string() {
    let directory = Directory::new("tofu-string");
    let device = Device::new(&directory, "door");
    let server = device.serves(&["--authentication-string"]);
    let known = directory.at("known_peers");
    let output =
        connect(&server.address(), &known, &["--new-peer", "accept", "--authentication-string"], b"");
    let words = |text: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix("authentication string: "));
        line.map(str::to_owned)
    };
    let ours = words(&err(&output)).unwrap();
    assert_eq!(ours.split(' ').count(), 6, "{ours}");
    assert_eq!(words(&server.told_in_time("authentication string: ")), Some(ours));
}

/// The report of a new server that was refused, explained by the program.
#[test]
fn the_report_of_a_refused_server_says_that_its_key_is_unknown() {
    let directory = Directory::new("tofu-report");
    let (known, report) = (directory.at("known_peers"), directory.at("refused.report"));
    let device = Device::new(&directory, "device");
    let server = device.serves(&[]);
    let refused = connect(&server.address(), &known, &["--new-peer", "refuse", "--report", &report], b"");
    has_ended(&refused, 3, &["peers accept"], "a new server");
    let explained = run(&["explain", &report]);
    let pin = format!("handclasp peers accept NAME {}", device.pin);
    for part in ["[pin.unknown-key]", &pin, "not accepted as a new one"] {
        assert!(out(&explained).contains(part), "{part}: {}{}", out(&explained), err(&explained));
    }
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["explain", &report, "--json"]).stdout).unwrap();
    assert!(json.to_string().contains("\"pin.unknown-key\""), "{json}");
}
