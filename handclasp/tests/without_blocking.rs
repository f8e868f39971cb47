//! Connections without a socket: two ends in one thread, whatever the caller does with their bytes.

use std::{
    io::{BufRead, ErrorKind, IoSlice, Read, Write},
    time::{Duration, Instant},
};

use handclasp::{
    CertificateFault, Client, ClientConnection, Connection, Error, Fault, Identity, Pin, Policy,
    ProtocolVersion, Server, ServerConnection, SignatureScheme, Trust,
};

const NAME: &str = "device.test";

const VERSIONS: [ProtocolVersion; 2] = [ProtocolVersion::TLS_1_3, ProtocolVersion::TLS_1_2];

/// A client and a server that trust each other by pins.
fn configured(version: ProtocolVersion) -> (Client, Server) {
    let identity = |name| Identity::self_signed(&[name]).expect("made");
    let (ours, theirs) = (identity("client.test"), identity(NAME));
    let pin = |identity: &Identity| Trust::Pins(vec![Pin::of_spki(&identity.spki())]);
    let policy = || Policy::modern().only_version(version).expect("has it");
    let server = Server::with_policy(theirs, policy()).require_client(pin(&ours));
    (Client::with_policy(Trust::DangerNobody, policy()).identity(ours), server)
}

/// Moves at most `most` bytes of what waits.
fn pass(from: &mut Connection, to: &mut Connection, most: usize) -> Result<(), Error> {
    let count = from.transmit().len().min(most);
    let outcome = to.receive(&from.transmit()[..count]);
    from.transmitted(count);
    outcome
}

fn meet(client: &mut Connection, server: &mut Connection, most: usize) {
    while client.is_handshaking() || server.is_handshaking() || !client.transmit().is_empty() {
        pass(client, server, most).expect("goes on");
        pass(server, client, most).expect("goes on");
    }
}

fn pair(version: ProtocolVersion) -> (ClientConnection, ServerConnection) {
    let (client, server) = configured(version);
    let (mut client, mut server) = (
        ClientConnection::new(&client, NAME).expect("starts"),
        ServerConnection::new(&server).expect("starts"),
    );
    meet(&mut client, &mut server, usize::MAX);
    (client, server)
}

#[test]
fn bytes_one_at_a_time_complete_a_handshake() {
    for version in VERSIONS {
        let (client, server) = configured(version);
        let mut client = ClientConnection::new(&client, NAME).expect("starts");
        let mut server = ServerConnection::new(&server).expect("starts");
        meet(&mut client, &mut server, 1);
        let connected = client.connected().expect("connected");
        assert_eq!(connected.version, version);
        assert_eq!(server.connected().and_then(|server| server.server_name.clone()), Some(NAME.into()));
    }
}

#[test]
fn what_may_be_done_next_is_said() {
    let (client, server) = configured(ProtocolVersion::TLS_1_3);
    let mut client = ClientConnection::new(&client, NAME).expect("starts");
    let mut server = ServerConnection::new(&server).expect("starts");
    let (may, idle) = (client.may(), server.may());
    assert!(may.transmit && may.receive && !may.read && !may.write && !may.answer);
    assert!(!idle.transmit && idle.receive);
    meet(&mut client, &mut server, usize::MAX);
    assert!(client.may().write && !client.is_handshaking());
    server.write(b"hello").expect("space");
    pass(&mut server, &mut client, usize::MAX).expect("goes on");
    assert!(client.may().read && !client.may().receive);
    client.consume(5);
    assert!(!client.may().read && client.may().receive);
}

#[test]
fn plaintext_as_std_io_has_it() {
    for version in VERSIONS {
        let (mut client, mut server) = pair(version);
        let mut sent = client.writer();
        sent.write_all(b"one ").expect("space");
        sent.write_all(b"two").expect("space");
        pass(&mut client, &mut server, usize::MAX).expect("goes on");
        let mut text = [0; 16];
        assert_eq!(server.reader().read(&mut text).expect("data"), 4);
        assert_eq!(server.reader().fill_buf().expect("data"), b"two", "the record behind is decrypted");
        server.consume(3);
        let error = server.reader().read(&mut text).expect_err("nothing waits");
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        client.close();
        pass(&mut client, &mut server, usize::MAX).expect("goes on");
        assert_eq!(server.reader().read(&mut text).expect("close_notify"), 0);
        assert!(server.is_peer_closed() && server.end_of_input().is_ok());
    }
}

/// Sizes of the records that wait.
fn records(mut wire: &[u8]) -> Vec<usize> {
    let mut sizes = Vec::new();
    while let Some((header, rest)) = wire.split_at_checked(5) {
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        sizes.push(length);
        wire = &rest[length..];
    }
    sizes
}

#[test]
fn slices_fill_records_together() {
    let (mut client, mut server) = pair(ProtocolVersion::TLS_1_3);
    let parts: Vec<Vec<u8>> =
        [10, 0, 16_384, 3, 16_384, 7_000].iter().zip(b'a'..).map(|(size, byte)| vec![byte; *size]).collect();
    let slices: Vec<IoSlice<'_>> = parts.iter().map(|part| IoSlice::new(part)).collect();
    let all = parts.concat();
    assert_eq!(client.write_vectored(&slices).expect("space"), all.len());
    // Content, its type and the tag.
    let full = 16_384 + 1 + 16;
    assert_eq!(records(client.transmit()), [full, full, all.len() - 2 * 16_384 + 17]);
    server.receive(client.transmit()).expect("goes on");
    let mut came = Vec::new();
    while !server.readable().is_empty() {
        came.extend_from_slice(server.readable());
        let count = server.readable().len();
        server.consume(count);
    }
    assert!(came == all, "what was sent arrives in order");
    // The queue is bounded, and says how much it took.
    let count = client.transmit().len();
    client.transmitted(count);
    let large = vec![0; 100_000];
    let taken = client.write_vectored(&[IoSlice::new(&large), IoSlice::new(&large)]).expect("space");
    assert_eq!(taken, 131_072);
    assert_eq!(client.write_vectored(&[IoSlice::new(&large)]).expect("no room"), 0);
    let error = client.writer().write_vectored(&[IoSlice::new(&large)]).expect_err("no room");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_deadline_is_data_until_the_caller_says_that_it_is_over() {
    let (client, _) = configured(ProtocolVersion::TLS_1_3);
    let before = Instant::now();
    let client = client.deadline(Some(Duration::from_secs(7)));
    let mut ours = ClientConnection::new(&client, NAME).expect("starts");
    let deadline = ours.deadline().expect("has one");
    assert!(
        deadline >= before + Duration::from_secs(7) && deadline <= Instant::now() + Duration::from_secs(7)
    );
    let error = ours.time_out();
    assert!(matches!(error.fault(), Some(Fault::TimedOut { .. })), "{error}");
    assert!(!ours.is_handshaking() && ours.deadline().is_none());
    assert_eq!(ours.error().and_then(|error| error.fault().copied()), error.fault().copied());
    assert!(ClientConnection::new(&client.deadline(None), NAME).expect("starts").deadline().is_none());
    let (connected, _) = pair(ProtocolVersion::TLS_1_3);
    assert!(connected.deadline().is_none(), "the handshake is over");
}

#[test]
fn an_error_has_the_report_and_its_alert_waits() {
    for version in VERSIONS {
        let (_, server) = configured(version);
        let pin = Trust::Pins(vec![Pin([7; 32])]);
        let policy = Policy::modern().only_version(version).expect("has it");
        let client = Client::with_policy(pin, policy);
        let mut client = ClientConnection::new(&client, NAME).expect("starts");
        let mut server = ServerConnection::new(&server).expect("starts");
        pass(&mut client, &mut server, usize::MAX).expect("goes on");
        let error = pass(&mut server, &mut client, usize::MAX).expect_err("another key");
        assert_eq!(error.fault(), Some(&Fault::Certificate(CertificateFault::PinMismatch)));
        assert!(error.report().items().count() > 3, "what was offered stands in the report");
        assert!(client.may().transmit && !client.may().receive);
        let told = pass(&mut client, &mut server, usize::MAX).expect_err("the alert");
        assert!(matches!(told.fault(), Some(Fault::PeerAlert(_))), "{told}");
        client.write(b"x").expect_err("over");
    }
}

#[test]
fn an_end_without_close_notify_is_an_error() {
    let (mut client, mut server) = pair(ProtocolVersion::TLS_1_3);
    client.write(b"half of it").expect("space");
    pass(&mut client, &mut server, 9).expect("goes on");
    assert!(server.is_inside_record());
    let error = server.end_of_input().expect_err("truncated");
    assert!(matches!(error.fault(), Some(Fault::Truncated { .. })), "{error}");
    assert!(server.read_tls(&mut std::io::empty()).is_err());
}

/// An event loop's two calls.
#[test]
fn transports_are_read_and_written_once_a_call() {
    let (client, server) = configured(ProtocolVersion::TLS_1_3);
    let mut client = ClientConnection::new(&client, NAME).expect("starts");
    let mut server = ServerConnection::new(&server).expect("starts");
    let mut wire = Vec::new();
    while client.is_handshaking() || server.is_handshaking() {
        while client.write_tls(&mut wire).expect("a vector takes all") > 0 {}
        let mut rest = &wire[..];
        while !rest.is_empty() {
            server.read_tls(&mut rest).expect("goes on");
        }
        wire.clear();
        while server.write_tls(&mut wire).expect("a vector takes all") > 0 {}
        let mut rest = &wire[..];
        while !rest.is_empty() {
            client.read_tls(&mut rest).expect("goes on");
        }
        wire.clear();
    }
    let (mut ours, mut theirs) = ([0; 32], [0; 32]);
    client.export(b"EXPERIMENTAL test", None, &mut ours).expect("exports");
    server.export(b"EXPERIMENTAL test", None, &mut theirs).expect("exports");
    assert_eq!(ours, theirs);
    client.update_keys().expect("TLS 1.3");
    client.write(b"x").expect("space");
    pass(&mut client, &mut server, usize::MAX).expect("under new keys");
    assert_eq!(server.readable(), b"x");
}

#[test]
fn certificates_of_the_peer_are_kept_where_asked_for() {
    for version in VERSIONS {
        let (client, server) = configured(version);
        let (mut client, mut server) = (
            ClientConnection::new(&client.keep_peer_certificates(), NAME).expect("starts"),
            ServerConnection::new(&server.keep_peer_certificates()).expect("starts"),
        );
        meet(&mut client, &mut server, usize::MAX);
        assert_eq!((client.peer_certificates().len(), server.peer_certificates().len()), (1, 1));
        let names = handclasp_trust::certificate::subject_alt_names(&server.peer_certificates()[0]);
        assert_eq!(names, ["client.test"]);
        let (client, server) = pair(version);
        assert!(client.peer_certificates().is_empty() && server.peer_certificates().is_empty());
    }
}

#[test]
fn what_was_negotiated_is_said() {
    for version in VERSIONS {
        let (mut client, mut server) = pair(version);
        pass(&mut server, &mut client, usize::MAX).expect("tickets");
        for connected in [client.connected(), server.connected()] {
            let connected = connected.expect("connected");
            assert!(connected.extended_master_secret && !connected.resumed);
            assert_eq!(connected.client_scheme, Some(SignatureScheme::ecdsa_secp256r1_sha256));
            assert_eq!(connected.scheme, connected.client_scheme);
            assert!(connected.group.is_some() && connected.psk_identity.is_none());
        }
        // Without a certificate of the client.
        let (_, server) = configured(version);
        let client =
            Client::with_policy(Trust::DangerNobody, Policy::modern().only_version(version).expect("has it"));
        let server = server.ask_client(Trust::DangerNobody);
        let mut ours = ClientConnection::new(&client, NAME).expect("starts");
        let mut theirs = ServerConnection::new(&server).expect("starts");
        meet(&mut ours, &mut theirs, usize::MAX);
        let (ours, theirs) = (ours.connected().expect("connected"), theirs.connected().expect("connected"));
        assert_eq!((ours.client_scheme, theirs.client_scheme, theirs.peer), (None, None, None));
    }
}

/// Both ends are sent to other threads, and shared.
#[test]
fn connections_are_send_and_sync() {
    fn check<T: Send + Sync>() {}
    check::<ClientConnection>();
    check::<ServerConnection>();
    check::<Connection>();
}

/// Sessions are kept without a stream, too.
#[test]
fn sessions_are_resumed() {
    for version in VERSIONS {
        let (client, server) = configured(version);
        let resumed = [(), ()].map(|()| {
            let mut ours = ClientConnection::new(&client.clone(), NAME).expect("starts");
            let mut theirs = ServerConnection::new(&server.clone()).expect("starts");
            meet(&mut ours, &mut theirs, usize::MAX);
            pass(&mut theirs, &mut ours, usize::MAX).expect("tickets");
            ours.connected().expect("connected").resumed
        });
        assert_eq!(resumed, [false, true], "{version:?}");
    }
}
