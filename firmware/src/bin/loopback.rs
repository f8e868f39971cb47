//! A client and a server complete a handshake and exchange data in one program, in both versions; prints
//! the memory and instructions used. Run under QEMU with semihosting and `-icount shift=0`.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use handclasp_connection::{Config, Connection};
use handclasp_firmware::{
    heap::{Account, HEAP},
    meter::{Meter, Taken},
    numbers::NotRandom,
    probe::{self, Version},
};
use handclasp_handshake::{Answer, Need, PskAnswer, PskHash, Versions};

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    loop {
        debug::exit(debug::EXIT_FAILURE);
    }
}

#[entry]
fn main() -> ! {
    HEAP.begin();
    let peripherals = cortex_m::Peripherals::take().expect("peripherals are taken once");
    let mut meter = Meter::new(peripherals.SYST);
    // Rows of the table; `cargo xtask size` adds the target as the first column.
    hprintln!("version\tside\theap peak\theap idle\tallocations\tstack peak\tinstructions");
    for (name, version) in [("TLS 1.2", Version::Tls12), ("TLS 1.3", Version::Tls13)] {
        let mut config = probe::config(version);
        config.handshake.versions = Versions::ALL;
        HEAP.forget_peaks();
        meter.forget();
        let (idle, handshake) = Pair::new(&config, version, &mut meter).talk();
        for (side, account) in [("client", Account::Client), ("server", Account::Server)] {
            let (heap, stack) = (HEAP.of(account), meter.of(account).stack);
            let (idle, handshake) = (idle.of(account), handshake.of(account));
            let (peak, allocations, instructions) =
                (heap.peak, handshake.allocations, handshake.taken.instructions);
            hprintln!("{}\t{}\t{}\t{}\t{}\t{}\t{}", name, side, peak, idle, allocations, stack, instructions);
        }
    }
    loop {
        debug::exit(debug::EXIT_SUCCESS);
    }
}

/// Round trips until both sides are connected, in either version.
const ROUNDS: usize = 2;

/// One value per side.
#[derive(Clone, Copy)]
struct Both<T> {
    client: T,
    server: T,
}

impl<T: Copy> Both<T> {
    fn each(of: impl Fn(Account) -> T) -> Self {
        Self { client: of(Account::Client), server: of(Account::Server) }
    }

    fn of(&self, account: Account) -> T {
        match account {
            Account::Client => self.client,
            Account::Server => self.server,
        }
    }
}

/// Resources that a handshake used.
#[derive(Clone, Copy)]
struct Handshake {
    taken: Taken,
    allocations: usize,
}

/// A client and a server connected directly.
struct Pair<'p> {
    config: &'p Config,
    random: NotRandom,
    meter: &'p mut Meter,
    client: Connection,
    server: Connection,
}

impl<'p> Pair<'p> {
    fn new(config: &'p Config, version: Version, meter: &'p mut Meter) -> Self {
        let mut random = NotRandom(7);
        let start = probe::start(version);
        let server =
            meter.run(Account::Server, || Connection::server(&mut probe::context(config, &mut random)));
        let client = meter
            .run(Account::Client, || Connection::client(&mut probe::context(config, &mut random), start));
        let (server, client) = (server.expect("a server"), client.expect("a client"));
        Self { config, random, meter, client, server }
    }

    /// Handshake, data in both directions, close. Returns the heap held by each idle side, and the
    /// resources that the handshake used.
    fn talk(mut self) -> (Both<usize>, Both<Handshake>) {
        for _ in 0..ROUNDS {
            self.exchange();
        }
        assert!(self.client.connected().is_some() && self.server.connected().is_some(), "connected");
        let handshake = Both::each(|account| Handshake {
            taken: self.meter.of(account),
            allocations: HEAP.of(account).allocations,
        });
        self.say(b"ping");
        self.say(b"and a little more");
        self.answer(b"pong");

        for connection in [&mut self.client, &mut self.server] {
            connection.release_buffers();
        }
        let idle = Both::each(|account| HEAP.of(account).now);
        self.meter.run(Account::Client, || self.client.close());
        self.exchange();
        assert!(self.server.is_peer_closed(), "the server received close_notify");
        (idle, handshake)
    }

    /// Sends data from the client to the server.
    fn say(&mut self, text: &[u8]) {
        let context = &mut probe::context(self.config, &mut self.random);
        let taken = self.meter.run(Account::Client, || self.client.write(context, text));
        assert_eq!(taken.expect("the client writes"), text.len());
        self.exchange();
        assert_eq!(self.server.readable(), text);
        self.server.consume(text.len());
    }

    /// Sends data from the server to the client.
    fn answer(&mut self, text: &[u8]) {
        let context = &mut probe::context(self.config, &mut self.random);
        let taken = self.meter.run(Account::Server, || self.server.write(context, text));
        assert_eq!(taken.expect("the server writes"), text.len());
        self.exchange();
        assert_eq!(self.client.readable(), text);
        self.client.consume(text.len());
    }

    /// Delivers the queued bytes of each side to the other.
    fn exchange(&mut self) {
        let Self { config, random, meter, client, server } = self;
        let context = &mut probe::context(config, random);
        let heard = meter.run(Account::Server, || server.receive(context, client.transmit()));
        heard.expect("the server receives");
        while let Some(Need::Psk { .. }) = server.need() {
            let psk = PskAnswer { index: 0, secret: probe::KEY, hash: PskHash::Sha256, imported: false };
            let answered = meter.run(Account::Server, || server.answer(context, Answer::Psk(Some(psk))));
            answered.expect("the server answers");
        }
        let sent = client.transmit().len();
        client.transmitted(sent);

        let heard = meter.run(Account::Client, || client.receive(context, server.transmit()));
        heard.expect("the client receives");
        let sent = server.transmit().len();
        server.transmitted(sent);
    }
}
