//! PEM out (RFC 7468 §2).

use alloc::string::String;

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

/// A PEM section with lines of 64 characters, such as `to_pem("CERTIFICATE", der)`. Wiped when
/// dropped, since it may be a key's.
pub fn to_pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    // 48 bytes make a line. Room for all of it: what grows leaves copies behind.
    let lines = der.len().div_ceil(48);
    let mut text = Zeroizing::new(String::with_capacity(lines * 65 + 2 * (label.len() + 20)));
    *text += "-----BEGIN ";
    *text += label;
    *text += "-----\n";
    let mut line = Zeroizing::new([0u8; 64]);
    for chunk in der.chunks(48) {
        // 48 bytes always fit 64 characters.
        *text += Base64::encode(chunk, line.as_mut_slice()).unwrap_or_default();
        *text += "\n";
    }
    *text += "-----END ";
    *text += label;
    *text += "-----\n";
    text
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::{CertificateDer, pem::PemObject};

    use super::*;

    #[test]
    fn round_trip() {
        assert_eq!(to_pem("X", b"").as_str(), "-----BEGIN X-----\n-----END X-----\n");
        for length in [1usize, 47, 48, 49, 96, 1000] {
            let der: alloc::vec::Vec<u8> = (0..length).map(|n| n as u8).collect();
            let text = to_pem("CERTIFICATE", &der);
            assert!(text.lines().all(|line| line.len() <= 64));
            assert_eq!(CertificateDer::from_pem_slice(text.as_bytes()).unwrap().as_ref(), der);
        }
    }
}
