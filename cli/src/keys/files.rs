//! Our certificates and keys from the files of `--cert` and `--key`, in every format that people have.

use std::path::{Path, PathBuf};

use handclasp::Identity;
use handclasp_identity::{Cause, IdentityError};

use crate::{exit::Failure, passphrase::FilePassphrase};

/// Certificates and keys in pairs; a file of `--cert` may hold its key. With `raw_key` a key may stand alone.
pub fn load(
    cert: &[PathBuf],
    key: &[PathBuf],
    raw_key: bool,
    passphrase: Option<&str>,
) -> Result<Vec<Identity>, Failure> {
    if cert.is_empty() && raw_key {
        let load = |file: &PathBuf| {
            let mut asked = FilePassphrase::new(passphrase, file)?;
            Identity::raw_key_from_file(file, &mut asked).map_err(|error| refused(error, passphrase))
        };
        return key.iter().map(load).collect();
    }
    if key.is_empty() {
        return cert.iter().map(|file| whole(file, passphrase)).collect();
    }
    if cert.len() != key.len() {
        let counted = match (cert.len(), key.len()) {
            (0, 1) => "--key needs --cert with the file of its certificate".to_owned(),
            (certs, keys) => format!(
                "expected one --key for each --cert, in the same order; found --cert {certs} times, --key {keys} times"
            ),
        };
        return Err(Failure::usage(format!(
            "{counted}\n  a key without a certificate: --raw-key; a key and its certificate in a folder: handclasp id new"
        )));
    }
    let pair = |(cert, key): (&PathBuf, &PathBuf)| {
        let mut asked = FilePassphrase::new(passphrase, key)?;
        Identity::from_files(cert, key, &mut asked).map_err(|error| refused(error, passphrase))
    };
    cert.iter().zip(key).map(pair).collect()
}

/// A file with certificate and key.
fn whole(file: &Path, passphrase: Option<&str>) -> Result<Identity, Failure> {
    let mut asked = FilePassphrase::new(passphrase, file)?;
    Identity::from_file(file, &mut asked).map_err(|error| refused(error, passphrase))
}

/// What is wrong, with the flags that help.
fn refused(error: IdentityError, passphrase: Option<&str>) -> Failure {
    let files = [&error.certificate_file, &error.key_file];
    let files: Vec<&str> = files.into_iter().flatten().map(String::as_str).collect();
    match error.cause {
        Cause::Encrypted if passphrase.is_none() => Failure::usage(format!(
            "{error}\n  fix: --passphrase @FILE or --passphrase env:NAME, or run this on a terminal and type it"
        )),
        Cause::Alone { .. } => Failure::usage(format!(
            "{error}\n  fix: pass --cert with the file of the certificate and --key with the file of its key"
        )),
        Cause::Unreadable { .. } | Cause::Encrypted | Cause::WrongPassphrase { .. } => Failure::usage(error),
        Cause::UnsupportedEncryption { .. } => Failure::usage(error),
        _ => {
            let mut files = files;
            files.dedup();
            Failure::usage(format!("{error}\n  more about it: handclasp lint {}", files.join(" ")))
        }
    }
}
