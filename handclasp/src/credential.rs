//! What a peer authenticated with.

use std::fmt;

use handclasp_codec::CertificateType;
use handclasp_handshake::Connected;
use handclasp_trust::Pin;

use crate::Connection;

/// What a peer authenticated with. [`Connection::peer_credential`] returns it.
///
/// ```
/// use handclasp::PeerCredential;
///
/// fn greet(client: Option<PeerCredential<'_>>) -> String {
///     match client {
///         Some(PeerCredential::Psk { identity }) => format!("device {}", identity.escape_ascii()),
///         Some(PeerCredential::Certificate { pin } | PeerCredential::RawPublicKey { pin }) => pin.words(),
///         _ => "a stranger".to_owned(),
///     }
/// }
/// assert_eq!(greet(Some(PeerCredential::Psk { identity: b"lamp" })), "device lamp");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerCredential<'c> {
    /// A certificate that is trusted, and the signature of its key.
    Certificate {
        /// The pin of its public key.
        pin: Pin,
    },
    /// A public key without a certificate (RFC 7250) that is trusted, and its signature.
    RawPublicKey {
        /// Its pin.
        pin: Pin,
    },
    /// A pre-shared key.
    Psk {
        /// Its identity.
        identity: &'c [u8],
    },
}

/// Such as `certificate sha256/…` or `psk "device-7"`; bytes that do not print are escaped.
impl fmt::Display for PeerCredential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { pin } => write!(f, "certificate {pin}"),
            Self::RawPublicKey { pin } => write!(f, "raw key {pin}"),
            Self::Psk { identity } => write!(f, "psk {:?}", String::from_utf8_lossy(identity)),
        }
    }
}

impl Connection {
    /// What the peer authenticated with, once the handshake is complete. `None` before, and for a client that
    /// authenticated with nothing, which only a server without [`crate::Server::require_client`] accepts. In a resumed
    /// session it is the credential of the session's first handshake.
    ///
    /// With [`handclasp_trust::Trust::DangerNobody`], and with a late need that the application answered, it is what the
    /// peer proved to have, and not more.
    pub fn peer_credential(&self) -> Option<PeerCredential<'_>> {
        let connected = self.connected()?;
        match (&connected.psk_identity, &connected.peer) {
            (Some(identity), _) => Some(PeerCredential::Psk { identity: self.external(connected, identity) }),
            (None, Some(peer)) if peer.certificate_type == CertificateType::RawPublicKey => {
                Some(PeerCredential::RawPublicKey { pin: Pin(peer.pin) })
            }
            (None, Some(peer)) => Some(PeerCredential::Certificate { pin: Pin(peer.pin) }),
            (None, None) => None,
        }
    }

    /// The identity of the configured key that is named so: an imported key goes by an ImportedIdentity (RFC 9258 §3).
    fn external<'c>(&'c self, connected: &Connected, named: &'c [u8]) -> &'c [u8] {
        self.settings.psks.key(named, connected.version).map_or(named, |psk| psk.identity())
    }
}
