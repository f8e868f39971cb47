//! Content that signatures cover: CertificateVerify of TLS 1.3 (RFC 8446 §4.4.3) and ServerKeyExchange
//! of TLS 1.2 (RFC 8422 §5.4). The client's CertificateVerify of TLS 1.2 covers the messages themselves
//! (`Transcript::messages`).

use alloc::vec::Vec;

use handclasp_crypto::Digest;

use crate::Sender;

/// 64 spaces, so that signed content of earlier versions cannot begin with the same bytes.
const PADDING: [u8; 64] = [0x20; 64];
const SERVER: &[u8; 33] = b"TLS 1.3, server CertificateVerify";
const CLIENT: &[u8; 33] = b"TLS 1.3, client CertificateVerify";
const CONTENT_MAX: usize = PADDING.len() + SERVER.len() + 1 + Digest::MAX;

/// Content that a CertificateVerify signs, in a fixed buffer; dereferences to its bytes.
#[derive(Clone, Debug)]
pub struct CertificateVerifyContent {
    bytes: [u8; CONTENT_MAX],
    length: usize,
}

impl core::ops::Deref for CertificateVerifyContent {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Returns the content that the CertificateVerify of `sender` signs; the transcript ends with its
/// Certificate.
pub fn certificate_verify_content(sender: Sender, transcript_hash: &Digest) -> CertificateVerifyContent {
    let context = match sender {
        Sender::Client => CLIENT,
        Sender::Server => SERVER,
    };
    let mut content = CertificateVerifyContent { bytes: [0; CONTENT_MAX], length: 0 };
    for part in [PADDING.as_slice(), context, &[0], transcript_hash] {
        let end = content.length.saturating_add(part.len());
        // The parts add up to at most CONTENT_MAX bytes, so each of them fits.
        if let Some(place) = content.bytes.get_mut(content.length..end) {
            place.copy_from_slice(part);
            content.length = end;
        }
    }
    content
}

/// Returns the content that a ServerKeyExchange signs; `params` is ServerECDHParams as received.
pub fn server_key_exchange_content(
    client_random: &[u8; 32],
    server_random: &[u8; 32],
    params: &[u8],
) -> Vec<u8> {
    [client_random.as_slice(), server_random, params].concat()
}
