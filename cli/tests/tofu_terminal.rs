//! The question about a new peer on a terminal, and attempts to have it answered by somebody else than a person who reads
//! it.

mod program;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::process::ExitStatusExt as _,
    process::Command,
    thread,
};

use handclasp::{Policy, ProtocolVersion, Server, ServerConnection};
use program::{
    Directory, err, has_ended,
    peer::{Device, connect},
    program, run,
    terminal::Terminal,
};

const QUESTION: &str = "Trust this key from now on?";

/// A device that serves, a file that nobody has written yet, and data.
struct Scene {
    directory: Directory,
    device: Device,
    known: String,
    input: String,
}

impl Scene {
    fn new(name: &str) -> Self {
        let directory = Directory::new(name);
        let device = Device::new(&directory, "device");
        let (known, input) = (directory.at("known_peers"), directory.file("input", b"data"));
        Self { directory, device, known, input }
    }

    /// `connect` on a terminal.
    fn connect(&self, address: &str) -> Terminal {
        let tofu = format!("--tofu={}", self.known);
        Terminal::start(&["connect", address, &tofu, "--half-close"], &self.input)
    }

    fn has_no_file(&self) -> bool {
        fs::metadata(&self.known).is_err()
    }
}

#[test]
fn only_a_whole_answer_is_an_answer() {
    let scene = Scene::new("tofu-answers");
    let server = scene.device.serves(&[]);
    let other = Device::new(&scene.directory, "other");
    for (typed, code) in [
        ("y\n\nok\n".to_owned(), 3),
        ("no\n".to_owned(), 3),
        // End of input.
        ("\u{4}".to_owned(), 3),
        (format!("{}\ny\nno\n", other.pin), 3),
        (format!("y\n{}\n", scene.device.words), 0),
    ] {
        let mut terminal = scene.connect(&server.address());
        terminal.shows(QUESTION);
        terminal.types(&typed);
        let (status, shown, out, said) = terminal.ends();
        assert_eq!(status.code(), Some(code), "{typed}: {shown}{said}");
        assert_eq!(
            (scene.has_no_file(), out.as_str()),
            (code != 0, if code == 0 { "data" } else { "" }),
            "{typed}"
        );
    }
}

/// The commands of docs/trust.md, each on a terminal of its own: both people are asked once.
#[test]
fn both_people_are_asked_once() {
    let scene = Scene::new("tofu-both");
    let [clients, door, phone] = ["known_clients", "door", "phone"].map(|name| scene.directory.at(name));
    for (folder, name) in [(&door, "door.local"), (&phone, "phone.local")] {
        let made = run(&["id", "new", folder, "--name", name]);
        has_ended(&made, 0, &[], "id new");
    }
    let pin_of = |folder: &str| {
        let shown = program::out(&run(&["id", "show", folder, "--json"]));
        let json: serde_json::Value = serde_json::from_str(&shown).unwrap();
        json["pin"].as_str().unwrap().to_owned()
    };
    let tofu = format!("--tofu={clients}");
    let mut server =
        Terminal::start(&["serve", "127.0.0.1:0", "--identity", &door, &tofu, "--echo"], "/dev/null");
    let address = server.address();
    let tofu = format!("--tofu={}", scene.known);
    let call = ["connect", &tofu, &address, "--identity", &phone, "--half-close"];
    let mut client = Terminal::start(&call, &scene.input);
    assert!(client.shows(QUESTION).contains(&pin_of(&door)));
    client.types("yes\n");
    let question = server.shows(QUESTION);
    assert!(
        question.contains(&pin_of(&phone)) && question.contains("calls itself \"phone.local\""),
        "{question}"
    );
    server.types("yes\n");
    assert_eq!(client.ends().2, "data");

    let again = Terminal::start(&call, &scene.input).ends();
    assert_eq!((again.0.code(), again.2.as_str()), (Some(0), "data"), "{}", again.3);
    assert_eq!(again.1, "", "nobody is asked");
    assert_eq!(server.shown().matches("is new").count(), 1);
}

/// Ctrl-C ends the program at once, and nothing is written.
#[test]
fn an_interrupted_question_leaves_nothing() {
    let scene = Scene::new("tofu-interrupt");
    let server = scene.device.serves(&[]);
    let mut terminal = scene.connect(&server.address());
    terminal.shows(QUESTION);
    terminal.types("\u{3}");
    let (status, ..) = terminal.ends();
    assert_eq!(status.signal(), Some(2), "{status}");
    assert!(scene.has_no_file());
}

/// Lines that were pasted behind the command, or typed while the server was slow.
#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let scene = Scene::new("tofu-ahead");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = scene.connect(&listener.local_addr().unwrap().to_string());
    let (transport, _) = listener.accept().unwrap();
    terminal.types("yes\nyes\n");
    // The echo shows that the terminal has them.
    terminal.shows("yes\r\nyes\r\n");
    let server = Server::new(scene.device.identity().load().unwrap());
    let serving = thread::spawn(move || drop(server.accept(transport)));
    terminal.shows(QUESTION);
    terminal.types("no\n");
    assert_eq!(terminal.ends().0.code(), Some(3));
    serving.join().unwrap();
    assert!(scene.has_no_file());
}

/// A changed key asks nothing: an answer by habit cannot accept it, neither on the terminal nor on standard input.
#[test]
fn a_changed_key_is_not_a_question() {
    let scene = Scene::new("tofu-changed");
    let other = Device::new(&scene.directory, "other");
    let line = format!("127.0.0.1 {} - -\n", other.pin);
    scene.directory.file("known_peers", line.as_bytes());
    scene.directory.file("input", b"yes\nyes\n");
    let server = scene.device.serves(&[]);
    let mut terminal = scene.connect(&server.address());
    terminal.types("yes\ny\n");
    let (status, shown, out, said) = terminal.ends();
    assert_eq!((status.code(), out.as_str()), (Some(3), ""), "{said}");
    assert!(said.contains("ALARM") && !shown.contains('?'), "{shown}{said}");
    for policy in ["accept", "learn", "refuse", "ask"] {
        let piped = connect(&server.address(), &scene.known, &["--new-peer", policy], b"yes\nyes\n");
        has_ended(&piped, 3, &["ALARM"], policy);
    }
    assert_eq!(fs::read_to_string(&scene.known).unwrap(), line);
}

/// Without a terminal nobody is asked: the refusal has the command that accepts.
#[test]
fn without_a_terminal_a_new_peer_is_refused() {
    let scene = Scene::new("tofu-none");
    let server = scene.device.serves(&[]);
    let tofu = format!("--tofu={}", scene.known);
    let mut command = Command::new("setsid");
    command.args(["--wait", program(), "connect", &server.address(), &tofu]);
    let output = command.output().unwrap();
    let accept = format!("handclasp peers accept --file {} 127.0.0.1 {}", scene.known, scene.device.pin);
    has_ended(&output, 3, &["no terminal to ask on", &scene.device.words, &accept], "no terminal");

    // In the background the terminal is another program's; reading from it would stop ours.
    let mut terminal = Terminal::in_background(&["connect", &server.address(), &tofu], &scene.input);
    let (status, _, _, said) = terminal.ends();
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("no terminal to ask on"), "{said}");
    server.told_in_time("certificate_unknown");
}

/// A client calls itself what moves the cursor and answers the question. It is shown escaped, on the terminal and in logs.
#[test]
fn the_name_of_a_client_does_not_move_the_cursor() {
    let scene = Scene::new("tofu-escapes");
    let name = "x\u{1b}[2J\u{1b}[31m\r\nTrust? yes\u{202e}'; $(id)";
    let [cert, key] = ["phone.pem", "phone.key"].map(|name| scene.directory.at(name));
    let pin = program::peer::openssl_identity(name, &cert, &key);
    let clients = scene.directory.at("known_clients");
    let arguments = ["serve", "127.0.0.1:0", "--identity", &scene.device.folder, "--echo"];
    let tofu = format!("--tofu={clients}");
    let mut terminal = Terminal::start(&[&arguments[..], &[&tofu]].concat(), "/dev/null");
    let address = terminal.address();
    let known = scene.known.clone();
    let calling = thread::spawn(move || {
        connect(&address, &known, &["--cert", &cert, "--key", &key, "--new-peer", "accept"], b"open")
    });
    let shown = terminal.shows(QUESTION);
    terminal.types("no\n");
    has_ended(&calling.join().unwrap(), 4, &["access_denied"], "a client that is refused");
    let said = terminal.says("peers accept");
    for text in [&shown, &said] {
        let hidden = |c: char| (c.is_control() && !matches!(c, '\n' | '\r')) || c == '\u{202e}';
        assert!(!text.contains(hidden), "{text:?}");
        assert!(text.contains(r"x\u{1b}[2J\u{1b}[31m\u{d}\u{a}Trust? yes\u{202e}"), "{text:?}");
    }
    // The command that is to be pasted has no word of the client.
    assert!(said.contains(&format!("handclasp peers accept --file {clients} client {pin}")), "{said}");
}

/// A second new client does not put its question over the first one, and a client that was refused does not ask again.
#[test]
fn one_question_at_a_time() {
    let scene = Scene::new("tofu-crowd");
    let [first, second] = ["first", "second"].map(|name| Device::new(&scene.directory, name));
    let tofu = format!("--tofu={}", scene.directory.at("known_clients"));
    let arguments = ["serve", "127.0.0.1:0", "--identity", &scene.device.folder, "--echo", &tofu];
    let mut terminal = Terminal::start(&arguments, "/dev/null");
    let address = terminal.address();
    let call = |device: &Device| {
        let (address, known, folder) = (address.clone(), scene.known.clone(), device.folder.clone());
        thread::spawn(move || {
            connect(&address, &known, &["--identity", &folder, "--new-peer", "accept"], b"open")
        })
    };
    let waiting = call(&first);
    terminal.shows(QUESTION);
    has_ended(&call(&second).join().unwrap(), 4, &["access_denied"], "a client that comes meanwhile");
    terminal.types("no\n");
    has_ended(&waiting.join().unwrap(), 4, &["access_denied"], "the first client");
    has_ended(&call(&first).join().unwrap(), 4, &["access_denied"], "the first client again");
    let shown = terminal.shown();
    assert_eq!(shown.matches("is new").count(), 1, "{shown}");
}

/// A server gives up while the person reads. The answer counts, and the key is proved by the next handshake.
#[test]
fn a_server_that_gave_up_meanwhile_is_called_again() {
    let scene = Scene::new("tofu-patience");
    let identity = scene.device.identity().load().unwrap();
    let policy = Policy::modern().only_version(ProtocolVersion::TLS_1_2).unwrap();
    let server = Server::with_policy(identity, policy);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut terminal = scene.connect(&listener.local_addr().unwrap().to_string());
    let mut transport = listener.accept().unwrap().0;
    let mut connection = ServerConnection::new(&server).unwrap();
    while connection.transmit().is_empty() {
        connection.read_tls(&mut transport).unwrap();
    }
    transport.write_all(connection.transmit()).unwrap();
    terminal.shows(QUESTION);
    drop(transport);
    terminal.types("yes\n");
    let mut stream = server.accept(listener.accept().unwrap().0).unwrap();
    let mut data = Vec::new();
    stream.read_to_end(&mut data).unwrap();
    stream.close().unwrap();
    let (status, shown, _, said) = terminal.ends();
    assert_eq!((status.code(), &data[..]), (Some(0), &b"data"[..]), "{said}");
    assert!(said.contains("connecting again"), "{said}");
    assert_eq!(shown.matches("is new").count(), 1, "{shown}");
}

/// While the question is open another process writes the file, or somebody puts a link in its place.
#[test]
fn the_file_is_judged_again_after_the_answer() {
    let scene = Scene::new("tofu-race");
    let server = scene.device.serves(&[]);
    let other = Device::new(&scene.directory, "other");
    let mut terminal = scene.connect(&server.address());
    terminal.shows(QUESTION);
    has_ended(&run(&["peers", "accept", "127.0.0.1", &other.pin, "--file", &scene.known]), 0, &[], "accept");
    terminal.types("yes\n");
    let (status, _, out, said) = terminal.ends();
    assert_eq!((status.code(), out.as_str()), (Some(3), ""), "{said}");
    assert!(said.contains("ALARM") && said.contains(&other.pin), "{said}");
    fs::remove_file(&scene.known).unwrap();

    let target = scene.directory.file("target", b"");
    let mut terminal = scene.connect(&server.address());
    terminal.shows(QUESTION);
    std::os::unix::fs::symlink(&target, &scene.known).unwrap();
    terminal.types("yes\n");
    let (status, _, out, said) = terminal.ends();
    assert_eq!((status.code(), out.as_str()), (Some(3), ""), "{said}");
    assert!(said.contains("symbolic link"), "{said}");
    assert_eq!(fs::read(&target).unwrap(), b"");
    // At the start it is a mistake of the arguments.
    let output = connect(&server.address(), &scene.known, &[], b"");
    has_ended(&output, 2, &["--tofu", "symbolic link"], "a link at the start");
    assert!(!err(&output).contains("ALARM"));
}

/// Processes that learn peers at the same time lose none.
#[test]
fn many_processes_write_one_file() {
    const COUNT: usize = 6;
    let scene = Scene::new("tofu-writers");
    let server = scene.device.serves(&[]);
    let address = server.address();
    thread::scope(|scope| {
        for index in 0..COUNT {
            let (address, known) = (&address, &scene.known);
            scope.spawn(move || {
                let name = format!("peer-{index}.local");
                let output = connect(address, known, &["--name", &name, "--new-peer", "accept"], b"");
                has_ended(&output, 0, &[], &name);
            });
        }
    });
    let mut names: Vec<String> = fs::read_to_string(&scene.known)
        .unwrap()
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    names.sort();
    let expected: Vec<String> = (0..COUNT).map(|index| format!("peer-{index}.local")).collect();
    assert_eq!(names, expected);
}
