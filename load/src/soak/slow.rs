//! Clients that send one byte a second, never speak, stop behind their hello or leave at every offset, while
//! others are served.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow};
use handclasp::ClientConnection;

use super::{
    Findings, Soak, clients,
    offsets::{self, Leave},
};
use crate::{
    certificate::NAME,
    client::{self, Offer},
    usage,
};

/// Good clients at a time.
const GOOD: usize = 4;

/// What remains at least of the rate alone: the machine is shared with those that leave, whose handshakes cost
/// the server as much as good ones.
const RATE_LEFT: f64 = 0.1;

pub fn run(soak: &Soak, findings: &mut Findings) -> Result<()> {
    let time = Duration::from_secs(soak.number(10, 1) as u64);
    let each = soak.number(200, 50);
    let server = soak.echo()?;
    let address = server.address;
    let good = client::client(Offer::Modern)?.without_resumption();
    clients::serve(&good, address, GOOD, Duration::from_millis(200))?;
    let before = usage::descriptors(server.id())?;
    let alone = clients::serve(&good, address, GOOD, time)?;
    findings.figure(format!("good clients alone: {alone}"));

    let hello = hello()?;
    let sockets = |first: usize| -> Result<Vec<TcpStream>> {
        (first..first + each).map(|number| client::dial_from(number as u32, address)).collect()
    };
    let (silent, mut dripping, stalled) = (sockets(0)?, sockets(each)?, sockets(2 * each)?);
    for mut socket in &stalled {
        socket.write_all(&hello)?;
    }
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let (with_slow, with_all, left) = thread::scope(|scope| -> Result<_> {
        let drip = scope.spawn(|| drip(&mut dripping, &hello, &stop));
        let with_slow = clients::serve(&good, address, GOOD, time);
        let whole = offsets::leave(&good, address, usize::MAX, Leave::Fin)?;
        let around = scope.spawn({
            let (good, stop) = (&good, &stop);
            move || offsets::around(good, address, whole, stop)
        });
        let with_all = clients::serve(&good, address, GOOD, time);
        stop.store(true, Ordering::Relaxed);
        drip.join().map_err(|_| anyhow!("a client panicked"))?;
        let left = around.join().map_err(|_| anyhow!("a client panicked"))?;
        Ok((with_slow?, with_all?, left))
    })?;
    for (what, served) in [
        (format!("with {each} silent, {each} stalled, {each} of a byte a second"), with_slow),
        (format!("and with {left} that leave, at every offset"), with_all),
    ] {
        let ratio = served.per_second() / alone.per_second();
        findings.figure(format!("{what}: {served}: ×{ratio:.2}"));
        findings.expect(served.failures.is_empty(), served.failures.join("\n"));
        findings.expect(ratio > RATE_LEFT, format!("×{ratio:.2} of the rate, ×{RATE_LEFT} expected"));
    }
    if !soak.quick {
        // Their time is up, whatever they send: the server ends them.
        let ended = until_ended(silent.iter().chain(&stalled).chain(&dripping));
        findings.figure(format!(
            "all {} of them were ended by the server, the last after {:.0} s",
            3 * each,
            begun.elapsed().as_secs_f64()
        ));
        findings.expect(ended, "the server keeps clients that never complete a handshake");
    }
    drop((silent, dripping, stalled));
    let after = server.settle(before)?;
    findings.expect(after <= before, format!("{after} descriptors, {before} before the slow clients"));
    Ok(())
}

/// The bytes of a ClientHello.
pub fn hello() -> Result<Vec<u8>> {
    let client = client::client(Offer::Modern)?.without_resumption();
    Ok(ClientConnection::new(&client, NAME)?.transmit().to_vec())
}

/// Sends a byte of the hello on each socket every second.
fn drip(sockets: &mut [TcpStream], hello: &[u8], stop: &AtomicBool) {
    for byte in hello {
        for socket in sockets.iter_mut() {
            // The server may have ended it: its time is limited.
            let _ = socket.write_all(&[*byte]);
        }
        let second = Instant::now() + Duration::from_secs(1);
        while Instant::now() < second {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whether each socket ends, by FIN or RST.
fn until_ended<'s>(sockets: impl Iterator<Item = &'s TcpStream>) -> bool {
    let mut all = true;
    for mut socket in sockets {
        let mut space = [0; 4_096];
        all &= loop {
            match socket.read(&mut space) {
                Ok(0) => break true,
                Ok(_) => {}
                Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        };
    }
    all
}
