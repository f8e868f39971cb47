//! A client over a channel of bytes; here semihosting stands for a network.

use cortex_m_semihosting::{debug, hio};
use handclasp_connection::Connection;

use crate::{
    heap::HEAP,
    numbers::NotRandom,
    probe::{self, Version},
};

/// Connects, sends a line, prints what comes, until the peer closes or something fails.
pub fn run(version: Version) -> ! {
    HEAP.begin();
    let outcome = talk(version);
    loop {
        debug::exit(if outcome.is_some() { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}

fn talk(version: Version) -> Option<()> {
    let config = probe::config(version);
    let mut random = NotRandom(7);
    let mut network = hio::hstdout().ok()?;
    let mut client = Connection::client(&mut probe::given(&config, &mut random), probe::start(version)).ok()?;
    let mut greeted = false;
    while !client.is_peer_closed() {
        let may = client.may();
        if may.transmit {
            network.write_all(client.transmit()).ok()?;
            let count = client.transmit().len();
            client.transmitted(count);
        }
        if may.write && !greeted {
            client.write(&mut probe::given(&config, &mut random), b"hello\n").ok()?;
            greeted = true;
        }
        if may.read {
            network.write_all(client.readable()).ok()?;
            let count = client.readable().len();
            client.consume(count);
        }
        if may.receive {
            let space = client.receive_space();
            // SAFETY: semihosting's SYS_READC takes no argument and returns a byte.
            let byte = unsafe { cortex_m_semihosting::syscall!(READC) };
            *space.first_mut()? = u8::try_from(byte).ok()?;
            client.received(&mut probe::given(&config, &mut random), 1).ok()?;
        }
    }
    Some(())
}
