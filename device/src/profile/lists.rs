//! The lists of the profiles, and the profiles themselves, once for each side.

use handclasp_crypto::{KeyExchange, Suite, Verify};

use crate::algorithms;

pub(super) static PSK_12: [&Suite; 1] = [&algorithms::TLS_PSK_WITH_AES_128_GCM_SHA256];
pub(super) static CCM_8_12: [&Suite; 1] = [&algorithms::TLS_PSK_WITH_AES_128_CCM_8];
pub(super) static GCM_13: [&Suite; 1] = [&algorithms::TLS_AES_128_GCM_SHA256];
pub(super) static ECDSA_12: [&Suite; 1] = [&algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
pub(super) static ECDSA_BOTH: [&Suite; 2] =
    [&algorithms::TLS_AES_128_GCM_SHA256, &algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
pub(super) static X25519: [&dyn KeyExchange; 1] = [algorithms::X25519];
pub(super) static P256: [&dyn KeyExchange; 1] = [algorithms::SECP256R1];
pub(super) static ECDSA: [&dyn Verify; 1] = [algorithms::ECDSA_P256_SHA256];

/// What a server verifies: only clients that have a certificate.
pub(super) const ECDSA_OF_CLIENTS: &[&dyn Verify] = match cfg!(feature = "client-auth") {
    true => &ECDSA,
    false => &[],
};

/// Declares the profiles of a side. A profile of a client must not name the state machines of a server:
/// they would be linked.
macro_rules! profiles {
    ($version:ident, $versions:path, $verify:expr) => {
        use handclasp_handshake::$version as Version;

        use super::{Profile, lists};

        /// TLS 1.2, TLS_PSK_WITH_AES_128_GCM_SHA256.
        pub const PSK_TLS12: Profile = Profile::new(TLS12, &lists::PSK_12);
        /// TLS 1.2, TLS_PSK_WITH_AES_128_CCM_8.
        pub const PSK_CCM_8_TLS12: Profile = Profile::new(TLS12, &lists::CCM_8_12);
        /// TLS 1.3, TLS_AES_128_GCM_SHA256, a pre-shared key with X25519.
        pub const PSK_TLS13: Profile = Profile::new(TLS13, &lists::GCM_13).with_groups(&lists::X25519);
        /// TLS 1.2, ECDHE over P-256, certificates with keys on P-256, AES-128-GCM.
        pub const P256_TLS12: Profile =
            Profile::new(TLS12, &lists::ECDSA_12).with_groups(&lists::P256).with_verify($verify);
        /// TLS 1.3, ECDHE over P-256, certificates with keys on P-256, AES-128-GCM.
        pub const P256_TLS13: Profile =
            Profile::new(TLS13, &lists::GCM_13).with_groups(&lists::P256).with_verify($verify);
        /// [`P256_TLS12`] and [`P256_TLS13`] in one.
        pub const P256: Profile =
            Profile::new(BOTH, &lists::ECDSA_BOTH).with_groups(&lists::P256).with_verify($verify);

        const TLS12: Versions = $versions(&[Version::TLS12]);
        const TLS13: Versions = $versions(&[Version::TLS13]);
        const BOTH: Versions = $versions(Version::ALL);
    };
}

pub(super) use profiles;
