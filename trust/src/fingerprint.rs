//! What identifies a [`Trust`] or a [`Psk`]: sessions and tickets are bound to it, so that none is
//! resumed under another trust than the one it was made under.

use alloc::{vec, vec::Vec};

use handclasp_crypto::Hash;

#[cfg(feature = "web-pki")]
use crate::Trust;
use crate::{Psk, PskUse};

#[cfg(feature = "web-pki")]
impl Trust {
    /// Byte strings that differ for any two kinds of trust, lists of roots, pins or keys. The order of
    /// a list makes no difference. `sha256` must be SHA-256.
    pub fn fingerprint(&self, sha256: &dyn Hash) -> Vec<Vec<u8>> {
        match self {
            Self::WebPki(roots) => vec![vec![1], roots.digest(sha256).to_vec()],
            Self::Pins(pins) | Self::PinsWithDates(pins) => {
                let kind = if matches!(self, Self::Pins(_)) { 2 } else { 7 };
                let mut pins: Vec<Vec<u8>> = pins.iter().map(|pin| pin.0.to_vec()).collect();
                pins.sort_unstable();
                [vec![vec![kind]], pins].concat()
            }
            Self::Psk(psk) => [vec![vec![3]], psk.fingerprint(sha256)].concat(),
            Self::DangerNobody => vec![vec![4]],
            Self::AnyOf(_) => {
                let parts = self.parts();
                // Each behind its length: no two lists may run into the same bytes.
                let mut parts: Vec<Vec<u8>> =
                    parts.iter().map(|part| joined(&part.fingerprint(sha256))).collect();
                parts.sort_unstable();
                [vec![vec![6]], parts].concat()
            }
            // The file changes at any time, so that no session is resumed.
            #[cfg(feature = "std")]
            Self::KnownPeers(peers) => vec![vec![5], peers.path().as_os_str().as_encoded_bytes().to_vec()],
        }
    }
}

/// The byte strings in one, each behind its length.
#[cfg(feature = "web-pki")]
fn joined(parts: &[Vec<u8>]) -> Vec<u8> {
    let length = |part: &Vec<u8>| u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
    parts.iter().flat_map(|part| [&length(part)[..], part].concat()).collect()
}

impl Psk {
    /// Identity, use and check value, which reveals as much about the key as [`Psk::check_value_with`].
    /// `sha256` must be SHA-256.
    pub fn fingerprint(&self, sha256: &dyn Hash) -> Vec<Vec<u8>> {
        let usage = match self.usage() {
            PskUse::Tls12 => 0,
            PskUse::Tls13Sha256 => 1,
            PskUse::Tls13Sha384 => 2,
            PskUse::Imported => 3,
            PskUse::BothVersions => 4,
        };
        vec![self.identity().to_vec(), vec![usage], self.check_value_with(sha256).into_bytes()]
    }
}
