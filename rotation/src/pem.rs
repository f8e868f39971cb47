//! Statements of key rotations in PEM. The readers of `rustls-pki-types` know a fixed set of labels.

use alloc::{format, string::String, vec::Vec};

use base64ct::{Base64, Encoding as _};
use handclasp_crypto::Verify;

use crate::{KeyRotation, RotationError};

/// Every statement of a text, verified with those of `verify`; other sections are skipped.
fn statements(pem: &[u8], verify: &[&dyn Verify]) -> Result<Vec<KeyRotation>, RotationError> {
    let mut found = Vec::new();
    let mut section: Option<String> = None;
    for line in pem.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        let (begins, ends) = (is_mark(line, b"-----BEGIN "), is_mark(line, b"-----END "));
        match (&mut section, core::str::from_utf8(line)) {
            (None, _) if begins => section = Some(String::new()),
            (Some(base64), _) if ends => {
                let malformed = |_| RotationError::Malformed { offset: 0 };
                let bytes = Base64::decode_vec(base64).map_err(malformed)?;
                found.push(KeyRotation::from_bytes(&bytes, verify)?);
                section = None;
            }
            (Some(base64), Ok(line)) => *base64 += line,
            _ => {}
        }
    }
    match section {
        // A section without an end.
        Some(_) => Err(RotationError::Malformed { offset: 0 }),
        None => Ok(found),
    }
}

/// A PEM section (RFC 7468 §2) with lines of 64 characters.
pub(crate) fn write(statement: &[u8]) -> String {
    let label = KeyRotation::PEM_LABEL;
    let mut text = format!("-----BEGIN {label}-----\n");
    // 48 bytes make a line.
    for chunk in statement.chunks(48) {
        text += &Base64::encode_string(chunk);
        text += "\n";
    }
    text + &format!("-----END {label}-----\n")
}

fn is_mark(line: &[u8], begin: &[u8]) -> bool {
    let label = line.strip_prefix(begin).and_then(|rest| rest.strip_suffix(b"-----"));
    label == Some(KeyRotation::PEM_LABEL.as_bytes())
}

impl KeyRotation {
    /// Reads the statements of a PEM text in their order and verifies each with those of `verify`.
    ///
    /// # Errors
    /// A section that is not a statement, or whose signatures do not verify.
    pub fn all_from_pem_with(pem: &[u8], verify: &[&dyn Verify]) -> Result<Vec<Self>, RotationError> {
        statements(pem, verify)
    }
}
