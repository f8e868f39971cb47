//! A client and a server of this stack shake hands in one program, in both versions, and say
//! something; prints what that took. Run under QEMU with semihosting.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use handclasp_connection::{Config, Connection};
use handclasp_firmware::{
    heap::{Account, HEAP},
    numbers::NotRandom,
    probe::{self, Version},
    stack,
};
use handclasp_handshake::{Answer, Need, PskAnswer, PskHash};

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    hprintln!("panic: {}", info);
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}

#[entry]
fn main() -> ! {
    HEAP.begin();
    hprintln!("version client_heap_peak client_heap_idle client_allocations server_heap_peak stack_peak");
    for (name, version) in [("TLS 1.2", Version::Tls12), ("TLS 1.3", Version::Tls13)] {
        let config = probe::config(version);
        HEAP.forget_peaks();
        let painted = stack::paint();
        let idle = talk(&config, version);
        let deep = stack::deepest(painted);
        let (client, server) = (HEAP.of(Account::Client), HEAP.of(Account::Server));
        hprintln!("{}\t{}\t{}\t{}\t{}\t{}", name, client.peak, idle, client.allocations, server.peak, deep);
    }
    loop {
        debug::exit(debug::EXIT_SUCCESS);
    }
}

/// Handshake, a message each way, close. Returns the heap that the idle client held.
fn talk(config: &Config, version: Version) -> usize {
    let mut random = NotRandom(7);
    HEAP.charge(Account::Server);
    let mut server = Connection::server(&mut probe::given(config, &mut random)).expect("server");
    HEAP.charge(Account::Client);
    let before = HEAP.of(Account::Client).now;
    let mut client = Connection::client(&mut probe::given(config, &mut random), probe::start(version)).expect("client");
    while client.connected().is_none() || server.connected().is_none() {
        exchange(config, &mut random, &mut client, &mut server);
    }
    for text in [&b"ping"[..], b"pong, and a little more"] {
        HEAP.charge(Account::Client);
        client.write(&mut probe::given(config, &mut random), text).expect("write");
        exchange(config, &mut random, &mut client, &mut server);
        assert_eq!(server.readable(), text);
        server.consume(text.len());
    }
    HEAP.charge(Account::Client);
    client.release_buffers();
    let idle = HEAP.of(Account::Client).now - before;
    client.close();
    exchange(config, &mut random, &mut client, &mut server);
    assert!(server.is_peer_closed());
    idle
}

/// What waits on either side goes to the other.
fn exchange(config: &Config, random: &mut NotRandom, client: &mut Connection, server: &mut Connection) {
    HEAP.charge(Account::Server);
    let count = client.transmit().len();
    server.receive(&mut probe::given(config, random), client.transmit()).expect("server receives");
    while let Some(Need::Psk { .. }) = server.need() {
        let psk = PskAnswer { index: 0, secret: probe::KEY, hash: PskHash::Sha256 };
        server.answer(&mut probe::given(config, random), Answer::Psk(Some(psk))).expect("server answers");
    }
    HEAP.charge(Account::Client);
    client.transmitted(count);
    let count = server.transmit().len();
    client.receive(&mut probe::given(config, random), server.transmit()).expect("client receives");
    HEAP.charge(Account::Server);
    server.transmitted(count);
}
