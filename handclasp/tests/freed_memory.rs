//! Secrets are wiped before their memory is given back: every block that one end frees, from its
//! configuration to the end of a connection that resumed, is searched for every secret of the
//! connection. A program of its own, since it replaces the allocator. What aws-lc, which is C, holds
//! and copies is not seen, nor is the stack; see THREATS.md.

mod counted;
mod freed;

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    thread,
};

use counted::NAME;
use freed::{Log, Needles, Scratch};
use freed_memory::{Freed, Watcher, left_on_stack, watch};
use handclasp::{
    CipherSuite, Client, CookieSecret, Identity, KEYS, Pin, Policy, ProtocolVersion, Psk, PskUse, SHA256,
    Server, Stream, SystemRandom, TicketSecret, Trust,
};
use handclasp_crypto::{EcPrivateKey, KeyEncoding, KeyKind};
use handclasp_identity::{CertificateParams, IssuedCertificate};

#[global_allocator]
static WATCHER: Watcher = Watcher;

const PSK: [u8; 32] = *b"a pre-shared key of 32 bytes....";
const TICKET_SECRET: [u8; 32] = *b"a secret that tickets hang on...";
const COOKIE_KEY: [u8; 32] = *b"a key that authenticates cookies";

/// How the ends authenticate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Certificate,
    Psk,
    ImportedPsk,
}

/// What a case consists of: all that the ends are made from, and who is watched.
struct Case<'a> {
    version: ProtocolVersion,
    by: By,
    issued: &'a IssuedCertificate,
    key_pem: &'a str,
    certificate_pem: &'a str,
    sessions: &'a Path,
}

impl Case<'_> {
    fn policy(&self) -> Policy {
        let policy = Policy::compatible().only_version(self.version).expect("has it");
        let suite = match (self.version, self.by) {
            (ProtocolVersion::TLS_1_3, _) => CipherSuite::TLS_AES_128_GCM_SHA256,
            (_, By::Certificate) => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            (_, By::Psk | By::ImportedPsk) => CipherSuite::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
        };
        policy.only_suites(&[suite]).expect("has it")
    }

    fn psk(&self) -> Psk {
        let usage = match (self.version, self.by) {
            (ProtocolVersion::TLS_1_2, _) => PskUse::Tls12,
            (_, By::ImportedPsk) => PskUse::Imported,
            _ => PskUse::Tls13Sha256,
        };
        // As it is typed, so that decoding is watched too.
        let hex: String = PSK.iter().map(|byte| format!("{byte:02x}")).collect();
        let hex = zeroize::Zeroizing::new(hex);
        Psk::from_hex("device", usage, &hex).expect("a key")
    }

    fn client(&self) -> Client {
        let trust = match self.by {
            By::Certificate => Trust::Pins(vec![Pin::of_spki(&spki(self.issued).as_slice().into())]),
            By::Psk | By::ImportedPsk => Trust::Psk(self.psk()),
        };
        let client = Client::with_policy(trust, self.policy());
        client.session_file(self.sessions).expect("a session file")
    }

    fn server(&self) -> Server {
        let server = match self.by {
            By::Certificate => {
                let (certificate, key) = (self.certificate_pem.as_bytes(), self.key_pem.as_bytes());
                let identity = Identity::from_pem(certificate, key).expect("loads");
                Server::with_policy(identity, self.policy())
            }
            By::Psk | By::ImportedPsk => Server::with_policy(self.psk(), self.policy()),
        };
        let cookies = CookieSecret::from_bytes(&COOKIE_KEY).expect("a secret");
        let tickets = TicketSecret::from_bytes(&TICKET_SECRET).expect("a secret");
        server.ticket_secret(tickets).stateless_retry(Some(cookies))
    }
}

fn spki(issued: &IssuedCertificate) -> Vec<u8> {
    issued.identity().expect("loads").spki().to_vec()
}

/// Two connections, the second of which resumes where sessions are kept, at the server's end.
fn serve(server: &Server, sockets: Vec<UnixStream>) {
    for socket in sockets {
        let mut stream = server.accept(socket).expect("accepts");
        stream.write_all(b"hello").expect("writes");
        assert_eq!(rest(&mut stream), b"and to you");
        stream.close().expect("closes");
        stream.export(b"EXPORTER-test", None, &mut [0; 32]).expect("exports");
    }
}

/// And at the client's.
fn connect(client: &Client, sockets: Vec<UnixStream>) {
    for (index, socket) in sockets.into_iter().enumerate() {
        let mut stream = client.connect_over(socket, Some(NAME)).expect("connects");
        assert_eq!(stream.connected().resumed, index > 0, "the second one resumes");
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).expect("reads");
        stream.write_all(b"and to you").expect("writes");
        stream.close().expect("closes");
        assert_eq!(rest(&mut stream), b"");
    }
}

fn rest(stream: &mut Stream<UnixStream>) -> Vec<u8> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("reads to the end");
    bytes
}

/// What the watched end freed, and the secrets of the connections by the other end's key log.
fn play(case: &Case<'_>, client_is_watched: bool) -> (Freed, Needles) {
    let pairs = [(); 2].map(|()| UnixStream::pair().expect("a pair"));
    let (ours, theirs): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    let log = Log::default();
    let freed = thread::scope(|scope| {
        let serving = scope.spawn(|| match client_is_watched {
            true => {
                serve(&case.server().key_log(log.key_log()), theirs);
                None
            }
            false => Some(watch(|| serve(&case.server(), theirs)).1),
        });
        let connecting = scope.spawn(|| match client_is_watched {
            true => Some(watch(|| connect(&case.client(), ours)).1),
            false => {
                connect(&case.client().key_log(log.key_log()), ours);
                None
            }
        });
        serving.join().expect("ends").or(connecting.join().expect("ends")).expect("one was watched")
    });
    let mut needles = log.needles();
    needles.add_sessions(&std::fs::read(case.sessions).expect("a session file"));
    (freed, needles)
}

#[test]
fn an_end_wipes_its_secrets_before_it_frees_them() {
    let scratch = Scratch::new("ends");
    let issued = IssuedCertificate::self_signed(&CertificateParams::new(&[NAME])).expect("made");
    let (key_pem, certificate_pem) = (issued.key_pem(), issued.certificate_pem());
    let scalar = EcPrivateKey::read(KeyEncoding::Pkcs8, &issued.key).expect("PKCS#8").scalar.to_vec();
    let mut complaints = Vec::new();
    let mut searched = 0;
    for (version, by) in [
        (ProtocolVersion::TLS_1_3, By::Certificate),
        (ProtocolVersion::TLS_1_3, By::Psk),
        (ProtocolVersion::TLS_1_3, By::ImportedPsk),
        (ProtocolVersion::TLS_1_2, By::Certificate),
        (ProtocolVersion::TLS_1_2, By::Psk),
    ] {
        for client_is_watched in [true, false] {
            let sessions = scratch.path(&format!("{version:?}-{by:?}-{client_is_watched}"));
            let (key_pem, certificate_pem) = (key_pem.as_str(), certificate_pem.as_str());
            let case = Case { version, by, issued: &issued, key_pem, certificate_pem, sessions: &sessions };
            let (freed, mut needles) = play(&case, client_is_watched);
            needles.add("the pre-shared key", &PSK);
            needles.add("the private key", &scalar);
            needles.add("the secret of tickets", &TICKET_SECRET);
            needles.add("the key of cookies", &COOKIE_KEY);
            needles.add_ticket_keys(&TICKET_SECRET);
            searched += freed.count();
            let who = if client_is_watched { "client" } else { "server" };
            complaints.extend(needles.found_in(&freed, &format!("{version:?} {by:?}, {who}")));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    println!("{searched} freed blocks searched");
}

#[test]
fn keys_that_are_made_are_wiped_before_they_are_freed() {
    let mut complaints = Vec::new();
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519] {
        let (der, freed) = watch(|| KEYS.generate(kind, &mut SystemRandom).expect("made"));
        let mut needles = Needles::default();
        // The private half stands at the end in version 1 of the format without a public half, and
        // in front of the public half else.
        let private = match kind {
            KeyKind::Ed25519 => der[der.len() - 32..].to_vec(),
            _ => EcPrivateKey::read(KeyEncoding::Pkcs8, &der).expect("PKCS#8").scalar.to_vec(),
        };
        needles.add("the private key", &private);
        complaints.extend(needles.found_in(&freed, &format!("{kind:?}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn interpretations_of_a_typed_key_are_wiped_before_they_are_freed() {
    let mut complaints = Vec::new();
    for typed in ["a Secret that was typed", "6B6579206F6620736978746565", "YSBzZWNyZXQgdGhhdCB3YXMgdHlwZWQ="]
    {
        let (interpretations, freed) = watch(|| Psk::interpretations(typed));
        let mut needles = Needles::default();
        // Zeros are what wiping leaves.
        for one in interpretations.iter().filter(|one| one.bytes.iter().any(|byte| *byte != 0)) {
            needles.add(one.name, &one.bytes);
        }
        drop(interpretations);
        complaints.extend(needles.found_in(&freed, typed));
        let (_, freed) = watch(|| drop(Psk::interpretations(typed)));
        complaints.extend(needles.found_in(&freed, &format!("{typed}, dropped")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Stale bytes of the stack come into the heap with values that do not fill their place.
#[test]
fn an_hmac_leaves_no_copy_on_the_stack() {
    let mut left = Box::new([0; 4096]);
    // One call of the library does not hash more than fits on our stack.
    for length in [1, 64, 400, 5000] {
        let (input, mut output) = (vec![7; length], [0; 32]);
        SHA256.hmac(&PSK, &[&input], &mut output);
        left_on_stack(&mut left);
        assert!(!left.windows(32).any(|window| window == output), "{length} bytes hashed");
    }
}

/// The key block of TLS 1.2, both ends in one thread.
#[test]
fn connections_of_tls12_wipe_their_key_block() {
    let (identity, trust) = counted::credentials();
    let suite = &handclasp_provider_aws_lc::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let mut config = counted::config();
    config.handshake.suites = vec![suite].into();
    // The certificate's curve has to be among them.
    config.handshake.groups = handclasp_provider_aws_lc::GROUPS.into();
    config.handshake.key_log = true;
    let mut needles = Needles::default();
    let ((), freed) = watch(|| {
        let mut server_random = [0; 32];
        let mut pair = counted::Pair::connected_seen(&config, &identity, &trust, |bytes| {
            // Behind the headers of record and message, and the version.
            if bytes.starts_with(&[22]) && bytes[5] == 2 {
                server_random.copy_from_slice(&bytes[11..43]);
            }
        });
        let lines = pair.client.take_key_log();
        freed::unwatched(|| needles.add_key_block(&lines, suite, &server_random));
    });
    let complaints = needles.found_in(&freed, "TLS 1.2");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Both ends of connections without sockets, one of which updates its keys, and one of which fails.
#[test]
fn connections_wipe_their_secrets_before_they_free_them() {
    let (identity, trust) = counted::credentials();
    let mut config = counted::config();
    config.handshake.key_log = true;
    let mut complaints = Vec::new();
    for fails in [false, true] {
        let mut needles = Needles::default();
        let ((), freed) = watch(|| {
            let mut pair = counted::Pair::connected(&config, &identity, &trust);
            let lines = pair.client.take_key_log();
            freed::unwatched(|| needles.add_lines(&lines, 3));
            for _ in 0..3 {
                counted::with(&config, |context| pair.client.update_keys(context)).expect("updates");
                counted::pass(&config, &mut pair.client, &mut pair.server);
                counted::with(&config, |context| pair.server.update_keys(context)).expect("updates");
                counted::pass(&config, &mut pair.server, &mut pair.client);
            }
            if fails {
                let garbage = [23, 3, 3, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
                let garbage = [&garbage[..], &[0; 16]].concat();
                counted::with(&config, |context| pair.server.receive(context, &garbage)).expect_err("ends");
            }
            // As an application moves them: into a list that grows, and out of it.
            let mut moved = vec![pair.client];
            moved.push(pair.server);
            drop(moved.pop());
        });
        complaints.extend(needles.found_in(&freed, &format!("fails: {fails}")));
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
