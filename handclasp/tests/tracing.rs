//! The feature `tracing`: one span for each handshake, whatever drives it, and never a secret.
#![cfg(all(feature = "tracing", feature = "tokio", unix))]

mod recorded;
mod tokio_peers;

use std::{os::unix::net::UnixStream, thread};

use handclasp::{
    Acceptor, AlertDescription, Client, ClientConnection, Connection, Credentials, Current, Error, Incoming,
    LateNeed, NeedKind, ProtocolVersion, Psk, PskUse, Server, ServerConnection, TicketSecret, Trust,
    tokio::{AnswerNeeds, LazyConfigAcceptor, TlsAcceptor, TlsConnector},
};
use recorded::{Recorder, Secrets, Spanned, shows};
use tokio_peers::{NAME, VERSIONS, identity, mutual, pins, policy};

const PSK: [u8; 32] = *b"\x01\x9fa-key-of-32-bytes-that-is-kept";
const OTHER_PSK: [u8; 32] = *b"\x02\x8fanother-key-of-32-bytes-kept!!";
const PLAINTEXT: &[u8] = b"what the application says is its own affair";

fn pass(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    let outcome = to.receive(from.transmit());
    from.transmitted(from.transmit().len());
    outcome
}

/// Moves bytes until both wait or are over.
fn run(client: &mut Connection, server: &mut Connection) {
    while !client.transmit().is_empty() || !server.transmit().is_empty() {
        let _ = pass(client, server);
        let _ = pass(server, client);
    }
}

fn start(client: &Client, server: &Server) -> (ClientConnection, ServerConnection) {
    (ClientConnection::new(client, NAME).expect("starts"), ServerConnection::new(server).expect("starts"))
}

fn psk(secret: &[u8; 32], usage: PskUse) -> Psk {
    Psk::from_bytes("device-7", usage, secret).expect("a key")
}

fn of(spans: &[Spanned], side: &str) -> Vec<Spanned> {
    spans.iter().filter(|span| span.fields["side"] == side).cloned().collect()
}

fn messages(span: &Spanned) -> Vec<&str> {
    span.events.iter().map(|event| event["message"].as_str()).collect()
}

#[test]
fn a_handshake_without_a_socket_is_one_span_on_each_side() {
    for version in VERSIONS {
        let recorder = Recorder::default();
        recorder.during(|| {
            let (client, server) = mutual(version);
            let (client, server) = (client.alpn(&["h2"]), server.alpn(&["h2"]));
            let (mut client, mut server) = start(&client, &server);
            run(&mut client, &mut server);
            assert!(client.connected().is_some() && server.connected().is_some());
            // Alive: the span ends with the handshake.
            let spans = recorder.spans();
            assert_eq!(spans.len(), 2, "{spans:?}");
            for (span, side) in spans.iter().zip(["client", "server"]) {
                assert_eq!(span.name, "handshake");
                let is = |field: &str| span.fields.get(field).map(String::as_str);
                assert_eq!(is("side"), Some(side));
                assert_eq!(is("server_name"), Some(NAME));
                let name = if version == ProtocolVersion::TLS_1_3 { "TLS 1.3" } else { "TLS 1.2" };
                assert_eq!(is("version"), Some(name));
                let suite = client.connected().expect("connected").suite.to_string();
                assert_eq!(is("suite"), Some(suite.as_str()));
                let group = client.connected().expect("connected").group.expect("ECDHE").to_string();
                assert_eq!(is("group"), Some(group.as_str()));
                assert_eq!(is("resumed"), Some("false"));
                assert_eq!(is("alpn"), Some("h2"));
                assert_eq!(is("outcome"), Some("complete"));
                assert_eq!((is("fault"), is("blame")), (None, None));
                assert_eq!(messages(span), ["handshake complete"]);
                assert!(span.is_closed);
            }
            assert_eq!(recorder.events(), []);
        });
    }
}

#[test]
fn a_failed_handshake_says_why_on_both_sides() {
    let recorder = Recorder::default();
    recorder.during(|| {
        let server = Server::new(identity(NAME));
        let client = Client::new(pins(&identity("another.test")));
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server);
        let (client, server) = (client.error().expect("fails"), server.error().expect("fails"));
        let spans = recorder.spans();
        assert_eq!(spans.len(), 2, "{spans:?}");
        for (span, (error, blame, alert)) in spans
            .iter()
            .zip([(client, "refused by us", "alert sent"), (server, "refused by peer", "alert received")])
        {
            assert_eq!(span.fields["outcome"], "failed");
            assert_eq!(span.fields["fault"], error.to_string());
            assert_eq!(span.fields["blame"], blame);
            assert_eq!(span.fields["server_name"], NAME);
            assert_eq!(messages(span), [alert, "handshake failed"]);
            assert!(span.events[0]["alert"].contains("certificate"), "{span:?}");
            assert!(span.is_closed);
        }
    });
}

#[test]
fn blocking_streams_and_streams_of_tokio_make_no_second_span() {
    let recorder = Recorder::default();
    let (client, server) = mutual(ProtocolVersion::TLS_1_3);
    let serving = || {
        let (near, far) = UnixStream::pair().expect("a pair");
        let (server, recorder) = (server.clone(), recorder.clone());
        let handle = thread::spawn(move || recorder.during(|| server.accept(far).map(drop)));
        (near, handle)
    };
    let (near, handle) = serving();
    let stream = recorder.during(|| client.connect_over(near, NAME).expect("connects"));
    handle.join().expect("ends").expect("accepts");
    drop(stream);
    assert_eq!(recorder.spans().len(), 2);

    // The ClientHello is read first: the server's span begins there.
    let (near, far) = UnixStream::pair().expect("a pair");
    let (accepting, there) = (server.clone(), recorder.clone());
    let handle = thread::spawn(move || there.during(|| Incoming::read(far)?.accept(&accepting).map(drop)));
    let stream = recorder.during(|| client.connect_over(near, NAME).expect("connects"));
    handle.join().expect("ends").expect("accepts");
    drop(stream);
    assert_eq!(recorder.spans().len(), 4);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    recorder.during(|| {
        runtime.block_on(async {
            let peers = (client.clone(), server.clone());
            let (client, server) = tokio_peers::handshake(peers, tokio::io::duplex(64)).await;
            drop((client.expect("connects"), server.expect("accepts")));

            let (near, far) = tokio::io::duplex(4096);
            let accepting = async {
                let start = LazyConfigAcceptor::new(Acceptor::new(), far).await?;
                start.into_stream(Server::new(identity(NAME))).await
            };
            let connecting = TlsConnector::from(Client::new(Trust::DangerNobody)).connect(NAME, near);
            let (accepted, connected) = tokio::join!(accepting, connecting);
            drop((accepted.expect("accepts"), connected.expect("connects")));
        });
    });
    let spans = recorder.spans();
    assert_eq!(spans.len(), 8, "{spans:#?}");
    assert_eq!((of(&spans, "client").len(), of(&spans, "server").len()), (4, 4));
    for span in &spans {
        assert_eq!((span.fields["outcome"].as_str(), span.is_closed), ("complete", true), "{span:?}");
    }
}

#[test]
fn handshakes_that_no_error_ends_are_abandoned_and_those_of_the_transport_fail() {
    let recorder = Recorder::default();
    recorder.during(|| {
        drop(ClientConnection::new(&Client::new(Trust::DangerNobody), NAME).expect("starts"));
        let (near, far) = UnixStream::pair().expect("a pair");
        drop(far);
        Client::new(Trust::DangerNobody).connect_over(near, NAME).expect_err("nobody is there");
        ClientConnection::new(&Client::new(Trust::Pins(Vec::new())), NAME).expect_err("trusts nobody");
        let mut acceptor = Acceptor::new();
        acceptor.receive(b"GET / HTTP/1.1\r\n").expect_err("not TLS");
        drop(acceptor);
        let mut acceptor = Acceptor::new();
        acceptor.refuse(AlertDescription::unrecognized_name);
    });
    let outcomes: Vec<_> = recorder
        .spans()
        .iter()
        .map(|span| (span.fields["outcome"].clone(), span.fields.get("blame").cloned().unwrap_or_default()))
        .collect();
    let expected = [
        ("abandoned", ""),
        ("failed", "transport"),
        ("failed", "ours"),
        ("failed", "refused by us"),
        ("failed", "ours"),
    ];
    assert_eq!(outcomes, expected.map(|(outcome, blame)| (outcome.to_owned(), blame.to_owned())));
    assert!(recorder.spans().iter().all(|span| span.is_closed));
}

#[test]
fn late_needs_are_events_of_the_span() {
    let recorder = Recorder::default();
    recorder.during(|| {
        let theirs = identity(NAME);
        let client = Client::new(pins(&theirs)).late_needs(&[NeedKind::PeerCertificate]);
        let (mut client, mut server) = start(&client, &Server::new(theirs));
        run(&mut client, &mut server);
        let Some(LateNeed::PeerCertificate(need)) = client.need() else { panic!("waits") };
        need.accept_if_configured().expect("is trusted");
        run(&mut client, &mut server);
        assert!(client.connected().is_some());
    });
    let client = &of(&recorder.spans(), "client")[0];
    assert_eq!(
        messages(client),
        ["late need waits for the application", "late need answered", "handshake complete"]
    );
    assert!(client.events[..2].iter().all(|event| event["need"] == "peer certificate"), "{client:?}");
}

/// What the application records while it answers, also after it has waited, stands in the span of the handshake.
#[test]
fn what_an_answer_records_stands_in_the_span() {
    struct LooksUp;

    impl AnswerNeeds for LooksUp {
        async fn answer(&self, need: LateNeed<'_>) -> Result<(), Error> {
            tracing::info!("looks up");
            tokio::task::yield_now().await;
            tracing::info!("found");
            let LateNeed::Psk(need) = need else { panic!("a key is needed") };
            need.answer(&psk(&PSK, PskUse::Tls13Sha256))
        }
    }

    let recorder = Recorder::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    recorder.during(|| {
        runtime.block_on(async {
            let server = Server::new(Credentials::default()).late_needs(&[NeedKind::Psk]);
            let acceptor = TlsAcceptor::from(server).with_needs(LooksUp);
            let connector = TlsConnector::from(Client::new(Trust::Psk(psk(&PSK, PskUse::Tls13Sha256))));
            let (near, far) = tokio::io::duplex(1 << 14);
            let (client, server) = tokio::join!(connector.connect(NAME, near), acceptor.accept(far));
            client.expect("connects");
            server.expect("accepts");
        });
    });
    let server = &of(&recorder.spans(), "server")[0];
    let waits = "late need waits for the application";
    let expected = [waits, "looks up", "found", "late need answered", "handshake complete"];
    assert_eq!(messages(server), expected);
    assert!(server.is_closed && messages(&of(&recorder.spans(), "client")[0]) == ["handshake complete"]);
}

#[test]
fn key_updates_and_alerts_after_the_handshake_are_events() {
    let recorder = Recorder::default();
    recorder.during(|| {
        let (client, server) = mutual(ProtocolVersion::TLS_1_3);
        let (mut client, mut server) = start(&client, &server);
        run(&mut client, &mut server);
        assert_eq!(recorder.events(), []);
        client.update_keys().expect("TLS 1.3");
        run(&mut client, &mut server);
        client.close();
        run(&mut client, &mut server);
    });
    let said: Vec<_> = recorder
        .events()
        .iter()
        .map(|event| {
            format!("{} {} {}", event["side"], event["message"], event.get("alert").map_or("", |a| a))
        })
        .collect();
    assert_eq!(
        said,
        [
            "client key update sent ",
            "server key update received ",
            "client alert sent close_notify",
            "server alert received close_notify",
        ]
    );
}

#[test]
fn a_replaced_configuration_is_an_event() {
    let recorder = Recorder::default();
    recorder.during(|| {
        let server = Current::new(Server::new(identity(NAME)));
        assert_eq!(recorder.events(), []);
        server.replace(Server::new(identity(NAME))).expect("works");
    });
    let [event] = &recorder.events()[..] else { panic!("{:?}", recorder.events()) };
    assert_eq!((event["message"].as_str(), event["side"].as_str()), ("configuration replaced", "server"));
}

/// Text that a peer chooses does not write lines of a log.
#[test]
fn names_of_peers_are_printable() {
    let recorder = Recorder::default();
    recorder.during(|| {
        let (client, server) = mutual(ProtocolVersion::TLS_1_3);
        let client = client.alpn(&["a\nb\u{1b}[2J"]);
        let (mut client, mut server) = start(&client, &server.alpn(&["a\nb\u{1b}[2J"]));
        run(&mut client, &mut server);
    });
    for span in recorder.spans() {
        assert_eq!(span.fields["alpn"], r"a\u{a}b\u{1b}[2J");
    }
}

/// The search finds every form that it names.
#[test]
fn a_secret_in_any_form_is_found() {
    let secret = [0xAB, 0x01, 0x7F, 0x20, 0xC4, 0x5D, 0x66, 0x99, 0x10];
    for text in [
        format!("key={secret:?}"),
        format!("key={secret:02x?}"),
        format!("key={secret:#04X?}").replace("\n", "").replace(",    ", ", "),
        "key=AB017F20C45D66".to_owned() + "99",
        "ab:01:7f:20:c4:5d:66:99".to_owned(),
    ] {
        assert!(shows(&text, &secret), "{text}");
    }
    assert!(shows("said hello there", b"hello there"));
    assert!(!shows("key=ab017f20", &secret));
}

/// Pairs of every kind, those that fail included.
fn pairs(secrets: &Secrets) -> Vec<(Client, Server)> {
    let mut pairs = Vec::new();
    for version in VERSIONS {
        let usage = match version {
            ProtocolVersion::TLS_1_3 => PskUse::Tls13Sha256,
            _ => PskUse::Tls12,
        };
        let with_psk = |secret| {
            let client = Client::with_policy(Trust::Psk(psk(secret, usage)), policy(version));
            (client, Server::with_policy(psk(&PSK, usage), policy(version)))
        };
        pairs.push(with_psk(&PSK));
        pairs.push(with_psk(&OTHER_PSK));
        let (client, server) = mutual(version);
        let server = server.ticket_secret(TicketSecret::from_bytes(&PSK).expect("long enough"));
        pairs.push((client.clone(), server.clone()));
        // Resumes the session of the pair before.
        pairs.push((client, server.clone()));
        pairs.push((Client::with_policy(pins(&identity("x.test")), policy(version)), server));
    }
    let with_logs =
        |(client, server): (Client, Server)| (client.key_log(secrets.log()), server.key_log(secrets.log()));
    pairs.into_iter().map(with_logs).collect()
}

#[test]
fn nothing_that_is_recorded_is_a_secret() {
    let (recorder, secrets) = (Recorder::default(), Secrets::default());
    let (mut complete, mut failed) = (0, 0);
    recorder.during(|| {
        for (client, server) in pairs(&secrets) {
            let (mut client, mut server) = start(&client, &server);
            run(&mut client, &mut server);
            if client.connected().is_some() && server.connected().is_some() {
                complete += 1;
                client.write(PLAINTEXT).expect("connected");
                run(&mut client, &mut server);
                assert_eq!(server.readable(), PLAINTEXT);
                let _ = client.update_keys();
                client.close();
                run(&mut client, &mut server);
            } else {
                failed += 1;
            }
        }
    });
    assert_eq!((complete, failed), (6, 4));
    let spans = recorder.spans();
    assert_eq!(spans.len(), 20);
    assert_eq!(
        spans.iter().filter(|span| span.fields.get("resumed").is_some_and(|is| is == "true")).count(),
        4
    );
    let (text, all) = (recorder.text(), secrets.all());
    assert!(text.len() > 1000 && all.len() > 20, "{} bytes, {} secrets", text.len(), all.len());
    for secret in all.iter().map(Vec::as_slice).chain([&PSK[..], &OTHER_PSK, PLAINTEXT]) {
        assert!(!shows(&text, secret), "{secret:02x?} stands in\n{text}");
    }
}
