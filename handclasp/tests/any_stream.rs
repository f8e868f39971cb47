//! Any `Read + Write` carries a connection; sockets of the standard library keep their time limits.
#![cfg(unix)]

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::net::UnixStream,
    rc::Rc,
    sync::mpsc,
    thread,
    time::Duration,
};

use handclasp::{Client, Error, Fault, Psk, PskUse, Server, Stream, Transport, Trust};

const LIMIT: Duration = Duration::from_millis(20);

fn psk() -> Psk {
    Psk::from_bytes("id", PskUse::Tls13Sha256, &[7; 32]).expect("a key")
}

/// One end of a pipe in memory, which blocks, and knows nothing of this crate.
struct Pipe {
    incoming: mpsc::Receiver<Vec<u8>>,
    outgoing: mpsc::Sender<Vec<u8>>,
    left: VecDeque<u8>,
}

fn pipe() -> (Pipe, Pipe) {
    let ((first, theirs), (second, ours)) = (mpsc::channel(), mpsc::channel());
    let end = |outgoing, incoming| Pipe { incoming, outgoing, left: VecDeque::new() };
    (end(first, ours), end(second, theirs))
}

impl Read for Pipe {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            self.left.extend(self.incoming.recv().unwrap_or_default());
        }
        self.left.read(out)
    }
}

impl Write for Pipe {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.outgoing.send(data.to_vec()).map_err(|_| ErrorKind::BrokenPipe)?;
        Ok(data.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// As a library would have it that knows nothing of sockets.
fn hello_over<S: Read + Write + 'static>(client: &Client, stream: S) -> Result<(Stream<S>, String), Error> {
    let mut stream = client.connect_over(stream, None)?;
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an orderly end");
    Ok((stream, text))
}

#[test]
fn a_pipe_in_memory() {
    let (near, far) = pipe();
    let serving = thread::spawn(move || {
        let mut stream = Server::new(psk()).accept(far).expect("accepts");
        stream.write_all(b"through a pipe").expect("sent");
        stream.close().expect("sent");
        // Its methods reach the stream below, and it comes back.
        assert!(stream.get_ref().left.is_empty() && stream.get_mut().left.is_empty());
        stream.into_inner()
    });
    let (stream, text) = hello_over(&Client::new(Trust::Psk(psk())), near).expect("connects");
    assert_eq!(text, "through a pipe");
    drop(stream);
    drop(serving.join().expect("ends"));
}

/// Also types that another crate made, and types that are not sent between threads.
#[test]
fn another_connection_carries_one() {
    let (near, far) = UnixStream::pair().expect("a pair");
    let serving = thread::spawn(move || {
        let outer = Server::new(psk()).accept(far).expect("accepts");
        let mut inner = Server::new(psk()).accept(outer).expect("accepts inside");
        inner.write_all(b"inside").expect("sent");
        inner.close().expect("sent");
        inner
    });
    let client = Client::new(Trust::Psk(psk()));
    let outer = client.connect_over(near, None).expect("connects");
    let (_inner, text) = hello_over(&client, outer).expect("connects inside");
    assert_eq!(text, "inside");
    serving.join().expect("ends");

    struct Gone(Rc<RefCell<usize>>);
    impl Read for Gone {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            *self.0.borrow_mut() += 1;
            Ok(0)
        }
    }
    impl Write for Gone {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            Ok(data.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let reads = Rc::default();
    let error = client.connect_over(Gone(Rc::clone(&reads)), None).expect_err("nobody there");
    assert!(matches!(error.fault(), Some(Fault::Truncated { .. })) && *reads.borrow() == 1, "{error}");
}

/// A peer that is silent holds no socket of the standard library beyond the time limit.
#[test]
fn sockets_end_at_the_time_limit() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let sockets = [(); 2].map(|()| UnixStream::pair().expect("a pair"));
    let [(near, _silent), (far, _silent_too)] = sockets;
    let dialled = [(); 2].map(|()| TcpStream::connect(address).expect("connects"));
    let accepted = [(); 2].map(|()| listener.accept().expect("it waits").0);
    let ([tcp, _], [_, tcp_far]) = (&dialled, &accepted);
    let server = Server::new(psk()).deadline(Some(LIMIT));
    let client = Client::new(Trust::Psk(psk())).deadline(Some(LIMIT));
    for error in [
        server.accept(far).expect_err("silent"),
        server.accept(tcp_far.try_clone().expect("a clone")).expect_err("silent"),
        client.connect_over(near, None).expect_err("silent"),
        client.connect_over(tcp.try_clone().expect("a clone"), None).expect_err("silent"),
    ] {
        assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
    }
}

/// A type of the application's with timeouts, borrowed or boxed.
#[test]
fn transports_behind_pointers_have_timeouts() {
    let [(mut first, _far), (second, _far_too)] = [(); 2].map(|()| UnixStream::pair().expect("a pair"));
    let client = Client::new(Trust::Psk(psk())).deadline(Some(LIMIT));
    let error = client.connect_transport(&mut first, None).expect_err("silent");
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
    let boxed: Box<dyn Transport> = Box::new(second);
    let error = client.connect_transport(boxed, None).expect_err("silent");
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
}
