//! Why a connection failed: code, alert, words, report.

use core::ffi::c_char;

use handclasp_report::FaultCode;

use crate::{
    boundary::{put, put_bytes, put_text},
    codes::{Code, of_fault},
    connection::{Connection, look},
    faults::HC_FAULT_PEER_ALERT,
};

/// Why a connection failed.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The code that the failing call returned. 0: the connection did not fail.
    pub code: Code,
    /// The number of the fault: one of `HC_FAULT_…`.
    pub fault: u32,
    /// The detail of the fault, such as one of `HC_CERTIFICATE_…`. 0: none.
    pub detail: u32,
    /// The number of the fatal alert that was queued for the peer. -1: none.
    pub alert_sent: i32,
    /// The number of the fatal alert that the peer sent. -1: none.
    pub alert_received: i32,
}

/// Writes why a connection failed; all zero, and -1 for the alerts, if it did not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_get_failure(connection: *const Connection, out: *mut Failure) -> Code {
    // SAFETY: a handle, an `out` pointer.
    unsafe { look(connection, |connection| put(out, failure(connection.engine.fault_code()))) }
}

fn failure(fault: Option<FaultCode>) -> Failure {
    let Some(fault) = fault else {
        return Failure { code: 0, fault: 0, detail: 0, alert_sent: -1, alert_received: -1 };
    };
    let code = of_fault(fault);
    let alert_received = match fault.numbers() {
        [number, alert] if u32::from(number) == HC_FAULT_PEER_ALERT => i32::from(alert),
        _ => -1,
    };
    let alert_sent = fault.alert().map_or(-1, |alert| i32::from(alert.0));
    Failure { code, fault: code >> 8, detail: code & 0xff, alert_sent, alert_received }
}

/// Writes a sentence that says why a connection failed, in English and in the RFCs' terms: what was
/// expected, what came. As `snprintf`: cut to `capacity`, with a NUL at the end; `length` (may be NULL) is
/// that of the whole text. An empty text if the connection did not fail.
///
/// Returns `HC_SPACE` if the text was cut.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_words(
    connection: *const Connection,
    out: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Code {
    // SAFETY: a handle, a buffer, an optional `out` pointer.
    unsafe {
        look(connection, |connection| match connection.engine.fault() {
            Some(fault) => put_text(&connection.engine.report().sentence(&fault), out, capacity, length),
            None => put_text(&"", out, capacity, length),
        })
    }
}

/// Writes the compact report of a connection, a few hundred bytes without secrets: what both sides offered
/// and why it ended. `handclasp explain FILE` on a computer prints cause and fix. `length` is its size.
///
/// Returns `HC_SPACE` if `capacity` is smaller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hc_report(
    connection: *const Connection,
    out: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Code {
    // SAFETY: a handle, a buffer, an `out` pointer.
    unsafe {
        look(connection, |connection| put_bytes(connection.engine.report().encode(), out, capacity, length))
    }
}
