//! A client over a byte stream; semihosting stands in for a network.

use cortex_m_semihosting::{debug, hio};
use handclasp_connection::Connection;

use crate::{
    heap::HEAP,
    numbers::NotRandom,
    probe::{self, Version},
};

/// Connects, sends a line and prints received data, until the peer closes or the connection fails.
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
    let context = &mut probe::context(&config, &mut random);
    let mut network = hio::hstdout().ok()?;
    let mut client = Connection::client(context, probe::start(version)).ok()?;
    let mut greeted = false;
    while !client.is_peer_closed() {
        let may = client.may();
        if may.transmit {
            network.write_all(client.transmit()).ok()?;
            let count = client.transmit().len();
            client.transmitted(count);
        }
        if may.write && !greeted {
            client.write(context, b"hello\n").ok()?;
            greeted = true;
        }
        if may.read {
            network.write_all(client.readable()).ok()?;
            let count = client.readable().len();
            client.consume(count);
            client.proceed(context).ok()?;
        }
        if may.receive {
            *client.receive_space().first_mut()? = next_byte()?;
            client.received(context, 1).ok()?;
        }
    }
    Some(())
}

/// Reads one byte from the host.
fn next_byte() -> Option<u8> {
    // SAFETY: SYS_READC takes no argument and returns a byte; it does not access our memory.
    let byte = unsafe { cortex_m_semihosting::syscall!(READC) };
    u8::try_from(byte).ok()
}
