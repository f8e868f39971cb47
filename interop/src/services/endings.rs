//! How a connection ends, told apart at its other end: an orderly end arrives as one, after all bytes; a connection
//! that broke anywhere arrives as a reset, never as an orderly end. The rows of `interop/services/endings.tsv` were
//! written from RFC 8446 §6.1, RFC 5246 §7.2.1 and RFC 9293 (TCP); columns:
//!
//! - `near`, `far`: the programs at the ends, see [`super::ends`]; both listen on TCP, with a box between them that can
//!   cut, reset and change
//! - `auth`: how they authenticate, and the version
//! - `event`: what happens, see [`Event`], after bytes have passed both ways
//! - `service`, `client`: what its connection ends with, `end` or `reset`; `-`: not looked at
//! - `open`: the direction that still carries bytes, and then ends in order: `up` to the service, `down` to the client

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context as _, Result, bail, ensure};
use socket2::SockRef;

use super::address::{Address, TIMEOUT, deadline};
use super::ends::{self, End, Started};
use super::jobs;
use super::middle_box::{MiddleBox, Orders};
use crate::fixtures::Fixtures;
use crate::harness::{Test, Transcript};
use crate::process;
use crate::table;
use crate::table::{Table, optional};

const TABLE: Table = table!("services/endings.tsv");
const COLUMNS: [&str; 7] = ["near", "far", "auth", "event", "service", "client", "open"];

/// Bytes each way before the event: more than one record.
const BEFORE: usize = 100_000;
/// Bytes that an end in order follows: more than the buffers of the sockets.
const LAST: usize = 8 << 20;

/// A row of `endings.tsv`.
pub struct Cell {
    near: End,
    far: End,
    name: String,
    event: Event,
    service: String,
    client: String,
    open: String,
}

/// What happens to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The client sends [`LAST`] bytes and ends sending.
    ClientEnds,
    /// The same of the service.
    ServiceEnds,
    /// The client ends sending; the service sees the end and answers with [`LAST`] bytes, of which the client sees all or
    /// a reset.
    ClientEndsFirst,
    /// The client ends sending while the service sends [`LAST`] bytes, and sees all of them.
    ClientEndsMeanwhile,
    /// The client closes, in order; the service sees the end, and sends until its connection breaks.
    ClientGone,
    /// The same of the service.
    ServiceGone,
    /// The service does not listen.
    ServiceAbsent,
    /// The far end has another key.
    AnotherKey,
    /// The client resets.
    ClientResets,
    /// The service resets.
    ServiceResets,
    /// The program at the near end is killed.
    NearKilled,
    /// The program at the far end is killed.
    FarKilled,
    /// The box does this; [`Orders::Alter`] and [`Orders::CutInside`] to bytes of the client.
    Box(Orders),
    /// The box does this to bytes of the service.
    BoxDown(Orders),
}

/// A client and a service, connected through both ends.
struct Pair {
    client: Option<TcpStream>,
    service: Option<TcpStream>,
}

/// Every cell.
pub fn all() -> Result<Vec<Cell>> {
    let ends = ends::all()?;
    TABLE.read(COLUMNS, |[near, far, auth, event, service, client, open]| {
        let (name, event) = (format!("services::endings::{near} to {far}::{auth}, {event}"), parse(event)?);
        let far_auth =
            if event == Event::AnotherKey { format!("{auth}, another key") } else { auth.to_owned() };
        Ok(Cell {
            near: ends::find(&ends, near, "near", auth)?,
            far: ends::find(&ends, far, "far", &far_auth)?,
            name,
            event,
            service: optional(service),
            client: optional(client),
            open: optional(open),
        })
    })
}

fn parse(event: &str) -> Result<Event> {
    Ok(match event {
        "client ends" => Event::ClientEnds,
        "service ends" => Event::ServiceEnds,
        "client ends, service answers" => Event::ClientEndsFirst,
        "client ends, service goes on" => Event::ClientEndsMeanwhile,
        "client gone" => Event::ClientGone,
        "service gone" => Event::ServiceGone,
        "service absent" => Event::ServiceAbsent,
        "another key" => Event::AnotherKey,
        "client resets" => Event::ClientResets,
        "service resets" => Event::ServiceResets,
        "near killed" => Event::NearKilled,
        "far killed" => Event::FarKilled,
        "cut" => Event::Box(Orders::Cut),
        "reset between" => Event::Box(Orders::Reset),
        "cut inside a record up" => Event::Box(Orders::CutInside),
        "cut inside a record down" => Event::BoxDown(Orders::CutInside),
        "a byte changed up" => Event::Box(Orders::Alter),
        "a byte changed down" => Event::BoxDown(Orders::Alter),
        _ => bail!("the event `{event}` is not known"),
    })
}

impl Test for Cell {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn run(&self, fixtures: &Fixtures) -> Result<Transcript> {
        fixtures.program()?;
        let folder = tempfile::tempdir()?;
        let folders = ["near", "far"].map(|name| folder.path().join(name));
        folders.iter().try_for_each(fs::create_dir)?;
        let behind = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let service = Address::Tcp(behind.local_addr()?.port());
        let port = process::free_port()?;
        let mut far = self.far.start(fixtures, &Address::Tcp(port), &service, &folders[1])?;
        let between = MiddleBox::start(port)?;
        let listen = process::free_port()?;
        let near = self.near.start(fixtures, &Address::Tcp(listen), &between.address, &folders[0]);
        let mut near = near.with_context(|| far.log())?;
        let seen = match self.event {
            Event::ServiceAbsent => {
                drop(behind);
                self.observe(Pair::of_client(listen)?)
            }
            Event::AnotherKey => self.observe(Pair::of_client(listen)?),
            _ => Pair::connect(listen, &behind).and_then(|mut pair| {
                self.happen(&mut pair, &mut near, &mut far, &between)?;
                self.observe(pair)
            }),
        };
        let failures = seen.err().map(|error| format!("{error:#}")).into_iter().collect();
        Ok(Transcript { failures, log: near.log() + &far.log() })
    }
}

impl Cell {
    /// The event, and the bytes that belong to it.
    fn happen(
        &self,
        pair: &mut Pair,
        near: &mut Started,
        far: &mut Started,
        between: &MiddleBox,
    ) -> Result<()> {
        let Pair { client, service } = pair;
        match self.event {
            Event::ClientEnds => return send_and_end(client, service).context("up"),
            Event::ServiceEnds => return send_and_end(service, client).context("down"),
            Event::ClientEndsFirst => return answered(client, service),
            Event::ClientEndsMeanwhile => return goes_on(client, service),
            Event::ClientGone => return gone(client, service).context("the service"),
            Event::ServiceGone => return gone(service, client).context("the client"),
            Event::ClientResets => reset(client)?,
            Event::ServiceResets => reset(service)?,
            Event::NearKilled => near.kill(),
            Event::FarKilled => far.kill(),
            Event::Box(orders) => harm(between, orders, client)?,
            Event::BoxDown(orders) => harm(between, orders, service)?,
            Event::ServiceAbsent | Event::AnotherKey => {}
        }
        Ok(())
    }

    /// What the open direction still carries, and how both connections end.
    fn observe(&self, mut pair: Pair) -> Result<()> {
        let Pair { client, service } = &mut pair;
        match self.open.as_str() {
            "up" => send_and_end(client, service).context("up, after the end of the other direction")?,
            "down" => send_and_end(service, client).context("down, after the end of the other direction")?,
            _ => {}
        }
        for (side, socket, expected) in
            [("service", service, &self.service), ("client", client, &self.client)]
        {
            if !expected.is_empty() {
                let found = ending(socket)?;
                ensure!(found == *expected, "the {side}'s connection: expected {expected}, found {found}");
            }
        }
        Ok(())
    }
}

impl Pair {
    /// Connects a client to the near end, accepts the connection of the far end, and sends bytes both ways.
    fn connect(listen: u16, behind: &TcpListener) -> Result<Self> {
        let Self { mut client, .. } = Self::of_client(listen)?;
        let mut service = Some(accept(behind)?);
        transfer(&mut client, &mut service).context("up")?;
        transfer(&mut service, &mut client).context("down")?;
        Ok(Self { client, service })
    }

    /// A client alone.
    fn of_client(listen: u16) -> Result<Self> {
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, listen))?;
        client.set_read_timeout(Some(TIMEOUT))?;
        client.set_write_timeout(Some(TIMEOUT))?;
        Ok(Self { client: Some(client), service: None })
    }
}

fn accept(listener: &TcpListener) -> Result<TcpStream> {
    listener.set_nonblocking(true)?;
    let end = deadline();
    loop {
        match listener.accept() {
            Ok((socket, _)) => {
                socket.set_nonblocking(false)?;
                socket.set_read_timeout(Some(TIMEOUT))?;
                socket.set_write_timeout(Some(TIMEOUT))?;
                return Ok(socket);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < end => {
                thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error).context("the far end does not connect to the service"),
        }
    }
}

fn open(socket: &mut Option<TcpStream>) -> Result<&mut TcpStream> {
    socket.as_mut().context("the connection is closed")
}

/// [`BEFORE`] bytes from one to the other.
fn transfer(from: &mut Option<TcpStream>, to: &mut Option<TcpStream>) -> Result<()> {
    open(from)?.write_all(&jobs::large()[..BEFORE])?;
    let mut received = vec![0; BEFORE];
    open(to)?.read_exact(&mut received)?;
    jobs::compare(&received, &jobs::large()[..BEFORE])
}

/// [`LAST`] bytes and the end from one to the other.
fn send_and_end(from: &mut Option<TcpStream>, to: &mut Option<TcpStream>) -> Result<()> {
    let mut sender = open(from)?.try_clone()?;
    let sending = thread::spawn(move || {
        sender.write_all(&jobs::large()[..LAST]).and_then(|()| sender.shutdown(Shutdown::Write))
    });
    let mut received = Vec::new();
    let read = open(to)?.read_to_end(&mut received);
    let sent = sending.join().unwrap_or_else(|_| Err(io::Error::other("the sender panicked")));
    read.with_context(|| format!("an error instead of an end, after {} bytes", received.len()))?;
    sent.context("sending")?;
    jobs::compare(&received, &jobs::large()[..LAST])
}

/// One ends sending, and is answered: it sees the whole answer or a reset, never a part with an end.
fn answered(client: &mut Option<TcpStream>, service: &mut Option<TcpStream>) -> Result<()> {
    open(client)?.shutdown(Shutdown::Write)?;
    let found = ending(service)?;
    ensure!(found == "end", "the service: expected end, found {found}");
    let mut sender = open(service)?.try_clone()?;
    let sending = thread::spawn(move || {
        // It may be cut off.
        sender.write_all(&jobs::large()[..LAST]).and_then(|()| sender.shutdown(Shutdown::Write)).ok()
    });
    let mut received = Vec::new();
    let read = open(client)?.read_to_end(&mut received);
    let _ = sending.join();
    match read {
        Ok(_) => jobs::compare(&received, &jobs::large()[..LAST]).context("an end in order"),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// One ends sending while it is sent to: everything arrives.
fn goes_on(client: &mut Option<TcpStream>, service: &mut Option<TcpStream>) -> Result<()> {
    let mut sender = open(service)?.try_clone()?;
    // More than the buffers in between hold: most of it is sent after the end of the other direction.
    let sending = thread::spawn(move || {
        sender.write_all(&jobs::large()[..LAST]).and_then(|()| sender.shutdown(Shutdown::Write))
    });
    let mut received = vec![0; 1000];
    let client = open(client)?;
    client.read_exact(&mut received)?;
    client.shutdown(Shutdown::Write)?;
    let read = client.read_to_end(&mut received);
    let sent = sending.join().unwrap_or_else(|_| Err(io::Error::other("the sender panicked")));
    read.with_context(|| format!("an error instead of an end, after {} bytes", received.len()))?;
    sent.context("sending")?;
    jobs::compare(&received, &jobs::large()[..LAST])
}

/// One closes in order; the other sees the end, and then sends until its connection breaks.
fn gone(closes: &mut Option<TcpStream>, other: &mut Option<TcpStream>) -> Result<()> {
    drop(closes.take());
    let found = ending(other)?;
    ensure!(found == "end", "expected end, found {found}");
    let end = deadline();
    while Instant::now() < end {
        match open(other)?.write(&jobs::large()[..10_000]) {
            Ok(_) => thread::sleep(Duration::from_millis(5)),
            // A reset after an end is EPIPE.
            Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
    }
    bail!("bytes are taken though their receiver has closed")
}

/// One resets its connection.
fn reset(socket: &mut Option<TcpStream>) -> Result<()> {
    SockRef::from(&*open(socket)?).set_linger(Some(Duration::ZERO))?;
    drop(socket.take());
    Ok(())
}

/// The box gets orders, and what it needs for them: one record.
fn harm(between: &MiddleBox, orders: Orders, sender: &mut Option<TcpStream>) -> Result<()> {
    between.order(orders);
    if matches!(orders, Orders::Alter | Orders::CutInside) {
        open(sender)?.write_all(&jobs::large()[..10_000])?;
    }
    Ok(())
}

/// Reads to the end: `end`, `reset`, or what else it is.
fn ending(socket: &mut Option<TcpStream>) -> Result<String> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        return Ok(match open(socket)?.read(&mut buffer) {
            Ok(0) => "end".to_owned(),
            Ok(_) => continue,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => "reset".to_owned(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => "still open".to_owned(),
            Err(error) => error.to_string(),
        });
    }
}
