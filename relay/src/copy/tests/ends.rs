//! Ends that are not in order, and ends that come together: which one counts, and for which side.

use std::net::Shutdown;

use tokio::io::AsyncWriteExt as _;

use super::*;

const TLS13: ProtocolVersion = ProtocolVersion::TLS_1_3;
const TLS12: ProtocolVersion = ProtocolVersion::TLS_1_2;

/// A record of application data that does not verify.
const GARBAGE: &[u8] = b"\x17\x03\x03\x00\x20garbage garbage garbage garbage.";

impl Stage {
    /// Relays to the end.
    async fn relays(&mut self, tls_side: RelaySide) -> Transfer {
        let options = CopyOptions::default();
        let no_drain = Drain::new();
        let relay = copy(&mut self.tls, &mut self.plain, tls_side, &options, &no_drain);
        timeout(Duration::from_secs(30), relay).await.expect("the relay ends")
    }

    /// The service closes with this unread, which is a reset for the relay.
    async fn service_resets(&mut self) {
        self.plain.write_all(b"unread").await.unwrap();
        let (gone, _) = sockets();
        drop(std::mem::replace(&mut self.service, gone));
    }

    /// The client is gone: its socket is closed.
    fn client_goes(self) -> (server::TlsStream<Socket>, Socket, StdSocket) {
        let Self { client, raw, tls, plain, service } = self;
        // What it has not read would make this a reset.
        drain(&raw);
        drop((client, raw));
        (tls, plain, service)
    }
}

/// As [`Stage::relays`], without the client.
async fn relays(tls: &mut server::TlsStream<Socket>, plain: &mut Socket, tls_side: RelaySide) -> Ending {
    let (options, no_drain) = (CopyOptions::default(), Drain::new());
    let relay = copy(tls, plain, tls_side, &options, &no_drain);
    timeout(Duration::from_secs(30), relay).await.expect("the relay ends").ending
}

/// Which side was it, and how.
#[track_caller]
fn aborted(ending: Ending) -> (RelaySide, AbortKind) {
    match ending {
        Ending::Aborted { by, how, .. } => (by, how),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_plain_side_that_resets_is_named_by_its_side() {
    for (tls_side, by) in [(RelaySide::Client, RelaySide::Target), (RelaySide::Target, RelaySide::Client)] {
        let mut stage = Stage::set(TLS13).await;
        stage.service_resets().await;
        assert_eq!(aborted(stage.relays(tls_side).await.ending), (by, AbortKind::Reset));
    }
}

/// What the client did is looked at first: that it went is why the service went, more often than the other way round.
#[tokio::test]
async fn of_two_sides_that_are_cut_off_at_once_the_tls_side_is_named() {
    for side in [RelaySide::Client, RelaySide::Target] {
        let mut stage = Stage::set(TLS13).await;
        stage.service_resets().await;
        let (mut tls, mut plain, _service) = stage.client_goes();
        assert_eq!(aborted(relays(&mut tls, &mut plain, side).await), (side, AbortKind::Truncated));
    }
}

/// An end in order of the client does not hide how the service ended.
#[tokio::test]
async fn a_reset_behind_the_end_of_the_client_is_a_reset() {
    let mut stage = Stage::set(TLS13).await;
    stage.client.shutdown().await.unwrap();
    stage.service_resets().await;
    let ending = stage.relays(RelaySide::Client).await.ending;
    assert_eq!(aborted(ending), (RelaySide::Target, AbortKind::Reset));
}

/// A client that takes nothing more is named once everything that it sent is passed on, whether it ended before the answer
/// came or after.
#[tokio::test]
async fn a_client_that_takes_no_answer_is_named_behind_its_own_end() {
    for ends_first in [true, false] {
        let mut stage = Stage::set(TLS13).await;
        stage.client.write_all(b"last ").await.unwrap();
        if ends_first {
            stage.client.write_all(b"words").await.unwrap();
            stage.client.shutdown().await.unwrap();
        }
        stage.raw.shutdown(Shutdown::Read).unwrap();
        stage.service.write_all(b"answer").unwrap();
        let (options, no_drain) = (CopyOptions::default(), Drain::new());
        let Stage { client, tls, plain, service, .. } = &mut stage;
        let mut relay = pin!(copy(tls, plain, RelaySide::Client, &options, &no_drain));
        if !ends_first {
            sleep(Duration::from_millis(20)).await;
            let woken = Arc::<Woken>::default();
            assert!(relay.as_mut().poll(&mut Context::from_waker(&woken.into())).is_pending());
            client.write_all(b"words").await.unwrap();
            client.shutdown().await.unwrap();
        }
        let transfer = timeout(Duration::from_secs(30), relay).await.expect("the relay ends");
        assert_eq!(aborted(transfer.ending), (RelaySide::Client, AbortKind::Reset));
        let mut came = String::new();
        service.read_to_string(&mut came).unwrap();
        assert_eq!((came.as_str(), transfer.from_client), ("last words", 10));
    }
}

/// The same for a service that ends while the client still sends.
#[tokio::test]
async fn a_client_that_takes_no_end_is_named_unless_it_has_ended_itself() {
    // It still sends.
    let mut stage = Stage::set(TLS13).await;
    stage.raw.shutdown(Shutdown::Read).unwrap();
    stage.service.shutdown(Shutdown::Write).unwrap();
    let (options, no_drain) = (CopyOptions::default(), Drain::new());
    let Stage { client, tls, plain, .. } = &mut stage;
    let mut relay = pin!(copy(tls, plain, RelaySide::Client, &options, &no_drain));
    // Longer than the stream waits for an alert of a peer that takes nothing more.
    for wait in [20, 700] {
        sleep(Duration::from_millis(wait)).await;
        let woken = Arc::<Woken>::default();
        assert!(relay.as_mut().poll(&mut Context::from_waker(&woken.into())).is_pending());
    }
    client.shutdown().await.unwrap();
    let ending = timeout(Duration::from_secs(30), relay).await.expect("the relay ends").ending;
    assert_eq!(aborted(ending), (RelaySide::Client, AbortKind::Reset));

    // It has ended, and does not wait for the other end.
    let mut stage = Stage::set(TLS13).await;
    stage.client.shutdown().await.unwrap();
    stage.service.shutdown(Shutdown::Write).unwrap();
    let (mut tls, mut plain, _service) = stage.client_goes();
    let ending = relays(&mut tls, &mut plain, RelaySide::Client).await;
    assert!(matches!(ending, Ending::Closed), "{ending}");
}

/// A service that reads nothing more has ended in order all the same; how the client goes then changes nothing.
#[tokio::test]
async fn what_is_dropped_may_be_cut_off() {
    let mut stage = Stage::set(TLS13).await;
    stage.service.shutdown(Shutdown::Both).unwrap();
    stage.client.write_all(b"unwanted").await.unwrap();
    let (mut tls, mut plain, _service) = stage.client_goes();
    let ending = relays(&mut tls, &mut plain, RelaySide::Client).await;
    assert!(matches!(ending, Ending::Closed), "{ending}");
}

/// TLS 1.2: what the service sends behind the end of the client is dropped, and so is how it ends.
#[tokio::test]
async fn tls12_does_not_look_how_a_service_ends_behind_its_client() {
    let mut stage = Stage::set(TLS12).await;
    stage.client.shutdown().await.unwrap();
    let (options, no_drain) = (CopyOptions::default(), Drain::new());
    let Stage { tls, plain, service, .. } = &mut stage;
    plain.write_all(b"unread").await.unwrap();
    let mut relay = pin!(copy(tls, plain, RelaySide::Client, &options, &no_drain));
    sleep(Duration::from_millis(20)).await;
    assert!(relay.as_mut().poll(&mut Context::from_waker(&Arc::<Woken>::default().into())).is_pending());
    let (gone, _) = sockets();
    drop(std::mem::replace(service, gone));
    let ending = timeout(Duration::from_secs(30), relay).await.expect("the relay ends").ending;
    assert!(matches!(ending, Ending::Closed), "{ending}");
}

/// Only a client may go without close_notify once it has the whole answer: what a server has to say is never known to be
/// whole. And a connection that fails has failed, whatever was sent before.
#[tokio::test]
async fn going_behind_the_whole_answer_is_for_clients_that_do_not_fail() {
    for (side, sent, expected) in [
        (RelaySide::Client, &b""[..], None),
        (RelaySide::Target, b"", Some((RelaySide::Target, AbortKind::Truncated))),
        (RelaySide::Client, GARBAGE, Some((RelaySide::Client, AbortKind::Failed))),
    ] {
        let mut stage = Stage::set(TLS13).await;
        stage.service.write_all(b"answer").unwrap();
        stage.service.shutdown(Shutdown::Write).unwrap();
        let (options, no_drain) = (CopyOptions::default(), Drain::new());
        let Stage { client, raw, mut tls, mut plain, service } = stage;
        let mut relay = pin!(copy(&mut tls, &mut plain, side, &options, &no_drain));
        sleep(Duration::from_millis(20)).await;
        assert!(relay.as_mut().poll(&mut Context::from_waker(&Arc::<Woken>::default().into())).is_pending());
        drain(&raw);
        (&raw).write_all(sent).unwrap();
        drop((client, raw));
        let ending = timeout(Duration::from_secs(30), relay).await.expect("the relay ends").ending;
        match expected {
            None => assert!(matches!(ending, Ending::Left), "{ending}"),
            Some(expected) => assert_eq!(aborted(ending), expected),
        }
        drop(service);
    }
}
