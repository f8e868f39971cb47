//! Code points inside extensions: RFC 6066 §3 and §4, RFC 8446 §4.2.9, RFC 9258 §3.

use super::registry;

registry! {
    /// Type of a name in server_name (RFC 6066 §3).
    NameType(u8, name_type) { host_name = 0 }
}

registry! {
    /// Largest fragment, as a code (RFC 6066 §4). The RFC names the values 2^9 to 2^12.
    MaxFragmentLength(u8, max_fragment_length) {
        two_pow_9 = 1, two_pow_10 = 2, two_pow_11 = 3, two_pow_12 = 4,
    }
}

impl MaxFragmentLength {
    /// Returns the most plaintext bytes per record; `None` for an unknown code.
    pub fn plaintext_limit(self) -> Option<u16> {
        match self {
            Self::two_pow_9 => Some(512),
            Self::two_pow_10 => Some(1024),
            Self::two_pow_11 => Some(2048),
            Self::two_pow_12 => Some(4096),
            _ => None,
        }
    }
}

registry! {
    /// KDF of an imported pre-shared key (RFC 9258 §10).
    KdfIdentifier(u16, target_kdf) { HKDF_SHA256 = 0x0001, HKDF_SHA384 = 0x0002 }
}

registry! {
    /// Key exchange mode of a pre-shared key in TLS 1.3 (RFC 8446 §4.2.9).
    PskKeyExchangeMode(u8, ke_mode) { psk_ke = 0, psk_dhe_ke = 1 }
}

impl PskKeyExchangeMode {
    /// Returns whether RFC 8701 §2 reserves the number for GREASE.
    pub fn is_grease(self) -> bool {
        // 0x0B, 0x2A, 0x49, … 0xE4: eight numbers, 0x1F apart.
        matches!(self.0.checked_sub(0x0b).and_then(|above| above.checked_rem(0x1f)), Some(0))
    }
}
