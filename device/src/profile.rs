//! What a program speaks: algorithms and sizes, as data.

use handclasp_connection::MessageLimits;
use handclasp_crypto::{KeyExchange, Suite, Verify};

use crate::algorithms;

/// Algorithms and sizes of a program. The linker keeps what a profile lists and drops the rest of the
/// provider, so that a list is also the size of the program.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Profile {
    /// Cipher suites in order of preference. A version is enabled by a suite of it.
    pub suites: &'static [&'static Suite],
    /// Groups in order of preference; a client sends a share of the first.
    pub groups: &'static [&'static dyn KeyExchange],
    /// Signatures that are verified, the peer's and those in its certificates, in order of preference.
    pub verify: &'static [&'static dyn Verify],
    /// Bytes of content in a record, sent and received: 512, 1024 or 2048, asked of the peer by
    /// max_fragment_length and record_size_limit; any number from 512 to 16384 by the latter alone.
    pub records: u16,
    /// Most bytes of a received handshake message. Memory is allocated as the bytes come.
    pub messages: MessageLimits,
}

static GCM_PSK: [&Suite; 1] = [&algorithms::TLS_PSK_WITH_AES_128_GCM_SHA256];
static GCM_13: [&Suite; 1] = [&algorithms::TLS_AES_128_GCM_SHA256];
static GCM_ECDSA: [&Suite; 1] = [&algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
static GCM_ECDSA_BOTH: [&Suite; 2] =
    [&algorithms::TLS_AES_128_GCM_SHA256, &algorithms::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];
static X25519: [&dyn KeyExchange; 1] = [algorithms::X25519];
static P256: [&dyn KeyExchange; 1] = [algorithms::SECP256R1];
static ECDSA: [&dyn Verify; 1] = [algorithms::ECDSA_P256_SHA256];

impl Profile {
    /// TLS 1.2, TLS_PSK_WITH_AES_128_GCM_SHA256.
    pub const PSK_TLS12: Self = Self::new(&GCM_PSK);
    /// TLS 1.3, TLS_AES_128_GCM_SHA256, a pre-shared key with X25519.
    pub const PSK_TLS13: Self = Self::new(&GCM_13).with_groups(&X25519);
    /// TLS 1.2, ECDHE over P-256, certificates with keys on P-256, AES-128-GCM.
    pub const P256_TLS12: Self = Self::new(&GCM_ECDSA).with_groups(&P256).with_verify(&ECDSA);
    /// TLS 1.3, ECDHE over P-256, certificates with keys on P-256, AES-128-GCM.
    pub const P256_TLS13: Self = Self::new(&GCM_13).with_groups(&P256).with_verify(&ECDSA);
    /// The previous two in one.
    pub const P256: Self = Self::new(&GCM_ECDSA_BOTH).with_groups(&P256).with_verify(&ECDSA);

    /// These suites, records of 1024 bytes, messages up to 2 KB, certificates up to 8 KB.
    pub const fn new(suites: &'static [&'static Suite]) -> Self {
        let messages = MessageLimits { certificates: 8192, tickets: 2048, others: 2048 };
        Self { suites, groups: &[], verify: &[], records: 1024, messages }
    }

    /// Other suites.
    #[must_use]
    pub const fn with_suites(mut self, suites: &'static [&'static Suite]) -> Self {
        self.suites = suites;
        self
    }

    /// These groups.
    #[must_use]
    pub const fn with_groups(mut self, groups: &'static [&'static dyn KeyExchange]) -> Self {
        self.groups = groups;
        self
    }

    /// These signatures.
    #[must_use]
    pub const fn with_verify(mut self, verify: &'static [&'static dyn Verify]) -> Self {
        self.verify = verify;
        self
    }

    /// Records of so many bytes.
    #[must_use]
    pub const fn with_records(mut self, bytes: u16) -> Self {
        self.records = bytes;
        self
    }

    /// Messages of so many bytes.
    #[must_use]
    pub const fn with_messages(mut self, limits: MessageLimits) -> Self {
        self.messages = limits;
        self
    }
}

impl core::fmt::Debug for Profile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Profile")
            .field("suites", &self.suites)
            .field("records", &self.records)
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
