//! Many clients at once, each in a thread of its own, also when the machine has no descriptor or no
//! thread for one more.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, Scope},
    time::{Duration, Instant},
};

use super::gate::{GRACE, Gate, Position};
use crate::{
    accept::{self, FIRST_PAUSE},
    say::Repeated,
};

/// How long a client that was accepted waits for a thread; the oldest handshake has had its time
/// by then.
const FOR_A_THREAD: Duration = Duration::from_millis(1_500);

/// How long a thread that has finished with its client may take to look for the next one.
const FOR_THE_RELAY: Duration = Duration::from_millis(50);

/// A client that was let in.
type Client<'g> = (Arc<TcpStream>, SocketAddr, Position<'g>);

/// A client for which no thread could be made, for the next thread that has finished with its own.
#[derive(Default)]
struct Relay<'g> {
    waiting: Mutex<Option<Client<'g>>>,
    taken: Condvar,
}

impl<'g> Relay<'g> {
    fn waiting(&self) -> MutexGuard<'_, Option<Client<'g>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offer(&self, client: Client<'g>) {
        *self.waiting() = Some(client);
    }

    fn take(&self) -> Option<Client<'g>> {
        let client = self.waiting().take();
        self.taken.notify_all();
        client
    }

    /// Whether the client is taken; if it is not in time, it is no longer on offer.
    fn was_taken(&self, time: Duration) -> bool {
        let waited = self.taken.wait_timeout_while(self.waiting(), time, |waiting| waiting.is_some());
        let client = waited.unwrap_or_else(PoisonError::into_inner).0.take();
        client.is_none()
    }
}

/// Serves every client in a thread of its own, for ever.
pub fn all(
    listener: &TcpListener,
    gate: &Gate,
    serve: &(dyn Fn(Arc<TcpStream>, SocketAddr, Position<'_>) + Sync),
) -> ! {
    let (failures, no_thread, relay) = (Repeated::default(), Repeated::default(), Relay::default());
    thread::scope(|scope| {
        loop {
            let mut pause = |length| gate.make_room(length, "no file descriptor");
            let (socket, peer) = accept::next(listener, &failures, &mut pause);
            let spawn = |client| spawn(scope, serve, &relay, client);
            welcome(gate, &relay, &no_thread, &Arc::new(socket), peer, &spawn);
        }
    })
}

/// Begins the thread of a client. It serves another one afterwards, if one waits for a thread.
fn spawn<'scope, 'env: 'scope, 'g: 'env>(
    scope: &'scope Scope<'scope, 'env>,
    serve: &'env (dyn Fn(Arc<TcpStream>, SocketAddr, Position<'_>) + Sync),
    relay: &'env Relay<'g>,
    client: Client<'g>,
) -> io::Result<()> {
    let work = move || {
        let mut next = Some(client);
        while let Some((socket, peer, place)) = next {
            serve(socket, peer, place);
            next = relay.take();
        }
    };
    thread::Builder::new().spawn_scoped(scope, work).map(drop)
}

/// Gives a client its place and its thread. Where no thread can be made, older handshakes give way,
/// and the first thread that is free serves the client; if none is free in time, it is closed.
fn welcome<'g>(
    gate: &'g Gate,
    relay: &Relay<'g>,
    no_thread: &Repeated,
    socket: &Arc<TcpStream>,
    peer: SocketAddr,
    spawn: &dyn Fn(Client<'g>) -> io::Result<()>,
) {
    let (mut pause, until) = (FIRST_PAUSE, Instant::now() + FOR_A_THREAD);
    while let Some(place) = gate.admit(socket, peer) {
        // A place and a socket that find no thread are dropped.
        let Err(error) = spawn((Arc::clone(socket), peer, place)) else { return };
        if Instant::now() >= until {
            no_thread
                .tell(|| format!("handclasp: {peer} closed: no thread could be started for it: {error}"));
            return;
        }
        let Some(place) = gate.admit(socket, peer) else { return };
        relay.offer((Arc::clone(socket), peer, place));
        gate.make_room(pause, "no thread");
        if relay.was_taken(FOR_THE_RELAY) {
            return;
        }
        pause = (pause * 2).min(GRACE);
    }
}

#[cfg(test)]
#[path = "crowd_tests.rs"]
mod tests;
