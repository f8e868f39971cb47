//! A key log (RFC 9850) for reading captures of one's own connections. Whoever has it can
//! read them too: it is off unless asked for.

use std::{
    fmt::{self, Write as _},
    fs::OpenOptions,
    io::{self, Write},
    path::Path,
    sync::Mutex,
};

use handclasp_connection::Connection;

/// Where the secrets of connections are written, one line each.
pub struct KeyLog {
    out: Mutex<Box<dyn Write + Send>>,
}

/// Nothing of what it holds.
impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}

impl KeyLog {
    /// Writes to whatever takes it, whole lines at a time.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Mutex::new(Box::new(out)) }
    }

    /// Appends to a file; one that is not there yet is made readable for its owner only.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn append(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self::to(options.open(path)?))
    }

    /// Writes what the connection has for the log. A log that cannot be written is no reason
    /// to end a connection.
    pub(crate) fn write(&self, connection: &mut Connection) {
        let mut lines = String::new();
        for line in connection.take_key_log() {
            let _ =
                writeln!(lines, "{} {} {}", line.label, hex(&line.client_random), hex(line.secret.expose()));
        }
        if let Ok(mut out) = self.out.lock() {
            let _ = out.write_all(lines.as_bytes());
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
