//! The two programs of the guide talk to each other, and the guide shows them as they are.

#[path = "../examples/programs/ask.rs"]
mod ask;
#[path = "../examples/programs/echo.rs"]
mod echo;
mod pair;

use std::collections::VecDeque;

use handclasp_device::{Config, Received, Transport, profile};
use pair::{Credentials, Ends, NAME, Seeded};

/// Both directions of a socket.
#[derive(Default)]
struct Wire([VecDeque<u8>; 2]);

/// One side's end of it: small buffers, as a board has.
struct End<'w> {
    wire: &'w mut Wire,
    side: usize,
}

impl Transport for End<'_> {
    fn send(&mut self, bytes: &[u8]) -> Option<usize> {
        let queue = &mut self.wire.0[self.side];
        let count = bytes.len().min(300_usize.saturating_sub(queue.len()));
        queue.extend(&bytes[..count]);
        Some(count)
    }

    fn receive(&mut self, space: &mut [u8]) -> Received {
        let queue = &mut self.wire.0[1 - self.side];
        let count = space.len().min(queue.len());
        for (to, from) in space.iter_mut().zip(queue.drain(..count)) {
            *to = from;
        }
        if count == 0 { Received::Nothing } else { Received::Bytes(count) }
    }
}

#[test]
fn a_line_comes_back() {
    let credentials = Credentials::new();
    for (client, server) in [
        (profile::client::P256_TLS12, profile::server::P256_TLS12),
        (profile::client::P256_TLS13, profile::server::P256_TLS13),
    ] {
        let client = Config::new(client).with_pins([credentials.server_pin]);
        let ends = Ends::boot(client, Config::new(server).with_identity(credentials.server()));
        let random = &mut Seeded(1);
        let mut ask = ask::Ask::connect(&ends.client, NAME, b"21.5 degrees\n", random).expect("a connection");
        let mut echo = echo::Echo::accept(&ends.server, random).expect("a connection");
        let mut wire = Wire::default();
        let (mut asked, mut echoed) = (ask::State::Busy, echo::State::Busy);
        for _ in 0..10_000 {
            if matches!(asked, ask::State::Busy | ask::State::Waiting) {
                asked = ask.poll(&mut End { wire: &mut wire, side: 0 }, random);
            }
            if matches!(echoed, echo::State::Busy | echo::State::Waiting) {
                echoed = echo.poll(&mut End { wire: &mut wire, side: 1 }, random);
            }
        }
        if let (ask::State::Failed(fault), _) | (_, echo::State::Failed(fault)) = (&asked, &echoed) {
            panic!("{fault}");
        }
        assert!(matches!(asked, ask::State::Closed), "{asked:?}");
        assert!(matches!(echoed, echo::State::Closed), "{echoed:?}");
        assert_eq!(ask.answer(), b"21.5 degrees\n");
        assert!(echo.tls().connected().is_some());
    }
}

#[test]
fn the_guide_shows_the_programs() {
    let guide = include_str!("../../docs/devices.md");
    for program in [include_str!("../examples/programs/ask.rs"), include_str!("../examples/programs/echo.rs")]
    {
        let (_, code) = program.split_once("\n\n").expect("a head");
        assert!(guide.contains(code.trim()), "docs/devices.md lacks this:\n{code}");
        let is_code = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let lines = code.lines().filter(is_code).count();
        assert!(lines < 60, "{lines} lines");
    }
}
