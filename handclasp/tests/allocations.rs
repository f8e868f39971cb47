//! Memory is a budget, counted: allocations of a handshake, of a record, and the bytes that an idle
//! connection holds. A program of its own, since it replaces the allocator. Only what Rust code
//! allocates is seen: aws-lc is C and has an allocator of its own.
//!
//! `cargo test -p handclasp --test allocations -- --nocapture` prints the figures.

mod counted;

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::Barrier,
    thread,
};

use allocation_counter::{AllocationInfo, measure};
use counted::{NAME, Pair, config, credentials, pass, with};
use handclasp::{
    CertificateFault, CipherSuite, Client, Fault, NamedGroup, Policy, Server, Stream, SystemRandom,
};
use handclasp_connection::{Config, Connection};
use handclasp_handshake::{Answer, Credential, Need};

/// Of a handshake, both ends together. Two are the boxes of the machines that the versions begin, four hold
/// what goes from state to state, which by value takes a kilobyte of a device's stack.
const HANDSHAKE_MAX: u64 = 40;
/// The same with two tickets, sealed by the server.
const TICKETS_MAX: u64 = 56;
/// Bytes of an idle connection, either end.
const IDLE_MAX: i64 = 3000;

/// What `body` made, and what it allocated.
fn counted<R>(body: impl FnOnce() -> R) -> (R, AllocationInfo) {
    let mut made = None;
    let info = measure(|| made = Some(body()));
    (made.expect("was called"), info)
}

/// Bytes that go with `value`.
fn held<T>(value: T) -> i64 {
    size_of::<T>() as i64 - measure(|| drop(value)).bytes_current
}

#[test]
fn connections_without_a_socket() {
    let (identity, trust) = credentials();
    let config = config();
    // Once in vain: what the library sets up for the process belongs to no connection.
    drop(Pair::connected(&config, &identity, &trust));

    let (mut pair, shake) = counted(|| Pair::connected(&config, &identity, &trust));
    println!("connections: {} allocations for a handshake of both ends", shake.count_total);

    // The first records size the buffers.
    let data = [7; 16_384];
    for _ in 0..2 {
        exchange(&mut pair, &data);
    }
    let records = measure(|| (0..100).for_each(|_| exchange(&mut pair, &data)));
    println!("connections: {} allocations for 200 records of 16 KiB", records.count_total);

    pair.client.release_buffers();
    pair.server.release_buffers();
    let (client, server) = (held(pair.client), held(pair.server));
    println!("connections: {client} bytes of an idle client, {server} of an idle server");

    assert!(shake.count_total <= HANDSHAKE_MAX, "{} allocations", shake.count_total);
    assert_eq!(records.count_total, 0);
    assert!(client <= IDLE_MAX && server <= IDLE_MAX, "{client} and {server} bytes");
}

/// The least that secrets of one end take: five of the key schedule's block. The alert, which is
/// queued meanwhile, takes less than the keys of both directions give back.
const SECRETS_MIN: i64 = 5 * 66;

/// What a failed connection forgets is given back at once, not when it is dropped.
#[test]
fn a_failed_connection_gives_its_keys_back() {
    let (identity, trust) = credentials();
    let config = config();
    let mut pair = Pair::connected(&config, &identity, &trust);
    let garbage = [&[23, 3, 3, 0, 40][..], &[0; 40]].concat();
    exchange(&mut pair, &garbage);
    let info = measure(|| {
        with(&config, |context| pair.server.receive(context, &garbage)).expect_err("not authentic");
    });
    println!("connections: {} bytes given back by a failure", -info.bytes_current);
    assert!(info.bytes_current <= -SECRETS_MIN, "{} bytes", info.bytes_current);
}

/// One record each way.
fn exchange(pair: &mut Pair<'_>, data: &[u8]) {
    send(pair.config, &mut pair.client, &mut pair.server, data);
    send(pair.config, &mut pair.server, &mut pair.client, data);
}

fn send(config: &Config, from: &mut Connection, to: &mut Connection, data: &[u8]) {
    with(config, |context| from.write(context, data)).expect("is sealed");
    pass(config, from, to);
    assert_eq!(to.readable(), data);
    to.consume(data.len());
}

/// One side of the public API, with its counts.
struct End {
    shake: AllocationInfo,
    records: AllocationInfo,
    /// Bytes: of the stream itself, and behind its pointers.
    idle: i64,
}

/// Connects, sends and hears records, and falls idle, in step with the other end.
fn live(
    sockets: [UnixStream; 2],
    connect: impl Fn(UnixStream) -> Stream<UnixStream>,
    speaks_first: bool,
    step: &Barrier,
) -> End {
    let [in_vain, socket] = sockets;
    // What the library sets up for the process belongs to no connection.
    let in_vain = connect(in_vain);
    step.wait();
    drop(in_vain);
    let (mut stream, shake) = counted(|| connect(socket));
    let mut talk = |times: usize| {
        let mut data = [7; 16_384];
        for _ in 0..times {
            if speaks_first {
                stream.write_all(&data).expect("writes");
            }
            stream.read_exact(&mut data).expect("hears");
            if !speaks_first {
                stream.write_all(&data).expect("writes");
            }
        }
    };
    talk(2);
    let records = measure(|| talk(100));
    stream.release_buffers();
    step.wait();
    End { shake, records, idle: held(stream) }
}

/// A client and a server on two threads, each counting for itself.
fn meet(client: &Client, server: &Server) -> (End, End) {
    let [first, second] = [(); 2].map(|()| UnixStream::pair().expect("a pair"));
    let (ours, theirs) = ([first.0, second.0], [first.1, second.1]);
    let step = Barrier::new(2);
    let connect = |socket| client.connect_over(socket, Some(NAME)).expect("connects");
    let accept = |socket| server.accept(socket).expect("accepts");
    thread::scope(|scope| {
        let serving = scope.spawn(|| live(theirs, accept, false, &step));
        (live(ours, connect, true, &step), serving.join().expect("ends"))
    })
}

#[test]
fn streams_of_the_front_door() {
    let (identity, trust) = credentials();
    let suites = [CipherSuite::TLS_AES_128_GCM_SHA256];
    let policy = Policy::modern().only_suites(&suites).expect("has it");
    let policy = policy.only_groups(&[NamedGroup::x25519]).expect("has it");
    let client = Client::with_policy(trust, policy.clone());
    let server = Server::with_policy(identity, policy);
    // As they are, the server gives two tickets and the client keeps them.
    let tickets = meet(&client, &server);
    let plain = meet(&client.without_resumption(), &server.tickets(0));
    for (what, (client, server), most) in
        [("", plain, HANDSHAKE_MAX), (" with two tickets", tickets, TICKETS_MAX)]
    {
        let shake = client.shake.count_total + server.shake.count_total;
        println!("streams{what}: {shake} allocations for a handshake of both ends");
        let records = client.records.count_total + server.records.count_total;
        println!("streams{what}: {records} allocations for 200 records of 16 KiB");
        println!("streams{what}: {} bytes of an idle client, {} of an idle server", client.idle, server.idle);
        assert!(shake <= most, "{shake} allocations");
        assert_eq!(records, 0);
        assert!(
            client.idle <= IDLE_MAX && server.idle <= IDLE_MAX,
            "{} and {} bytes",
            client.idle,
            server.idle
        );
    }
}

/// What a client allocates for a server that shows so many certificates, all of them nonsense.
fn refusing_a_chain_of(count: usize) -> u64 {
    let (identity, trust) = credentials();
    let (near, mut far) = UnixStream::pair().expect("a pair");
    let server = move || {
        let config = config();
        let chain = vec![rustls_pki_types::CertificateDer::from(vec![0x30, 0]); count];
        let mut server = with(&config, Connection::server).expect("a server");
        let mut bytes = [0; 4096];
        let length = far.read(&mut bytes).expect("a hello");
        with(&config, |context| server.receive(context, &bytes[..length])).expect("goes on");
        let credential = Credential::x509(&chain, identity.key_kind(), identity.schemes());
        let answer = Answer::Credential(Some(credential));
        with(&config, |context| server.answer(context, answer)).expect("goes on");
        let Some(Need::Signature { scheme, message }) = server.need() else { panic!("to sign") };
        let signature = identity.sign(scheme, message, &mut SystemRandom).expect("signs");
        with(&config, |context| server.answer(context, Answer::Signature(&signature))).expect("goes on");
        far.write_all(server.transmit()).expect("is heard");
        let _until_it_leaves = far.read_to_end(&mut Vec::new());
    };
    let serving = thread::spawn(server);
    let client = Client::new(trust);
    let (result, info) = counted(|| client.connect_over(near, Some(NAME)).map(|_| ()));
    let fault = result.expect_err("nonsense").fault().copied();
    assert_eq!(fault, Some(Fault::Certificate(CertificateFault::Budget)));
    serving.join().expect("ends");
    info.count_total
}

#[test]
fn a_chain_beyond_what_is_judged_is_not_copied() {
    let (few, many) = (refusing_a_chain_of(11), refusing_a_chain_of(9000));
    println!("a chain that is too long: {few} allocations for 11 certificates, {many} for 9000");
    // The buffer of the message grows a few times more.
    assert!(many <= few + 20, "{many} allocations");
}
