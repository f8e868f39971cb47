//! A key log that never leaves the program: with it, the program reads its own connections as
//! `explain` reads captures.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use handclasp::KeyLog;
use zeroize::{Zeroize as _, Zeroizing};

/// The lines of a key log, in memory.
#[derive(Clone, Default)]
pub struct MemoryLog(Arc<Mutex<Zeroizing<Vec<u8>>>>);

impl MemoryLog {
    /// A key log that writes here.
    pub fn key_log(&self) -> KeyLog {
        KeyLog::to(self.clone())
    }

    /// What was written, which is forgotten with it.
    pub fn take(&self) -> String {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&lines).into_owned();
        lines.zeroize();
        text
    }

    /// What was written.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for MemoryLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
