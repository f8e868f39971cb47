//! What every C function does with its pointers, and that a panic stays on this side.

use core::{ffi::c_char, fmt, slice};

use crate::codes::{Code, HC_LENGTH, HC_NULL, HC_OK, HC_SPACE, HC_TEXT};

/// Runs the body of a C function. A panic becomes `HC_PANIC`. Without `std` there is no unwinding: a panic
/// ends in the program's hook, see `panic`.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Code>) -> Code {
    match caught(body) {
        Ok(()) => HC_OK,
        Err(code) => code,
    }
}

/// Runs a body; its value, or `HC_PANIC` where it panicked. What the body borrows may be half changed
/// then: the owner of a handle marks it as broken.
#[cfg(feature = "std")]
pub(crate) fn caught<R>(body: impl FnOnce() -> Result<R, Code>) -> Result<R, Code> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        // Dropping a payload may panic again; it leaks instead.
        core::mem::forget(panic);
        Err(crate::codes::HC_PANIC)
    })
}

#[cfg(not(feature = "std"))]
pub(crate) fn caught<R>(body: impl FnOnce() -> Result<R, Code>) -> Result<R, Code> {
    body()
}

/// Bytes of the caller, borrowed for the call.
///
/// # Safety
/// `pointer` is NULL or covers `length` readable bytes for `'a`.
pub(crate) unsafe fn bytes<'a>(pointer: *const u8, length: usize) -> Result<&'a [u8], Code> {
    match (pointer.is_null(), length) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(HC_NULL),
        (false, _) if length > isize::MAX.unsigned_abs() => Err(HC_LENGTH),
        // SAFETY: not NULL, and the caller promises `length` readable bytes; u8 needs no alignment.
        (false, _) => Ok(unsafe { slice::from_raw_parts(pointer, length) }),
    }
}

/// Room of the caller, borrowed for the call.
///
/// # Safety
/// `pointer` is NULL or covers `length` writable bytes for `'a`, which nothing else refers to.
pub(crate) unsafe fn space<'a>(pointer: *mut u8, length: usize) -> Result<&'a mut [u8], Code> {
    match (pointer.is_null(), length) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(HC_NULL),
        (false, _) if length > isize::MAX.unsigned_abs() => Err(HC_LENGTH),
        // SAFETY: not NULL, and the caller promises `length` writable bytes of its own.
        (false, _) => Ok(unsafe { slice::from_raw_parts_mut(pointer, length) }),
    }
}

/// A text of the caller that ends in NUL.
///
/// # Safety
/// `pointer` is NULL or points to bytes that end in NUL, readable for `'a`.
pub(crate) unsafe fn text<'a>(pointer: *const c_char) -> Result<&'a str, Code> {
    if pointer.is_null() {
        return Err(HC_NULL);
    }
    // SAFETY: not NULL, and the caller promises a NUL at the end.
    let text = unsafe { core::ffi::CStr::from_ptr(pointer) };
    text.to_str().map_err(|_| HC_TEXT)
}

/// Writes to a variable of the caller.
///
/// # Safety
/// `pointer` is NULL or points to a variable of type `T`.
pub(crate) unsafe fn put<T>(pointer: *mut T, value: T) -> Result<(), Code> {
    if pointer.is_null() {
        return Err(HC_NULL);
    }
    // SAFETY: not NULL, and the caller promises a variable of that type.
    unsafe { pointer.write(value) };
    Ok(())
}

/// Writes bytes to a buffer of the caller, all or nothing, and their number to `length`.
///
/// # Safety
/// As [`space`] for `out`, as [`put`] for `length`.
pub(crate) unsafe fn put_bytes(
    from: &[u8],
    out: *mut u8,
    capacity: usize,
    length: *mut usize,
) -> Result<(), Code> {
    // SAFETY: as the caller promises.
    unsafe { put(length, from.len()) }?;
    // SAFETY: as the caller promises.
    let out = unsafe { space(out, capacity) }?;
    out.get_mut(..from.len()).ok_or(HC_SPACE)?.copy_from_slice(from);
    Ok(())
}

/// Writes a text and a NUL, cut to `capacity`, as snprintf does; `length` is that of the whole text.
///
/// # Safety
/// As [`space`] for `out`; `length` is NULL or as for [`put`].
pub(crate) unsafe fn put_text(
    text: &dyn fmt::Display,
    out: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Result<(), Code> {
    // SAFETY: as the caller promises; c_char and u8 have the same size and alignment.
    let out = unsafe { space(out.cast(), capacity) }?;
    let mut cut = Cut { out, written: 0, length: 0 };
    // Writing to `Cut` does not fail.
    let _ = fmt::write(&mut cut, format_args!("{text}"));
    let is_whole = cut.length < capacity;
    let whole = cut.length;
    cut.terminate();
    if !length.is_null() {
        // SAFETY: as the caller promises.
        unsafe { put(length, whole) }?;
    }
    if is_whole { Ok(()) } else { Err(HC_SPACE) }
}

/// A buffer for text that keeps what fits, at the end of a character, and counts the rest.
struct Cut<'o> {
    out: &'o mut [u8],
    written: usize,
    length: usize,
}

impl Cut<'_> {
    fn terminate(self) {
        if let Some(end) = self.out.get_mut(self.written) {
            *end = 0;
        }
    }
}

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_cut = self.length > self.written;
        self.length = self.length.saturating_add(text.len());
        if is_cut {
            return Ok(());
        }
        let room = self.out.len().saturating_sub(self.written).saturating_sub(1);
        let mut count = text.len().min(room);
        while !text.is_char_boundary(count) {
            count = count.saturating_sub(1);
        }
        let end = self.written.saturating_add(count);
        if let (Some(to), Some(from)) = (self.out.get_mut(self.written..end), text.as_bytes().get(..count)) {
            to.copy_from_slice(from);
            self.written = end;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
