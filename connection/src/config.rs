//! What a connection is told beyond the handshake's configuration.

use handclasp_crypto::Random;
use handclasp_record::MessageLimits;
use handclasp_report::{Fault, Input, Misuse};

/// Shared by many connections.
#[derive(Clone)]
pub struct Config {
    /// What the handshake is told.
    pub handshake: handclasp_handshake::Config,
    /// Most plaintext bytes in a record that we send: 512 to 16384. Fewer where the peer wants
    /// it. What we take in stands in `handshake.extensions`.
    pub record_size: usize,
    /// Most bytes of one handshake message that we take in; nothing is allocated before it came.
    pub message_limits: MessageLimits,
    /// Most bytes of sealed records that wait for the transport before `write` takes no more.
    pub transmit_limit: usize,
}

impl Config {
    /// Largest record of RFC 8446 §5.1, default limits.
    pub fn new(handshake: handclasp_handshake::Config) -> Self {
        Self {
            handshake,
            record_size: 16_384,
            message_limits: MessageLimits::default(),
            transmit_limit: 65_536,
        }
    }

    /// Records of at most `bytes` of content in both directions, where the peer plays along:
    /// what we send, and what we say we take in (record_size_limit, max_fragment_length). For
    /// devices with little memory; at least 512.
    pub fn limit_records(&mut self, bytes: u16) {
        self.record_size = usize::from(bytes.clamp(512, 16_384));
        self.handshake.extensions.limit_records(bytes);
    }

    /// Whether the numbers are within what the RFC and the design permit.
    ///
    /// # Errors
    /// [`Input::RecordSize`].
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let taken = self.handshake.extensions.record_size_limit;
        match (self.record_size, taken) {
            (512..=16_384, None | Some(64..=16_385)) => Ok(()),
            _ => Err(Fault::Misuse(Misuse::InvalidInput(Input::RecordSize))),
        }
    }
}

/// What every call that may drive the handshake is given.
pub struct Context<'g> {
    /// The configuration; the same one until the handshake is complete.
    pub config: &'g Config,
    /// Seconds since 1970-01-01 UTC.
    pub now: u64,
    /// Randomness.
    pub random: &'g mut dyn Random,
}
