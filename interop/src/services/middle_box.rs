//! A box between the two ends that passes their bytes on until it is asked to do harm: to cut the connection
//! without close_notify, to reset it, to change a byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use socket2::SockRef;

use super::address::Address;

/// How often a direction that carries nothing looks for its orders.
const TICK: Duration = Duration::from_millis(10);

/// What happens to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// They pass.
    Pass,
    /// The last of the next bytes that come is changed.
    Alter,
    /// Of the next bytes that come half pass, then as [`Orders::Cut`].
    CutInside,
    /// Both connections end in both directions, as TCP ends in order.
    Cut,
    /// Both connections are reset.
    Reset,
}

/// A box in front of one end, for any number of connections.
pub struct MiddleBox {
    /// Where it listens.
    pub address: Address,
    orders: Arc<Mutex<Orders>>,
}

impl MiddleBox {
    /// Listens in front of a port.
    pub fn start(target: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = Address::Tcp(listener.local_addr()?.port());
        let orders = Arc::new(Mutex::new(Orders::Pass));
        let shared = Arc::clone(&orders);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // A connection that cannot be made is seen by the test.
                let _ = join(near, target, &shared);
            }
        });
        Ok(Self { address, orders })
    }

    /// Gives orders. They hold for the bytes that come afterwards, in both directions.
    pub fn order(&self, orders: Orders) {
        *self.orders.lock().unwrap_or_else(PoisonError::into_inner) = orders;
    }
}

/// Two directions, a thread each. Sockets are shared, not duplicated: the last thread that drops them closes them.
fn join(near: TcpStream, target: u16, orders: &Arc<Mutex<Orders>>) -> Result<()> {
    let far = TcpStream::connect((Ipv4Addr::LOCALHOST, target)).context("the far end")?;
    let (near, far) = (Arc::new(near), Arc::new(far));
    for (from, to) in [(&near, &far), (&far, &near)] {
        from.set_read_timeout(Some(TICK))?;
        from.set_nodelay(true)?;
        let (from, to, orders) = (Arc::clone(from), Arc::clone(to), Arc::clone(orders));
        thread::spawn(move || pass(&from, &to, &orders));
    }
    Ok(())
}

fn pass(from: &TcpStream, to: &TcpStream, shared: &Mutex<Orders>) {
    let mut buffer = vec![0; 64 << 10];
    let mut is_cut = false;
    loop {
        let read = (&mut &*from).read(&mut buffer);
        let mut orders = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bytes = match read {
            Ok(length) => buffer.get_mut(..length),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => None,
            Err(_) => {
                *orders = Orders::Reset;
                None
            }
        };
        match (*orders, &mut bytes) {
            (Orders::Reset, _) => return reset(from, to),
            (Orders::Alter, Some([.., last])) => {
                *last ^= 1;
                *orders = Orders::Pass;
            }
            (Orders::CutInside, Some(bytes)) if !bytes.is_empty() => {
                let _ = (&mut &*to).write_all(&bytes[..bytes.len() / 2]);
                *orders = Orders::Cut;
            }
            _ => {}
        }
        let cut = *orders == Orders::Cut;
        drop(orders);
        if cut && !is_cut {
            // What still comes is read and dropped: unread bytes would make a reset of the end.
            is_cut = true;
            let _ = to.shutdown(Shutdown::Write);
        }
        match bytes {
            Some([]) => {
                let _ = to.shutdown(Shutdown::Write);
                return;
            }
            Some(bytes) if !is_cut && (&mut &*to).write_all(bytes).is_err() => {
                *shared.lock().unwrap_or_else(PoisonError::into_inner) = Orders::Reset;
            }
            _ => {}
        }
    }
}

/// Both sockets are reset once both directions have dropped them.
fn reset(from: &TcpStream, to: &TcpStream) {
    for socket in [from, to] {
        let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
    }
}
