//! Many clients at once, each in a thread of its own, also when the machine has no descriptor or no
//! thread for one more.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread::{self, Scope},
    time::{Duration, Instant},
};

use super::gate::{GRACE, Gate, Place};
use crate::{
    accept::{self, FIRST_PAUSE},
    say::Repeated,
};

/// How long a client that was accepted waits for a thread; the oldest handshake has had its time
/// by then.
const FOR_A_THREAD: Duration = Duration::from_millis(1_500);

/// Serves every client in a thread of its own, for ever.
pub fn all(
    listener: &TcpListener,
    gate: &Gate,
    serve: &(dyn Fn(Arc<TcpStream>, SocketAddr, Place<'_>) + Sync),
) -> ! {
    let (failures, no_thread) = (Repeated::default(), Repeated::default());
    thread::scope(|scope| {
        loop {
            let mut pause = |length| gate.make_room(length, "no descriptor");
            let (socket, peer) = accept::next(listener, &failures, &mut pause);
            let spawn = |socket, place| spawn(scope, serve, socket, peer, place);
            welcome(gate, &no_thread, &Arc::new(socket), peer, &spawn);
        }
    })
}

/// Begins the thread of a client.
fn spawn<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    serve: &'env (dyn Fn(Arc<TcpStream>, SocketAddr, Place<'_>) + Sync),
    socket: Arc<TcpStream>,
    peer: SocketAddr,
    place: Place<'env>,
) -> io::Result<()> {
    thread::Builder::new().spawn_scoped(scope, move || serve(socket, peer, place)).map(drop)
}

/// Gives a client its place and its thread. Where there is no thread, older handshakes give way;
/// if that frees none in time, the client is closed.
fn welcome<'env>(
    gate: &'env Gate,
    no_thread: &Repeated,
    socket: &Arc<TcpStream>,
    peer: SocketAddr,
    spawn: &dyn Fn(Arc<TcpStream>, Place<'env>) -> io::Result<()>,
) {
    let (mut pause, until) = (FIRST_PAUSE, Instant::now() + FOR_A_THREAD);
    while let Some(place) = gate.admit(socket, peer) {
        // A place and a socket that find no thread are dropped.
        let Err(error) = spawn(Arc::clone(socket), place) else { return };
        if Instant::now() >= until {
            no_thread.tell(|| format!("handclasp: {peer} closed: there is no thread for it: {error}"));
            return;
        }
        gate.make_room(pause, "no thread");
        pause = (pause * 2).min(GRACE);
    }
}

#[cfg(test)]
#[path = "crowd_tests.rs"]
mod tests;
