//! Both directions of a relay have their turn, however much one of them has to move.

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
    Client, Identity, Pin as KeyPin, Server, Trust,
    tokio::{TlsAcceptor, TlsConnector},
};
use tokio::{
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

/// Reads what is there; the count of bytes.
fn drain(mut socket: &StdSocket) -> u64 {
    let (mut all, mut space) = (0, [0; 4096]);
    loop {
        match socket.read(&mut space) {
            Ok(count) => all += count as u64,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return all,
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn a_direction_that_is_never_short_of_bytes_leaves_the_other_its_turn() {
    let identity = Identity::self_signed(&["relay.test"]).unwrap();
    let trust = Trust::Pins(vec![KeyPin::of_spki(&identity.spki())]);
    let (near, far) = sockets();
    let (plain, mut service) = sockets();
    let raw = near.try_clone().unwrap();
    let (connector, acceptor) =
        (TlsConnector::from(Client::new(trust)), TlsAcceptor::from(Server::new(identity)));
    let connecting = connector.connect("relay.test", UnixStream::from_std(near).unwrap());
    let (client, tls) = tokio::join!(connecting, acceptor.accept(relayed(far)));
    let (mut client, mut tls) = (client.unwrap(), tls.unwrap());
    // The tickets, so that what the client gets next is from the service.
    drain(&raw);
    // Both senders have sent as much as fits.
    while poll_fn(|cx| Poll::Ready(Pin::new(&mut client).poll_write(cx, &[7; 16_384]).is_ready())).await {}
    while service.write(&[8; 16_384]).is_ok() {}

    let mut plain = relayed(plain);
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
