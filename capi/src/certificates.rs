//! Certificates as C programs have them: PEM, or one as DER.

use alloc::vec::Vec;

use rustls_pki_types::{
    CertificateDer,
    pem::{self, PemObject},
};

/// Reads all certificates of a text, or the one that the bytes are.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, pem::Error> {
    match bytes.first() {
        // DER begins with a SEQUENCE, whose tag no PEM begins with.
        Some(&handclasp_crypto::der::SEQUENCE) => Ok(Vec::from([CertificateDer::from(bytes).into_owned()])),
        _ => CertificateDer::pem_slice_iter(bytes).map(|one| one.map(CertificateDer::into_owned)).collect(),
    }
}
