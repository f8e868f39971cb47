//! What a program speaks: algorithms and sizes, as data.

pub mod client;
mod lists;
pub mod server;

use handclasp_connection::MessageLimits;
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::Versions;

/// Algorithms and sizes of a program. The linker keeps what a profile lists and drops the rest of the
/// provider, so that a list is also the size of the program.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Profile {
    /// Protocol versions. A client's profile lists versions of clients only: what it lists is linked.
    pub versions: Versions,
    /// Cipher suites of these versions, in order of preference.
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

impl Profile {
    /// These versions and suites, records of 1024 bytes, messages up to 2 KB, certificates up to 8 KB.
    pub const fn new(versions: Versions, suites: &'static [&'static Suite]) -> Self {
        let messages = MessageLimits { certificates: 8192, tickets: 2048, others: 2048 };
        Self { versions, suites, groups: &[], verify: &[], records: 1024, messages }
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
            .field("versions", &self.versions)
            .field("suites", &self.suites)
            .field("records", &self.records)
            .field("messages", &self.messages)
            .finish_non_exhaustive()
    }
}
