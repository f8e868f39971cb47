//! Relays over UNIX sockets, whose ends and errors a test sets up before the relay is polled.
//!
//! | file | what |
//! |---|---|
//! | this | both directions have their turn, and what waits is sent |
//! | `ends` | unusual ends: cut off, reset, not taken, at the same moment |

mod ends;

use std::{
    io::{ErrorKind, Read, Write},
    os::unix::net::UnixStream as StdSocket,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Wake,
    time::Duration,
};

use handclasp::{
    Client, Identity, Pin as KeyPin, Policy, Server, Trust,
    tokio::{TlsAcceptor, TlsConnector, client, server},
};
use rustix::io::ioctl_fionread;
use tokio::{
    io::AsyncWriteExt as _,
    net::UnixStream,
    time::{sleep, timeout},
};

use super::{direction::TURN, *};

/// Whether a task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A pair of sockets that do not block.
fn sockets() -> (StdSocket, StdSocket) {
    let (near, far) = StdSocket::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    far.set_nonblocking(true).unwrap();
    (near, far)
}

fn relayed(socket: StdSocket) -> Socket {
    Socket::from_unix(UnixStream::from_std(socket).unwrap())
}

/// Reads what is there, up to the end; the count of bytes.
fn drain(mut socket: &StdSocket) -> u64 {
    let (mut all, mut space) = (0, [0; 4096]);
    loop {
        match socket.read(&mut space) {
            Ok(0) => return all,
            Ok(count) => all += count as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return all,
            Err(error) => panic!("{error}"),
        }
    }
}

/// A client behind the TLS side of a relay, and a service behind its plain side.
struct Stage {
    client: client::TlsStream<UnixStream>,
    /// The socket of the client.
    raw: StdSocket,
    tls: server::TlsStream<Socket>,
    plain: Socket,
    service: StdSocket,
}

impl Stage {
    async fn set(version: ProtocolVersion) -> Self {
        let policy = || Policy::modern().only_version(version).unwrap();
        let identity = Identity::self_signed(&["relay.test"]).unwrap();
        let trust = Trust::Pins(vec![KeyPin::of_spki(&identity.spki())]);
        let (near, far) = sockets();
        let (plain, service) = sockets();
        let raw = near.try_clone().unwrap();
        let connector = TlsConnector::from(Client::with_policy(trust, policy()));
        let acceptor = TlsAcceptor::from(Server::with_policy(identity, policy()));
        let connecting = connector.connect("relay.test", UnixStream::from_std(near).unwrap());
        let (client, tls) = tokio::join!(connecting, acceptor.accept(relayed(far)));
        Self { client: client.unwrap(), raw, tls: tls.unwrap(), plain: relayed(plain), service }
    }
}

#[tokio::test]
async fn a_direction_that_is_never_short_of_bytes_leaves_the_other_its_turn() {
    let stage = Stage::set(ProtocolVersion::TLS_1_3).await;
    let Stage { mut client, raw, mut tls, mut plain, mut service } = stage;
    // The tickets, so that what the client gets next is from the service.
    drain(&raw);
    // Both senders have sent as much as fits.
    while poll_fn(|cx| Poll::Ready(Pin::new(&mut client).poll_write(cx, &[7; 16_384]).is_ready())).await {}
    while service.write(&[8; 16_384]).is_ok() {}

    let (options, no_drain) = (CopyOptions::default(), Drain::new());
    let mut relay = pin!(copy(&mut tls, &mut plain, RelaySide::Client, &options, &no_drain));
    // The runtime learns which sockets are ready.
    sleep(Duration::from_millis(20)).await;
    let woken = Arc::<Woken>::default();
    assert!(relay.as_mut().poll(&mut Context::from_waker(&Arc::clone(&woken).into())).is_pending());
    let (mut to_service, to_client) = (drain(&service), drain(&raw));
    // One step may go beyond the end of the turn.
    assert!((TURN..4 * TURN).contains(&to_service), "{to_service} bytes in one turn");
    assert!((TURN..4 * TURN).contains(&to_client), "{to_client} bytes of the other direction");
    // The relay is polled again by itself, and moves what is left.
    assert!(woken.0.load(Ordering::Relaxed));
    let rest = poll_fn(|cx| {
        assert!(relay.as_mut().poll(cx).is_pending());
        to_service += drain(&service);
        if to_service > 6 * TURN { Poll::Ready(()) } else { Poll::Pending }
    });
    timeout(Duration::from_secs(30), rest).await.unwrap();
}

/// A client that has ended is not read any more: what its socket did not take is sent all the same, though the service says
/// nothing more that would move it.
#[tokio::test]
async fn an_answer_that_waits_is_sent_to_a_client_that_has_ended() {
    const STEP: usize = 8 * 1024;
    let mut stage = Stage::set(ProtocolVersion::TLS_1_3).await;
    let (plain, mut service) = sockets();
    let (of_relay, mut sent) = (plain.try_clone().unwrap(), 0);
    stage.plain = relayed(plain);
    stage.client.shutdown().await.unwrap();
    let Stage { mut client, raw, mut tls, mut plain, .. } = stage;
    let (options, no_drain) = (CopyOptions::default(), Drain::new());
    let mut relay = pin!(copy(&mut tls, &mut plain, RelaySide::Client, &options, &no_drain));
    loop {
        service.write_all(&[8; STEP]).unwrap();
        sent += STEP;
        let before = ioctl_fionread(&raw).unwrap();
        let is_taken = poll_fn(|cx| {
            assert!(relay.as_mut().poll(cx).is_pending());
            if ioctl_fionread(&of_relay).unwrap() == 0 { Poll::Ready(()) } else { Poll::Pending }
        });
        timeout(Duration::from_secs(30), is_taken).await.unwrap();
        // The rest waits in the connection.
        if ioctl_fionread(&raw).unwrap() - before < STEP as u64 {
            break;
        }
    }
    let mut chunk = vec![0; STEP];
    let came = poll_fn(|cx| {
        loop {
            let mut space = ReadBuf::new(&mut chunk);
            match Pin::new(&mut client).poll_read(cx, &mut space) {
                Poll::Ready(read) => read.unwrap(),
                Poll::Pending => break,
            }
            sent -= space.filled().len();
        }
        assert!(relay.as_mut().poll(cx).is_pending());
        if sent == 0 { Poll::Ready(()) } else { Poll::Pending }
    });
    timeout(Duration::from_secs(30), came).await.expect("the end of the answer is sent");
}
