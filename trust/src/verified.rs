//! What every kind of trust shares: the role of a peer, limits, the result.

use handclasp_crypto::Hash;
use rustls_pki_types::{SubjectPublicKeyInfoDer, UnixTime};

use crate::Pin;

/// Limit for the number of certificates in a peer's chain: the leaf, eight intermediates (the limit of
/// Mbed TLS; paths of webpki have at most six) and the root, which many peers send.
pub const CHAIN_MAX: usize = 10;

/// Limit for the size of a peer's chain, in bytes: OpenSSL's `max_cert_list`.
pub const CHAIN_MAX_BYTES: usize = 100 * 1024;

/// The role of the peer, which its certificate must permit (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The peer is a server (id-kp-serverAuth).
    Server,
    /// The peer is a client (id-kp-clientAuth).
    Client,
}

/// The public key of a trusted peer. The handshake still has to verify that the peer has the private
/// key (CertificateVerify, Finished).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedKey {
    /// The public key of the leaf certificate, or the raw public key.
    pub spki: SubjectPublicKeyInfoDer<'static>,
    /// SHA-256 of `spki`.
    pub pin: Pin,
    /// The earliest notAfter on the path. `None` where dates are not checked.
    pub not_after: Option<UnixTime>,
}

impl VerifiedKey {
    /// The result for the key of a peer.
    pub(crate) fn new(
        spki: SubjectPublicKeyInfoDer<'static>,
        not_after: Option<UnixTime>,
        sha256: &dyn Hash,
    ) -> Self {
        let pin = Pin::of(&spki, sha256);
        Self { spki, pin, not_after }
    }
}
