//! Listeners and sockets: UNIX socket files, and a reset that the system reports only once.

use std::{fs, io::ErrorKind, os::unix::fs::PermissionsExt, sync::Barrier, thread, time::Duration};

use handclasp_relay::{Address, Listener, Peer, Socket};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[tokio::test]
async fn a_reset_stays_a_reset_for_reads_after_a_failed_write() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::from(listener.local_addr().unwrap());
    let mut socket = Socket::connect(&address).await.unwrap();
    let (peer, _) = listener.accept().await.unwrap();
    peer.set_zero_linger().unwrap();
    drop(peer);
    // The system reports the reset to this write, and to nothing after it.
    while socket.write_all(b"x").await.is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(socket.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(socket.broken(), Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn an_end_is_no_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::from(listener.local_addr().unwrap());
    let mut socket = Socket::connect(&address).await.unwrap();
    drop(listener.accept().await.unwrap());
    assert_eq!(socket.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(socket.broken(), None);
}

/// A peer that closes without reading leaves what it has sent.
#[tokio::test]
async fn what_a_peer_sent_before_it_closed_is_read_after_a_failed_write() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::from(listener.local_addr().unwrap());
    let mut socket = Socket::connect(&address).await.unwrap();
    let (mut peer, _) = listener.accept().await.unwrap();
    peer.write_all(b"answer").await.unwrap();
    drop(peer);
    let error = loop {
        match socket.write_all(b"x").await {
            Ok(()) => tokio::time::sleep(Duration::from_millis(1)).await,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert_eq!((answer.as_str(), socket.broken()), ("answer", None));
}

/// Small writes are not held back, and a peer that is gone without a word is noticed.
#[tokio::test]
async fn sockets_of_both_sides_have_their_options() {
    let mut listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.address().unwrap();
    let (accepted, connected) = tokio::join!(listener.accept(), Socket::connect(&address));
    for socket in [accepted.unwrap(), connected.unwrap()] {
        let options = socket2::SockRef::from(&socket);
        assert!(options.tcp_nodelay().unwrap());
        assert!(options.keepalive().unwrap());
        assert_eq!(options.tcp_keepalive_time().unwrap(), Duration::from_secs(120));
    }
}

#[tokio::test]
async fn a_unix_socket_replaces_the_file_of_a_server_that_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let address = Address::Unix(path.clone());
    // As a server leaves it that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let mut listener = Listener::bind(&address).await.unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o660);
    assert_eq!(listener.address().unwrap(), address);
    let (accepted, connected) = tokio::join!(listener.accept(), Socket::connect(&address));
    let (mut accepted, mut connected) = (accepted.unwrap(), connected.unwrap());
    assert!(matches!(accepted.peer(), Peer::Unix { process: Some(_), user: Some(_) }), "{}", accepted.peer());
    connected.write_all(b"hello").await.unwrap();
    connected.shutdown().await.unwrap();
    let mut text = String::new();
    accepted.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "hello");
    // A server that answers keeps its file.
    assert_eq!(Listener::bind(&address).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    drop(listener);
    assert!(!path.exists());
}

/// Each of them sees the file of a server that is gone; one takes it over, and keeps it.
#[tokio::test]
async fn of_servers_that_start_at_the_same_moment_one_listens() {
    const SERVERS: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let runtime = tokio::runtime::Handle::current();
    for round in 0..200 {
        // As a server leaves it that was killed; every other time there is no file.
        if round % 2 == 0 {
            drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        }
        let start = Barrier::new(SERVERS);
        let bind = || {
            let _entered = runtime.enter();
            start.wait();
            Listener::bind_unix(&path, 0o600)
        };
        let outcomes: Vec<_> = thread::scope(|scope| {
            let servers: Vec<_> = (0..SERVERS).map(|_| scope.spawn(bind)).collect();
            servers.into_iter().map(|server| server.join().unwrap()).collect()
        });
        let (listening, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(listening.len(), 1, "round {round}: {refused:?}");
        for error in refused {
            assert_eq!(error.unwrap_err().kind(), ErrorKind::AddrInUse);
        }
        // It is the one that clients reach.
        std::os::unix::net::UnixStream::connect(&path).unwrap();
        drop(listening);
        assert!(!path.exists(), "round {round}");
    }
}

/// A server that ends while the next one waits for its path removes its own file alone, also where the system gives the
/// next file the same number.
#[tokio::test]
async fn a_server_that_waits_for_the_path_of_another_keeps_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let runtime = tokio::runtime::Handle::current();
    let mut listener = Listener::bind_unix(&path, 0o600).unwrap();
    for round in 0..500 {
        let start = Barrier::new(2);
        let next = thread::scope(|scope| {
            let next = scope.spawn(|| {
                let _entered = runtime.enter();
                start.wait();
                loop {
                    match Listener::bind_unix(&path, 0o600) {
                        Ok(listener) => return listener,
                        Err(error) => assert_eq!(error.kind(), ErrorKind::AddrInUse),
                    }
                }
            });
            start.wait();
            drop(listener);
            next.join().unwrap()
        });
        std::os::unix::net::UnixStream::connect(&path)
            .unwrap_or_else(|error| panic!("round {round}: {error}"));
        listener = next;
    }
}

#[tokio::test]
async fn a_file_that_is_not_a_socket_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    fs::write(&path, "mine").unwrap();
    let error = Listener::bind(&Address::Unix(path.clone())).await.unwrap_err();
    assert!(error.to_string().contains("not a socket"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
}

#[tokio::test]
async fn a_listener_that_is_gone_leaves_the_file_of_its_successor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("service.sock");
    let first = Listener::bind_unix(&path, 0o600).unwrap();
    fs::remove_file(&path).unwrap();
    let second = Listener::bind_unix(&path, 0o600).unwrap();
    drop(first);
    assert!(path.exists());
    drop(second);
    assert!(!path.exists());
}
