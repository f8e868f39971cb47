//! Secrets of the command line: `@FILE`, `env:NAME`, or themselves, which earns one warning: other
//! users of the machine see the arguments of its processes.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::Path,
    sync::{Mutex, Once, PoisonError},
};

use handclasp_identity::private_file;
use zeroize::Zeroizing;

use crate::{exit::Failure, say::say};

/// The warning is the same for every secret and every time it is read.
static WARNED: Once = Once::new();

/// The longest file of a secret that is typed or pasted.
const SECRET_MAX: usize = 1 << 16;

/// What a flag's value stands for. One line end behind the content of a file is not part of it.
pub fn read(flag: &str, value: &str) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = value.strip_prefix('@') {
        let mut bytes = private_file::read_secret(Path::new(path), SECRET_MAX)
            .map_err(|error| Failure::usage(format!("{flag}: {error}")))?;
        let mut text = match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => {
                let offset = error.utf8_error().valid_up_to();
                drop(Zeroizing::new(error.into_bytes()));
                return Err(Failure::usage(format!(
                    "{flag}: {path}: expected UTF-8 text, found an invalid byte at offset {offset}"
                )));
            }
        };
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        return Ok(text);
    }
    if let Some(name) = value.strip_prefix("env:") {
        let text = std::env::var(name);
        return text.map(Zeroizing::new).map_err(|error| Failure::usage(format!("{flag}: {name}: {error}")));
    }
    WARNED.call_once(|| {
        say(format_args!(
            "warning: {flag}: other users of this machine can see this secret in the process list; pass \
             @FILE or env:NAME instead"
        ));
    });
    Ok(Zeroizing::new(value.to_owned()))
}

/// The environment variables that arguments name as `env:NAME`: their secrets are for this process alone, not
/// for those that it starts.
pub fn variables(arguments: impl IntoIterator<Item = OsString>) -> Vec<String> {
    let name = |argument: OsString| {
        let argument = argument.into_string().ok()?;
        let flag = argument.split_once('=').filter(|(flag, _)| flag.starts_with("--"));
        let value = flag.map_or(argument.as_str(), |(_, value)| value);
        // A name with = or a zero byte is that of no variable, and std panics at some of them.
        value
            .strip_prefix("env:")
            .filter(|name| !name.is_empty() && !name.contains(['=', '\0']))
            .map(str::to_owned)
    };
    arguments.into_iter().filter_map(name).collect()
}

/// Variables that the file of `run` names.
static OF_FILES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes the variables that values of a file name as `env:NAME`, before any of them is read.
pub fn note_variables<'v>(values: impl IntoIterator<Item = &'v str>) {
    let found = variables(values.into_iter().map(OsString::from));
    OF_FILES.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
}

/// The variables with secrets that the arguments of the process, and files, name.
pub fn named_variables() -> Vec<String> {
    let mut all = variables(std::env::args_os());
    all.extend(OF_FILES.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
    all
}

/// The same for a key that is only compared with a capture: a file that others can read is often a copy, or
/// somebody else's, and earns a warning.
pub fn read_for_comparison(flag: &str, value: &str) -> Result<Zeroizing<String>, Failure> {
    let refused = match read(flag, value) {
        Err(Failure::Usage(refused)) => refused,
        read => return read,
    };
    let Some(path) = value.strip_prefix('@').filter(|_| refused.contains(": chmod ")) else {
        return Err(Failure::Usage(refused));
    };
    let failed = |error: std::io::Error| Failure::usage(format!("{flag}: {path}: {error}"));
    let limit = u64::try_from(SECRET_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(SECRET_MAX));
    let file = std::fs::File::open(path).map_err(failed)?;
    std::io::Read::read_to_string(&mut std::io::Read::take(file, limit), &mut text).map_err(failed)?;
    if text.len() > SECRET_MAX {
        return Err(Failure::usage(format!("{flag}: {path}: longer than {SECRET_MAX} bytes")));
    }
    say(format_args!("warning: {flag}: {path}: other users of this machine can read this secret"));
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners_alone(path: &Path) {
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    /// A secret that other users can read is refused with the flag, the path and the command.
    #[test]
    #[cfg(unix)]
    fn of_a_file_that_others_can_read() {
        let path = std::env::temp_dir().join(format!("handclasp-open-secret-{}", std::process::id()));
        std::fs::write(&path, "abc123").unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
        let refused = read("--psk", &format!("@{}", path.display()));
        let compared = read_for_comparison("--psk", &format!("@{}", path.display())).ok();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(compared.as_deref().map(String::as_str), Some("abc123"));
        let Err(Failure::Usage(refused)) = refused else { panic!("read all the same") };
        assert!(refused.contains("--psk: ") && refused.contains(": chmod 6"), "{refused}");
    }

    #[test]
    fn variables_that_arguments_name() {
        let arguments = [
            "handclasp",
            "connect",
            "a.example",
            "--token-pin",
            "env:PIN",
            "--psk-hex=env:KEY",
            "--sni=a=env:NOT",
            "--passphrase",
            "@env:NOT",
            "--pin",
            "env:",
            "env:A=B",
        ];
        assert_eq!(variables(arguments.map(OsString::from)), ["PIN", "KEY"]);
    }

    #[test]
    fn of_files_and_themselves() {
        assert_eq!(*read("--psk", "abc123").unwrap(), "abc123");
        let path = std::env::temp_dir().join(format!("handclasp-secret-{}", std::process::id()));
        for (content, read_as) in
            [(&b"abc\r\n"[..], Some("abc")), (b"abc\n\n", Some("abc\n")), (b"a\xff", None)]
        {
            std::fs::write(&path, content).unwrap();
            owners_alone(&path);
            let found = read("--psk", &format!("@{}", path.display()));
            assert_eq!(found.ok().as_deref().map(String::as_str), read_as);
        }
        std::fs::remove_file(&path).unwrap();
        assert!(read("--psk", "env:HANDCLASP_NO_SUCH_VARIABLE").is_err());
    }
}
