//! Bytes in and out: of the transport, and of the application.

use crate::{
    boundary::{bytes, put, space},
    codes::{Code, HC_LENGTH, HC_OK, HC_ORDER, of_fault, outcome},
    connection::{Connection, look, with},
};

/// Bytes from the transport are accepted: `hc_receive`, `hc_receive_space`.
pub const HC_MAY_RECEIVE: u32 = 1;
/// Bytes wait to be sent: `hc_transmit`.
pub const HC_MAY_TRANSMIT: u32 = 2;
/// Data of the peer can be read: `hc_read`, `hc_readable`. Until it is read nothing is received.
pub const HC_MAY_READ: u32 = 4;
/// Data can be written: `hc_write`.
pub const HC_MAY_WRITE: u32 = 8;
/// The handshake waits for an answer: `hc_need`.
pub const HC_MAY_ANSWER: u32 = 16;
/// The handshake is complete: the peer is authenticated.
pub const HC_IS_CONNECTED: u32 = 32;
/// The peer sent close_notify, and all its data was read.
pub const HC_IS_CLOSED: u32 = 64;
/// A fault ended the connection: `hc_failure`, `hc_words`. What waits in `hc_transmit` (the alert) is
/// sent, then the transport is closed.
pub const HC_IS_FAILED: u32 = 128;

/// What is possible now: `HC_MAY_…` and `HC_IS_…` joined. 0 for NULL. Ask again after each call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_may(connection: *const Connection) -> u32 {
    let mut flags = 0;
    // SAFETY: a handle.
    let _ = unsafe {
        look(connection, |connection| {
            let may = connection.engine.may();
            let rows = [
                (may.receive, HC_MAY_RECEIVE),
                (may.transmit, HC_MAY_TRANSMIT),
                (may.read, HC_MAY_READ),
                (may.write, HC_MAY_WRITE),
                (may.answer, HC_MAY_ANSWER),
                (connection.engine.connected().is_some(), HC_IS_CONNECTED),
                (connection.engine.is_peer_closed(), HC_IS_CLOSED),
                (connection.engine.fault_code().is_some(), HC_IS_FAILED),
            ];
            flags = rows.iter().fold(0, |flags, (is_set, flag)| if *is_set { flags | flag } else { flags });
            Ok(())
        })
    };
    flags
}

/// Takes bytes from the transport: as many as can be processed now, whose number goes to `taken`. The rest
/// is for a later call, after the data was read or the need answered; lwIP's `tcp_recved` takes this
/// number.
///
/// Returns the fault if the connection ended. Its alert waits in `hc_transmit`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_receive(
    connection: *mut Connection,
    from: *const u8,
    length: usize,
    taken: *mut usize,
) -> Code {
    // SAFETY: a handle, bytes of the caller, an `out` pointer.
    unsafe {
        with(connection, |connection| {
            let mut left = bytes(from, length)?;
            put(taken, 0)?;
            crate::memory::require()?;
            if let Some(code) = connection.engine.fault_code() {
                return Err(of_fault(code));
            }
            let mut count = 0_usize;
            while !left.is_empty() && connection.engine.may().receive {
                let room = connection.engine.receive_space();
                let (now, later) = left.split_at_checked(room.len()).unwrap_or((left, &[]));
                for (to, from) in room.iter_mut().zip(now) {
                    *to = *from;
                }
                left = later;
                count = count.saturating_add(now.len());
                put(taken, count)?;
                let length = now.len();
                connection.drive(|engine, context| engine.received(context, length))?;
            }
            Ok(())
        })
    }
}

/// Lends a buffer to read bytes of the transport into, for `hc_received`; `length` is its size. It is valid
/// until the next call with this connection. NULL and 0 when nothing may be received. For transports that
/// copy, such as sockets; `hc_receive` takes bytes that lie elsewhere.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_receive_space(connection: *mut Connection, length: *mut usize) -> *mut u8 {
    let mut lent = core::ptr::null_mut();
    // SAFETY: a handle, an `out` pointer.
    let _ = unsafe {
        with(connection, |connection| {
            put(length, 0)?;
            crate::memory::require()?;
            if connection.engine.may().receive {
                let room = connection.engine.receive_space();
                put(length, room.len())?;
                lent = room.as_mut_ptr();
            }
            Ok(())
        })
    };
    lent
}

/// Takes the first `count` bytes of `hc_receive_space`.
///
/// Returns `HC_LENGTH` if there is less space, `HC_ORDER` if nothing may be received, the fault if the
/// connection ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_received(connection: *mut Connection, count: usize) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            if let Some(code) = connection.engine.fault_code() {
                return Err(of_fault(code));
            }
            crate::memory::require()?;
            if !connection.engine.may().receive {
                return Err(HC_ORDER);
            }
            if count > connection.engine.receive_space().len() {
                return Err(HC_LENGTH);
            }
            connection.drive(|engine, context| engine.received(context, count))
        })
    }
}

/// The transport ended: the peer closed it. Without a close_notify before it, data may have been cut off.
///
/// Returns `HC_OK` after close_notify, the fault `HC_FAULT_TRUNCATED` otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_end_of_input(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe { with(connection, |connection| outcome(connection.engine.end_of_input())) }
}

/// The bytes that wait to be sent; `length` is their number. Valid until the next call with this
/// connection. `hc_transmitted` removes them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_transmit(connection: *const Connection, length: *mut usize) -> *const u8 {
    // SAFETY: a handle, an `out` pointer.
    unsafe { lend(connection, length, |connection| connection.engine.transmit()) }
}

/// Removes the first `count` bytes of `hc_transmit`: the transport took them.
///
/// Returns `HC_LENGTH` if there are fewer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_transmitted(connection: *mut Connection, count: usize) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            if count > connection.engine.transmit().len() {
                return Err(HC_LENGTH);
            }
            connection.engine.transmitted(count);
            Ok(())
        })
    }
}

/// The peer's data that can be read; `length` is its size. Valid until the next call with this connection.
/// `hc_consume` removes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_readable(connection: *const Connection, length: *mut usize) -> *const u8 {
    // SAFETY: a handle, an `out` pointer.
    unsafe { lend(connection, length, |connection| connection.engine.readable()) }
}

/// Removes the first `count` bytes of `hc_readable`. When it is empty the next record is decrypted.
///
/// Returns `HC_LENGTH` if there are fewer; the fault if the next record ended the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_consume(connection: *mut Connection, count: usize) -> Code {
    // SAFETY: a handle.
    unsafe { with(connection, |connection| consume(connection, count)) }
}

fn consume(connection: &mut Connection, count: usize) -> Result<(), Code> {
    if count > connection.engine.readable().len() {
        return Err(HC_LENGTH);
    }
    connection.engine.consume(count);
    // Data that came before a fault is read to its end; the fault is known already.
    if !connection.engine.readable().is_empty() || connection.engine.fault_code().is_some() {
        return Ok(());
    }
    crate::memory::require()?;
    connection.drive(|engine, context| engine.proceed(context))
}

/// Copies data of the peer into a buffer of the caller; `count` is how many bytes. 0 if there is none:
/// `hc_may` says whether the peer closed. As `hc_readable` and `hc_consume`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_read(
    connection: *mut Connection,
    out: *mut u8,
    capacity: usize,
    count: *mut usize,
) -> Code {
    // SAFETY: a handle, a buffer of the caller, an `out` pointer.
    unsafe {
        with(connection, |connection| {
            let out = space(out, capacity)?;
            put(count, 0)?;
            let data = connection.engine.readable();
            let copied = data.len().min(out.len());
            for (to, from) in out.iter_mut().zip(data) {
                *to = *from;
            }
            put(count, copied)?;
            consume(connection, copied)
        })
    }
}

/// Encrypts data of the application. `taken` is how many bytes there was room for; the rest is written
/// after bytes of `hc_transmit` were sent. May be NULL only if `length` is 0.
///
/// Returns a fault of kind `HC_FAULT_MISUSE` before the handshake is complete and after `hc_close`, which
/// does not end the connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_write(
    connection: *mut Connection,
    data: *const u8,
    length: usize,
    taken: *mut usize,
) -> Code {
    // SAFETY: a handle, bytes of the caller, an `out` pointer.
    unsafe {
        with(connection, |connection| {
            let data = bytes(data, length)?;
            put(taken, 0)?;
            crate::memory::require()?;
            let mut written = 0;
            connection.drive(|engine, context| {
                written = engine.write(context, data)?;
                Ok(())
            })?;
            put(taken, written)
        })
    }
}

/// Queues close_notify: no more data is written. A second call changes nothing. Data of the peer can still
/// be read (in TLS 1.2 the peer answers with its own close_notify).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_close(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            crate::memory::require()?;
            connection.engine.close();
            Ok(())
        })
    }
}

/// Ends the handshake because it took too long; the fault is `HC_FAULT_TIMED_OUT`, which is returned.
/// Without effect, and with the earlier fault, on a connection that failed. This library has no timers:
/// the application limits the time of a handshake.
///
/// Returns `HC_ORDER` after the handshake.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_time_out(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            if connection.engine.connected().is_some() {
                return Err(HC_ORDER);
            }
            outcome(Err(connection.engine.time_out()))
        })
    }
}

/// Frees the empty buffers of an idle connection. They come back when they are needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_release_buffers(connection: *mut Connection) -> Code {
    // SAFETY: a handle.
    unsafe {
        with(connection, |connection| {
            connection.engine.release_buffers();
            Ok(())
        })
    }
}

/// Lends bytes of a connection.
///
/// # Safety
/// A handle, an `out` pointer, see the head of lib.rs.
unsafe fn lend(
    connection: *const Connection,
    length: *mut usize,
    bytes: impl FnOnce(&Connection) -> &[u8],
) -> *const u8 {
    let mut lent = core::ptr::null();
    // SAFETY: as the caller promises.
    let _ = unsafe {
        put(length, 0).and_then(|()| {
            match look(connection, |connection| {
                let bytes = bytes(connection);
                put(length, bytes.len())?;
                if !bytes.is_empty() {
                    lent = bytes.as_ptr();
                }
                Ok(())
            }) {
                HC_OK => Ok(()),
                code => Err(code),
            }
        })
    };
    lent
}
