//! A key log (RFC 9850), with which captures of one's own connections can be decrypted, by anybody who
//! has it. Off by default.

use std::{
    fmt::{self, Write as _},
    io::{self, Write},
    path::Path,
    sync::Mutex,
};

use handclasp_connection::Connection as Engine;
use handclasp_identity::private_file::PrivateFile;

/// The destination of connections' secrets, one line each.
///
/// ```
/// use handclasp::{Client, KeyLog, Trust};
///
/// let client = Client::new(Trust::DangerNobody).key_log(KeyLog::to(std::io::stderr()));
/// ```
pub struct KeyLog {
    out: Mutex<Box<dyn Write + Send>>,
}

/// Shows no secrets.
impl fmt::Debug for KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}

impl KeyLog {
    /// Writes to `out`, whole lines at a time.
    pub fn to(out: impl Write + Send + 'static) -> Self {
        Self { out: Mutex::new(Box::new(out)) }
    }

    /// Appends to a file, which is made (0600) if it does not exist.
    ///
    /// # Errors
    /// The file cannot be opened, or others could read what is written to it; see
    /// [`PrivateFile`]. The error names the file.
    pub fn append(path: &Path) -> io::Result<Self> {
        // No limit: a log grows, and this program never reads it.
        Ok(Self::to(PrivateFile::new(path, usize::MAX).append()?))
    }

    /// Writes the secrets that the connection has for the log. An error of the log ends no
    /// connection.
    pub(crate) fn write(&self, engine: &mut Engine) {
        let secrets = engine.take_key_log();
        if secrets.is_empty() {
            return;
        }
        let mut lines = String::new();
        for line in secrets {
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    /// Secrets do not go into a file that other users read, nor through a link into another.
    #[test]
    fn a_log_that_others_can_read_is_not_written() {
        let folder = std::env::temp_dir().join(format!("handclasp-log-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, PermissionsExt::from_mode(0o700)).unwrap();
        let path = folder.join("keys");
        assert!(KeyLog::append(&path).is_ok());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(KeyLog::append(&path).is_ok(), "again");

        fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
        let error = KeyLog::append(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert!(error.to_string().ends_with(&format!("chmod 600 {}", path.display())), "{error}");

        let link = folder.join("link");
        std::os::unix::fs::symlink(folder.join("elsewhere"), &link).unwrap();
        assert!(KeyLog::append(&link).is_err() && !folder.join("elsewhere").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
