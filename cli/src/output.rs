//! Standard output. A write that fails is reported, with exit code 1: a full disk must not lose
//! data silently. A reader that has left (`| head -1`) has seen enough, which is no failure.

use std::io::{self, ErrorKind, Write as _};

use crate::exit::Failure;

/// Whether anybody still reads standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// All of it was taken.
    Present,
    /// The pipe is closed.
    Gone,
}

/// Writes all of it, through to the operating system.
///
/// # Errors
/// Standard output cannot be written, other than by a closed pipe.
pub fn write(bytes: &[u8]) -> Result<Reader, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::Present),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::Output(format!("standard output: {error}"))),
    }
}

/// Writes a text and a line end.
///
/// # Errors
/// As [`write()`].
pub fn line(text: impl std::fmt::Display) -> Result<Reader, Failure> {
    write(format!("{text}\n").as_bytes())
}
