//! Two connections joined in memory.
#![allow(dead_code, reason = "each test program uses its part")]

mod quick;

use handclasp_crypto::Keys;
use handclasp_device::{
    BootError, Client, Config, Connection, Fault, Identity, KeyEncoding, Next, Pin, Profile, Random,
    RandomFailed, Server, Verify, algorithms, profile,
};
use handclasp_identity::{Authority, CertificateParams, IssuedCertificate, Validity};
use rustls_pki_types::SubjectPublicKeyInfoDer;

/// Numbers for tests: the same ones in each run.
pub struct Seeded(pub u64);

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for byte in out {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = self.0.to_be_bytes()[0];
        }
        Ok(())
    }
}

/// Certificates of a client and a server.
pub struct Credentials {
    pub root: Authority,
    pub server_issued: IssuedCertificate,
    pub client_issued: IssuedCertificate,
    pub server_pin: Pin,
    pub client_pin: Pin,
    /// Whether identities and configurations have the algorithms of `quick`.
    is_quick: bool,
}

/// The name of the server.
pub const NAME: &str = "board.example";

impl Credentials {
    pub fn new() -> Self {
        let root = Authority::new("root", Validity::starting_now(), handclasp_crypto::KeyKind::P256)
            .expect("a root");
        let issue = |name: &str| root.issue(&CertificateParams::new(&[name])).expect("a certificate");
        let (server_issued, client_issued) = (issue(NAME), issue("client.example"));
        let pin = |issued: &IssuedCertificate| {
            let spki = issued.identity().expect("loads").spki().as_ref().to_vec();
            Pin::of_spki_with(&SubjectPublicKeyInfoDer::from(spki), algorithms::SHA256)
        };
        let (server_pin, client_pin) = (pin(&server_issued), pin(&client_issued));
        Self { root, server_issued, client_issued, server_pin, client_pin, is_quick: false }
    }

    /// For tests of many handshakes.
    pub fn quick() -> Self {
        Self { is_quick: true, ..Self::new() }
    }

    pub fn server(&self) -> Identity {
        self.identity(&self.server_issued)
    }

    pub fn client(&self) -> Identity {
        self.identity(&self.client_issued)
    }

    fn identity(&self, issued: &IssuedCertificate) -> Identity {
        match self.is_quick {
            true => identity_with(issued, quick::KEYS, quick::profile(profile::client::P256_TLS13).verify[0]),
            false => identity(issued),
        }
    }

    pub fn config(&self, profile: Profile) -> Config {
        Config::new(if self.is_quick { quick::profile(profile) } else { profile })
    }
}

pub fn identity(issued: &IssuedCertificate) -> Identity {
    identity_with(issued, algorithms::KEYS_SHA256, algorithms::ECDSA_P256_SHA256)
}

fn identity_with(issued: &IssuedCertificate, keys: &dyn Keys, verify: &'static dyn Verify) -> Identity {
    Identity::load(issued.chain.clone(), KeyEncoding::Pkcs8, &issued.key, keys, verify).expect("an identity")
}

/// A client and a server, booted.
pub struct Ends {
    pub client: Client,
    pub server: Server,
    /// The name that the client asks for.
    pub name: &'static str,
}

impl Ends {
    pub fn boot(client: Config, server: Config) -> Self {
        Self::try_boot(client, server).expect("they start")
    }

    pub fn try_boot(client: Config, server: Config) -> Result<Self, BootError> {
        let random = &mut Seeded(1);
        Ok(Self { client: Client::boot(client, random)?, server: Server::boot(server, random)?, name: NAME })
    }

    pub fn connect(&self, random: &mut Seeded) -> (Connection<'_>, Connection<'_>) {
        let client = self.client.connect(self.name, random).expect("a connection");
        (client, self.server.accept(random).expect("a connection"))
    }
}

/// What one side saw.
#[derive(Debug)]
pub struct Seen {
    pub read: Vec<u8>,
    pub end: Next,
    pub resumed: bool,
    pub report: String,
}

/// One side, which writes a line once connected and closes when it has read as much.
struct Side<'d> {
    connection: Connection<'d>,
    read: Vec<u8>,
    has_written: bool,
    end: Option<Next>,
}

pub const LINE: &[u8] = b"hello board";

impl<'d> Side<'d> {
    fn new(connection: Connection<'d>) -> Self {
        Self { connection, read: Vec::new(), has_written: false, end: None }
    }

    /// Steps until nothing more can be done without the other side; returns whether anything was done.
    fn turn(&mut self, random: &mut Seeded, input: &mut Wire, output: &mut Wire) -> bool {
        let mut did = false;
        // A step that does nothing again and again would hang a board.
        for _ in 0..100_000 {
            if self.end.is_some() {
                return did;
            }
            if self.connection.may_write() && !self.has_written {
                let taken = self.connection.write(LINE, random).expect("it may write");
                self.has_written = taken == LINE.len();
            }
            if self.read.len() >= LINE.len() && self.has_written {
                self.connection.close();
            }
            match self.connection.step(random) {
                Next::Work => {}
                Next::Transmit => {
                    let count = output.send(self.connection.transmit());
                    self.connection.transmitted(count);
                }
                Next::Read => {
                    self.read.extend_from_slice(self.connection.readable());
                    self.connection.consume(self.connection.readable().len());
                }
                Next::Receive => match input.receive() {
                    Some([]) => return did,
                    Some(bytes) => {
                        let count = self.connection.receive(bytes);
                        input.bytes.drain(..count);
                    }
                    None => self.connection.end_of_input(),
                },
                Next::PeerClosed => self.connection.close(),
                end @ (Next::Closed | Next::Failed(_)) => self.end = Some(end),
            }
            did = true;
        }
        panic!("it turns in circles");
    }

    fn seen(self) -> Seen {
        let mut report = String::new();
        self.connection.write_report(&mut report).expect("a string");
        let resumed = self.connection.connected().is_some_and(|connected| connected.resumed);
        Seen { end: self.end.unwrap_or(Next::Receive), read: self.read, resumed, report }
    }
}

/// One direction of a transport.
struct Wire {
    bytes: Vec<u8>,
    /// Bytes that are handed over at once.
    piece: usize,
    /// Bytes that still pass before the sender loses its power.
    left: usize,
}

impl Wire {
    fn send(&mut self, bytes: &[u8]) -> usize {
        let passing = bytes.len().min(self.left);
        self.left -= passing;
        self.bytes.extend_from_slice(&bytes[..passing]);
        bytes.len()
    }

    /// `None` when the sender is gone and everything was received.
    fn receive(&self) -> Option<&[u8]> {
        match self.bytes.is_empty() && self.left == 0 {
            true => None,
            false => Some(&self.bytes[..self.bytes.len().min(self.piece)]),
        }
    }
}

/// Runs both until neither can go on.
pub fn run(ends: &Ends) -> (Seen, Seen) {
    run_slowly(ends, usize::MAX, [usize::MAX; 2])
}

/// As [`run`], with pieces of so many bytes; client and server lose their power after so many bytes of
/// theirs.
pub fn run_slowly(ends: &Ends, piece: usize, cuts: [usize; 2]) -> (Seen, Seen) {
    let random = &mut Seeded(3);
    let (client, server) = ends.connect(random);
    let (mut client, mut server) = (Side::new(client), Side::new(server));
    let mut to_server = Wire { bytes: Vec::new(), piece, left: cuts[0] };
    let mut to_client = Wire { bytes: Vec::new(), piece, left: cuts[1] };
    loop {
        let did_client = client.turn(random, &mut to_client, &mut to_server);
        let did_server = server.turn(random, &mut to_server, &mut to_client);
        // Without power a side neither sends nor receives: both directions of the socket end.
        if to_server.left == 0 || to_client.left == 0 {
            to_server.left = 0;
            to_client.left = 0;
        }
        if !did_client && !did_server {
            return (client.seen(), server.seen());
        }
    }
}

/// Sends 5 KB each way; returns the length of the longest record with data.
pub fn longest_record_of_bulk(ends: &Ends) -> usize {
    let random = &mut Seeded(5);
    let (mut client, mut server) = ends.connect(random);
    let data = [0x5a; 5000];
    let (mut sent, mut read) = ([0_usize; 2], [0_usize; 2]);
    let mut wires = [Vec::new(), Vec::new()];
    let mut parsed = [0_usize; 2];
    let mut longest = 0;
    while read != [data.len(); 2] {
        for side in 0..2 {
            let connection = if side == 0 { &mut client } else { &mut server };
            if connection.may_write() {
                sent[side] += connection.write(&data[sent[side]..], random).expect("it may write");
            }
            match connection.step(random) {
                Next::Transmit => {
                    wires[side].extend_from_slice(connection.transmit());
                    connection.transmitted(connection.transmit().len());
                }
                Next::Read => {
                    read[side] += connection.readable().len();
                    connection.consume(connection.readable().len());
                }
                Next::Receive => {
                    let from = &wires[1 - side][parsed[side]..];
                    parsed[side] += connection.receive(from);
                }
                Next::Work => {}
                Next::PeerClosed | Next::Closed | Next::Failed(_) => panic!("{:?}", connection.fault()),
            }
        }
    }
    for wire in &wires {
        let mut rest = wire.as_slice();
        while let [kind, _, _, high, low, behind @ ..] = rest {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            if *kind == 23 {
                longest = longest.max(length);
            }
            rest = &behind[length..];
        }
    }
    longest
}

/// The fault that a side ended with.
pub fn fault(seen: &Seen) -> Option<Fault> {
    match seen.end {
        Next::Failed(code) => Some(code.fault()),
        _ => None,
    }
}
