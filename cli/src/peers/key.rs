//! The key that a pin, a certificate or a public key names.

use std::path::Path;

use handclasp::{
    Pin, SHA256,
    pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject as _},
};
use handclasp_trust::certificate;

use crate::exit::Failure;

/// Certificates have some kilobytes.
const FILE_MAX: u64 = 1 << 20;

/// The label of rotation statements in PEM.
const ROTATION: &[u8] = b"HANDCLASP KEY ROTATION-----";

/// The pin of PIN|FILE.
pub fn pin(text: &str) -> Result<Pin, Failure> {
    let path = Path::new(text);
    match Pin::parse(text) {
        Ok(pin) => Ok(pin),
        Err(_) if path.is_dir() => of_file(&path.join("certificate.pem")),
        Err(_) if path.exists() => of_file(path),
        Err(error) => Err(Failure::usage(format!(
            "expected a pin (sha256/BASE64) or a file with a certificate or public key, found {text:?}: there is no \
             such file, and as a pin it is {error}"
        ))),
    }
}

fn of_file(path: &Path) -> Result<Pin, Failure> {
    let failed = |what: &str| Failure::usage(format!("{}: {what}", path.display()));
    let bytes = super::read(path, FILE_MAX).map_err(|error| failed(&error.to_string()))?;
    // The leaf comes first in a chain.
    let leaf = CertificateDer::from_pem_slice(&bytes).map(|leaf| leaf.to_vec());
    let spki = SubjectPublicKeyInfoDer::from_pem_slice(&bytes).map(|key| key.to_vec());
    let of_certificate = certificate::key_and_pin(leaf.as_deref().unwrap_or(&bytes), SHA256);
    let key = of_certificate
        .or_else(|| certificate::raw_key_and_pin(spki.as_deref().unwrap_or(&bytes), SHA256))
        .map(|(_, pin)| pin);
    key.ok_or_else(|| {
        if bytes.windows(ROTATION.len()).any(|part| part == ROTATION) {
            return failed(&format!(
                "it has statements of new keys, which name the old ones: handclasp peers rotate {}",
                path.display()
            ));
        }
        failed(
            "expected a certificate (-----BEGIN CERTIFICATE----- or DER) or a public key (-----BEGIN PUBLIC KEY-----); \
             `handclasp lint` says what the file is",
        )
    })
}
