//! `handclasp connect` as a pipe: what the end of either side means.

mod program;

use std::{
    cell::Cell,
    fs::File,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output, Stdio},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use handclasp::{Client, Identity, Server, Timeouts, Transport, Trust};
use program::{Directory, Running, has_ended, out, program, read_until, run_with, server};

const REQUEST: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

fn connect(address: &str, more: &[&str]) -> Output {
    run_with(&[&["connect", address, "--danger-accept-any"], more].concat(), REQUEST)
}

/// A peer that reads nothing more holds nobody up who is done.
#[test]
fn a_peer_that_reads_no_more_is_not_waited_for() {
    let server = Running::serve(&["--echo", "--self-signed", "localhost"]);
    let mut child = open_connect(&server.address());
    let mut input = child.stdin.take().unwrap();
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    thread::spawn(move || {
        while input.write_all(&[0; 4096]).is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    // Nobody takes what the server echoes: after a while it reads nothing more either.
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_secs(1));
        let now = written.load(Ordering::Relaxed);
        if now > 0 && now == before {
            break;
        }
        before = now;
    }
    // The reader of standard output leaves.
    drop(child.stdout.take());
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            None if begun.elapsed() < Duration::from_secs(30) => thread::sleep(Duration::from_millis(20)),
            status => break status,
        }
    };
    let _ = child.kill();
    assert_eq!(status.and_then(|status| status.code()), Some(0));
}

/// What the server gets is a part: it must not look like all of it, nor the end of the program like success.
#[test]
fn input_that_cannot_be_read_cuts_the_connection_off() {
    let directory = Directory::new("lost-input");
    let (address, serving) = server(|mut stream| {
        let heard = stream.read(&mut [0]).map_err(|error| error.kind());
        assert_eq!(heard, Err(io::ErrorKind::UnexpectedEof));
    });
    let mut command = Command::new(program());
    command.args(["connect", &address, "--danger-accept-any", "--half-close"]);
    let output = command.stdin(File::open(directory.path()).unwrap()).output().unwrap();
    serving.join().unwrap();
    has_ended(&output, 1, &["standard input: Is a directory", "what was sent is not whole"], "connect");
}

/// `connect` whose input stays open.
fn open_connect(address: &str) -> Child {
    let mut command = Command::new(program());
    command.args(["connect", address, "--danger-accept-any"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(REQUEST).unwrap();
    child
}

#[test]
fn a_server_that_takes_its_time_is_waited_for() {
    let (address, serving) = server(|mut stream| {
        read_until(&mut stream, REQUEST);
        // Our input has ended by now; the server hears nothing of that.
        stream.get_ref().set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let heard = stream.read(&mut [0]).map_err(|error| error.kind());
        assert!(matches!(heard, Err(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)), "{heard:?}");
        stream.write_all(b"answer").unwrap();
        stream.close().unwrap();
    });
    let output = connect(&address, &[]);
    has_ended(&output, 0, &[], "a slow server");
    assert_eq!(out(&output), "answer");
    serving.join().unwrap();
}

#[test]
fn half_close_says_at_once_that_nothing_more_comes() {
    let (address, serving) = server(|mut stream| {
        read_until(&mut stream, REQUEST);
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        stream.write_all(b"answer").unwrap();
        stream.close().unwrap();
    });
    let output = connect(&address, &["--half-close"]);
    has_ended(&output, 0, &[], "half-close");
    assert_eq!(out(&output), "answer");
    serving.join().unwrap();
}

#[test]
fn an_end_without_close_notify_after_all_was_said_is_a_remark() {
    for flags in [&[][..], &["--half-close"]] {
        let half_close = !flags.is_empty();
        for reply in ["answer", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.0 200 OK\r\n\r\nok"]
        {
            let (address, serving) = server(move |mut stream| {
                read_until(&mut stream, REQUEST);
                stream.write_all(reply.as_bytes()).unwrap();
                if half_close {
                    // A socket that is closed with input unread resets the connection.
                    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
                }
            });
            let output = connect(&address, flags);
            has_ended(&output, 0, &["the server ended the connection without close_notify"], reply);
            assert_eq!(out(&output), reply);
            serving.join().unwrap();
        }
    }
    let (address, serving) = server(|mut stream| {
        read_until(&mut stream, REQUEST);
        stream.write_all(b"answer").unwrap();
    });
    assert!(!program::err(&connect(&address, &["--quiet"])).contains("close_notify"));
    serving.join().unwrap();
}

#[test]
fn a_reply_shorter_than_it_announces_is_a_failure() {
    for (reply, told) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok", "a body of 100 bytes, of which 2 arrived"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "before its last chunk"),
        ("HTTP/1.1 200 OK\r\nConte", "ends inside its header"),
    ] {
        let (address, serving) = server(|mut stream| {
            read_until(&mut stream, REQUEST);
            stream.write_all(reply.as_bytes()).unwrap();
        });
        has_ended(&connect(&address, &[]), 1, &[told], reply);
        serving.join().unwrap();
    }
}

#[test]
fn no_answer_at_all_is_a_failure() {
    let (address, serving) = server(|mut stream| {
        read_until(&mut stream, REQUEST);
    });
    has_ended(&connect(&address, &[]), 1, &["close_notify"], "no answer");
    serving.join().unwrap();
}

#[test]
fn an_end_before_our_input_ended_is_a_failure() {
    let (address, serving) = server(|mut stream| {
        read_until(&mut stream, REQUEST);
        stream.write_all(b"answer").unwrap();
    });
    let mut child = open_connect(&address);
    let input = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    has_ended(&output, 1, &["before all of our input was sent"], "input that is open");
    drop(input);
    serving.join().unwrap();
}

/// A transport that withholds the last byte of what is written while it is told to.
struct Short {
    socket: TcpStream,
    is_short: Rc<Cell<bool>>,
}

impl Read for Short {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.socket.read(out)
    }
}

impl Write for Short {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = bytes.len() - usize::from(self.is_short.get());
        self.socket.write_all(&bytes[..sent])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

impl Transport for Short {
    fn timeouts(&self) -> io::Result<Timeouts> {
        self.socket.timeouts()
    }

    fn set_timeouts(&mut self, timeouts: Timeouts) -> io::Result<()> {
        self.socket.set_timeouts(timeouts)
    }
}

#[test]
fn an_end_inside_a_record_is_a_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = thread::spawn(move || {
        let identity = Identity::self_signed(&["localhost"]).unwrap();
        let is_short = Rc::new(Cell::new(false));
        let transport = Short { socket: listener.accept().unwrap().0, is_short: Rc::clone(&is_short) };
        let mut stream = Server::new(identity).accept_transport(transport).unwrap();
        read_until(&mut stream, REQUEST);
        stream.write_all(b"answer").unwrap();
        is_short.set(true);
        stream.write_all(b"the rest").unwrap();
    });
    let output = connect(&address, &[]);
    has_ended(&output, 1, &["ended inside a record"], "cut");
    assert_eq!(out(&output), "answer");
    serving.join().unwrap();
}

/// What `connect` makes of a reset after this reply.
fn reset_after(reply: &'static str) -> Output {
    let (address, serving) = server(move |mut stream| {
        read_until(&mut stream, REQUEST);
        stream.write_all(reply.as_bytes()).unwrap();
        // More of our request comes and is not read: closing the socket then resets it.
        while stream.get_ref().peek(&mut [0]).unwrap() == 0 {}
    });
    let mut child = open_connect(&address);
    // The whole reply is there first.
    let mut came = vec![0; reply.len()];
    child.stdout.as_mut().unwrap().read_exact(&mut came).unwrap();
    assert_eq!(came, reply.as_bytes());
    child.stdin.take().unwrap().write_all(b"more").unwrap();
    let output = child.wait_with_output().unwrap();
    serving.join().unwrap();
    output
}

#[test]
fn a_reset_is_a_failure_unless_the_reply_says_that_it_is_whole() {
    has_ended(&reset_after("answer"), 1, &["the server reset the connection"], "a reset");
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    has_ended(&reset_after(whole), 0, &["has its announced length"], "a reset after all came");
}

#[test]
fn a_reply_to_a_client_that_leaves_without_close_notify_is_no_failure() {
    for reset in [false, true] {
        let mut serve = Running::serve(&["--self-signed", "localhost", "--once", "--reply", "the reply"]);
        let client = Client::new(Trust::DangerNobody);
        let mut stream = client.connect_to(&serve.address(), "localhost").unwrap();
        read_until(&mut stream, b"the reply");
        if !reset {
            // What the server sent is read to its end: then the socket closes without a reset.
            assert_eq!(stream.read(&mut [0]).unwrap(), 0);
        }
        drop(stream);
        assert_eq!(serve.wait().code(), Some(0), "{}", serve.told());
        serve.told_in_time("disconnected without close_notify after the whole reply was sent");
    }
    // With --echo there is no telling that the client was done.
    let mut serve = Running::serve(&["--self-signed", "localhost", "--once", "--echo"]);
    let stream = Client::new(Trust::DangerNobody).connect_to(&serve.address(), "localhost").unwrap();
    drop(stream);
    assert_eq!(serve.wait().code(), Some(1));
}

#[test]
fn clients_may_show_a_certificate_or_must() {
    let directory = program::Directory::new("client-cert");
    let identity = |name: &str| {
        let issued = handclasp::IssuedCertificate::self_signed(&handclasp::CertificateParams::new(&[
            "client.example",
        ]))
        .unwrap();
        let (cert, key) = (issued.certificate_pem(), issued.key_pem());
        let files = [
            directory.file(&format!("{name}.pem"), cert.as_bytes()),
            directory.file(&format!("{name}.key"), key.as_bytes()),
        ];
        let pin = handclasp::Pin::of_spki(&issued.identity().unwrap().spki()).to_string();
        (files, pin)
    };
    let ([cert, key], pin) = identity("known");
    let ([other, other_key], _) = identity("other");
    let base = ["--self-signed", "localhost", "--echo", "--client-pin", &pin];
    let may = Running::serve(&[&base[..], &["--client-cert", "optional"]].concat());
    let must = Running::serve(&base);
    assert!(may.told_in_time("clients may authenticate with a certificate").contains("clients may"));
    let shown: [&[&str]; 3] =
        [&[], &["--cert", &cert, "--key", &key], &["--cert", &other, "--key", &other_key]];
    for (server, codes) in [(&may, [Some(0), Some(0), Some(4)]), (&must, [Some(4), Some(0), Some(4)])] {
        for (flags, code) in shown.iter().zip(codes) {
            let output = connect(&server.address(), &[flags, &["--half-close"][..]].concat());
            assert_eq!(output.status.code(), code, "{flags:?}: {}", program::err(&output));
        }
    }
    // The client's address stands in each line.
    assert!(may.told().contains("127.0.0.1:") && may.told().contains(" accepted: "));
    program::ends(
        &["serve", "127.0.0.1:0", "--self-signed", "localhost", "--client-cert", "optional"],
        2,
        &["--client-cert optional: pass --client-ca, --client-pin, --client-pins or --tofu"],
    );
}
